//! A FIFO queue before c servers, against the recursion of Kiefer and Wolfowitz (On the theory of
//! queues with many servers, 1955): the same draws must give the same start of every job, to the
//! millisecond. No statistics are needed where equality can be had.

use crate::listed::{Job, play, servers};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::random::{Purpose, Stream, Streams};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// When each job starts: the one that comes next takes the server that is free first.
fn kiefer_wolfowitz(jobs: &[Job], servers: u32) -> Vec<Option<Time>> {
    let mut free_at: BinaryHeap<_> = (0..servers).map(|_| Reverse(Time::ZERO)).collect();
    let start = |job: &Job| {
        let Reverse(free) = free_at.pop().unwrap();
        let start = free.max(job.ready);
        free_at.push(Reverse(start + job.duration));
        Some(start)
    };
    jobs.iter().map(start).collect()
}

/// Laws of service, each with mean 1.
#[derive(Clone, Copy, Debug)]
enum Service {
    Exponential,
    /// With a squared coefficient of variation of 19, the heaviest of the published comparison.
    Lognormal,
    Deterministic,
}

impl Service {
    fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Self::Exponential => stream.exponential(),
            Self::Lognormal => {
                let sigma_squared = 20.0_f64.ln();
                (sigma_squared.sqrt() * stream.normal() - sigma_squared / 2.0).exp()
            }
            Self::Deterministic => 1.0,
        }
    }
}

/// Jobs of a Poisson stream that loads so many servers to `rho`. `unit`: the mean service.
fn jobs(service: Service, servers: u32, rho: f64, unit: Span, count: usize) -> Vec<Job> {
    let mut stream = Streams::new(7).stream(Purpose::Generator, u64::from(servers));
    let unit_s = unit.as_secs_f64();
    let mut at_s = 0.0;
    (0..count)
        .map(|_| {
            at_s += stream.exponential() * unit_s / (rho * f64::from(servers));
            let duration = Span::from_secs_f64(service.draw(&mut stream) * unit_s);
            Job { ready: Time::ZERO + Span::from_secs_f64(at_s), duration, patience: None }
        })
        .collect()
}

fn equal_job_by_job(jobs: &[Job], count: u32) {
    let expected = kiefer_wolfowitz(jobs, count);
    let fates = play(&servers(count), jobs);
    for (row, (job, start)) in jobs.iter().zip(&expected).enumerate() {
        assert_eq!(fates.started[row], *start, "job {row} of {count} servers");
        assert_eq!(fates.ended[row], start.map(|start| start + job.duration), "job {row}");
    }
    assert_eq!(fates.started.len(), expected.len());
}

#[test]
fn every_job_starts_when_the_recursion_says() {
    for service in [Service::Exponential, Service::Lognormal, Service::Deterministic] {
        for servers in [1, 2, 10, 100] {
            for rho in [0.5, 0.9, 0.98] {
                let jobs = jobs(service, servers, rho, Span::from_secs(300), 10_000);
                equal_job_by_job(&jobs, servers);
                // So many waited that equality says something.
                let waited = kiefer_wolfowitz(&jobs, servers);
                let waited = waited.iter().zip(&jobs).filter(|(s, job)| **s != Some(job.ready));
                assert!(rho < 0.98 || waited.count() > 500, "{service:?}, {servers}, {rho}");
            }
        }
    }
}

#[test]
fn it_does_when_much_happens_in_one_millisecond() {
    // A mean service of 5 ms: arrivals, ends and starts fall together all the time.
    for servers in [1, 2, 10, 100] {
        equal_job_by_job(
            &jobs(Service::Exponential, servers, 0.95, Span::from_ms(5), 4_000),
            servers,
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_does_for_any_jobs(
        pairs in prop::collection::vec((0..30_u64, 0..60_u64), 1..200),
        servers in 1..8_u32,
    ) {
        let mut at = Time::ZERO;
        let jobs: Vec<Job> = pairs
            .into_iter()
            .map(|(gap, duration)| {
                at += Span::from_ms(gap);
                Job { ready: at, duration: Span::from_ms(duration), patience: None }
            })
            .collect();
        equal_job_by_job(&jobs, servers);
    }
}
