//! What the summary costs per job: `cargo run --release --example fold_speed -- [JOBS]`.
//!
//! A made-up one-slot stream is fed to a sink that keeps nothing and then to the fold; the
//! difference is the fold's.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use greenroom_reports::summary::{Fold, Options, Run};
use greenroom_scheduler::event::{Event, JobResult, Machine, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::{
    FleetId, JobId, NodeId, PoolId, RunId, RunnerId, SetId, TeamId, TypeId, ZoneId,
};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Time;
use std::hint::black_box;
use std::time::Instant;

/// Jobs alive at once.
const ALIVE: u32 = 512;
/// Jobs that a node runs in its life, one after the other.
const PER_NODE: u32 = 10;
const SETS: u32 = 2;

fn feed(jobs: u32, runs: bool, sink: &mut impl Sink) {
    let mut fact =
        |at: u64, fact: Fact| sink.entry(Time::from_ms(at), Entry::Fact(black_box(&fact)));
    for set in 0..SETS {
        fact(0, Fact::Named(Box::new(Naming::Team(TeamId(set), format!("team {set}")))));
        let pool = PoolId(0);
        let name = "linux".to_owned();
        fact(0, Fact::Named(Box::new(Naming::Pool { pool, name, hosted_per_minute: None })));
        fact(
            0,
            Fact::Named(Box::new(Naming::Set {
                set: SetId(set),
                team: TeamId(set),
                pool,
                forge: Forge::Cloud,
                fleet: FleetId(set),
                request: Resources::JOB_DEFAULT,
            })),
        );
    }
    let machine = Machine {
        instance_type: TypeId(0),
        zone: ZoneId(0),
        capacity: CapacityType::OnDemand,
        rate: Rate::from_micros_per_hour(200_000),
    };
    for tick in 0..jobs + ALIVE {
        let at = u64::from(tick) * 300;
        if tick < jobs {
            let (job, set) = (id(tick), SetId(tick % SETS));
            let run = runs.then_some(RunId(tick / 8));
            fact(at, Fact::JobReady { job, set, run, label: 0, recorded: None });
            fact(at, Fact::JobHeard { job });
            fact(at, Fact::RunnerCreated { runner: runner(tick), set });
            let node = node(tick);
            if tick % (PER_NODE * ALIVE) < ALIVE {
                fact(at, Fact::NodeClaimed { node, fleet: FleetId(tick % SETS) });
                fact(at, Fact::NodeLaunched { node, fleet: FleetId(tick % SETS), machine });
                fact(at, Fact::NodeReady { node });
            }
            fact(at, Fact::RunnerBound { runner: runner(tick), node });
        }
        if let Some(started) = tick.checked_sub(ALIVE / 4).filter(|&job| job < jobs) {
            let runner = Some(runner(started));
            fact(at, Fact::JobStarted { job: id(started), runner, attempt: 1 });
        }
        if let Some(ended) = tick.checked_sub(ALIVE - 1).filter(|&job| job < jobs) {
            fact(at, Fact::JobEnded { job: id(ended), result: JobResult::Succeeded });
            fact(at, Fact::RunnerGone { runner: runner(ended), end: RunnerEnd::Finished });
            if ended % (PER_NODE * ALIVE) >= (PER_NODE - 1) * ALIVE || ended + ALIVE >= jobs {
                let node = node(ended);
                fact(at, Fact::NodeGone { node, end: NodeEnd::Deleted });
                let launched = u64::from(node.serial) * 300;
                let seconds = (at - launched).div_ceil(1_000) as i64;
                let charge = Money::from_micros((seconds * 200_000 + 1_800) / 3_600);
                fact(at, Fact::NodeBilled { node, charge });
            }
        }
    }
    for _ in 0..jobs {
        sink.entry(Time::from_ms(u64::MAX / 2), Entry::Event(black_box(&Event::Tick)));
        sink.entry(Time::from_ms(u64::MAX / 2), Entry::Event(black_box(&Event::Tick)));
    }
}

const fn id(serial: u32) -> JobId {
    JobId { serial, slot: serial % ALIVE }
}
const fn runner(serial: u32) -> RunnerId {
    RunnerId { serial, slot: serial % ALIVE }
}
/// The node that job `serial` runs on: its slot's, launched with the first of its jobs.
const fn node(serial: u32) -> NodeId {
    let round = serial / (PER_NODE * ALIVE);
    NodeId { serial: round * PER_NODE * ALIVE + serial % ALIVE, slot: serial % ALIVE }
}

fn main() {
    let jobs = std::env::args().nth(1).map_or(2_000_000, |text| text.parse().unwrap());
    for runs in [false, true] {
        for _ in 0..3 {
            let start = Instant::now();
            feed(jobs, runs, &mut ());
            let bare = start.elapsed();
            let run = Run { world: "one-slot".into(), ..Run::default() };
            let mut fold = Fold::new(run, Options::default());
            let start = Instant::now();
            feed(jobs, runs, &mut fold);
            let fed = start.elapsed();
            let start = Instant::now();
            let summary = fold.summary();
            let figures = start.elapsed();
            assert!(fold.breaches().is_empty(), "{:?}", fold.breaches());
            let ns = |time: std::time::Duration| time.as_nanos() as f64 / f64::from(jobs);
            println!(
                "runs {runs}: feeding alone {:.1}, with the fold {:.1}, figures {:.1} ns per job ({} nodes, {:?})",
                ns(bare),
                ns(fed),
                ns(figures),
                summary.nodes.launched,
                summary.quantiles
            );
        }
    }
}
