//! Money and node time, made from entries alone.
//!
//! The ledger prices every node from its launch, its prices and its end, and holds the result
//! against what the world charges ([`Breaches`]). It then cuts each charge by what the node's
//! time was spent on and by who pays, in whole micro-dollars: nothing is lost to rounding.
//!
//! A node is *busy* to the dominant share of each runner on it (the largest of its shares of
//! vCPU, memory and GPU), from the later of two moments: when the runner was bound, and when the
//! job that it took became ready. A warm runner that waits for work is idle capacity, however
//! firmly it is bound.

mod account;
mod breach;
mod node;
mod presence;
mod settle;
mod tariff;

pub use account::{Account, IdleRule, Kind, NodeTime, Use};
pub use breach::{Breach, Breaches};
pub use presence::Presence;
pub use tariff::Tariff;

use crate::dense::{Slots, cell};
use crate::names::Names;
use account::WHOLE_NODE;
use greenroom_scheduler::event::{Machine, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::Line;
use greenroom_scheduler::id::{FleetId, JobId, NodeId, RunnerId, TeamId, TypeId};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use node::{Claim, Node};
use presence::Crowd;
use settle::Settler;

/// Payer of what no set is answerable for.
const NO_PAYER: u32 = u32::MAX;

/// A share that is not known yet, in the table of shares.
const NO_SHARE: u32 = 0;

/// The fold.
#[derive(Clone, Debug)]
pub struct Ledger {
    tariff: Tariff,
    runners: Slots<Runner>,
    nodes: Slots<Node>,
    /// Dominant share by set and instance type.
    shares: Vec<Vec<u32>>,
    settler: Settler,
    crowd: Crowd,
    breaches: Breaches,
}

/// A runner as the ledger sees it.
#[derive(Clone, Copy, Debug)]
struct Runner {
    set: u32,
    node: Option<NodeId>,
    bound: Time,
    share: u32,
    /// From when its occupancy is a job's.
    busy: Option<Time>,
    /// Whether its job is still running.
    working: bool,
    lost: bool,
    label: u32,
}

impl Default for Runner {
    fn default() -> Self {
        Self {
            set: NO_PAYER,
            node: None,
            bound: Time::ZERO,
            share: NO_SHARE,
            busy: None,
            working: false,
            lost: false,
            label: u32::MAX,
        }
    }
}

impl Ledger {
    /// An empty ledger. With `labels`, what each repository and workflow pays is kept as well.
    pub fn new(tariff: Tariff, rule: IdleRule, labels: bool) -> Self {
        Self {
            tariff,
            runners: Slots::default(),
            nodes: Slots::default(),
            shares: Vec::new(),
            settler: Settler::new(rule, labels),
            crowd: Crowd::default(),
            breaches: Breaches::default(),
        }
    }

    /// A runner exists.
    #[inline]
    pub(crate) fn runner_created(&mut self, at: Time, runner: RunnerId, set: u32) {
        match self.runners.put(runner.serial, runner.slot) {
            Some(place) => *place = Runner { set, ..Runner::default() },
            None => self.stray(at, "runner_created", runner),
        }
    }

    /// A pod occupies a node. One that nobody created as a runner keeps room for others, and is
    /// idle capacity.
    #[inline]
    pub(crate) fn runner_bound(
        &mut self,
        names: &Names,
        at: Time,
        runner: RunnerId,
        node_id: NodeId,
    ) {
        let Some(node) = self.nodes.get(node_id.serial, node_id.slot) else {
            return self.stray(at, "runner_bound", node_id);
        };
        let Some(place) = self.runners.get(runner.serial, runner.slot) else {
            return;
        };
        if place.set == NO_PAYER {
            return;
        }
        place.node = Some(node_id);
        place.bound = at;
        place.share = match node.machine {
            None => WHOLE_NODE as u32,
            Some((instance_type, _)) => {
                share_of(&mut self.shares, names, place.set, instance_type.index())
            }
        };
        node.occupants += 1;
        let user = node.user(place.set);
        user.here += 1;
        if user.here == 1 {
            self.crowd.arrives(names, at, &node.users, place.set);
        }
    }

    /// A job's first step ran on a runner; the job had waited since `since`.
    #[inline]
    pub(crate) fn runner_busy(&mut self, runner: RunnerId, since: Time, label: u32) {
        if let Some(place) = self.runners.get(runner.serial, runner.slot) {
            place.busy = Some(place.bound.max(since));
            place.working = true;
            place.lost = false;
            place.label = label;
        }
    }

    /// The runner's job ended, or its attempt was lost.
    #[inline]
    pub(crate) fn runner_freed(&mut self, runner: RunnerId, lost: bool) {
        if let Some(place) = self.runners.get(runner.serial, runner.slot) {
            place.working = false;
            place.lost |= lost;
        }
    }

    /// A runner occupies nothing any more.
    #[inline]
    pub(crate) fn runner_gone(
        &mut self,
        names: &Names,
        at: Time,
        runner: RunnerId,
        end: RunnerEnd,
    ) {
        let Some(place) = self.runners.get(runner.serial, runner.slot) else {
            // A pod that keeps room has no account.
            return;
        };
        let gone = std::mem::take(place);
        let lost_under =
            matches!(end, RunnerEnd::NodeLost | RunnerEnd::Evicted | RunnerEnd::Failed);
        let lost = gone.lost || (gone.working && lost_under);
        self.vacate(names, at, gone, lost);
    }

    #[inline]
    fn vacate(&mut self, names: &Names, at: Time, runner: Runner, lost: bool) {
        let Some(node_id) = runner.node else { return };
        let Some(node) = self.nodes.get(node_id.serial, node_id.slot) else { return };
        let until = node.gone.map_or(at, |(gone, _)| gone.min(at));
        node.occupants = node.occupants.saturating_sub(1);
        let user = node.user(runner.set);
        user.here = user.here.saturating_sub(1);
        let left = user.here == 0;
        if let Some(busy) = runner.busy {
            let warmup = names.warmup();
            let ms = until.since(busy.max(warmup)).as_ms();
            let work = ms.saturating_mul(u64::from(runner.share));
            let sum = if lost { &mut user.interrupted } else { &mut user.used };
            *sum = sum.saturating_add(work);
            node.last_user = runner.set;
            self.settler.note_label(node_id, runner.set, runner.label, work, lost);
        }
        if left {
            self.crowd.leaves(names, at, &node.users, runner.set);
        }
        if node.occupants == 0 && node.gone.is_some() {
            self.settle(names, at, node_id);
        }
    }

    /// A node was asked for.
    #[inline]
    pub(crate) fn node_claimed(&mut self, names: &Names, at: Time, node: NodeId, fleet: u32) {
        self.close_slot(names, at, node);
        match self.nodes.put(node.serial, node.slot) {
            Some(place) => place.claim(fleet),
            None => self.stray(at, "node_claimed", node),
        }
    }

    /// EC2 gave a machine.
    #[inline]
    pub(crate) fn node_launched(
        &mut self,
        names: &Names,
        at: Time,
        node: NodeId,
        fleet: u32,
        machine: Machine,
    ) {
        if self.nodes.get(node.serial, node.slot).is_none() {
            self.node_claimed(names, at, node, fleet);
        }
        let Some(place) = self.nodes.get(node.serial, node.slot) else { return };
        place.launch(at, machine);
        place.fleet = fleet;
        self.crowd.launched(names, at);
        self.settler.clear_labels(node);
    }

    /// Pods can run on it.
    #[inline]
    pub(crate) fn node_ready(&mut self, at: Time, node: NodeId) {
        match self.nodes.get(node.serial, node.slot) {
            Some(place) => place.ready = place.ready.or(Some(at)),
            None => self.stray(at, "node_ready", node),
        }
    }

    /// An instance hour began at a new price.
    #[inline]
    pub(crate) fn node_priced(&mut self, at: Time, node: NodeId, rate: Rate) {
        match self.nodes.get(node.serial, node.slot) {
            Some(place) => place.meter.reprice(at, rate),
            None => self.stray(at, "node_priced", node),
        }
    }

    /// A node is gone.
    #[inline]
    pub(crate) fn node_gone(&mut self, names: &Names, at: Time, node: NodeId, end: NodeEnd) {
        let Some(place) = self.nodes.get(node.serial, node.slot) else {
            return self.stray(at, "node_gone", node);
        };
        if place.machine.is_none() || place.gone.is_some() {
            return;
        }
        place.gone = Some((at, end));
        let empty = place.occupants == 0;
        self.crowd.gone(names, at);
        // The last runners may be told after their node; their work belongs to its charge.
        if empty {
            self.settle(names, at, node);
        }
    }

    /// What the world charges for a node.
    #[inline]
    pub(crate) fn node_billed(&mut self, at: Time, node: NodeId, charge: Money) {
        let Some(place) = self.nodes.get(node.serial, node.slot) else {
            return self.stray(at, "node_billed", node);
        };
        match place.claim {
            Claim::Open => place.claim = Claim::World(charge),
            Claim::Ledger(ledger) => {
                place.claim = Claim::Closed;
                self.compare(at, node, charge, ledger);
            }
            Claim::Closed | Claim::World(_) => self.compare(at, node, charge, Money::ZERO),
        }
    }

    fn compare(&mut self, at: Time, node: NodeId, world: Money, ledger: Money) {
        if world != ledger {
            self.breaches.tell(at, Breach::Node { node, world, ledger });
        }
    }

    /// Settles a node that ended.
    fn settle(&mut self, names: &Names, at: Time, id: NodeId) {
        let Some(node) = self.nodes.get(id.serial, id.slot) else { return };
        if !matches!(node.claim, Claim::Open | Claim::World(_)) {
            return;
        }
        let (charge, life) = node.settle(at, names.warmup(), self.tariff);
        self.settler.book(id, node, charge.money, life);
        let end_at = node.gone.map_or(at, |(gone, _)| gone);
        if end_at >= names.warmup() {
            self.crowd.ended(names, node);
        }
        if let Claim::World(world) = std::mem::replace(&mut node.claim, Claim::Ledger(charge.money))
        {
            node.claim = Claim::Closed;
            self.compare(at, id, world, charge.money);
        }
    }

    /// Makes sure that nothing of a slot's last node is left open when a new one takes it.
    #[inline]
    fn close_slot(&mut self, names: &Names, at: Time, next: NodeId) {
        let Some((serial, node)) = self.nodes.at(next.index()) else { return };
        if node.claim == Claim::Closed || serial == next.serial {
            return;
        }
        self.close(names, at, NodeId { serial, slot: next.slot }, false);
    }

    #[cold]
    fn close(&mut self, names: &Names, at: Time, id: NodeId, cut: bool) {
        self.settle(names, at, id);
        if let Some(node) = self.nodes.get(id.serial, id.slot)
            && let Claim::Ledger(ledger) = node.claim
        {
            let runs_on = node.gone.is_none();
            node.claim = Claim::Closed;
            // Where the run is cut, a node that runs on has no charge of the world's yet.
            if !(cut && runs_on) {
                self.breaches.tell(at, Breach::NotCharged { node: id, ledger });
            }
        }
    }

    /// What the world charges for a job on a GitHub-hosted runner: its price for every started
    /// minute. What the started minute adds to the job's own time is `other`.
    pub(crate) fn hosted_billed(
        &mut self,
        names: &Names,
        at: Time,
        job: JobId,
        spent: &HostedUse,
        charge: Money,
    ) {
        let price = names.hosted_per_minute(spent.set as usize).unwrap_or(Money::ZERO);
        let ledger = Money::from_micros(price.as_micros().saturating_mul(spent.minutes as i64));
        if ledger != charge {
            self.breaches.tell(at, Breach::Hosted { job, world: charge, ledger });
        }
        if spent.counts {
            let micros = ledger.as_micros().max(0) as u64;
            self.settler.book_hosted(spent, micros);
        }
    }

    /// A line beside machines and hosted minutes.
    pub(crate) fn beside(
        &mut self,
        names: &Names,
        line: Line,
        team: Option<TeamId>,
        charge: Money,
    ) {
        let micros = charge.as_micros().max(0) as u64;
        self.settler.book_beside(names, line, team, micros);
    }

    /// Stopped nodes of a fleet.
    pub(crate) fn stopped(&mut self, names: &Names, fleet: FleetId, charge: Money) {
        let micros = charge.as_micros().max(0) as u64;
        self.settler.book_stopped(names, fleet, micros);
    }

    #[cold]
    pub(crate) fn stray(&mut self, at: Time, entry: &'static str, of: impl std::fmt::Display) {
        self.breaches.tell(at, Breach::Stray { entry, of: of.to_string() });
    }

    /// The run is over: everything still open is settled as of now, and what could not be
    /// attributed before is.
    pub(crate) fn finish(&mut self, names: &Names, at: Time, cut: bool) {
        for slot in 0..self.runners.len() {
            if let Some((_, runner)) = self.runners.at(slot) {
                let runner = std::mem::take(runner);
                self.vacate(names, at, runner, runner.lost);
            }
        }
        for slot in 0..self.nodes.len() {
            if let Some((serial, _)) = self.nodes.at(slot) {
                self.close(names, at, NodeId { serial, slot: slot as u32 }, cut);
            }
        }
        self.settler.finish(names);
        self.crowd.finish(names);
    }

    /// What each runner set pays, by number; right after the run has ended.
    pub fn by_set(&self) -> &[Account] {
        self.settler.by_set()
    }

    /// What each team pays beside its runner sets, by number: lines that name a team.
    pub fn beside_by_team(&self) -> &[Account] {
        self.settler.beside_by_team()
    }

    /// What the stopped nodes behind each runner set cost in micro-dollars, by number: a fleet's are
    /// divided by use. They are a line beside machines, which the platform pays.
    pub fn stopped_by_set(&self) -> &[u64] {
        self.settler.stopped_by_set()
    }

    /// What nobody but the platform pays.
    pub fn platform(&self) -> &Account {
        self.settler.platform()
    }

    /// What the lines beside machines cost.
    pub fn beside_lines(&self) -> Vec<(Line, Money)> {
        self.settler.beside_lines()
    }

    /// What each label (repository, workflow and job name) pays by [`Use`], by number; empty
    /// unless asked for.
    pub fn by_label(&self) -> &[[u64; 5]] {
        self.settler.by_label()
    }

    /// Nodes of the whole run.
    pub fn nodes(&self) -> Presence {
        self.crowd.whole()
    }

    /// Nodes that ran jobs of a team.
    pub fn nodes_of_team(&self, team: usize) -> Presence {
        self.crowd.team(team)
    }

    /// Nodes that ran jobs of a class.
    pub fn nodes_of_pool(&self, pool: usize) -> Presence {
        self.crowd.pool(pool)
    }

    /// Node time on spot and on demand, in the unit of [`NodeTime`].
    pub const fn time_by_capacity(&self) -> [u128; 2] {
        self.settler.time_by_capacity()
    }

    /// Where the entries contradict each other.
    pub const fn breaches(&self) -> &Breaches {
        &self.breaches
    }
}

/// What a job used of GitHub-hosted runners.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HostedUse {
    pub(crate) set: u32,
    pub(crate) label: u32,
    /// Started minutes, each attempt for itself.
    pub(crate) minutes: u64,
    /// How long it ran.
    pub(crate) run: Span,
    /// Whether it ended after warm-up.
    pub(crate) counts: bool,
}

#[inline]
fn share_of(shares: &mut Vec<Vec<u32>>, names: &Names, set: u32, instance_type: usize) -> u32 {
    let Some(row) = cell(shares, set as usize) else { return WHOLE_NODE as u32 };
    let Some(share) = cell(row, instance_type) else { return WHOLE_NODE as u32 };
    if *share == NO_SHARE {
        *share = names
            .set(set as usize)
            .zip(names.instance_type(TypeId(instance_type as u32)))
            .map_or(WHOLE_NODE as u32, |(set, known)| {
                dominant_share(set.request, known.allocatable)
            });
    }
    *share
}

/// The largest of the shares of vCPU, memory and GPU that a request takes of a node, in
/// 65,536ths, at least 1 and at most the whole node (dominant resource: Ghodsi et al., NSDI 2011).
fn dominant_share(request: Resources, of: Resources) -> u32 {
    let part = |want: u32, have: u32| match (want, have) {
        (0, _) => 0,
        (_, 0) => WHOLE_NODE,
        (want, have) => (u64::from(want) * WHOLE_NODE).div_ceil(u64::from(have)),
    };
    part(request.cpu_milli, of.cpu_milli)
        .max(part(request.memory_mib, of.memory_mib))
        .max(part(request.gpu, of.gpu))
        .clamp(1, WHOLE_NODE) as u32
}
