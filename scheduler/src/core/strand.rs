//! Runners whose node is gone before their pod ever ran on it.
//!
//! A runner's pod is pinned to one node. If that node is cordoned or gone before kube-scheduler has
//! bound the pod, Kubernetes keeps it pending for ever, and nobody says so; but for the core it
//! counts as a runner that will take a job. So it is removed, and what needed it asks anew.

use super::Core;
use crate::command::Action;
use crate::decision::Decision;
use crate::id::{NodeId, RunnerId};
use crate::intent::Subject;
use crate::model::NodesBy;
use crate::view::runner::{Phase, Runner};
use alloc::vec::Vec;

impl Core {
    /// A node with pods on it is gone. Runners that were bound to it were told of one by one before;
    /// those that are still there never came to run. Only a node that is lost with pods on it costs
    /// this walk.
    pub(super) fn strand_runners_of(&mut self, node: NodeId) {
        for (runner, seen) in self.runners_where(|runner| runner.node == Some(node)) {
            if seen {
                self.remove_stranded(runner, node);
            } else {
                self.runner_gone(runner);
            }
        }
    }

    /// The same for what a listing shows.
    pub(super) fn strand_seen(&mut self) {
        let is_own = self.state.settings.as_ref().is_some_and(|s| s.nodes_by == NodesBy::Core);
        if !is_own {
            return;
        }
        let nodes = &self.state.view.nodes;
        let is_stranded = |runner: &Runner| {
            runner.seen && runner.node.is_some_and(|node| nodes.get(node).is_none())
        };
        for (id, _) in self.runners_where(is_stranded) {
            if let Some(node) = self.state.view.runners.get(id).and_then(|runner| runner.node) {
                self.remove_stranded(id, node);
            }
        }
    }

    /// Runners of some kind, and whether anything was ever seen of each.
    pub(super) fn runners_where(
        &self,
        is_meant: impl Fn(&Runner) -> bool,
    ) -> Vec<(RunnerId, bool)> {
        let runners = self.state.view.runners.iter();
        runners.filter(|(_, runner)| is_meant(runner)).map(|(id, one)| (id, one.seen)).collect()
    }

    /// Asks for the removal of a runner without a job.
    pub(super) fn remove_stranded(&mut self, runner: RunnerId, node: NodeId) {
        let Some(known) = self.state.view.runners.get_mut(runner) else { return };
        if known.job.is_some() || known.phase == Phase::Leaving {
            return;
        }
        known.phase = Phase::Leaving;
        self.explain(Decision::Strand { runner, node });
        let command = Subject::RemoveRunner(runner).id();
        if self.send(command, Action::RemoveRunner { runner }) {
            self.await_outcome(command);
        }
    }
}
