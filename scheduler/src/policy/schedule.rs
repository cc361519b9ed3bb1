//! Numbers by the hour of the week: what cron lines of the rivals come to.

use crate::hours::Hours;
use crate::time::Time;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A number that holds in some hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// When.
    pub hours: Hours,
    /// How many idle machines.
    pub count: u32,
}

/// Idle machines by the hour of the week, for each fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// How many are launched ahead of jobs.
    pub pool: Vec<Period>,
    /// How many are kept though nobody needs them.
    pub idle: Vec<Period>,
}

impl Schedule {
    /// The largest pool of those that hold now: each tops the idle machines up to its own size.
    pub fn pool_at(&self, now: Time) -> Option<u32> {
        self.pool.iter().filter(|period| period.hours.contains(now)).map(|p| p.count).max()
    }

    /// The first idle count that holds now, or the last.
    pub fn idle_at(&self, now: Time, last: bool) -> Option<u32> {
        let mut holding = self.idle.iter().filter(|period| period.hours.contains(now));
        let found = if last { holding.next_back() } else { holding.next() };
        found.map(|period| period.count)
    }

    /// When any of it changes next.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let all = self.pool.iter().chain(&self.idle);
        all.filter_map(|period| period.hours.next_change(now)).min()
    }

    /// Whether it ever wants a machine that no job needs.
    pub fn wants_any(&self) -> bool {
        self.pool.iter().chain(&self.idle).any(|period| period.count > 0)
    }
}
