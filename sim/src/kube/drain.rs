//! Emptying a node.

use super::cluster::Cluster;
use super::list::{self, NONE};
use super::output::{Answer, End, Output};
use super::pod::PLACE;
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::{Span, Time};

impl Cluster {
    /// Cordons a node and evicts its pods in the order in which they came. Protected ones are
    /// left alone, and the drain waits for them, until `force_at` if there is such a time
    /// (Karpenter's `terminationGracePeriod`). [`Output::Drained`] says that it is empty.
    pub fn drain<T: Timers<Timer>>(
        &mut self,
        step: &mut Step<'_, T>,
        node: NodeId,
        force_at: Option<Time>,
    ) -> Answer {
        let Some(slot) = self.node_slot(node) else { return Answer::NotFound };
        self.cordon(step, node);
        let again = std::mem::replace(&mut self.nodes[slot as usize].draining, true);
        if let Some(force_at) = force_at {
            step.timers.set(force_at.max(step.now), Timer::Drain(slot));
        }
        if self.nodes[slot as usize].pods.is_empty() {
            if !again {
                self.drained(step, slot);
            }
        } else {
            self.evict(step, slot, false);
        }
        if again { Answer::Already } else { Answer::Done }
    }

    /// The time for kindness is over.
    pub(super) fn drain_by_force<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        self.evict(step, slot, true);
    }

    /// At most as many evictions as a node can hold pods.
    fn evict<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32, all: bool) {
        let after = Span::from_ms(self.config.eviction_ms);
        let mut next = self.nodes[slot as usize].pods.head;
        while next != NONE {
            let pod = next;
            next = list::next(&mut self.pods, PLACE, pod);
            if all || !self.pods[pod as usize].protected {
                self.exit(step, pod, End::Evicted, after);
            }
        }
    }

    pub(super) fn drained<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, slot: u32) {
        step.timers.cancel(Timer::Drain(slot));
        step.out.push(Output::Drained { node: self.nodes[slot as usize].id(slot) });
    }
}
