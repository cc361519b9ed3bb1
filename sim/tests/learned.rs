//! What is learned: from the past alone, the same on any thread, and better than nothing.

use crate::data::real;
use crate::whole::{Jobs, Scene};
use greenroom_reports::journal_file::Hash;
use greenroom_reports::summary::{Fold, Options, Run};
use greenroom_scheduler::decision::Decision;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Layer};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::feed::Feed;
use greenroom_sim::run::{Plan, run};
use greenroom_sim::setup::{self, Seed};
use greenroom_traces::arrival::{Arrival, Name};
use greenroom_traces::{ReadOptions, Source, Trace};

/// Everything that can be learned.
const ALL: [&str; 4] = [
    "world=\"eks\"",
    "policy.name=\"greenroom\"",
    "tiers.hot.count=\"auto\"",
    "policy.greenroom.keep_alive_s=\"auto\"",
];

fn plan(settings: &[&str]) -> Plan {
    let layers: Vec<Layer> = settings.iter().map(|set| Layer::set(set)).collect();
    setup::plan(&config::load(&layers).unwrap(), Seed { seed: 3, replication: 0 }, None, None)
        .unwrap()
}

/// Jobs that end at a time, whatever would have come.
struct Until<A>(A, Time);

impl<A: Arrivals> Arrivals for Until<A> {
    type Error = A::Error;

    fn peek(&mut self) -> Result<Option<Time>, A::Error> {
        Ok(self.0.peek()?.filter(|enter| *enter < self.1))
    }

    fn take(&mut self) -> Arrival {
        self.0.take()
    }

    fn needs(&self) -> &[u32] {
        self.0.needs()
    }

    fn text(&self, name: Name) -> &str {
        self.0.text(name)
    }
}

/// The hash of all entries before a time, and what was decided by what was learned.
struct Past {
    until: Time,
    hash: Hash,
    expected: u32,
    levels: u32,
}

impl Sink for &mut Past {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if at >= self.until {
            return;
        }
        match entry {
            Entry::Decision(Decision::Expect { .. }) => self.expected += 1,
            Entry::Decision(Decision::Level { .. }) => self.levels += 1,
            _ => {}
        }
        self.hash.entry(at, entry);
    }
}

fn past(until: Time, ends: Time) -> (String, u32, u32) {
    let mut past = Past { until, hash: Hash::new(), expected: 0, levels: 0 };
    let mut laws = Laws::default();
    let feed = Jobs::Generated { count: 3_000, rate_scale: 1.0 }.feed();
    run(&plan(&ALL), Until(feed, ends), (&mut laws, &mut past)).unwrap();
    assert_eq!(laws.breaches(), (&[][..], 0));
    (past.hash.hex(), past.expected, past.levels)
}

/// Three quarters of a generated week's first jobs.
fn middle() -> Time {
    let mut feed = Jobs::Generated { count: 3_000, rate_scale: 1.0 }.feed();
    let mut enters = Vec::new();
    while let Some(enter) = feed.peek().unwrap() {
        enters.push(enter);
        feed.take();
    }
    enters[enters.len() * 3 / 4]
}

#[test]
fn nothing_is_learned_from_the_future() {
    let until = middle();
    let (with_future, expected, levels) = past(until, Time::MAX);
    assert!(expected > 100 && levels > 10, "{expected} expected, {levels} levels");
    assert_eq!(past(until, until).0, with_future);
}

#[test]
fn what_is_learned_is_the_same_on_any_thread() {
    let alone = past(Time::MAX, Time::MAX).0;
    let others = [(); 2].map(|()| std::thread::spawn(|| past(Time::MAX, Time::MAX).0));
    for other in others {
        assert_eq!(other.join().unwrap(), alone);
    }
}

#[test]
fn what_follows_in_runs_is_foreseen_better_than_by_the_hour_of_the_day() {
    let mut fold = Fold::new(Run::default(), Options::default());
    let feed = Jobs::Generated { count: 3_000, rate_scale: 1.0 }.feed();
    run(&plan(&ALL[..2]), feed, &mut fold).unwrap();
    let found = fold.summary().foresight.unwrap();
    assert!(found.recall > 2.0 * found.baseline_recall, "{found:?}");
    assert!(found.precision > 2.0 * found.baseline_precision, "{found:?}");
    assert!(found.lead_p50_s > 60.0, "{found:?}");
}

/// A pool, what its optimum in hindsight costs over job time (published), and what stock and keep-alive
/// that are learned may cost over that and start within 15 s.
const FLOORS: [(&str, f64, f64, f64); 3] = [
    ("gecko-3-b-linux", 1.060, 1.12, 0.97),
    ("gecko-t-t-linux-large", 1.045, 1.09, 0.97),
    ("mobile-3-b-linux-large", 1.142, 1.80, 0.93),
];

#[test]
fn stock_and_keep_alive_that_are_learned_come_near_the_best_in_hindsight() {
    for (pool, optimum, ratio_max, within_15s) in FLOORS {
        let Some(path) = real(&format!("traces/firefox-ci/{pool}.csv.gz")) else { continue };
        let trace = Trace::open(&[Source::new(path)], &ReadOptions::default()).unwrap();
        let settings = [
            "world=\"one-slot\"",
            "policy.name=\"greenroom\"",
            "tiers.stopped.count=\"auto\"",
            "policy.greenroom.keep_alive_s=\"auto\"",
            "wait_value_usd_per_hour=10",
        ];
        let summary = Scene::new(&[], &settings).play(Feed::of_trace(trace, 1.0));
        let (cost, node_time) = (summary.cost_usd, summary.overhead.unwrap());
        let ratio = (1.0 + node_time) * cost.total / cost.on_demand / optimum;
        let started = summary.start_share.unwrap().le_15s;
        let unused = summary.nodes.never_used as f64 / summary.nodes.launched as f64;
        let told = format!(
            "{pool}: {ratio:.4} of the optimum, {started:.4} within 15 s, {unused:.4} unused"
        );
        assert!(ratio <= ratio_max && started >= within_15s && unused <= 0.05, "{told}");
        assert!((summary.stopped_usd - cost.beside).abs() < 1e-6, "{told}");
    }
}

#[test]
fn what_follows_in_bitcoin_core_is_foreseen_without_knowing_who_needs_whom() {
    let folder = "traces/bitcoin-core";
    let Some(jobs) = real(&format!("{folder}/jobs.csv.gz")) else { return };
    let Some(classes) = real(&format!("{folder}/runner_classes.csv")) else { return };
    let options = ReadOptions { classes: Some(classes), ..ReadOptions::default() };
    let trace = Trace::open(&[Source::new(jobs)], &options).unwrap();
    let scene = Scene::new(&[], &["world=\"eks\"", "policy.name=\"greenroom\""]);
    let summary = scene.play(Feed::of_trace(trace, 1.0));
    let found = summary.foresight.unwrap();
    assert!(found.recall >= 0.75 && found.precision >= 0.75, "{found:?}");
    assert!(found.baseline_recall < 0.1 && found.baseline_precision < 0.1, "{found:?}");
    let unused = summary.nodes.never_used as f64 / summary.nodes.launched as f64;
    assert!(unused <= 0.05, "{unused}");
}
