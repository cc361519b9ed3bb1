//! Shapes of pods and kinds of nodes.

use super::entries::{Attempt, NodeKind, NodeKindId, Shape, ShapeId};
use super::{Universe, UniverseError};
use crate::karpenter::amounts::{Amounts, PODS_AT, ResourceList};
use crate::karpenter::input::{NodeSpec, PodSpec, PreferencePolicy};
use crate::karpenter::labels::{Labels, NODE_POOL};
use crate::karpenter::requirements::Requirements;
use crate::karpenter::taint::{Toleration, all_tolerated};

impl Universe {
    pub(super) fn pod_requests(
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
pub(super) fn strict_requirements(pod: &PodSpec, labels: &mut Labels) -> Requirements {
    let mut wanted = Requirements::of_labels(&pod.node_selector, labels);
    if let Some(term) = pod.required.first() {
        let required = Requirements::new(term, labels);
        wanted.add_all(&required, labels);
    }
    wanted
}
