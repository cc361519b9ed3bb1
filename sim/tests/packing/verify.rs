//! An independent check of where pods were put. It shares no line with packing nor with how problems
//! are prepared for it, other than what Kubernetes means by a selector.

use super::labels::{Labels, list, may_run, meets, taints_of, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// A new node: pool, type and offering by places in the file, its labels, and its pods.
pub(crate) struct Node<'a> {
    pub(crate) pool: usize,
    pub(crate) kind: usize,
    pub(crate) offering: usize,
    pub(crate) labels: &'a Labels,
    pub(crate) pods: Vec<usize>,
}

const RESOURCES: [&str; 5] = ["cpu_milli", "memory_bytes", "ephemeral_bytes", "gpu", "pods"];

/// What is wrong with it; nothing if every law holds.
pub(crate) fn faults(
    input: &Value,
    nodes: &[Node<'_>],
    housed: &[(usize, usize)],
    is_limited: bool,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeMap::new();
    for pod in nodes.iter().flat_map(|node| &node.pods).chain(housed.iter().map(|(_, pod)| pod)) {
        *seen.entry(*pod).or_insert(0) += 1;
    }
    faults.extend(
        seen.iter().filter(|(_, n)| **n > 1).map(|(pod, n)| format!("pod {pod}: {n} times")),
    );
    let mut counted: BTreeMap<(usize, &str), f64> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate() {
        let (pool, kind) = (&input["node_pools"][node.pool], &input["instance_types"][node.kind]);
        let sold = &kind["offerings"][node.offering];
        let mut say = |what: String| faults.push(format!("node {number}: {what}"));
        if sold["available"] == Value::Bool(false) {
            say("its offering cannot be had".to_owned());
        }
        for (key, value) in [
            ("topology.kubernetes.io/zone", "zone"),
            ("karpenter.sh/capacity-type", "capacity_type"),
        ] {
            if node.labels.get(key).map(String::as_str) != sold[value].as_str() {
                say(format!("{key} is not its offering's"));
            }
        }
        if let Some(line) = list(pool, "requirements").iter().find(|line| !meets(node.labels, line))
        {
            say(format!("its pool says {line}"));
        }
        let taints = list(pool, "taints");
        let daemons = list(input, "daemons").iter().filter(|d| may_run(d, node.labels, taints));
        let pods: Vec<&Value> = node.pods.iter().map(|pod| &input["pods"][*pod]).collect();
        if let Some(pod) = pods.iter().find(|pod| !may_run(pod, node.labels, taints)) {
            say(format!("{} may not run here", text(pod, "name")));
        }
        let all: Vec<&Value> = pods.iter().copied().chain(daemons).collect();
        for resource in RESOURCES {
            let has =
                number_of(&kind["capacity"], resource) - number_of(&kind["overhead"], resource);
            let wants: f64 = all.iter().map(|pod| wish(pod, resource)).sum();
            if wants > has {
                say(format!("{wants} {resource} of {has}"));
            }
            let counts =
                if resource == "pods" { 1.0 } else { number_of(&kind["capacity"], resource) };
            *counted.entry((node.pool, resource)).or_default() += counts;
        }
    }
    for ((place, resource), new) in counted.into_iter().filter(|_| is_limited) {
        let pool = &input["node_pools"][place];
        let own = list(input, "existing_nodes").iter().filter(|n| n["node_pool"] == pool["name"]);
        let old = |node: &Value| match resource {
            "pods" => 1.0,
            _ => number_of(&node["capacity"], resource),
        };
        let limited = if resource == "pods" { "nodes" } else { resource };
        let sum = new + own.map(old).sum::<f64>();
        if pool["limits"][limited].as_f64().is_some_and(|limit| sum > limit) {
            faults
                .push(format!("{}: {sum} {limited} of {}", pool["name"], pool["limits"][limited]));
        }
    }
    for (place, node) in list(input, "existing_nodes").iter().enumerate() {
        let new: Vec<&Value> = housed
            .iter()
            .filter(|(n, _)| *n == place)
            .map(|(_, pod)| &input["pods"][*pod])
            .collect();
        let mut labels: Labels = serde_json::from_value(node["labels"].clone()).unwrap_or_default();
        if let Some(pool) = node["node_pool"].as_str() {
            labels.insert("karpenter.sh/nodepool".to_owned(), pool.to_owned());
        }
        if new.iter().any(|pod| !may_run(pod, &labels, &taints_of(node))) {
            faults.push(format!("node {place}: a pod may not run here"));
        }
        for resource in RESOURCES {
            let offered = if node["allocatable"].is_null() { "capacity" } else { "allocatable" };
            let old = list(node, "pods").iter();
            let wants: f64 = old.chain(new.iter().copied()).map(|pod| wish(pod, resource)).sum();
            if !new.is_empty() && wants > number_of(&node[offered], resource) {
                faults.push(format!("node {place}: {wants} {resource}"));
            }
        }
    }
    faults
}

fn number_of(value: &Value, resource: &str) -> f64 {
    let extended = value["extended"].as_object().into_iter().flatten();
    let rare = extended.filter_map(|(_, amount)| amount.as_f64()).sum::<f64>();
    value[resource].as_f64().unwrap_or(0.0) + if resource == "gpu" { rare } else { 0.0 }
}

fn wish(pod: &Value, resource: &str) -> f64 {
    if resource == "pods" { 1.0 } else { number_of(pod, resource) }
}
