//! Why a fleet grows, as a sentence.

use super::Count;
use crate::policy::growth::Growth;
use core::fmt;

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taskcluster { pending, existing, desired, requested } => {
                write!(f, "{pending} pending beyond the idle, {existing} there, ")?;
                write!(f, "{desired} desired, {requested} requested")
            }
            Self::Idle { wanted, in_use, idle } => {
                write!(f, "{wanted} stay idle beside {in_use} in use, {idle} are idle or coming")
            }
            Self::OneEach { waiting, coming } => {
                match waiting {
                    1 => f.write_str("one for the job that waits, ")?,
                    _ => write!(f, "one for each of {waiting} jobs that wait, ")?,
                }
                write!(f, "{coming} on the way")
            }
            Self::Pool { wanted, idle } => {
                write!(f, "the pool holds {wanted} at this hour, {idle} are idle or coming")
            }
            Self::Buildkite { jobs, buffer, agents } => {
                write!(f, "{} and a buffer of {buffer}, ", Count(*jobs, "job"))?;
                write!(f, "{} there or coming", Count(*agents, "agent"))
            }
            Self::Placeholder { pairs, queued, ready, burst } => {
                write!(f, "{} and {queued} for the queue, ", Count(*pairs, "pair"))?;
                write!(f, "{ready} ready or coming, {burst} at a time")
            }
        }
    }
}
