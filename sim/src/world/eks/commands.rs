//! Commands: carried out, begun, or refused.

use super::Eks;
use super::nodes::{Asker, Claim, Wish};
use super::timer::{ForGitHub, ForKube, Timer};
use crate::engine::outbox::Outbox;
use crate::engine::timers::Timers;
use crate::kube::{Constraint, Step};
use greenroom_scheduler::command::{Action, Command, Outcome, Refusal};
use greenroom_scheduler::event::{Event, RunnerEnd};
use greenroom_scheduler::id::{JobId, NodeId, RunnerId, SetId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::NodesBy;
use greenroom_scheduler::snapshot::{SeenNode, SeenRunner, Snapshot};
use greenroom_scheduler::time::Time;

impl Eks {
    pub(super) fn carry_out<S: Sink>(
        &mut self,
        now: Time,
        command: &Command,
        out: &mut Outbox<'_, S>,
    ) {
        let timers = &mut ForGitHub(&mut self.timers);
        let says = &mut self.github_says;
        let outcome = match &command.action {
            Action::AdvertiseCapacity { set, jobs } => {
                self.github.advertise(now, *set, *jobs, timers, says)
            }
            Action::AcquireJobs { set, jobs } => {
                match self.github.acquire(now, *set, jobs, timers, says) {
                    Ok(_) => Outcome::Done,
                    Err(refusal) => Outcome::Refused(refusal),
                }
            }
            Action::CreateRunner { runner, set, node, capacity, token_ttl } => {
                let wish = node.map_or_else(|| self.anywhere(*set, *capacity), Constraint::Node);
                let outcome = self.create_runner(now, *runner, *set, wish, out);
                if outcome == Outcome::Done {
                    self.runner_credentials(*runner, *token_ttl);
                }
                outcome
            }
            Action::RemoveRunner { runner } => self.remove_runner(now, *runner, out),
            Action::RerunJob { job, set } => self.rerun(now, *job, *set),
            // Nodes are Karpenter's.
            Action::ClaimNode { .. } | Action::CordonNode { .. } | Action::DeleteNode { .. }
                if self.plan.nodes_by == NodesBy::Karpenter =>
            {
                Outcome::Refused(Refusal::Mode)
            }
            Action::ClaimNode { node, fleet, types, zones, capacity } => {
                if self.node_mut(*node).is_some() {
                    Outcome::Already
                } else {
                    let claim = Claim {
                        by: Asker::Core(command.id),
                        wish: Wish::Types(types.clone(), zones.clone()),
                        capacity: *capacity,
                    };
                    // The outcome is EC2's answer, and comes with it.
                    self.add_node(*node, *fleet, out);
                    return self.ask_for_node(now, *node, claim);
                }
            }
            Action::CordonNode { node } => self.cordon(now, *node),
            Action::DeleteNode { node } => self.delete_node(now, *node),
            Action::PrePullImage { .. }
            | Action::CreatePlaceholder { .. }
            | Action::DeletePlaceholder { .. }
            | Action::StartNode { .. }
            | Action::StopNode { .. }
            | Action::ProtectRunner { .. }
            | Action::IssueCredential { .. }
            | Action::RevokeCredential { .. } => Outcome::Refused(Refusal::Mode),
        };
        out.tell(Event::Finished { command: command.id, outcome });
    }

    fn create_runner<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        set: SetId,
        wish: Constraint,
        out: &mut Outbox<'_, S>,
    ) -> Outcome {
        if self.runner_mut(id).is_some() {
            return Outcome::Already;
        }
        if set.index() >= self.sets.len() {
            return Outcome::Refused(Refusal::NotFound);
        }
        if let Constraint::Node(node) = wish
            && self.node_mut(node).is_none_or(|node| node.leaving)
        {
            return Outcome::Refused(Refusal::NotFound);
        }
        self.make_runner(now, id, set, wish, out);
        Outcome::Done
    }

    /// The record first, then the pod: a busy runner's record is refused.
    fn remove_runner<S: Sink>(
        &mut self,
        now: Time,
        id: RunnerId,
        out: &mut Outbox<'_, S>,
    ) -> Outcome {
        if self.runner_mut(id).is_none() {
            return Outcome::Refused(Refusal::NotFound);
        }
        let timers = &mut ForGitHub(&mut self.timers);
        match self.github.remove(now, id, timers, &mut self.github_says) {
            Outcome::Done | Outcome::Already => {}
            refused => return refused,
        }
        if self.has_pod(id) {
            self.delete_pod(now, id);
        } else {
            self.forget_runner(now, id, RunnerEnd::Removed, out);
        }
        Outcome::Done
    }

    fn rerun(&mut self, now: Time, id: JobId, set: SetId) -> Outcome {
        if self.jobs.get(id.index()).is_none_or(|job| job.id != id) {
            return Outcome::Refused(Refusal::NotFound);
        }
        let timers = &mut ForGitHub(&mut self.timers);
        let outcome = self.github.rerun(now, id, set, timers, &mut self.github_says);
        if outcome == Outcome::Done {
            self.timers.cancel(Timer::Own(super::timer::Own::GiveUp, id.slot));
        }
        outcome
    }

    fn cordon(&mut self, now: Time, id: NodeId) -> Outcome {
        let Some(node) = self.node_mut(id) else { return Outcome::Refused(Refusal::NotFound) };
        let before = std::mem::replace(&mut node.cordoned, true);
        let timers = &mut ForKube(&mut self.timers);
        self.kube.cordon(&mut Step { now, timers, out: &mut self.kube_says }, id);
        if before { Outcome::Already } else { Outcome::Done }
    }

    fn delete_node(&mut self, now: Time, id: NodeId) -> Outcome {
        let Some(node) = self.node_mut(id) else { return Outcome::Refused(Refusal::NotFound) };
        if node.leaving {
            return Outcome::Already;
        }
        let registered = self.kube.node(id);
        if registered.is_some_and(|seen| seen.pods > 0) {
            return Outcome::Refused(Refusal::Busy);
        }
        if let Some(node) = self.node_mut(id) {
            node.leaving = true;
        }
        if registered.is_some() {
            let timers = &mut ForKube(&mut self.timers);
            let step = &mut Step { now, timers, out: &mut self.kube_says };
            self.kube.drain(step, id, None);
        } else {
            self.node_drained(now, id);
        }
        Outcome::Done
    }

    pub(super) fn list_all(&self) -> Snapshot {
        let seen = self.github.observe();
        let runners = self.runners.iter().flatten().map(|runner| SeenRunner {
            runner: runner.id,
            set: runner.set,
            node: match runner.wish {
                Constraint::Node(node) => Some(node),
                Constraint::Fleet { .. } => runner.node,
            },
            job: runner.job.map(|slot| self.jobs[slot as usize].id),
        });
        let nodes = self.nodes.iter().flatten().map(|node| SeenNode {
            node: node.id,
            fleet: node.fleet,
            machine: node.machine.as_ref().map(|given| given.machine),
            ready: node.ready,
            cordoned: node.cordoned || node.leaving,
            stopped: None,
        });
        let (runners, nodes) = (runners.collect(), nodes.collect());
        Snapshot { sets: seen.sets, runners, nodes, foreseen: Vec::new() }
    }
}
