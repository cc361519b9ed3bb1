//! Money by what it is for.

pub use greenroom_scheduler::fact::Line;
use greenroom_scheduler::money::Money;
use std::ops::{Add, AddAssign};

/// Money by line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines([Money; Line::ALL.len()]);

impl Lines {
    /// What a line amounts to.
    pub const fn of(&self, line: Line) -> Money {
        self.0[line as usize]
    }

    /// All lines together.
    pub fn total(&self) -> Money {
        self.0.iter().copied().sum()
    }

    /// Every line with its amount, in the order of a bill.
    pub fn iter(&self) -> impl Iterator<Item = (Line, Money)> {
        Line::ALL.into_iter().zip(self.0)
    }

    pub(super) const fn with(mut self, line: Line, money: Money) -> Self {
        self.0[line as usize] = money;
        self
    }
}

impl AddAssign for Lines {
    fn add_assign(&mut self, other: Self) {
        for (here, there) in self.0.iter_mut().zip(other.0) {
            *here += there;
        }
    }
}

impl Add for Lines {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}
