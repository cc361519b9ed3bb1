//! How the world carries out commands: by name, so that a repeated one changes nothing, and only
//! for the newest leader.

use super::truth::{Job, JobState, Node, Runner, World};
use greenroom_scheduler::command::{Action, Command, Outcome, Refusal};
use greenroom_scheduler::event::{NodeEnd, RunnerEnd};
use greenroom_scheduler::id::{FleetId, JobId, NodeId, RunnerId, SetId, TypeId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::snapshot::Stopped;

const NOT_FOUND: Outcome = Outcome::Refused(Refusal::NotFound);

impl World {
    /// Carries out one command.
    pub(crate) fn execute(&mut self, command: &Command) -> Outcome {
        if command.generation < self.newest {
            return Outcome::Refused(Refusal::Fenced);
        }
        self.newest = command.generation;
        match &command.action {
            Action::AdvertiseCapacity { .. } => Outcome::Done,
            Action::AcquireJobs { set, jobs } => self.acquire(*set, jobs),
            Action::CreateRunner { runner, set, node, .. } => self.create(*runner, *set, *node),
            Action::RemoveRunner { runner } => match self.runners.get(runner) {
                None => NOT_FOUND,
                Some(known) if known.job.is_some() => Outcome::Refused(Refusal::Busy),
                Some(_) => {
                    self.drop_runner(*runner, RunnerEnd::Removed);
                    Outcome::Done
                }
            },
            Action::ClaimNode { node, fleet, types, capacity, .. } => {
                self.claim(*node, *fleet, types[0], *capacity)
            }
            Action::DeleteNode { node } => self.delete(*node),
            Action::CordonNode { node } => match self.nodes.get_mut(node) {
                None => NOT_FOUND,
                Some(known) => {
                    let before = std::mem::replace(&mut known.cordoned, true);
                    if before { Outcome::Already } else { Outcome::Done }
                }
            },
            Action::StartNode { node } => self.start_stopped(*node),
            Action::StopNode { node } => self.stop(*node),
            Action::RerunJob { job, set } => self.run_again(*job, *set),
            _ => Outcome::Refused(Refusal::Mode),
        }
    }

    /// What a command did shows by itself, though its answer is lost.
    pub(crate) fn show(&mut self, command: &Command) {
        match &command.action {
            Action::CreateRunner { runner, .. }
                if self.runners.get(runner).is_some_and(|known| !known.bound) =>
            {
                self.bind(*runner);
            }
            Action::ClaimNode { node, .. }
                if self.nodes.get(node).is_some_and(|known| known.machine.is_none()) =>
            {
                self.advance_node(*node);
            }
            _ => {}
        }
    }

    fn acquire(&mut self, set: SetId, jobs: &[JobId]) -> Outcome {
        for id in jobs {
            let job = &mut self.jobs[id.index()];
            if job.state == JobState::Offered {
                job.state = JobState::Waiting;
            }
        }
        self.say_counts(set);
        Outcome::Done
    }

    fn create(&mut self, id: RunnerId, set: SetId, node: Option<NodeId>) -> Outcome {
        if self.runners.contains_key(&id) || self.past_runners.contains(&id) {
            return Outcome::Already;
        }
        if node.is_some_and(|node| !self.nodes.contains_key(&node)) {
            return NOT_FOUND;
        }
        let runner = Runner { set, node, bound: false, registered: false, job: None };
        self.runners.insert(id, runner);
        Outcome::Done
    }

    fn claim(
        &mut self,
        id: NodeId,
        fleet: FleetId,
        first_type: TypeId,
        capacity: CapacityType,
    ) -> Outcome {
        if self.nodes.contains_key(&id) || self.past_nodes.contains(&id) {
            return Outcome::Already;
        }
        let node = Node {
            fleet,
            first_type,
            capacity,
            machine: None,
            ready: false,
            cordoned: false,
            reclaim_at: None,
            stock: None,
        };
        self.nodes.insert(id, node);
        Outcome::Done
    }

    fn delete(&mut self, id: NodeId) -> Outcome {
        if !self.nodes.contains_key(&id) {
            return NOT_FOUND;
        }
        let holds_job = |known: &Runner| known.node == Some(id) && known.job.is_some();
        if self.runners.values().any(holds_job) {
            return Outcome::Refused(Refusal::Busy);
        }
        self.drop_node(id, NodeEnd::Deleted);
        Outcome::Done
    }

    fn start_stopped(&mut self, id: NodeId) -> Outcome {
        let Some(node) = self.nodes.get_mut(&id) else { return NOT_FOUND };
        match node.stock {
            None => Outcome::Already,
            Some(Stopped::Soon) => Outcome::Refused(Refusal::Forbidden),
            Some(Stopped::Now) => {
                (node.stock, node.ready) = (None, false);
                Outcome::Done
            }
        }
    }

    fn stop(&mut self, id: NodeId) -> Outcome {
        let carries = self.runners.values().any(|known| known.node == Some(id));
        let Some(node) = self.nodes.get_mut(&id) else { return NOT_FOUND };
        if node.stock.is_some() {
            return Outcome::Already;
        }
        if carries || !node.ready {
            return Outcome::Refused(Refusal::Busy);
        }
        (node.stock, node.ready) = (Some(Stopped::Soon), false);
        Outcome::Done
    }

    fn run_again(&mut self, id: JobId, set: SetId) -> Outcome {
        let job: &mut Job = &mut self.jobs[id.index()];
        if job.state != JobState::Lost {
            return Outcome::Already;
        }
        job.state = JobState::Waiting;
        self.say_counts(set);
        Outcome::Done
    }
}
