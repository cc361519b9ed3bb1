//! Which nodes go, when, and what comes instead, pinned as in Karpenter's source.
#![allow(clippy::unwrap_used, clippy::needless_raw_string_hashes)]

use crate::karpenter_worlds::{
    BOUGHT, kind_of, ladder, offering, offering_of, pod, pool, sized, universe,
};
use expect_test::{Expect, expect};
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::karpenter::bits::Bits;
use greenroom_sim::karpenter::config::Consolidation::{
    Balanced, Off, WhenEmpty, WhenEmptyOrUnderutilized,
};
use greenroom_sim::karpenter::config::KarpenterConfig;
use greenroom_sim::karpenter::disruption::{
    Disruption, NodeView, Output, PodView, Protection, View, pod_event,
};
use greenroom_sim::karpenter::input::{CapacityType, InstanceType};
use greenroom_sim::karpenter::provisioner::ClaimId;
use greenroom_sim::karpenter::requirement::Selector;
use greenroom_sim::karpenter::scratch::Scratch;
use greenroom_sim::karpenter::universe::Universe;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

const fn s(secs: u64) -> Time {
    Time::from_ms(secs * 1000)
}

/// What the world does to the nodes at a time.
type Event = (u64, Box<dyn Fn(&mut World)>);

struct World {
    types: Vec<InstanceType>,
    universe: Universe,
    nodes: Vec<NodeView>,
    config: KarpenterConfig,
    /// Seconds after which a replacement is ready; nothing: it is lost at once.
    replacement_ready_s: Option<u64>,
    told: String,
}

impl World {
    fn new(types: Vec<InstanceType>, requirements: Vec<Selector>) -> Self {
        let universe = universe(&types, &[pool("pool", requirements)]);
        Self {
            types,
            universe,
            nodes: Vec::new(),
            config: KarpenterConfig { budgets: budgets(&["100%"]), ..KarpenterConfig::default() },
            replacement_ready_s: Some(60),
            told: String::new(),
        }
    }

    fn ladder() -> Self {
        Self::new(ladder(), Vec::new())
    }

    /// On-demand alone, so that no node is cheaper for being spot.
    fn on_demand() -> Self {
        Self::new(ladder(), vec![Selector::is_in(BOUGHT, &["on-demand"])])
    }

    /// A node that is ready since time 0, with pods of so many milli-CPUs.
    fn node(&mut self, name: &str, bought: CapacityType, pods: &[i64]) -> &mut NodeView {
        let offering = offering_of(&self.universe, name, bought);
        let kind = kind_of(&mut self.universe, &self.types, offering);
        let serial = self.nodes.len() as u32;
        let pods = pods.iter().map(|&cpu| self.pod(cpu)).collect();
        self.nodes.push(NodeView {
            id: NodeId { serial, slot: serial },
            kind,
            name: u64::from(serial),
            pool: Some(0),
            offering: offering as u32,
            initialized_at: Some(Time::ZERO),
            ready: true,
            deleting: false,
            instance_ending: false,
            nominated_until: Time::ZERO,
            do_not_disrupt: false,
            hosts_buffer: false,
            last_pod_event: None,
            pods,
        });
        self.nodes.last_mut().unwrap()
    }

    fn pod(&mut self, cpu_milli: i64) -> PodView {
        PodView {
            uid: 0,
            shape: self.universe.shape(&pod(cpu_milli)).unwrap(),
            created_s: None,
            started: Some(Time::ZERO),
            daemon: false,
            ending: false,
            protection: Protection::None,
            priority: 0,
            deletion_cost: 0,
        }
    }

    /// Plays until a time: steps the machine whenever it asks to be, does what it wants and tells
    /// what happened when.
    fn play(&mut self, mut events: Vec<Event>, until_s: u64) -> &str {
        let policy = (&self.config).into();
        let mut disruption = Disruption::new(vec![policy], self.config.spot_to_spot, Time::ZERO);
        let mut scratch = Scratch::new();
        let mut claims = BTreeMap::new();
        let unavailable = Bits::new();
        events.reverse();
        let mut next_claim = 0;
        loop {
            let event = events.last().map(|(at, _)| s(*at));
            let claim = claims.keys().next().map(|(at, _)| *at);
            let now = event.into_iter().chain(claim).chain([disruption.next_at()]).min().unwrap();
            if now > s(until_s) {
                return &self.told;
            }
            if event == Some(now) {
                let (_, event) = events.pop().unwrap();
                event(self);
                disruption.changed(now);
                continue;
            }
            if claim == Some(now) {
                let ((_, claim), ready) = claims.pop_first().unwrap();
                if ready {
                    disruption.claim_initialized(now, claim);
                } else {
                    disruption.claim_lost(now, claim);
                }
                continue;
            }
            let mut outputs = Vec::new();
            let view =
                View { nodes: &self.nodes, left_out: &[], pending: &[], unavailable: &unavailable };
            disruption.step(now, &self.universe, &view, &mut scratch, &mut outputs);
            for output in outputs {
                if let Output::Start { command, replacement: Some(_), .. } = &output {
                    let claim = ClaimId(next_claim);
                    next_claim += 1;
                    disruption.replaced_by(*command, claim);
                    let ready = self.replacement_ready_s;
                    let at = now + Span::from_secs(ready.unwrap_or(3));
                    claims.insert((at, claim), ready.is_some());
                }
                self.apply(now, output);
            }
        }
    }

    fn apply(&mut self, now: Time, output: Output) {
        let names = |ids: &[NodeId]| {
            ids.iter().fold(String::new(), |told, id| told + " " + &id.to_string())
        };
        let mark = |nodes: &mut Vec<NodeView>, ids: &[NodeId], deleting: bool| {
            for node in nodes.iter_mut().filter(|node| ids.contains(&node.id)) {
                node.deleting = deleting;
            }
        };
        // Whole seconds: what Solve takes is less than one here.
        let at = now.as_ms() / 1000;
        match output {
            Output::Start { method, nodes, replacement, onto, .. } => {
                mark(&mut self.nodes, &nodes, true);
                write!(self.told, "{at} s {method:?}:{}", names(&nodes)).unwrap();
                if let Some(claim) = replacement {
                    let types = claim.types.iter().map(|&t| self.universe.type_name(t as usize));
                    let types = types.collect::<Vec<_>>();
                    let bought = launched_as(&self.universe, &claim);
                    write!(self.told, " -> {types:?} {bought}").unwrap();
                }
                if !onto.is_empty() {
                    write!(self.told, ", pods to{}", names(&onto)).unwrap();
                }
                self.told.push('\n');
            }
            Output::Delete { nodes, .. } => {
                writeln!(self.told, "{at} s delete{}", names(&nodes)).unwrap();
                self.nodes.retain(|node| !nodes.contains(&node.id));
            }
            Output::RollBack { nodes, .. } => {
                mark(&mut self.nodes, &nodes, false);
                writeln!(self.told, "{at} s roll back{}", names(&nodes)).unwrap();
            }
        }
    }

    fn shows(&mut self, until_s: u64, expected: &Expect) {
        expected.assert_eq(self.play(Vec::new(), until_s));
    }
}

/// How a launch of the claim would be bought.
fn launched_as(universe: &Universe, claim: &greenroom_sim::karpenter::round::Claim) -> String {
    let launch = greenroom_sim::karpenter::launch::launch(
        universe,
        claim,
        &Bits::new(),
        &mut Scratch::new(),
    );
    launch.map_or_else(|error| error.to_string(), |l| l.capacity_type.label().to_owned())
}

fn budgets(nodes: &[&str]) -> Vec<greenroom_sim::karpenter::budget::Budget> {
    nodes
        .iter()
        .map(|nodes| greenroom_sim::karpenter::budget::Budget {
            nodes: nodes.parse().unwrap(),
            reasons: None,
            schedule: None,
            duration_s: None,
        })
        .collect()
}

use CapacityType::{OnDemand, Spot};

#[test]
fn an_empty_node_goes_after_consolidate_after_a_poll_and_a_validation() {
    let mut world = World::ladder();
    world.config.consolidate_after_s = 30;
    world.node("t4", Spot, &[]).last_pod_event = Some(s(104));
    // Quiet until 134; looks at 130 and 140; validated at 155.
    world.shows(
        300,
        &expect![[r#"
            155 s Emptiness: n0
            155 s delete n0
        "#]],
    );
}

#[test]
fn without_a_pod_event_quiet_counts_from_readiness() {
    let mut world = World::ladder();
    world.config.consolidate_after_s = 30;
    world.node("t4", Spot, &[]).initialized_at = Some(s(50));
    world.shows(
        300,
        &expect![[r#"
            95 s Emptiness: n0
            95 s delete n0
        "#]],
    );
}

#[test]
fn a_node_that_is_not_ready_is_left_alone() {
    let mut world = World::ladder();
    world.node("t4", Spot, &[]).initialized_at = None;
    world.shows(300, &expect![[""]]);
}

#[test]
fn a_pod_that_comes_during_validation_saves_the_node() {
    let mut world = World::ladder();
    world.node("t4", Spot, &[]);
    let comes: Event = (
        12,
        Box::new(|world| {
            let pod = world.pod(3_500);
            world.nodes[0].pods.push(pod);
        }),
    );
    assert_eq!(world.play(vec![comes], 100), "");
}

#[test]
fn a_nominated_node_is_skipped() {
    let mut world = World::ladder();
    world.node("t4", Spot, &[]).nominated_until = s(101);
    world.shows(
        200,
        &expect![[r#"
            125 s Emptiness: n0
            125 s delete n0
        "#]],
    );
}

#[test]
fn do_not_disrupt_on_a_pod_holds_its_node_for_ever() {
    let mut world = World::ladder();
    world.node("t16", OnDemand, &[1_000]).pods[0].protection = Protection::Always;
    world.shows(3_600, &expect![[""]]);
}

#[test]
fn do_not_disrupt_with_a_duration_holds_it_from_the_pods_start() {
    let mut world = World::ladder();
    let node = world.node("t16", OnDemand, &[1_000]);
    node.pods[0].started = Some(s(100));
    node.pods[0].protection = Protection::For(Span::from_secs(500));
    world.shows(
        800,
        &expect![[r#"
            615 s SingleNode: n0 -> ["t2", "t4", "t8", "t16"] spot
            675 s delete n0
        "#]],
    );
}

#[test]
fn do_not_disrupt_on_the_node_holds_it() {
    let mut world = World::ladder();
    world.node("t4", Spot, &[]).do_not_disrupt = true;
    world.shows(300, &expect![[""]]);
}

#[test]
fn a_node_that_hosts_a_buffer_is_not_empty() {
    let mut world = World::ladder();
    world.node("t4", Spot, &[]).hosts_buffer = true;
    world.shows(300, &expect![[""]]);
}

#[test]
fn a_placeholder_of_negative_priority_keeps_its_node_and_one_of_least_deletion_cost_does_not() {
    let mut world = World::on_demand();
    world.node("t2", OnDemand, &[1_900]).pods[0].priority = -10;
    world.node("t2", OnDemand, &[1_900]).pods[0].deletion_cost = -134_217_728;
    world.shows(
        300,
        &expect![[r#"
            15 s Emptiness: n1
            15 s delete n1
        "#]],
    );
}

#[test]
fn a_budget_of_ten_percent_is_rounded_up() {
    let mut world = World::ladder();
    world.config.budgets = budgets(&["10%"]);
    for _ in 0..11 {
        world.node("t4", Spot, &[]);
    }
    world.shows(
        41,
        &expect![[r#"
            15 s Emptiness: n0 n1
            15 s delete n0 n1
            40 s Emptiness: n2
            40 s delete n2
        "#]],
    );
}

#[test]
fn the_least_of_several_budgets_counts_less_what_is_going_or_not_ready() {
    let mut world = World::ladder();
    world.config.budgets = budgets(&["100%", "2"]);
    for _ in 0..4 {
        world.node("t4", Spot, &[]);
    }
    world.nodes[3].ready = false;
    world.nodes[3].do_not_disrupt = true;
    world.shows(
        16,
        &expect![[r#"
            15 s Emptiness: n0
            15 s delete n0
        "#]],
    );
}

#[test]
fn a_budget_holds_only_in_its_window() {
    let mut world = World::ladder();
    let mut closed = budgets(&["0"]).remove(0);
    closed.schedule = Some("1 * * * *".parse().unwrap());
    closed.duration_s = Some(120);
    world.config.budgets = vec![closed];
    world.node("t4", Spot, &[]).last_pod_event = Some(s(70));
    world.config.consolidate_after_s = 5;
    // Closed from minute 1 to minute 3.
    world.shows(
        400,
        &expect![[r#"
            195 s Emptiness: n0
            195 s delete n0
        "#]],
    );
}

#[test]
fn a_budget_for_another_reason_does_not_hold() {
    let mut world = World::ladder();
    let mut closed = budgets(&["0"]).remove(0);
    closed.reasons = Some(vec![greenroom_sim::karpenter::budget::Reason::Underutilized]);
    world.config.budgets = vec![closed];
    world.node("t4", Spot, &[]);
    world.node("t16", OnDemand, &[1_000]);
    world.shows(
        100,
        &expect![[r#"
            15 s Emptiness: n0
            15 s delete n0
        "#]],
    );
}

#[test]
fn when_empty_leaves_nodes_with_pods_alone() {
    let mut world = World::ladder();
    world.config.consolidation = WhenEmpty;
    world.node("t16", OnDemand, &[1_000]);
    world.node("t4", Spot, &[]);
    world.shows(
        300,
        &expect![[r#"
            15 s Emptiness: n1
            15 s delete n1
        "#]],
    );
}

#[test]
fn consolidation_that_is_off_leaves_empty_nodes_alone() {
    let mut world = World::ladder();
    world.config.consolidation = Off;
    world.node("t4", Spot, &[]);
    world.shows(300, &expect![[""]]);
}

#[test]
fn pods_that_fit_elsewhere_let_their_node_go() {
    let mut world = World::on_demand();
    world.node("t4", OnDemand, &[1_000]);
    world.node("t2", OnDemand, &[1_000]);
    // One t2 for both would be as dear as the t2 that goes; so the dearer node goes alone.
    world.shows(
        300,
        &expect![[r#"
            15 s SingleNode: n0, pods to n1
            15 s delete n0
        "#]],
    );
}

#[test]
fn several_nodes_are_replaced_by_one_and_by_no_type_as_dear_as_one_of_them() {
    let mut world = World::on_demand();
    world.node("t16", OnDemand, &[3_000]);
    world.node("t4", OnDemand, &[3_000]);
    // 6 vCPU in all: t8 and t16 would hold them, but a t16 goes already.
    world.shows(
        100,
        &expect![[r#"
            15 s MultiNode: n0 n1 -> ["t8"] on-demand
            75 s delete n0 n1
        "#]],
    );
}

#[test]
fn an_on_demand_node_is_replaced_by_spot_only() {
    let mut world = World::ladder();
    world.node("t4", OnDemand, &[3_000]);
    world.shows(
        100,
        &expect![[r#"
            15 s SingleNode: n0 -> ["t4", "t8"] spot
            75 s delete n0
        "#]],
    );
}

#[test]
fn a_spot_node_is_not_replaced_by_spot_unless_the_gate_is_on() {
    let mut world = World::ladder();
    world.node("t16", Spot, &[1_000]);
    world.shows(300, &expect![[""]]);
}

/// `count` types of 4 vCPU, a tenth of a cent apart, all cheaper than `big`.
fn many(count: u32) -> Vec<InstanceType> {
    let mut types: Vec<InstanceType> = (0..count)
        .map(|n| sized(&format!("s{n:02}"), 4, vec![offering("z1", Spot, 50 + n)]))
        .collect();
    types.push(sized("big", 16, vec![offering("z1", Spot, 500)]));
    types
}

#[test]
fn spot_to_spot_needs_fifteen_cheaper_types_and_launches_from_the_cheapest_fifteen() {
    let mut world = World::new(many(14), Vec::new());
    world.config.spot_to_spot = true;
    world.node("big", Spot, &[1_000]);
    world.shows(300, &expect![[""]]);
    let mut world = World::new(many(17), Vec::new());
    world.config.spot_to_spot = true;
    world.node("big", Spot, &[1_000]);
    world.shows(
        100,
        &expect![[r#"
            15 s SingleNode: n0 -> ["s00", "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10", "s11", "s12", "s13", "s14"] spot
            75 s delete n0
        "#]],
    );
}

#[test]
fn two_new_nodes_for_one_are_no_consolidation() {
    let types = vec![
        sized("t4", 4, vec![offering("z1", OnDemand, 100)]),
        sized("t16", 16, vec![offering("z1", OnDemand, 900)]),
    ];
    let mut world =
        World::new(types, vec![Selector::is_in("karpenter.k8s.aws/instance-cpu", &["4"])]);
    world.node("t16", OnDemand, &[3_000, 3_000]);
    world.shows(300, &expect![[""]]);
}

#[test]
fn a_node_that_is_not_ready_is_no_place_to_move_pods_to() {
    let mut world = World::on_demand();
    world.node("t2", OnDemand, &[1_000]);
    world.node("t16", OnDemand, &[]).initialized_at = None;
    world.shows(300, &expect![[""]]);
}

#[test]
fn a_node_that_still_waits_out_consolidate_after_is_no_place_either() {
    let mut world = World::on_demand();
    world.config.consolidate_after_s = 600;
    world.node("t2", OnDemand, &[1_000]);
    let busy = world.node("t2", OnDemand, &[900]);
    busy.last_pod_event = Some(s(500));
    // The first is quiet from 600 on, the second from 1,100 on. Having found nothing since 600, the
    // method rests; that a node has become quiet does not wake it, the five minutes do, at 1,200.
    world.shows(
        1_300,
        &expect![[r#"
            1215 s SingleNode: n0, pods to n1
            1215 s delete n0
        "#]],
    );
}

#[test]
fn the_nodes_stay_when_their_replacement_is_lost() {
    let mut world = World::ladder();
    world.replacement_ready_s = None;
    world.node("t4", OnDemand, &[3_000]);
    world.shows(
        45,
        &expect![[r#"
            15 s SingleNode: n0 -> ["t4", "t8"] spot
            18 s roll back n0
            40 s SingleNode: n0 -> ["t4", "t8"] spot
            43 s roll back n0
        "#]],
    );
}

#[test]
fn a_replacement_that_is_not_ready_in_ten_minutes_is_not_waited_for() {
    let mut world = World::ladder();
    world.replacement_ready_s = Some(10_000);
    world.node("t4", OnDemand, &[3_000]);
    world.shows(
        620,
        &expect![[r#"
            15 s SingleNode: n0 -> ["t4", "t8"] spot
            616 s roll back n0
        "#]],
    );
}

#[test]
fn balanced_refuses_a_move_that_saves_less_than_half_its_share_of_disruption() {
    let move_of = |consolidation| {
        let mut world = World::on_demand();
        world.config.consolidation = consolidation;
        world.node("t4", OnDemand, &[500, 500, 500]);
        world.node("t16", OnDemand, &[15_000]);
        world.nodes[1].do_not_disrupt = true;
        world.play(Vec::new(), 100).to_owned()
    };
    // Saving 0.1 of 1.0 $/h (10 %) for 4 of 6 units of disruption (67 %).
    assert_eq!(
        move_of(WhenEmptyOrUnderutilized),
        "15 s SingleNode: n0 -> [\"t2\"] on-demand, pods to n1\n75 s delete n0\n"
    );
    assert_eq!(move_of(Balanced), "");
}

#[test]
fn pods_that_come_within_ten_seconds_of_the_last_do_not_count_as_news() {
    let first = pod_event(None, s(100));
    assert_eq!(first, Some(s(100)));
    assert_eq!(pod_event(first, s(109)), first);
    assert_eq!(pod_event(first, s(110)), Some(s(110)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever runs where, consolidation never costs more, never takes a protected pod's node,
    /// and comes to rest.
    #[test]
    fn consolidation_saves_and_comes_to_rest(
        nodes in proptest::collection::vec(
            (0_usize..4, any::<bool>(), proptest::collection::vec(100_i64..2_000, 0..3), 0_u8..4),
            1..8,
        ),
    ) {
        let mut world = World::ladder();
        for (size, spot, pods, protection) in nodes {
            let name = ["t2", "t4", "t8", "t16"][size];
            let pods = &pods[..pods.len().min(1 << size)];
            let node = world.node(name, if spot { Spot } else { OnDemand }, pods);
            if protection == 0 && !node.pods.is_empty() {
                node.pods[0].protection = Protection::Always;
            }
        }
        let protected: Vec<NodeId> = world
            .nodes
            .iter()
            .filter(|node| node.pods.iter().any(|p| p.protection == Protection::Always))
            .map(|node| node.id)
            .collect();
        // A replacement never comes back as a node here, so pods of deleted nodes are gone and
        // the world gets emptier until nothing is left to do.
        world.play(Vec::new(), 3_600);
        for id in protected {
            prop_assert!(world.nodes.iter().any(|node| node.id == id && !node.deleting));
        }
        let quiet = world.told.clone();
        world.told.clear();
        let again = world.play(Vec::new(), 600).to_owned();
        prop_assert_eq!(again, "", "after {}", quiet);
    }
}
