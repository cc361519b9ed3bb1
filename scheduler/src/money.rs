//! Money in whole micro-dollars, so that sums are exact and the same on every machine.

use crate::time::Span;
use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Sub, SubAssign};
use serde::{Deserialize, Serialize};

/// An amount in micro-dollars (1 USD = 1,000,000).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `micros` micro-dollars.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Dollars, rounded to the nearest micro-dollar.
    pub fn from_usd(usd: f64) -> Self {
        Self(libm::round(usd * 1e6) as i64)
    }

    /// Whole micro-dollars.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Dollars, for display and ratios only.
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${:.2}", self.as_usd())
    }
}

/// A price in micro-dollars an hour, 0 to about 4,294 USD an hour (the dearest EC2 type of 2026
/// costs under 500).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Rate(u32);

impl Rate {
    /// Free of charge.
    pub const ZERO: Self = Self(0);

    /// `micros` micro-dollars an hour.
    pub const fn from_micros_per_hour(micros: u32) -> Self {
        Self(micros)
    }

    /// Dollars an hour, rounded to the nearest micro-dollar.
    pub fn from_usd_per_hour(usd: f64) -> Self {
        Self(libm::round(usd * 1e6) as u32)
    }

    /// Micro-dollars an hour.
    pub const fn as_micros_per_hour(self) -> u32 {
        self.0
    }

    /// Dollars an hour, for display and ratios only.
    pub fn as_usd_per_hour(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// What `span` costs at this price, rounded half up to the micro-dollar.
    pub fn over(self, span: Span) -> Money {
        const MS_PER_HOUR: u128 = 3_600_000;
        let product = u128::from(self.0) * u128::from(span.as_ms());
        Money(((product + MS_PER_HOUR / 2) / MS_PER_HOUR) as i64)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${:.4}/h", self.as_usd_per_hour())
    }
}
