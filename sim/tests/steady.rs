//! What a run costs does not grow with its length: neither work nor memory per job, and on the
//! steady path of core and idealised world nothing is allocated at all.

use crate::whole::{Jobs, Scene};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use std::convert::Infallible;

/// Waves of jobs that come and go: after the first, nothing is larger than it ever was.
struct Waves {
    left: u32,
    row: u32,
}

const WAVE: u32 = 100;
const JOB: Span = Span::from_secs(120);

impl Waves {
    const fn new(jobs: u32) -> Self {
        Self { left: jobs, row: 0 }
    }

    /// A hundred jobs, three seconds apart, every half hour.
    fn at(&self) -> Time {
        let (wave, place) = (u64::from(self.row / WAVE), u64::from(self.row % WAVE));
        Time::from_ms(wave * 1_800_000 + place * 3_000)
    }
}

impl Arrivals for Waves {
    type Error = Infallible;

    fn peek(&mut self) -> Result<Option<Time>, Infallible> {
        Ok((self.left > 0).then(|| self.at()))
    }

    fn take(&mut self) -> Arrival {
        let at = self.at();
        let row = self.row;
        self.row += 1;
        self.left -= 1;
        Arrival {
            row,
            enter: at,
            ready: at,
            recorded_start: None,
            duration: JOB,
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

    fn needs(&self) -> &[u32] {
        &[]
    }

    fn text(&self, _: Name) -> &'static str {
        ""
    }
}

/// Allocations of a run of so many jobs, laws included.
fn allocations(scene: &Scene, jobs: u32) -> u64 {
    let counted = allocation_counter::measure(|| {
        let mut laws = greenroom_sim::check::Laws::default();
        let played = greenroom_sim::run::run(scene.plan(), Waves::new(jobs), &mut laws);
        assert!(played.is_ok());
        assert_eq!(laws.breaches(), (&[][..], 0));
    });
    counted.count_total
}

#[test]
fn the_steady_path_of_the_core_and_the_idealised_world_allocates_nothing() {
    let scene = Scene::one_slot();
    let (few, many) = (allocations(&scene, 5_000), allocations(&scene, 50_000));
    assert_eq!(many, few, "45,000 more jobs allocated {} times", many - few);
}

/// What is left is not the jobs': hourly prices of nodes that stand, machines in the place of those
/// that EC2 took back, and the market's timelines. Measured: 0.0127.
const ALLOCATIONS_A_JOB_MAX: f64 = 0.02;

#[test]
fn on_nodes_that_stand_jobs_of_the_whole_world_allocate_nothing() {
    let scene = Scene::new(&[], &["policy.name=\"reactive\"", "policy.reactive.keep_alive_s=7200"]);
    let (few, many) = (allocations(&scene, 5_000), allocations(&scene, 50_000));
    let each = (many - few) as f64 / 45_000.0;
    assert!(each <= ALLOCATIONS_A_JOB_MAX, "{each} allocations a job");
}

/// Counts entries, which is the work that a job makes for everyone.
#[derive(Default)]
struct Entries(u64);

impl Sink for &mut Entries {
    fn entry(&mut self, _: Time, _: Entry<'_>) {
        self.0 += 1;
    }
}

/// Entries a job.
fn work(scene: &Scene, count: u32, rate_scale: f64) -> f64 {
    let mut entries = Entries::default();
    let feed = Jobs::Generated { count, rate_scale }.feed();
    greenroom_sim::run::run(scene.plan(), feed, &mut entries).unwrap();
    entries.0 as f64 / f64::from(count)
}

#[test]
fn ten_times_the_span_makes_no_more_work_a_job() {
    for scene in [Scene::one_slot(), Scene::new(&[], &[])] {
        let (short, long) = (work(&scene, 2_000, 1.0), work(&scene, 20_000, 1.0));
        assert!(long <= short * 1.2, "{short} entries a job became {long}");
    }
}

#[test]
fn ten_times_the_rate_makes_little_more_work_a_job() {
    for scene in [Scene::one_slot(), Scene::new(&[], &[])] {
        let (sparse, dense) = (work(&scene, 2_000, 1.0), work(&scene, 20_000, 10.0));
        assert!(dense <= sparse * 1.5, "{sparse} entries a job became {dense}");
    }
}

/// What a million jobs of the idealised world may take. Measured: 30 MiB, and 46 for 10 and for 36
/// million (`cargo run --release --example growth -- one-slot 36000000`), since waits are kept one
/// by one up to four million only.
const MIB_MAX: f64 = 64.0;

/// Only as a process of its own: memory once taken is not given back, and other tests take theirs.
#[test]
#[ignore = "run by a_million_jobs_take_bounded_memory"]
fn a_million_jobs_in_this_process() {
    let jobs = Jobs::Generated { count: 1_000_000, rate_scale: 1.0 };
    assert_eq!(Scene::one_slot().play(jobs.feed()).jobs.arrived, 1_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: f64 = peak.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    assert!(kib / 1024.0 <= MIB_MAX, "{} MiB", kib / 1024.0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_million_jobs_take_bounded_memory() {
    let name = "steady::a_million_jobs_in_this_process";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}
