//! A small town with a CI of its own: a made-up world that writes consistent entries, for
//! properties and for pictures. It is no simulator: teams queue, nodes start, spot is taken back.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::missing_panics_doc)]

use crate::stream::{LARGE, SMALL, Stream};
use greenroom_scheduler::decision::{Cause, Decision};
use greenroom_scheduler::event::{JobResult, Machine, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Line, Naming, Stage};
use greenroom_scheduler::id::{
    FleetId, JobId, NodeId, PoolId, RunId, RunnerId, SetId, TeamId, TypeId, ZoneId,
};
use greenroom_scheduler::journal::OwnedEntry;
use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::time::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How large the town is.
#[derive(Clone, Copy)]
pub struct Town {
    pub seed: u64,
    pub jobs: u32,
    pub teams: u32,
    pub pools: u32,
    pub span_s: u64,
    pub recorded: bool,
    pub reclaim_per_hour: f64,
}

impl Town {
    pub const WEEK: Self = Self {
        seed: 1,
        jobs: 5_000,
        teams: 6,
        pools: 3,
        span_s: 7 * 86_400,
        recorded: true,
        reclaim_per_hour: 0.08,
    };
    pub const SMALL: Self = Self {
        seed: 1,
        jobs: 60,
        teams: 3,
        pools: 2,
        span_s: 3_600,
        recorded: true,
        reclaim_per_hour: 2.0,
    };
}

const TEAM_NAMES: [&str; 8] =
    ["web", "payments", "mobile", "data-platform", "search", "infrastructure", "ml", "docs"];
const POOL_NAMES: [&str; 4] = ["linux-small", "linux-large", "linux-gpu", "linux-arm"];
const SLOTS_PER_NODE: usize = 4;
const TEAM_MAX: usize = 14;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit().max(1e-12), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
    fn ms(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Ready(u32),
    Heard(u32),
    NodeLaunched(u32),
    NodeReady(u32),
    Reached(u32, Stage),
    Start(u32),
    End(u32),
    RunnerGone(u32),
    Empty(u32, u64),
    Reclaim(u32),
    HostedStart(u32),
    HostedEnd(u32),
}

struct Job {
    set: u32,
    run: u32,
    by: Option<u32>,
    duration_ms: u64,
    attempt: u32,
    fate: JobResult,
    children: Vec<(u32, u64)>,
    done: bool,
    running: bool,
}

struct Runner {
    set: u32,
    job: u32,
    node: Option<u32>,
    gone: bool,
}

struct Node {
    fleet: u32,
    launched_ms: u64,
    ready: bool,
    gone: bool,
    runners: BTreeSet<u32>,
    promised: usize,
    machine: Machine,
    epoch: u64,
}

struct World {
    out: Stream,
    dice: Dice,
    town: Town,
    agenda: BTreeMap<(u64, u64), Next>,
    order: u64,
    now: u64,
    jobs: Vec<Job>,
    runners: Vec<Runner>,
    nodes: Vec<Node>,
    queues: BTreeMap<u32, VecDeque<u32>>,
    unplaced: BTreeMap<u32, VecDeque<u32>>,
    running: BTreeMap<u32, usize>,
    held: BTreeMap<u32, Cause>,
}

/// All entries of the town's life.
pub fn live(town: Town) -> Stream {
    let mut world = World {
        out: Stream::new(),
        dice: Dice(town.seed),
        town,
        agenda: BTreeMap::new(),
        order: 0,
        now: 0,
        jobs: Vec::new(),
        runners: Vec::new(),
        nodes: Vec::new(),
        queues: BTreeMap::new(),
        unplaced: BTreeMap::new(),
        running: BTreeMap::new(),
        held: BTreeMap::new(),
    };
    world.name_all();
    world.plan_jobs();
    while let Some(((at, _), next)) = world.agenda.pop_first() {
        world.now = at;
        world.out.at_ms(at);
        world.step(next);
    }
    // What was only planned never happened.
    let last = world.out.entries.last().unwrap().0.as_ms();
    world.out.at_ms(last);
    world.finish();
    world.out
}

impl World {
    fn hosted(&self) -> u32 {
        self.town.pools
    }

    fn say(&mut self, fact: Fact) {
        self.out.push(OwnedEntry::Fact(fact));
    }

    fn later(&mut self, ms: u64, next: Next) {
        self.order += 1;
        self.agenda.insert((self.now + ms, self.order), next);
    }

    fn name(&mut self, naming: Naming) {
        self.say(Fact::Named(Box::new(naming)));
    }

    fn name_all(&mut self) {
        // Monday, 3 November 2025, 00:00 UTC.
        self.now = 1_762_128_000_000;
        self.out.at_ms(self.now);
        for team in 0..self.town.teams {
            let base = TEAM_NAMES[team as usize % TEAM_NAMES.len()];
            let name = if (team as usize) < TEAM_NAMES.len() {
                base.to_owned()
            } else {
                format!("{base}-{}", team as usize / TEAM_NAMES.len() + 1)
            };
            self.name(Naming::Team(TeamId(team), name));
        }
        for pool in 0..self.town.pools {
            let name = POOL_NAMES[pool as usize % POOL_NAMES.len()].to_owned();
            self.name(Naming::Pool { pool: PoolId(pool), name, hosted_per_minute: None });
        }
        let pool = PoolId(self.hosted());
        let price = Some(Money::from_usd(0.008));
        let name = "ubuntu-latest".to_owned();
        self.name(Naming::Pool { pool, name, hosted_per_minute: price });
        for fleet in 0..=self.town.pools {
            self.name(Naming::Fleet(FleetId(fleet), format!("fleet-{fleet}")));
        }
        for pool in 0..=self.town.pools {
            for team in 0..self.town.teams {
                let (set, forge) = (SetId(pool * self.town.teams + team), Forge::Cloud);
                let (team, pool, fleet) = (TeamId(team), PoolId(pool), FleetId(pool));
                self.name(Naming::Set { set, team, pool, forge, fleet, request: SMALL });
                let repository = format!("acme/{}", TEAM_NAMES[team.index() % TEAM_NAMES.len()]);
                let workflow = ["ci", "nightly", "release"][set.index() % 3].to_owned();
                let job = ["build", "test", "lint"][set.index() % 3].to_owned();
                self.name(Naming::Label { label: set.0, repository, workflow, job });
            }
        }
        let name = "m7i.4xlarge".to_owned();
        self.name(Naming::Type { instance_type: TypeId(0), name, allocatable: LARGE });
        self.name(Naming::Zone(ZoneId(0), "eu-central-1a".to_owned()));
    }

    fn plan_jobs(&mut self) {
        let start = self.now;
        let mut arrivals = Vec::new();
        let mut run = 0;
        while (arrivals.len() as u32) < self.town.jobs {
            let at = self.dice.below(self.town.span_s * 1000);
            let hour = (at / 3_600_000) % 24;
            let weekday = (at / 86_400_000) % 7;
            let busy = if weekday > 4 { 0.12 } else { 1.0 }
                * (-((hour as f64 - 14.0) / 3.5).powi(2) / 2.0).exp().max(0.08);
            if self.dice.unit() > busy && self.town.span_s > 86_400 {
                continue;
            }
            let team = (self.dice.unit().powi(2) * f64::from(self.town.teams)) as u32;
            for _ in 0..=self.dice.below(6) {
                arrivals.push((at + self.dice.ms(0, 1_500), team, run));
            }
            run += 1;
        }
        arrivals.sort_unstable();
        arrivals.truncate(self.town.jobs as usize);
        let mut last_of_run: BTreeMap<u32, u32> = BTreeMap::new();
        for (serial, &(at, team, run)) in arrivals.iter().enumerate() {
            let serial = serial as u32;
            let pool = self.dice.below(u64::from(self.town.pools) + 1) as u32;
            let duration_ms = ((5.3 + 1.0 * self.dice.normal()).exp() * 1e3) as u64 + 1;
            let fate = match self.dice.below(100) {
                0..8 => JobResult::Failed,
                8..11 => JobResult::Cancelled,
                _ => JobResult::Succeeded,
            };
            let by = last_of_run.get(&run).copied().filter(|_| serial % 5 == 4);
            last_of_run.insert(run, serial);
            let gap = self.dice.ms(500, 4_000);
            if let Some(by) = by {
                self.jobs[by as usize].children.push((serial, gap));
            } else {
                self.order += 1;
                self.agenda.insert((start + at, self.order), Next::Ready(serial));
            }
            let set = pool * self.town.teams + team;
            self.jobs.push(Job {
                set,
                run,
                by,
                duration_ms,
                attempt: 0,
                fate,
                children: Vec::new(),
                done: false,
                running: false,
            });
        }
    }

    const fn job_id(serial: u32) -> JobId {
        JobId { serial, slot: serial }
    }

    fn step(&mut self, next: Next) {
        match next {
            Next::Ready(job) => self.ready(job),
            Next::Heard(job) => {
                self.say(Fact::JobHeard { job: Self::job_id(job) });
                let set = self.jobs[job as usize].set;
                self.queues.entry(set).or_default().push_back(job);
                self.serve(set);
            }
            Next::NodeLaunched(node) => {
                let machine = self.nodes[node as usize].machine;
                let fleet = FleetId(self.nodes[node as usize].fleet);
                self.nodes[node as usize].launched_ms = self.now;
                self.say(Fact::NodeLaunched { node: node_id(node), fleet, machine });
                let boot = self.dice.ms(25_000, 60_000);
                self.later(boot, Next::NodeReady(node));
                if machine.capacity == CapacityType::Spot && self.town.reclaim_per_hour > 0.0 {
                    let hours = -self.dice.unit().max(1e-9).ln() / self.town.reclaim_per_hour;
                    self.later((hours * 3.6e6) as u64, Next::Reclaim(node));
                }
            }
            Next::NodeReady(node) if !self.nodes[node as usize].gone => {
                self.say(Fact::NodeReady { node: node_id(node) });
                self.nodes[node as usize].ready = true;
                self.nodes[node as usize].promised = 0;
                self.place(self.nodes[node as usize].fleet);
                self.maybe_empty(node);
            }
            Next::Reached(runner, stage) if !self.runners[runner as usize].gone => {
                self.say(Fact::RunnerReached { runner: runner_id(runner), stage });
            }
            Next::Start(runner) if !self.runners[runner as usize].gone => {
                let job = self.runners[runner as usize].job;
                if self.jobs[job as usize].done {
                    self.later(500, Next::RunnerGone(runner));
                    return;
                }
                self.jobs[job as usize].attempt += 1;
                self.jobs[job as usize].running = true;
                let attempt = self.jobs[job as usize].attempt;
                let (id, runner_name) = (Self::job_id(job), Some(runner_id(runner)));
                self.say(Fact::JobStarted { job: id, runner: runner_name, attempt });
                let duration = self.jobs[job as usize].duration_ms;
                self.later(duration, Next::End(runner));
            }
            Next::HostedStart(job) => self.hosted_start(job),
            Next::HostedEnd(job) => self.hosted_end(job),
            Next::End(runner) if !self.runners[runner as usize].gone => {
                let job = self.runners[runner as usize].job;
                self.end(job);
                let cleanup = self.dice.ms(500, 2_000);
                self.later(cleanup, Next::RunnerGone(runner));
            }
            Next::RunnerGone(runner) if !self.runners[runner as usize].gone => {
                self.runner_gone(runner, RunnerEnd::Finished);
            }
            Next::Empty(node, epoch)
                if !self.nodes[node as usize].gone && self.nodes[node as usize].epoch == epoch =>
            {
                self.node_gone(node, NodeEnd::Deleted);
            }
            Next::Reclaim(node) if !self.nodes[node as usize].gone => {
                self.node_gone(node, NodeEnd::Reclaimed);
            }
            _ => {}
        }
    }

    fn ready(&mut self, job: u32) {
        let (set, run, by) = {
            let job = &self.jobs[job as usize];
            (job.set, job.run, job.by)
        };
        let recorded = self
            .town
            .recorded
            .then(|| Span::from_ms((self.dice.unit().powi(4) * 4e5) as u64 + 2_000));
        self.say(Fact::JobReady {
            job: Self::job_id(job),
            set: SetId(set),
            run: Some(RunId(run)),
            label: set,
            recorded,
        });
        if let Some(by) = by {
            self.say(Fact::JobReleased { job: Self::job_id(job), by });
        }
        if set / self.town.teams == self.hosted() {
            let wait = self.dice.ms(4_000, 20_000);
            self.later(wait, Next::HostedStart(job));
        } else {
            let delay = self.dice.ms(400, 3_500);
            self.later(delay, Next::Heard(job));
        }
    }

    /// Gives every waiting job of a set a runner, as far as its team may have more.
    fn serve(&mut self, set: u32) {
        let team = set % self.town.teams;
        while let Some(&job) = self.queues.get(&set).and_then(VecDeque::front) {
            let running = self.running.entry(team).or_default();
            if *running >= TEAM_MAX {
                self.hold(set, Some(Cause::TeamMax));
                return;
            }
            *running += 1;
            self.queues.get_mut(&set).unwrap().pop_front();
            let serial = self.runners.len() as u32;
            self.runners.push(Runner { set, job, node: None, gone: false });
            self.say(Fact::RunnerCreated { runner: runner_id(serial), set: SetId(set) });
            let fleet = set / self.town.teams;
            self.unplaced.entry(fleet).or_default().push_back(serial);
            self.place(fleet);
        }
        self.hold(set, None);
    }

    fn hold(&mut self, set: u32, cause: Option<Cause>) {
        if self.held.get(&set).copied() == cause {
            return;
        }
        let decision = if let Some(cause) = cause {
            self.held.insert(set, cause);
            let waiting = self.queues.get(&set).map_or(0, VecDeque::len) as u32;
            Decision::Hold { set: SetId(set), waiting, cause }
        } else {
            self.held.remove(&set);
            Decision::Free { set: SetId(set) }
        };
        self.out.push(OwnedEntry::Decision(decision));
    }

    /// Binds waiting runners to nodes with room, the fullest first; claims nodes for the rest.
    fn place(&mut self, fleet: u32) {
        while let Some(&runner) = self.unplaced.get(&fleet).and_then(VecDeque::front) {
            let room = self
                .nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.fleet == fleet && node.ready && !node.gone)
                .filter(|(_, node)| node.runners.len() < SLOTS_PER_NODE)
                .max_by_key(|(place, node)| (node.runners.len(), *place))
                .map(|(place, _)| place as u32);
            let Some(node) = room else { break };
            self.unplaced.get_mut(&fleet).unwrap().pop_front();
            self.runners[runner as usize].node = Some(node);
            self.nodes[node as usize].runners.insert(runner);
            self.nodes[node as usize].epoch += 1;
            self.say(Fact::RunnerBound { runner: runner_id(runner), node: node_id(node) });
            let mut at = 0;
            let warm = self.nodes[node as usize].epoch > 3;
            let steps = [
                (Stage::ImagePulled, if warm { (1, 200) } else { (6_000, 25_000) }),
                (Stage::PodStarted, (400, 1_500)),
                (Stage::CredentialsIssued, (100, 900)),
                (Stage::Registered, (1_500, 4_000)),
            ];
            for (stage, (low, high)) in steps {
                at += self.dice.ms(low, high);
                self.later(at, Next::Reached(runner, stage));
            }
            at += self.dice.ms(300, 2_500);
            self.later(at, Next::Start(runner));
        }
        let waiting = self.unplaced.get(&fleet).map_or(0, VecDeque::len);
        let coming: usize = self
            .nodes
            .iter()
            .filter(|node| node.fleet == fleet && !node.ready && !node.gone)
            .map(|node| node.promised)
            .sum();
        let missing = waiting.saturating_sub(coming).div_ceil(SLOTS_PER_NODE);
        // Now and then one too many.
        let spare = usize::from(missing > 0 && self.dice.below(12) == 0);
        for _ in 0..missing + spare {
            self.claim(fleet);
        }
    }

    fn claim(&mut self, fleet: u32) {
        let serial = self.nodes.len() as u32;
        let spot = fleet == 0 || self.dice.below(3) > 0;
        let (capacity, usd) =
            if spot { (CapacityType::Spot, 0.31) } else { (CapacityType::OnDemand, 0.8064) };
        let rate = Rate::from_usd_per_hour(usd * (0.95 + 0.1 * self.dice.unit()));
        let machine = Machine { instance_type: TypeId(0), zone: ZoneId(0), capacity, rate };
        self.nodes.push(Node {
            fleet,
            launched_ms: 0,
            ready: false,
            gone: false,
            runners: BTreeSet::new(),
            promised: SLOTS_PER_NODE,
            machine,
            epoch: 0,
        });
        self.say(Fact::NodeClaimed { node: node_id(serial), fleet: FleetId(fleet) });
        let wait = self.dice.ms(2_000, 9_000);
        self.later(wait, Next::NodeLaunched(serial));
    }

    fn hosted_start(&mut self, job: u32) {
        self.jobs[job as usize].attempt = 1;
        self.say(Fact::JobStarted { job: Self::job_id(job), runner: None, attempt: 1 });
        let duration = self.jobs[job as usize].duration_ms;
        self.later(duration, Next::HostedEnd(job));
    }

    fn hosted_end(&mut self, job: u32) {
        self.end(job);
        let minutes = self.jobs[job as usize].duration_ms.div_ceil(60_000).max(1);
        let charge = Money::from_micros(8_000 * minutes as i64);
        self.say(Fact::HostedBilled { job: Self::job_id(job), charge });
    }

    fn end(&mut self, job: u32) {
        let result = self.jobs[job as usize].fate;
        self.jobs[job as usize].done = true;
        self.say(Fact::JobEnded { job: Self::job_id(job), result });
        for (child, gap) in std::mem::take(&mut self.jobs[job as usize].children) {
            self.later(gap, Next::Ready(child));
        }
    }

    fn runner_gone(&mut self, runner: u32, end: RunnerEnd) {
        self.say(Fact::RunnerGone { runner: runner_id(runner), end });
        let gone = &mut self.runners[runner as usize];
        gone.gone = true;
        let (set, node) = (gone.set, gone.node);
        let team = set % self.town.teams;
        *self.running.get_mut(&team).unwrap() -= 1;
        if let Some(node) = node {
            self.nodes[node as usize].runners.remove(&runner);
            self.maybe_empty(node);
            self.place(self.nodes[node as usize].fleet);
        }
        for pool in 0..self.town.pools {
            self.serve(pool * self.town.teams + team);
        }
    }

    fn maybe_empty(&mut self, node: u32) {
        let own = &mut self.nodes[node as usize];
        if own.runners.is_empty() && !own.gone {
            own.epoch += 1;
            let epoch = own.epoch;
            self.later(180_000, Next::Empty(node, epoch));
        }
    }

    fn node_gone(&mut self, node: u32, end: NodeEnd) {
        let runners: Vec<u32> = self.nodes[node as usize].runners.iter().copied().collect();
        self.nodes[node as usize].gone = true;
        let mut again = Vec::new();
        for runner in runners {
            let job = self.runners[runner as usize].job;
            let started = std::mem::take(&mut self.jobs[job as usize].running);
            if !self.jobs[job as usize].done {
                if started {
                    let (job, runner) = (Self::job_id(job), runner_id(runner));
                    self.say(Fact::AttemptLost { job, runner });
                }
                again.push(job);
            }
            self.runner_gone(runner, RunnerEnd::NodeLost);
        }
        self.say(Fact::NodeGone { node: node_id(node), end });
        let own = &self.nodes[node as usize];
        let life_ms = self.now - own.launched_ms;
        let free = end == NodeEnd::Reclaimed && life_ms < 3_600_000;
        let seconds = u128::from(life_ms.div_ceil(1000).max(60));
        let rate = u128::from(own.machine.rate.as_micros_per_hour());
        let micros = if free { 0 } else { (seconds * rate + 1_800) / 3_600 };
        let charge = Money::from_micros(micros as i64);
        self.say(Fact::NodeBilled { node: node_id(node), charge });
        self.place(self.nodes[node as usize].fleet);
        for job in again {
            let set = self.jobs[job as usize].set;
            self.queues.entry(set).or_default().push_front(job);
            self.serve(set);
        }
    }

    fn finish(&mut self) {
        let days = (self.town.span_s / 86_400).max(1) as i64;
        let charge = Money::from_micros(2_400_000 * days);
        self.say(Fact::BesideBilled { line: Line::ControlPlanes, team: None, charge });
        let charge = Money::from_micros(310_000 * days);
        self.say(Fact::BesideBilled { line: Line::Disk, team: Some(TeamId(0)), charge });
        self.say(Fact::RunEnded { cut: false });
    }
}

const fn runner_id(serial: u32) -> RunnerId {
    RunnerId { serial, slot: serial }
}

const fn node_id(serial: u32) -> NodeId {
    NodeId { serial, slot: serial }
}
