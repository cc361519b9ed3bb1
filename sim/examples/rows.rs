//! scratch
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::*;
use greenroom_scheduler::model::*;
use greenroom_scheduler::money::*;
use greenroom_scheduler::resources::*;
use greenroom_scheduler::spec::*;
use greenroom_scheduler::time::*;
use greenroom_sim::{feed::TraceFeed, rules::*, run::*, world::one_slot::Parameters};
use greenroom_traces::{ReadOptions, Source, Trace};
#[derive(Default)]
struct S {
    ready: Vec<u64>,
    waits: Vec<u64>,
    start: Vec<u64>,
    job_ms: u64,
    node_ms: u64,
    launched: Vec<u64>,
    n: u64,
}
impl Sink for &mut S {
    fn entry(&mut self, at: Time, e: Entry<'_>) {
        self.n += 1;
        let at = at.as_ms();
        if let Entry::Fact(f) = e {
            match f {
                Fact::JobReady { job, .. } => {
                    let i = job.index();
                    if i >= self.ready.len() {
                        self.ready.resize(i + 1, 0);
                        self.start.resize(i + 1, 0)
                    }
                    self.ready[i] = at
                }
                Fact::JobStarted { job, .. } => {
                    self.waits.push(at - self.ready[job.index()]);
                    self.start[job.index()] = at
                }
                Fact::JobEnded { job, .. } => self.job_ms += at - self.start[job.index()],
                Fact::NodeLaunched { node, .. } => {
                    let i = node.index();
                    if i >= self.launched.len() {
                        self.launched.resize(i + 1, 0)
                    }
                    self.launched[i] = at
                }
                Fact::NodeGone { node, .. } => self.node_ms += at - self.launched[node.index()],
                _ => {}
            }
        }
    }
}
fn main() {
    let f = std::env::args().nth(1).unwrap();
    let pol = std::env::args().nth(2).unwrap_or("reactive".into());
    let t0 = std::time::Instant::now();
    let trace = Trace::open(&[Source::new(f)], &ReadOptions::default()).unwrap();
    println!("open {:?}", t0.elapsed());
    let t00 = std::time::Instant::now();
    let tr2 =
        Trace::open(&[Source::new(std::env::args().nth(1).unwrap())], &ReadOptions::default())
            .unwrap();
    drop(tr2);
    let settings = Settings {
        policy: if pol == "reactive" {
            PolicySpec::Reactive
        } else {
            PolicySpec::Fixed { runners: pol.parse().unwrap() }
        },
        nodes_by: NodesBy::Core,
        types: vec![InstanceType {
            name: "one-slot".into(),
            allocatable: Resources::JOB_DEFAULT,
            pods_max: 1,
            on_demand: Rate::from_micros_per_hour(200_000),
            spot: Rate::from_micros_per_hour(200_000),
        }],
        reruns_max: 1,
        intent_ttl: Span::from_secs(300),
        disruptions_max: None,
        spot: SpotRule { hazard_per_hour_max: None, deadline: Span::ZERO, recovery: Span::ZERO },
    };
    let plan = Plan {
        settings,
        rules: Rules {
            pools: Default::default(),
            other_pool: plain_pool(Span::from_secs(60)),
            teams: Default::default(),
        },
        world: WorldPlan::OneSlot(Parameters::default()),
        warmup: None,
        until: None,
    };
    let mut s = S::default();
    let t1 = std::time::Instant::now();
    let mut laws = greenroom_sim::check::Laws::default();
    let o = run(&plan, TraceFeed::new(trace, 1.0), (&mut laws, &mut s)).unwrap();
    let n = s.waits.len();
    println!(
        "{o:?} jobs {n} sim {:?} = {} ns/job, total {} ns/job; {} entries/job",
        t1.elapsed(),
        t1.elapsed().as_nanos() / n as u128,
        t0.elapsed().as_nanos() / n as u128,
        s.n as f64 / n as f64
    );
    println!("{:?}", laws.breaches());
    s.waits.sort();
    println!(
        "overhead {:.4} p95 {} le5 {:.3}",
        s.node_ms as f64 / s.job_ms as f64 - 1.0,
        s.waits[n * 95 / 100],
        s.waits.iter().filter(|w| **w <= 5000).count() as f64 / n as f64
    );
}
