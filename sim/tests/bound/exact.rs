//! On worlds small enough to try everything.

use super::brute::{Job, best};
use super::{USD_PER_HOUR, least, stream, work};
use greenroom_sim::bound::{UnitPrices, Works, zero_wait};

const WORLDS: u64 = 3_000;

/// One to six jobs, sparse or dense, on nodes that boot faster or slower than jobs come.
fn world(nth: u64) -> (Vec<Job>, u64) {
    let mut stream = stream(nth);
    let span = 1 + stream.below(60);
    let longest = 1 + stream.below(40);
    let count = 1 + stream.below(6);
    let mut jobs: Vec<Job> =
        (0..count).map(|_| (stream.below(span), 1 + stream.below(longest))).collect();
    jobs.sort_unstable();
    (jobs, stream.below(30))
}

fn bound(jobs: &[Job], boot: u64, wait_value: f64) -> f64 {
    let works = Works::new(jobs.iter().map(|&(ready, busy)| work(ready, busy)).collect(), &[]);
    least(&works, boot, wait_value * USD_PER_HOUR)
}

fn is_close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * other.abs().max(1.0)
}

/// When nobody may wait, the bound is the cost of a schedule; so is the zero-wait optimum.
#[test]
fn without_waiting_the_bound_is_the_best_schedule() {
    for nth in 0..WORLDS {
        let (jobs, boot) = world(nth);
        let best = best(&jobs, boot, f64::INFINITY);
        let bound = bound(&jobs, boot, f64::INFINITY);
        assert!(is_close(bound, best), "world {nth}: {bound} against {best} of {jobs:?}, {boot}");
        let used = jobs.iter().map(|&(ready, busy)| (ready, busy, [0, 0, 0, 1]));
        let zero = zero_wait(used, &[UnitPrices::one_slot(USD_PER_HOUR)], boot as f64) * 1e6;
        assert!(is_close(zero, best), "world {nth}: {zero} against {best} of {jobs:?}, {boot}");
    }
}

/// When waiting costs nothing, one node does everything, one after the other.
#[test]
fn when_waiting_is_free_the_bound_is_the_best_schedule() {
    for nth in 0..WORLDS {
        let (jobs, boot) = world(nth);
        let (bound, best) = (bound(&jobs, boot, 0.0), best(&jobs, boot, 0.0));
        assert!(is_close(bound, best), "world {nth}: {bound} against {best} of {jobs:?}, {boot}");
    }
}

/// In between it is never above the best schedule, and near it.
#[test]
#[allow(clippy::print_stderr)]
fn in_between_nothing_beats_the_bound_and_it_is_near() {
    for wait_value in [0.5, 1.0, 2.0, 5.0, 25.0, 100.0, 375.0] {
        let mut gaps: Vec<f64> = (0..WORLDS)
            .map(|nth| {
                let (jobs, boot) = world(nth);
                let best = best(&jobs, boot, wait_value);
                let bound = bound(&jobs, boot, wait_value);
                assert!(bound <= best + 1e-6, "world {nth}: {bound} beaten by {best}: {jobs:?}");
                best / bound - 1.0
            })
            .collect();
        gaps.sort_by(f64::total_cmp);
        let mean = (gaps.iter().sum::<f64>() / gaps.len() as f64).max(0.0);
        let (p95, most) = (gaps[gaps.len() * 95 / 100], gaps[gaps.len() - 1]);
        eprintln!(
            "waiting at {wait_value} times a node's price: best over bound mean +{:.2} %, p95 \
             +{:.1} %, most +{:.1} %",
            mean * 100.0,
            p95 * 100.0,
            most * 100.0
        );
        let most_allowed = if wait_value <= 2.0 { 0.20 } else { 0.10 };
        assert!(mean <= most_allowed, "{wait_value}: {mean}");
    }
}
