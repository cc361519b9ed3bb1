//! The whole of GitHub, and how its timers come back to it.

use super::config::{Config, ConfigError, Effect};
use super::draw::Draw;
use super::groups::Groups;
use super::job::{Jobs, Phase};
use super::later::Later;
use super::outage::Outages;
use super::output::Output;
use super::pace::Pace;
use super::registration::Registrations;
use super::release::Release;
use super::runner::{Runners, Standing};
use super::set::{Host, Set, SetSpec};
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::event::Counts;
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::time::{Span, Time};

/// GitHub: the service side of every runner set of a run.
#[derive(Clone, Debug)]
pub struct GitHub<D> {
    pub(super) config: Config,
    pub(super) draw: D,
    pub(super) sets: Vec<Set>,
    pub(super) jobs: Jobs,
    pub(super) runners: Runners,
    pub(super) registrations: Registrations,
    pub(super) outages: Outages,
    pub(super) release: Release,
    pub(super) groups: Groups,
    pub(super) pace: Pace,
    pub(super) expiry: Later<JobId>,
    pub(super) confirm: Later<JobId>,
    pub(super) losses: Later<JobId>,
    pub(super) reap: Option<Later<RunnerId>>,
    /// By how often the job was assigned again.
    pub(super) withdraw: Vec<Later<JobId>>,
    /// The next place in the order in which jobs queue.
    pub(super) place: u64,
    pub(super) unmatched: u32,
}

/// The instant that a call belongs to, and where it leaves what follows from it.
pub(super) struct Turn<'a, T> {
    pub(super) now: Time,
    pub(super) timers: &'a mut T,
    pub(super) out: &'a mut Vec<Output>,
}

/// What a full listing of GitHub shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Statistics of each set as they are now, in order of sets.
    pub sets: Vec<(SetId, Counts)>,
    /// Every registered runner, in order of slots.
    pub runners: Vec<SeenRunner>,
}

/// A runner that GitHub lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenRunner {
    /// Which.
    pub runner: RunnerId,
    /// Whose.
    pub set: SetId,
    /// Its job.
    pub job: Option<JobId>,
}

/// Most attempts that have a withdrawal queue of their own; later ones share the last.
const WITHDRAWALS_MAX: u32 = 16;

impl<D: Draw> GitHub<D> {
    /// GitHub with neither sets nor jobs. Call [`GitHub::start`] before anything else.
    pub fn new(config: Config, start: Time, draw: D) -> Result<Self, ConfigError> {
        config.check()?;
        let withdraw = config.withdraw_s.map_or_else(Vec::new, |secs| {
            let repeats = config.reassignments_max.min(WITHDRAWALS_MAX);
            let spans = (1..=u64::from(repeats)).map(|nth| secs.saturating_mul(nth));
            spans.map(|secs| Later::new(Span::from_secs(secs))).collect()
        });
        Ok(Self {
            draw,
            sets: Vec::new(),
            jobs: Jobs::default(),
            runners: Runners::default(),
            registrations: Registrations::new(&config),
            outages: Outages::new(start, config.windows.clone()),
            release: Release::default(),
            groups: Groups::default(),
            pace: Pace::new(config.fan_out_jobs_per_s_max),
            expiry: Later::new(Span::from_secs(config.queue_s_max)),
            confirm: Later::new(Span::from_secs(config.confirm_s_max)),
            losses: Later::new(Span::from_secs(config.lost_runner_s)),
            reap: config.idle_runner_s_max.map(|secs| Later::new(Span::from_secs(secs))),
            withdraw,
            place: 0,
            unmatched: 0,
            config,
        })
    }

    /// Looks at the windows for the first time.
    pub fn start(&mut self, now: Time, timers: &mut impl Timers<Timer>, out: &mut Vec<Output>) {
        self.turn(now, timers, out);
    }

    /// Adds a runner set and answers its number: 0, 1, 2, ...
    pub fn add_set(&mut self, now: Time, spec: SetSpec) -> SetId {
        if let Host::Own { scope, app, .. } = spec.host {
            self.registrations.know(scope, app);
        }
        self.sets.push(Set::new(spec, now));
        SetId(self.sets.len() as u32 - 1)
    }

    /// A timer rang.
    pub fn on_timer(
        &mut self,
        now: Time,
        timer: Timer,
        timers: &mut impl Timers<Timer>,
        out: &mut Vec<Output>,
    ) {
        let turn = &mut self.turn(now, timers, out);
        match timer {
            // Every turn passes the windows first.
            Timer::Window => {}
            Timer::Message(set) => self.ring_message(turn, set),
            Timer::Poll(set) => self.begin_poll(turn, set),
            Timer::Hosted(slot) => self.hosted_is_up(turn, slot),
            Timer::FanOut(slot) => self.leave_fan_out(turn, slot),
            Timer::Release(slot) => self.ring_release(turn, slot),
            Timer::Registration(scope) => self.admit(turn, scope),
            Timer::Expiry => self.ring_expiry(turn),
            Timer::Confirm => self.ring_confirm(turn),
            Timer::Loss => self.ring_loss(turn),
            Timer::Reap => self.ring_reap(turn),
            Timer::Withdraw(attempt) => self.ring_withdraw(turn, attempt as usize),
        }
    }

    /// What a full listing shows now: the level, not the edge.
    pub fn observe(&self) -> Seen {
        let sets = self.sets.iter().enumerate();
        let listed = |standing| !matches!(standing, Standing::Absent | Standing::Waiting);
        Seen {
            sets: sets.map(|(index, set)| (SetId(index as u32), set.counts)).collect(),
            runners: self
                .runners
                .iter()
                .filter(|(_, entry)| listed(entry.standing))
                .map(|(runner, entry)| SeenRunner {
                    runner,
                    set: entry.set,
                    job: matches!(entry.standing, Standing::Busy | Standing::Lost)
                        .then_some(entry.job),
                })
                .collect(),
        }
    }

    /// The statistics of a set as they are now; nothing for an unknown set.
    pub fn counts(&self, set: SetId) -> Option<Counts> {
        self.sets.get(set.index()).map(|set| set.counts)
    }

    /// How many jobs of a set wait for room in it: they are in no statistics.
    pub fn queued(&self, set: SetId) -> u32 {
        self.sets.get(set.index()).map_or(0, |set| set.queued.len())
    }

    /// Whether GitHub knows nothing of a job (any more).
    pub fn is_forgotten(&self, job: JobId) -> bool {
        self.phase(job) == Phase::Absent
    }

    /// How many jobs wait whose labels no set has.
    pub fn unmatched(&self) -> u32 {
        self.unmatched
    }

    /// How many hints were left out of messages because too many waited to be told.
    pub fn hints_left_out(&self) -> u64 {
        self.sets.iter().map(|set| set.mailbox.left_out).sum()
    }

    /// Begins a turn: passes every window that opened or closed up to `now`.
    pub(super) fn turn<'a, T: Timers<Timer>>(
        &mut self,
        now: Time,
        timers: &'a mut T,
        out: &'a mut Vec<Output>,
    ) -> Turn<'a, T> {
        let mut turn = Turn { now, timers, out };
        if now >= self.outages.next_edge() {
            self.outages.pass(now);
            let next = self.outages.next_edge();
            if next < Time::MAX {
                turn.timers.set(next, Timer::Window);
            }
            self.resume(&mut turn);
        }
        turn
    }

    /// Takes up whatever the windows that are open now no longer hold back, in order of sets.
    fn resume<T: Timers<Timer>>(&mut self, turn: &mut Turn<'_, T>) {
        for index in 0..self.sets.len() {
            let set = SetId(index as u32);
            let forge = self.sets[index].forge;
            if !self.outages.stops(forge, Effect::Assignment) {
                self.fill(turn, set);
                self.match_idle(turn, set);
            }
            if self.outages.refusal(forge).is_none() {
                self.resume_poll(turn, set);
            }
            if !self.outages.stops(forge, Effect::Messages) {
                self.resume_messages(turn, set);
            }
        }
        for scope in 0..self.registrations.scopes() {
            self.admit(turn, scope);
        }
    }

    /// The phase of a job, or that GitHub does not know it.
    pub(super) fn phase(&self, job: JobId) -> Phase {
        self.jobs.get(job).map_or(Phase::Absent, |found| found.phase)
    }
}
