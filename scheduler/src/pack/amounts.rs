//! Amounts of everything that packing looks at, in the units of whoever asks.

use crate::resources::Resources;

/// How many resources there are.
pub const RESOURCES: usize = 5;
/// Where processors stand.
pub const CPU: usize = 0;
/// Where memory stands.
pub const MEMORY: usize = 1;
/// Where the disk stands.
pub const DISK: usize = 2;
/// Where GPUs, or whatever else is rare, stand.
pub const GPU: usize = 3;
/// Where pods stand: each pod asks for one of them. Of limits: nodes.
pub const PODS: usize = 4;

/// An amount of each resource. Only amounts of one problem are compared, so the units are free: the
/// core counts thousandths of a vCPU and MiB, tests bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amounts(pub [u64; RESOURCES]);

impl Amounts {
    /// Nothing.
    pub const ZERO: Self = Self([0; RESOURCES]);
    /// More than anyone has.
    pub const MAX: Self = Self([u64::MAX; RESOURCES]);

    /// What a runner asks for, or a node offers, with so many pods.
    pub fn of(size: Resources, pods: u32) -> Self {
        Self([size.cpu_milli.into(), size.memory_mib.into(), 0, size.gpu.into(), pods.into()])
    }

    /// Whether all of `self` lies within `room`.
    pub fn fits(&self, room: &Self) -> bool {
        // Without branches: nearly all lookups end here.
        let mut fits = true;
        for at in 0..RESOURCES {
            fits &= self.0[at] <= room.0[at];
        }
        fits
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].saturating_add(other.0[at])))
    }

    /// What is left without `other`, zero at least.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].saturating_sub(other.0[at])))
    }

    /// So many times as much.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        Self(self.0.map(|amount| amount.saturating_mul(count.into())))
    }

    /// Of each resource the less.
    #[must_use]
    pub fn least(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].min(other.0[at])))
    }

    /// Of each resource the more.
    #[must_use]
    pub fn most(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].max(other.0[at])))
    }

    /// How many times `self` lies within `room`, up to `most`.
    pub fn times_in(&self, room: &Self, most: u32) -> u32 {
        if most <= 1 {
            return if self.fits(room) { most } else { 0 };
        }
        let mut times = u64::from(most);
        for at in 0..RESOURCES {
            // Divisions are slow, and most resources are far from scarce.
            if self.0[at].saturating_mul(times) > room.0[at] {
                times = room.0[at] / self.0[at];
            }
        }
        times as u32
    }
}
