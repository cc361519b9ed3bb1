//! A node as the core sees it.

use crate::event::Machine;
use crate::id::{FleetId, NodeId};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::slab::Slab;
use crate::time::Time;
use crate::view::list::{Link, Links};
use crate::view::load::Load;
use serde::{Deserialize, Serialize};

/// A node that exists or was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The fleet it serves.
    pub fleet: FleetId,
    /// How it is or will be bought.
    pub capacity: CapacityType,
    /// What EC2 gave; none while it was only asked for.
    pub machine: Option<Machine>,
    /// Whether anything was ever seen of it: an answer, an event, a place in a listing.
    pub seen: bool,
    /// How far it has come.
    pub phase: Phase,
    /// Whether it was said to be ready, also after its deletion was asked for.
    pub ready: bool,
    /// Where it stands among the nodes with room.
    pub shelf: Shelf,
    /// What pods of runners can use of it (or of the first choice of its claim).
    pub size: Resources,
    /// What one of the runners asks for that it was claimed for.
    pub claimed_for: Resources,
    /// What whole runners of that kind can use of it.
    pub whole: Resources,
    /// Of its size, not taken.
    pub room: Resources,
    /// Most runner pods.
    pub pods_max: u32,
    /// Runner pods on it.
    pub pods: u32,
    /// Since when it has been empty, or has been asked for.
    pub since: Time,
    /// How often its deletion was asked for; part of the command's name.
    pub deletions: u32,
    /// Place among the nodes with room.
    pub link: Link,
}

/// How far a node has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// On its way: asked for, launching or starting.
    Coming,
    /// Pods can run on it.
    Ready,
    /// It takes no further pods.
    Cordoned,
    /// Its deletion was asked for.
    Leaving,
}

/// Which list of its fleet a node stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shelf {
    /// None: it is full, or leaves.
    None,
    /// It carries runners and has room for more.
    Partial,
    /// It carries nothing.
    Empty,
    /// It is on its way.
    Coming,
}

impl Node {
    /// What it offers in all.
    pub fn offered(&self) -> Load {
        Load::offered(self.whole, self.pods_max)
    }

    /// What whole runners of one kind can use of a node. Of the resource that is scarce to them
    /// only whole runners count: five nodes with room for one and a half of them hold five, not
    /// seven.
    pub fn whole(size: Resources, each: Resources, pods_max: u32) -> Resources {
        let places = each.times_in(size).min(pods_max);
        let whole = |have: u32, want: u32| match have.checked_div(want) {
            Some(times) if times == places && places > 0 => want * places,
            _ => have,
        };
        Resources {
            cpu_milli: whole(size.cpu_milli, each.cpu_milli),
            memory_mib: whole(size.memory_mib, each.memory_mib),
            gpu: whole(size.gpu, each.gpu),
        }
    }

    /// Whether a runner of this size can be put on it now.
    pub fn has_room(&self, size: Resources) -> bool {
        self.phase == Phase::Ready && self.pods < self.pods_max && size.fits(self.room)
    }

    /// Where it belongs among the nodes with room or on their way.
    pub fn shelf_due(&self) -> Shelf {
        if self.phase == Phase::Coming {
            Shelf::Coming
        } else if self.phase != Phase::Ready || self.pods >= self.pods_max {
            Shelf::None
        } else if self.pods == 0 {
            Shelf::Empty
        } else {
            Shelf::Partial
        }
    }
}

impl Links for Slab<NodeId, Node> {
    fn link(&mut self, slot: u32) -> &mut Link {
        &mut self.at_mut(slot).expect("members of a list exist").link
    }
}
