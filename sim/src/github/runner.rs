//! Runners that GitHub knows, by slot.

use super::chain::Links;
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::time::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// GitHub knows no runner in this slot.
    Absent,
    /// Its registration waits to be admitted.
    Waiting,
    /// Registered, and nobody listens yet.
    Offline,
    /// Listens for a job.
    Idle,
    /// Has a job.
    Busy,
    /// Vanished under its job; GitHub still counts it as busy.
    Lost,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Runner {
    pub(super) serial: u32,
    pub(super) standing: Standing,
    pub(super) set: SetId,
    /// Whether it listens as soon as it is registered.
    pub(super) connected: bool,
    /// Its job, while busy.
    pub(super) job: JobId,
    /// When it began to idle.
    pub(super) idle_since: Time,
}

const ABSENT: Runner = Runner {
    serial: u32::MAX,
    standing: Standing::Absent,
    set: SetId(u32::MAX),
    connected: false,
    job: JobId { serial: u32::MAX, slot: u32::MAX },
    idle_since: Time::ZERO,
};

/// All runners, and the links of the idle ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Runners {
    table: Vec<Runner>,
    pub(super) links: Links,
}

impl Runners {
    /// The runner of this name, if GitHub knows it.
    pub(super) fn get(&self, runner: RunnerId) -> Option<&Runner> {
        self.table
            .get(runner.index())
            .filter(|found| found.serial == runner.serial && found.standing != Standing::Absent)
    }

    /// Whoever is in this slot, if anybody.
    pub(super) fn holder(&self, slot: u32) -> Option<&Runner> {
        self.table.get(slot as usize).filter(|found| found.standing != Standing::Absent)
    }

    pub(super) fn at_mut(&mut self, slot: u32) -> &mut Runner {
        &mut self.table[slot as usize]
    }

    pub(super) fn id(&self, slot: u32) -> RunnerId {
        RunnerId { serial: self.table[slot as usize].serial, slot }
    }

    pub(super) fn insert(&mut self, runner: RunnerId, set: SetId, connected: bool) {
        if runner.index() >= self.table.len() {
            self.table.resize(runner.index() + 1, ABSENT);
        }
        let standing = Standing::Waiting;
        self.table[runner.index()] =
            Runner { serial: runner.serial, standing, set, connected, ..ABSENT };
    }

    pub(super) fn forget(&mut self, slot: u32) {
        self.table[slot as usize] = ABSENT;
    }

    /// Every runner that GitHub knows, in order of slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RunnerId, &Runner)> {
        self.table
            .iter()
            .enumerate()
            .filter(|(_, runner)| runner.standing != Standing::Absent)
            .map(|(slot, runner)| (RunnerId { serial: runner.serial, slot: slot as u32 }, runner))
    }
}
