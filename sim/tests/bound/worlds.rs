//! Policies in the simulated worlds: none beats the bound.

use super::stream;
use crate::data::real;
use crate::whole::Scene;
use greenroom_reports::summary::Summary;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::bound::{Bounds, Gather};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::feed::Feed;
use greenroom_sim::random::Stream;
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use greenroom_traces::generate::{Generator, Spec};
use greenroom_traces::{ReadOptions, Source, Trace, TraceError};

const WAIT_VALUES: [f64; 6] = [0.0, 0.2, 1.0, 5.0, 20.0, 75.0];

/// Made-up jobs of two classes, some of them in runs, some given up by whoever waited.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) jobs: Vec<Arrival>,
    next: usize,
}

pub(crate) fn made(stream: &mut Stream) -> Made {
    let count = 1 + stream.below(40);
    let span = 1 + stream.below(1_500_000);
    let longest = 1 + stream.below(400_000);
    let runs = stream.chance(0.5);
    let mut ready: Vec<u64> = (0..count).map(|_| stream.below(span)).collect();
    ready.sort_unstable();
    let job = |(row, ready): (usize, u64)| Arrival {
        row: row as u32,
        enter: Time::from_ms(ready),
        ready: Time::from_ms(ready),
        recorded_start: None,
        duration: Span::from_ms(stream.below(longest)),
        patience: stream.chance(0.1).then(|| Span::from_ms(stream.below(90_000))),
        gap: Span::ZERO,
        run: runs.then(|| greenroom_scheduler::id::RunId(stream.below(count) as u32)),
        predecessors: 0,
        has_successors: false,
        conclusion: Conclusion::Success,
        forge: Forge::Cloud,
        trigger: Trigger::Push,
        class: Name(stream.below(2) as u32 + 1),
        team: Name::NONE,
        repository: Name::NONE,
        workflow: Name::NONE,
        job: Name::NONE,
        group: Name::NONE,
        size: None,
    };
    Made { jobs: ready.into_iter().enumerate().map(job).collect(), next: 0 }
}

impl Arrivals for Made {
    type Error = TraceError;

    fn peek(&mut self) -> Result<Option<Time>, TraceError> {
        Ok(self.jobs.get(self.next).map(|job| job.enter))
    }

    fn take(&mut self) -> Arrival {
        self.next += 1;
        self.jobs[self.next - 1]
    }

    fn needs(&self) -> &[u32] {
        &[]
    }

    fn text(&self, name: Name) -> &'static str {
        ["", "small", "large"][name.0 as usize]
    }
}

fn bounds(scene: &Scene, mut arrivals: impl Arrivals<Error = TraceError>) -> Bounds {
    let mut gather = Gather::new(scene.plan());
    while arrivals.peek().unwrap().is_some() {
        let job = arrivals.take();
        gather.take(&job, arrivals.needs(), |name| arrivals.text(name));
    }
    gather.finish()
}

/// The charge of each node is rounded to the micro-dollar.
fn is_beaten(summary: &Summary, bounds: &Bounds, told: &str) {
    let rounding = 0.5e-6 * summary.nodes.launched as f64 + 1e-9;
    let cost = summary.cost_usd.spot + summary.cost_usd.on_demand;
    for wait_value in WAIT_VALUES {
        let least = bounds.lower(wait_value).unwrap().total_usd();
        let had = cost + wait_value * summary.critical_path_queue_s / 3600.0;
        assert!(had + rounding >= least, "{told} at {wait_value}: {had} beats {least}");
        let classes = bounds.by_class(wait_value);
        for group in &summary.by_class {
            let Some(class) = classes.iter().find(|class| class.name == group.name) else {
                continue;
            };
            let (Some(lower), Some(queue_s)) = (class.lower, group.queue_s) else { continue };
            let cost = group.cost_usd.spot + group.cost_usd.on_demand;
            let had = cost + wait_value * queue_s.mean * group.jobs.arrived as f64 / 3600.0;
            let least = lower.total_usd();
            assert!(
                had + rounding >= least,
                "{told}, {} at {wait_value}: {had} {least}",
                group.name
            );
        }
    }
}

#[test]
fn no_policy_beats_the_bound_in_the_idealised_world() {
    for nth in 0..2_000 {
        let stream = &mut stream(nth);
        let made = made(stream);
        let policy = match stream.below(3) {
            0 => vec![
                "policy.name=\"fixed\"".to_owned(),
                format!("policy.fixed.runners={}", 1 + stream.below(12)),
            ],
            1 => vec![format!("policy.reactive.keep_alive_s={}", stream.below(600))],
            _ => vec![format!("pool.small.max={}", 1 + stream.below(3))],
        };
        let boot = format!("one_slot.boot_s={}", stream.below(120));
        let dispatch = format!("one_slot.dispatch_s={}", stream.below(10));
        let settings: Vec<&str> = ["world=\"one-slot\"", &boot, &dispatch]
            .into_iter()
            .chain(policy.iter().map(String::as_str))
            .collect();
        let scene = Scene::new(&[], &settings);
        let summary = scene.play(made.clone());
        is_beaten(&summary, &bounds(&scene, made), &format!("world {nth} {settings:?}"));
    }
}

/// Spot and on-demand, prices that move, nodes of one or of many places, odd sizes.
const EKS: [&[&str]; 6] = [
    &[],
    &["policy.name=\"fixed\""],
    &["pool.linux-small.capacity=[\"on-demand\"]", "pool.linux-large.capacity=[\"on-demand\"]"],
    &["spot.market.price=\"process\"", "spot.market.price_log_deviation=0.5"],
    &["pool.linux-medium.requests={cpu=7,memory=\"9GiB\"}", "node.cpu_max=64"],
    &["pool.linux-small.pods_per_node_max=1", "pool.linux-small.max=4", "node.cpu_max=8"],
];

#[test]
fn no_policy_beats_the_bound_in_the_eks_world() {
    for seed in 1..=24 {
        let settings = EKS[seed as usize % EKS.len()];
        let feed = || {
            let preset = Spec::named("default", seed).unwrap();
            Feed::of_generator(Generator::new(Spec { jobs: 400, ..preset }).unwrap())
        };
        let scene = Scene::new(&[], settings);
        let summary = scene.play(feed());
        is_beaten(&summary, &bounds(&scene, feed()), &format!("seed {seed} {settings:?}"));
    }
}

/// Real runs with predecessors.
#[test]
fn reactive_on_a_real_project_does_not_beat_the_bound() {
    let (Some(jobs), Some(classes)) =
        (real("traces/bitcoin-core/jobs.csv.gz"), real("traces/bitcoin-core/runner_classes.csv"))
    else {
        return;
    };
    let feed = || {
        let options = ReadOptions { classes: Some(classes.clone()), ..ReadOptions::default() };
        Feed::of_trace(Trace::open(&[Source::new(&jobs)], &options).unwrap(), 1.0)
    };
    let scene = Scene::new(&[], &[]);
    let summary = scene.play(feed());
    is_beaten(&summary, &bounds(&scene, feed()), "bitcoin-core");
}
