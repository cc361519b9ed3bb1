//! scratch
use greenroom_scheduler::decision::*;
use greenroom_scheduler::event::*;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::*;
use greenroom_scheduler::time::*;
use greenroom_sim::{config, feed::Feed, run::*, setup};
use greenroom_traces::{ReadOptions, Source, Trace};
use std::collections::BTreeMap;
#[derive(Default)]
struct S {
    ready: Vec<u64>,
    waits: Vec<u64>,
    start: Vec<u64>,
    job_ms: u64,
    node_ms: u64,
    launched: Vec<u64>,
    n: u64,
    kinds: BTreeMap<String, u64>,
    detail: bool,
}
impl Sink for &mut S {
    fn entry(&mut self, at: Time, e: Entry<'_>) {
        self.n += 1;
        let at = at.as_ms();
        if self.detail {
            let k = match e {
                Entry::Fact(f) => {
                    let s = format!("F {f:?}");
                    s.split([' ', '(', '{']).take(2).collect::<Vec<_>>().join(" ")
                }
                Entry::Decision(Decision::Ignored { why }) => format!("D Ignored {why:?}"),
                Entry::Decision(Decision::Stopped { law }) => format!("D Stopped {law:?}"),
                Entry::Decision(Decision::Hold { cause, .. }) => format!("D Hold {cause:?}"),
                Entry::Decision(f) => {
                    let s = format!("D {f:?}");
                    s.split([' ', '(', '{']).take(2).collect::<Vec<_>>().join(" ")
                }
                Entry::Event(Event::Finished { outcome, .. }) => format!("E Finished {outcome:?}"),
                Entry::Event(f) => {
                    let s = format!("E {f:?}");
                    s.split([' ', '(', '{']).take(2).collect::<Vec<_>>().join(" ")
                }
                Entry::Command(c) => {
                    let s = format!("C {:?}", c.action);
                    s.split([' ', '(', '{']).take(2).collect::<Vec<_>>().join(" ")
                }
            };
            *self.kinds.entry(k).or_default() += 1;
        }
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
                Fact::NodeGone { node, end } if *end != NodeEnd::NeverReady => {
                    self.node_ms += at - self.launched[node.index()]
                }
                _ => {}
            }
        }
    }
}
fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let f = args.remove(0);
    let detail = args.iter().any(|a| a == "detail");
    args.retain(|a| a != "detail");
    let classes = args.iter().position(|a| a.ends_with(".csv")).map(|i| args.remove(i));
    let mut layers: Vec<_> = args
        .iter()
        .filter(|a| a.ends_with(".toml"))
        .map(|a| config::Layer::read(std::path::Path::new(a)).unwrap())
        .collect();
    args.retain(|a| !a.ends_with(".toml"));
    layers.extend(args.iter().map(|a| config::Layer::set(a)));
    let config = config::load(&layers).unwrap();
    let t0 = std::time::Instant::now();
    let opts = ReadOptions { classes: classes.map(|c| c.into()), ..ReadOptions::default() };
    let trace = Trace::open(&[Source::new(f)], &opts).unwrap();
    println!("open {:?}", t0.elapsed());
    let plan = setup::plan(&config, setup::Seed::default(), None, None).unwrap();
    let mut s = S { detail, ..S::default() };
    let t1 = std::time::Instant::now();
    let mut laws = greenroom_sim::check::Laws::default();
    let o = run(&plan, Feed::of_trace(trace, config.run.rate_scale), (&mut laws, &mut s)).unwrap();
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
    for (k, v) in &s.kinds {
        println!("{v:9} {k}");
    }
    let q = |p: f64| s.waits[(n as f64 * p) as usize];
    println!(
        "overhead {:.4} p50 {} p90 {} p95 {} p99 {} le5 {:.3} gt60 {:.3}",
        s.node_ms as f64 / s.job_ms as f64 - 1.0,
        q(0.5),
        q(0.9),
        q(0.95),
        q(0.99),
        s.waits.iter().filter(|w| **w <= 5000).count() as f64 / n as f64,
        s.waits.iter().filter(|w| **w > 60000).count() as f64 / n as f64
    );
}
