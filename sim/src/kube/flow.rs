//! Bytes that move on a node: pulls and container starts share its network and its disk.
//!
//! A fluid model: each resource is split evenly among the flows that use it, and a flow goes as
//! fast as its scarcer share lets it, since download and unpacking are pipelined. A share that a
//! flow cannot use is not handed on, so flows with different bottlenecks are a little too slow.
//! Rates change only when a flow comes or goes; between, progress is linear and exact integers.

use greenroom_scheduler::time::{Span, Time};

/// Progress is counted in 2^-32 of the flow: a microsecond of an hour.
const WHOLE_BITS: u32 = 32;
/// Lengths are counted in 2^-10 ms.
const TICK_BITS: u32 = 10;
/// The rounding of one recomputation: a flow with less left is through.
const TICKS_NEGLIGIBLE: u64 = 1;

/// What is through when the flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// The pull in this slot.
    Pull(u32),
    /// The container start of the pod in this slot.
    Start(u32),
}

/// Bytes to move.
#[derive(Clone, Copy, Debug)]
struct Flow {
    work: Work,
    network_mb: u32,
    disk_mb: u32,
    /// What is left of it.
    left: u64,
    /// How long the whole would take at the present rates.
    ticks: u64,
}

impl Flow {
    const fn ticks_left(&self) -> u64 {
        ((self.left as u128 * self.ticks as u128) >> WHOLE_BITS) as u64
    }
}

/// What the flows of a node share, megabytes a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) network: u32,
    pub(super) disk: u32,
    /// Most that one pull can use.
    pub(super) pull_max: u32,
    /// What the registry sends, and to how many pulls.
    pub(super) registry: Option<(u32, u32)>,
}

/// The flows of one node.
#[derive(Clone, Debug, Default)]
pub(super) struct Flows {
    list: Vec<Flow>,
    /// How far the list is counted.
    at: Time,
}

impl Flows {
    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    /// Whether any flow uses the network.
    pub(super) fn pulling(&self) -> bool {
        self.list.iter().any(|flow| matches!(flow.work, Work::Pull(_)))
    }

    pub(super) fn add(&mut self, now: Time, work: Work, network_mb: u32, disk_mb: u32) {
        self.advance(now);
        self.list.push(Flow { work, network_mb, disk_mb, left: 1 << WHOLE_BITS, ticks: 1 });
    }

    pub(super) fn remove(&mut self, now: Time, work: Work) {
        self.advance(now);
        self.list.retain(|flow| flow.work != work);
    }

    /// Counts the progress since the last change.
    pub(super) fn advance(&mut self, now: Time) {
        if now == self.at {
            return;
        }
        let elapsed_ms = now.since(self.at).as_ms();
        for flow in &mut self.list {
            flow.left = flow.left.saturating_sub(progress(elapsed_ms, flow.ticks));
        }
        self.at = now;
    }

    /// Splits the rates anew. Only after [`Flows::advance`].
    pub(super) fn share(&mut self, rates: Rates) {
        let on_network = self.list.iter().filter(|flow| flow.network_mb > 0).count() as u32;
        let on_disk = self.list.iter().filter(|flow| flow.disk_mb > 0).count() as u32;
        for flow in &mut self.list {
            let mut ticks = ticks(flow.disk_mb, on_disk, rates.disk)
                .max(ticks(flow.network_mb, on_network, rates.network))
                .max(ticks(flow.network_mb, 1, rates.pull_max));
            if let Some((total, pulls)) = rates.registry {
                ticks = ticks.max(self::ticks(flow.network_mb, pulls, total));
            }
            flow.ticks = ticks.max(1);
        }
    }

    /// When the first flow is through.
    pub(super) fn next_at(&self) -> Option<Time> {
        let ticks = self.list.iter().map(Flow::ticks_left).min()?;
        Some(self.at + Span::from_ms(ticks.div_ceil(1 << TICK_BITS)))
    }

    /// Moves the flows that are through to `through`, in the order in which they began.
    pub(super) fn take_through(&mut self, now: Time, through: &mut Vec<Work>) {
        self.advance(now);
        self.list.retain(|flow| {
            let goes_on = flow.ticks_left() > TICKS_NEGLIGIBLE;
            if !goes_on {
                through.push(flow.work);
            }
            goes_on
        });
    }
}

/// What part of a flow is through after `elapsed_ms` when the whole takes `ticks`. Wide division
/// only where narrow would overflow, after more than an hour.
fn progress(elapsed_ms: u64, ticks: u64) -> u64 {
    const BITS: u32 = TICK_BITS + WHOLE_BITS;
    if elapsed_ms >> (u64::BITS - BITS) == 0 {
        (elapsed_ms << BITS) / ticks
    } else {
        let part = (u128::from(elapsed_ms) << BITS) / u128::from(ticks);
        u64::try_from(part).unwrap_or(u64::MAX)
    }
}

/// How long `mb` take at the share of one among `sharers` of `mb_per_s`.
const fn ticks(mb: u32, sharers: u32, mb_per_s: u32) -> u64 {
    const TICKS_PER_S: u64 = 1000 << TICK_BITS;
    let whole = (mb as u64 * sharers as u64).saturating_mul(TICKS_PER_S);
    whole / if mb_per_s == 0 { 1 } else { mb_per_s as u64 }
}
