//! A runner has one job at most, once; and none is removed by choice while it has one.

use super::Broken;
use super::table::Table;
use greenroom_scheduler::event::RunnerEnd;
use greenroom_scheduler::id::{JobId, NodeId, RunnerId, SetId};

#[derive(Debug)]
struct Runner {
    set: SetId,
    node: Option<NodeId>,
    had_job: bool,
    busy: bool,
}

/// A runner that ended.
pub(super) struct Gone {
    pub(super) set: SetId,
    pub(super) node: Option<NodeId>,
    pub(super) lawful: Result<(), Broken>,
}

#[derive(Debug)]
pub(super) struct Runners {
    live: Table<Runner>,
}

impl Default for Runners {
    fn default() -> Self {
        Self { live: Table::new("runner") }
    }
}

impl Runners {
    #[inline]
    pub(super) fn created(&mut self, id: RunnerId, set: SetId) -> Result<(), Broken> {
        let runner = Runner { set, node: None, had_job: false, busy: false };
        self.live.begin(id.serial, id.slot, runner)
    }

    #[inline]
    pub(super) fn bound(&mut self, id: RunnerId, node: NodeId) -> Result<SetId, Broken> {
        let runner = self.live.get(id.serial, id.slot)?;
        runner.node = Some(node);
        Ok(runner.set)
    }

    #[inline]
    pub(super) fn takes(&mut self, id: RunnerId, _job: JobId) -> Result<(), Broken> {
        let runner = self.live.get(id.serial, id.slot)?;
        runner.busy = true;
        if std::mem::replace(&mut runner.had_job, true) {
            return Err(Broken::RunnerReused(id));
        }
        Ok(())
    }

    /// Its job was lost to it.
    #[inline]
    pub(super) fn loses(&mut self, id: RunnerId) {
        if let Ok(runner) = self.live.get(id.serial, id.slot) {
            runner.busy = false;
        }
    }

    #[inline]
    pub(super) fn gone(&mut self, id: RunnerId, end: RunnerEnd) -> Result<Gone, Broken> {
        let Runner { set, node, busy, .. } = self.live.end(id.serial, id.slot)?;
        let by_choice = matches!(end, RunnerEnd::Removed | RunnerEnd::Reaped);
        let lawful = if busy && by_choice { Err(Broken::BusyRunnerRemoved(id)) } else { Ok(()) };
        Ok(Gone { set, node, lawful })
    }
}
