//! What stays the same from round to round, prepared once: types, pools, daemons, pod shapes.

use super::amounts::{Amounts, NODES, PODS_AT, RESOURCES_MAX, ResourceList, Resources};
use super::bits::Bits;
use super::input::{
    CapacityType, InstanceType, MinValuesPolicy, NodePool, NodeSpec, PodSpec, Policies,
    PreferencePolicy,
};
use super::labels::{
    CAPACITY_TYPE, HOSTNAME, INITIALIZED, INSTANCE_TYPE, KeyId, Labels, NODE_POOL, REGISTERED,
    RESERVATION, ZONE,
};
use super::requirement::{Requirement, Requirements, Selector};
use super::taint::{Effect, Taint, Toleration, all_tolerated};
use greenroom_scheduler::money::Rate;
use std::collections::{BTreeMap, HashMap};

/// The number of a pod shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeId(pub u32);

/// The number of a kind of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKindId(pub u32);

/// Why a world cannot be modelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UniverseError {
    /// More different resources than a run can have.
    #[error("{who}: more than {RESOURCES_MAX} different resources")]
    TooManyResources {
        /// The type, pool, node or pod that names one too many.
        who: String,
    },
    /// Two of a kind with one name.
    #[error("{what} {name:?} is given twice")]
    Twice {
        /// What they are.
        what: &'static str,
        /// Their name.
        name: String,
    },
}

/// An offering, its labels as numbers.
#[derive(Clone, Copy, Debug)]
pub struct OfferingEntry {
    /// The type's place in the catalogue.
    pub of: u32,
    /// The zone's value number.
    pub zone: u32,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// Its price.
    pub price: Rate,
    /// The reservation's place, for reserved ones.
    pub reservation: Option<u32>,
}

/// A capacity reservation.
#[derive(Clone, Debug)]
pub(super) struct ReservationEntry {
    pub(super) value: usize,
    pub(super) capacity: u32,
}

/// An instance type, its labels as numbers.
#[derive(Clone, Debug)]
pub(super) struct TypeEntry {
    pub(super) name: String,
    pub(super) requirements: Requirements,
    pub(super) capacity: Amounts,
    pub(super) allocatable: Amounts,
    /// Its offerings' places.
    pub(super) offerings: core::ops::Range<usize>,
}

/// Types of a pool on which the same daemons would run.
#[derive(Clone, Debug)]
pub(super) struct DaemonGroup {
    pub(super) types: Bits,
    /// In the order of the catalogue.
    pub(super) order: Vec<u32>,
    pub(super) overhead: Option<Amounts>,
    pub(super) ports: Vec<u16>,
}

/// A pool that may open claims.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// Its place in [`Universe::pools`].
    pub(super) pool: usize,
    pub(super) taints: Vec<Taint>,
    pub(super) requirements: Requirements,
    pub(super) types: Bits,
    pub(super) groups: Vec<DaemonGroup>,
    /// Of each type of the catalogue: what is left of it for pods beside the daemons.
    pub(super) room: Vec<Amounts>,
}

/// A pool's limits.
#[derive(Clone, Debug)]
pub(super) struct PoolEntry {
    pub(super) name: String,
    /// Resources that are limited, and how far.
    pub(super) limits: Vec<(usize, i64)>,
    pub(super) nodes_max: Option<i64>,
}

/// One of the ways in which a pod is tried: its own wishes, then fewer and fewer of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attempt {
    pub(super) requirements: Requirements,
    pub(super) tolerations: Vec<Toleration>,
    /// Of each template: whether its taints are tolerated.
    pub(super) tolerates: Vec<bool>,
}

/// A pod shape.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) requests: Amounts,
    pub(super) ports: Vec<u16>,
    pub(super) attempts: Vec<Attempt>,
    /// The number of its first attempt, counted over all shapes.
    pub(super) first_attempt: usize,
}

/// A kind of node.
#[derive(Clone, Debug)]
pub(super) struct NodeKind {
    pub(super) pool: Option<usize>,
    pub(super) requirements: Requirements,
    pub(super) taints: Vec<Taint>,
    pub(super) capacity: Amounts,
    pub(super) allocatable: Amounts,
    /// Resources that the node knows at all.
    pub(super) places: Vec<usize>,
    /// What the daemons that belong there ask for.
    pub(super) daemons: Amounts,
}

/// The keys that the model itself looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) zone: KeyId,
    pub(super) capacity_type: KeyId,
    pub(super) reservation: KeyId,
    pub(super) hostname: KeyId,
    pub(super) instance_type: KeyId,
}

/// Everything that outlives a round.
#[derive(Clone, Debug)]
pub struct Universe {
    pub(super) labels: Labels,
    pub(super) resources: Resources,
    pub(super) policies: Policies,
    pub(super) keys: Keys,
    /// Value numbers of `reserved`, `spot`, `on-demand`.
    pub(super) capacity_values: [usize; 3],
    pub(super) types: Vec<TypeEntry>,
    pub(super) offerings: Vec<OfferingEntry>,
    /// Offerings that can be had at all.
    pub(super) sold: Bits,
    pub(super) reservations: Vec<ReservationEntry>,
    pub(super) pools: Vec<PoolEntry>,
    pub(super) templates: Vec<Template>,
    pub(super) shapes: Vec<Shape>,
    pub(super) kinds: Vec<NodeKind>,
    pub(super) attempts: usize,
    tolerate_preferences: bool,
    daemons: Vec<PodSpec>,
    shape_of: BTreeMap<PodSpec, ShapeId>,
    kind_of: BTreeMap<NodeSpec, NodeKindId>,
}

impl Universe {
    /// Prepares types, pools and daemons. `well_known` are the labels that a pod may select on
    /// although no pool names them, [`super::labels::WELL_KNOWN`] in a real cluster.
    pub fn new(
        types: &[InstanceType],
        pools: &[NodePool],
        daemons: &[PodSpec],
        policies: Policies,
        well_known: &[&str],
    ) -> Result<Self, UniverseError> {
        let mut labels = Labels::new(well_known);
        let keys = Keys {
            zone: labels.key(ZONE),
            capacity_type: labels.key(CAPACITY_TYPE),
            reservation: labels.key(RESERVATION),
            hostname: labels.key(HOSTNAME),
            instance_type: labels.key(INSTANCE_TYPE),
        };
        let capacity_values =
            CapacityType::ALL.map(|bought| labels.value(keys.capacity_type, bought.label()));
        let mut universe = Self {
            labels,
            resources: Resources::default(),
            policies,
            keys,
            capacity_values,
            types: Vec::with_capacity(types.len()),
            offerings: Vec::new(),
            sold: Bits::new(),
            reservations: Vec::new(),
            pools: Vec::new(),
            templates: Vec::new(),
            shapes: Vec::new(),
            kinds: Vec::new(),
            attempts: 0,
            tolerate_preferences: pools.iter().any(|pool| {
                pool.taints.iter().any(|taint| taint.effect == Effect::PreferNoSchedule)
            }),
            daemons: daemons.to_vec(),
            shape_of: BTreeMap::new(),
            kind_of: BTreeMap::new(),
        };
        universe.add_types(types)?;
        universe.add_pools(pools)?;
        Ok(universe)
    }

    /// How many instance types there are.
    pub const fn types_count(&self) -> usize {
        self.types.len()
    }

    /// The name of a type by its place in the catalogue.
    pub fn type_name(&self, place: usize) -> &str {
        &self.types[place].name
    }

    /// Every offering; a set of them is a set of places in this list.
    pub fn offerings(&self) -> &[OfferingEntry] {
        &self.offerings
    }

    /// The offerings of a type, as places in [`Self::offerings`].
    pub fn offerings_of(&self, place: usize) -> core::ops::Range<usize> {
        self.types[place].offerings.clone()
    }

    /// The name of an offering's zone.
    pub fn zone_name(&self, offering: &OfferingEntry) -> &str {
        self.labels.text(self.keys.zone, offering.zone as usize)
    }

    /// The number of pools.
    pub const fn pools_count(&self) -> usize {
        self.pools.len()
    }

    /// The name of a pool. Pools are numbered in the order in which they are tried.
    pub fn pool_name(&self, pool: usize) -> &str {
        &self.pools[pool].name
    }

    /// Where amounts of a resource are kept, if any is asked for or had.
    pub fn resource_place(&self, name: &str) -> Option<usize> {
        self.resources.known_place(name)
    }

    /// Amounts by name.
    pub fn amounts(&mut self, list: &ResourceList) -> Result<Amounts, UniverseError> {
        self.named_amounts(list, || "amounts".to_owned()).map(|(amounts, _)| amounts)
    }

    /// What the machine of a kind of node has.
    pub fn kind_capacity(&self, kind: NodeKindId) -> &Amounts {
        &self.kinds[kind.0 as usize].capacity
    }

    /// The pool of a kind of node, if it is one of the universe's.
    pub fn kind_pool(&self, kind: NodeKindId) -> Option<usize> {
        self.kinds[kind.0 as usize].pool
    }

    /// What a pod of the shape asks for, itself counted as one of `pods`.
    pub fn shape_requests(&self, shape: ShapeId) -> &Amounts {
        &self.shapes[shape.0 as usize].requests
    }

    /// Whether a pool's nodes have more together than its limits say, so that no claim of it may
    /// be created (core:…/provisioning/provisioner.go, Create). What is just at the limit may
    /// still be created: a round can overshoot.
    pub fn exceeds_limits(&self, pool: usize, capacity: &Amounts, nodes: u32) -> bool {
        let entry = &self.pools[pool];
        entry.limits.iter().any(|&(at, limit)| capacity.at(at) > limit)
            || entry.nodes_max.is_some_and(|limit| i64::from(nodes) > limit)
    }

    /// Ports of its node that a pod of the shape binds.
    pub fn shape_ports(&self, shape: ShapeId) -> &[u16] {
        &self.shapes[shape.0 as usize].ports
    }

    fn named_amounts(
        &mut self,
        list: &ResourceList,
        who: impl Fn() -> String,
    ) -> Result<(Amounts, Vec<usize>), UniverseError> {
        self.resources.amounts(list).ok_or_else(|| UniverseError::TooManyResources { who: who() })
    }

    fn add_types(&mut self, types: &[InstanceType]) -> Result<(), UniverseError> {
        let mut seen = HashMap::new();
        let mut reservations = HashMap::new();
        for (place, it) in types.iter().enumerate() {
            if seen.insert(it.name.as_str(), place).is_some() {
                return Err(UniverseError::Twice { what: "instance type", name: it.name.clone() });
            }
            let who = || format!("instance type {:?}", it.name);
            let (capacity, places) = self.named_amounts(&it.capacity, who)?;
            let (overhead, _) = self.named_amounts(&it.overhead, who)?;
            let first = self.offerings.len();
            for offering in &it.offerings {
                if offering.available {
                    self.sold.insert(self.offerings.len());
                }
                let reservation = offering.reservation.as_ref().map(|reservation| {
                    let count = self.reservations.len() as u32;
                    let at = *reservations.entry(reservation.id.clone()).or_insert(count);
                    if at == count {
                        let value = self.labels.value(self.keys.reservation, &reservation.id);
                        let capacity = reservation.capacity;
                        self.reservations.push(ReservationEntry { value, capacity });
                    }
                    let entry = &mut self.reservations[at as usize];
                    entry.capacity = entry.capacity.min(reservation.capacity);
                    at
                });
                self.offerings.push(OfferingEntry {
                    of: place as u32,
                    zone: self.labels.value(self.keys.zone, &offering.zone) as u32,
                    capacity_type: offering.capacity_type,
                    price: offering.price,
                    reservation,
                });
            }
            let requirements = self.type_requirements(it, first);
            self.types.push(TypeEntry {
                name: it.name.clone(),
                requirements,
                capacity,
                allocatable: capacity.minus_at(&overhead, &places),
                offerings: first..self.offerings.len(),
            });
        }
        self.say_what_is_absent();
        Ok(())
    }

    fn type_requirements(&mut self, it: &InstanceType, first: usize) -> Requirements {
        let mut own = Requirements::new(&it.requirements, &mut self.labels);
        if own.get(self.keys.instance_type).is_none() {
            let name = Selector::is_in(INSTANCE_TYPE, &[&it.name]);
            let (key, requirement) = Requirement::new(&name, &mut self.labels);
            own.set(key, requirement);
        }
        let offered = &self.offerings[first..];
        if own.get(self.keys.zone).is_none() {
            let zones = offered.iter().map(|o| o.zone as usize).collect();
            own.set(self.keys.zone, Requirement::one_of(zones));
        }
        if own.get(self.keys.capacity_type).is_none() {
            let bought =
                offered.iter().map(|o| self.capacity_values[o.capacity_type as usize]).collect();
            own.set(self.keys.capacity_type, Requirement::one_of(bought));
        }
        own
    }

    /// A well-known label that only other types carry does not exist on a type
    /// (aws:pkg/providers/instancetype/types.go says so of each label that does not apply).
    fn say_what_is_absent(&mut self) {
        let carried: Bits = self
            .types
            .iter()
            .flat_map(|it| it.requirements.iter().map(|(key, _)| key.0 as usize))
            .filter(|&key| self.labels.is_well_known(KeyId(key as u32)))
            .collect();
        for it in &mut self.types {
            for key in carried.iter().map(|key| KeyId(key as u32)) {
                if it.requirements.get(key).is_none() {
                    it.requirements.set(key, Requirement::absent());
                }
            }
        }
    }

    fn add_pools(&mut self, pools: &[NodePool]) -> Result<(), UniverseError> {
        let mut ordered: Vec<&NodePool> = pools.iter().collect();
        // core:pkg/utils/nodepool/nodepool.go, OrderByWeight: of equal weight the later name.
        ordered.sort_by(|a, b| (b.weight, &b.name).cmp(&(a.weight, &a.name)));
        let own_name = self.labels.value(self.keys.hostname, "\0the name a claim's node will get");
        for pool in ordered {
            if self.pools.iter().any(|other| other.name == pool.name) {
                return Err(UniverseError::Twice { what: "node pool", name: pool.name.clone() });
            }
            let mut limits = pool.limits.clone();
            let nodes_max = limits.remove(NODES);
            let who = || format!("limits of node pool {:?}", pool.name);
            let (amounts, places) = self.named_amounts(&limits, who)?;
            self.pools.push(PoolEntry {
                name: pool.name.clone(),
                limits: places.into_iter().map(|at| (at, amounts.at(at))).collect(),
                nodes_max,
            });
            if let Some(template) = self.template(pool, own_name) {
                self.templates.push(template);
            }
        }
        self.group_daemons()
    }

    /// What the pool's claims start from; nothing when its requirements leave no type.
    fn template(&mut self, pool: &NodePool, own_name: usize) -> Option<Template> {
        let mut requirements = Requirements::new(&pool.requirements, &mut self.labels);
        let mut fixed = pool.labels.clone();
        for (name, value) in
            [(NODE_POOL, pool.name.as_str()), (REGISTERED, "true"), (INITIALIZED, "true")]
        {
            fixed.insert(name.to_owned(), value.to_owned());
        }
        let fixed = Requirements::of_labels(&fixed, &mut self.labels);
        requirements.add_all(&fixed, &self.labels);
        let types: Bits = (0..self.types.len())
            .filter(|&place| {
                let it = &self.types[place];
                it.requirements.intersects(&requirements, &self.labels)
                    && !it.allocatable.any_negative()
                    && it
                        .offerings
                        .clone()
                        .any(|o| self.sold.contains(o) && self.offering_suits(&requirements, o))
            })
            .collect();
        let strict = self.policies.min_values == MinValuesPolicy::Strict;
        if types.is_empty() || (strict && !self.too_few_values(&requirements, &types).is_empty()) {
            return None;
        }
        let own_name = [own_name].into_iter().collect();
        requirements.add(self.keys.hostname, Requirement::one_of(own_name), &self.labels);
        Some(Template {
            pool: self.pools.len() - 1,
            taints: pool.taints.clone(),
            requirements,
            types,
            groups: Vec::new(),
            room: Vec::new(),
        })
    }

    /// Whether an offering's zone, capacity type and reservation are allowed.
    pub(super) fn offering_suits(&self, requirements: &Requirements, place: usize) -> bool {
        let offering = &self.offerings[place];
        let allows = |key: KeyId, value: usize| {
            requirements.get(key).is_none_or(|r| r.allows(value, self.labels.numbers(key)))
        };
        allows(self.keys.zone, offering.zone as usize)
            && allows(
                self.keys.capacity_type,
                self.capacity_values[offering.capacity_type as usize],
            )
            && offering.reservation.is_none_or(|at| {
                allows(self.keys.reservation, self.reservations[at as usize].value)
            })
    }

    /// The keys of which too few values are left among `types`, and how many there are
    /// (core:pkg/cloudprovider/types.go, SatisfiesMinValues). A type counts with all its values,
    /// whether the requirement allows them or not.
    pub(super) fn too_few_values(
        &self,
        requirements: &Requirements,
        types: &Bits,
    ) -> Vec<(KeyId, u32)> {
        if types.is_empty() {
            return Vec::new();
        }
        requirements
            .iter()
            .filter_map(|(key, requirement)| {
                let wanted = requirement.min_values?;
                let mut values = Bits::new();
                for place in types.iter() {
                    if let Some(own) = self.types[place].requirements.get(key) {
                        values.insert_all(&own.values);
                    }
                }
                let found = values.len() as u32;
                (found < wanted).then_some((key, found))
            })
            .collect()
    }

    /// Sorts each template's types by the daemons that would run on them.
    ///
    /// The real code drops a term of a daemon's node affinity for good once it fails on one type,
    /// so later types and pools see what is left of the daemon; so does this.
    fn group_daemons(&mut self) -> Result<(), UniverseError> {
        let mut daemons = core::mem::take(&mut self.daemons);
        let mut requests = Vec::with_capacity(daemons.len());
        for (number, daemon) in daemons.iter().enumerate() {
            let who = || format!("daemon {number}");
            requests.push(self.pod_requests(&daemon.requests, who)?);
        }
        for at in 0..self.templates.len() {
            let mut groups: Vec<(Vec<usize>, DaemonGroup)> = Vec::new();
            let types = self.templates[at].types.clone();
            for place in types.iter() {
                let running: Vec<usize> = (0..daemons.len())
                    .filter(|&daemon| self.daemon_runs(at, place, &mut daemons[daemon]))
                    .collect();
                let group = groups.iter_mut().find(|(those, _)| *those == running);
                if let Some((_, group)) = group {
                    group.types.insert(place);
                    group.order.push(place as u32);
                    continue;
                }
                let overhead = running
                    .iter()
                    .map(|&daemon| requests[daemon])
                    .reduce(|all, one| all.plus(&one));
                let ports =
                    running.iter().flat_map(|&d| daemons[d].host_ports.iter().copied()).collect();
                let types = [place].into_iter().collect();
                let group = DaemonGroup { types, order: vec![place as u32], overhead, ports };
                groups.push((running, group));
            }
            // Go walks the groups in the order of a map. A group without daemons comes first here:
            // the order that 87 % of runs of the real code showed, where it makes a difference.
            groups.sort_by_key(|(_, group)| group.overhead.is_some());
            let template = &mut self.templates[at];
            template.groups = groups.into_iter().map(|(_, group)| group).collect();
            template.room = self.types.iter().map(|it| it.allocatable).collect();
            for group in &template.groups {
                let Some(overhead) = group.overhead else { continue };
                for place in group.types.iter() {
                    template.room[place] = template.room[place].minus(&overhead);
                }
            }
        }
        self.daemons = daemons;
        Ok(())
    }

    fn daemon_runs(&mut self, template: usize, place: usize, daemon: &mut PodSpec) -> bool {
        let preferences = Toleration::of_preferences();
        if !daemon.tolerations.contains(&preferences) {
            daemon.tolerations.push(preferences);
        }
        if !all_tolerated(&self.templates[template].taints, &daemon.tolerations) {
            return false;
        }
        loop {
            let wanted = strict_requirements(daemon, &mut self.labels);
            let (template, it) = (&self.templates[template], &self.types[place]);
            if without_hostname(&template.requirements, self.keys.hostname).compatible(
                &wanted,
                true,
                &self.labels,
            ) && it.requirements.intersects(&wanted, &self.labels)
            {
                return true;
            }
            if daemon.required.len() < 2 {
                return false;
            }
            daemon.required.remove(0);
        }
    }

    fn pod_requests(
        &mut self,
        list: &ResourceList,
        who: impl Fn() -> String,
    ) -> Result<Amounts, UniverseError> {
        let (mut requests, _) = self.named_amounts(list, who)?;
        requests.put(PODS_AT, 1);
        Ok(requests)
    }

    /// The shape of a pod; equal pods have the same.
    pub fn shape(&mut self, pod: &PodSpec) -> Result<ShapeId, UniverseError> {
        if let Some(&shape) = self.shape_of.get(pod) {
            return Ok(shape);
        }
        let requests = self.pod_requests(&pod.requests, || "pod".to_owned())?;
        let attempts = self.attempts_of(pod);
        let shape = ShapeId(self.shapes.len() as u32);
        let first_attempt = self.attempts;
        self.attempts += attempts.len();
        self.shapes.push(Shape {
            requests,
            ports: pod.host_ports.clone(),
            attempts,
            first_attempt,
        });
        self.shape_of.insert(pod.clone(), shape);
        Ok(shape)
    }

    /// A pod's wishes as they are dropped one by one
    /// (core:…/scheduling/preferences.go): required terms but the last, preferred terms by weight,
    /// then taints that only prefer.
    fn attempts_of(&mut self, pod: &PodSpec) -> Vec<Attempt> {
        let mut pod = pod.clone();
        pod.preferred.sort_by_key(|term| core::cmp::Reverse(term.weight));
        let mut attempts: Vec<Attempt> = Vec::new();
        loop {
            let attempt = self.attempt(&pod);
            if attempts.last() != Some(&attempt) {
                attempts.push(attempt);
            }
            let preferences = Toleration::of_preferences();
            if pod.required.len() > 1 {
                pod.required.remove(0);
            } else if !pod.preferred.is_empty() {
                pod.preferred.remove(0);
            } else if self.tolerate_preferences && !pod.tolerations.contains(&preferences) {
                pod.tolerations.push(preferences);
            } else {
                return attempts;
            }
        }
    }

    fn attempt(&mut self, pod: &PodSpec) -> Attempt {
        let mut requirements = Requirements::of_labels(&pod.node_selector, &mut self.labels);
        if self.policies.preferences == PreferencePolicy::Respect
            && let Some(term) = pod.preferred.first()
        {
            let preferred = Requirements::new(&term.lines, &mut self.labels);
            requirements.add_all(&preferred, &self.labels);
        }
        if let Some(term) = pod.required.first() {
            let required = Requirements::new(term, &mut self.labels);
            requirements.add_all(&required, &self.labels);
        }
        let tolerates =
            self.templates.iter().map(|t| all_tolerated(&t.taints, &pod.tolerations)).collect();
        Attempt { requirements, tolerations: pod.tolerations.clone(), tolerates }
    }

    /// The kind of a node; equal specs have the same.
    pub fn node_kind(&mut self, node: &NodeSpec) -> Result<NodeKindId, UniverseError> {
        if let Some(&kind) = self.kind_of.get(node) {
            return Ok(kind);
        }
        let who = || "node".to_owned();
        let (capacity, _) = self.named_amounts(&node.capacity, who)?;
        let (allocatable, places) = self.named_amounts(&node.allocatable, who)?;
        let requirements = Requirements::of_labels(&node.labels, &mut self.labels);
        let mut daemons = Amounts::ZERO;
        for number in 0..self.daemons.len() {
            let wanted = strict_requirements(&self.daemons[number].clone(), &mut self.labels);
            let daemon = &self.daemons[number];
            if all_tolerated(&node.taints, &daemon.tolerations)
                && requirements.compatible(&wanted, false, &self.labels)
            {
                let requests = daemon.requests.clone();
                daemons = daemons.plus(&self.pod_requests(&requests, who)?);
            }
        }
        let pool = node.labels.get(NODE_POOL);
        let kind = NodeKindId(self.kinds.len() as u32);
        self.kinds.push(NodeKind {
            pool: pool.and_then(|name| self.pools.iter().position(|p| p.name == *name)),
            requirements,
            taints: node.taints.clone(),
            capacity,
            allocatable,
            places,
            daemons,
        });
        self.kind_of.insert(node.clone(), kind);
        Ok(kind)
    }
}

/// What a pod requires, preferences left out, only the first of its required terms counted.
fn strict_requirements(pod: &PodSpec, labels: &mut Labels) -> Requirements {
    let mut wanted = Requirements::of_labels(&pod.node_selector, labels);
    if let Some(term) = pod.required.first() {
        let required = Requirements::new(term, labels);
        wanted.add_all(&required, labels);
    }
    wanted
}

fn without_hostname(requirements: &Requirements, hostname: KeyId) -> Requirements {
    let mut rest = requirements.clone();
    rest.forget(hostname);
    rest
}
