//! How long a job's credentials are to last.

use super::Core;
use crate::id::SetId;
use crate::time::Span;

/// The least that STS gives, and so the most that a stolen token of a short job is worth.
const LEAST: Span = Span::from_secs(15 * 60);

/// The most: GitHub Apps' tokens and STS' sessions of OIDC end by then, and what is longer is renewed.
const MOST: Span = Span::from_secs(60 * 60);

/// How much longer than nearly every job: starts are late, and lengths are known to a bucket.
const MARGIN: f64 = 1.2;

/// Of a hundred jobs one may have to renew.
const NEARLY_EVERY: f64 = 0.99;

impl Core {
    /// Credentials of a set's jobs last as long as nearly every one of them runs, within bounds:
    /// clamp(15 min, 1.2 x Q99(duration), 60 min). A longer job renews them. While nothing is known
    /// they last an hour, since a job that fails for them costs more than a long token risks.
    pub(super) fn token_ttl(&self, set: SetId) -> Option<Span> {
        self.dial()?;
        let known = self.state.view.set(set)?.lengths.quantile(NEARLY_EVERY);
        let wanted = known.map_or(MOST, |q99| Span::from_secs_f64(q99.as_secs_f64() * MARGIN));
        Some(wanted.clamp(LEAST, MOST))
    }
}
