//! What a runner asks for and what a node offers.

use core::fmt;
use serde::{Deserialize, Serialize};

/// An amount of each resource that packing looks at. Pod counts are kept apart: they are a limit
/// of the node, not a wish of the pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resources {
    /// Thousandths of a vCPU.
    pub cpu_milli: u32,
    /// Mebibytes of memory.
    pub memory_mib: u32,
    /// Whole GPUs.
    pub gpu: u32,
}

impl Resources {
    /// A job without a size gets 4 vCPU and 16 GiB.
    pub const JOB_DEFAULT: Self = Self { cpu_milli: 4_000, memory_mib: 16 * 1024, gpu: 0 };

    /// Whether `self` fits into `room`.
    pub const fn fits(self, room: Self) -> bool {
        self.cpu_milli <= room.cpu_milli
            && self.memory_mib <= room.memory_mib
            && self.gpu <= room.gpu
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_add(other.cpu_milli),
            memory_mib: self.memory_mib.saturating_add(other.memory_mib),
            gpu: self.gpu.saturating_add(other.gpu),
        }
    }

    /// What is left after `other` is taken out, zero at least.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_sub(other.cpu_milli),
            memory_mib: self.memory_mib.saturating_sub(other.memory_mib),
            gpu: self.gpu.saturating_sub(other.gpu),
        }
    }

    /// How many times `self` fits into `room`; `u32::MAX` when it asks for nothing.
    pub fn times_in(self, room: Self) -> u32 {
        let per = |want: u32, have: u32| have.checked_div(want).unwrap_or(u32::MAX);
        per(self.cpu_milli, room.cpu_milli)
            .min(per(self.memory_mib, room.memory_mib))
            .min(per(self.gpu, room.gpu))
    }
}

/// `4 vCPU, 16384 MiB`, and `1 GPU` where there is one.
impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} vCPU, {} MiB", f64::from(self.cpu_milli) / 1_000.0, self.memory_mib)?;
        if self.gpu > 0 { write!(f, ", {} GPU", self.gpu) } else { Ok(()) }
    }
}
