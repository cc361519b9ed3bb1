//! What is remembered between rounds.

use super::algebra::{Algebra, SetId};
use super::bits::Bits;
use super::launch::Launches;
use super::states::States;
use super::universe::Universe;

/// What is remembered between rounds of one universe. It changes how long a round takes, never
/// what comes out.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) algebra: Algebra,
    pub(super) states: States,
    pub(super) launches: Launches,
    pub(super) attempts: Vec<SetId>,
    pub(super) templates: Vec<SetId>,
    pub(super) kinds: Vec<SetId>,
    /// Shapes whose attempts are numbered.
    shapes: usize,
    /// What was unavailable in the last round, and what was available: what follows from them
    /// holds while they stay.
    unavailable: Bits,
    pub(super) available: Bits,
    began: bool,
}

impl Scratch {
    /// Nothing remembered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Numbers what the universe has learned since, and forgets what depended on what was
    /// unavailable before.
    pub(super) fn begin(&mut self, universe: &Universe, unavailable: &Bits) {
        if self.algebra.is_full() {
            *self = Self::default();
        }
        if !self.began || self.unavailable != *unavailable {
            self.began = true;
            self.unavailable = unavailable.clone();
            self.available = universe.sold.clone();
            self.available.remove_all(unavailable);
            self.algebra.availability_changed();
            self.states = States::default();
            self.launches = Launches::default();
        }
        if self.states.is_full() {
            self.states = States::default();
        }
        for template in &universe.templates[self.templates.len()..] {
            self.templates.push(self.algebra.id(template.requirements.clone()));
        }
        for kind in &universe.kinds[self.kinds.len()..] {
            self.kinds.push(self.algebra.id(kind.requirements.clone()));
        }
        for shape in &universe.shapes[self.shapes..] {
            for attempt in &shape.attempts {
                self.attempts.push(self.algebra.id(attempt.requirements.clone()));
            }
        }
        self.shapes = universe.shapes.len();
    }
}
