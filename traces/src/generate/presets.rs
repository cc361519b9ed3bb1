//! The presets. Every figure stands in `sources` with where it is from, or as an assumption.

use super::preset::{Class, Organisation, Preset, Runs, Triggers, Troubles};
use super::profile::Profile;
use greenroom_scheduler::resources::Resources;

pub(super) const ALL: &[Preset] =
    &[DEFAULT, SMALL_TEAM, MONOREPO, GITHUB_MIX, PYTORCH_LIKE, FIREFOX_LIKE];

const fn size(cpu: u32, memory_gib: u32, gpu: u32) -> Resources {
    Resources { cpu_milli: cpu * 1000, memory_mib: memory_gib * 1024, gpu }
}

const ICSE: &str = "share of used resources by event: pull request 50.7 %, push 30.9 %, schedule \
    15.5 % (Resource Usage and Optimization Opportunities in Workflows of GitHub Actions, ICSE \
    2024); the rest is counted as dispatch by hand";
const DAY_AND_WEEK: &str = "PyTorch, osdc/docs/current_runner_load_distribution.md of \
    pytorch/ci-infra (2026-03): 8,500 jobs an hour on weekdays at 10-11 Eastern, 2,400 at 2-3, \
    1,000 at the weekend: 3.5 : 1 by day, 8.5 : 1 by week";
const POOLS: &str = "log-normals fitted to Firefox CI pools of \
    taskcluster/taskcluster-provisioning-simulator: mobile-1-decision 4.72/0.68, \
    mobile-3-b-linux-large 5.46/1.16, gecko-t-linux-large 6.97/0.58, gecko-3-b-linux 5.92/1.07, \
    gecko-t-linux-metal 7.26/0.75";
const WITHIN: &str = "deviation of the logarithm within one job name: 0.28 in 13,940 jobs of \
    bitcoin/bitcoin (willcl-ark/bitcoin-core-ci-stats), 0.32 in 8,554 of linkerd2 \
    (linkerd/linkerd2-ci-metrics); across names 1.5 and 1.7";
const FAILURE: &str = "failed jobs: 4.8 % of bitcoin/bitcoin's, 6.9 % of linkerd2's";
const FOLLOW_UP: &str = "bitcoin/bitcoin: 37 % of pushes to pull requests are followed by another \
    to the same branch within a day, half of those within an hour";
const ASSUMED: &str = "assumption";

const CLASSES: &[Class] = &[
    Class { name: "linux-small", share: 0.45, size: size(2, 8, 0), mu: 4.72, sigma: 0.68 },
    Class { name: "linux-medium", share: 0.33, size: size(4, 16, 0), mu: 5.46, sigma: 1.16 },
    Class { name: "linux-large", share: 0.14, size: size(16, 64, 0), mu: 6.97, sigma: 0.58 },
    Class { name: "linux-arm", share: 0.06, size: size(4, 16, 0), mu: 5.92, sigma: 1.07 },
    Class { name: "linux-gpu", share: 0.02, size: size(8, 32, 1), mu: 7.26, sigma: 0.75 },
];

const TRIGGERS: Triggers =
    Triggers { push: 0.309, pull_request: 0.507, merge_group: 0.0, schedule: 0.155, other: 0.029 };

const RUNS: Runs = Runs {
    gate: 0.6,
    report: 0.5,
    width_mu: 1.6,
    width_sigma: 0.8,
    width_max: 40,
    width_by_run: false,
    gap_s: 2.0,
};

const TROUBLES: Troubles = Troubles {
    failure: 0.05,
    rerun: 0.3,
    rerun_delay_s: 600.0,
    follow_up: 0.37,
    follow_up_delay_s: 3600.0,
    delay_sigma: 2.0,
    supersedes: 0.5,
    cancelled_in_queue: 0.01,
    patience_s: 600.0,
};

const DEFAULT: Preset = Preset {
    name: "default",
    about: "a mid-sized organisation: 12 teams, 60 repositories, about 14,000 jobs a week",
    jobs: 20_000,
    profile: Profile {
        peak_jobs_per_hour: 165.0,
        day_to_night: 3.5,
        day_to_weekend: 8.5,
        midnight_utc_h: 0,
    },
    triggers: TRIGGERS,
    train_max: 1,
    organisation: Organisation {
        teams: 12,
        repositories: 60,
        zipf: 1.0,
        enterprise: 0.25,
        workflows_max: 4,
    },
    runs: RUNS,
    troubles: TROUBLES,
    within_job_sigma: 0.30,
    classes: CLASSES,
    gate_class: 0,
    report_class: 0,
    sources: &[
        ("profile (shape)", DAY_AND_WEEK),
        ("profile.peak_jobs_per_hour, organisation", ASSUMED),
        ("triggers", ICSE),
        ("classes (mu, sigma)", POOLS),
        ("classes (share, size)", ASSUMED),
        ("within_job_sigma", WITHIN),
        ("runs", ASSUMED),
        ("troubles.failure", FAILURE),
        ("troubles.follow_up", FOLLOW_UP),
        ("troubles (the others)", ASSUMED),
    ],
};

const SMALL_TEAM: Preset = Preset {
    name: "small-team",
    about: "one team with four repositories, about 850 jobs a week, most of them in the day",
    jobs: 3_000,
    profile: Profile { peak_jobs_per_hour: 12.0, day_to_night: 12.0, ..DEFAULT.profile },
    organisation: Organisation {
        teams: 1,
        repositories: 4,
        zipf: 1.0,
        enterprise: 0.0,
        workflows_max: 3,
    },
    sources: &[
        ("profile.day_to_weekend", DAY_AND_WEEK),
        ("profile (the others), organisation", ASSUMED),
        ("triggers", ICSE),
        ("classes (mu, sigma)", POOLS),
        ("classes (share, size)", ASSUMED),
        ("within_job_sigma", WITHIN),
        ("runs", ASSUMED),
        ("troubles.failure", FAILURE),
        ("troubles.follow_up", FOLLOW_UP),
        ("troubles (the others)", ASSUMED),
    ],
    ..DEFAULT
};

const MONOREPO: Preset = Preset {
    name: "monorepo",
    about: "one repository of ten teams behind a merge queue whose trains arrive at once",
    jobs: 60_000,
    profile: Profile { peak_jobs_per_hour: 600.0, ..DEFAULT.profile },
    triggers: Triggers { push: 0.05, merge_group: 0.259, ..TRIGGERS },
    train_max: 16,
    organisation: Organisation {
        teams: 10,
        repositories: 1,
        zipf: 1.0,
        enterprise: 0.0,
        workflows_max: 12,
    },
    runs: Runs { gate: 0.9, report: 0.7, width_mu: 2.3, width_max: 64, ..RUNS },
    sources: &[
        ("profile (shape)", DAY_AND_WEEK),
        ("profile.peak_jobs_per_hour, organisation", ASSUMED),
        ("triggers", ICSE),
        ("triggers (push against merge_group)", "assumption: most pushes go through the queue"),
        ("train_max", "16 changes tested at once (SubmitQueue, EuroSys 2019)"),
        ("classes (mu, sigma)", POOLS),
        ("classes (share, size)", ASSUMED),
        ("within_job_sigma", WITHIN),
        ("runs", ASSUMED),
        ("troubles.failure", FAILURE),
        ("troubles.follow_up", FOLLOW_UP),
        ("troubles (the others)", ASSUMED),
    ],
    ..DEFAULT
};

const GITHUB_MIX: Preset = Preset {
    name: "github-mix",
    about: "many unlike open-source projects: durations differ more by job than by run",
    jobs: 100_000,
    profile: Profile { peak_jobs_per_hour: 400.0, day_to_night: 2.0, ..DEFAULT.profile },
    organisation: Organisation {
        teams: 60,
        repositories: 240,
        zipf: 1.0,
        enterprise: 0.0,
        workflows_max: 3,
    },
    runs: Runs { width_mu: 2.0, width_sigma: 0.9, width_max: 64, ..RUNS },
    classes: &[
        Class { name: "ubuntu-small", share: 0.6, size: size(2, 8, 0), mu: 5.03, sigma: 1.70 },
        Class { name: "ubuntu-medium", share: 0.3, size: size(4, 16, 0), mu: 6.60, sigma: 1.56 },
        Class { name: "ubuntu-arm", share: 0.1, size: size(4, 16, 0), mu: 6.60, sigma: 1.56 },
    ],
    sources: &[
        ("profile.day_to_weekend", DAY_AND_WEEK),
        ("profile (the others), organisation", ASSUMED),
        ("triggers", ICSE),
        (
            "classes (mu, sigma)",
            "log-normals fitted to successful jobs: linkerd2 5.03/1.70, bitcoin/bitcoin 6.60/1.56",
        ),
        ("classes (share, size)", ASSUMED),
        ("within_job_sigma", WITHIN),
        ("runs", "assumption, between bitcoin/bitcoin (18 jobs a run) and single jobs"),
        ("troubles.failure", FAILURE),
        ("troubles.follow_up", FOLLOW_UP),
        ("troubles (the others)", ASSUMED),
    ],
    ..DEFAULT
};

const PYTORCH_LIKE: Preset = Preset {
    name: "pytorch-like",
    about: "the largest public fleet: 8,500 jobs in the busiest hour, 52 minutes each",
    jobs: 1_600_000,
    profile: Profile {
        peak_jobs_per_hour: 8500.0,
        day_to_night: 8500.0 / 2400.0,
        day_to_weekend: 8.5,
        midnight_utc_h: 5,
    },
    organisation: Organisation {
        teams: 8,
        repositories: 20,
        zipf: 1.5,
        enterprise: 0.0,
        workflows_max: 12,
    },
    runs: Runs { gate: 0.8, report: 0.3, width_mu: 2.3, width_sigma: 0.9, width_max: 100, ..RUNS },
    classes: &[
        Class { name: "linux-small", share: 0.10, size: size(2, 4, 0), mu: 7.66, sigma: 0.87 },
        Class { name: "linux-medium", share: 0.40, size: size(4, 16, 0), mu: 7.66, sigma: 0.87 },
        Class { name: "linux-large", share: 0.25, size: size(16, 32, 0), mu: 7.66, sigma: 0.87 },
        Class { name: "linux-arm", share: 0.10, size: size(8, 32, 0), mu: 7.66, sigma: 0.87 },
        Class { name: "linux-gpu", share: 0.15, size: size(16, 64, 1), mu: 7.66, sigma: 0.87 },
    ],
    sources: &[
        ("profile", DAY_AND_WEEK),
        (
            "jobs",
            "1.6 million in 30 days (same page, self-hosted Linux only; its hourly figures give \
             that many in 17 days, and it is those that make queues)",
        ),
        ("triggers", ICSE),
        (
            "classes (mu, sigma)",
            "mean of at least 52 minutes (same page); deviation of Firefox's gecko-t-win10-64",
        ),
        ("classes (share, size), organisation", ASSUMED),
        ("within_job_sigma", WITHIN),
        ("runs", ASSUMED),
        ("troubles.failure", FAILURE),
        ("troubles.follow_up", FOLLOW_UP),
        ("troubles (the others)", ASSUMED),
    ],
    ..DEFAULT
};

const FIREFOX_LIKE: Preset = Preset {
    name: "firefox-like",
    about: "extreme bursts: a decision job sets off a hundred others within a second",
    jobs: 111_700,
    profile: Profile {
        peak_jobs_per_hour: 1900.0,
        day_to_night: 12.0,
        day_to_weekend: 8.5,
        midnight_utc_h: 5,
    },
    triggers: Triggers {
        push: 1.0,
        pull_request: 0.0,
        merge_group: 0.0,
        schedule: 0.0,
        other: 0.0,
    },
    organisation: Organisation {
        teams: 1,
        repositories: 1,
        zipf: 0.0,
        enterprise: 0.0,
        workflows_max: 1,
    },
    runs: Runs {
        gate: 1.0,
        report: 0.0,
        width_mu: 2.13,
        width_sigma: 1.32,
        width_max: 1000,
        width_by_run: true,
        gap_s: 2.0,
    },
    troubles: Troubles {
        failure: 0.0,
        rerun: 0.0,
        follow_up: 0.0,
        supersedes: 0.0,
        cancelled_in_queue: 0.0,
        ..TROUBLES
    },
    classes: &[
        Class { name: "decision", share: 0.0, size: size(2, 8, 0), mu: 4.72, sigma: 0.68 },
        Class { name: "t-linux-large", share: 1.0, size: size(4, 16, 0), mu: 6.97, sigma: 0.58 },
    ],
    sources: &[
        (
            "profile.peak_jobs_per_hour",
            "gecko-t-linux-large of taskcluster/taskcluster-provisioning-simulator: 106,233 tasks \
             in 4.63 days, 957 an hour, and one decision for twenty of them",
        ),
        (
            "profile (shape)",
            "chosen so that peakedness is near the 217 (within an hour 72) of that pool; its dates \
             are unknown",
        ),
        (
            "runs (width)",
            "95 % of the tasks of that pool come within 1 s of another, so bursts hold 20 on \
             average; a task meets 114 in its burst (90th percentile 238)",
        ),
        ("classes (mu, sigma)", POOLS),
        ("within_job_sigma", WITHIN),
        ("troubles", "none: the record does not say how tasks ended"),
    ],
    ..DEFAULT
};
