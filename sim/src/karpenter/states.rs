//! Claims as states of an automaton: what a claim becomes when a shape joins it depends on the
//! two alone, as long as the same offerings are available.
//!
//! Runner pods come in few shapes, so the same claims grow again and again, round after round. A
//! step that was taken once is a look-up afterwards, and so is the finished claim.

use super::algebra::SetId;
use super::amounts::Amounts;
use super::bits::Bits;
use super::requirements::Requirements;
use super::round::Refusal;
use std::collections::HashMap;
use std::sync::Arc;

/// States remembered from round to round: some 400 bytes each. With more, all are forgotten and
/// worked out again, which costs time and changes no result.
const STATES_MAX: usize = 1 << 14;
/// Steps remembered, refusals among them: 16 bytes each. The same holds.
const STEPS_MAX: usize = 1 << 18;

/// A claim, its pods aside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) template: usize,
    pub(super) set: SetId,
    /// No pod has joined yet: `minValues` may be relaxed where the policy says so.
    pub(super) fresh: bool,
    pub(super) types: Bits,
    pub(super) requests: Amounts,
    pub(super) ports: Vec<u16>,
    /// Reservations that it holds.
    pub(super) reserved: Bits,
}

/// The number of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct StateId(u32);

/// What a claim becomes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) to: StateId,
    pub(super) relaxed: bool,
}

/// What a state is written down as.
#[derive(Clone, Debug)]
pub(super) struct Finished {
    pub(super) types: Arc<[u32]>,
    pub(super) allowed: Arc<Requirements>,
    pub(super) requirements: Arc<Requirements>,
    pub(super) requests: Amounts,
    /// The cut to 600 types left enough different values.
    pub(super) has_min_values: bool,
}

#[derive(Debug)]
struct Known {
    state: Arc<State>,
    types_count: u32,
    /// The most that any of its types has room for; nothing while it is fresh.
    room_max: Option<Amounts>,
    finished: Option<Arc<Finished>>,
}

#[derive(Debug, Default)]
pub(super) struct States {
    known: Vec<Known>,
    ids: HashMap<Arc<State>, StateId>,
    steps: HashMap<(StateId, u32), Result<Step, Refusal>>,
}

impl States {
    /// More is remembered than the rounds of a run should need.
    pub(super) fn is_full(&self) -> bool {
        self.known.len() > STATES_MAX || self.steps.len() > STEPS_MAX
    }

    pub(super) fn id(&mut self, state: State, room_max: Option<Amounts>) -> StateId {
        if let Some(&id) = self.ids.get(&state) {
            return id;
        }
        let id = StateId(self.known.len() as u32);
        let types_count = state.types.len() as u32;
        let state = Arc::new(state);
        self.ids.insert(Arc::clone(&state), id);
        self.known.push(Known { state, types_count, room_max, finished: None });
        id
    }

    pub(super) fn state(&self, id: StateId) -> &Arc<State> {
        &self.known[id.0 as usize].state
    }

    pub(super) fn types_count(&self, id: StateId) -> u32 {
        self.known[id.0 as usize].types_count
    }

    pub(super) fn room_max(&self, id: StateId) -> Option<&Amounts> {
        self.known[id.0 as usize].room_max.as_ref()
    }

    /// The step that was taken before.
    pub(super) fn step(&self, from: StateId, attempt: usize) -> Option<Result<Step, Refusal>> {
        self.steps.get(&(from, attempt as u32)).copied()
    }

    pub(super) fn remember(&mut self, from: StateId, attempt: usize, step: Result<Step, Refusal>) {
        self.steps.insert((from, attempt as u32), step);
    }

    pub(super) fn finished(&self, id: StateId) -> Option<&Arc<Finished>> {
        self.known[id.0 as usize].finished.as_ref()
    }

    pub(super) fn finish(&mut self, id: StateId, finished: Arc<Finished>) {
        self.known[id.0 as usize].finished = Some(finished);
    }
}
