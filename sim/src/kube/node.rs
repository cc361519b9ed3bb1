//! Nodes: what they offer, and what is taken.

use super::flow::Flows;
use super::image::Cache;
use super::list::{List, NONE};
use super::pod::{Labels, Pod, Priority};
use super::score::Load;
use super::throttle::Throttle;
use greenroom_scheduler::id::{FleetId, NodeId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;

/// A node that registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSpec {
    /// The node's `status.allocatable`.
    pub allocatable: Resources,
    /// Most pods.
    pub pods_max: u32,
    /// What its daemons request; they count in fits and in scores.
    pub daemons: Resources,
    /// How many daemon pods there are.
    pub daemon_pods: u32,
    /// Whose it is.
    pub fleet: FleetId,
    /// Bought how.
    pub capacity: CapacityType,
    /// Its labels.
    pub labels: Labels,
    /// Network, megabytes a second.
    pub network_mb_per_s: u32,
    /// Disk, megabytes a second; [`super::config::NODE_DISK_MB_PER_S`] for a plain gp3 volume.
    pub disk_mb_per_s: u32,
    /// Room for images that are not baked, megabytes.
    pub image_disk_mb: u32,
}

/// What filters and scores look at. Nodes with the same standing are interchangeable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) used: Resources,
    /// Promised to nominated pods.
    pub(super) held: Resources,
    /// Pods on it and promised ones.
    pub(super) pods: u32,
    pub(super) load: Load,
    pub(super) allocatable: Resources,
    pub(super) pods_max: u32,
    pub(super) capacity: CapacityType,
    pub(super) labels: Labels,
}

impl Standing {
    /// What nobody has or was promised.
    pub(super) const fn free(&self) -> Resources {
        self.allocatable.minus(self.used).minus(self.held)
    }

    /// Whether one more pod of this size fits.
    pub(super) const fn fits(&self, size: Resources) -> bool {
        self.pods < self.pods_max && size.fits(self.free())
    }

    /// Whether it is what a selector asks for.
    pub(super) fn matches(&self, capacity: Option<CapacityType>, labels: Labels) -> bool {
        labels.within(self.labels) && capacity.is_none_or(|wanted| wanted == self.capacity)
    }
}

/// A node's row.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) serial: u32,
    pub(super) ready: bool,
    pub(super) cordoned: bool,
    pub(super) draining: bool,
    pub(super) fleet: FleetId,
    pub(super) standing: Standing,
    /// Its pods in order of assignment.
    pub(super) pods: List,
    /// Unschedulable pods that want this slot's node, of whatever serial.
    pub(super) pinned: List,
    /// Pods that were promised room here.
    pub(super) nominated: List,
    pub(super) placeholders: u32,
    /// How many pods were promised room.
    pub(super) promised: u32,
    /// Whether the fleet has it among its reserves.
    pub(super) reserve: bool,
    /// Its place in the fleet's index.
    pub(super) bucket: u32,
    pub(super) image_disk_mb: u32,
    pub(super) network_mb_per_s: u32,
    pub(super) disk_mb_per_s: u32,
    pub(super) cache: Cache,
    pub(super) pulls: Vec<u32>,
    pub(super) requests: Throttle,
    pub(super) flows: Flows,
}

impl Node {
    /// A free row.
    pub(super) fn gone() -> Self {
        Self {
            serial: NONE,
            ready: false,
            cordoned: false,
            draining: false,
            fleet: FleetId(0),
            standing: Standing {
                used: Resources::default(),
                held: Resources::default(),
                pods: 0,
                load: Load::default(),
                allocatable: Resources::default(),
                pods_max: 0,
                capacity: CapacityType::OnDemand,
                labels: Labels::default(),
            },
            pods: List::default(),
            pinned: List::default(),
            nominated: List::default(),
            placeholders: 0,
            promised: 0,
            reserve: false,
            bucket: NONE,
            image_disk_mb: 0,
            network_mb_per_s: 0,
            disk_mb_per_s: 0,
            cache: Cache::default(),
            pulls: Vec::new(),
            requests: Throttle::default(),
            flows: Flows::default(),
        }
    }

    /// Fills a free row; pods that wait for the slot stay, and lists keep their memory.
    pub(super) fn register(&mut self, serial: u32, spec: &NodeSpec) {
        self.serial = serial;
        self.ready = false;
        self.cordoned = false;
        self.draining = false;
        self.fleet = spec.fleet;
        let load = if spec.daemon_pods == 0 { Load::default() } else { Load::of(spec.daemons) };
        self.standing = Standing {
            used: spec.daemons,
            held: Resources::default(),
            pods: spec.daemon_pods,
            load,
            allocatable: spec.allocatable,
            pods_max: spec.pods_max,
            capacity: spec.capacity,
            labels: spec.labels,
        };
        self.image_disk_mb = spec.image_disk_mb;
        self.network_mb_per_s = spec.network_mb_per_s;
        self.disk_mb_per_s = spec.disk_mb_per_s;
        self.cache.clear();
        self.requests = Throttle::default();
    }

    /// Whether kube-scheduler may put pods on it.
    pub(super) const fn open(&self) -> bool {
        self.ready && !self.cordoned
    }

    /// Its name, given its place.
    pub(super) const fn id(&self, slot: u32) -> NodeId {
        NodeId { serial: self.serial, slot }
    }

    /// Gives a pod its room.
    pub(super) fn seat(&mut self, pod: &Pod) {
        let standing = &mut self.standing;
        standing.used = standing.used.plus(pod.size);
        standing.load = standing.load.plus(Load::of(pod.size));
        standing.pods += 1;
        self.placeholders += u32::from(pod.priority == Priority::Placeholder);
    }

    /// Takes a pod's room back.
    pub(super) fn unseat(&mut self, pod: &Pod) {
        let standing = &mut self.standing;
        standing.used = standing.used.minus(pod.size);
        standing.load = standing.load.minus(Load::of(pod.size));
        standing.pods -= 1;
        self.placeholders -= u32::from(pod.priority == Priority::Placeholder);
    }

    /// Promises room to a nominated pod.
    pub(super) fn promise(&mut self, size: Resources) {
        self.standing.held = self.standing.held.plus(size);
        self.standing.pods += 1;
        self.promised += 1;
    }

    /// Takes a promise back.
    pub(super) fn release_promise(&mut self, size: Resources) {
        self.standing.held = self.standing.held.minus(size);
        self.standing.pods -= 1;
        self.promised -= 1;
    }
}
