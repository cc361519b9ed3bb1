//! From counts to the fields of `summary.json`.

use super::Fold;
use super::fold::Counts;
use super::model::{
    Cost, Distribution, Group, Jobs, NodeSeconds, Nodes, Quantiles, StartShare, Summary,
};
use crate::ledger::{Account, Kind, NodeTime, Presence, Use};
use crate::names::PLATFORM;
use greenroom_scheduler::id::{PoolId, TeamId};

impl Fold {
    /// The figures. Closes the run if it has not ended.
    pub fn summary(&mut self) -> Summary {
        self.close();
        let sets: Vec<usize> = (0..self.counts.len().max(self.ledger.by_set().len())).collect();
        let queue_s = self.queue.over(&sets);
        let counts = self.counted(&sets);
        let account = self.account(&sets, None, true);
        let node_seconds = node_seconds(account.time);
        let job_seconds = counts.job_ms as f64 / 1e3;
        let [spot, on_demand] = self.ledger.time_by_capacity();
        let on_nodes = spot + on_demand;
        let hdr = |sample: &super::Sample| sample.quantiles() == Quantiles::Hdr3;
        Summary {
            jobs: jobs(&counts),
            start_share: start_share(&counts, self.queue.count(&sets)),
            queue_s,
            recorded_queue_s: self.recorded.over(&sets),
            cost_usd: cost(&account),
            stopped_usd: self.stopped_usd(&sets),
            node_seconds,
            job_seconds,
            overhead: (job_seconds > 0.0 && on_nodes > 0)
                .then(|| node_seconds.total / job_seconds - 1.0),
            nodes: nodes(self.ledger.nodes()),
            spot_share_of_minutes: (on_nodes > 0).then(|| spot as f64 / on_nodes as f64),
            by_team: self.by_team(&sets, queue_s),
            by_class: self.by_class(&sets, queue_s),
            foresight: self.score.as_mut().and_then(|score| score.result(self.last)),
            events: self.events,
            commands: self.commands,
            wall_s: None,
            ns_per_job: None,
            parse_ns_per_job: None,
            startup_ms: None,
            peak_rss_bytes: None,
            quantiles: if hdr(&self.queue) || hdr(&self.recorded) {
                Quantiles::Hdr3
            } else {
                Quantiles::Exact
            },
            seed: self.run.seed,
            policy: self.run.policy.clone(),
            world: self.run.world.clone(),
            nodes_by: self.run.nodes_by,
            trace: self.run.trace.clone(),
            sources: Vec::new(),
            notes: Vec::new(),
            hints_left_out: 0,
            predecessors_unknown: 0,
            journal_hash: None,
            bound: None,
            critical_path_queue_s: self.chains.total_s(),
            replications: None,
        }
    }

    fn stopped_usd(&self, sets: &[usize]) -> f64 {
        let by_set = self.ledger.stopped_by_set();
        let micros: u64 = sets.iter().filter_map(|&set| by_set.get(set)).sum();
        micros as f64 / 1e6
    }

    fn by_team(&mut self, sets: &[usize], whole: Option<Distribution>) -> Vec<Group> {
        let mut groups = Vec::new();
        for team in 0..self.names.teams() {
            let own = self.sets_where(sets, |set| set.team.index() == team);
            let account = self.account(&own, Some(team), false);
            let nodes = self.ledger.nodes_of_team(team);
            let name = self.names.team(TeamId(team as u32));
            groups.push(self.group(name, &own, &account, nodes, sets, whole));
        }
        let nameless = self.sets_nameless(sets);
        let mut rest = self.account(&nameless, None, false);
        rest += self.ledger.platform();
        self.push_platform(&mut groups, &nameless, &rest, sets, whole);
        groups
    }

    fn by_class(&mut self, sets: &[usize], whole: Option<Distribution>) -> Vec<Group> {
        let mut groups = Vec::new();
        for pool in 0..self.names.pools() {
            let own = self.sets_where(sets, |set| set.pool.index() == pool);
            let account = self.account(&own, None, false);
            let nodes = self.ledger.nodes_of_pool(pool);
            let name = self.names.pool(PoolId(pool as u32));
            groups.push(self.group(name, &own, &account, nodes, sets, whole));
        }
        let nameless = self.sets_nameless(sets);
        let mut rest = self.account(&nameless, None, false);
        rest += self.ledger.platform();
        for beside in self.ledger.beside_by_team() {
            rest += beside;
        }
        self.push_platform(&mut groups, &nameless, &rest, sets, whole);
        groups
    }

    fn push_platform(
        &mut self,
        groups: &mut Vec<Group>,
        sets: &[usize],
        account: &Account,
        all: &[usize],
        whole: Option<Distribution>,
    ) {
        if *account != Account::default() || !sets.is_empty() {
            let name = PLATFORM.to_owned();
            groups.push(self.group(name, sets, account, Presence::default(), all, whole));
        }
    }

    fn group(
        &mut self,
        name: String,
        sets: &[usize],
        account: &Account,
        presence: Presence,
        all: &[usize],
        whole: Option<Distribution>,
    ) -> Group {
        let counts = self.counted(sets);
        // Selection reads every value; a group that has all of them has the answer already.
        let queue_s = if self.queue.count(sets) == self.queue.count(all) {
            whole
        } else {
            self.queue.over(sets)
        };
        Group {
            name,
            jobs: jobs(&counts),
            queue_s,
            cost_usd: cost(account),
            node_seconds: node_seconds(account.time),
            job_seconds: counts.job_ms as f64 / 1e3,
            nodes: nodes(presence),
            stopped_usd: self.stopped_usd(sets),
            bound: None,
        }
    }

    fn sets_where(&self, sets: &[usize], of: impl Fn(&crate::names::Set) -> bool) -> Vec<usize> {
        sets.iter().copied().filter(|&set| self.names.set(set).is_some_and(&of)).collect()
    }

    /// Sets with jobs or money that nobody named.
    fn sets_nameless(&self, sets: &[usize]) -> Vec<usize> {
        let something = |set: usize| {
            self.counts.get(set).is_some_and(|counts| counts.arrived > 0)
                || self.ledger.by_set().get(set).is_some_and(|paid| *paid != Account::default())
        };
        let nameless = |&set: &usize| self.names.set(set).is_none() && something(set);
        sets.iter().copied().filter(nameless).collect()
    }

    /// What some sets pay together; with what a team pays beside them, or with everything else.
    fn account(&self, sets: &[usize], team: Option<usize>, everything: bool) -> Account {
        let mut sum = Account::default();
        for paid in sets.iter().filter_map(|&set| self.ledger.by_set().get(set)) {
            sum += paid;
        }
        let beside = self.ledger.beside_by_team();
        if let Some(paid) = team.and_then(|team| beside.get(team)) {
            sum += paid;
        }
        if everything {
            for paid in beside {
                sum += paid;
            }
            sum += self.ledger.platform();
        }
        sum
    }

    fn counted(&self, sets: &[usize]) -> Counts {
        let mut sum = Counts::default();
        for counts in sets.iter().filter_map(|&set| self.counts.get(set)) {
            sum += counts;
        }
        sum
    }
}

impl std::ops::AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.lost += other.lost;
        self.running += other.running;
        self.waiting += other.waiting;
        self.attempts += other.attempts;
        self.job_ms = self.job_ms.saturating_add(other.job_ms);
        for (mine, theirs) in self.started_within.iter_mut().zip(other.started_within) {
            *mine += theirs;
        }
    }
}

const fn jobs(counts: &Counts) -> Jobs {
    Jobs {
        arrived: counts.arrived,
        completed: counts.completed,
        failed: counts.failed,
        cancelled: counts.cancelled,
        lost: counts.lost,
        running: counts.running,
        waiting: counts.waiting,
        attempts: counts.attempts,
    }
}

fn start_share(counts: &Counts, of: u64) -> Option<StartShare> {
    let [le_5s, le_15s, le_30s] = counts.started_within.map(|n| n as f64 / of as f64);
    (of > 0).then_some(StartShare { le_5s, le_15s, le_30s })
}

fn cost(account: &Account) -> Cost {
    let usd = |micros: u64| micros as f64 / 1e6;
    let by_kind = |kind: Kind| usd(account.by_kind[kind as usize]);
    let by_use = |on: Use| usd(account.by_use[on as usize]);
    Cost {
        total: usd(account.total()),
        spot: by_kind(Kind::Spot),
        on_demand: by_kind(Kind::OnDemand),
        hosted: by_kind(Kind::Hosted),
        beside: by_kind(Kind::Beside),
        used: by_use(Use::Used),
        idle: by_use(Use::Idle),
        startup: by_use(Use::Startup),
        interrupted: by_use(Use::Interrupted),
        other: by_use(Use::Other),
    }
}

fn node_seconds(time: NodeTime) -> NodeSeconds {
    NodeSeconds {
        total: NodeTime::seconds(time.total()),
        busy: NodeTime::seconds(time.busy),
        idle: NodeTime::seconds(time.idle),
        startup: NodeTime::seconds(time.startup),
    }
}

const fn nodes(presence: Presence) -> Nodes {
    Nodes {
        launched: presence.launched,
        never_used: presence.never_used,
        interrupted: presence.interrupted,
        peak: presence.peak,
    }
}
