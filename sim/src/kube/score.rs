//! kube-scheduler's `NodeResourcesFit` score, to the integer.

use super::config::Scoring;
use greenroom_scheduler::resources::Resources;

/// Best score of a resource, and so of a node.
const SCORE_MAX: u64 = 100;

/// What a pod without a CPU request counts as in a score, and only there
/// (kubernetes `pkg/scheduler/util`, `DefaultMilliCPURequest`).
const CPU_UNREQUESTED_MILLI: u32 = 100;
/// The same for memory (`DefaultMemoryRequest`).
const MEMORY_UNREQUESTED_MIB: u32 = 200;

/// Requests as scores see them: never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Load {
    pub(super) cpu_milli: u32,
    pub(super) memory_mib: u32,
}

impl Load {
    /// Of one pod.
    pub(super) const fn of(size: Resources) -> Self {
        let cpu_milli = if size.cpu_milli == 0 { CPU_UNREQUESTED_MILLI } else { size.cpu_milli };
        let memory_mib =
            if size.memory_mib == 0 { MEMORY_UNREQUESTED_MIB } else { size.memory_mib };
        Self { cpu_milli, memory_mib }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_add(other.cpu_milli),
            memory_mib: self.memory_mib.saturating_add(other.memory_mib),
        }
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_sub(other.cpu_milli),
            memory_mib: self.memory_mib.saturating_sub(other.memory_mib),
        }
    }
}

/// The score, 0 to 100, of a node whose requests would be `load` with the pod on it: CPU and
/// memory weigh the same, each division rounds down (kubernetes
/// `pkg/scheduler/framework/plugins/noderesources/{least,most}_allocated.go`).
pub(super) fn score(scoring: Scoring, load: Load, allocatable: Resources) -> u32 {
    let cpu = resource(scoring, load.cpu_milli, allocatable.cpu_milli);
    let memory = resource(scoring, load.memory_mib, allocatable.memory_mib);
    u64::midpoint(cpu, memory) as u32
}

fn resource(scoring: Scoring, requested: u32, capacity: u32) -> u64 {
    let (requested, capacity) = (u64::from(requested), u64::from(capacity));
    if capacity == 0 {
        return 0;
    }
    match scoring {
        Scoring::LeastAllocated => capacity.saturating_sub(requested) * SCORE_MAX / capacity,
        Scoring::MostAllocated => requested.min(capacity) * SCORE_MAX / capacity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Resources = Resources { cpu_milli: 15_890, memory_mib: 58_567, gpu: 0 };

    fn of(scoring: Scoring, cpu_milli: u32, memory_mib: u32) -> u32 {
        score(scoring, Load { cpu_milli, memory_mib }, NODE)
    }

    #[test]
    fn agrees_with_sums_done_by_hand() {
        // cpu (15890-4000)*100/15890 = 74, memory (58567-16384)*100/58567 = 72: 146 / 2.
        assert_eq!(of(Scoring::LeastAllocated, 4_000, 16_384), 73);
        // cpu 25, memory 27: 52 / 2.
        assert_eq!(of(Scoring::MostAllocated, 4_000, 16_384), 26);
        // cpu 24, memory 16: the halves are cut, not rounded.
        assert_eq!(of(Scoring::LeastAllocated, 12_000, 49_152), 20);
        assert_eq!(of(Scoring::MostAllocated, 12_000, 49_152), 79);
        assert_eq!(of(Scoring::LeastAllocated, 0, 0), 100);
        assert_eq!(of(Scoring::LeastAllocated, 20_000, 60_000), 0);
        assert_eq!(of(Scoring::MostAllocated, 20_000, 60_000), 100);
    }

    #[test]
    fn a_node_without_a_resource_gets_nothing_for_it() {
        let bare = Resources { cpu_milli: 1_000, memory_mib: 0, gpu: 0 };
        let half = Load { cpu_milli: 500, memory_mib: 0 };
        assert_eq!(score(Scoring::LeastAllocated, half, bare), 25);
    }

    #[test]
    fn a_pod_without_requests_counts_a_little() {
        let load = Load::of(Resources::default());
        assert_eq!(load, Load { cpu_milli: 100, memory_mib: 200 });
    }
}
