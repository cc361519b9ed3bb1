//! Everything that a report shows, folded from one stream of entries.
//!
//! The same fold stands behind a live run and behind a journal that is read, so both give the
//! same bytes.

use crate::atomic::OutputError;
use crate::chart::{Chart, ChartError, Data, Framing, svg};
use crate::names::Names;
use crate::provenance::Provenance;
use crate::rows::{JobRows, NodeRows};
use crate::series::{LogBins, Pairs, Timeline, Week};
use crate::summary::{Fold, Options, Run, Summary};
use crate::wait::{CauseTotals, Story, Waits, Worst};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;

/// How many of the longest waits a report explains.
const WORST: usize = 10;

/// The fold.
#[derive(Debug)]
pub struct Report {
    fold: Fold,
    waits: Waits,
    stories: Stories,
    timeline: Timeline,
    job_rows: Vec<JobRows>,
    node_rows: Vec<NodeRows>,
    ended: bool,
}

/// What is made of jobs that ended.
#[derive(Clone, Debug)]
struct Stories {
    causes: CauseTotals,
    worst: Worst,
    simulated: LogBins,
    recorded: LogBins,
    week: Week,
    pairs: Pairs,
}

impl Stories {
    /// Takes a job that ended. Jobs of the warm-up are left out.
    fn add(&mut self, names: &Names, story: &Story) {
        if story.ready < names.warmup() || story.result.is_none() {
            return;
        }
        self.causes.add(story);
        self.worst.add(story);
        self.simulated.add(story.waited);
        self.week.add(story.ready, story.waited);
        if let Some(recorded) = story.recorded {
            self.recorded.add(recorded);
            self.pairs.add(recorded, story.waited);
        }
    }
}

impl Report {
    /// An empty report of a run.
    pub fn new(run: Run) -> Self {
        Self {
            fold: Fold::new(run, Options { labels: true }),
            waits: Waits::default(),
            stories: Stories {
                causes: CauseTotals::default(),
                worst: Worst::new(WORST),
                simulated: LogBins::default(),
                recorded: LogBins::default(),
                week: Week::default(),
                pairs: Pairs::default(),
            },
            timeline: Timeline::default(),
            job_rows: Vec::new(),
            node_rows: Vec::new(),
            ended: false,
        }
    }

    /// Writes each job and each node into tables as well.
    #[must_use]
    pub fn with_rows(mut self, jobs: Vec<JobRows>, nodes: Vec<NodeRows>) -> Self {
        self.job_rows = jobs;
        self.node_rows = nodes;
        self
    }

    /// The figures behind the report.
    pub const fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Closes the run and its tables.
    pub fn finish(mut self, provenance: Provenance) -> Result<Finished, OutputError> {
        let last = self.fold.last();
        self.end(last);
        for rows in std::mem::take(&mut self.job_rows) {
            rows.finish()?;
        }
        for rows in std::mem::take(&mut self.node_rows) {
            rows.finish()?;
        }
        let mut summary = self.fold.summary().from(&provenance);
        if let Some(hindsight) = &provenance.hindsight {
            hindsight.fill(&mut summary);
        }
        Ok(Finished {
            summary,
            provenance,
            fold: self.fold,
            stories: self.stories,
            timeline: self.timeline,
        })
    }

    /// Tells the rest of the jobs that had not ended.
    fn end(&mut self, at: Time) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let unfinished = self.waits.unfinished(at);
        for rows in &mut self.job_rows {
            for story in &unfinished {
                rows.job(self.fold.names(), story);
            }
        }
    }
}

impl Sink for Report {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if self.ended {
            return;
        }
        self.fold.entry(at, entry);
        let names = self.fold.names();
        if let Entry::Fact(fact) = entry {
            self.timeline.fact(at, fact);
            for rows in &mut self.node_rows {
                rows.fact(names, at, fact);
            }
        }
        if let Some(story) = self.waits.step(at, entry) {
            self.stories.add(names, story);
            for rows in &mut self.job_rows {
                rows.job(names, story);
            }
        }
        if let Entry::Fact(Fact::RunEnded { .. }) = entry {
            self.end(at);
        }
    }
}

/// A report that only has to be written.
#[derive(Debug)]
pub struct Finished {
    /// The figures. Those of the program's own run are none; pages do not show them.
    pub summary: Summary,
    /// Where they come from.
    pub provenance: Provenance,
    fold: Fold,
    stories: Stories,
    timeline: Timeline,
}

impl Finished {
    /// The money and node time behind the figures, and where the entries contradict each other.
    pub const fn fold(&self) -> &Fold {
        &self.fold
    }

    /// The longest waits, longest first.
    pub fn worst(&self) -> &[Story] {
        self.stories.worst.stories()
    }

    /// What charts are drawn from.
    pub fn data(&self) -> Data<'_> {
        Data {
            summary: &self.summary,
            timeline: &self.timeline,
            warmup: self.fold.names().warmup(),
            simulated: &self.stories.simulated,
            recorded: &self.stories.recorded,
            causes: self.stories.causes.over(|_| true),
            week: &self.stories.week,
            pairs: &self.stories.pairs,
        }
    }

    /// The page.
    pub fn html(&self) -> Result<String, ChartError> {
        crate::html::html(self)
    }

    /// Charts that have something to show, as SVG files: name and text.
    pub fn charts(&self) -> Result<Vec<(String, String)>, ChartError> {
        let data = self.data();
        let mut files = Vec::new();
        for chart in Chart::ALL {
            if let Some(text) = svg(chart, &data, Framing::Alone)? {
                files.push((format!("{}.svg", chart.file_stem()), text));
            }
        }
        Ok(files)
    }
}

#[cfg(feature = "png")]
impl Finished {
    /// The same charts as PNG files: name and bytes.
    pub fn pictures(&self) -> Result<Vec<(String, Vec<u8>)>, ChartError> {
        let data = self.data();
        let mut files = Vec::new();
        for chart in Chart::ALL {
            if let Some(bytes) = crate::chart::png(chart, &data)? {
                files.push((format!("{}.png", chart.file_stem()), bytes));
            }
        }
        Ok(files)
    }
}
