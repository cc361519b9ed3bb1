//! Whether the model's outcome is one of those recorded.

use super::file::{ClaimOutcome, LaunchOutcome, Outcome, Summary, Vector};
use super::world::{Unsupported, World};
use crate::karpenter::amounts::{CPU_AT, MEMORY_AT};
use crate::karpenter::bits::Bits;
use crate::karpenter::launch::launch;
use crate::karpenter::round::{Claim, PoolUse, ReservedMode, Round, Solution};
use crate::karpenter::scratch::Scratch;
use crate::karpenter::solve::solve;
use crate::karpenter::universe::OfferingEntry;
use greenroom_scheduler::money::Rate;
use std::collections::{BTreeMap, BTreeSet};

/// Prices agree within this share.
const PRICE_SHARE: f64 = 0.001;

/// Whether the model agrees with a vector.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It does, in the last detail where details are comparable.
    Agrees,
    /// It says that it does not model something.
    Refused(Unsupported),
    /// It does not; what differs.
    Disagrees(String),
}

/// A vector, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The outcome.
    pub verdict: Verdict,
    /// What the model's claims cost, in USD an hour, each at its cheapest offering.
    pub model_usd: f64,
    /// The same as recorded, weighted by how often each outcome was seen.
    pub recorded_usd: f64,
    /// Keys of the file that nothing reads.
    pub ignored: Vec<String>,
}

/// Runs a vector through the model.
pub fn judge(vector: &Vector) -> Judged {
    let expected = &vector.expected;
    let seen: f64 = expected.summaries.iter().map(|s| f64::from(s.seen)).sum();
    let recorded_usd = if seen > 0.0 {
        let weighted = |s: &Summary| f64::from(s.seen) * s.price_per_hour;
        expected.summaries.iter().map(weighted).sum::<f64>() / seen
    } else {
        0.0
    };
    let world = match World::new(vector) {
        Ok(world) => world,
        Err(reason) => {
            let verdict = Verdict::Refused(reason);
            return Judged { verdict, model_usd: 0.0, recorded_usd, ignored: Vec::new() };
        }
    };
    let mut scratch = Scratch::new();
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
    let solution = solve(&world.universe, &round, &mut scratch);
    if vector.behaviour == "aws-launch" {
        let own = launches(&world, &solution, &mut scratch);
        let any = expected.outcomes.iter().any(|outcome| {
            let mut recorded: Vec<_> = outcome.launches.iter().map(recorded_launch).collect();
            recorded.sort();
            recorded == own
        });
        let verdict = if any { Verdict::Agrees } else { Verdict::Disagrees(format!("{own:?}")) };
        return Judged { verdict, model_usd: 0.0, recorded_usd: 0.0, ignored: world.ignored };
    }
    let own = summary(&world, &solution);
    let summarised = expected.summaries.iter().any(|recorded| same_summary(recorded, &own));
    let verdict = if !summarised {
        Verdict::Disagrees(format!("{own:?}, recorded {:?}", expected.summaries))
    } else if expected.deterministic {
        match expected.outcomes.first().and_then(|o| difference(&world, &solution, o)) {
            Some(difference) => Verdict::Disagrees(difference),
            None => Verdict::Agrees,
        }
    } else {
        Verdict::Agrees
    };
    Judged { verdict, model_usd: own.price_per_hour, recorded_usd, ignored: world.ignored }
}

/// Offerings that the finished claim allows and that can be had.
fn offers<'w>(world: &'w World, claim: &'w Claim) -> impl Iterator<Item = &'w OfferingEntry> {
    let universe = &world.universe;
    let places = claim.types.iter().flat_map(|&t| universe.offerings_of(t as usize));
    places
        .filter(|&at| {
            universe.sold.contains(at) && universe.offering_suits(&claim.requirements, at)
        })
        .map(|at| &universe.offerings()[at])
}

fn cheapest<'w>(world: &'w World, claim: &'w Claim) -> Option<(Rate, &'w str)> {
    let name = |o: &OfferingEntry| world.universe.type_name(o.of as usize);
    offers(world, claim)
        .min_by_key(|o| (o.price, name(o), o.capacity_type.label()))
        .map(|o| (o.price, name(o)))
}

fn summary(world: &World, solution: &Solution) -> Summary {
    let mut types = BTreeMap::new();
    let mut price_per_hour = 0.0;
    for (price, name) in solution.claims.iter().filter_map(|claim| cheapest(world, claim)) {
        *types.entry(name.to_owned()).or_insert(0) += 1;
        price_per_hour += price.as_usd_per_hour();
    }
    Summary {
        seen: 1,
        nodes: solution.claims.len(),
        price_per_hour,
        types,
        pods_on_existing: solution.placed.len(),
        pods_unschedulable: solution.unschedulable.len(),
    }
}

fn same_summary(a: &Summary, b: &Summary) -> bool {
    a.nodes == b.nodes
        && a.types == b.types
        && a.pods_on_existing == b.pods_on_existing
        && a.pods_unschedulable == b.pods_unschedulable
        && (a.price_per_hour - b.price_per_hour).abs() <= PRICE_SHARE * a.price_per_hour + 1e-9
}

fn names(world: &World, pods: impl IntoIterator<Item = u32>) -> Vec<String> {
    let mut names: Vec<String> =
        pods.into_iter().map(|pod| world.pod_names[pod as usize].clone()).collect();
    names.sort_unstable();
    names
}

/// The first detail in which an outcome differs from the model's.
fn difference(world: &World, solution: &Solution, recorded: &Outcome) -> Option<String> {
    let mut existing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for &(node, pod) in &solution.placed {
        let pods = existing.entry(world.node_names[node as usize].clone()).or_default();
        pods.push(world.pod_names[pod as usize].clone());
        pods.sort_unstable();
    }
    if existing != recorded.existing {
        return Some(format!("existing {existing:?}, recorded {:?}", recorded.existing));
    }
    let unschedulable: BTreeMap<String, String> = solution
        .unschedulable
        .iter()
        .map(|(pod, refusals)| {
            let words: BTreeSet<&str> = refusals.iter().map(|r| r.word()).collect();
            let words: Vec<&str> = words.into_iter().collect();
            (world.pod_names[*pod as usize].clone(), words.join("+"))
        })
        .collect();
    let sorted = |text: &String| {
        let words: BTreeSet<&str> = text.split('+').collect();
        words.into_iter().collect::<Vec<_>>().join("+")
    };
    let recorded_words: BTreeMap<String, String> =
        recorded.unschedulable.iter().map(|(pod, words)| (pod.clone(), sorted(words))).collect();
    if unschedulable.keys().ne(recorded_words.keys()) {
        return Some(format!("unschedulable {unschedulable:?}, recorded {recorded_words:?}"));
    }
    for claim in &solution.claims {
        let pods = names(world, claim.pods.iter().copied());
        let Some(twin) = recorded.claims.iter().find(|other| {
            let mut others = other.pods.clone();
            others.sort_unstable();
            others == pods
        }) else {
            return Some(format!("no recorded claim has exactly the pods {pods:?}"));
        };
        let difference = claim_difference(world, claim, twin);
        if difference.is_some() {
            return difference;
        }
    }
    (unschedulable != recorded_words)
        .then(|| format!("reasons {unschedulable:?}, recorded {recorded_words:?}"))
}

fn claim_difference(world: &World, claim: &Claim, twin: &ClaimOutcome) -> Option<String> {
    let universe = &world.universe;
    let own = |what: &str, own: String, recorded: String| {
        (own != recorded).then(|| format!("{:?}: {what} {own}, recorded {recorded}", twin.pods))
    };
    let types: Vec<&str> = claim.types.iter().map(|&t| universe.type_name(t as usize)).collect();
    let bought: BTreeSet<&str> = offers(world, claim).map(|o| o.capacity_type.label()).collect();
    let zones: BTreeSet<&str> = offers(world, claim).map(|o| universe.zone_name(o)).collect();
    let sets =
        |list: &[String]| format!("{:?}", list.iter().map(String::as_str).collect::<BTreeSet<_>>());
    own("pool", universe.pool_name(claim.pool).to_owned(), twin.node_pool.clone())
        .or_else(|| {
            own("type count", types.len().to_string(), twin.instance_type_count.to_string())
        })
        .or_else(|| {
            if twin.instance_types.is_empty() {
                return None;
            }
            own("types", format!("{types:?}"), format!("{:?}", twin.instance_types))
        })
        .or_else(|| own("capacity types", format!("{bought:?}"), sets(&twin.capacity_types)))
        .or_else(|| own("zones", format!("{zones:?}"), sets(&twin.zones)))
        .or_else(|| {
            let recorded = twin.requests_cpu_milli.unwrap_or(0);
            own("processors", claim.requests.at(CPU_AT).to_string(), recorded.to_string())
        })
        .or_else(|| {
            let recorded = twin.requests_memory_bytes.unwrap_or(0);
            own("memory", claim.requests.at(MEMORY_AT).to_string(), recorded.to_string())
        })
}

/// Pods, capacity type, types left and overrides; nothing after the pods when the provider gives
/// up.
type LaunchKey = (Vec<String>, Option<(String, usize, BTreeSet<(String, String, Rate)>)>);

fn launches(world: &World, solution: &Solution, scratch: &mut Scratch) -> Vec<LaunchKey> {
    let universe = &world.universe;
    let mut launches: Vec<LaunchKey> = solution
        .claims
        .iter()
        .map(|claim| {
            let pods = names(world, claim.pods.iter().copied());
            let launch = launch(universe, claim, &Bits::new(), scratch).ok().map(|launch| {
                let overrides = launch.overrides.iter().map(|o| {
                    let offering = &universe.offerings()[o.offering as usize];
                    let name = universe.type_name(o.instance_type as usize).to_owned();
                    (name, universe.zone_name(offering).to_owned(), o.price)
                });
                let bought = launch.capacity_type.label().to_owned();
                (bought, launch.types.len(), overrides.collect())
            });
            (pods, launch)
        })
        .collect();
    launches.sort();
    launches
}

fn recorded_launch(recorded: &LaunchOutcome) -> LaunchKey {
    let mut pods = recorded.pods.clone();
    pods.sort_unstable();
    if recorded.error.is_some() {
        return (pods, None);
    }
    let overrides = recorded
        .overrides
        .iter()
        .map(|o| (o.instance_type.clone(), o.zone.clone(), Rate::from_usd_per_hour(o.price)))
        .collect();
    let bought = recorded.capacity_type.clone().unwrap_or_default();
    (pods, Some((bought, recorded.instance_types_after_filters.unwrap_or(0), overrides)))
}
