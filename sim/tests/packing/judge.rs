//! One problem packed by both: by Karpenter's Solve and here.

use super::labels::list;
use super::prepare::{Prepared, prepare};
use super::verify::{Node, faults};
use greenroom_scheduler::pack::{Market, Plan, Problem, STEPS_USUAL, pack};
use greenroom_sim::karpenter::bits::Bits;
use greenroom_sim::karpenter::round::{PoolUse, ReservedMode, Round};
use greenroom_sim::karpenter::scratch::Scratch;
use greenroom_sim::karpenter::solve::solve;
use greenroom_sim::karpenter::vectors::{self as recorded, Vector, World};
use serde_json::Value;

/// What both make of a problem.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Our price of new nodes, in USD an hour.
    pub(crate) own_usd: f64,
    /// Karpenter's, each claim at its cheapest offering, for the same pods.
    pub(crate) karpenter_usd: f64,
    /// Pods without a place, of all pods: ours, Karpenter's.
    pub(crate) unplaced: [usize; 2],
    /// What is wrong with our answer.
    pub(crate) faults: Vec<String>,
}

/// Packs a problem of the golden vectors' format both ways.
pub(crate) fn judge(text: &str) -> Judged {
    let file: Value = serde_json::from_str(text).unwrap();
    let input = &file["input"];
    let vector = Vector::parse(text).unwrap();
    let world = World::new(&vector).unwrap_or_else(|why| panic!("{}: {why}", vector.id));
    let none = Bits::new();
    let round = Round {
        pods: &world.pods,
        nodes: &world.nodes,
        without: &none,
        used: &PoolUse::of_nodes(&world.universe, &world.nodes),
        unavailable: &none,
        reserved: ReservedMode::Strict,
        work_ns_max: u64::MAX,
    };
    let solution = solve(&world.universe, &round, &mut Scratch::new());
    // Each claim at its cheapest allowed offering, as the recorded figures have it.
    let karpenter_usd = recorded::judge(&vector).model_usd;
    let missed =
        |pod: usize| solution.unschedulable.iter().any(|(other, _)| *other as usize == pod);
    let all: Vec<usize> = (0..list(input, "pods").len()).collect();
    let theirs: Vec<usize> = all.iter().copied().filter(|pod| !missed(*pod)).collect();
    // Karpenter does not always keep within limits: then neither need we, for the same pods.
    let keeps = keeps_limits(input, &solution.claims, &world);
    let (prepared, plan) = run(input, &all, true);
    let mut faults = check(input, &prepared, &plan, true);
    let unplaced = [plan.unplaced() as usize, all.len() - theirs.len()];
    let (prepared, plan) = run(input, &theirs, keeps);
    faults.extend(check(input, &prepared, &plan, keeps));
    // Within limits, which pods are left is a choice: what counts is how many.
    if plan.unplaced() > 0 && unplaced[0] >= unplaced[1] {
        faults.push(format!("{} pods of Karpenter's have no place", plan.unplaced()));
    }
    let market = Market::new(&prepared.kinds, &prepared.scopes, None);
    Judged {
        own_usd: plan.micros_per_hour(&market) as f64 / 1e6,
        karpenter_usd,
        unplaced: if keeps { unplaced } else { [0, unplaced[1]] },
        faults,
    }
}

fn run(input: &Value, pods: &[usize], with_limits: bool) -> (Prepared, Plan) {
    let prepared = prepare(input, pods, with_limits);
    let market = Market::new(&prepared.kinds, &prepared.scopes, None);
    let problem =
        Problem { groups: &prepared.groups, rooms: &prepared.rooms, limits: &prepared.limits };
    let plan = pack(&market, &problem, STEPS_USUAL);
    assert_eq!(plan, pack(&market, &problem, STEPS_USUAL), "twice the same");
    (prepared, plan)
}

/// Names every pod's place and lets it be verified.
fn check(input: &Value, prepared: &Prepared, plan: &Plan, is_limited: bool) -> Vec<String> {
    let mut pods = prepared.pods.clone();
    let mut take = |group: u32, count: u32| {
        let of = &mut pods[group as usize];
        of.split_off(of.len() - count as usize)
    };
    let mut housed = Vec::new();
    for &(room, group, count) in &plan.housed {
        let node = prepared.nodes[room as usize];
        housed.extend(take(group, count).into_iter().map(|pod| (node, pod)));
    }
    let mut nodes = Vec::new();
    for bought in &plan.bought {
        let of = &prepared.bought[bought.kind as usize];
        for _ in 0..bought.copies {
            let pods = bought.pods.iter().flat_map(|(group, count)| take(*group, *count)).collect();
            let (pool, kind, offering) = (of.pool, of.kind, of.offering);
            nodes.push(Node { pool, kind, offering, labels: &of.labels, pods });
        }
    }
    let left: usize = pods.iter().map(Vec::len).sum();
    let mut faults = faults(input, &nodes, &housed, is_limited);
    if left != plan.unplaced() as usize {
        faults.push(format!("{left} pods are nowhere, {} are said to be", plan.unplaced()));
    }
    faults
}

/// Whether Karpenter's claims, each at its cheapest, lie within the limits of their pools.
fn keeps_limits(
    input: &Value,
    claims: &[greenroom_sim::karpenter::round::Claim],
    world: &World,
) -> bool {
    list(input, "node_pools").iter().all(|pool| {
        let own = list(input, "existing_nodes").iter().filter(|n| n["node_pool"] == pool["name"]);
        let new =
            claims.iter().filter(|c| pool["name"] == world.universe.pool_name(c.pool)).count();
        pool["limits"]["nodes"].as_u64().is_none_or(|most| (own.count() + new) as u64 <= most)
    })
}
