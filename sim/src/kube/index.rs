//! The nodes of a fleet by standing, so that an attempt looks at kinds of nodes, not at nodes.
//!
//! Scores depend on the pod, so nodes cannot be kept in order of score. But nodes with the same
//! standing always score the same, and a fleet of few types that runs few sizes has few standings:
//! an attempt costs as much as there are different ones, never more than there are nodes, and a
//! bit for each node.

use super::config::Scoring;
use super::list::NONE;
use super::node::Standing;
use super::pod::Labels;
use super::score::{Load, score};
use super::slots::Slots;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;

/// Nodes with the same standing.
#[derive(Clone, Debug)]
struct Bucket {
    standing: Standing,
    nodes: Slots,
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
    pub(super) fn insert(&mut self, standing: &Standing, slot: u32) -> u32 {
        let place = self.bucket_for(standing);
        self.buckets[place].nodes.insert(slot);
        place as u32
    }

    /// Takes a node out of its bucket.
    pub(super) fn remove(&mut self, bucket: u32, slot: u32) {
        self.buckets[bucket as usize].nodes.remove(slot);
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
        self.buckets.push(Bucket { standing: *standing, nodes: Slots::default() });
        self.buckets.len() - 1
    }

    /// The slot of the best node, [`NONE`] when none will do. Among equals the real scheduler
    /// draws lots; here `lot` picks from them in order of their slots.
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
        if count == 0 {
            return NONE;
        }
        let tied = self.ties.iter().map(|&place| &self.buckets[place as usize].nodes);
        Slots::nth(&tied, (lot % u64::from(count)) as u32).unwrap_or(NONE)
    }
}

/// A pod's lot: SplitMix64's finaliser of its serial (Steele, Lea and Flood 2014).
pub(super) const fn lot(serial: u32) -> u64 {
    let mut z = (serial as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
