//! Node pools and what their claims start from.

use super::entries::{PoolEntry, Template};
use super::{Universe, UniverseError};
use crate::karpenter::amounts::NODES;
use crate::karpenter::bits::Bits;
use crate::karpenter::input::{MinValuesPolicy, NodePool};
use crate::karpenter::labels::{INITIALIZED, KeyId, NODE_POOL, REGISTERED};
use crate::karpenter::requirement::Requirement;
use crate::karpenter::requirements::Requirements;

impl Universe {
    pub(super) fn add_pools(&mut self, pools: &[NodePool]) -> Result<(), UniverseError> {
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
    pub(in crate::karpenter) fn offering_suits(
        &self,
        requirements: &Requirements,
        place: usize,
    ) -> bool {
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
    pub(in crate::karpenter) fn too_few_values(
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
}
