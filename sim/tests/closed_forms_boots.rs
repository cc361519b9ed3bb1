//! Closed forms of servers that have to boot, under the reactive policy.
//!
//! A node is launched for a job that finds none free, and given back when it is idle. Where boots
//! are exponential and launches are cancelled as soon as a server frees for their job, this is
//! M/M/k/setup (Gandhi, Harchol-Balter and Adan 2010); other laws hold for fixed boots.

use crate::closed_forms::{UNIT_MS, at, poisson, span, stream, wait};
use crate::listed::{Job, ideal_of, play, play_into};
use crate::replicated::{assert_inside, replicate};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;

/// A boot that takes so many units; empty nodes are given back at once.
fn booting(units: f64, more: &[&str]) -> greenroom_sim::run::Plan {
    boots(&format!("one_slot.boot_s={}", units * UNIT_MS / 1_000.0), more, 0)
}

/// Exponential boots at rate `alpha`, cancelled when a server frees for the job that they are for.
fn memoryless(alpha: f64, more: &[&str], nth: u64) -> greenroom_sim::run::Plan {
    let boot = format!("one_slot.boot={{ mean_s = {} }}", UNIT_MS / 1_000.0 / alpha);
    boots(&boot, &[more, &["policy.reactive.cancel_launches=true"]].concat(), nth)
}

fn boots(boot: &str, more: &[&str], nth: u64) -> greenroom_sim::run::Plan {
    let mut settings = vec![
        "policy.name=\"reactive\"".to_owned(),
        "policy.reactive.keep_alive_s=0".to_owned(),
        boot.to_owned(),
    ];
    settings.extend(more.iter().map(|set| (*set).to_owned()));
    ideal_of(&settings, nth)
}

/// How many nodes are on order, as each job sees it at its arrival.
#[derive(Default)]
struct Orders {
    now: i64,
    seen: Vec<i64>,
}

impl Sink for &mut Orders {
    fn entry(&mut self, _: Time, entry: Entry<'_>) {
        match entry {
            Entry::Fact(Fact::JobReady { .. }) => self.seen.push(self.now),
            Entry::Fact(Fact::NodeClaimed { .. }) => self.now += 1,
            Entry::Fact(Fact::NodeReady { .. }) => self.now -= 1,
            _ => {}
        }
    }
}

/// The warm pool of ephemeral runners: each arrival takes a ready runner and orders a replacement
/// that takes L. Whatever the size S of the pool, each arrival is one order, so orders outstanding
/// are Poisson(rate L) (Palm; as (S-1, S) inventory: Feeney and Sherbrooke 1966), and a job is cold
/// when it finds S or more: P(cold) = P(N >= S), and the mean wait is E[(N - S)+] / rate.
///
/// Here jobs outlast the run, so that no node frees and every arrival orders one. What each sees
/// outstanding at its arrival is what it would see of a pool, and decides for each S at once.
#[test]
fn orders_outstanding_are_poisson() {
    // Mean number on order, pool, P(cold), mean wait in L.
    let rows: [(f64, i64, f64, Option<f64>); 5] = [
        (5.0, 8, 0.133_371_67, Some(0.024_421_86)),
        (30.0, 40, 0.046_253_04, Some(0.003_173_61)),
        (30.0, 45, 0.006_268_61, None),
        (100.0, 120, 0.028_230_39, Some(0.001_027_20)),
        (100.0, 130, 0.002_282_09, None),
    ];
    for on_order in [5.0, 30.0, 100.0] {
        let count = 8_000;
        let seen = replicate(|nth| {
            let mut stream = stream(nth);
            let (mut now, outlast) = (0.0, span(f64::from(count)));
            let job = |_| {
                now += stream.exponential() / on_order;
                Job { ready: at(now), duration: outlast, patience: None }
            };
            let jobs: Vec<Job> = (0..count).map(job).collect();
            let mut orders = Orders::default();
            play_into(&booting(1.0, &[]), &jobs, &mut orders);
            // The first boot's time is the whole memory of the process.
            orders.seen.split_off(2 * on_order as usize)
        });
        for (_, pool, p_cold, mean) in rows.into_iter().filter(|row| row.0 == on_order) {
            let measured: Vec<[f64; 2]> = seen
                .iter()
                .map(|seen| {
                    let all = seen.len() as f64;
                    let cold = seen.iter().filter(|orders| **orders >= pool).count() as f64;
                    let short: i64 = seen.iter().map(|orders| (orders - pool).max(0)).sum();
                    [cold / all, short as f64 / all / on_order]
                })
                .collect();
            let what = format!("{on_order} on order, pool of {pool}");
            if let Some(mean) = mean {
                let expected = [("P(cold)", p_cold), ("mean wait", mean)];
                assert_inside(&what, &measured, expected, 0.6);
            } else {
                let cold: Vec<[f64; 1]> = measured.iter().map(|[cold, _]| [*cold]).collect();
                assert_inside(&what, &cold, [("P(cold)", p_cold)], 1.0);
            }
        }
    }
}

/// One server that is given up when idle and boots for the job that finds none: M/M/1 with a setup.
/// The time in system of M/M/1 and the delay by the setup add up (Welch 1964; Levy and Kleinrock
/// 1986): E[T] = 1/(1 - rate) + (2 E[D] + rate E[D^2]) / (2 (1 + rate E[D])). With an exponential
/// boot the second term is the published 1/alpha; with a fixed one D it is the one below.
#[test]
fn one_server_with_a_setup() {
    for (rate, boot, width_max) in [(0.5, 10.0, 0.05), (0.7, 0.5, 0.1), (0.8, 2.0, 0.1)] {
        let extra = (2.0 * boot + rate * boot * boot) / (2.0 * (1.0 + rate * boot));
        let expected = 1.0 / (1.0 - rate) - 1.0 + extra;
        let plan = booting(boot, &["pool.default.max=1", "pool.default.nodes_max=1"]);
        let measured = replicate(|nth| {
            let jobs = poisson(nth, rate, 12_000, |_| None);
            let fates = play(&plan, &jobs);
            let waits = jobs.iter().zip(&fates.started).skip(2_000);
            let waits: Vec<f64> = waits.map(|(job, at)| wait(job, *at).unwrap()).collect();
            [waits.iter().sum::<f64>() / waits.len() as f64]
        });
        let what = format!("M/M/1/setup at {rate}, boot {boot}");
        assert_inside(&what, &measured, [("mean wait", expected)], width_max);
    }
}

/// The mean wait in each of 40 replications, the first fifth of the jobs left out.
fn mean_waits(alpha: f64, more: &[&str], rate: f64, jobs: usize) -> Vec<[f64; 1]> {
    replicate(|nth| {
        let listed = poisson(nth, rate, jobs, |_| None);
        let fates = play(&memoryless(alpha, more, nth), &listed);
        let waits = listed.iter().zip(&fates.started).skip(jobs / 5);
        let waits: Vec<f64> = waits.map(|(job, at)| wait(job, *at).unwrap()).collect();
        [waits.iter().sum::<f64>() / waits.len() as f64]
    })
}

/// M/M/k/setup: k servers that are given up when idle, exponential boots at rate alpha, one for
/// each job that waits (k at most), cancelled when a server frees for it. The values come from the
/// Markov chain of (busy, waiting), solved apart from this code.
#[test]
fn servers_with_setups_that_are_cancelled() {
    // Servers, load, alpha, mean wait, and the widest interval.
    let rows = [
        (10, 0.3, 0.1, 1.604_793, 0.05),
        (10, 0.5, 0.1, 1.663_350, 0.05),
        (10, 0.7, 0.1, 2.050_571, 0.06),
        (10, 0.9, 0.1, 3.234_069, 0.15),
        (10, 0.5, 1.0, 0.341_113, 0.05),
        (10, 0.9, 1.0, 1.041_633, 0.2),
        (20, 0.5, 0.1, 0.983_105, 0.05),
        (20, 0.9, 0.1, 1.939_143, 0.15),
    ];
    for (count, rho, alpha, expected, width_max) in rows {
        let max = format!("pool.default.max={count}");
        let more = [max.as_str(), &max.replace("max", "nodes_max")];
        let measured = mean_waits(alpha, &more, rho * f64::from(count), 12_000);
        let what = format!("M/M/{count}/setup at {rho}, boots at {alpha}");
        assert_inside(&what, &measured, [("mean wait", expected)], width_max);
    }
}

/// The same without a limit: M/M/inf/setup.
#[test]
fn servers_for_all_with_setups_that_are_cancelled() {
    for (rate, alpha, expected) in [(5.0, 0.1, 1.085_661), (20.0, 0.1, 0.553_544)] {
        let measured = mean_waits(alpha, &[], rate, 12_000);
        let what = format!("M/M/inf/setup at {rate}, boots at {alpha}");
        assert_inside(&what, &measured, [("mean wait", expected)], 0.08);
    }
}

/// With one server the boot adds its mean to the wait of M/M/1.
#[test]
fn one_server_with_a_setup_that_is_cancelled() {
    for (rate, alpha) in [(0.5, 0.2), (0.7, 1.0)] {
        let more = ["pool.default.max=1", "pool.default.nodes_max=1"];
        let measured = mean_waits(alpha, &more, rate, 16_000);
        let expected = 1.0 / (1.0 - rate) - 1.0 + 1.0 / alpha;
        let what = format!("M/M/1/setup at {rate}, boots at {alpha}");
        assert_inside(&what, &measured, [("mean wait", expected)], 0.1);
    }
}
