//! Virtual pods of a CapacityBuffer: room that is kept free
//! (core:…/capacitybuffer/controller.go).

use super::amounts::Amounts;
use super::universe::ShapeId;

/// A buffer: pods that Solve places although they do not exist. They are never bound, their nodes
/// are not promised to them, and a node that hosts one is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// What each virtual pod asks for.
    pub shape: ShapeId,
    /// A count of pods.
    pub replicas: Option<u32>,
    /// Pods as a share of a workload's replicas, in percent.
    pub percent: Option<u32>,
    /// The most that all virtual pods may ask for: place of the resource and amount.
    pub limits: Vec<(usize, i64)>,
}

impl Buffer {
    /// How many virtual pods there are when the workload has `workload_replicas`, each asking for
    /// `requests`: the greater of count and share (rounded up), cut by the limits; limits alone
    /// give as many as fit.
    pub fn pods(&self, workload_replicas: u32, requests: &Amounts) -> u32 {
        let share = self.percent.filter(|_| workload_replicas > 0).map(|percent| {
            (u64::from(workload_replicas) * u64::from(percent)).div_ceil(100) as u32
        });
        let wanted = self.replicas.max(share);
        let fitting = self
            .limits
            .iter()
            .filter(|&&(at, _)| requests.at(at) > 0)
            .map(|&(at, limit)| u32::try_from(limit.max(0) / requests.at(at)).unwrap_or(u32::MAX))
            .min();
        match (wanted, fitting) {
            (Some(wanted), Some(fitting)) => wanted.min(fitting),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => 0,
        }
    }
}
