//! What the figures of a trace are, against measurement, brute force and closed forms.

use crate::world::data;
use expect_test::expect;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use greenroom_traces::generate::{Generator, Spec};
use greenroom_traces::stats::{Figures, Fold, Statistics};
use greenroom_traces::{Names, ReadOptions, Source, Trace};
use proptest::prelude::*;

fn job(ready_ms: u64, duration_ms: u64) -> Arrival {
    Arrival {
        row: 0,
        enter: Time::from_ms(ready_ms),
        ready: Time::from_ms(ready_ms),
        recorded_start: None,
        duration: Span::from_ms(duration_ms),
        patience: None,
        gap: Span::ZERO,
        run: None,
        predecessors: 0,
        has_successors: false,
        conclusion: Conclusion::Success,
        forge: Forge::Cloud,
        trigger: Trigger::Push,
        class: Name::NONE,
        team: Name::NONE,
        repository: Name::NONE,
        workflow: Name::NONE,
        job: Name::NONE,
        group: Name::NONE,
        size: None,
    }
}

fn statistics(jobs: &[Arrival]) -> Statistics {
    let mut fold = Fold::default();
    for job in jobs {
        fold.add(job);
    }
    fold.finish(&Names::default())
}

fn pool(name: &str) -> Option<Figures> {
    let path = data(&format!("traces/firefox-ci/{name}.csv.gz"))?;
    let mut trace = Trace::open(&[Source::new(path)], &ReadOptions::default()).unwrap();
    let mut fold = Fold::default();
    for arrival in trace.by_ref() {
        fold.add(&arrival.unwrap());
    }
    let statistics = fold.finish(trace.names());
    assert_eq!(statistics.by_class.len(), 1);
    assert_eq!(statistics.by_class[0].name, name);
    assert_eq!(statistics.by_class[0].figures, statistics.all);
    Some(statistics.all)
}

/// Jobs, peak, z, dispersion, quantiles and fit, rounded as tables print them.
fn line(figures: &Figures) -> String {
    let round = |value: Option<f64>| format!("{:.0}", value.unwrap());
    format!(
        "{} jobs, {:.2} days, at once {} peak {}, z {}, IDC {}/{}/{}, {}/{}/{} s, {:.2} {:.2}",
        figures.jobs,
        figures.span_s / 86_400.0,
        round(figures.concurrency.mean),
        figures.concurrency.peak,
        round(figures.peakedness_z),
        round(figures.idc.one_minute),
        round(figures.idc.ten_minutes),
        round(figures.idc.one_hour),
        round(figures.duration_s.p50),
        round(figures.duration_s.p90),
        round(figures.duration_s.p99),
        figures.duration_s.lognormal_mu.unwrap(),
        figures.duration_s.lognormal_sigma.unwrap(),
    )
}

#[test]
fn the_pools_of_firefox_have_their_published_figures() {
    if let Some(figures) = pool("gecko-t-t-linux-large") {
        expect!["106233 jobs, 4.63 days, at once 324 peak 1815, z 217, IDC 121/205/408, 1177/1820/3260 s, 6.97 0.58"].assert_eq(&line(&figures));
    }
    if let Some(figures) = pool("mobile-3-b-linux-large") {
        expect!["5254 jobs, 3.77 days, at once 7 peak 267, z 51, IDC 91/100/203, 191/1440/2402 s, 5.46 1.16"].assert_eq(&line(&figures));
    }
    if let Some(figures) = pool("gecko-3-b-linux") {
        expect!["36511 jobs, 4.62 days, at once 61 peak 495, z 55, IDC 38/199/499, 259/1787/3434 s, 5.92 1.07"].assert_eq(&line(&figures));
    }
}

/// The definitions, as directly as they can be written, with every instant looked at.
fn by_hand(jobs: &[Arrival]) -> (f64, u64, f64, f64) {
    let at = |time: u64| {
        let runs = |job: &&Arrival| {
            let start = job.ready.as_ms();
            job.patience.is_none() && start <= time && time < start + job.duration.as_ms()
        };
        jobs.iter().filter(runs).count() as u64
    };
    let first = jobs.iter().map(|job| job.ready.as_ms()).min().unwrap();
    let last = jobs.iter().map(|job| job.ready.as_ms()).max().unwrap();
    let span = (last - first) as f64;
    let peak = (first..=last).map(at).max().unwrap();
    let mean = (first..last).map(at).sum::<u64>() as f64 / span;
    let square = (first..last).map(|time| at(time).pow(2)).sum::<u64>() as f64 / span;
    (mean, peak, (square - mean * mean) / mean, span)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn concurrency_is_that_of_every_instant(
        mut rows in prop::collection::vec((0_u64..200, 0_u64..60, 0_u64..80, prop::bool::weighted(0.1)), 2..30),
    ) {
        rows.sort_unstable();
        let jobs: Vec<Arrival> = rows.iter().map(|&(enter, later, duration, gives_up)| Arrival {
            ready: Time::from_ms(enter + later),
            patience: gives_up.then_some(Span::from_ms(5)),
            ..job(enter, duration)
        }).collect();
        let (mean, peak, z, span) = by_hand(&jobs);
        prop_assume!(span > 0.0 && mean > 0.0);
        let figures = statistics(&jobs).all;
        prop_assert_eq!(figures.concurrency.peak, peak);
        prop_assert!((figures.concurrency.mean.unwrap() - mean).abs() < 1e-9);
        prop_assert!((figures.peakedness_z.unwrap() - z).abs() < 1e-9);
        prop_assert!((figures.span_s - span / 1000.0).abs() < 1e-9);
    }

    #[test]
    fn classes_together_are_the_whole(seed: u64, jobs in 1_u32..2_000) {
        let spec = Spec { jobs, ..Spec::named("default", seed).unwrap() };
        let mut generator = Generator::new(spec).unwrap();
        let mut fold = Fold::default();
        let mut busy_s = 0.0;
        for arrival in generator.by_ref() {
            busy_s += arrival.duration.as_secs_f64();
            fold.add(&arrival);
        }
        let statistics = fold.finish(generator.names());
        let sum: u64 = statistics.by_class.iter().map(|class| class.figures.jobs).sum();
        prop_assert_eq!(sum, u64::from(jobs));
        prop_assert_eq!(statistics.all.jobs, u64::from(jobs));
        if let Some(mean) = statistics.all.concurrency.mean {
            // What runs beyond the last arrival is no part of the span.
            prop_assert!(mean * statistics.all.span_s <= busy_s * (1.0 + 1e-9));
        }
    }
}

#[test]
fn poisson_arrivals_have_a_peakedness_and_a_dispersion_of_one() {
    // 200,000 jobs, one a second on average, of 100 s each; the generator of the test is its own.
    let mut state = 1_u64;
    let mut unit = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (((state >> 33) as f64) + 0.5) / f64::from(1_u32 << 31)
    };
    let mut now = 0.0;
    let jobs: Vec<Arrival> = (0..200_000)
        .map(|_| {
            now += -unit().ln() * 1000.0;
            job(now as u64, 100_000)
        })
        .collect();
    let figures = statistics(&jobs).all;
    // Five standard errors: of a mean over 2,000 independent stretches of 100 s, and of variances.
    assert!((figures.concurrency.mean.unwrap() - 100.0).abs() < 5.0 * 10.0 / 2_000_f64.sqrt());
    assert!((figures.peakedness_z.unwrap() - 1.0).abs() < 5.0 * (2.0 / 2_000_f64).sqrt());
    assert!((figures.idc.one_minute.unwrap() - 1.0).abs() < 5.0 * (2.0 / 3_333_f64).sqrt());
}

#[test]
fn batches_have_the_peakedness_of_their_size() {
    // Batches of ten at whole multiples of 1,000 s that all end before the next: half of the time
    // ten run, half of the time none. Mean 5, variance 25.
    let jobs: Vec<Arrival> = (0..1_001)
        .flat_map(|batch| (0..10).map(move |_| job(batch * 1_000_000, 500_000)))
        .collect();
    let figures = statistics(&jobs).all;
    assert_eq!(figures.concurrency.mean, Some(5.0));
    assert_eq!(figures.concurrency.peak, 10);
    assert_eq!(figures.peakedness_z, Some(5.0));
    assert_eq!(figures.duration_s.lognormal_sigma, Some(0.0));
    assert_eq!(figures.duration_s.p50, Some(500.0));
}

#[test]
fn windows_follow_one_another_from_the_first_job_to_the_last() {
    // Counts by minute from the first job on: 4, 0, 2, 0, 1; mean 7/5, mean square 21/5.
    let jobs = [130_000, 130_000, 140_000, 189_999, 250_000, 309_999, 370_000].map(|ms| job(ms, 1));
    let idc = statistics(&jobs).all.idc;
    assert!((idc.one_minute.unwrap() - (4.2 - 1.96) / 1.4).abs() < 1e-12);
    assert_eq!((idc.ten_minutes, idc.one_hour), (None, None));
}

#[test]
fn too_few_jobs_give_no_figures_instead_of_wrong_ones() {
    let json = |jobs: &[Arrival]| serde_json::to_string_pretty(&statistics(jobs)).unwrap();
    expect![[r#"
        {
          "jobs": 0,
          "span_s": 0.0,
          "concurrency": {
            "mean": null,
            "peak": 0
          },
          "peakedness_z": null,
          "idc": {
            "1m": null,
            "10m": null,
            "1h": null
          },
          "duration_s": {
            "p50": null,
            "p90": null,
            "p99": null,
            "lognormal_mu": null,
            "lognormal_sigma": null
          },
          "known_ahead_share": null,
          "quantiles": "exact",
          "by_class": []
        }"#]]
    .assert_eq(&json(&[]));
    expect![[r#"
        {
          "jobs": 1,
          "span_s": 0.0,
          "concurrency": {
            "mean": null,
            "peak": 1
          },
          "peakedness_z": null,
          "idc": {
            "1m": null,
            "10m": null,
            "1h": null
          },
          "duration_s": {
            "p50": 1.5,
            "p90": 1.5,
            "p99": 1.5,
            "lognormal_mu": 0.4054651081081644,
            "lognormal_sigma": 0.0
          },
          "known_ahead_share": 0.0,
          "quantiles": "exact",
          "by_class": [
            {
              "name": "",
              "jobs": 1,
              "span_s": 0.0,
              "concurrency": {
                "mean": null,
                "peak": 1
              },
              "peakedness_z": null,
              "idc": {
                "1m": null,
                "10m": null,
                "1h": null
              },
              "duration_s": {
                "p50": 1.5,
                "p90": 1.5,
                "p99": 1.5,
                "lognormal_mu": 0.4054651081081644,
                "lognormal_sigma": 0.0
              },
              "known_ahead_share": 0.0
            }
          ]
        }"#]]
    .assert_eq(&json(&[job(0, 1500)]));
}

#[test]
fn the_table_reads_well() {
    let mut generator = Generator::new(Spec::named("default", 1).unwrap()).unwrap();
    let mut fold = Fold::default();
    for arrival in generator.by_ref() {
        fold.add(&arrival);
    }
    expect![[r#"
        class          jobs  span  at once  peak    z  IDC 1m  10m   1h     p50     p90     p99   mu, sigma  known ahead
        linux-arm      1148  9.5d      0.9    10  1.9     1.5  2.0  3.4   4m56s  28m36s   1h06m  5.82, 1.14          73%
        linux-gpu       201  9.2d      0.5     5  1.4     1.2  1.2  1.5  20m30s   1h09m   3h16m  7.20, 0.83          89%
        linux-large    2484  9.5d      3.7    21  4.3     2.4  4.0  7.4  16m20s  38m46s   1h08m  6.89, 0.69          66%
        linux-medium   5212  9.5d      2.9    29  5.0     4.7  7.6   14   3m31s  17m45s   1h00m  5.39, 1.20          66%
        linux-small   10955  9.6d      1.8    38  6.7     6.6   13   27   1m47s   4m22s   9m23s  4.66, 0.75          57%
        all           20000  9.6d      9.7    85   12      13   24   49   2m33s  17m26s  54m20s  5.22, 1.19          62%

        at once, peak: running jobs if each started when it was ready. z: variance of that number
        divided by its mean, 1 for Poisson arrivals. IDC: the same for the jobs that become ready in a
        minute, ten minutes, an hour. mu, sigma: of the natural logarithm of the duration in seconds.
        known ahead: jobs that need another one or come by timetable.
    "#]].assert_eq(&fold.finish(generator.names()).to_string());
}
