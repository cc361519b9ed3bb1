//! Who generates jobs: teams, repositories, workflows and their jobs, fixed by the seed.

use super::draw::{Draw, Stream, pair, sums};
use super::preset::Preset;
use crate::arrival::{Forge, Name};
use crate::names::Names;
use greenroom_scheduler::resources::Resources;
use std::ops::Range;

/// All that a preset and a seed fix before the first job.
pub(super) struct Catalogue {
    pub(super) names: Names,
    pub(super) repositories: Vec<Repository>,
    /// Growing sums of how often each repository is pushed to.
    pub(super) popularity: Vec<f64>,
    pub(super) workflows: Vec<Workflow>,
    pub(super) templates: Vec<Template>,
}

pub(super) struct Repository {
    pub(super) name: Name,
    pub(super) forge: Forge,
    /// Its workflows for changes.
    pub(super) on_change: Range<u32>,
    /// The workflow of its timetable, also started by hand.
    pub(super) on_schedule: u32,
}

impl Repository {
    pub(super) fn workflow_count(&self) -> u32 {
        self.on_schedule + 1 - self.on_change.start
    }
}

pub(super) struct Workflow {
    pub(super) name: Name,
    pub(super) team: Name,
    pub(super) gate: Option<u32>,
    pub(super) matrix: Range<u32>,
    pub(super) report: Option<u32>,
    /// A newer run of the same branch cancels an older one.
    pub(super) supersedes: bool,
}

/// A job of a workflow.
pub(super) struct Template {
    pub(super) name: Name,
    pub(super) class: Name,
    pub(super) size: Resources,
    /// Mean logarithm of its duration in seconds.
    pub(super) mu: f64,
    /// Deviation of that logarithm from run to run.
    pub(super) sigma: f64,
    class_index: usize,
    /// How often it runs, relative to the others.
    weight: f64,
}

const ON_CHANGE: [&str; 12] = [
    "build",
    "test",
    "lint",
    "integration",
    "docs",
    "package",
    "security",
    "end-to-end",
    "performance",
    "compatibility",
    "images",
    "coverage",
];

/// Where one job outweighs all others of its class, a stretch to the full deviation would throw the
/// others out of any range.
const STRETCH_MAX: f64 = 4.0;

/// A run of a matrix that is drawn by run picks among this many jobs.
const DRAWN_TEMPLATES: u32 = 400;

impl Catalogue {
    pub(super) fn new(preset: &Preset, seed: u64) -> Self {
        let mut this = Self {
            names: Names::default(),
            repositories: Vec::new(),
            popularity: Vec::new(),
            workflows: Vec::new(),
            templates: Vec::new(),
        };
        let organisation = &preset.organisation;
        let teams = organisation.teams.max(1) as usize;
        let repositories = organisation.repositories.max(1) as usize;
        let zipf = |place: usize| libm::pow((place + 1) as f64, -organisation.zipf);
        let team_sums = sums((0..teams).map(zipf));
        let owners = owners(&team_sums, repositories, seed);
        let shares = shares(&owners, teams, zipf);
        for (number, (&owner, share)) in owners.iter().zip(&shares).enumerate() {
            this.add_repository(preset, seed, number, owner, *share);
        }
        this.popularity = sums(shares.into_iter());
        this.settle(preset);
        this
    }

    fn add_repository(
        &mut self,
        preset: &Preset,
        seed: u64,
        number: usize,
        owner: usize,
        share: f64,
    ) {
        let organisation = &preset.organisation;
        let mut draw = Draw::new(seed, Stream::Catalogue, number as u64);
        let name = self.names.intern(&format!("example/repository-{:03}", number + 1));
        let effect = draw.normal();
        let count = 1 + draw.below(u64::from(organisation.workflows_max.max(1))) as u32;
        let first = self.workflows.len() as u32;
        for nth in 0..=count {
            let is_timetable = nth == count;
            let title = match (is_timetable, nth as usize) {
                (true, _) => "nightly".to_owned(),
                (false, nth) if nth < ON_CHANGE.len() => ON_CHANGE[nth].to_owned(),
                (false, nth) => {
                    let round = nth / ON_CHANGE.len() + 1;
                    format!("{}-{round}", ON_CHANGE[nth % ON_CHANGE.len()])
                }
            };
            // With fewer repositories than teams, the workflows are dealt out.
            let teams = organisation.teams.max(1) as usize;
            let team = if teams > organisation.repositories.max(1) as usize {
                (owner + nth as usize) % teams
            } else {
                owner
            };
            let triggers = &preset.triggers;
            let timetable = triggers.schedule + triggers.other;
            let weight = share * if is_timetable { timetable } else { 1.0 - timetable };
            self.add_workflow(preset, &mut draw, &title, team, (weight, effect));
        }
        // Evenly spread, so that neither the largest nor only the smallest teams are of one kind.
        let enterprise = |teams: usize| (teams as f64 * organisation.enterprise) as u64;
        let is_enterprise = enterprise(owner + 1) > enterprise(owner);
        self.repositories.push(Repository {
            name,
            forge: if is_enterprise { Forge::Enterprise } else { Forge::Cloud },
            on_change: first..first + count,
            on_schedule: first + count,
        });
    }

    fn add_workflow(
        &mut self,
        preset: &Preset,
        draw: &mut Draw,
        title: &str,
        team: usize,
        (weight, repository_effect): (f64, f64),
    ) {
        let runs = &preset.runs;
        let classes = sums(preset.classes.iter().map(|class| class.share));
        let team = self.names.intern(&format!("team-{:02}", team + 1));
        let name = self.names.intern(title);
        let has_gate = draw.chance(runs.gate);
        let has_report = draw.chance(runs.report);
        let supersedes = draw.chance(preset.troubles.supersedes);
        let drawn = draw.lognormal(runs.width_mu, runs.width_sigma);
        let width = if runs.width_by_run {
            DRAWN_TEMPLATES.min(runs.width_max)
        } else {
            (libm::round(drawn) as u32).clamp(1, runs.width_max.max(1))
        };
        let mut add = |draw: &mut Draw, job: &str, class_index: usize| {
            let class = &preset.classes[class_index];
            // Half of the variance between jobs is that between repositories.
            let effect = (repository_effect + draw.normal()) * std::f64::consts::FRAC_1_SQRT_2;
            self.templates.push(Template {
                name: self.names.intern(job),
                class: self.names.intern(class.name),
                size: class.size,
                mu: effect,
                sigma: 0.0,
                class_index,
                weight,
            });
            self.templates.len() as u32 - 1
        };
        let gate = has_gate.then(|| add(draw, "prepare", preset.gate_class));
        let mut matrix = 0..0;
        for nth in 0..width {
            let class = draw.pick(&classes);
            let job = if width == 1 { title.to_owned() } else { format!("{title} ({})", nth + 1) };
            let template = add(draw, &job, class);
            if nth == 0 {
                matrix.start = template;
            }
            matrix.end = template + 1;
        }
        let report = has_report.then(|| add(draw, "report", preset.report_class));
        self.workflows.push(Workflow { name, team, gate, matrix, report, supersedes });
    }

    /// Moves and stretches the durations of each class so that their weighted mean and deviation
    /// are the preset's, whatever the seed: otherwise the largest repository alone would decide
    /// how much there is to do.
    fn settle(&mut self, preset: &Preset) {
        for (index, class) in preset.classes.iter().enumerate() {
            let (mut weight, mut sum, mut squares) = (0.0, 0.0, 0.0);
            for template in self.templates.iter().filter(|its| its.class_index == index) {
                weight += template.weight;
                sum += template.weight * template.mu;
                squares += template.weight * template.mu * template.mu;
            }
            if weight <= 0.0 {
                continue;
            }
            let mean = sum / weight;
            let deviation = libm::sqrt((squares / weight - mean * mean).max(0.0));
            let within = preset.within_job_sigma;
            let between = libm::sqrt((class.sigma * class.sigma - within * within).max(0.0));
            let stretch =
                if deviation > 0.0 { (between / deviation).min(STRETCH_MAX) } else { 0.0 };
            // What a class of one or two jobs cannot show between them, it shows from run to run.
            let between = deviation * stretch;
            let sigma = libm::sqrt((class.sigma * class.sigma - between * between).max(0.0));
            for template in self.templates.iter_mut().filter(|its| its.class_index == index) {
                template.mu = class.mu + (template.mu - mean) * stretch;
                template.sigma = sigma;
            }
        }
    }
}

/// The team that owns each repository: one each first, the rest by the size of the teams.
fn owners(team_sums: &[f64], repositories: usize, seed: u64) -> Vec<usize> {
    let mut draw = Draw::new(seed, Stream::Catalogue, pair(0, 1));
    (0..repositories)
        .map(|number| if number < team_sums.len() { number } else { draw.pick(team_sums) })
        .collect()
}

/// How often each repository is pushed to: its team's share, divided among the team's.
fn shares(owners: &[usize], teams: usize, zipf: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut totals = vec![0.0; teams];
    let mut counts = vec![0; teams];
    let within: Vec<f64> = owners
        .iter()
        .map(|&owner| {
            let share = zipf(counts[owner]);
            counts[owner] += 1;
            totals[owner] += share;
            share
        })
        .collect();
    owners.iter().zip(within).map(|(&owner, share)| zipf(owner) * share / totals[owner]).collect()
}
