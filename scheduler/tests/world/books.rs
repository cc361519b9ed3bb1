//! What the core was told of runners, nodes and answers: books of the witness' own.

use greenroom_scheduler::command::Outcome;
use greenroom_scheduler::event::{Event, NodeChange, RunnerChange};
use greenroom_scheduler::id::{CommandId, Generation, NodeId, RunnerId, SetId};
use greenroom_scheduler::intent::Subject;
use greenroom_scheduler::time::Time;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Default)]
pub(super) struct Books {
    /// Runners that were told to hold a job.
    pub(super) busy: BTreeSet<RunnerId>,
    /// Runners that were asked for, and where they were put.
    pub(super) placed: BTreeMap<RunnerId, Option<NodeId>>,
    /// Nodes whose deletion was asked for, and until when an answer is waited for.
    pub(super) leaving: BTreeMap<NodeId, Time>,
    /// What each set was said to wait for.
    pub(super) held: BTreeMap<SetId, greenroom_scheduler::decision::Cause>,
    pub(super) generation: Generation,
    /// Every command that was ever sent.
    pub(super) sent: BTreeSet<CommandId>,
    /// Those that were sent in the last drain for the first time.
    pub(super) first: BTreeSet<CommandId>,
}

impl Books {
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::Leading(generation) => self.generation = self.generation.max(*generation),
            Event::JobStarted { runner, .. } if self.placed.contains_key(runner) => {
                self.busy.insert(*runner);
            }
            Event::RunnerChanged { runner, change: RunnerChange::Gone(_) } => {
                self.busy.remove(runner);
                self.placed.remove(runner);
            }
            Event::NodeChanged { node, change: NodeChange::Gone(_), .. } => {
                self.leaving.remove(node);
            }
            Event::Finished { command, outcome: Outcome::Refused(_) } => {
                match Subject::of(*command) {
                    Subject::DeleteNode { node, .. } => {
                        self.leaving.remove(&node);
                    }
                    Subject::CreateRunner(runner) => {
                        self.placed.remove(&runner);
                    }
                    _ => {}
                }
            }
            Event::Observed(listing) => {
                for seen in &listing.runners {
                    if seen.job.is_some() {
                        self.busy.insert(seen.runner);
                    } else {
                        self.busy.remove(&seen.runner);
                    }
                }
            }
            _ => {}
        }
    }
}
