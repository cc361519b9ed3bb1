//! How long jobs take: quantiles by name, with shrinkage to workflow, class and organisation.
//!
//! What is known of a name counts with its number of jobs, against a few jobs' worth of what is known
//! of its workflow, and so on: a name that was never seen takes what its workflow takes.

use super::histogram::{Histogram, Mix};
use crate::id::SetId;
use crate::time::{Span, Time};
use alloc::collections::BTreeMap;
use serde::{Deserialize, Serialize};

/// Most names, workflows and classes of which anything is remembered; beyond it the one that was
/// counted longest ago goes.
pub const KEYS_MAX: usize = 8_192;

/// What a job leaves of the weight of those before it: the last fifty count.
const KEPT: f32 = 0.98;

/// How many jobs of the next wider kind count against those of one kind.
const SHRINKAGE: f64 = 3.0;

/// What durations are told apart by, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    Job(u32, SetId),
    Workflow(u32),
    Class(SetId),
    All,
}

/// How long jobs took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// With a number that grows with each count, to know which is oldest.
    kinds: BTreeMap<Key, (u64, Histogram)>,
    ages: BTreeMap<u64, Key>,
    counted: u64,
}

/// The kinds that a job belongs to, the narrowest first.
const fn keys(label: u32, workflow: u32, set: SetId) -> [Key; 4] {
    [Key::Job(label, set), Key::Workflow(workflow), Key::Class(set), Key::All]
}

impl Durations {
    /// A job took so long.
    pub fn learn(&mut self, label: u32, workflow: u32, set: SetId, took: Span) {
        for key in keys(label, workflow, set) {
            self.counted += 1;
            let (counted, histogram) = self.kinds.entry(key).or_default();
            self.ages.remove(counted);
            *counted = self.counted;
            self.ages.insert(self.counted, key);
            histogram.add(took, KEPT);
        }
        while self.kinds.len() > KEYS_MAX
            && let Some((_, key)) = self.ages.pop_first()
        {
            self.kinds.remove(&key);
        }
    }

    /// What a share of such jobs takes at most, of those that take longer than `age`.
    pub fn quantile(
        &self,
        (label, workflow, set): (u32, u32, SetId),
        share: f64,
        age: Span,
    ) -> Option<Span> {
        let empty = Histogram::default();
        let mut parts = [(&empty, 0.0); 4];
        let mut left = 1.0;
        for (part, key) in parts.iter_mut().zip(keys(label, workflow, set)) {
            let Some((_, histogram)) = self.kinds.get(&key) else { continue };
            let seen = histogram.weight();
            let own = if key == Key::All { left } else { left * seen / (seen + SHRINKAGE) };
            *part = (histogram, own);
            left -= own;
        }
        Mix::of(&parts).quantile_after(share, age)
    }

    /// When a job that started at `since` ends, with a share of certainty.
    pub fn end(&self, job: (u32, u32, SetId), share: f64, since: Time, now: Time) -> Option<Time> {
        self.quantile(job, share, now.since(since)).map(|takes| since + takes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned() -> Durations {
        let mut durations = Durations::default();
        for _ in 0..100 {
            durations.learn(1, 7, SetId(0), Span::from_secs(60));
            durations.learn(2, 7, SetId(0), Span::from_secs(600));
        }
        durations
    }

    #[test]
    fn a_name_has_its_own_durations_and_a_new_one_those_of_its_workflow() {
        let durations = learned();
        let median = |label| {
            let found = durations.quantile((label, 7, SetId(0)), 0.5, Span::ZERO);
            found.map_or(0.0, Span::as_secs_f64)
        };
        assert!((55.0..65.0).contains(&median(1)), "{}", median(1));
        assert!((550.0..650.0).contains(&median(2)), "{}", median(2));
        let upper = durations.quantile((3, 7, SetId(0)), 0.9, Span::ZERO).unwrap();
        assert!((550.0..650.0).contains(&upper.as_secs_f64()), "{upper}");
    }

    #[test]
    fn a_job_that_is_older_than_most_takes_as_long_as_the_longer_ones() {
        let durations = learned();
        let rest = durations.quantile((3, 7, SetId(0)), 0.5, Span::from_secs(100)).unwrap();
        assert!((550.0..650.0).contains(&rest.as_secs_f64()), "{rest}");
        let since = Time::from_ms(1_000);
        let end = durations.end((1, 7, SetId(0)), 0.5, since, Time::from_ms(2_000)).unwrap();
        assert!((55..65).contains(&(end.since(since).as_ms() / 1_000)));
        assert_eq!(Durations::default().quantile((1, 7, SetId(0)), 0.5, Span::ZERO), None);
    }

    #[test]
    fn no_more_is_remembered_than_the_bound() {
        let mut durations = Durations::default();
        for label in 0..2 * KEYS_MAX as u32 {
            durations.learn(label, label, SetId(0), Span::from_secs(1));
        }
        assert!(durations.kinds.len() <= KEYS_MAX && durations.ages.len() <= KEYS_MAX);
    }
}
