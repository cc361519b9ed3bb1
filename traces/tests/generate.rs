//! Laws of the generator.

use expect_test::expect;
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Trigger};
use greenroom_traces::generate::{EPOCH_MS, GenerateError, Generator, Preset, Spec, WEEK_H};
use greenroom_traces::stats::Fold;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

fn spec(preset: &str, jobs: u32, seed: u64) -> Spec {
    Spec { jobs, ..Spec::named(preset, seed).unwrap() }
}

/// Arrivals with the rows that they need.
fn all(spec: Spec) -> Vec<(Arrival, Vec<u32>)> {
    let mut generator = Generator::new(spec).unwrap();
    let mut rows = Vec::new();
    while let Some(arrival) = generator.next() {
        let needs = generator.predecessors(&arrival).to_vec();
        rows.push((arrival, needs));
    }
    rows
}

fn preset() -> impl Strategy<Value = &'static str> {
    prop::sample::select(Preset::all().iter().map(|preset| preset.name).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_are_sound(preset in preset(), jobs in 1_u32..3_000, seed: u64) {
        let rows = all(spec(preset, jobs, seed));
        prop_assert_eq!(rows.len(), jobs as usize);
        let mut needed = BTreeSet::new();
        for (place, (arrival, needs)) in rows.iter().enumerate() {
            prop_assert_eq!(arrival.row as usize, place);
            prop_assert_eq!(usize::from(arrival.predecessors), needs.len());
            prop_assert!(place == 0 || rows[place - 1].0.enter <= arrival.enter);
            prop_assert!(arrival.enter <= arrival.ready);
            prop_assert!(arrival.duration.as_ms() <= 6 * 3_600_000);
            let mut last_end = None;
            for &need in needs {
                prop_assert!(need < arrival.row);
                let other = &rows[need as usize].0;
                prop_assert_eq!(other.run, arrival.run);
                prop_assert_eq!(other.conclusion, Conclusion::Success);
                prop_assert!(other.enter <= arrival.enter);
                last_end = last_end.max(Some(other.ready + other.duration));
                needed.insert(need);
            }
            if let Some(end) = last_end {
                prop_assert_eq!(arrival.ready, end + arrival.gap);
            } else {
                prop_assert!(arrival.ready == arrival.enter && arrival.gap.is_zero());
            }
            if arrival.patience.is_some() {
                prop_assert!(arrival.duration.is_zero());
                prop_assert_eq!(arrival.conclusion, Conclusion::Cancelled);
            }
        }
        for (arrival, _) in &rows {
            prop_assert_eq!(arrival.has_successors, needed.contains(&arrival.row));
        }
    }

    #[test]
    fn a_longer_trace_begins_with_the_shorter(preset in preset(), jobs in 1_u32..500, seed: u64) {
        let short = all(spec(preset, jobs, seed));
        let long = all(spec(preset, jobs * 2, seed));
        for (a, b) in short.iter().zip(&long) {
            // The cut of the shorter one may take away successors.
            let same = Arrival { has_successors: a.0.has_successors, ..b.0 };
            prop_assert_eq!((&a.0, &a.1), (&same, &b.1));
        }
    }
}

#[test]
fn the_first_rows_of_the_default_never_change() {
    let mut text = String::new();
    let mut generator = Generator::new(spec("default", 12, 1)).unwrap();
    while let Some(arrival) = generator.next() {
        let names = generator.names();
        writeln!(
            text,
            "{} ready {} for {} {} {:?} {} {} / {} / {} needs {:?}",
            arrival.row,
            arrival.ready.as_ms(),
            arrival.duration.as_ms(),
            names.text(arrival.class),
            arrival.trigger,
            names.text(arrival.team),
            names.text(arrival.repository),
            names.text(arrival.workflow),
            names.text(arrival.job),
            generator.predecessors(&arrival),
        )
        .unwrap();
    }
    expect![[r#"
        0 ready 1767571239414 for 59076 linux-small Schedule team-01 example/repository-001 / nightly / nightly (1) needs []
        1 ready 1767571239414 for 75253 linux-medium Schedule team-01 example/repository-001 / nightly / nightly (2) needs []
        2 ready 1767571239414 for 14670 linux-small Schedule team-01 example/repository-001 / nightly / nightly (3) needs []
        3 ready 1767571239414 for 263191 linux-large Schedule team-01 example/repository-001 / nightly / nightly (4) needs []
        4 ready 1767571239414 for 15697 linux-medium Schedule team-01 example/repository-001 / nightly / nightly (5) needs []
        5 ready 1767571239414 for 45836 linux-small Schedule team-01 example/repository-001 / nightly / nightly (6) needs []
        6 ready 1767571924783 for 357919 linux-medium Other team-01 example/repository-019 / nightly / nightly (1) needs []
        7 ready 1767571924783 for 185275 linux-small Other team-01 example/repository-019 / nightly / nightly (2) needs []
        8 ready 1767571924783 for 171966 linux-small Other team-01 example/repository-019 / nightly / nightly (3) needs []
        9 ready 1767571924783 for 562053 linux-arm Other team-01 example/repository-019 / nightly / nightly (4) needs []
        10 ready 1767571924783 for 1457817 linux-large Other team-01 example/repository-019 / nightly / nightly (5) needs []
        11 ready 1767571924783 for 35063 linux-small Other team-01 example/repository-019 / nightly / nightly (6) needs []
    "#]].assert_eq(&text);
}

/// Enough for a mean to have a spread that means something.
const SEEDS: u64 = 30;

/// The mean of some samples and the standard error of that mean.
fn mean_and_error(samples: &[f64]) -> (f64, f64) {
    let count = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / count;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// Asserts that `expected` lies within four standard errors of the samples' mean, give or take a
/// share of itself for what the generator says that it neglects.
#[track_caller]
fn assert_near(what: &str, samples: &[f64], expected: f64, slack: f64) {
    let (mean, error) = mean_and_error(samples);
    let bound = 4.0 * error + slack * expected;
    assert!((mean - expected).abs() <= bound, "{what}: {mean} +- {error}, expected {expected}");
}

/// Jobs by hour of the first week, of a preset whose rate is scaled to about `jobs` a week.
fn first_week(preset: &Preset, jobs: f64, seed: u64, mut each: impl FnMut(&Arrival)) -> Vec<f64> {
    let weekly: f64 = preset.profile.jobs_per_hour().iter().sum();
    let rate_scale = jobs / weekly;
    let spec = Spec { preset: preset.clone(), jobs: u32::MAX, seed, rate_scale };
    let mut hours = vec![0.0; WEEK_H];
    for arrival in Generator::new(spec).unwrap() {
        let hour = (arrival.enter.as_ms() - EPOCH_MS) / 3_600_000;
        let Some(count) = hours.get_mut(hour as usize) else { break };
        *count += 1.0;
        each(&arrival);
    }
    hours
}

#[test]
fn every_preset_has_its_rate_its_week_and_its_mix_of_events() {
    const WEEKLY: f64 = 8_000.0;
    for preset in Preset::all() {
        let profile = preset.profile.jobs_per_hour();
        let expected: f64 = profile.iter().sum();
        let midnight = usize::from(preset.profile.midnight_utc_h);
        let (mut totals, mut peaks, mut nights, mut weekends) = (vec![], vec![], vec![], vec![]);
        let mut triggers: BTreeMap<Trigger, Vec<f64>> = BTreeMap::new();
        for seed in 0..SEEDS {
            let mut counts: BTreeMap<Trigger, f64> = BTreeMap::new();
            let hours = first_week(preset, WEEKLY, seed, |arrival| {
                *counts.entry(arrival.trigger).or_default() += 1.0;
            });
            let total: f64 = hours.iter().sum();
            let weekday = |hour: usize| -> f64 {
                (0..5).map(|day| hours[(day * 24 + hour + midnight) % WEEK_H]).sum()
            };
            totals.push(total);
            peaks.push(weekday(10));
            nights.push(weekday(2));
            weekends.push(hours[5 * 24 + midnight..].iter().sum());
            for trigger in
                [Trigger::Push, Trigger::PullRequest, Trigger::MergeGroup, Trigger::Schedule]
            {
                let share = counts.get(&trigger).copied().unwrap_or(0.0) / total;
                triggers.entry(trigger).or_default().push(share);
            }
        }
        let name = preset.name;
        let scale = WEEKLY / expected;
        let hour = |hour: usize| profile[(hour + midnight) % WEEK_H] * scale;
        let weekend: f64 = profile[5 * 24 + midnight..].iter().sum::<f64>() * scale;
        // Newer pushes cut a few runs short, and second pushes come an hour after the first.
        assert_near(&format!("{name}: week"), &totals, WEEKLY, 0.05);
        assert_near(&format!("{name}: busiest hour"), &peaks, 5.0 * hour(10), 0.10);
        assert_near(&format!("{name}: quietest hour"), &nights, 5.0 * hour(2), 0.15);
        assert_near(&format!("{name}: weekend"), &weekends, weekend, 0.15);
        let shares = &preset.triggers;
        for (trigger, share) in [
            (Trigger::Push, shares.push),
            (Trigger::PullRequest, shares.pull_request),
            (Trigger::MergeGroup, shares.merge_group),
            (Trigger::Schedule, shares.schedule),
        ] {
            assert_near(&format!("{name}: {trigger:?}"), &triggers[&trigger], share, 0.05);
        }
    }
}

/// Pooled deviation within the groups.
fn deviation_within<'a>(groups: impl Iterator<Item = &'a Vec<f64>>) -> f64 {
    let (mut squares, mut freedom) = (0.0, 0.0);
    for group in groups {
        let mean = group.iter().sum::<f64>() / group.len() as f64;
        squares += group.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        freedom += group.len() as f64 - 1.0;
    }
    (squares / freedom).sqrt()
}

#[test]
fn durations_are_those_of_the_classes_and_vary_less_within_a_job() {
    for preset in Preset::all() {
        let mut fits: BTreeMap<String, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
        let mut within = Vec::new();
        for seed in 0..SEEDS {
            let mut logarithms: BTreeMap<_, BTreeMap<_, Vec<f64>>> = BTreeMap::new();
            let spec = Spec { jobs: 8_000, ..Spec::named(preset.name, seed).unwrap() };
            let mut generator = Generator::new(spec).unwrap();
            for arrival in generator.by_ref() {
                if arrival.conclusion == Conclusion::Success {
                    let job = (arrival.repository, arrival.workflow, arrival.job);
                    let of_class = logarithms.entry(arrival.class).or_default();
                    of_class.entry(job).or_default().push(arrival.duration.as_secs_f64().ln());
                }
            }
            let many = logarithms.values().filter(|jobs| jobs.len() > 10);
            within.push(deviation_within(many.flat_map(BTreeMap::values)));
            for (class, jobs) in logarithms {
                let all: Vec<f64> = jobs.into_values().flatten().collect();
                let name = generator.names().text(class).to_owned();
                let (mus, sigmas) = fits.entry(name).or_default();
                mus.push(mean_and_error(&all).0);
                sigmas.push(deviation_within(std::iter::once(&all)));
            }
        }
        assert_near(&format!("{}: within a job", preset.name), &within, 0.30, 0.01);
        for class in preset.classes {
            let (mus, sigmas) = &fits[class.name];
            let what = format!("{}: {}", preset.name, class.name);
            // The longest are cut at six hours; a class of a few jobs cannot have every deviation.
            assert_near(&format!("{what}: mu"), mus, class.mu, 0.01);
            assert_near(&format!("{what}: sigma"), sigmas, class.sigma, 0.10);
        }
    }
}

/// Figures of `gecko-t-linux-large`, which the preset is made after; measured from
/// taskcluster/taskcluster-provisioning-simulator.
#[test]
fn firefox_like_bursts_as_firefox_does() {
    let mut samples: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut generator = Generator::new(spec("firefox-like", 30_000, seed)).unwrap();
        let mut fold = Fold::default();
        let mut ready = Vec::new();
        for arrival in generator.by_ref() {
            fold.add(&arrival);
            if arrival.predecessors > 0 {
                ready.push(arrival.ready.as_ms());
            }
        }
        ready.sort_unstable();
        let bursts: Vec<f64> =
            ready.chunk_by(|a, b| b - a <= 1_000).map(|burst| burst.len() as f64).collect();
        let count = ready.len() as f64;
        let statistics = fold.finish(generator.names());
        let class = |its: &&greenroom_traces::stats::ClassFigures| its.name == "t-linux-large";
        let figures = &statistics.by_class.iter().find(class).unwrap().figures;
        let mut add = |what, value| samples.entry(what).or_default().push(value);
        add("within a second of another", (count - bursts.len() as f64) / count);
        add("burst that a job meets", bursts.iter().map(|size| size * size).sum::<f64>() / count);
        add("known ahead", statistics.all.known_ahead_share.unwrap());
        add("dispersion by minute", figures.idc.one_minute.unwrap());
        add("dispersion by ten minutes", figures.idc.ten_minutes.unwrap());
        add("lognormal mu", figures.duration_s.lognormal_mu.unwrap());
        add("lognormal sigma", figures.duration_s.lognormal_sigma.unwrap());
        add("peakedness", figures.peakedness_z.unwrap());
        add("busy", figures.concurrency.mean.unwrap());
    }
    for (what, cited, slack) in [
        ("within a second of another", 0.948, 0.01),
        ("burst that a job meets", 111.0, 0.05),
        ("known ahead", 0.95, 0.01),
        ("dispersion by minute", 121.0, 0.10),
        ("dispersion by ten minutes", 205.0, 0.25),
        ("lognormal mu", 6.97, 0.001),
        ("lognormal sigma", 0.58, 0.02),
        // A day and a quarter of four and a half: the slow tides of the week are missing.
        ("peakedness", 217.0, 0.25),
        ("busy", 325.0, 0.25),
    ] {
        assert_near(what, &samples[what], cited, slack);
    }
}

#[test]
fn what_goes_wrong_goes_wrong_as_often_as_the_preset_says() {
    let (mut failed, mut cancelled, mut enterprise, mut rerun) = (vec![], vec![], vec![], vec![]);
    for seed in 0..SEEDS {
        let mut generator = Generator::new(spec("default", 10_000, seed)).unwrap();
        let mut row = greenroom_traces::Row::default();
        let (mut runs, mut first, mut second) = (BTreeSet::new(), 0.0, 0.0);
        let mut counts = [0.0; 3];
        while let Some(arrival) = generator.next() {
            counts[0] += f64::from(arrival.conclusion == Conclusion::Failure);
            counts[1] += f64::from(arrival.forge == Forge::Enterprise);
            generator.fill(&arrival, &mut row);
            let attempt = row.run_attempt.unwrap();
            let is_new = runs.insert((row.run_id.clone(), attempt));
            match (is_new, attempt) {
                (true, 1) => {
                    first += 1.0;
                    counts[2] += f64::from(arrival.patience.is_some());
                }
                (true, _) => second += 1.0,
                _ => {}
            }
        }
        failed.push(counts[0] / 10_000.0);
        enterprise.push(counts[1] / 10_000.0);
        cancelled.push(counts[2] / first);
        rerun.push(second / first);
    }
    assert_near("failed", &failed, 0.05, 0.02);
    assert_near("cancelled in the queue", &cancelled, 0.01, 0.05);
    // The fourth, eighth and twelfth of twelve teams: 1/4 + 1/8 + 1/12 of 3.10.
    assert_near("enterprise", &enterprise, 0.4583 / 3.1032, 0.10);
    // Between a fifth and a third of runs have a failed job; three in ten of those run again.
    let (mean, _) = mean_and_error(&rerun);
    assert!((0.05..0.12).contains(&mean), "{mean}");
}

#[test]
fn more_jobs_take_longer_and_a_higher_rate_takes_less() {
    let span = |jobs, rate_scale| {
        let spec = Spec { rate_scale, ..spec("default", jobs, 3) };
        let last = Generator::new(spec).unwrap().last().unwrap();
        (last.enter.as_ms() - EPOCH_MS) as f64 / 86_400_000.0
    };
    // 14,000 jobs a week; a span ends on any day of its last week.
    let (short, long, fast) = (span(42_000, 1.0), span(210_000, 1.0), span(210_000, 5.0));
    assert!((short - 21.0).abs() < 2.5, "{short}");
    assert!((long - 105.0).abs() < 5.0, "{long}");
    assert!((fast - 21.0).abs() < 2.5, "{fast}");
}

#[test]
fn a_generator_refuses_what_means_nothing() {
    let mut text = String::new();
    let mut refused = |change: &dyn Fn(&mut Spec)| {
        let mut spec = spec("default", 10, 1);
        change(&mut spec);
        writeln!(text, "{}", Generator::new(spec).err().unwrap()).unwrap();
    };
    refused(&|spec| spec.jobs = 0);
    refused(&|spec| spec.rate_scale = 0.0);
    refused(&|spec| spec.rate_scale = f64::NAN);
    refused(&|spec| spec.rate_scale = f64::INFINITY);
    refused(&|spec| spec.preset.profile.day_to_night = 0.5);
    refused(&|spec| spec.preset.triggers.push = 0.9);
    refused(&|spec| {
        spec.preset.triggers.push = 0.0;
        spec.preset.triggers.pull_request = 0.0;
        spec.preset.triggers.other = 0.0;
        spec.preset.triggers.schedule = 1.0;
    });
    refused(&|spec| spec.preset.classes = &[]);
    refused(&|spec| spec.preset.gate_class = 9);
    refused(&|spec| spec.preset.runs.width_max = 0);
    refused(&|spec| spec.preset.troubles.follow_up = 1.0);
    refused(&|spec| spec.preset.within_job_sigma = 0.9);
    writeln!(text, "{}", GenerateError::UnknownPreset { found: "defualt".to_owned() }).unwrap();
    expect![[r#"
        jobs: found 0, expected at least 1
        run.rate_scale: found 0, expected 0.001 to 10000
        run.rate_scale: found NaN, expected 0.001 to 10000
        run.rate_scale: found inf, expected 0.001 to 10000
        profile.day_to_night: found 0.5, expected 1 to 1000
        triggers: found 1.591, expected shares that sum to 1
        triggers.schedule: found 1, expected at most 0.99
        classes: found 0, expected 1 to 2000
        gate_class: found 9, expected a place in classes
        runs.width_max: found 0, expected 1 to 10000
        troubles.follow_up: found 1, expected a share from 0 to 0.9
        classes.sigma: found 0.68, expected within_job_sigma to 4
        preset: found "defualt", expected one of default, small-team, monorepo, github-mix, pytorch-like, firefox-like
    "#]].assert_eq(&text);
}
