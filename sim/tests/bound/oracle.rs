//! The optimum is not only a number: the policy `oracle` runs it.

use super::published::feed;
use super::stream;
use super::worlds::{Made, made};
use crate::whole::Scene;
use greenroom_reports::summary::Summary;
use greenroom_scheduler::time::Span;
use greenroom_sim::bound::{Gather, Oracle};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::run::Plan;
use greenroom_traces::TraceError;

/// Both passes before a run: what the optimum costs in USD, and what `oracle` is told. Answers how
/// much later everything has to come.
fn foresee(plan: &mut Plan, mut arrivals: impl Arrivals<Error = TraceError>) -> (f64, Span) {
    let (mut gather, mut oracle) = (Gather::new(plan), Oracle::new(plan));
    while arrivals.peek().unwrap().is_some() {
        let job = arrivals.take();
        gather.take(&job, arrivals.needs(), |name| arrivals.text(name));
        oracle.take(&job, |name| arrivals.text(name));
    }
    let zero_wait = gather.finish().zero_wait_usd().unwrap();
    let foreknown = oracle.finish().unwrap();
    let later_by = foreknown.later_by;
    plan.foreknown = Some(foreknown);
    (zero_wait, later_by)
}

fn waits_for_nothing_but_dispatch(summary: &Summary, dispatch_s: f64) {
    let queue = summary.queue_s.unwrap();
    assert!((queue.max - dispatch_s).abs() < 1e-9, "{queue:?}");
    assert!((queue.mean - dispatch_s).abs() < 1e-9, "{queue:?}");
}

/// On real pools it costs what the bound says, but for the rounding of each node's bill up to a
/// second, and every job starts after its dispatch.
#[test]
fn the_oracle_runs_the_optimum_of_three_pools() {
    for pool in ["gecko-t-t-linux-large", "gecko-3-b-linux", "mobile-3-b-linux-large"] {
        let (Some(first), Some(second)) = (feed(pool), feed(pool)) else { continue };
        let mut scene = Scene::new(&[], &["world=\"one-slot\"", "policy.name=\"oracle\""]);
        let (zero_wait, later_by) = foresee(scene.plan_mut(), first);
        // Who runs it has looked when the trace begins.
        let mut second = second;
        second.peek().unwrap();
        let summary = scene.play(second.later_by(later_by));
        let ratio = summary.cost_usd.total / zero_wait;
        assert!((0.999_999..1.001).contains(&ratio), "{pool}: {ratio}");
        waits_for_nothing_but_dispatch(&summary, 5.0);
    }
}

/// Two classes, bursts, ties, jobs that were given up: whole seconds, so that no bill is rounded.
#[test]
fn the_oracle_runs_the_optimum_of_many_small_worlds() {
    for nth in 0..500 {
        let stream = &mut stream(nth);
        let mut made: Made = made(stream);
        for job in &mut made.jobs {
            // From a minute on, so that there is time for the first boot.
            let whole = |ms: u64| Span::from_secs(ms / 1_000);
            job.enter = greenroom_scheduler::time::Time::ZERO
                + Span::from_secs(300)
                + whole(job.ready.as_ms());
            (job.ready, job.patience, job.duration) =
                (job.enter, None, whole(job.duration.as_ms()));
        }
        let boot_s = stream.below(120);
        let boot = format!("one_slot.boot_s={boot_s}");
        let mut scene = Scene::new(&[], &["world=\"one-slot\"", "policy.name=\"oracle\"", &boot]);
        let (zero_wait, later_by) = foresee(scene.plan_mut(), made.clone());
        assert_eq!(later_by, Span::ZERO);
        let summary = scene.play(made);
        let rounding = 0.5e-6 * summary.nodes.launched as f64 + 1e-9;
        let cost = summary.cost_usd.total;
        assert!((cost - zero_wait).abs() <= rounding, "world {nth}: {cost} against {zero_wait}");
        waits_for_nothing_but_dispatch(&summary, 5.0);
    }
}
