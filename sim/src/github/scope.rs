//! Whom registrations are counted for, and who waits for one.

use super::config::Config;
use super::limiter::Limiter;
use super::set::Host;
use greenroom_scheduler::id::RunnerId;
use greenroom_scheduler::time::Span;
use std::collections::VecDeque;

/// Most registrations of one scope that may wait for the rate limit: as many as a runner group
/// can hold, since more could never be used.
pub(super) const WAITING_MAX: usize = 10_000;

/// Registrations that wait, and those that count against a limit.
#[derive(Clone, Debug)]
pub(super) struct Registrations {
    pub(super) scopes: Vec<Scope>,
    pub(super) apps: Vec<Limiter>,
    scope_limit: Limiter,
    app_limit: Limiter,
}

#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) limiter: Limiter,
    pub(super) waiting: VecDeque<RunnerId>,
    /// Runners that are registered or wait for it.
    pub(super) runners: u32,
}

impl Registrations {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            scopes: Vec::new(),
            apps: Vec::new(),
            scope_limit: Limiter::new(config.registrations_per_5_min_max, Span::from_secs(300)),
            app_limit: Limiter::new(config.registrations_per_hour_max, Span::from_secs(3600)),
        }
    }

    pub(super) fn know(&mut self, scope: u32, app: u32) {
        while self.scopes.len() <= scope as usize {
            let limiter = self.scope_limit.clone();
            self.scopes.push(Scope { limiter, waiting: VecDeque::new(), runners: 0 });
        }
        while self.apps.len() <= app as usize {
            self.apps.push(self.app_limit.clone());
        }
    }

    pub(super) fn scopes(&self) -> u32 {
        self.scopes.len() as u32
    }

    pub(super) fn left(&mut self, host: Host) {
        if let Host::Own { scope, .. } = host {
            self.scopes[scope as usize].runners -= 1;
        }
    }
}
