//! Closed forms of servers that have to boot, under the reactive policy.
//!
//! Of the published laws, these are the ones that the policy obeys: a node is launched for a job
//! that finds none free, launches are not cancelled, and every boot takes the same time. The forms
//! for exponential boots that are cancelled when a server frees (M/M/k/setup, M/M/inf/setup of
//! Gandhi, Harchol-Balter and Adan 2010) describe another policy and other boots, so they are
//! compared with where the two agree: with one server, where there is a form for any law of boots.

use crate::closed_forms::{UNIT_MS, at, poisson, span, stream, wait};
use crate::listed::{Job, ideal, play, play_into};
use crate::replicated::{assert_inside, replicate};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;

/// A boot that takes so many units; empty nodes are given back at once.
fn booting(units: f64, more: &[&str]) -> greenroom_sim::run::Plan {
    let boot_s = units * UNIT_MS / 1_000.0;
    let mut settings = vec![
        "policy.name=\"reactive\"".to_owned(),
        "policy.reactive.keep_alive_s=0".to_owned(),
        format!("one_slot.boot_s={boot_s}"),
    ];
    settings.extend(more.iter().map(|set| (*set).to_owned()));
    ideal(&settings)
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
