//! A node on its way out: it drains, then its instance ends
//! (core:…/node/termination/controller.go, terminator/terminator.go).

use super::constants::{DRAIN_MIN, DRAIN_POLL, INSTANCE_POLL};
use greenroom_scheduler::time::{Span, Time};

/// The order in which pods are evicted: a group waits until those before it are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DrainGroup {
    /// Ordinary pods.
    Ordinary,
    /// Daemons.
    Daemon,
    /// Pods of a system-critical class.
    Critical,
    /// Daemons of a system-critical class.
    CriticalDaemon,
}

/// A pod on the node that has not ended. Pods that tolerate `karpenter.sh/disrupted` and static
/// pods are not waited for and are not given here.
#[derive(Clone, Copy, Debug)]
pub struct DrainPod {
    /// Its number.
    pub pod: u64,
    /// When its turn comes.
    pub group: DrainGroup,
    /// How long it may take to end when asked to.
    pub grace: Span,
    /// Until when it must not be evicted; [`Time::ZERO`]: no protection, [`Time::MAX`]: for ever.
    pub protected_until: Time,
    /// When it will be gone at the latest, if it was told to end.
    pub ends_at: Option<Time>,
}

/// What termination wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationOutput {
    /// Evict the pod: it has its own grace.
    Evict(u64),
    /// Delete the pod, protected or not: it has this long.
    Delete(u64, Span),
    /// End the instance.
    EndInstance,
    /// The node is gone.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Draining,
    Ending { asked: Time },
    Gone,
}

/// One node on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Termination {
    started: Time,
    deadline: Option<Time>,
    phase: Phase,
    next_at: Option<Time>,
}

impl Termination {
    /// Deleted `now`. With a grace period the node is gone at its end whatever runs on it.
    pub fn new(now: Time, grace: Option<Span>) -> Self {
        let deadline = grace.map(|grace| now + grace);
        Self { started: now, deadline, phase: Phase::Draining, next_at: Some(now) }
    }

    /// When [`Self::step`] is to be called. Nothing: only after a pod is gone, or at the end.
    pub const fn next_at(&self) -> Option<Time> {
        self.next_at
    }

    /// A pod of the node is gone, or the instance is: it is noticed at the next look.
    pub fn changed(&mut self, now: Time) {
        let look = match self.phase {
            Phase::Draining => on_grid(self.started, now, DRAIN_POLL),
            Phase::Ending { asked } => on_grid(asked, now, INSTANCE_POLL),
            Phase::Gone => return,
        };
        self.next_at = Some(self.next_at.map_or(look, |at| at.min(look)));
    }

    /// Looks at the node, with the pods that are still on it and whether its instance still is
    /// there.
    pub fn step(
        &mut self,
        now: Time,
        pods: &[DrainPod],
        instance_is_there: bool,
        outputs: &mut Vec<TerminationOutput>,
    ) {
        self.next_at = None;
        match self.phase {
            Phase::Draining => {
                self.drain(now, pods, outputs);
                let until = self.started + DRAIN_MIN;
                if !pods.is_empty() {
                    self.next_at = self.next_look(now, pods);
                } else if now < until {
                    self.next_at = Some(on_grid(self.started, until, DRAIN_POLL));
                } else {
                    self.phase = Phase::Ending { asked: now };
                    outputs.push(TerminationOutput::EndInstance);
                }
            }
            Phase::Ending { .. } if !instance_is_there => {
                self.phase = Phase::Gone;
                outputs.push(TerminationOutput::Gone);
            }
            Phase::Ending { .. } | Phase::Gone => {}
        }
    }

    fn drain(&self, now: Time, pods: &[DrainPod], outputs: &mut Vec<TerminationOutput>) {
        if let Some(deadline) = self.deadline {
            for pod in pods {
                let too_late = pod.ends_at.is_none_or(|ends_at| ends_at > deadline);
                if too_late && now > deadline - pod.grace {
                    let left = deadline.since(now).max(Span::from_secs(1));
                    outputs.push(TerminationOutput::Delete(pod.pod, left));
                }
            }
        }
        let Some(group) = pods.iter().map(|pod| pod.group).min() else { return };
        for pod in pods.iter().filter(|pod| pod.group == group) {
            let told = outputs
                .iter()
                .any(|output| matches!(output, TerminationOutput::Delete(id, _) if *id == pod.pod));
            if pod.ends_at.is_none() && now >= pod.protected_until && !told {
                outputs.push(TerminationOutput::Evict(pod.pod));
            }
        }
    }

    /// The next look at which something can be done about the pods that are left; pods that go by
    /// themselves are told by [`Self::changed`].
    fn next_look(&self, now: Time, pods: &[DrainPod]) -> Option<Time> {
        let group = pods.iter().map(|pod| pod.group).min()?;
        let protected = pods
            .iter()
            .filter(|pod| pod.group == group && pod.ends_at.is_none())
            .map(|pod| pod.protected_until)
            .filter(|until| *until != Time::MAX);
        let forced = self.deadline.into_iter().flat_map(|deadline| {
            pods.iter()
                .filter(move |pod| pod.ends_at.is_none_or(|ends_at| ends_at > deadline))
                .map(move |pod| (deadline - pod.grace) + Span::from_ms(1))
        });
        let soonest = protected.chain(forced).filter(|at| *at > now).min()?;
        Some(on_grid(self.started, soonest, DRAIN_POLL))
    }
}

/// The first look at or after a time, looks being `every` apart from the start.
fn on_grid(started: Time, at: Time, every: Span) -> Time {
    let every = every.as_ms();
    started + Span::from_ms(at.since(started).as_ms().div_ceil(every) * every)
}
