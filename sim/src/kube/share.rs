//! Who shares what at which moment: rates are split anew whenever a flow comes or goes.

use super::cluster::Cluster;
use super::flow::{Rates, Work};
use super::step::Step;
use super::timer::Timer;
use crate::engine::timers::Timers;

impl Cluster {
    /// Whatever is through on a node goes on; the rest shares anew.
    pub(super) fn flow_ends<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: u32) {
        let mut through = std::mem::take(&mut self.through);
        self.nodes[node as usize].flows.take_through(step.now, &mut through);
        let mut pulled = 0;
        for work in through.drain(..) {
            match work {
                Work::Start(pod) => self.loaded(step, pod),
                Work::Pull(pull) => {
                    pulled += 1;
                    self.pulled(step, pull);
                }
            }
        }
        self.through = through;
        if pulled > 0 {
            self.forget_flowing(node, pulled);
            self.share_all(step, node);
            self.open_pulls(step, node);
        } else {
            self.share(step, node);
        }
    }

    /// Splits a node's rates anew, and those of all nodes that pull when the registry is shared.
    pub(super) fn share_all<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: u32) {
        self.share(step, node);
        for place in 0..self.registry.nodes.len() {
            let other = self.registry.nodes[place];
            if other != node {
                self.share(step, other);
            }
        }
    }

    /// Splits a node's rates anew.
    pub(super) fn share<T: Timers<Timer>>(&mut self, step: &mut Step<'_, T>, node: u32) {
        let row = &mut self.nodes[node as usize];
        let registry = self.config.registry_mb_per_s.map(|all| (all.get(), self.registry.flowing));
        row.flows.advance(step.now);
        row.flows.share(Rates {
            network: row.network_mb_per_s,
            disk: row.disk_mb_per_s,
            pull_max: self.config.pull_mb_per_s_max.get(),
            registry,
        });
        match row.flows.next_at() {
            Some(at) => step.timers.set(at, Timer::Flow(node)),
            None => step.timers.cancel(Timer::Flow(node)),
        }
    }

    /// Pulls on a node flow no more.
    pub(super) fn forget_flowing(&mut self, node: u32, pulls: u32) {
        self.registry.flowing -= pulls;
        if !self.nodes[node as usize].flows.pulling() {
            self.registry.nodes.retain(|&other| other != node);
        }
    }
}
