//! Demand against capacity over time.

use super::levels::Levels;
use crate::dense::Slots;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{JobId, NodeId, RunnerId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Time;

/// What is followed over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Jobs that run.
    Running,
    /// Jobs that wait.
    Waiting,
    /// Nodes that run at least one job.
    Busy,
    /// Nodes that are ready and run none.
    Idle,
    /// Nodes that start.
    Starting,
    /// Nodes on spot.
    Spot,
    /// Nodes on demand.
    OnDemand,
}

/// How many levels there are.
const LEVELS: usize = 7;

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    levels: Levels<LEVELS>,
    jobs: Slots<JobState>,
    nodes: Slots<NodeState>,
    runners: Slots<Option<NodeId>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct JobState {
    level: Option<Level>,
    node: Option<NodeId>,
}

#[derive(Clone, Copy, Debug, Default)]
struct NodeState {
    level: Option<Level>,
    bought: Option<Level>,
    ready: bool,
    running: u32,
}

impl Timeline {
    /// Takes one more fact.
    pub fn fact(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::JobReady { job, .. } => {
                if let Some(state) = self.jobs.put(job.serial, job.slot) {
                    *state = JobState { level: Some(Level::Waiting), node: None };
                    self.levels.up(at, Level::Waiting as usize);
                }
            }
            Fact::JobStarted { job, runner, .. } => {
                let node = runner.and_then(|runner| self.node_of(runner));
                self.job_is(at, job, Some(Level::Running));
                if let Some(state) = self.jobs.get(job.serial, job.slot) {
                    state.node = node;
                }
                self.node_runs(at, node, true);
            }
            Fact::AttemptLost { job, .. } => {
                self.leave_node(at, job);
                self.job_is(at, job, Some(Level::Waiting));
            }
            Fact::JobEnded { job, .. } => {
                self.leave_node(at, job);
                self.job_is(at, job, None);
            }
            Fact::RunnerBound { runner, node } => {
                if let Some(place) = self.runners.put(runner.serial, runner.slot) {
                    *place = Some(node);
                }
            }
            Fact::NodeLaunched { node, machine, .. } => {
                let bought = match machine.capacity {
                    CapacityType::Spot => Level::Spot,
                    CapacityType::OnDemand => Level::OnDemand,
                };
                if let Some(state) = self.nodes.put(node.serial, node.slot) {
                    *state = NodeState { bought: Some(bought), ..NodeState::default() };
                    self.levels.up(at, bought as usize);
                    self.node_changes(at, node, |_| {});
                }
            }
            Fact::NodeReady { node } => self.node_changes(at, node, |state| state.ready = true),
            Fact::NodeGone { node, .. } => {
                if let Some(state) = self.nodes.get(node.serial, node.slot) {
                    let state = std::mem::take(state);
                    for level in [state.level, state.bought].into_iter().flatten() {
                        self.levels.down(at, level as usize);
                    }
                }
            }
            Fact::RunEnded { .. } => self.levels.advance(at),
            _ => {}
        }
    }

    /// Levels over time, by [`Level`].
    pub const fn levels(&self) -> &Levels<LEVELS> {
        &self.levels
    }

    fn node_of(&mut self, runner: RunnerId) -> Option<NodeId> {
        *self.runners.get(runner.serial, runner.slot)?
    }

    fn job_is(&mut self, at: Time, job: JobId, level: Option<Level>) {
        let Some(state) = self.jobs.get(job.serial, job.slot) else { return };
        let old = std::mem::replace(&mut state.level, level);
        if let Some(old) = old {
            self.levels.down(at, old as usize);
        }
        if let Some(new) = level {
            self.levels.up(at, new as usize);
        }
    }

    fn leave_node(&mut self, at: Time, job: JobId) {
        let node = self.jobs.get(job.serial, job.slot).and_then(|state| state.node.take());
        self.node_runs(at, node, false);
    }

    fn node_runs(&mut self, at: Time, node: Option<NodeId>, more: bool) {
        if let Some(node) = node {
            self.node_changes(at, node, |state| {
                state.running =
                    if more { state.running + 1 } else { state.running.saturating_sub(1) };
            });
        }
    }

    fn node_changes(&mut self, at: Time, node: NodeId, change: impl FnOnce(&mut NodeState)) {
        let Some(state) = self.nodes.get(node.serial, node.slot) else { return };
        if state.bought.is_none() {
            return;
        }
        change(state);
        let new = match (state.ready, state.running) {
            (_, 1..) => Level::Busy,
            (true, 0) => Level::Idle,
            (false, 0) => Level::Starting,
        };
        let old = state.level.replace(new);
        if old == Some(new) {
            return;
        }
        if let Some(old) = old {
            self.levels.down(at, old as usize);
        }
        self.levels.up(at, new as usize);
    }
}
