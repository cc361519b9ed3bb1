//! Amounts of every resource of a run.

use std::collections::BTreeMap;

/// The resource of processors, in thousandths.
pub const CPU: &str = "cpu";
/// The resource of memory, in bytes.
pub const MEMORY: &str = "memory";
/// The resource of local disk, in bytes.
pub const EPHEMERAL: &str = "ephemeral-storage";
/// The resource of pods: every pod asks for one.
pub const PODS: &str = "pods";
/// The resource of NVIDIA GPUs.
pub const GPU: &str = "nvidia.com/gpu";
/// Not a resource of any instance type: the limit on a pool's count of nodes.
pub const NODES: &str = "nodes";

/// Where [`CPU`] is kept.
pub const CPU_AT: usize = 0;
/// Where [`MEMORY`] is kept.
pub const MEMORY_AT: usize = 1;
/// Where [`PODS`] is kept.
pub const PODS_AT: usize = 3;

/// Different resources of one run. EC2 types of 2026 have twelve (processors, memory, disk, pods,
/// five kinds of accelerator, two of network interface, private addresses).
pub const RESOURCES_MAX: usize = 16;

/// An amount of each resource by name, as a user writes it.
pub type ResourceList = BTreeMap<String, i64>;

/// An amount of each resource of the run, in the order of [`Resources`]. What is missing is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amounts([i64; RESOURCES_MAX]);

impl Amounts {
    /// Nothing of anything.
    pub const ZERO: Self = Self([0; RESOURCES_MAX]);

    /// The amount at a place.
    pub const fn at(&self, place: usize) -> i64 {
        self.0[place]
    }

    /// Sets the amount at a place.
    pub const fn put(&mut self, place: usize, amount: i64) {
        self.0[place] = amount;
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].saturating_add(other.0[at])))
    }

    /// What is left after `other` is taken out; may be negative.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].saturating_sub(other.0[at])))
    }

    /// The same, of the resources at `places` only.
    #[must_use]
    pub fn minus_at(&self, other: &Self, places: &[usize]) -> Self {
        let mut left = *self;
        for &at in places {
            left.0[at] = left.0[at].saturating_sub(other.0[at]);
        }
        left
    }

    /// The greater of each.
    #[must_use]
    pub fn max(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].max(other.0[at])))
    }

    /// The lesser of each.
    #[must_use]
    pub fn min(&self, other: &Self) -> Self {
        Self(core::array::from_fn(|at| self.0[at].min(other.0[at])))
    }

    /// Whether all of it fits into `room`.
    pub fn fits(&self, room: &Self) -> bool {
        self.0.iter().zip(&room.0).all(|(want, have)| want <= have)
    }

    /// Whether any amount is below zero.
    pub fn any_negative(&self) -> bool {
        self.0.iter().any(|&amount| amount < 0)
    }
}

/// The names of the resources of a run.
#[derive(Clone, Debug)]
pub struct Resources {
    names: Vec<String>,
}

impl Default for Resources {
    fn default() -> Self {
        Self { names: [CPU, MEMORY, EPHEMERAL, PODS].map(str::to_owned).to_vec() }
    }
}

impl Resources {
    /// The place of a resource; a new one gets the next. None when there are too many.
    pub fn place(&mut self, name: &str) -> Option<usize> {
        if let Some(at) = self.known_place(name) {
            return Some(at);
        }
        if self.names.len() == RESOURCES_MAX {
            return None;
        }
        self.names.push(name.to_owned());
        Some(self.names.len() - 1)
    }

    /// The place of a resource that was seen.
    pub fn known_place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// Amounts by name, and the places of those that are named.
    pub fn amounts(&mut self, list: &ResourceList) -> Option<(Amounts, Vec<usize>)> {
        let (mut amounts, mut places) = (Amounts::ZERO, Vec::with_capacity(list.len()));
        for (name, &amount) in list {
            let at = self.place(name)?;
            amounts.put(at, amount);
            places.push(at);
        }
        Some((amounts, places))
    }
}
