//! Spot against the best in hindsight.
#![allow(clippy::print_stdout)]

use crate::whole::Scene;
use greenroom_scheduler::event::{JobResult, Machine};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::bound::{SpotJob, SpotPool, cheapest_attempt};
use greenroom_sim::catalogue::Catalogue;
use greenroom_sim::ec2::{Availability, Market, Pool};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::random::{Purpose, Streams};
use greenroom_sim::run::{Plan, WorldPlan, run};
use greenroom_traces::TraceError;
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use std::collections::HashMap;

/// How long each job runs.
const LENGTH: Span = Span::from_secs(600);
/// How long the recording is, less a day's margin at its end.
const SPAN_S: u64 = 150 * 3_600;
/// Mean time between jobs: five nodes are busy on average.
const BETWEEN_S: f64 = 120.0;
/// The machine.
const TYPE: &str = "r5.16xlarge";
/// EC2 leaves a spot machine that it takes back within its first hour unbilled.
const FREE: Span = Span::from_secs(3_600);

/// Jobs of ten minutes, at random times.
#[derive(Clone)]
struct Jobs {
    ready: Vec<Time>,
    next: usize,
}

impl Jobs {
    fn made(seed: u64) -> Self {
        let stream = &mut Streams::new(seed).stream(Purpose::Generator, 7);
        let (mut at_s, mut ready) = (0.0, Vec::new());
        loop {
            at_s += stream.exponential() * BETWEEN_S;
            if at_s >= SPAN_S as f64 {
                return Self { ready, next: 0 };
            }
            ready.push(Time::ZERO + Span::from_secs_f64(at_s));
        }
    }
}

impl Arrivals for Jobs {
    type Error = TraceError;

    fn peek(&mut self) -> Result<Option<Time>, TraceError> {
        Ok(self.ready.get(self.next).copied())
    }

    fn take(&mut self) -> Arrival {
        let (row, ready) = (self.next as u32, self.ready[self.next]);
        self.next += 1;
        Arrival {
            row,
            enter: ready,
            ready,
            recorded_start: None,
            duration: LENGTH,
            patience: None,
            gap: Span::ZERO,
            run: None,
            predecessors: 0,
            has_successors: false,
            conclusion: Conclusion::Success,
            forge: Forge::Cloud,
            trigger: Trigger::Push,
            class: Name(1),
            team: Name::NONE,
            repository: Name::NONE,
            workflow: Name::NONE,
            job: Name::NONE,
            group: Name::NONE,
            size: None,
        }
    }

    fn needs(&self) -> &[u32] {
        &[]
    }

    fn text(&self, name: Name) -> &'static str {
        ["", "spot"][name.0 as usize]
    }
}

/// What became of the jobs, and what their attempts cost.
#[derive(Default)]
struct Attempts {
    machines: HashMap<u32, (Machine, Time)>,
    nodes: HashMap<u32, u32>,
    /// By job: the start and the machine of the present attempt.
    running: HashMap<u32, (Time, Machine, Time, u32)>,
    jobs: u32,
    interrupted_first: u32,
    unsuccessful: u32,
    on_spot: u32,
    usd: f64,
    bill_usd: f64,
}

impl Sink for &mut Attempts {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        let Entry::Fact(fact) = entry else { return };
        let hours = |span: Span| span.as_secs_f64() / 3600.0;
        match *fact {
            Fact::NodeLaunched { node, machine, .. } => {
                self.machines.insert(node.serial, (machine, at));
            }
            Fact::RunnerBound { runner, node } => {
                self.nodes.insert(runner.serial, node.serial);
            }
            Fact::JobStarted { job, runner: Some(runner), attempt } => {
                let (machine, launched) = self.machines[&self.nodes[&runner.serial]];
                self.running.insert(job.serial, (at, machine, launched, attempt));
            }
            Fact::AttemptLost { job, .. } => {
                let (since, machine, launched, attempt) = self.running.remove(&job.serial).unwrap();
                self.interrupted_first += u32::from(attempt == 1);
                let is_free = machine.capacity == CapacityType::Spot && at.since(launched) < FREE;
                if !is_free {
                    self.usd += machine.rate.as_usd_per_hour() * hours(at.since(since));
                }
            }
            Fact::JobEnded { job, result } => {
                self.jobs += 1;
                self.unsuccessful += u32::from(result != JobResult::Succeeded);
                if let Some((since, machine, ..)) = self.running.remove(&job.serial) {
                    self.on_spot += u32::from(machine.capacity == CapacityType::Spot);
                    self.usd += machine.rate.as_usd_per_hour() * hours(at.since(since));
                }
            }
            Fact::NodeBilled { charge, .. } => self.bill_usd += charge.as_usd(),
            _ => {}
        }
    }
}

/// The pools as they turn out to be.
fn pools(plan: &Plan, start: Time, until: Time, usd_per_hour: f64) -> Vec<SpotPool> {
    let WorldPlan::Eks(eks) = &plan.world else { unreachable!() };
    let (ec2, spot) = (eks.ec2.clone(), eks.spot.clone());
    let mut market = Market::new(eks.streams, start, eks.catalogue.clone(), ec2, spot);
    for (of_type, zone, recording, after) in &eks.records.capacity {
        assert!(market.record_capacity(*of_type, *zone, recording, *after));
    }
    let of_type = of_type(&eks.catalogue);
    let zones = 0..eks.ec2.zones.len() as u32;
    let pool = |zone| {
        let key = Pool { instance_type: of_type, zone: ZoneId(zone), capacity: CapacityType::Spot };
        let (mut up, mut at) = (Vec::new(), start);
        while at < until {
            let state = market.state(key, at);
            if state.available {
                up.push((at, state.until.min(until)));
            }
            at = state.until.min(until).max(at + Span::from_ms(1));
        }
        SpotPool { up, usd_per_hour: vec![(start, usd_per_hour)] }
    };
    zones.map(pool).collect()
}

fn of_type(catalogue: &Catalogue) -> TypeId {
    catalogue.iter().find(|(_, kind)| &*kind.name == TYPE).map(|(id, _)| id).unwrap()
}

/// Prints the row, for several seeds and kinds of generated zones.
#[allow(dead_code)]
pub(crate) fn print() {
    let folder = std::env::var("GREENROOM_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let file = format!("{folder}/spot/r5.16xlarge_us-east-1d.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let recording = Availability::read("1d", &text).unwrap();
    assert!(Span::from_secs(SPAN_S) <= recording.period);
    println!(
        "zones b, c        EC2 errs  v  spot / oracle  whole bill / oracle  interrupted firsts  never ended well  on spot"
    );
    for value in [20.0, 5.0] {
        for error in [0.2, 0.5] {
            for hazard in [0.2, 0.5, 1.3] {
                row(&file, value, error, hazard);
            }
        }
    }
}

/// What became of the jobs of one seed, and the least that they could have cost, in USD.
pub(crate) struct Measured {
    jobs: u32,
    usd: f64,
    bill_usd: f64,
    oracle_usd: f64,
    interrupted_first: u32,
    unsuccessful: u32,
    on_spot: u32,
}

impl Measured {
    /// What the attempts cost against the best in hindsight.
    pub(crate) fn ratio(&self) -> f64 {
        self.usd / self.oracle_usd
    }

    /// The share of first attempts that were interrupted, and of jobs that never ended well.
    pub(crate) fn shares(&self) -> [f64; 2] {
        [self.interrupted_first, self.unsuccessful].map(|n| f64::from(n) / f64::from(self.jobs))
    }

    fn add(&mut self, other: &Self) {
        self.jobs += other.jobs;
        self.usd += other.usd;
        self.bill_usd += other.bill_usd;
        self.oracle_usd += other.oracle_usd;
        self.interrupted_first += other.interrupted_first;
        self.unsuccessful += other.unsuccessful;
        self.on_spot += other.on_spot;
    }
}

/// One run: `value` USD an hour of waiting, EC2 errs about a pool's depth by `error`, a generated zone
/// is lost `hazard` times an hour.
pub(crate) fn measure(file: &str, value: f64, error: f64, hazard: f64, seed: u64) -> Measured {
    let settings = [
        "policy.name=\"greenroom\"".to_owned(),
        format!("wait_value_usd_per_hour={value:?}"),
        "ec2.zones=[\"us-east-1b\", \"us-east-1c\", \"us-east-1d\"]".to_owned(),
        format!("pool.spot.instance_types=[{TYPE:?}]"),
        "pool.spot.requests={cpu=48, memory=\"384GiB\"}".to_owned(),
        "pool.spot.cpu_max=64".to_owned(),
        "spot.market.saving_percent=54.0".to_owned(),
        // In a generated zone as in the recording a loss takes the whole pool.
        format!("spot.market.hazard_per_hour={hazard:?}"),
        "spot.market.correlated_share=1.0".to_owned(),
        "spot.market.lost_share=1.0".to_owned(),
        format!("spot.market.depth_error={error:?}"),
        format!("spot.market.availability=[{{file={file:?}, type={TYPE:?}, zone=\"us-east-1d\"}}]"),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let scene = Scene::seeded(&settings, seed);
    let jobs = Jobs::made(seed);
    let start = jobs.ready[0];
    let mut attempts = Attempts::default();
    run(scene.plan(), jobs.clone(), &mut attempts).unwrap();
    let WorldPlan::Eks(eks) = &scene.plan().world else { unreachable!() };
    let kind = eks.catalogue.get(of_type(&eks.catalogue)).unwrap();
    let on_demand = kind.on_demand.as_usd_per_hour();
    let until = Time::ZERO + Span::from_secs(SPAN_S + 7_200);
    let pools = pools(scene.plan(), start, until, on_demand * 0.46);
    let least = jobs.ready.iter().map(|ready| {
        let job = SpotJob { ready: *ready, slack: Span::ZERO, busy: LENGTH };
        cheapest_attempt(job, &pools, on_demand)
    });
    Measured {
        jobs: attempts.jobs,
        usd: attempts.usd,
        bill_usd: attempts.bill_usd,
        oracle_usd: least.sum(),
        interrupted_first: attempts.interrupted_first,
        unsuccessful: attempts.unsuccessful,
        on_spot: attempts.on_spot,
    }
}

#[allow(dead_code)]
fn row(file: &str, value: f64, error: f64, hazard: f64) {
    const SEEDS: u64 = 5;
    let mut sum = measure(file, value, error, hazard, 1);
    (2..=SEEDS).for_each(|seed| sum.add(&measure(file, value, error, hazard, seed)));
    let [interrupted, unsuccessful] = sum.shares();
    println!(
        "{hazard:>4} losses an hour {error:>6}  {value:>3}  {:>12.3}  {:>19.3}  {:>16.2} %  \
         {:>14.2} %  {:>5.1} %",
        sum.ratio(),
        sum.bill_usd / sum.oracle_usd,
        100.0 * interrupted,
        100.0 * unsuccessful,
        100.0 * f64::from(sum.on_spot) / f64::from(sum.jobs),
    );
}
