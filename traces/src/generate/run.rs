//! One run of a workflow, unfolded into its jobs.

use super::catalogue::{Template, Workflow};
use super::draw::{Draw, Stream};
use super::preset::{DELAY_S_MAX, Preset, Troubles};
use crate::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use greenroom_scheduler::id::RunId;
use greenroom_scheduler::time::{Span, Time};
use std::ops::Range;

/// A run that will start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// What names its randomness, the same in both attempts.
    pub(super) key: u64,
    /// Its number, the same in both attempts.
    pub(super) number: u32,
    /// 1 or 2.
    pub(super) attempt: u8,
    pub(super) repository: u32,
    pub(super) workflow: u32,
    pub(super) trigger: Trigger,
    /// Number of the branch, 0 for the main one.
    pub(super) branch: u32,
    pub(super) group: Name,
    /// When a newer run of the branch cancels this one.
    pub(super) cut: Time,
}

/// GitHub ends a job after 360 minutes unless its workflow says otherwise.
const DURATION_S_MAX: f64 = 21_600.0;
/// Jobs released together are queued within this time of each other; an assumption.
const JITTER_S: f64 = 0.8;
/// Deviation of the logarithm of the gap between needed and next job; an assumption.
const GAP_SIGMA: f64 = 0.5;

/// The jobs of one run, in memory that is used again.
#[derive(Default)]
pub(super) struct Unfolded {
    pub(super) arrivals: Vec<Arrival>,
    /// By arrival, which places of this run it needs.
    pub(super) needs: Vec<Range<u32>>,
    /// By job of the graph: gate, matrix, report.
    fates: Vec<Fate>,
}

/// What becomes of a job of the graph in one attempt.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Not run again, since it worked.
    LeftOut,
    Works,
    /// After this part of its duration.
    Fails(f64),
}

/// Whose run it is.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) preset: &'a Preset,
    pub(super) seed: u64,
    pub(super) workflow: &'a Workflow,
    pub(super) templates: &'a [Template],
    pub(super) repository: Name,
    pub(super) forge: Forge,
}

/// A run on its way.
struct Course<'a> {
    run: &'a Run,
    at: Time,
    setting: Setting<'a>,
    draw: Draw,
    gap_s: f64,
}

/// How a job, or a stage of jobs, went.
#[derive(Clone, Copy)]
struct Step {
    end: Time,
    worked: bool,
}

impl Unfolded {
    /// Unfolds `run`, which starts at `at`. Returns when its second attempt starts, if it has one.
    /// The numbers of rows and run are left to the caller.
    pub(super) fn fill(&mut self, run: &Run, at: Time, setting: Setting<'_>) -> Option<Time> {
        self.arrivals.clear();
        self.needs.clear();
        let Setting { preset, seed, workflow, .. } = setting;
        let troubles = &preset.troubles;
        let mut draw = Draw::new(seed, Stream::Run, run.key);
        let gap_s = draw.lognormal(libm::log(preset.runs.gap_s), GAP_SIGMA);
        let (width, offset) = matrix(&mut draw, preset, workflow);
        let matrix =
            |nth: u32| workflow.matrix.start + (offset + nth) % workflow.matrix.len() as u32;
        if draw.chance(troubles.cancelled_in_queue) {
            let patience = Span::from_secs_f64(draw.exponential() * troubles.patience_s);
            let course = Course { run, at, setting, draw, gap_s };
            // Only jobs that need no other ever queued.
            let roots = workflow.gate.map_or(width, |_| 1);
            for nth in 0..roots {
                let mut arrival = course.arrival(workflow.gate.unwrap_or_else(|| matrix(nth)));
                (arrival.patience, arrival.conclusion) = (Some(patience), Conclusion::Cancelled);
                self.arrivals.push(arrival);
                self.needs.push(0..0);
            }
            return None;
        }

        let rerun_delay = self.draw_fates(run, seed, troubles, workflow, width);
        let mut course = Course { run, at, setting, draw, gap_s };
        let mut last = Step { end: at, worked: true };
        let mut place = 0;
        if let Some(gate) = workflow.gate {
            last = self.step(&mut course, gate, place, 0..0, at);
            place += 1;
        }
        let (begin, released) = (self.arrivals.len() as u32, last.end);
        for nth in 0..if last.worked { width } else { 0 } {
            let step =
                self.step(&mut course, matrix(nth), place + nth as usize, 0..begin, released);
            last = Step { end: last.end.max(step.end), worked: last.worked & step.worked };
        }
        place += width as usize;
        let end = self.arrivals.len() as u32;
        if let Some(report) = workflow.report
            && last.worked
        {
            last = self.step(&mut course, report, place, begin..end, last.end);
        }
        self.mark_successors();
        let is_over = last.worked || run.attempt > 1 || last.end >= run.cut;
        rerun_delay.filter(|_| !is_over).map(|delay| last.end + delay)
    }

    /// Decides what becomes of each job, and how long after a failure somebody wants another
    /// attempt, if anybody does.
    fn draw_fates(
        &mut self,
        run: &Run,
        seed: u64,
        troubles: &Troubles,
        workflow: &Workflow,
        width: u32,
    ) -> Option<Span> {
        let mut luck = Draw::new(seed, Stream::FirstFate, run.key);
        let again = luck.chance(troubles.rerun);
        let gates = usize::from(workflow.gate.is_some());
        let count = gates + width as usize + usize::from(workflow.report.is_some());
        self.fates.clear();
        self.fates.extend((0..count).map(|_| fate(&mut luck, troubles.failure)));
        if run.attempt > 1 {
            // What failed and whatever needs it, as GitHub's "re-run failed jobs" does.
            let mut luck = Draw::new(seed, Stream::SecondFate, run.key);
            let failed = |fate: &Fate| matches!(fate, Fate::Fails(_));
            let gate_failed = self.fates[..gates].iter().any(failed);
            let matrix_end = gates + width as usize;
            let matrix_failed = self.fates[gates..matrix_end].iter().any(failed);
            for (place, fate_then) in self.fates.iter_mut().enumerate() {
                let again =
                    gate_failed || failed(fate_then) || (matrix_failed && place >= matrix_end);
                let now = fate(&mut luck, troubles.failure);
                *fate_then = if again { now } else { Fate::LeftOut };
            }
        }
        again.then(|| {
            let mu = libm::log(troubles.rerun_delay_s);
            Span::from_secs_f64(luck.lognormal(mu, troubles.delay_sigma).min(DELAY_S_MAX))
        })
    }

    /// Runs the job at `place` of the graph, released by the end of the jobs that it `needs`.
    #[inline]
    fn step(
        &mut self,
        course: &mut Course<'_>,
        template: u32,
        place: usize,
        needs: Range<u32>,
        released: Time,
    ) -> Step {
        let Course { run, at, setting, .. } = *course;
        let Template { mu, sigma, .. } = setting.templates[template as usize];
        // Drawn even for a job that is left out, so that the next one keeps its own.
        let full_s = course.draw.lognormal(mu, sigma);
        let gap = Span::from_secs_f64(course.gap_s + JITTER_S * course.draw.unit());
        let (part, conclusion) = match self.fates[place] {
            Fate::LeftOut => return Step { end: at, worked: true },
            Fate::Works => (1.0, Conclusion::Success),
            Fate::Fails(part) => (part, Conclusion::Failure),
        };
        let mut arrival = course.arrival(template);
        arrival.conclusion = conclusion;
        arrival.duration = Span::from_secs_f64(full_s.min(DURATION_S_MAX) * part);
        arrival.predecessors = needs.len() as u16;
        if !needs.is_empty() {
            arrival.gap = gap;
            arrival.ready = released + gap;
        }
        if arrival.ready >= run.cut {
            return Step { end: arrival.ready, worked: false };
        }
        let mut end = arrival.ready + arrival.duration;
        if end > run.cut {
            end = run.cut;
            arrival.duration = run.cut.since(arrival.ready);
            arrival.conclusion = Conclusion::Cancelled;
        }
        let worked = arrival.conclusion == Conclusion::Success;
        self.arrivals.push(arrival);
        self.needs.push(needs);
        Step { end, worked }
    }

    /// Forgets all but the first `count` jobs.
    pub(super) fn truncate(&mut self, count: usize) {
        self.arrivals.truncate(count);
        self.needs.truncate(count);
        self.mark_successors();
    }

    fn mark_successors(&mut self) {
        for arrival in &mut self.arrivals {
            arrival.has_successors = false;
        }
        // Jobs of one stage need the same ones: a stage is marked once.
        let mut marked = 0..0;
        for needs in &self.needs {
            if *needs != marked {
                marked = needs.clone();
                for place in needs.clone() {
                    self.arrivals[place as usize].has_successors = true;
                }
            }
        }
    }
}

/// How many jobs the matrix has, and with which template it begins.
fn matrix(draw: &mut Draw, preset: &Preset, workflow: &Workflow) -> (u32, u32) {
    let templates = workflow.matrix.len() as u32;
    let runs = &preset.runs;
    if !runs.width_by_run {
        return (templates, 0);
    }
    let width = libm::round(draw.lognormal(runs.width_mu, runs.width_sigma)) as u32;
    (width.clamp(1, runs.width_max), draw.below(u64::from(templates)) as u32)
}

fn fate(luck: &mut Draw, failure: f64) -> Fate {
    if failure > 0.0 && luck.chance(failure) { Fate::Fails(luck.unit()) } else { Fate::Works }
}

impl Course<'_> {
    fn arrival(&self, template: u32) -> Arrival {
        let Setting { workflow, templates, repository, forge, .. } = self.setting;
        let template = &templates[template as usize];
        Arrival {
            row: 0,
            // Whoever needs another must be known when the first job of the run is.
            enter: self.at,
            ready: self.at,
            recorded_start: None,
            duration: Span::ZERO,
            patience: None,
            gap: Span::ZERO,
            run: Some(RunId(0)),
            predecessors: 0,
            has_successors: false,
            conclusion: Conclusion::Success,
            forge,
            trigger: self.run.trigger,
            class: template.class,
            team: workflow.team,
            repository,
            workflow: workflow.name,
            job: template.name,
            group: self.run.group,
            size: Some(template.size),
        }
    }
}
