//! Runs: slack, predecessors, and shared critical paths, against every schedule on a grid of time.

use super::{USD_PER_HOUR, least, stream, work};
use greenroom_sim::bound::{NO_RUN, UnitPrices, Work, Works, zero_wait};
use greenroom_sim::random::Stream;
use std::cmp::Ordering;

/// Two to four jobs in at most two runs.
struct World {
    jobs: Vec<Work>,
    edges: Vec<(u32, u32)>,
    boot: u64,
}

fn world(stream: &mut Stream, with_edges: bool) -> World {
    let count = 2 + stream.below(3);
    let job = |stream: &mut Stream| {
        let run = if stream.chance(0.3) { NO_RUN } else { stream.below(2) as u32 };
        let base = work(stream.below(6), 1 + stream.below(6));
        Work { run, gap_ms: stream.below(2), ..base }
    };
    let mut jobs: Vec<Work> = (0..count).map(|_| job(stream)).collect();
    jobs.sort_by_key(|job| job.ready_ms);
    let mut edges = Vec::new();
    for later in 0..jobs.len() {
        for before in 0..later {
            let same = jobs[later].run == jobs[before].run && jobs[later].run != NO_RUN;
            if with_edges && same && stream.chance(0.5) {
                edges.push((later as u32, before as u32));
            }
        }
    }
    World { jobs, edges, boot: stream.below(6) }
}

impl World {
    /// What cost and waiting come to when each job waits so long: queue time on the chain that
    /// ended last, by the rule of `critical_path_queue_s`.
    fn value(&self, waits: &[u64], wait_value: f64) -> f64 {
        let mut ends: Vec<(u64, u64)> = Vec::new();
        let mut used = Vec::new();
        let mut alone = 0;
        let mut of_run = [(0, 0); 2];
        for (place, job) in self.jobs.iter().enumerate() {
            let before = self.edges.iter().filter(|(later, _)| *later as usize == place);
            let last = before.map(|&(_, before)| ends[before as usize]).max();
            let (ready, chain) =
                last.map_or((job.ready_ms, 0), |(end, chain)| (end + job.gap_ms, chain));
            let (start, chain) = (ready + waits[place], chain + waits[place]);
            let end = start + job.busy_ms;
            ends.push((end, chain));
            used.push((start, job.busy_ms, [0, 0, 0, 1]));
            if job.run == NO_RUN {
                alone += waits[place];
            } else {
                // Of chains that end at one instant the one told last counts: whichever it is.
                let known: &mut (u64, u64) = &mut of_run[job.run as usize];
                *known = match end.cmp(&known.0) {
                    Ordering::Greater => (end, chain),
                    Ordering::Equal => (end, chain.min(known.1)),
                    Ordering::Less => *known,
                };
            }
        }
        used.sort_unstable();
        let prices = [UnitPrices::one_slot(USD_PER_HOUR)];
        let cost = zero_wait(used, &prices, self.boot as f64) * 1e6;
        let waited = alone + of_run[0].1 + of_run[1].1;
        cost + if waited > 0 { wait_value * waited as f64 } else { 0.0 }
    }

    /// The best of all schedules in which no job waits longer than `longest`.
    fn best(&self, longest: u64, wait_value: f64) -> f64 {
        let mut waits = vec![0; self.jobs.len()];
        let mut best = f64::INFINITY;
        loop {
            best = best.min(self.value(&waits, wait_value));
            let Some(place) = waits.iter().position(|wait| *wait < longest) else { return best };
            waits[place] += 1;
            waits[..place].fill(0);
        }
    }
}

/// A run's value of waiting must not be counted twice, nor the slack of its other jobs forgotten.
#[test]
#[allow(clippy::print_stderr)]
fn no_schedule_of_runs_beats_the_bound() {
    for with_edges in [false, true] {
        let (mut gaps, mut count) = (0.0, 0.0);
        for nth in 0..200 {
            let mut stream = stream(nth);
            let world = world(&mut stream, with_edges);
            let works = Works::new(world.jobs.clone(), &world.edges);
            for wait_value in [0.5, 2.0, 6.0, 30.0, 1e6] {
                let best = world.best(6, wait_value);
                let bound = least(&works, world.boot, wait_value * USD_PER_HOUR);
                let told = format!("{:?} {:?} {}", world.jobs, world.edges, world.boot);
                assert!(
                    bound <= best + 1e-6,
                    "world {nth} at {wait_value}: {bound} > {best} {told}"
                );
                gaps += best / bound - 1.0;
                count += 1.0;
            }
        }
        let mean = gaps / count * 100.0;
        eprintln!("runs, predecessors {with_edges}: best over bound mean +{mean:.1} %");
    }
}

/// Two jobs of one run come just before two nodes get free. Both wait, which makes the run late once
/// and saves two boots: the run's value must be shared among its jobs, not given to each.
#[test]
fn jobs_of_a_run_that_wait_together_make_it_late_once() {
    let of_run = |ready| Work { run: 0, ..work(ready, 5) };
    let jobs = vec![work(0, 10), work(0, 10), of_run(9), of_run(9)];
    let world = World { jobs, edges: Vec::new(), boot: 6 };
    // Two boots, 30 of work, and one millisecond of waiting.
    assert!((world.best(3, 4.0) - (12.0 + 30.0 + 4.0)).abs() < 1e-9);
    let works = Works::new(world.jobs.clone(), &[]);
    let bound = least(&works, world.boot, 4.0 * USD_PER_HOUR);
    // Half the value each, less what the gaps behind are taken to cost: 2 x (2 - 0.25).
    assert!((bound - (12.0 + 30.0 + 3.5)).abs() < 1e-9, "{bound}");
}
