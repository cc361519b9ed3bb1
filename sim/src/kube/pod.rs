//! Pods: what is asked for, and how far each has come.

use super::image::ImageId;
use super::list::{Links, Member, NONE};
use super::output::End;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use serde::{Deserialize, Serialize};

/// A pod to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodSpec {
    /// Its requests.
    pub size: Resources,
    /// Where it may go.
    pub constraint: Constraint,
    /// Who makes room for whom.
    pub priority: Priority,
    /// Whether a drain leaves it alone (`karpenter.sh/do-not-disrupt`).
    pub protected: bool,
    /// What it runs.
    pub image: ImageId,
    /// How long its own steps take.
    pub spans: Spans,
}

/// How long the steps of a pod take that nobody else holds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// Binding, once a node is chosen.
    pub bind: Span,
    /// Seeing that the image is there.
    pub cached: Span,
    /// What its pull takes beside moving bytes: credentials, manifest, first use of the runtime.
    /// Counts when this pod is the one that begins the pull.
    pub pull_overhead: Span,
    /// Starting the containers once the image is there.
    pub start: Span,
}

/// Where a pod may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// One node, which need not exist yet.
    Node(NodeId),
    /// Any node of a fleet that has what is asked for.
    Fleet {
        /// Whose nodes.
        fleet: FleetId,
        /// Bought only so; either when absent.
        capacity: Option<CapacityType>,
        /// All of these.
        labels: Labels,
    },
}

/// A set of node labels that selectors speak of (architecture, disk kind, ...): a bit for each,
/// given out by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(pub u32);

impl Labels {
    /// Whether all of these are among `others`.
    pub const fn within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }
}

/// Who makes room for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Goes before placeholders and drives them out.
    Runner,
    /// Keeps room for a runner.
    Placeholder,
}

/// How far a pod has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// In kube-scheduler's queue.
    Active,
    /// On its way back to the queue.
    Backoff,
    /// No node could take it; an event will bring it back.
    Unschedulable,
    /// Waits for the room that its preemption makes.
    Nominated,
    /// A node was chosen.
    Binding,
    /// Waits for its image.
    Pulling,
    /// The kubelet refused the pull for now.
    PullBackoff,
    /// Its containers' start is busy with the disk.
    Loading,
    /// Its containers start.
    Starting,
    /// Its containers run.
    Running,
    /// Its containers have been told to exit, or exit by themselves.
    Exiting,
    /// The slot is free.
    Gone,
}

impl Phase {
    /// Whether the pod takes room of a node.
    pub(super) const fn on_node(self) -> bool {
        !matches!(
            self,
            Self::Active | Self::Backoff | Self::Unschedulable | Self::Nominated | Self::Gone
        )
    }
}

/// Lists of where a pod is: queue, unschedulable pods, or pods of a node.
pub(super) const PLACE: usize = 0;
/// Lists of what a pod waits for: a group, its node, its nomination, or a pull.
pub(super) const WAIT: usize = 1;

/// A pod's row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pod {
    pub(super) serial: u32,
    /// Its node: that it is on, or that it is nominated for.
    pub(super) node: u32,
    pub(super) phase: Phase,
    pub(super) priority: Priority,
    pub(super) protected: bool,
    /// Whether [`super::Output::Bound`] was said.
    pub(super) bound: bool,
    /// Whether [`super::Output::Unschedulable`] was said.
    pub(super) reported: bool,
    /// Failed attempts, then refused pulls.
    pub(super) failures: u8,
    pub(super) end: End,
    pub(super) image: ImageId,
    pub(super) size: Resources,
    pub(super) constraint: Constraint,
    /// Its waiting group, or its pull.
    pub(super) waits_in: u32,
    /// The node whose room brought it back to the queue.
    pub(super) woken_by: u32,
    /// Since when it is in its phase.
    pub(super) since: Time,
    pub(super) spans: Spans,
    links: [Links; 2],
}

impl Pod {
    /// A free row.
    pub(super) const fn gone() -> Self {
        let links = Links { prev: NONE, next: NONE };
        Self {
            serial: NONE,
            node: NONE,
            phase: Phase::Gone,
            priority: Priority::Runner,
            protected: false,
            bound: false,
            reported: false,
            failures: 0,
            end: End::Finished,
            image: ImageId(0),
            size: Resources { cpu_milli: 0, memory_mib: 0, gpu: 0 },
            constraint: Constraint::Node(NodeId { serial: NONE, slot: NONE }),
            waits_in: NONE,
            woken_by: NONE,
            since: Time::ZERO,
            spans: Spans {
                bind: Span::ZERO,
                cached: Span::ZERO,
                pull_overhead: Span::ZERO,
                start: Span::ZERO,
            },
            links: [links, links],
        }
    }

    /// A pod that was just created.
    pub(super) fn new(serial: u32, spec: &PodSpec, now: Time) -> Self {
        Self {
            serial,
            phase: Phase::Active,
            priority: spec.priority,
            protected: spec.protected,
            image: spec.image,
            size: spec.size,
            constraint: spec.constraint,
            since: now,
            spans: spec.spans,
            ..Self::gone()
        }
    }

    /// Who came to its node after it.
    pub(super) const fn next_on_node(&self) -> Option<u32> {
        let next = self.links[PLACE].next;
        if next == NONE { None } else { Some(next) }
    }

    /// Its name, given its place.
    pub(super) const fn id(&self, slot: u32) -> RunnerId {
        RunnerId { serial: self.serial, slot }
    }
}

impl Member for Pod {
    fn links(&mut self, kind: usize) -> &mut Links {
        &mut self.links[kind]
    }
}
