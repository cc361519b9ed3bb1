//! What is wished for: `event=pull_request: p95<=30s; event=schedule: p95<=10m`.

mod parse;

use crate::compare::GateError;
use crate::words;
use std::fmt::{Display, Formatter, Result as Written};

/// Most objectives of one expression: a job's memberships are the bits of one number.
pub const OBJECTIVES_MAX: usize = 16;

/// Service level objectives, all of which are to be met.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// One at least.
    pub objectives: Vec<Objective>,
}

/// One figure of queue time that some jobs must not exceed.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Which jobs: those for which all of this holds; all jobs when empty.
    pub selector: Vec<Select>,
    /// Which figure of their queue time.
    pub statistic: Statistic,
    /// What it may be at most, in seconds.
    pub limit_s: f64,
}

/// `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// What is looked at.
    pub key: Key,
    /// What it must be.
    pub value: String,
}

/// What of a job is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// What set its run off: `push`, `pull_request`, `merge_group`, `schedule` or `other`.
    Event,
    /// Its runner class, by the name of the trace or of the pool.
    Class,
    /// Its team.
    Team,
    /// Its repository, as `owner/name`.
    Repository,
    /// Its workflow.
    Workflow,
    /// Its name.
    Job,
}

impl Key {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Event, Self::Class, Self::Team, Self::Repository, Self::Workflow, Self::Job];

    /// As people type it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Class => "class",
            Self::Team => "team",
            Self::Repository => "repository",
            Self::Workflow => "workflow",
            Self::Job => "job",
        }
    }
}

/// A figure of queue time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// So many percent of the jobs wait no longer, above 0 and below 100; by nearest rank.
    Percentile(f64),
    /// The arithmetic mean.
    Mean,
    /// The longest wait.
    Max,
}

impl Slo {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where in the expression what was found, and what was expected.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        parse::parse(text)
    }

    /// The limits of all objectives, in seconds.
    pub fn limits_s(&self) -> Vec<f64> {
        self.objectives.iter().map(|objective| objective.limit_s).collect()
    }
}

impl Objective {
    /// Whose: `all jobs`, `event=schedule, team=web`.
    pub fn whose(&self) -> String {
        if self.selector.is_empty() {
            return "all jobs".to_owned();
        }
        let all: Vec<String> = self.selector.iter().map(ToString::to_string).collect();
        all.join(", ")
    }
}

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "{}={}", self.key.word(), self.value)
    }
}

impl Display for Statistic {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        match self {
            Self::Percentile(percent) => write!(f, "p{percent}"),
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
        }
    }
}

impl Display for Objective {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        if !self.selector.is_empty() {
            write!(f, "{}: ", self.whose())?;
        }
        write!(f, "{} <= {}", self.statistic, words::seconds(self.limit_s))
    }
}

impl Display for Slo {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        for (place, objective) in self.objectives.iter().enumerate() {
            let between = if place > 0 { "; " } else { "" };
            write!(f, "{between}{objective}")?;
        }
        Ok(())
    }
}
