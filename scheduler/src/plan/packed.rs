//! Claims for runners of different sizes: all that wait are packed together.

use super::shape::{DEARER_MAX, TYPES_PER_CLAIM_MAX, rate};
use crate::command::Action;
use crate::core::Core;
use crate::decision::Decision;
use crate::id::{FleetId, SetId, TypeId};
use crate::intent::Subject;
use crate::model::CapacityType;
use crate::money::Rate;
use crate::pack::amounts::{Amounts, PODS};
use crate::pack::{Bought, Group, Kind, Market, Plan, Problem, Room, Scope, end_class, pack};
use crate::resources::Resources;
use crate::spec::{InstanceType, Packing, PolicySpec};
use crate::time::Span;
use crate::view::list::List;
use crate::view::load::Load;
use crate::view::node::Purpose;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::iter::repeat_n;

/// Most nodes on their way that are looked at for room; with more, some nodes are claimed that those
/// would have saved.
const ROOMS_MAX: usize = 1_024;

/// How many nodes with room beside others are counted for what is foreseen; those behind are used last.
const BESIDE_MAX: usize = 64;

/// Most nodes that one plan claims: see the claims for runners of one size.
const CLAIMS_PER_PLAN_MAX: usize = 1_000;

/// How long one plan is made better, in steps of packing: some tenths of a thousandth of a second, since
/// there is a plan for every handful of jobs.
const STEPS_PER_PLAN: u64 = 10_000;

/// The end of jobs of which nothing is known yet: most of CI's jobs take minutes.
const LENGTH_UNKNOWN: Span = Span::from_secs(600);

/// What each fleet can buy, put in order, until prices change.
#[derive(Clone, Debug, Default)]
pub struct Markets(BTreeMap<(FleetId, CapacityType), Typed>);

/// A market, with the type that each of its kinds stands for.
type Typed = (Arc<Market>, Arc<[TypeId]>);

impl Markets {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Core {
    /// How runners of a fleet are packed together, if its pools differ in size and the policy does so.
    pub(super) fn packs_mixed(&self, id: FleetId, policy: PolicySpec) -> Option<Packing> {
        let packing = self.state.settings.as_ref()?.packing.filter(|packing| packing.mixed)?;
        let pools = &self.state.view.fleet(id)?.pools;
        if pools.len() < 2 || !policy.looks_ahead() {
            return None;
        }
        let mut requests =
            pools.iter().filter_map(|pool| Some(self.state.view.pool(*pool)?.spec.request));
        let first = requests.next()?;
        requests.any(|request| request != first).then_some(packing)
    }

    /// Launches nodes until those on their way hold everyone who waits, whatever their sizes.
    pub(super) fn claim_packed(&mut self, id: FleetId, packing: Packing) {
        let waiting = self.state.view.fleet(id).map_or(0, |fleet| fleet.waiting.pods as u32);
        if waiting == 0 || !self.may_claim(id) {
            return;
        }
        let (groups, rooms, left) = (self.groups(id, packing), self.rooms(id), self.nodes_left(id));
        let Some(capacity) = self.cheaper_capacity(id) else { return };
        let Some((market, types)) = self.market(id, capacity) else { return };
        let problem = Problem { groups: &groups, rooms: &rooms, limits: &[left] };
        let plan = pack(&market, &problem, STEPS_PER_PLAN);
        let mut coming: u32 = plan.housed.iter().map(|(_, _, count)| count).sum();
        let nodes = match self.headroom(id) {
            0 => one_by_one(&plan.bought),
            _ if plan.bought.is_empty() => Vec::new(),
            more => with_headroom(&market, &groups, &plan, left, more),
        };
        for node in nodes.into_iter().take(CLAIMS_PER_PLAN_MAX) {
            if !self.may_claim(id) {
                return;
            }
            let (mut total, mut each) = (Amounts::ZERO, Resources::default());
            let mut load = Resources::default();
            for (group, count) in node.pods {
                let asks = groups[group as usize].asks;
                total = total.plus(&asks.times(count));
                let size = resources(&asks);
                load = (0..count).fold(load, |load, _| load.plus(size));
                each = if key(size) > key(each) { size } else { each };
            }
            let (capacity, why) = self.choose_capacity(id, each);
            let runners = total.0[PODS] as u32;
            let first = types[node.kind as usize];
            let Some((types, of_first, rate)) = self.types_for(id, &total, first, capacity) else {
                continue;
            };
            let (offers, pods_max) = (of_first.allocatable, of_first.pods_max);
            let pods_max = self.state.view.fleet(id).map_or(pods_max, |fleet| {
                pods_max.min(fleet.spec.pods_per_node_max.unwrap_or(u32::MAX))
            });
            let instance_type = types[0];
            let name = self.state.view.node_names.give();
            let command = Subject::ClaimNode(name).id();
            self.explain(Decision::Pack {
                node: name,
                fleet: id,
                waiting,
                coming,
                runners,
                load,
                instance_type,
                offers,
                rate,
                why,
            });
            let zones = Box::default();
            if !self
                .send(command, Action::ClaimNode { node: name, fleet: id, types, zones, capacity })
            {
                self.state.view.node_names.take_back(name);
                return;
            }
            self.node_asked(name, id, capacity, (offers, each), pods_max, Purpose::Queue);
            self.note_want(id);
            self.await_outcome(command);
            coming += runners;
        }
    }

    /// Those who wait, by size and by the class of their end.
    fn groups(&self, id: FleetId, packing: Packing) -> Vec<Group> {
        let view = &self.state.view;
        let mut groups: Vec<Group> = Vec::new();
        let queue = view.fleet(id).into_iter().flat_map(|fleet| &fleet.queue);
        for set in queue.filter_map(|set| Some((*set, view.set(*set)?.granted))) {
            let (set, count) = set;
            let asks = Amounts::of(self.request_of(set), 1);
            let lasts = if packing.ends { self.end_of(set) } else { 1 };
            match groups.iter_mut().find(|group| (group.asks, group.lasts) == (asks, lasts)) {
                Some(group) => group.count += count,
                None => groups.push(Group { asks, count, scope: 0, pods_max: u32::MAX, lasts }),
            }
        }
        groups
    }

    /// When jobs of a set most likely end.
    fn end_of(&self, set: SetId) -> u32 {
        let known = self.state.view.set(set).and_then(|set| set.lengths.quantile(0.5));
        end_class(known.unwrap_or(LENGTH_UNKNOWN))
    }

    /// Nodes on their way, those asked for first in front.
    fn rooms(&mut self, id: FleetId) -> Vec<Room> {
        let starting = self.state.view.fleet(id).map_or_else(List::default, |fleet| fleet.starting);
        let nodes = &mut self.state.view.nodes;
        let admits: Scope = [0].into_iter().collect();
        let (mut rooms, mut next) = (Vec::new(), starting.back());
        while let Some(slot) = next.filter(|_| rooms.len() < ROOMS_MAX) {
            if let Some(node) = nodes.id_at(slot).and_then(|id| nodes.get(id)) {
                let free = Amounts::of(node.size, node.pods_max);
                rooms.push(Room { free, pods: 0, admits: admits.clone() });
            }
            next = List::before(nodes, slot);
        }
        rooms
    }

    /// How many nodes more a fleet may have.
    fn nodes_left(&self, id: FleetId) -> Amounts {
        let mut left = Amounts::MAX;
        if let Some(fleet) = self.state.view.fleet(id)
            && let Some(most) = fleet.spec.nodes_max
        {
            left.0[PODS] = most.saturating_sub(fleet.nodes - fleet.stock).into();
        }
        left
    }

    /// How a fleet's nodes are bought if nothing speaks against it.
    fn cheaper_capacity(&self, id: FleetId) -> Option<CapacityType> {
        let allowed = &self.state.view.fleet(id)?.spec.capacity;
        let has_spot = allowed.contains(&CapacityType::Spot);
        if has_spot { Some(CapacityType::Spot) } else { allowed.first().copied() }
    }

    /// What a fleet can buy, put in order, with the type that each kind stands for.
    fn market(&mut self, id: FleetId, bought: CapacityType) -> Option<Typed> {
        if let Some(known) = self.markets.0.get(&(id, bought)) {
            return Some(known.clone());
        }
        let fleet = &self.state.view.fleet(id)?.spec;
        let of = &self.state.settings.as_ref()?.types;
        let pods_limit = fleet.pods_per_node_max.unwrap_or(u32::MAX);
        let known = fleet.types.iter().filter_map(|id| Some((*id, of.get(id.index())?)));
        let (mut kinds, mut types) = (Vec::new(), Vec::new());
        for (id, of_type) in known {
            let offers = Amounts::of(of_type.allocatable, of_type.pods_max.min(pods_limit));
            let counts = Amounts::of(of_type.allocatable, 1);
            kinds.push(Kind { offers, counts, rate: rate(of_type, bought), limit: Some(0) });
            types.push(id);
        }
        let scope: Scope = (0..kinds.len()).collect();
        let cpu_max = Some(fleet.cpu_milli_max).filter(|cap| *cap < u32::MAX).map(u64::from);
        let market = (Arc::new(Market::new(&kinds, &[scope], cpu_max)), types.into());
        self.markets.0.insert((id, bought), market.clone());
        Some(market)
    }

    /// Types that hold so much, cheapest first, the best first of all; what that is and costs.
    fn types_for(
        &self,
        id: FleetId,
        total: &Amounts,
        first: TypeId,
        bought: CapacityType,
    ) -> Option<(Arc<[TypeId]>, &InstanceType, Rate)> {
        let fleet = &self.state.view.fleet(id)?.spec;
        let types = &self.state.settings.as_ref()?.types;
        let of_first = types.get(first.index())?;
        let cap = fleet.cpu_milli_max.max(of_first.allocatable.cpu_milli);
        let dearest = rate(of_first, bought).as_usd_per_hour() * DEARER_MAX;
        let mut listed: Vec<(Rate, TypeId)> = fleet
            .types
            .iter()
            .filter_map(|id| Some((*id, types.get(id.index())?)))
            .filter(|(id, of_type)| {
                *id != first
                    && total.fits(&Amounts::of(of_type.allocatable, of_type.pods_max))
                    && of_type.allocatable.cpu_milli <= cap
                    && rate(of_type, bought).as_usd_per_hour() <= dearest
            })
            .map(|(id, of_type)| (rate(of_type, bought), id))
            .collect();
        listed.sort_unstable();
        let others = listed.into_iter().map(|(_, id)| id).take(TYPES_PER_CLAIM_MAX - 1);
        let all: Vec<TypeId> = core::iter::once(first).chain(others).collect();
        Some((all.into(), of_first, rate(of_first, bought)))
    }

    /// Places beside others for what is foreseen, as it is on average, on the nodes used last.
    pub(super) fn places_beside(&mut self, id: FleetId) -> u32 {
        let Some(fleet) = self.state.view.fleet(id) else { return 0 };
        let (Some(each), partial) = (fleet.reserved.each(), fleet.partial) else { return 0 };
        let nodes = &mut self.state.view.nodes;
        let (mut places, mut next) = (0_u32, partial.front());
        for _ in 0..BESIDE_MAX {
            let Some(slot) = next else { break };
            if let Some(node) = nodes.id_at(slot).and_then(|id| nodes.get(id)) {
                places += each.times_in(node.room).min(node.pods_max.saturating_sub(node.pods));
            }
            next = List::after(nodes, slot);
        }
        places
    }

    /// Of those in a queue that may still find a place, the one whose runners are largest: what is
    /// packed for them all is there for small ones only when they have theirs.
    pub(super) fn largest_waiting(&self, id: FleetId, hopeful: usize) -> usize {
        let queue = self.state.view.fleet(id).into_iter().flat_map(|fleet| &fleet.queue);
        let sizes = queue.take(hopeful).map(|set| key(self.request_of(*set)));
        // Of equal ones the first, so that they take turns.
        let largest = sizes.enumerate().max_by_key(|(place, size)| (*size, Reverse(*place)));
        largest.map_or(0, |(place, _)| place)
    }

    /// What a fleet misses for its level, where those who wait are packed apart.
    pub(super) fn missing_level(&self, id: FleetId, level: Load, each: Resources) -> u32 {
        let Some(fleet) = self.state.view.fleet(id) else { return 0 };
        let mut coming = fleet.coming;
        coming.sub(fleet.waiting);
        level.pods_above(coming, each)
    }
}

/// Each node for itself.
fn one_by_one(bought: &[Bought]) -> Vec<Bought> {
    let each = |node: &Bought| repeat_n(Bought { copies: 1, ..node.clone() }, node.copies as usize);
    bought.iter().flat_map(each).collect()
}

/// Nodes for those whom `plan` buys nodes for, chosen as if `more` like them waited too; without those
/// nodes that only the others would need.
fn with_headroom(
    market: &Market,
    groups: &[Group],
    plan: &Plan,
    limit: Amounts,
    more: u32,
) -> Vec<Bought> {
    let mut needed = alloc::vec![0_u32; groups.len()];
    for (group, count) in plan
        .bought
        .iter()
        .flat_map(|node| node.pods.iter().map(|(group, count)| (*group, count * node.copies)))
    {
        needed[group as usize] += count;
    }
    let all = u64::from(needed.iter().sum::<u32>()).max(1);
    let grown: Vec<Group> = groups
        .iter()
        .zip(&needed)
        .map(|(group, count)| {
            let share = (u64::from(*count) * u64::from(more)).div_ceil(all) as u32;
            Group { count: count + share, ..*group }
        })
        .collect();
    let problem = Problem { groups: &grown, rooms: &[], limits: &[limit] };
    let mut nodes = one_by_one(&pack(market, &problem, STEPS_PER_PLAN).bought);
    // What is there beyond the need, by group: a node goes if the others have enough.
    let mut spare = alloc::vec![0_u32; groups.len()];
    for (group, count) in nodes.iter().flat_map(|node| &node.pods) {
        spare[*group as usize] += count;
    }
    spare.iter_mut().zip(&needed).for_each(|(spare, need)| *spare = spare.saturating_sub(*need));
    for place in (0..nodes.len()).rev() {
        let pods = &nodes[place].pods;
        if pods.iter().all(|(group, count)| spare[*group as usize] >= *count) {
            for (group, count) in pods {
                spare[*group as usize] -= count;
            }
            nodes.remove(place);
        }
    }
    nodes
}

fn resources(amounts: &Amounts) -> Resources {
    let [cpu, memory, _, gpu, _] = amounts.0.map(|amount| amount as u32);
    Resources { cpu_milli: cpu, memory_mib: memory, gpu }
}

const fn key(size: Resources) -> (u32, u32, u32) {
    (size.gpu, size.cpu_milli, size.memory_mib)
}
