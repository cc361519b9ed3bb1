//! The one dial: what an hour of waiting is worth, and what follows from it.
//!
//! People meet it as three service classes. A class is a team's choice, or follows from what set a
//! job off: somebody looks at a pull request, nobody at a nightly run.

use crate::model::ServiceClass;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// What the policy `greenroom` weighs money against, and which of its parts are on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dial {
    /// What an hour of a waiting job of the class `standard` is worth, in USD.
    pub wait_value: f64,
    /// How many zones there are.
    pub zones: u32,
    /// How spot is chosen; by the common rule when absent.
    pub spot: Option<SpotDial>,
    /// Whether quota that frees goes to the set that has least for its weight.
    pub fair: bool,
    /// Whether GitHub is told how many jobs a set has room for, rather than any number.
    pub capacity: bool,
}

/// How spot is chosen, by job and by pool.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotDial {
    /// Whether pools in trouble of late are left to others: the calm ones first.
    pub calm_first: bool,
    /// Instance types that a claim of spot lists at least, where the fleet has so many.
    pub types_min: u32,
    /// Most of all spot nodes that a pool may have, 0 to 1, where a claim can do without it.
    pub share_max: f64,
    /// Whether a hint that EC2 may take a node back keeps long jobs off it.
    pub hints: bool,
    /// Whether a node on demand is made ready for a job that will not end before its node is taken.
    pub twins: bool,
    /// What an interruption costs beside the work that is lost: until the job runs again.
    pub restart: Span,
}

/// What an hour of an interactive job is worth in hours of a standard one: 75 against 20 USD, a
/// developer who is stopped against one who has something else to do (fully loaded hours of 75 to 128
/// USD; some-natalie.dev, cicdcost.com).
const INTERACTIVE: f64 = 3.75;

/// What an hour of a batch job is worth in hours of a standard one: a nightly run that is late costs
/// nobody an hour, until it is late for the morning.
const BATCH: f64 = 0.05;

impl Dial {
    /// What an hour of waiting is worth to a class, in USD.
    pub const fn value(&self, class: ServiceClass) -> f64 {
        self.wait_value * weight(class)
    }
}

/// What an hour of waiting of a class is worth in hours of a standard one.
pub const fn weight(class: ServiceClass) -> f64 {
    match class {
        ServiceClass::Interactive => INTERACTIVE,
        ServiceClass::Standard => 1.0,
        ServiceClass::Batch => BATCH,
    }
}

/// Which classes the jobs of a set had of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mix {
    jobs: [f32; 3],
}

/// At so many jobs those that came before count half.
const FULL: f32 = 64.0;

impl Mix {
    /// A job of this class came.
    pub fn saw(&mut self, class: ServiceClass) {
        if self.jobs.iter().sum::<f32>() >= FULL {
            self.jobs.iter_mut().for_each(|jobs| *jobs *= 0.5);
        }
        self.jobs[class as usize] += 1.0;
    }

    /// The mean weight of its jobs; that of a standard one before the first.
    pub fn weight(&self) -> f64 {
        let all: f32 = self.jobs.iter().sum();
        if all <= 0.0 {
            return weight(ServiceClass::Standard);
        }
        let classes = [ServiceClass::Interactive, ServiceClass::Standard, ServiceClass::Batch];
        let sum =
            classes.iter().zip(self.jobs).map(|(class, jobs)| weight(*class) * f64::from(jobs));
        sum.sum::<f64>() / f64::from(all)
    }
}
