//! A node as the core sees it.

use crate::event::Machine;
use crate::id::{FleetId, NodeId};
use crate::model::CapacityType;
use crate::resources::Resources;
use crate::slab::Slab;
use crate::time::Time;
use crate::view::list::{Link, Links};
use crate::view::load::Load;
use crate::view::places::Places;
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
    /// What its fleet counts it for.
    pub places: Places,
    /// What pods of runners can use of it (or of the first choice of its claim).
    pub size: Resources,
    /// What it was last claimed or started for.
    pub purpose: Purpose,
    /// Whether an order to start or to stop it is without an answer.
    pub asked: bool,
    /// Whether a runner was ever on it since it was launched or started.
    pub used: bool,
    /// How often its start or its stop was asked for; part of the commands' names.
    pub turns: u32,
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
    /// Whether it takes no further runner since EC2 may take it back, and goes when it is empty.
    pub closing: bool,
    /// When EC2 launched it.
    pub launched_at: Time,
    /// Zones that its claim named, one bit each; all when zero.
    pub zones_asked: u32,
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
    /// It ran its one runner, under a policy that gives each its own node, and goes next.
    Spent,
    /// Its deletion was asked for.
    Leaving,
    /// Its stop was asked for.
    Stopping,
    /// It is in the stock: stopped, and can be started.
    Stopped,
}

/// What a node was claimed or started for. Which runners it then gets does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Runners that wait.
    Queue,
    /// What is foreseen, or a level that is kept.
    Level,
    /// The stock of stopped nodes.
    Stock,
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
    /// It is ready to be stopped.
    Prepared,
    /// It is stopped.
    Stopped,
    /// It is spent.
    Spent,
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

    /// How many of the runners that it was claimed for it holds.
    pub fn places(&self) -> u32 {
        self.claimed_for.times_in(self.size).min(self.pods_max)
    }

    /// Whether it is on its way into the stock, and not yet in it.
    pub const fn is_in_preparation(&self) -> bool {
        match self.phase {
            Phase::Coming | Phase::Ready => matches!(self.purpose, Purpose::Stock),
            Phase::Stopping => true,
            Phase::Cordoned | Phase::Spent | Phase::Leaving | Phase::Stopped => false,
        }
    }

    /// Whether it is on its way to carry runners.
    pub fn is_coming(&self) -> bool {
        self.phase == Phase::Coming && self.purpose != Purpose::Stock
    }

    /// Whether a runner of this size can be put on it now.
    pub fn has_room(&self, size: Resources) -> bool {
        self.phase == Phase::Ready
            && self.purpose != Purpose::Stock
            && self.pods < self.pods_max
            && size.fits(self.room)
    }

    /// Where it belongs among the nodes with room or on their way.
    pub fn shelf_due(&self) -> Shelf {
        if self.phase == Phase::Stopped {
            Shelf::Stopped
        } else if self.purpose == Purpose::Stock {
            if self.phase == Phase::Ready { Shelf::Prepared } else { Shelf::None }
        } else if self.phase == Phase::Coming {
            Shelf::Coming
        } else if self.phase == Phase::Spent {
            Shelf::Spent
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
