//! Credentials that end before their job does.

use super::{AtExpiry, Identity};
use crate::random::Purpose;
use greenroom_scheduler::time::{Span, Time};

/// What becomes of a job's credentials while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// The job ends first, or needs them no more, or renewed them in time.
    Lasts {
        /// How often they were renewed.
        renewals: u32,
    },
    /// They end first, and the job fails then.
    Ends {
        /// When.
        at: Time,
        /// How often they had been renewed before.
        renewals: u32,
    },
}

/// Renewals looked at for one job: GitHub ends a job on one's own runners after 5 days, which is
/// 720 renewals of the shortest credentials. Beyond the bound they count as lasting.
const RENEWALS_MAX: u32 = 1_000;

impl Identity {
    /// What becomes of credentials got at `issued` by an attempt that would end at `ends`.
    /// Renewing takes the whole path again; it must be done when the old ones end. They last for
    /// `ttl`, or as configured.
    pub fn lasting(&self, attempt: u64, issued: Time, ends: Time, ttl: Option<Span>) -> Lasting {
        let ttl = ttl.unwrap_or_else(|| Span::from_secs(self.config.ttl_s));
        if self.config.steps.is_empty() {
            return Lasting::Lasts { renewals: 0 };
        }
        match self.config.at_expiry {
            AtExpiry::Fail if issued + ttl < ends => {
                Lasting::Ends { at: issued + ttl, renewals: 0 }
            }
            AtExpiry::Fail | AtExpiry::Ignore => Lasting::Lasts { renewals: 0 },
            AtExpiry::Renew => self.renewed(attempt, issued, ends, ttl),
        }
    }

    fn renewed(&self, attempt: u64, issued: Time, ends: Time, ttl: Span) -> Lasting {
        let margin = Span::from_secs(self.config.renew_before_s);
        let mut stream = self.streams.stream(Purpose::TokenRenewal, attempt);
        let mut expires = issued + ttl;
        for renewals in 0..RENEWALS_MAX {
            if ends <= expires {
                // A renewal that begins before the end of the job is made even if not needed.
                let begun = u32::from(expires - margin < ends);
                return Lasting::Lasts { renewals: renewals + begun };
            }
            let begin = expires - margin;
            let issue = self.walk(&mut stream);
            let done = begin + issue.took;
            if issue.failed_at.is_some() || done > expires {
                return Lasting::Ends { at: expires, renewals };
            }
            expires = done + ttl;
        }
        Lasting::Lasts { renewals: RENEWALS_MAX }
    }
}
