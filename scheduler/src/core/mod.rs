//! The decision core: events in, commands and explained decisions out.

mod apply;
mod node;
mod observe;
mod outcome;
mod runner;
mod stock;
mod strand;
mod token;
mod warned;
mod weather;

use crate::command::{Action, Command};
use crate::decision::{Decision, Nonsense};
use crate::event::Event;
use crate::forecast::fleet::Pasts;
use crate::forecast::runs::Runs;
use crate::hazard::Weather;
use crate::id::{CommandId, FleetId, Generation, JobId, RunnerId, SetId};
use crate::intent::Intents;
use crate::plan::packed::Markets;
use crate::plan::shape::Shapes;
use crate::policy::oracle::Timetables;
use crate::spec::Settings;
use crate::time::Time;
use crate::view::View;
use crate::wakes::Wakes;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most plans that follow the first of an instant. Each takes at least one set out of a queue for
/// quota, so they end by themselves; the bound keeps a single drain short, and what is left over is
/// planned with the next event.
const PLANS_PER_DRAIN_MAX: u32 = 10_000;

/// What [`Core::poll`] gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Something to do.
    Command(Command),
    /// Why something was done, or not.
    Decision(Decision),
    /// Nothing more now; call again at this time with [`Event::Tick`] if nothing else happens
    /// before.
    WakeAt(Option<Time>),
}

/// Everything the core remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// What it was configured with; nothing is done before.
    pub settings: Option<Settings>,
    /// Of the present leader.
    pub generation: Generation,
    /// The world as last observed.
    pub view: View,
    /// Commands that nobody answered yet.
    pub intents: Intents,
    /// Jobs that lost their runner and are run again, by serial.
    pub reruns: BTreeMap<u32, Rerun>,
    /// Jobs whose second attempt has a node on its way before the first is lost, by serial.
    pub twins: BTreeSet<u32>,
    /// What was seen of spot, under a policy that weighs it.
    pub weather: Weather,
    /// What the policy `oracle` follows.
    pub timetables: Timetables,
    /// Kinds of runs, and the runs that go on.
    #[serde(default)]
    pub runs: Runs,
    /// What was learned of fleets.
    #[serde(default)]
    pub pasts: Pasts,
    /// When to look at what again.
    pub wakes: Wakes,
    /// The latest time it was told.
    pub now: Time,
}

/// A job that lost its runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// Which.
    pub job: JobId,
    /// Whose.
    pub set: SetId,
    /// The runner it lost last: the loss may be told twice.
    pub lost: Option<RunnerId>,
    /// How often it was run again.
    pub times: u32,
    /// Whether the last request is still without an answer.
    pub asked: bool,
}

/// The decision core. Feed all events of one instant with [`Core::handle`], then drain
/// [`Core::poll`] until it gives [`Output::WakeAt`]; then the next instant.
#[derive(Clone, Debug, Default)]
pub struct Core {
    pub(crate) state: State,
    /// Sets that the next plan must look at.
    pub(crate) dirty_sets: Vec<SetId>,
    /// Fleets that the next plan must look at.
    pub(crate) dirty_fleets: Vec<FleetId>,
    /// What node shapes cost, worked out once per price change. Not state: it can be made anew.
    pub(crate) shapes: Shapes,
    /// What fleets can buy, put in order; likewise.
    pub(crate) markets: Markets,
    out: VecDeque<Output>,
    planned: bool,
}

impl Core {
    /// A core that knows nothing yet.
    pub fn new() -> Self {
        Self { planned: true, ..Self::default() }
    }

    /// A core that remembers this.
    pub fn restore(state: State) -> Self {
        Self { state, planned: true, ..Self::default() }
    }

    /// Everything it remembers. Complete and comparable once drained.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Takes one event. Never fails: what makes no sense becomes a [`Decision::Ignored`].
    /// Time never goes back: an earlier `now` counts as the latest one told.
    pub fn handle(&mut self, now: Time, event: &Event) {
        self.state.now = self.state.now.max(now);
        self.planned = false;
        self.apply(event);
    }

    /// Gives what is to be done, one thing at a time, [`Output::WakeAt`] last.
    #[inline]
    pub fn poll(&mut self) -> Output {
        if !self.planned {
            self.planned = true;
            if self.has_work() {
                self.plan();
            }
            // Quota that one set left goes to the next one that waits for it, now.
            for _ in 0..PLANS_PER_DRAIN_MAX {
                if self.dirty_sets.is_empty() && self.dirty_fleets.is_empty() {
                    break;
                }
                self.plan();
            }
        }
        self.out.pop_front().unwrap_or_else(|| Output::WakeAt(self.state.wakes.next_at()))
    }

    /// Whether anything was touched or is due.
    fn has_work(&self) -> bool {
        !self.dirty_sets.is_empty()
            || !self.dirty_fleets.is_empty()
            || self.state.wakes.next_at().is_some_and(|at| at <= self.state.now)
            || self.state.runs.has_new()
            || self.state.settings.is_none()
    }

    /// Marks a set for the next plan.
    pub(crate) fn touch_set(&mut self, id: SetId) {
        if let Some(set) = self.state.view.set_mut(id)
            && !core::mem::replace(&mut set.dirty, true)
        {
            self.dirty_sets.push(id);
        }
    }

    /// Marks a fleet for the next plan.
    pub(crate) fn touch_fleet(&mut self, id: FleetId) {
        if let Some(fleet) = self.state.view.fleet_mut(id)
            && !core::mem::replace(&mut fleet.dirty, true)
        {
            self.dirty_fleets.push(id);
        }
    }

    /// Explains.
    pub(crate) fn explain(&mut self, decision: Decision) {
        self.out.push_back(Output::Decision(decision));
    }

    /// An event made no sense.
    pub(crate) fn ignore(&mut self, why: Nonsense) {
        self.explain(Decision::Ignored { why });
    }

    /// Sends a command, unless the checker finds that it would break a law.
    pub(crate) fn send(&mut self, id: CommandId, action: Action) -> bool {
        if let Err(law) = crate::check::check(&self.state, &action) {
            self.explain(Decision::Stopped { law });
            return false;
        }
        let give_up_at = self.state.now + self.intent_ttl();
        let generation = self.state.generation;
        self.out.push_back(Output::Command(Command { id, generation, give_up_at, action }));
        true
    }

    pub(crate) fn intent_ttl(&self) -> crate::time::Span {
        self.state.settings.as_ref().map_or(crate::time::Span::ZERO, |s| s.intent_ttl)
    }
}
