//! A lower bound on cost plus the value of waiting.

use super::area::MS_PER_HOUR;
use super::player::Player;
use super::replay::Replay;
use super::work::{Kind, NO_RUN, Work, Works};

/// What a gap is taken to cost, and how dear waiting must be at least beside it for a job to be
/// counted on, both in units of a node's price. Each choice gives a bound, and the best is taken.
/// Cheaper gaps leave more of the value of waiting to the waits; demanding more leaves fewer jobs of
/// a run, each with a larger share of the run's weight.
const CHOICES: [(f64, f64); 9] = [
    (1.0, 0.0),
    (0.75, 0.0),
    (0.5, 0.0),
    (0.25, 0.0),
    (1.0, 2.0),
    (1.0, 8.0),
    (1.0, 32.0),
    (1.0, 128.0),
    (1.0, 512.0),
];

/// What a fleet's nodes cost at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FleetRates<'a> {
    /// From launch to ready, at least.
    pub boot_ms: f64,
    /// What a job of each pool holds of a node's price, in USD an hour.
    pub of_pool: &'a [f64],
}

/// The least that each fleet can cost, in USD, the value of waiting beyond the unavoidable
/// included, at `wait_value` USD an hour (infinite where no run may end later than it can). The
/// sum over fleets is a bound for all; a single one is a bound for its fleet alone where no job
/// belongs to a run. See [`crate::bound`] for the proof.
pub fn lower_bound(works: &Works, fleets: &[FleetRates<'_>], wait_value: f64) -> Vec<f64> {
    let problem = Problem::new(works, fleets);
    let mut best = problem.floors.clone();
    if wait_value == 0.0 {
        return problem.in_usd(best);
    }
    let mut before: Option<(f64, Vec<f64>)> = None;
    for (idling, least) in CHOICES {
        let weights = problem.weights(wait_value, idling + least);
        let choice = Some((idling, weights));
        if before == choice {
            continue;
        }
        before = choice;
        let Some((_, weights)) = &before else { continue };
        let found = problem.with(idling, weights);
        if works.has_runs() {
            // Weights of a run sum to 1 over all fleets, so choices are made for all at once.
            if found.iter().sum::<f64>() > best.iter().sum() {
                best = found;
            }
        } else {
            best = best.iter().zip(found).map(|(one, other)| one.max(other)).collect();
        }
        if wait_value.is_infinite() {
            break;
        }
    }
    problem.in_usd(best)
}

struct Problem<'a> {
    works: &'a Works,
    fleets: &'a [FleetRates<'a>],
    /// Places of the jobs of each fleet, in order of time.
    places: Vec<Vec<u32>>,
    /// What the jobs of each fleet hold, in USD an hour times milliseconds.
    held: Vec<f64>,
    /// The same and one boot of the largest.
    floors: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(works: &'a Works, fleets: &'a [FleetRates<'a>]) -> Self {
        let mut places = vec![Vec::new(); fleets.len()];
        let mut held = vec![0.0; fleets.len()];
        let mut largest = vec![0.0_f64; fleets.len()];
        for (place, job) in works.jobs().iter().enumerate() {
            if job.kind == Kind::Must {
                let fleet = job.fleet as usize;
                let rate = rate(fleets, job);
                places[fleet].push(place as u32);
                held[fleet] += rate * job.busy_ms as f64;
                largest[fleet] = largest[fleet].max(rate);
            }
        }
        for places in &mut places {
            places.sort_by_key(|&place| works.jobs()[place as usize].ready_ms);
        }
        let boots = fleets.iter().zip(largest).map(|(fleet, largest)| fleet.boot_ms * largest);
        let floors = boots.zip(&held).map(|(boot, held)| held + boot).collect();
        Self { works, fleets, places, held, floors }
    }

    /// What it costs each job's run that the job starts late, in USD an hour; 0 for jobs that are
    /// not counted on. Of each run the first jobs without slack share its value, as many as leave
    /// each so many times as dear as its machine, at `least`.
    fn weights(&self, wait_value: f64, least: f64) -> Vec<f64> {
        let jobs = self.works.jobs();
        let mut weights = vec![0.0; jobs.len()];
        let mut of_run: Vec<(f64, u32)> = Vec::new();
        let counted = |place: usize| {
            let job = &jobs[place];
            let rate = if job.kind == Kind::Must { rate(self.fleets, job) } else { 0.0 };
            (self.works.is_critical(place) && rate > 0.0).then_some(rate)
        };
        for (place, job) in jobs.iter().enumerate() {
            let Some(rate) = counted(place) else { continue };
            if job.run == NO_RUN {
                let is_impatient = wait_value >= least * rate;
                weights[place] = if is_impatient { wait_value } else { 0.0 };
                continue;
            }
            let run = job.run as usize;
            if run >= of_run.len() {
                of_run.resize(run + 1, (0.0, 0));
            }
            of_run[run] = (of_run[run].0.max(rate), of_run[run].1 + 1);
        }
        // From (dearest, jobs) to (share, jobs to come).
        for (rate, jobs) in &mut of_run {
            let most = wait_value / (least * *rate);
            *jobs = (f64::from(*jobs)).min(most) as u32;
            *rate = if *jobs > 0 { wait_value / f64::from(*jobs) } else { 0.0 };
        }
        for (place, job) in jobs.iter().enumerate() {
            if job.run != NO_RUN && counted(place).is_some() {
                let (share, left) = &mut of_run[job.run as usize];
                if *left > 0 {
                    *left -= 1;
                    weights[place] = *share;
                }
            }
        }
        weights
    }

    fn with(&self, idling: f64, weights: &[f64]) -> Vec<f64> {
        let fleets = self.fleets.iter().enumerate();
        fleets.map(|(number, fleet)| self.fleet(number, fleet, idling, weights)).collect()
    }

    fn fleet(&self, number: usize, fleet: &FleetRates<'_>, idling: f64, weights: &[f64]) -> f64 {
        let jobs = self.places[number].iter().map(|&place| {
            let job = &self.works.jobs()[place as usize];
            (job, rate(self.fleets, job), weights[place as usize])
        });
        let impatience = jobs
            .clone()
            .filter(|(_, _, weight)| *weight > 0.0)
            .map(|(_, rate, weight)| weight / rate - idling)
            .fold(f64::INFINITY, f64::min);
        let mut player = Player::new(Replay::new(fleet.boot_ms, idling, impatience.max(0.0)));
        let mut patient = 0.0;
        for (job, rate, weight) in jobs {
            if weight > 0.0 {
                player.job(job.ready_ms, job.busy_ms, rate);
            } else {
                patient += rate * fleet.boot_ms.min(job.busy_ms as f64);
            }
        }
        let (_, overhead) = player.finish();
        self.floors[number].max(self.held[number] + overhead - patient)
    }

    fn in_usd(&self, sums: Vec<f64>) -> Vec<f64> {
        debug_assert_eq!(sums.len(), self.fleets.len());
        sums.into_iter().map(|sum| sum / MS_PER_HOUR).collect()
    }
}

/// What a job holds of its node's price, in USD an hour.
fn rate(fleets: &[FleetRates<'_>], job: &Work) -> f64 {
    fleets[job.fleet as usize].of_pool.get(job.pool as usize).copied().unwrap_or(0.0)
}
