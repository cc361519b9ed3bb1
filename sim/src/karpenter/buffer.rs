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

#[cfg(test)]
mod tests {
    use super::*;

    fn pods(replicas: Option<u32>, percent: Option<u32>, limit: Option<i64>, of: u32) -> u32 {
        let limits = limit.map(|limit| (0, limit)).into_iter().collect();
        let mut requests = Amounts::ZERO;
        requests.put(0, 2_000);
        Buffer { shape: ShapeId(0), replicas, percent, limits }.pods(of, &requests)
    }

    #[test]
    fn the_greater_of_count_and_share_is_cut_by_the_limits() {
        assert_eq!(pods(Some(3), None, None, 0), 3);
        assert_eq!(pods(None, Some(10), None, 25), 3);
        assert_eq!(pods(None, Some(10), None, 1), 1);
        assert_eq!(pods(Some(2), Some(50), None, 10), 5);
        assert_eq!(pods(Some(2), Some(50), Some(7_000), 10), 3);
        assert_eq!(pods(None, None, Some(7_000), 10), 3);
        assert_eq!(pods(None, None, Some(-1), 10), 0);
        assert_eq!(pods(None, None, None, 10), 0);
        // A share of no workload says nothing: limits alone count.
        assert_eq!(pods(None, Some(50), Some(7_000), 0), 3);
    }
}
