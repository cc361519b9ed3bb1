//! Cuts a node's charge by use and payer.

use super::account::{Account, IdleRule, Kind, NodeTime, Use};
use super::node::{Life, Node, User};
use super::{HostedUse, NO_PAYER};
use crate::dense::cell;
use crate::names::Names;
use crate::split::Splitter;
use greenroom_scheduler::fact::Line;
use greenroom_scheduler::id::{FleetId, NodeId, TeamId};
use greenroom_scheduler::money::Money;

/// Where the parts go.
#[derive(Clone, Debug)]
pub(super) struct Settler {
    rule: IdleRule,
    sets: Vec<Account>,
    /// Lines beside machines that name a team, by team.
    teams: Vec<Account>,
    platform: Account,
    /// By fleet: nodes that never ran a job, until the end of the run says who used the fleet.
    unused: Vec<Account>,
    lines: Vec<(Line, u64)>,
    /// What stopped nodes cost, by fleet; and by runner set, once the run is over.
    stopped: [Vec<u64>; 2],
    capacity_time: [u128; 2],
    labels: Option<Box<Labels>>,
    splitter: Splitter,
    weights: Vec<u64>,
}

/// What each label pays, kept for reports only.
#[derive(Clone, Debug, Default)]
struct Labels {
    paid: Vec<[u64; 5]>,
    /// By node slot: who worked there.
    work: Vec<Vec<LabelWork>>,
    splitter: Splitter,
    weights: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
struct LabelWork {
    set: u32,
    label: u32,
    used: u64,
    interrupted: u64,
}

/// Parts of a node that no job used: idle time, startup, and what is charged beyond its life.
#[derive(Clone, Copy, Debug, Default)]
struct Shared {
    money: [u64; 3],
    time: [u64; 2],
}

const SHARED_USES: [Use; 3] = [Use::Idle, Use::Startup, Use::Other];

impl Settler {
    pub(super) fn new(rule: IdleRule, labels: bool) -> Self {
        Self {
            rule,
            sets: Vec::new(),
            teams: Vec::new(),
            platform: Account::default(),
            unused: Vec::new(),
            lines: Vec::new(),
            stopped: [Vec::new(), Vec::new()],
            capacity_time: [0; 2],
            labels: labels.then(Box::default),
            splitter: Splitter::default(),
            weights: Vec::new(),
        }
    }

    /// Books a node that ended.
    pub(super) fn book(&mut self, id: NodeId, node: &Node, charge: Money, life: Life) {
        let Some((_, kind)) = node.machine else { return };
        let micros = charge.as_micros().max(0) as u64;
        self.capacity_time[usize::from(kind == Kind::OnDemand)] +=
            u128::from(life.busy) + u128::from(life.idle) + u128::from(life.startup);

        self.weights.clear();
        self.weights.extend([life.idle, life.startup, life.beyond, life.before]);
        self.weights.extend(node.users.iter().flat_map(|user| [user.used, user.interrupted]));
        let parts = self.splitter.split(micros, &self.weights);
        let shared =
            Shared { money: [parts[0], parts[1], parts[2]], time: [life.idle, life.startup] };
        // parts[3] was spent before the end of warm-up and is left out of the figures.
        let paid = &parts[4..];
        for (user, paid) in node.users.iter().zip(paid.chunks_exact(2)) {
            let account = account(&mut self.sets, &mut self.platform, user.payer);
            account.pay(kind, Use::Used, paid[0]);
            account.pay(kind, Use::Interrupted, paid[1]);
            account.time.busy += u128::from(user.work());
        }
        if let Some(labels) = &mut self.labels {
            for (user, paid) in node.users.iter().zip(paid.chunks_exact(2)) {
                labels.pay(id, user.payer, |work| work.used, Use::Used, paid[0]);
                labels.pay(id, user.payer, |work| work.interrupted, Use::Interrupted, paid[1]);
            }
        }
        self.book_shared(id, node, kind, shared);
    }

    /// Books what no job used.
    fn book_shared(&mut self, id: NodeId, node: &Node, kind: Kind, shared: Shared) {
        let mut payers = node.users.iter().filter(|user| user.work() > 0);
        let (first, more) = (payers.next(), payers.next().is_some());
        match (self.rule, first) {
            (IdleRule::Platform, _) => book_shared(&mut self.platform, kind, shared),
            (_, None) => match cell(&mut self.unused, node.fleet as usize) {
                Some(fleet) => book_shared(fleet, kind, shared),
                None => book_shared(&mut self.platform, kind, shared),
            },
            (IdleRule::ByUse, Some(only)) if !more => {
                self.pay_shared(id, only.payer, kind, shared);
            }
            (IdleRule::ByLastUser, Some(_)) => self.pay_shared(id, node.last_user, kind, shared),
            (IdleRule::ByUse, Some(_)) => self.divide(id, node, kind, shared),
        }
    }

    /// Divides what no job used over all users of the node.
    #[cold]
    fn divide(&mut self, id: NodeId, node: &Node, kind: Kind, shared: Shared) {
        let mut parts = vec![Shared::default(); node.users.len()];
        self.weights.clear();
        self.weights.extend(node.users.iter().map(User::work));
        for (place, amount) in shared.money.into_iter().enumerate() {
            let split = self.splitter.split(amount, &self.weights);
            parts.iter_mut().zip(split).for_each(|(part, &money)| part.money[place] = money);
        }
        for (place, amount) in shared.time.into_iter().enumerate() {
            let split = self.splitter.split(amount, &self.weights);
            parts.iter_mut().zip(split).for_each(|(part, &time)| part.time[place] = time);
        }
        for (user, part) in node.users.iter().zip(parts) {
            self.pay_shared(id, user.payer, kind, part);
        }
    }

    fn pay_shared(&mut self, id: NodeId, payer: u32, kind: Kind, shared: Shared) {
        book_shared(account(&mut self.sets, &mut self.platform, payer), kind, shared);
        if let Some(labels) = &mut self.labels {
            for (on, micros) in SHARED_USES.into_iter().zip(shared.money) {
                labels.pay(
                    id,
                    payer,
                    |work| work.used.saturating_add(work.interrupted),
                    on,
                    micros,
                );
            }
        }
    }

    /// Books a job on a GitHub-hosted runner: its own time is used, the rest of its last started
    /// minute is `other`.
    pub(super) fn book_hosted(&mut self, spent: &HostedUse, micros: u64) {
        let charged_ms = spent.minutes.saturating_mul(60_000);
        let run_ms = spent.run.as_ms().min(charged_ms);
        let parts = self.splitter.split(micros, &[run_ms, charged_ms - run_ms]);
        let (used, other) = (parts[0], parts[1]);
        let account = account(&mut self.sets, &mut self.platform, spent.set);
        account.pay(Kind::Hosted, Use::Used, used);
        account.pay(Kind::Hosted, Use::Other, other);
        if let Some(paid) =
            self.labels.as_mut().and_then(|labels| cell(&mut labels.paid, spent.label as usize))
        {
            paid[Use::Used as usize] = paid[Use::Used as usize].saturating_add(used);
            paid[Use::Other as usize] = paid[Use::Other as usize].saturating_add(other);
        }
    }

    pub(super) fn book_beside(
        &mut self,
        names: &Names,
        line: Line,
        team: Option<TeamId>,
        micros: u64,
    ) {
        let known = team.filter(|team| team.index() < names.teams());
        let account = known.and_then(|team| cell(&mut self.teams, team.index()));
        account.unwrap_or(&mut self.platform).pay(Kind::Beside, Use::Other, micros);
        match self.lines.binary_search_by_key(&line, |&(known, _)| known) {
            Ok(place) => {
                let sum = &mut self.lines[place].1;
                *sum = sum.saturating_add(micros);
            }
            Err(place) => self.lines.insert(place, (line, micros)),
        }
    }

    /// Books stopped nodes: beside machines, and for each runner set of the fleet to know.
    pub(super) fn book_stopped(&mut self, names: &Names, fleet: FleetId, micros: u64) {
        self.book_beside(names, Line::Stopped, None, micros);
        if let Some(sum) = cell(&mut self.stopped[0], fleet.index()) {
            *sum = sum.saturating_add(micros);
        }
    }

    #[inline]
    pub(super) fn note_label(&mut self, node: NodeId, set: u32, label: u32, work: u64, lost: bool) {
        if let Some(labels) = &mut self.labels {
            labels.note(node, set, label, work, lost);
        }
    }

    #[inline]
    pub(super) fn clear_labels(&mut self, node: NodeId) {
        if let Some(work) =
            self.labels.as_mut().and_then(|labels| labels.work.get_mut(node.index()))
        {
            work.clear();
        }
    }

    /// Divides the nodes that never ran a job over those that used their fleet.
    pub(super) fn finish(&mut self, names: &Names) {
        self.finish_stopped(names);
        for (fleet, unused) in std::mem::take(&mut self.unused).into_iter().enumerate() {
            let of_fleet: Vec<usize> = (0..names.sets().min(self.sets.len()))
                .filter(|&set| names.set(set).is_some_and(|set| set.fleet.index() == fleet))
                .collect();
            // Whole milliseconds, so that the weights of a long run stay within 64 bits.
            let weights: Vec<u64> = of_fleet
                .iter()
                .map(|&set| u64::try_from(self.sets[set].time.busy >> 16).unwrap_or(u64::MAX))
                .collect();
            if weights.iter().all(|&weight| weight == 0) {
                self.platform += &unused;
                continue;
            }
            for kind in [Kind::Spot, Kind::OnDemand] {
                // The two ways to cut are known together only per node; a fleet's unused nodes
                // of both kinds keep their uses in proportion.
                self.spread(&of_fleet, &weights, kind, &unused);
            }
            for (part, amount) in [(0, unused.time.idle), (1, unused.time.startup)] {
                let amount = u64::try_from(amount).unwrap_or(u64::MAX);
                let split = self.splitter.split(amount, &weights);
                for (&set, &time) in of_fleet.iter().zip(split) {
                    let own = &mut self.sets[set].time;
                    *(if part == 0 { &mut own.idle } else { &mut own.startup }) += u128::from(time);
                }
            }
        }
    }

    fn spread(&mut self, sets: &[usize], weights: &[u64], kind: Kind, unused: &Account) {
        let uses = SHARED_USES.map(|on| unused.by_use[on as usize]);
        let of_kind = if kind == Kind::Spot {
            self.splitter.split(unused.by_kind[Kind::Spot as usize], &uses).to_vec()
        } else {
            let spot = self.splitter.split(unused.by_kind[Kind::Spot as usize], &uses);
            uses.iter().zip(spot).map(|(all, spot)| all.saturating_sub(*spot)).collect()
        };
        for (on, amount) in SHARED_USES.into_iter().zip(of_kind) {
            let split = self.splitter.split(amount, weights);
            for (&set, &micros) in sets.iter().zip(split) {
                self.sets[set].pay(kind, on, micros);
            }
        }
    }

    /// Divides what stopped nodes cost over those that used their fleet.
    fn finish_stopped(&mut self, names: &Names) {
        let [by_fleet, by_set] = &mut self.stopped;
        for (fleet, micros) in by_fleet.iter().enumerate() {
            let of_fleet: Vec<usize> = (0..names.sets().min(self.sets.len()))
                .filter(|&set| names.set(set).is_some_and(|set| set.fleet.index() == fleet))
                .collect();
            let weights: Vec<u64> = of_fleet
                .iter()
                .map(|&set| u64::try_from(self.sets[set].time.busy >> 16).unwrap_or(u64::MAX))
                .collect();
            if weights.iter().all(|&weight| weight == 0) {
                continue;
            }
            for (&set, &part) in of_fleet.iter().zip(self.splitter.split(*micros, &weights)) {
                if let Some(sum) = cell(by_set, set) {
                    *sum = sum.saturating_add(part);
                }
            }
        }
    }

    pub(super) fn stopped_by_set(&self) -> &[u64] {
        &self.stopped[1]
    }

    pub(super) fn by_set(&self) -> &[Account] {
        &self.sets
    }

    pub(super) fn beside_by_team(&self) -> &[Account] {
        &self.teams
    }

    pub(super) const fn platform(&self) -> &Account {
        &self.platform
    }

    pub(super) fn beside_lines(&self) -> Vec<(Line, Money)> {
        let money = |&(line, micros): &(Line, u64)| (line, Money::from_micros(micros as i64));
        self.lines.iter().map(money).collect()
    }

    pub(super) fn by_label(&self) -> &[[u64; 5]] {
        self.labels.as_ref().map_or(&[], |labels| &labels.paid)
    }

    pub(super) const fn time_by_capacity(&self) -> [u128; 2] {
        self.capacity_time
    }
}

#[inline]
fn account<'a>(
    sets: &'a mut Vec<Account>,
    platform: &'a mut Account,
    payer: u32,
) -> &'a mut Account {
    if payer == NO_PAYER {
        return platform;
    }
    cell(sets, payer as usize).unwrap_or(platform)
}

fn book_shared(account: &mut Account, kind: Kind, shared: Shared) {
    for (on, micros) in SHARED_USES.into_iter().zip(shared.money) {
        account.pay(kind, on, micros);
    }
    account.time +=
        NodeTime { busy: 0, idle: u128::from(shared.time[0]), startup: u128::from(shared.time[1]) };
}

impl Labels {
    fn note(&mut self, node: NodeId, set: u32, label: u32, work: u64, lost: bool) {
        let Some(here) = cell(&mut self.work, node.index()) else { return };
        let place =
            here.iter().position(|own| own.set == set && own.label == label).unwrap_or_else(|| {
                here.push(LabelWork { set, label, used: 0, interrupted: 0 });
                here.len() - 1
            });
        let own = &mut here[place];
        let sum = if lost { &mut own.interrupted } else { &mut own.used };
        *sum = sum.saturating_add(work);
    }

    /// Divides what a set pays for a node over the labels of its jobs there.
    fn pay(
        &mut self,
        node: NodeId,
        set: u32,
        weight: impl Fn(&LabelWork) -> u64,
        on: Use,
        micros: u64,
    ) {
        let Some(work) = self.work.get(node.index()).filter(|_| micros > 0) else { return };
        self.weights.clear();
        self.weights.extend(work.iter().filter(|own| own.set == set).map(weight));
        let parts = self.splitter.split(micros, &self.weights);
        for (own, &micros) in work.iter().filter(|own| own.set == set).zip(parts) {
            if let Some(paid) = cell(&mut self.paid, own.label as usize) {
                paid[on as usize] = paid[on as usize].saturating_add(micros);
            }
        }
    }
}
