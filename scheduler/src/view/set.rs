//! A runner set as the core sees it.

use crate::decision::Cause;
use crate::dial::Mix;
use crate::event::Counts;
use crate::id::JobId;
use crate::length::Lengths;
use crate::policy::arc::Patch;
use crate::resources::Resources;
use crate::spec::RunnerSet;
use crate::time::Time;
use crate::view::ahead::Ahead;
use crate::view::fleet::Retry;
use crate::view::list::List;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One team's runners of one pool at one GitHub instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Set {
    /// What it is.
    pub spec: RunnerSet,
    /// Latest statistics, moved on by the job messages that came since.
    pub counts: Counts,
    /// Runners that exist or were asked for.
    pub runners: u32,
    /// Of those, known to hold a job.
    pub busy: u32,
    /// Runners that quota allows and that wait for a place on a node.
    pub granted: u32,
    /// Runners that quota does not allow now.
    pub denied: u32,
    /// What denied them.
    pub denied_by: Option<Cause>,
    /// What its waiting jobs wait for, as last explained.
    pub hold: Option<Cause>,
    /// Since when it has had more runners without a job than jobs without a runner.
    pub surplus_since: Option<Time>,
    /// Runners without a job, the one asked for last first.
    pub spare: List,
    /// Enterprise: offers that were not acquired yet, the oldest job first; each at most once,
    /// however often it is offered, so never more than GitHub has open.
    pub offers: Vec<JobId>,
    /// Enterprise: jobs that were asked for since the latest statistics, which lack them.
    pub acquiring: u32,
    /// Capacity that GitHub was told, `None` before the first time.
    pub advertised: Option<u32>,
    /// ARC's patch counter.
    pub patch: Patch,
    /// What is foreseen for it.
    pub ahead: Ahead,
    /// What one runner asks for, as its pool says.
    pub request: Resources,
    /// How long its jobs ran, under a policy that weighs it.
    pub lengths: Lengths,
    /// Which service classes its jobs had of late.
    pub mix: Mix,
    /// Since when quota has denied it runners, under fair shares.
    pub denied_since: Option<Time>,
    /// Whether a runner fits on no instance type of its pool.
    pub misfit: bool,
    /// Not before this time is a runner asked for again, and why.
    pub retry: Option<Retry>,
    /// Whether it stands in its fleet's queue for places.
    pub queued: bool,
    /// In whose queue for quota it stands.
    pub blocked: Option<Limit>,
    /// Whether the next plan must look at it.
    pub dirty: bool,
}

/// Whose quota can stop a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// Its team's.
    Team,
    /// Its pool's.
    Pool,
}

impl Set {
    /// A set of which nothing is known yet.
    pub fn new(spec: RunnerSet) -> Self {
        Self {
            spec,
            counts: Counts::default(),
            runners: 0,
            busy: 0,
            granted: 0,
            denied: 0,
            denied_by: None,
            hold: None,
            surplus_since: None,
            spare: List::default(),
            offers: Vec::new(),
            acquiring: 0,
            advertised: None,
            patch: Patch::default(),
            ahead: Ahead::default(),
            request: Resources::JOB_DEFAULT,
            lengths: Lengths::default(),
            mix: Mix::default(),
            denied_since: None,
            misfit: false,
            retry: None,
            queued: false,
            blocked: None,
            dirty: false,
        }
    }

    /// A job is offered, perhaps not for the first time.
    pub fn offer(&mut self, job: JobId) {
        if let Err(place) = self.offers.binary_search(&job) {
            self.offers.insert(place, job);
        }
    }

    /// An offer is void.
    pub fn withdraw(&mut self, job: JobId) {
        if let Ok(place) = self.offers.binary_search(&job) {
            self.offers.remove(place);
        }
    }

    /// Jobs that are assigned and have no runner.
    pub const fn waiting(&self) -> u32 {
        self.counts.assigned.saturating_sub(self.counts.running)
    }

    /// Foreseen jobs that wait and for which no runner was asked for yet: GitHub is taken to give
    /// spare runners to them first.
    pub fn first_call(&self) -> u32 {
        self.ahead.came().min(self.waiting()).saturating_sub(self.without_job())
    }

    /// Runners without a job.
    pub const fn without_job(&self) -> u32 {
        self.runners.saturating_sub(self.busy)
    }
}
