//! Labels, selectors and taints of a recorded problem, as Kubernetes reads them.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ZONE: &str = "topology.kubernetes.io/zone";
pub(crate) const BOUGHT: &str = "karpenter.sh/capacity-type";
pub(crate) const NAME: &str = "node.kubernetes.io/instance-type";
pub(crate) const POOL: &str = "karpenter.sh/nodepool";

/// What one node's labels are.
pub(crate) type Labels = BTreeMap<String, String>;

/// The list under a key, empty where there is none.
pub(crate) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The text under a key, empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("")
}

/// Whether labels meet one line of a selector: `{key, operator, values}`.
pub(crate) fn meets(labels: &Labels, line: &Value) -> bool {
    let found = labels.get(text(line, "key"));
    let values: BTreeSet<&str> = list(line, "values").iter().filter_map(Value::as_str).collect();
    let number = |text: &str| text.parse::<i64>().ok();
    let bound = values.iter().next().and_then(|value| number(value));
    let value = found.and_then(|value| number(value));
    match text(line, "operator") {
        "In" => found.is_some_and(|value| values.contains(value.as_str())),
        "NotIn" => found.is_none_or(|value| !values.contains(value.as_str())),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => value.zip(bound).is_some_and(|(value, bound)| value > bound),
        "Lt" => value.zip(bound).is_some_and(|(value, bound)| value < bound),
        other => panic!("operator {other}"),
    }
}

/// Whether a pod may run on a node with these labels and taints.
pub(crate) fn may_run(pod: &Value, labels: &Labels, taints: &[Value]) -> bool {
    let selected = pod["node_selector"].as_object().is_none_or(|wanted| {
        wanted.iter().all(|(key, value)| labels.get(key).map(String::as_str) == value.as_str())
    });
    let terms = list(pod, "required_node_affinity");
    let term = |term: &Value| {
        term.as_array().is_some_and(|lines| lines.iter().all(|line| meets(labels, line)))
    };
    selected
        && (terms.is_empty() || terms.iter().any(term))
        && taints.iter().all(|t| stands(pod, t))
}

/// Whether a pod stands a taint. One that is only to be avoided binds nobody.
fn stands(pod: &Value, taint: &Value) -> bool {
    text(taint, "effect") == "PreferNoSchedule"
        || list(pod, "tolerations").iter().any(|toleration| {
            let (key, effect) = (text(toleration, "key"), text(toleration, "effect"));
            let names_it = key == text(taint, "key") || key.is_empty();
            let affects = effect.is_empty() || effect == text(taint, "effect");
            let exists = text(toleration, "operator") == "Exists";
            names_it && affects && (exists || text(toleration, "value") == text(taint, "value"))
        })
}

/// The taints of a node that count, now.
pub(crate) fn taints_of(node: &Value) -> Vec<Value> {
    let startup = list(node, "startup_taints");
    let taints = list(node, "taints").iter();
    match node["state"].as_str() {
        // Startup taints go by themselves before it is ready, and so do those of Kubernetes.
        Some("claim" | "registered") => taints
            .filter(|taint| {
                let key = text(taint, "key");
                !key.starts_with("node.kubernetes.io/")
                    && !key.starts_with("node.cloudprovider.kubernetes.io/")
                    && !startup.iter().any(|other| text(other, "key") == key)
            })
            .cloned()
            .collect(),
        _ => taints.chain(startup).cloned().collect(),
    }
}
