//! How many jobs a push brings on average, so that a rate of jobs can be met exactly.

use super::catalogue::{Catalogue, Workflow};
use super::preset::{Preset, Runs};

/// Jobs that one push of each kind brings on average.
pub(super) struct JobsPerPush {
    pub(super) push: f64,
    pub(super) pull_request: f64,
    pub(super) merge_group: f64,
    pub(super) schedule: f64,
    pub(super) other: f64,
}

impl JobsPerPush {
    pub(super) fn new(preset: &Preset, catalogue: &Catalogue) -> Self {
        let (mut change, mut timetable, mut last, mut total) = (0.0, 0.0, 0.0, 0.0);
        for (repository, &sum) in catalogue.repositories.iter().zip(&catalogue.popularity) {
            let share = sum - last;
            (last, total) = (sum, sum);
            let jobs = |workflow: u32| jobs(preset, &catalogue.workflows[workflow as usize]);
            change += share * repository.on_change.clone().map(jobs).sum::<f64>();
            timetable += share * jobs(repository.on_schedule);
        }
        let (change, timetable) = (change / total, timetable / total);
        Self {
            push: change,
            pull_request: change / (1.0 - preset.troubles.follow_up),
            merge_group: change * (f64::from(preset.train_max.max(1)) + 1.0) / 2.0,
            schedule: timetable,
            other: timetable,
        }
    }
}

/// Jobs of one run and its second attempt. Jobs lost to newer runs of the branch are not counted:
/// a few in a hundred, since most newer pushes come later than a run lasts.
fn jobs(preset: &Preset, workflow: &Workflow) -> f64 {
    if preset.runs.width_by_run {
        width_chances(&preset.runs).map(|(width, p)| p * of_width(preset, workflow, width)).sum()
    } else {
        of_width(preset, workflow, workflow.matrix.len() as f64)
    }
}

fn of_width(preset: &Preset, workflow: &Workflow, width: f64) -> f64 {
    let troubles = &preset.troubles;
    let is = |job: Option<u32>| if job.is_some() { 1.0 } else { 0.0 };
    let (gate, report) = (is(workflow.gate), is(workflow.report));
    let (fails, works) = (troubles.failure, 1.0 - troubles.failure);
    let gate_works = if workflow.gate.is_some() { works } else { 1.0 };
    let all_work = libm::pow(works, width);
    let first = gate + gate_works * (width + report * all_work);
    // The second attempt runs what failed and what needs that. Of the matrix alone: each job that
    // failed, and the report if any had failed and none fails again, E[works^failed; failed > 0].
    let report_again = libm::pow(1.0 - fails * fails, width) - all_work + all_work * fails;
    let second = troubles.rerun
        * (gate * fails * first + gate_works * (width * fails + report * report_again));
    let roots = if workflow.gate.is_some() { 1.0 } else { width };
    let cancelled = troubles.cancelled_in_queue;
    cancelled * roots + (1.0 - cancelled) * (first + second)
}

/// The chance of each width: a log-normal, rounded and cut to `1..=width_max`.
fn width_chances(runs: &Runs) -> impl Iterator<Item = (f64, f64)> + '_ {
    let below = |x: f64| {
        if runs.width_sigma > 0.0 {
            let z = (libm::log(x) - runs.width_mu) / runs.width_sigma;
            0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
        } else if libm::exp(runs.width_mu) < x {
            1.0
        } else {
            0.0
        }
    };
    let max = runs.width_max.max(1);
    (1..=max).map(move |width| {
        let above = if width == max { 1.0 } else { below(f64::from(width) + 0.5) };
        let under = if width == 1 { 0.0 } else { below(f64::from(width) - 0.5) };
        (f64::from(width), above - under)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_have_all_the_chance_there_is() {
        for preset in Preset::all() {
            let sum: f64 = width_chances(&preset.runs).map(|(_, chance)| chance).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{}: {sum}", preset.name);
        }
    }

    #[test]
    fn without_troubles_a_run_has_all_its_jobs_once() {
        let mut preset = Preset::named("default").expect("it exists").clone();
        preset.troubles.failure = 0.0;
        preset.troubles.cancelled_in_queue = 0.0;
        let catalogue = Catalogue::new(&preset, 1);
        for workflow in &catalogue.workflows {
            let count = workflow.matrix.len()
                + usize::from(workflow.gate.is_some())
                + usize::from(workflow.report.is_some());
            assert!((jobs(&preset, workflow) - count as f64).abs() < 1e-9);
        }
    }
}
