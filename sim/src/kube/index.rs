//! The nodes of a fleet by standing, so that an attempt looks at kinds of nodes, not at nodes.
//!
//! Scores depend on the pod, so nodes cannot be kept in order of score. But nodes with the same
//! standing always score the same, and a fleet of few types that runs few sizes has few standings:
//! an attempt costs as much as there are different ones, never more than there are nodes.

use super::config::Scoring;
use super::list::NONE;
use super::node::Standing;
use super::pod::Labels;
use super::score::{Load, score};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;

/// Nodes with the same standing, in order of their ids.
#[derive(Clone, Debug)]
struct Bucket {
    standing: Standing,
    /// `(serial, slot)`.
    nodes: Vec<(u32, u32)>,
}

/// What a pod asks of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) size: Resources,
    pub(super) capacity: Option<CapacityType>,
    pub(super) labels: Labels,
}

impl Wish {
    /// Whether a node of this standing will do.
    pub(super) fn granted_by(&self, standing: &Standing) -> bool {
        standing.fits(self.size) && standing.matches(self.capacity, self.labels)
    }
}

/// The index of one fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    buckets: Vec<Bucket>,
    ties: Vec<u32>,
}

impl Index {
    /// Adds a node and says in which bucket it is.
    pub(super) fn insert(&mut self, standing: &Standing, serial: u32, slot: u32) -> u32 {
        let place = self.bucket_for(standing);
        let nodes = &mut self.buckets[place].nodes;
        let at = nodes.partition_point(|&(other, _)| other < serial);
        nodes.insert(at, (serial, slot));
        place as u32
    }

    /// Takes a node out of its bucket.
    pub(super) fn remove(&mut self, bucket: u32, serial: u32) {
        let nodes = &mut self.buckets[bucket as usize].nodes;
        let at = nodes.partition_point(|&(other, _)| other < serial);
        nodes.remove(at);
    }

    /// The bucket of this standing; an empty one is used again before a new one is made, so there
    /// are never more than there were nodes at once.
    fn bucket_for(&mut self, standing: &Standing) -> usize {
        let mut empty = None;
        for (place, bucket) in self.buckets.iter().enumerate() {
            if bucket.standing == *standing {
                return place;
            }
            if empty.is_none() && bucket.nodes.is_empty() {
                empty = Some(place);
            }
        }
        if let Some(place) = empty {
            self.buckets[place].standing = *standing;
            return place;
        }
        self.buckets.push(Bucket { standing: *standing, nodes: Vec::new() });
        self.buckets.len() - 1
    }

    /// The slot of the best node, [`NONE`] when none will do. Among equals the real scheduler
    /// draws lots; here `lot` picks from them in order of their ids.
    pub(super) fn pick(&mut self, scoring: Scoring, wish: &Wish, lot: u64) -> u32 {
        let mut best = 0;
        let mut count = 0;
        self.ties.clear();
        for (place, bucket) in self.buckets.iter().enumerate() {
            if bucket.nodes.is_empty() || !wish.granted_by(&bucket.standing) {
                continue;
            }
            let load = bucket.standing.load.plus(Load::of(wish.size));
            let score = score(scoring, load, bucket.standing.allocatable);
            if count == 0 || score > best {
                best = score;
                count = 0;
                self.ties.clear();
            }
            if score == best {
                count += bucket.nodes.len();
                self.ties.push(place as u32);
            }
        }
        match self.ties.as_slice() {
            [] => NONE,
            [only] => self.buckets[*only as usize].nodes[(lot % count as u64) as usize].1,
            _ => self.nth((lot % count as u64) as usize),
        }
    }

    /// The `n`-th node by id among the tied buckets, found by halving the range of serials.
    fn nth(&self, n: usize) -> u32 {
        let tied = || self.ties.iter().map(|&place| &self.buckets[place as usize].nodes);
        let upto = |serial: u32| -> usize {
            tied().map(|nodes| nodes.partition_point(|&(other, _)| other <= serial)).sum()
        };
        let (mut low, mut high) = (0, u32::MAX);
        while low < high {
            let middle = low + (high - low) / 2;
            if upto(middle) > n {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let found = tied().find_map(|nodes| {
            let at = nodes.binary_search_by_key(&low, |&(serial, _)| serial).ok()?;
            Some(nodes[at].1)
        });
        found.unwrap_or(NONE)
    }

    /// All nodes in it, in no order that means anything.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.buckets.iter().map(|bucket| bucket.nodes.len()).sum()
    }
}

/// A pod's lot: SplitMix64's finaliser of its serial (Steele, Lea and Flood 2014).
pub(super) const fn lot(serial: u32) -> u64 {
    let mut z = (serial as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
