//! The whole clockwork - queue, core, world, laws - against what queueing theory proves. Each value
//! must lie in a 99.9 % interval of 40 replications. The tables were computed by exact recursions or
//! linear algebra, apart from this code.

use crate::listed::{Job, play, servers};
use crate::replicated::{assert_inside, replicate};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::random::{Purpose, Stream, Streams};

/// The unit of time: the mean service. Rounding to milliseconds is then a millionth of it.
pub(crate) const UNIT_MS: f64 = 1_000_000.0;

pub(crate) fn at(units: f64) -> Time {
    Time::ZERO + span(units)
}

pub(crate) fn span(units: f64) -> Span {
    Span::from_ms((units * UNIT_MS).round() as u64)
}

/// How long after it was ready a job started, in units; `None` if it never did.
pub(crate) fn wait(job: &Job, started: Option<Time>) -> Option<f64> {
    started.map(|started| started.since(job.ready).as_ms() as f64 / UNIT_MS)
}

pub(crate) fn stream(nth: u64) -> Stream {
    Streams::new(20).replication(nth).stream(Purpose::Generator, 0)
}

/// Poisson arrivals at `rate` a unit, exponential service of mean 1, and whatever patience.
pub(crate) fn poisson(
    nth: u64,
    rate: f64,
    count: usize,
    patience: impl Fn(&mut Stream) -> Option<f64>,
) -> Vec<Job> {
    let mut stream = stream(nth);
    let mut now = 0.0;
    let job = |_| {
        now += stream.exponential() / rate;
        let duration = span(stream.exponential());
        Job { ready: at(now), duration, patience: patience(&mut stream).map(span) }
    };
    (0..count).map(job).collect()
}

/// Erlang C (Erlang 1917). The wait of those who wait is exponential with rate c(1 - rho), so its
/// tail is tested too: P(W > t) = C exp(-c(1 - rho)t).
#[test]
fn erlang_c() {
    // Servers, load, P(wait), mean wait; jobs a replication and the widest interval, since queues
    // near saturation forget slowly.
    let rows = [
        (1, 0.9, 0.9, 9.0, 40_000, 0.25),
        (10, 0.8, 0.409_180_150_8, 0.204_590_075_4, 40_000, 0.12),
        (10, 0.9, 0.668_731_524_1, 0.668_731_524_1, 60_000, 0.25),
        (100, 0.9, 0.216_940_480_9, 0.021_694_048_1, 60_000, 0.3),
    ];
    for (count, rho, p_wait, mean, jobs, width_max) in rows {
        let rate = rho * f64::from(count);
        let decay = f64::from(count) * (1.0 - rho);
        // Two means of the conditional wait.
        let far = 2.0 / decay;
        let measured = replicate(|nth| {
            let warm = jobs / 5;
            let jobs = poisson(nth, rate, jobs, |_| None);
            let fates = play(&servers(count), &jobs);
            let waits: Vec<f64> = jobs
                .iter()
                .zip(&fates.started)
                .skip(warm)
                .map(|(job, started)| wait(job, *started).unwrap())
                .collect();
            let share = |is: &dyn Fn(f64) -> bool| {
                waits.iter().filter(|wait| is(**wait)).count() as f64 / waits.len() as f64
            };
            let mean = waits.iter().sum::<f64>() / waits.len() as f64;
            [share(&|wait| wait > 0.0), mean, share(&|wait| wait > far)]
        });
        let tail = p_wait * (-2.0_f64).exp();
        let expected = [("P(wait)", p_wait), ("mean wait", mean), ("P(wait > far)", tail)];
        assert_inside(&format!("M/M/{count} at {rho}"), &measured, expected, width_max);
    }
}

/// Erlang A (Palm 1957): jobs are cancelled when they queue longer than an exponential patience of
/// the mean of the service, 100 servers.
#[test]
fn erlang_a() {
    let rows = [
        (90.0, 0.008_331_92, 0.158_220_99),
        (100.0, 0.039_861_00, 0.513_298_80),
        (110.0, 0.099_191_56, 0.841_721_33),
        (120.0, 0.167_692_96, 0.972_136_26),
    ];
    for (rate, p_abandon, p_wait) in rows {
        let measured = replicate(|nth| {
            let jobs = poisson(nth, rate, 12_000, |stream| Some(stream.exponential()));
            let fates = play(&servers(100), &jobs);
            let fates = jobs.iter().zip(&fates.started).skip(2_000);
            let (mut abandoned, mut waited, mut all) = (0.0, 0.0, 0.0);
            for (job, started) in fates {
                let wait = wait(job, *started);
                all += 1.0;
                abandoned += f64::from(u8::from(wait.is_none()));
                waited += f64::from(u8::from(wait != Some(0.0)));
            }
            [abandoned / all, waited / all]
        });
        let expected = [("P(abandon)", p_abandon), ("P(wait)", p_wait)];
        assert_inside(&format!("M/M/100+M at {rate}"), &measured, expected, 0.25);
    }
}

/// Eick, Massey and Whitt 1993, in the example of Feldman, Mandelbaum, Massey and Whitt 2008:
/// arrivals at rate 100 + 20 sin t. With servers for all the number in system is Poisson with mean
/// m(t) = 100 + 10 (sin t - cos t); so it is for any number of servers when patience is exponential
/// with the mean of the service, since then a job leaves at rate 1 wherever it is. Its variance is
/// its mean.
#[test]
fn load_that_varies_in_time() {
    const CYCLE: f64 = std::f64::consts::TAU;
    /// The first cycles forget the empty start (at exp(-t)).
    const CYCLES: u32 = 12;
    let m = |phase: f64| 100.0 + 10.0 * (phase.sin() - phase.cos());
    let names = ["at 0", "at 1/4", "at 1/2", "at 3/4"];
    for count in [100, 400] {
        let phases = [0.0, 0.25, 0.5, 0.75].map(|share| share * CYCLE);
        let measured = replicate(|nth| {
            let jobs = sinusoidal(nth, f64::from(CYCLES + 2) * CYCLE);
            let ended = play(&servers(count), &jobs).ended;
            phases.map(|phase| {
                let seen = (2..CYCLES + 2).map(|cycle| {
                    let now = at(f64::from(cycle) * CYCLE + phase);
                    let there = |(job, end): &(&Job, &Option<Time>)| {
                        job.ready <= now && end.is_none_or(|end| end > now)
                    };
                    jobs.iter().zip(&ended).filter(there).count() as f64
                });
                let seen: Vec<f64> = seen.collect();
                let mean = seen.iter().sum::<f64>() / f64::from(CYCLES);
                // About the known mean, so that the estimate is unbiased over few cycles.
                let squares = seen.iter().map(|seen| (seen - m(phase)).powi(2));
                [mean, squares.sum::<f64>() / f64::from(CYCLES)]
            })
        });
        let expected = std::array::from_fn(|nth| (names[nth], m(phases[nth])));
        let what = format!("jobs in the system of {count} servers");
        let of = |moment: usize| -> Vec<[f64; 4]> {
            measured.iter().map(|run| run.map(|moments| moments[moment])).collect()
        };
        assert_inside(&what, &of(0), expected, 0.03);
        // The deviation of a variance of 12 x 40 samples is 6.5 % of it.
        assert_inside(&format!("variance of {what}"), &of(1), expected, 0.3);
    }
}

/// Arrivals at rate 100 + 20 sin t by thinning (Lewis and Shedler 1979).
fn sinusoidal(nth: u64, until: f64) -> Vec<Job> {
    let mut stream = stream(nth);
    let (mut now, mut jobs) = (0.0, Vec::new());
    loop {
        now += stream.exponential() / 120.0;
        if now > until {
            return jobs;
        }
        if stream.chance((100.0 + 20.0 * f64::sin(now)) / 120.0) {
            let duration = span(stream.exponential());
            let patience = Some(span(stream.exponential()));
            jobs.push(Job { ready: at(now), duration, patience });
        }
    }
}
