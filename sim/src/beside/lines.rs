//! Money by what it is for.

use greenroom_scheduler::money::Money;
use std::ops::{Add, AddAssign};

/// What money beside EC2 instances is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// Disks of nodes.
    Disk,
    /// Traffic between zones.
    CrossZone,
    /// Traffic through NAT.
    Nat,
    /// NAT gateways and their addresses.
    NatGateways,
    /// Images kept and pulled.
    Registry,
    /// Control planes.
    ControlPlanes,
    /// Agents on nodes.
    Agents,
    /// The CI platform's fee.
    Platform,
}

impl Line {
    /// Every line, in the order of a bill.
    pub const ALL: [Self; 8] = [
        Self::Disk,
        Self::CrossZone,
        Self::Nat,
        Self::NatGateways,
        Self::Registry,
        Self::ControlPlanes,
        Self::Agents,
        Self::Platform,
    ];

    /// Its name in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disk => "node disks",
            Self::CrossZone => "traffic between zones",
            Self::Nat => "traffic through NAT",
            Self::NatGateways => "NAT gateways",
            Self::Registry => "image registry",
            Self::ControlPlanes => "control planes",
            Self::Agents => "agents on nodes",
            Self::Platform => "platform fee",
        }
    }
}

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
