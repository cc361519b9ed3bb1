//! A recorded problem as packing takes it.

use super::labels::{BOUGHT, Labels, NAME, POOL, ZONE, list, may_run, meets, taints_of, text};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::pack::amounts::Amounts;
use greenroom_scheduler::pack::{Group, Kind, Room, Scope};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A way to buy a node, by places in the file, with the labels that it will have.
#[derive(Clone, Debug)]
pub(crate) struct Bought {
    pub(crate) pool: usize,
    pub(crate) kind: usize,
    pub(crate) offering: usize,
    pub(crate) labels: Labels,
}

/// A problem as packing takes it, and what its numbers stand for.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) bought: Vec<Bought>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) groups: Vec<Group>,
    /// Of each group, the places of its pods.
    pub(crate) pods: Vec<Vec<usize>>,
    pub(crate) rooms: Vec<Room>,
    /// Of each room, the place of its node.
    pub(crate) nodes: Vec<usize>,
    pub(crate) limits: Vec<Amounts>,
}

/// Prepares the pods of `input` at these places.
pub(crate) fn prepare(input: &Value, pods: &[usize], with_limits: bool) -> Prepared {
    let mut prepared = Prepared::default();
    for (place, pool) in list(input, "node_pools").iter().enumerate() {
        prepared.limits.push(limit(input, pool));
        for (kind, of_type) in list(input, "instance_types").iter().enumerate() {
            for (offering, sold) in list(of_type, "offerings").iter().enumerate() {
                if sold["available"].as_bool() == Some(false) {
                    continue;
                }
                for labels in labels_of(input, pool, of_type, sold) {
                    let counts = Amounts(with(amounts(&of_type["capacity"]).0, 4, 1));
                    let offers = amounts(&of_type["capacity"])
                        .minus(&amounts(&of_type["overhead"]))
                        .minus(&daemons(input, &labels, list(pool, "taints")));
                    let rate = Rate::from_usd_per_hour(sold["price"].as_f64().unwrap());
                    let limit = with_limits.then_some(place as u32);
                    prepared.kinds.push(Kind { offers, counts, rate, limit });
                    prepared.bought.push(Bought { pool: place, kind, offering, labels });
                }
            }
        }
    }
    for place in nodes_in_order(input) {
        let node = &list(input, "existing_nodes")[place];
        let allocatable = if node["allocatable"].is_null() { "capacity" } else { "allocatable" };
        let free = amounts(&node[allocatable]).minus(&daemons_to_come(input, node));
        let used = list(node, "pods").iter().fold(Amounts::ZERO, |sum, pod| sum.plus(&asks(pod)));
        let pods = list(node, "pods").len() as u32;
        prepared.rooms.push(Room { free: free.minus(&used), pods, admits: Scope::default() });
        prepared.nodes.push(place);
    }
    let mut scopes: BTreeMap<String, u32> = BTreeMap::new();
    let mut groups: BTreeMap<(u32, Amounts), usize> = BTreeMap::new();
    for &place in pods {
        let pod = &list(input, "pods")[place];
        let wishes =
            ["node_selector", "required_node_affinity", "tolerations"].map(|key| &pod[key]);
        let next = scopes.len() as u32;
        let scope = *scopes.entry(format!("{wishes:?}")).or_insert(next);
        if scope == next {
            add_scope(&mut prepared, input, pod);
        }
        let at = *groups.entry((scope, asks(pod))).or_insert_with(|| {
            let asks = asks(pod);
            prepared.groups.push(Group { asks, count: 0, scope, pods_max: u32::MAX, lasts: 1 });
            prepared.pods.push(Vec::new());
            prepared.groups.len() - 1
        });
        prepared.groups[at].count += 1;
        prepared.pods[at].push(place);
    }
    prepared
}

/// The kinds and rooms that a pod's wishes allow.
fn add_scope(prepared: &mut Prepared, input: &Value, pod: &Value) {
    let scope = prepared.scopes.len();
    let pools = list(input, "node_pools");
    let suits = |(place, bought): (usize, &Bought)| {
        may_run(pod, &bought.labels, list(&pools[bought.pool], "taints")).then_some(place)
    };
    prepared.scopes.push(prepared.bought.iter().enumerate().filter_map(suits).collect());
    for (room, place) in prepared.rooms.iter_mut().zip(&prepared.nodes) {
        let node = &list(input, "existing_nodes")[*place];
        if may_run(pod, &node_labels(node), &taints_of(node)) {
            room.admits.insert(scope);
        }
    }
}

/// The labels of a node of this pool, type and offering: one set for each value that a label may
/// have.
fn labels_of(input: &Value, pool: &Value, of_type: &Value, sold: &Value) -> Vec<Labels> {
    let mut labels = Labels::new();
    labels.insert("kubernetes.io/arch".to_owned(), "amd64".to_owned());
    labels.insert("kubernetes.io/os".to_owned(), "linux".to_owned());
    let of = |value: &Value| value.as_object().cloned().unwrap_or_default();
    for (key, value) in of(&pool["labels"]).into_iter().chain(of(&of_type["labels"])) {
        labels.insert(key, value.as_str().unwrap().to_owned());
    }
    labels.insert(NAME.to_owned(), text(of_type, "name").to_owned());
    labels.insert(POOL.to_owned(), text(pool, "name").to_owned());
    let mut all = vec![labels];
    let lines = |value| list(value, "requirements").iter();
    for line in lines(of_type).filter(|line| text(line, "operator") == "In") {
        all = spread(all, line, true);
    }
    // What a pool names and no type has is written on the node.
    let selects = |key: &str| {
        list(input, "instance_types").iter().any(|of_type| {
            of_type["labels"].get(key).is_some()
                || list(of_type, "requirements").iter().any(|line| text(line, "key") == key)
        })
    };
    for line in lines(pool).filter(|line| text(line, "operator") == "In") {
        let key = text(line, "key");
        if ![ZONE, BOUGHT, NAME].contains(&key) && !selects(key) {
            all = spread(all, line, false);
        }
    }
    // A label of the provider's that no type has is written on the node as its pods ask for it.
    for pod in list(input, "pods") {
        for (key, value) in of(&pod["node_selector"]) {
            if key.starts_with("karpenter.k8s.aws/") && !selects(&key) {
                let line = json!({ "key": key, "values": [value] });
                let with = spread(all.clone(), &line, true);
                all.extend(
                    with.into_iter().filter(|labels| !all.contains(labels)).collect::<Vec<_>>(),
                );
            }
        }
    }
    for labels in &mut all {
        labels.insert(ZONE.to_owned(), text(sold, "zone").to_owned());
        labels.insert(BOUGHT.to_owned(), text(sold, "capacity_type").to_owned());
    }
    all.retain(|labels| lines(pool).all(|line| meets(labels, line)));
    all
}

/// One set of labels for each value of a line.
fn spread(all: Vec<Labels>, line: &Value, replace: bool) -> Vec<Labels> {
    let mut spread = Vec::new();
    for labels in all {
        if labels.contains_key(text(line, "key")) && !replace {
            spread.push(labels);
            continue;
        }
        for value in list(line, "values").iter().filter_map(Value::as_str) {
            let mut labels = labels.clone();
            labels.insert(text(line, "key").to_owned(), value.to_owned());
            spread.push(labels);
        }
    }
    spread
}

fn node_labels(node: &Value) -> Labels {
    let mut labels: Labels = node["labels"]
        .as_object()
        .map(|of| of.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect())
        .unwrap_or_default();
    if let Some(pool) = node["node_pool"].as_str() {
        labels.insert(POOL.to_owned(), pool.to_owned());
    }
    labels
}

/// Nodes that stay: initialized first, then by name.
fn nodes_in_order(input: &Value) -> Vec<usize> {
    let nodes = list(input, "existing_nodes");
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.retain(|place| nodes[*place]["deleting"].as_bool() != Some(true));
    order.sort_by_key(|place| {
        let node = &nodes[*place];
        let starts = matches!(node["state"].as_str(), Some("claim" | "registered"));
        (starts, text(node, "name"))
    });
    order
}

/// What daemons take of a node.
fn daemons(input: &Value, labels: &Labels, taints: &[Value]) -> Amounts {
    let here = list(input, "daemons").iter().filter(|daemon| may_run(daemon, labels, taints));
    here.fold(Amounts::ZERO, |sum, daemon| sum.plus(&asks(daemon)))
}

/// What daemons will still take of a node that is there.
fn daemons_to_come(input: &Value, node: &Value) -> Amounts {
    let there = list(node, "pods").iter().filter(|pod| pod["daemon"].as_bool() == Some(true));
    let there = there.fold(Amounts::ZERO, |sum, pod| sum.plus(&asks(pod)));
    daemons(input, &node_labels(node), &taints_of(node)).minus(&there)
}

/// What a pool's new nodes may count.
fn limit(input: &Value, pool: &Value) -> Amounts {
    let limits = &pool["limits"];
    let of = |key: &str| limits[key].as_u64().unwrap_or(u64::MAX);
    let all = Amounts([
        of("cpu_milli"),
        of("memory_bytes"),
        of("ephemeral_bytes"),
        of("gpu"),
        of("nodes"),
    ]);
    let own = list(input, "existing_nodes").iter();
    let own = own.filter(|node| node["node_pool"] == pool["name"]);
    let counts = |node: &Value| Amounts(with(amounts(&node["capacity"]).0, 4, 1));
    all.minus(&own.fold(Amounts::ZERO, |sum, node| sum.plus(&counts(node))))
}

fn with(mut amounts: [u64; 5], at: usize, amount: u64) -> [u64; 5] {
    amounts[at] = amount;
    amounts
}

fn amounts(value: &Value) -> Amounts {
    let of = |key: &str| value[key].as_u64().unwrap_or(0);
    let extended = value["extended"].as_object().into_iter().flatten();
    let rare = of("gpu") + extended.map(|(_, amount)| amount.as_u64().unwrap()).sum::<u64>();
    Amounts([of("cpu_milli"), of("memory_bytes"), of("ephemeral_bytes"), rare, of("pods")])
}

/// What a pod asks for, itself included.
pub(crate) fn asks(pod: &Value) -> Amounts {
    Amounts(with(amounts(pod).0, 4, 1))
}
