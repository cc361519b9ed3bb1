//! Sums of what many runners ask for, or many nodes offer.

use crate::resources::Resources;
use serde::{Deserialize, Serialize};

/// A sum of resources and pods that cannot overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Thousandths of a vCPU.
    pub cpu_milli: u64,
    /// Mebibytes.
    pub memory_mib: u64,
    /// Whole GPUs.
    pub gpu: u64,
    /// Pods.
    pub pods: u64,
}

impl Load {
    /// `count` pods of one size, or one node with room for `count` pods.
    pub fn of(size: Resources, count: u32) -> Self {
        let n = u64::from(count);
        Self {
            cpu_milli: u64::from(size.cpu_milli) * n,
            memory_mib: u64::from(size.memory_mib) * n,
            gpu: u64::from(size.gpu) * n,
            pods: n,
        }
    }

    /// A node that offers `room` for at most `pods` pods.
    pub fn offered(room: Resources, pods: u32) -> Self {
        Self { pods: u64::from(pods), ..Self::of(room, 1) }
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        let n = u64::from(count);
        Self {
            cpu_milli: self.cpu_milli * n,
            memory_mib: self.memory_mib * n,
            gpu: self.gpu * n,
            pods: self.pods * n,
        }
    }

    /// Adds another sum.
    pub fn add(&mut self, other: Self) {
        self.cpu_milli += other.cpu_milli;
        self.memory_mib += other.memory_mib;
        self.gpu += other.gpu;
        self.pods += other.pods;
    }

    /// Takes another sum away, down to zero.
    pub fn sub(&mut self, other: Self) {
        self.cpu_milli = self.cpu_milli.saturating_sub(other.cpu_milli);
        self.memory_mib = self.memory_mib.saturating_sub(other.memory_mib);
        self.gpu = self.gpu.saturating_sub(other.gpu);
        self.pods = self.pods.saturating_sub(other.pods);
    }

    /// What one of its pods asks for on average, rounded up; none if there is none.
    pub fn each(self) -> Option<Resources> {
        let each = |sum: u64| sum.div_ceil(self.pods.max(1)) as u32;
        let (cpu_milli, memory_mib) = (each(self.cpu_milli), each(self.memory_mib));
        (self.pods > 0).then_some(Resources { cpu_milli, memory_mib, gpu: each(self.gpu) })
    }

    /// How many pods of `size` lie above what `offered` can hold.
    pub fn pods_above(self, offered: Self, size: Resources) -> u32 {
        let above = |want: u64, have: u64, each: u32| match want.saturating_sub(have) {
            0 => 0,
            over => over.div_ceil(u64::from(each.max(1))),
        };
        let most = above(self.pods, offered.pods, 1)
            .max(above(self.cpu_milli, offered.cpu_milli, size.cpu_milli))
            .max(above(self.memory_mib, offered.memory_mib, size.memory_mib))
            .max(above(self.gpu, offered.gpu, size.gpu));
        // Never more than there are pods, however uneven the sizes.
        most.min(self.pods) as u32
    }
}
