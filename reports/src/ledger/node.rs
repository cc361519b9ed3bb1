//! One node of the ledger: its life, its users and its charge.

use super::account::{Kind, WHOLE_NODE};
use super::tariff::{Charge, Meter, Tariff};
use greenroom_scheduler::event::{Machine, NodeEnd};
use greenroom_scheduler::id::TypeId;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::Time;
use smallvec::SmallVec;

/// What the ledger knows of a node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) fleet: u32,
    pub(crate) machine: Option<(TypeId, Kind)>,
    pub(crate) launched: Time,
    pub(crate) ready: Option<Time>,
    pub(crate) gone: Option<(Time, NodeEnd)>,
    pub(crate) meter: Meter,
    /// Most nodes serve one payer: that one stands here and not behind a pointer.
    pub(crate) users: SmallVec<[User; 1]>,
    /// Runners on it now.
    pub(crate) occupants: u32,
    /// The payer whose job ended last here.
    pub(crate) last_user: u32,
    /// Where its charge stands.
    pub(crate) claim: Claim,
}

/// Whether the two sides of a charge have met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The node was never launched, or both sides have spoken.
    Closed,
    /// It runs, or its last runners are not gone yet.
    Open,
    /// The world has charged; the ledger has not settled yet.
    World(Money),
    /// The ledger has settled; the world has not charged yet.
    Ledger(Money),
}

/// One payer's use of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) payer: u32,
    /// Its runners here now.
    pub(crate) here: u32,
    /// Node time in 65,536ths of a millisecond that its jobs occupied.
    pub(crate) used: u64,
    /// The same for attempts that were lost.
    pub(crate) interrupted: u64,
}

impl User {
    pub(crate) const fn work(&self) -> u64 {
        self.used.saturating_add(self.interrupted)
    }
}

impl Default for Node {
    fn default() -> Self {
        Self {
            fleet: 0,
            machine: None,
            launched: Time::ZERO,
            ready: None,
            gone: None,
            meter: Meter::default(),
            users: SmallVec::new(),
            occupants: 0,
            last_user: u32::MAX,
            claim: Claim::Closed,
        }
    }
}

/// A node's life in 65,536ths of a millisecond, from the end of warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// Occupied by jobs.
    pub(crate) busy: u64,
    pub(crate) idle: u64,
    pub(crate) startup: u64,
    /// Life before the end of warm-up.
    pub(crate) before: u64,
    /// Charged beyond life.
    pub(crate) beyond: u64,
}

impl Node {
    /// Clears what the slot's last node left, keeping its memory.
    pub(crate) fn claim(&mut self, fleet: u32) {
        let mut users = std::mem::take(&mut self.users);
        users.clear();
        *self = Self { fleet, users, ..Self::default() };
    }

    pub(crate) fn launch(&mut self, at: Time, machine: Machine) {
        self.machine = Some((machine.instance_type, machine.capacity.into()));
        self.launched = at;
        self.meter = Meter::start(at, machine.rate, machine.capacity);
        self.claim = Claim::Open;
    }

    #[inline]
    pub(crate) fn user(&mut self, payer: u32) -> &mut User {
        let place = self.users.iter().position(|user| user.payer == payer).unwrap_or_else(|| {
            self.users.push(User { payer, here: 0, used: 0, interrupted: 0 });
            self.users.len() - 1
        });
        &mut self.users[place]
    }

    /// What its users' jobs occupied.
    pub(crate) fn work(&self) -> u64 {
        self.users.iter().fold(0, |sum, user| sum.saturating_add(user.work()))
    }

    /// What it costs and how its life was spent, at its end or at the end of the run. Work that
    /// the dominant shares count twice (runners that together want more than the node has) is
    /// scaled down to the time the node was ready.
    pub(crate) fn settle(&mut self, at: Time, warmup: Time, tariff: Tariff) -> (Charge, Life) {
        let (end_at, end) = self.gone.map_or((at, None), |(at, end)| (at, Some(end)));
        let charge = self.meter.stop(end_at, end, tariff);
        let life_ms = end_at.since(self.launched).as_ms();
        let counted_ms = end_at.max(warmup).since(self.launched.max(warmup)).as_ms();
        let ready = self.ready.unwrap_or(end_at).clamp(self.launched, end_at.max(self.launched));
        let startup_ms = ready.max(warmup).since(self.launched.max(warmup)).as_ms();
        let ready_time = counted_ms.saturating_sub(startup_ms).saturating_mul(WHOLE_NODE);
        let mut busy = self.work();
        if busy > ready_time {
            self.scale(busy, ready_time);
            busy = self.work();
        }
        let life = Life {
            busy,
            idle: ready_time - busy,
            startup: startup_ms.saturating_mul(WHOLE_NODE),
            before: life_ms.saturating_sub(counted_ms).saturating_mul(WHOLE_NODE),
            beyond: charge.charged_ms.saturating_sub(life_ms).saturating_mul(WHOLE_NODE),
        };
        (charge, life)
    }

    #[cold]
    fn scale(&mut self, work: u64, room: u64) {
        let part =
            |amount: u64| (u128::from(amount) * u128::from(room) / u128::from(work.max(1))) as u64;
        for user in &mut self.users {
            user.used = part(user.used);
            user.interrupted = part(user.interrupted);
        }
    }
}
