//! A fleet as the core sees it.

use crate::command::Refusal;
use crate::decision::Cause;
use crate::dial::Mix;
use crate::id::{NodeId, PoolId, SetId};
use crate::length::Lengths;
use crate::policy::one_vm::Breaker;
use crate::slab::Slab;
use crate::spec;
use crate::time::{Span, Time};
use crate::view::list::List;
use crate::view::load::Load;
use crate::view::node::{Node, Phase, Purpose, Shelf};
use crate::view::places::Places;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Nodes that may carry each other's runners, and the runners that wait for a place on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// What it is.
    pub spec: spec::Fleet,
    /// Nodes that exist or were asked for.
    pub nodes: u32,
    /// Nodes whose deletion was asked for.
    pub leaving: u32,
    /// What nodes on their way will offer.
    pub coming: Load,
    /// What runners that wait for a place ask for.
    pub waiting: Load,
    /// Sets with such runners, each at most once, served in turn.
    pub queue: VecDeque<SetId>,
    /// Nodes with runners and room for more, most recently used first.
    pub partial: List,
    /// Empty nodes, most recently used first: so the one at the back has been empty longest.
    pub empty: List,
    /// Nodes on their way, the one asked for last first.
    pub starting: List,
    /// How many are empty and may carry runners.
    pub empties: u32,
    /// Nodes that are ready and go into the stock of stopped ones.
    pub prepared: List,
    /// The stock: stopped nodes, the one stopped last first.
    pub stopped: List,
    /// Nodes in the stock.
    pub stock: u32,
    /// Nodes on their way into it.
    pub preparing: u32,
    /// Of the nodes on their way, those for runners that wait.
    pub coming_for_queue: u32,
    /// What is asked for by the jobs that are foreseen, as far as a node is kept for each.
    pub reserved: Load,
    /// Whether it was said that empty nodes are kept for those while others wait.
    pub keeps: bool,
    /// Nodes that ran their one runner, under a policy that gives each its own.
    pub spent: List,
    /// Places for runners, counted node by node.
    pub places: Places,
    /// Runner pods on nodes.
    pub pods: u32,
    /// When a policy that launches in steps did so last.
    pub grown_at: Option<Time>,
    /// When a policy that gives back in steps did so last.
    pub shrunk_at: Option<Time>,
    /// Since when how many have waited for a place, oldest first; kept under sharding only.
    pub ages: VecDeque<(Time, u32)>,
    /// Spot interruptions that a circuit breaker counts.
    pub breaker: Breaker,
    /// What all nodes offer, those on their way included.
    pub offered: Load,
    /// The pools of the sets it serves, in order of first sight.
    pub pools: Vec<PoolId>,
    /// How many sets it serves.
    pub sets: u32,
    /// Why its queue does not move, as last explained.
    pub cause: Option<Cause>,
    /// Until when those who wait may be left to places that free.
    pub slots_until: Option<Time>,
    /// How many of those who wait are left to them, as last explained.
    pub slots: u32,
    /// Whether a wake-up for the longest empty node is set.
    pub wake_set: bool,
    /// Not before this time is a node claimed again, and why.
    pub retry: Option<Retry>,
    /// Whether EC2 refuses it machines for now, as its sets were told.
    pub closed: bool,
    /// How spot has behaved.
    pub spot: Spot,
    /// How long its jobs ran, under a policy that weighs it.
    pub lengths: Lengths,
    /// Which service classes its jobs had of late.
    pub mix: Mix,
    /// Whether the next plan must look at it.
    pub dirty: bool,
}

/// A pause after something was refused: a node to a fleet, or a runner to a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// When to try again.
    pub at: Time,
    /// Why it was refused last.
    pub why: Refusal,
    /// Refusals in a row.
    pub refusals: u32,
    /// When it was refused last.
    pub refused_at: Time,
}

/// Pause after the first refusal: Karpenter too looks at pending pods again after 10 s
/// (karpenter `provisioning/controller.go`).
const PAUSE: Span = Span::from_secs(10);

/// The pause doubles with each refusal in a row, at most so many times: 80 s, under the three
/// minutes for which an offering without capacity is usually left alone.
const PAUSE_DOUBLINGS_MAX: u32 = 3;

impl Retry {
    /// The pause after one more refusal. What was asked for in one plan is refused together: that
    /// is one refusal, not many.
    pub fn after(before: Option<Self>, now: Time, why: Refusal) -> Self {
        let refusals = before.map_or(1, |r| r.refusals + u32::from(r.refused_at != now));
        let doublings = (refusals - 1).min(PAUSE_DOUBLINGS_MAX);
        let at = now + Span::from_ms(PAUSE.as_ms() << doublings);
        Self { at, why, refusals, refused_at: now }
    }
}

/// How spot has behaved in a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    /// Interruptions so far, halved every six hours.
    pub interruptions: f64,
    /// Hours that spot nodes ran so far, halved in step.
    pub node_hours: f64,
    /// Spot nodes that run now.
    pub running: u32,
    /// When the two sums were last brought up to date.
    pub updated_at: Time,
    /// Since when the hazard has been over its threshold.
    pub over_since: Option<Time>,
    /// Since when spot has been refused without a break.
    pub refused_since: Option<Time>,
    /// Until when spot is left alone.
    pub left_until: Option<Time>,
    /// How long spot may be waited for, as last weighed.
    pub deadline: Option<Span>,
    /// How often in a row spot was left for want of capacity.
    pub dry: u32,
    /// Jobs that lost a spot runner and have not been given an on-demand node yet.
    pub strikes: u32,
}

/// What was seen of spot counts half after six hours: its weather changes within a day.
const SPOT_MEMORY_HOURS: f64 = 6.0;

/// A prior worth one hundred node hours at 0.0005 interruptions an hour: the usual rate of the
/// lowest bucket of AWS' Spot Instance Advisor (under 5 % a month), so that one interruption among
/// few nodes does not condemn a pool.
const PRIOR_NODE_HOURS: f64 = 100.0;
const PRIOR_INTERRUPTIONS: f64 = 0.05;

impl Spot {
    /// Brings the sums up to `now`.
    pub fn count(&mut self, now: Time) {
        let hours = now.since(self.updated_at).as_secs_f64() / 3600.0;
        if hours > 0.0 {
            let kept = libm::exp2(-hours / SPOT_MEMORY_HOURS);
            self.interruptions *= kept;
            self.node_hours = self.node_hours * kept + f64::from(self.running) * hours;
            self.updated_at = now;
        }
    }

    /// Interruptions per node hour: the mean of the Gamma posterior for a Poisson rate.
    pub fn hazard_per_hour(&self) -> f64 {
        (PRIOR_INTERRUPTIONS + self.interruptions) / (PRIOR_NODE_HOURS + self.node_hours)
    }
}

impl Fleet {
    /// A fleet without nodes.
    pub fn new(spec: spec::Fleet, now: Time) -> Self {
        Self {
            spec,
            nodes: 0,
            leaving: 0,
            coming: Load::default(),
            waiting: Load::default(),
            queue: VecDeque::new(),
            partial: List::default(),
            empty: List::default(),
            starting: List::default(),
            empties: 0,
            prepared: List::default(),
            stopped: List::default(),
            stock: 0,
            preparing: 0,
            coming_for_queue: 0,
            reserved: Load::default(),
            keeps: false,
            spent: List::default(),
            places: Places::default(),
            pods: 0,
            grown_at: None,
            shrunk_at: None,
            ages: VecDeque::new(),
            breaker: Breaker::default(),
            offered: Load::default(),
            pools: Vec::new(),
            sets: 0,
            cause: None,
            slots_until: None,
            slots: 0,
            wake_set: false,
            retry: None,
            closed: false,
            spot: Spot { updated_at: now, ..Spot::default() },
            lengths: Lengths::default(),
            mix: Mix::default(),
            dirty: false,
        }
    }

    /// Moves a node to the list it belongs in now, to the front.
    pub fn shelve(&mut self, nodes: &mut Slab<NodeId, Node>, id: NodeId) {
        let Some(node) = nodes.get_mut(id) else { return };
        let (to, counts) = (node.shelf_due(), Places::of(node));
        self.places.replace(core::mem::replace(&mut node.places, counts), counts);
        self.move_to(nodes, id, to);
    }

    /// Takes a node that leaves the fleet out of its list.
    pub fn unshelve(&mut self, nodes: &mut Slab<NodeId, Node>, id: NodeId) {
        if let Some(node) = nodes.get_mut(id) {
            self.places.replace(core::mem::take(&mut node.places), Places::default());
        }
        self.move_to(nodes, id, Shelf::None);
    }

    fn move_to(&mut self, nodes: &mut Slab<NodeId, Node>, id: NodeId, to: Shelf) {
        let Some(node) = nodes.get_mut(id) else { return };
        let from = core::mem::replace(&mut node.shelf, to);
        if let Some(list) = self.list(from) {
            list.remove(nodes, id.slot);
        }
        if let Some(list) = self.list(to) {
            list.push_front(nodes, id.slot);
        }
        self.empties -= u32::from(from == Shelf::Empty);
        self.empties += u32::from(to == Shelf::Empty);
    }

    const fn list(&mut self, shelf: Shelf) -> Option<&mut List> {
        match shelf {
            Shelf::None => None,
            Shelf::Partial => Some(&mut self.partial),
            Shelf::Empty => Some(&mut self.empty),
            Shelf::Coming => Some(&mut self.starting),
            Shelf::Prepared => Some(&mut self.prepared),
            Shelf::Stopped => Some(&mut self.stopped),
            Shelf::Spent => Some(&mut self.spent),
        }
    }

    /// Counts a node by how far it has come and what it is for.
    pub fn count(&mut self, node: &Node) {
        match node.phase {
            _ if node.is_in_preparation() => self.preparing += 1,
            Phase::Coming => {
                self.coming.add(node.offered());
                self.coming_for_queue += u32::from(node.purpose == Purpose::Queue);
            }
            Phase::Leaving => self.leaving += 1,
            Phase::Stopped => self.stock += 1,
            Phase::Ready | Phase::Cordoned | Phase::Spent | Phase::Stopping => {}
        }
    }

    /// Takes such a node out of the counts again, before it changes.
    pub fn discount(&mut self, node: &Node) {
        match node.phase {
            _ if node.is_in_preparation() => self.preparing = self.preparing.saturating_sub(1),
            Phase::Coming => {
                self.coming.sub(node.offered());
                let for_queue = u32::from(node.purpose == Purpose::Queue);
                self.coming_for_queue = self.coming_for_queue.saturating_sub(for_queue);
            }
            Phase::Leaving => self.leaving = self.leaving.saturating_sub(1),
            Phase::Stopped => self.stock = self.stock.saturating_sub(1),
            Phase::Ready | Phase::Cordoned | Phase::Spent | Phase::Stopping => {}
        }
    }
}
