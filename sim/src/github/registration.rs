//! Runners come and go: registration and its limits, removal, reaping.

use super::config::Config;
use super::draw::Draw;
use super::limiter::Limiter;
use super::output::{Drop, Output};
use super::runner::{Runners, Standing};
use super::service::{GitHub, Turn};
use super::set::{Host, Set};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::id::{RunnerId, SetId};
use greenroom_scheduler::time::{Span, Time};
use std::collections::VecDeque;

/// Most registrations of one scope that may wait for the rate limit: as many as a runner group
/// can hold, since more could never be used.
const WAITING_MAX: usize = 10_000;

/// Registrations that wait, and those that count against a limit.
#[derive(Clone, Debug)]
pub(super) struct Registrations {
    scopes: Vec<Scope>,
    apps: Vec<Limiter>,
    scope_limit: Limiter,
    app_limit: Limiter,
}

#[derive(Clone, Debug)]
struct Scope {
    limiter: Limiter,
    waiting: VecDeque<RunnerId>,
    /// Runners that are registered or wait for it.
    runners: u32,
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

    fn left(&mut self, host: Host) {
        if let Host::Own { scope, .. } = host {
            self.scopes[scope as usize].runners -= 1;
        }
    }
}

impl<D: Draw> GitHub<D> {
    /// Registers a runner that listens as soon as it is registered; [`Output::Registered`] says
    /// when. While a limit is reached it waits its turn.
    ///
    /// Refused as `Throttled` when too many wait already, as `Forbidden` when the scope holds as
    /// many runners as it may, as `Mode` for a GitHub-hosted set.
    pub fn register(
        &mut self,
        now: Time,
        runner: RunnerId,
        set: SetId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        self.enter(turn, runner, set, true)
    }

    /// Registers a runner before its process is up, as a just-in-time configuration does: it is
    /// registered and offline until [`GitHub::connect`].
    pub fn reserve(
        &mut self,
        now: Time,
        runner: RunnerId,
        set: SetId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        self.enter(turn, runner, set, false)
    }

    /// A reserved runner's process is up and listens.
    pub fn connect(
        &mut self,
        now: Time,
        runner: RunnerId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let turn = &mut self.turn(now, timers, out);
        let Some(&found) = self.runners.get(runner) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        match found.standing {
            Standing::Waiting if !found.connected => {
                self.runners.at_mut(runner.slot).connected = true;
            }
            Standing::Offline => self.listen(turn, runner),
            _ => return Outcome::Already,
        }
        Outcome::Done
    }

    /// Removes a runner's registration, or its place among those that wait for one. Refused as
    /// `Busy` while it has a job (`JobStillRunningException`).
    pub fn remove(
        &mut self,
        now: Time,
        runner: RunnerId,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        self.turn(now, timers, out);
        let Some(&found) = self.runners.get(runner) else { return Outcome::Already };
        if let Some(refusal) = self.outages.refusal(self.sets[found.set.index()].forge) {
            return Outcome::Refused(refusal);
        }
        if matches!(found.standing, Standing::Busy | Standing::Lost) {
            return Outcome::Refused(Refusal::Busy);
        }
        self.forget_runner(runner);
        Outcome::Done
    }

    fn enter<T: Timers<Timer>>(
        &mut self,
        turn: &mut Turn<'_, T>,
        runner: RunnerId,
        set: SetId,
        connected: bool,
    ) -> Outcome {
        let Some(entry) = self.sets.get(set.index()) else {
            return Outcome::Refused(Refusal::NotFound);
        };
        let Host::Own { scope, .. } = entry.host else {
            return Outcome::Refused(Refusal::Mode);
        };
        match self.runners.holder(runner.slot) {
            Some(holder) if holder.serial == runner.serial => return Outcome::Already,
            // Whoever names runners knows that this one is gone; GitHub need not know it yet.
            Some(holder) if holder.standing == Standing::Lost => {
                let gone = RunnerId { serial: holder.serial, slot: runner.slot };
                self.forget_runner(gone);
            }
            Some(_) => return Outcome::Refused(Refusal::Busy),
            None => {}
        }
        let of = &mut self.registrations.scopes[scope as usize];
        if of.runners >= self.config.runners_max {
            return Outcome::Refused(Refusal::Forbidden);
        }
        if of.waiting.len() >= WAITING_MAX {
            let runners = &self.runners;
            of.waiting.retain(|&other| waits(runners, other));
            if of.waiting.len() >= WAITING_MAX {
                return Outcome::Refused(Refusal::Throttled);
            }
        }
        of.runners += 1;
        of.waiting.push_back(runner);
        self.runners.insert(runner, set, connected);
        self.admit(turn, scope);
        Outcome::Done
    }

    /// Admits those who wait, in order, for as long as the limits allow.
    pub(super) fn admit<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, scope: u32) {
        loop {
            let of = &mut self.registrations.scopes[scope as usize];
            let Some(&runner) = of.waiting.front() else { return };
            if !waits(&self.runners, runner) {
                of.waiting.pop_front();
                continue;
            }
            let Some(found) = self.runners.get(runner) else { return };
            let (connected, set) = (found.connected, &self.sets[found.set.index()]);
            // The end of the window comes back here.
            if self.outages.refusal(set.forge).is_some() {
                return;
            }
            let app = match set.host {
                Host::Own { app, .. } => app as usize,
                Host::GitHub { .. } => return,
            };
            let app = &mut self.registrations.apps[app];
            let free_at = of.limiter.free_at(turn.now).max(app.free_at(turn.now));
            if free_at > turn.now {
                turn.timers.set(free_at, Timer::Registration(scope));
                return;
            }
            of.limiter.admit(turn.now);
            app.admit(turn.now);
            of.waiting.pop_front();
            turn.out.push(Output::Registered { runner });
            self.runners.at_mut(runner.slot).standing = Standing::Offline;
            if connected {
                self.listen(turn, runner);
            }
        }
    }

    /// From now on the runner can be given a job.
    fn listen<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>, runner: RunnerId) {
        let entry = self.runners.at_mut(runner.slot);
        entry.standing = Standing::Idle;
        entry.idle_since = turn.now;
        let set = entry.set;
        self.runners.links.push_back(&mut self.sets[set.index()].idle, runner.slot);
        self.match_idle(turn, set);
        let Some(reap) = &mut self.reap else { return };
        let (runners, delay) = (&self.runners, reap.delay());
        if !may_reap(runners, runner, turn.now + delay, delay) {
            return;
        }
        let idles = |due: Time, runner| may_reap(runners, runner, due, delay);
        if let Some(at) = reap.push(turn.now, runner, idles) {
            turn.timers.set(at, Timer::Reap);
        }
    }

    pub(super) fn ring_reap<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        let Some(delay) = self.reap.as_ref().map(super::later::Later::delay) else { return };
        while let Some((due, runner)) = self.reap.as_mut().and_then(|reap| reap.pop(turn.now)) {
            if may_reap(&self.runners, runner, due, delay) {
                self.forget_runner(runner);
                turn.out.push(Output::Dropped { runner, why: Drop::Idle });
            }
        }
        let runners = &self.runners;
        let idles = |due: Time, runner| may_reap(runners, runner, due, delay);
        if let Some(at) = self.reap.as_mut().and_then(|reap| reap.rearm(idles)) {
            turn.timers.set(at, Timer::Reap);
        }
    }

    /// GitHub no longer knows a runner.
    pub(super) fn forget_runner(&mut self, runner: RunnerId) {
        let Some(&found) = self.runners.get(runner) else { return };
        let set: &mut Set = &mut self.sets[found.set.index()];
        if found.standing == Standing::Idle {
            self.runners.links.remove(&mut set.idle, runner.slot);
        }
        self.registrations.left(set.host);
        self.runners.forget(runner.slot);
    }
}

fn waits(runners: &Runners, runner: RunnerId) -> bool {
    runners.get(runner).is_some_and(|found| found.standing == Standing::Waiting)
}

fn may_reap(runners: &Runners, runner: RunnerId, due: Time, delay: Span) -> bool {
    runners
        .get(runner)
        .is_some_and(|found| found.standing == Standing::Idle && found.idle_since + delay == due)
}
