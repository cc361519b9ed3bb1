//! What Solve and a launch do, one behaviour a test, pinned as in Karpenter's source.
#![allow(clippy::unwrap_used, clippy::needless_raw_string_hashes)]

use crate::karpenter_worlds::{
    BOUGHT, CPU_LABEL, FAMILY, SIZE, ZONE, kind_of, ladder, line, offering, offering_of, pod, pool,
    sized, universe,
};
use expect_test::{Expect, expect};
use greenroom_sim::karpenter::amounts::Amounts;
use greenroom_sim::karpenter::bits::Bits;
use greenroom_sim::karpenter::input::CapacityType::{OnDemand, Reserved, Spot};
use greenroom_sim::karpenter::input::{
    InstanceType, MinValuesPolicy, NodePool, PodSpec, Policies, Preference, Reservation,
};
use greenroom_sim::karpenter::labels::WELL_KNOWN;
use greenroom_sim::karpenter::launch::launch;
use greenroom_sim::karpenter::requirement::{Operator, Selector};
use greenroom_sim::karpenter::round::{
    Claim, PendingPod, PoolUse, ReservedMode, Round, RoundNode, Solution,
};
use greenroom_sim::karpenter::taint::{Comparison, Effect, Taint, Toleration};
use greenroom_sim::karpenter::universe::Universe;
use greenroom_sim::karpenter::{scratch::Scratch, solve::solve};
use proptest::prelude::*;
use std::fmt::Write;

static NOTHING: Bits = Bits::new();

fn place(universe: &mut Universe, pods: &[PodSpec], nodes: &[RoundNode]) -> Solution {
    let pods: Vec<PendingPod> = pods
        .iter()
        .enumerate()
        .map(|(number, spec)| PendingPod {
            shape: universe.shape(spec).unwrap(),
            created_s: None,
            uid: number as u64,
            is_candidate: false,
        })
        .collect();
    let round = Round {
        pods: &pods,
        nodes,
        without: &NOTHING,
        used: &PoolUse::of_nodes(universe, nodes),
        unavailable: &Bits::new(),
        reserved: ReservedMode::Strict,
        work_ns_max: u64::MAX,
    };
    solve(universe, &round, &mut Scratch::new())
}

fn tell(universe: &Universe, solution: &Solution) -> String {
    let mut told = String::new();
    for (node, pod) in &solution.placed {
        writeln!(told, "p{pod} on node {node}").unwrap();
    }
    for claim in &solution.claims {
        let types: Vec<&str> =
            claim.types.iter().map(|&t| universe.type_name(t as usize)).collect();
        let pods: Vec<String> = claim.pods.iter().map(|pod| format!("p{pod}")).collect();
        let pool = universe.pool_name(claim.pool);
        writeln!(told, "{pool}: {} on {}", pods.join(" "), types.join(" ")).unwrap();
    }
    for (pod, refusals) in &solution.unschedulable {
        let words: Vec<&str> = refusals.iter().map(|r| r.word()).collect();
        writeln!(told, "p{pod} refused: {}", words.join("+")).unwrap();
    }
    told
}

fn shows(types: &[InstanceType], pools: &[NodePool], pods: &[PodSpec], expected: &Expect) {
    let mut universe = universe(types, pools);
    let solution = place(&mut universe, pods, &[]);
    expected.assert_eq(&tell(&universe, &solution));
}

fn selecting(cpu_milli: i64, key: &str, value: &str) -> PodSpec {
    let mut pod = pod(cpu_milli);
    pod.node_selector.insert(key.to_owned(), value.to_owned());
    pod
}

fn taint(effect: Effect) -> Taint {
    Taint { key: "ci".to_owned(), value: "true".to_owned(), effect }
}

#[test]
fn a_claim_grows_to_the_largest_type_before_a_second_one_opens() {
    shows(
        &ladder(),
        &[pool("pool", vec![])],
        &vec![pod(2_000); 9],
        &expect![[r#"
            pool: p0 p1 p2 p3 p4 p5 p6 p7 on t16
            pool: p8 on t2 t4 t8 t16
        "#]],
    );
}

#[test]
fn the_claim_with_fewest_pods_comes_first() {
    // Two zones that cannot share: claims with one and two pods; then a pod for either.
    let types = [sized("t16", 16, vec![offering("z1", Spot, 280), offering("z2", Spot, 280)])];
    let pods = [
        selecting(2_000, ZONE, "z1"),
        selecting(2_000, ZONE, "z1"),
        selecting(1_900, ZONE, "z2"),
        pod(100),
        pod(100),
    ];
    shows(
        &types,
        &[pool("pool", vec![])],
        &pods,
        &expect![[r#"
            pool: p2 p3 p4 on t16
            pool: p0 p1 on t16
        "#]],
    );
}

#[test]
fn existing_nodes_come_before_claims_ready_ones_first_then_by_name() {
    let types = ladder();
    let mut universe = universe(&types, &[pool("pool", vec![])]);
    let offering = offering_of(&universe, "t4", Spot);
    let kind = kind_of(&mut universe, &types, offering);
    let node = |name: u64, initialized: bool| RoundNode {
        kind,
        name,
        initialized,
        used: Amounts::ZERO,
        used_by_daemons: Amounts::ZERO,
        ports: Vec::new(),
        under_consolidate_after: false,
    };
    let nodes = [node(1, false), node(3, true), node(2, true)];
    let solution = place(&mut universe, &vec![pod(3_000); 4], &nodes);
    expect![[r#"
        p0 on node 2
        p1 on node 1
        p2 on node 0
        pool: p3 on t4 t8 t16
    "#]]
    .assert_eq(&tell(&universe, &solution));
}

#[test]
fn biggest_pods_come_first_and_neither_order_nor_accelerators_matter() {
    let mut gpu = pod(1_000);
    gpu.requests.insert("nvidia.com/gpu".to_owned(), 1);
    let mut types = ladder();
    types[3].capacity.insert("nvidia.com/gpu".to_owned(), 1);
    shows(
        &types,
        &[pool("pool", vec![])],
        &[pod(500), gpu, pod(15_500)],
        &expect![[r#"
            pool: p2 p0 on t16
            pool: p1 on t16
        "#]],
    );
}

#[test]
fn a_limit_takes_the_largest_surviving_type_off_for_each_claim() {
    let mut limited = pool("pool", vec![line(CPU_LABEL, Operator::Lt, &["5"])]);
    limited.limits.insert("cpu".to_owned(), 9_000);
    shows(
        &ladder(),
        &[limited],
        &[pod(3_000), pod(3_000), pod(3_000)],
        &expect![[r#"
            pool: p0 on t4
            pool: p1 on t4
            p2 refused: limits
        "#]],
    );
}

#[test]
fn the_limit_on_nodes_counts_existing_ones_only() {
    let types = ladder();
    let mut limited = pool("pool", vec![line(CPU_LABEL, Operator::Lt, &["3"])]);
    limited.limits.insert("nodes".to_owned(), 1);
    let pods = [pod(1_500), pod(1_500)];
    shows(
        &types,
        &[limited.clone()],
        &pods,
        &expect![[r#"
            pool: p0 on t2
            pool: p1 on t2
        "#]],
    );
    let mut universe = universe(&types, &[limited]);
    let offering = offering_of(&universe, "t2", Spot);
    let kind = kind_of(&mut universe, &types, offering);
    let full = RoundNode {
        kind,
        name: 0,
        initialized: true,
        used: *universe.kind_capacity(kind),
        used_by_daemons: Amounts::ZERO,
        ports: Vec::new(),
        under_consolidate_after: false,
    };
    let solution = place(&mut universe, &pods, &[full]);
    assert_eq!(tell(&universe, &solution), "p0 refused: node-limit\np1 refused: node-limit\n");
    assert!(universe.exceeds_limits(0, &Amounts::ZERO, 2));
    assert!(!universe.exceeds_limits(0, &Amounts::ZERO, 1));
}

#[test]
fn pools_go_by_weight_then_by_name_backwards() {
    let heavy = NodePool { weight: 10, ..pool("b", vec![]) };
    let types = ladder();
    shows(
        &types,
        &[pool("c", vec![]), heavy, pool("a", vec![])],
        &[pod(100)],
        &expect![[r#"
            b: p0 on t2 t4 t8 t16
        "#]],
    );
    shows(
        &types,
        &[pool("a", vec![]), pool("z", vec![])],
        &[pod(100)],
        &expect![[r#"
            z: p0 on t2 t4 t8 t16
        "#]],
    );
}

#[test]
fn a_custom_label_that_no_pool_names_is_refused_and_a_well_known_one_is_not() {
    shows(
        &ladder(),
        &[pool("pool", vec![])],
        &[selecting(200, "disk", "fast"), selecting(100, FAMILY, "m")],
        &expect![[r#"
            pool: p1 on t2 t4 t8 t16
            p0 refused: requirements
        "#]],
    );
}

#[test]
fn a_pod_that_shuns_a_custom_label_makes_its_claim_know_it() {
    // The claim of the second pod knows `disk` afterwards, as anything but slow; so the first,
    // which no pool could take, is taken by that claim on its second try.
    let mut shuns = pod(100);
    shuns.required = vec![vec![line("disk", Operator::NotIn, &["slow"])]];
    shows(
        &ladder(),
        &[pool("pool", vec![])],
        &[selecting(200, "disk", "fast"), shuns],
        &expect![[r#"
            pool: p1 p0 on t2 t4 t8 t16
        "#]],
    );
}

#[test]
fn taints_keep_pods_away_and_preferences_only_while_there_is_a_choice() {
    let tainted =
        |effect| NodePool { weight: 50, taints: vec![taint(effect)], ..pool("tainted", vec![]) };
    let mut tolerant = pod(200);
    tolerant.tolerations = vec![Toleration {
        key: "ci".to_owned(),
        operator: Comparison::Exists,
        value: String::new(),
        effect: None,
    }];
    let pods = [tolerant, pod(100)];
    shows(
        &ladder(),
        &[tainted(Effect::NoSchedule)],
        &pods,
        &expect![[r#"
            tainted: p0 on t2 t4 t8 t16
            p1 refused: taint
        "#]],
    );
    shows(
        &ladder(),
        &[tainted(Effect::PreferNoSchedule), pool("clean", vec![])],
        &pods,
        &expect![[r#"
            tainted: p0 on t2 t4 t8 t16
            clean: p1 on t2 t4 t8 t16
        "#]],
    );
    shows(
        &ladder(),
        &[tainted(Effect::PreferNoSchedule)],
        &[pod(100)],
        &expect![[r#"
            tainted: p0 on t2 t4 t8 t16
        "#]],
    );
}

#[test]
fn required_terms_are_tried_one_after_the_other_and_preferences_are_dropped_heaviest_first() {
    let mut either = pod(200);
    either.required = vec![
        vec![Selector::is_in(CPU_LABEL, &["64"])],
        vec![Selector::is_in(CPU_LABEL, &["8", "16"])],
    ];
    let mut prefers = pod(100);
    prefers.preferred = vec![
        Preference { weight: 1, lines: vec![Selector::is_in(CPU_LABEL, &["4"])] },
        Preference { weight: 9, lines: vec![Selector::is_in(CPU_LABEL, &["32"])] },
    ];
    shows(
        &ladder(),
        &[pool("pool", vec![])],
        &[either, prefers],
        &expect![[r#"
            pool: p0 on t8 t16
            pool: p1 on t4
        "#]],
    );
}

#[test]
fn min_values_strict_refuses_and_best_effort_opens_with_what_there_is() {
    let mut several = line(CPU_LABEL, Operator::Exists, &[]);
    several.min_values = Some(2);
    let pools = [pool("pool", vec![several])];
    let pods = [pod(14_000), pod(7_000)];
    shows(
        &ladder(),
        &pools,
        &pods,
        &expect![[r#"
            pool: p1 on t8 t16
            p0 refused: min-values
        "#]],
    );
    let policies = Policies { min_values: MinValuesPolicy::BestEffort, ..Policies::default() };
    let mut universe = Universe::new(&ladder(), &pools, &[], policies, WELL_KNOWN).unwrap();
    let solution = place(&mut universe, &pods, &[]);
    expect![[r#"
        pool: p0 on t16
        pool: p1 on t8 t16
    "#]]
    .assert_eq(&tell(&universe, &solution));
}

#[test]
fn reserved_capacity_is_waited_for_and_not_paid_around() {
    let mut slot = offering("z1", Reserved, 0);
    slot.reservation = Some(Reservation { id: "cr".to_owned(), capacity: 1 });
    let types = [sized("t4", 4, vec![slot, offering("z1", OnDemand, 200)])];
    shows(
        &types,
        &[pool("pool", vec![])],
        &[pod(3_000), pod(3_000)],
        &expect![[r#"
            pool: p0 on t4
            p1 refused: reserved
        "#]],
    );
}

#[test]
fn a_host_port_is_bound_once_a_node() {
    let mut binds = pod(100);
    binds.host_ports = vec![8080];
    shows(
        &ladder(),
        &[pool("pool", vec![])],
        &[binds.clone(), binds, pod(50)],
        &expect![[r#"
            pool: p0 p2 on t2 t4 t8 t16
            pool: p1 on t2 t4 t8 t16
        "#]],
    );
}

#[test]
fn daemons_take_their_room_only_where_they_run() {
    let mut everywhere = pod(1_500);
    everywhere.node_selector.insert(CPU_LABEL.to_owned(), "2".to_owned());
    let mut universe = Universe::new(
        &ladder(),
        &[pool("pool", vec![])],
        &[everywhere],
        Policies::default(),
        WELL_KNOWN,
    )
    .unwrap();
    let solution = place(&mut universe, &[pod(1_000)], &[]);
    assert_eq!(tell(&universe, &solution), "pool: p0 on t4 t8 t16\n");
}

fn launches(types: &[InstanceType], requirements: Vec<Selector>, pod: &PodSpec) -> String {
    let mut universe = universe(types, &[pool("pool", requirements)]);
    let solution = place(&mut universe, core::slice::from_ref(pod), &[]);
    let tell = |claim: &Claim| match launch(&universe, claim, &Bits::new(), &mut Scratch::new()) {
        Err(error) => error.to_string(),
        Ok(launch) => {
            let overrides: Vec<String> = launch
                .overrides
                .iter()
                .map(|o| {
                    let offering = &universe.offerings()[o.offering as usize];
                    let name = universe.type_name(o.instance_type as usize);
                    format!("{name}/{}", universe.zone_name(offering))
                })
                .collect();
            let bought = launch.capacity_type.label();
            format!("{bought} of {}: {}", launch.types.len(), overrides.join(" "))
        }
    };
    solution.claims.iter().map(tell).collect()
}

#[test]
fn metal_and_accelerators_are_launched_only_when_nothing_plain_is_left() {
    let mut types = vec![sized("plain", 4, vec![offering("z1", Spot, 90)])];
    types.push(sized("metal", 96, vec![offering("z1", Spot, 10)]));
    types[1].requirements.push(Selector::is_in(SIZE, &["metal-24xl"]));
    types.push(sized("gpu", 4, vec![offering("z1", Spot, 10)]));
    types[2].capacity.insert("nvidia.com/gpu".to_owned(), 1);
    assert_eq!(launches(&types, vec![], &pod(1_000)), "spot of 1: plain/z1");
    assert_eq!(launches(&types, vec![], &pod(50_000)), "spot of 1: metal/z1");
}

#[test]
fn spot_dearer_than_the_cheapest_on_demand_is_left_out_and_its_type_stays() {
    let types = [
        sized("small", 2, vec![offering("z1", Spot, 40), offering("z1", OnDemand, 100)]),
        sized("large", 8, vec![offering("z1", Spot, 140), offering("z1", OnDemand, 400)]),
    ];
    assert_eq!(launches(&types, vec![], &pod(1_000)), "spot of 2: small/z1");
    let mut both = line(CPU_LABEL, Operator::Exists, &[]);
    both.min_values = Some(2);
    assert_eq!(launches(&types, vec![both], &pod(1_000)), "spot of 2: small/z1 large/z1");
}

#[test]
fn one_capacity_type_is_chosen_for_the_whole_request() {
    let types = [
        sized("a", 4, vec![offering("z1", OnDemand, 100), offering("z2", OnDemand, 100)]),
        sized("b", 4, vec![offering("z2", Spot, 60)]),
    ];
    assert_eq!(launches(&types, vec![], &pod(1_000)), "spot of 2: b/z2");
    let only = vec![Selector::is_in(BOUGHT, &["on-demand"])];
    assert_eq!(launches(&types, only, &pod(1_000)), "on-demand of 1: a/z1 a/z2");
}

#[test]
fn the_cheapest_sixty_types_are_asked_for_before_the_capacity_type_is_chosen() {
    // Seventy types on demand, and dearer ones on spot, which are cut away: with `minValues` the
    // filter that would keep on-demand out of the way is off.
    let mut types: Vec<InstanceType> = (0..70)
        .map(|n| sized(&format!("od{n:02}"), 4, vec![offering("z1", OnDemand, 100 + n)]))
        .collect();
    types.push(sized("spot", 4, vec![offering("z1", Spot, 500)]));
    let mut several = line("node.kubernetes.io/instance-type", Operator::Exists, &[]);
    several.min_values = Some(2);
    let told = launches(&types, vec![several], &pod(1_000));
    assert!(told.starts_with("on-demand of 60: od00/z1 "), "{told}");
    assert!(told.ends_with(" od59/z1"), "{told}");
}

#[test]
fn solve_stops_when_its_time_is_up_and_says_whom_it_did_not_reach() {
    let mut universe = universe(&ladder(), &[pool("pool", vec![])]);
    let shape = universe.shape(&pod(1_000)).unwrap();
    let pods: Vec<PendingPod> = (0..100)
        .map(|uid| PendingPod { shape, created_s: None, uid, is_candidate: false })
        .collect();
    let none = Bits::new();
    let round = |work_ns_max| Round {
        pods: &pods,
        nodes: &[],
        without: &NOTHING,
        used: &[],
        unavailable: &none,
        reserved: ReservedMode::Strict,
        work_ns_max,
    };
    let mut scratch = Scratch::new();
    let all = solve(&universe, &round(u64::MAX), &mut scratch);
    assert!(all.unreached.is_empty());
    let half = solve(&universe, &round(all.work.total_ns() / 2), &mut scratch);
    let reached: usize = half.claims.iter().map(|claim| claim.pods.len()).sum();
    assert!((20..90).contains(&reached), "{reached}");
    assert_eq!(reached + half.unreached.len(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// No pod is lost or placed twice, every type of a claim holds what is on it, and a scratch
    /// that has seen other rounds gives the same answer as a new one.
    #[test]
    fn every_pod_is_accounted_for_and_every_type_holds_its_pods(
        pods in proptest::collection::vec((1_i64..200, 0_usize..3, 0_usize..3), 1..40),
        cap in proptest::option::of(3_u32..20),
        limit in proptest::option::of(0_i64..60_000),
    ) {
        let types: Vec<InstanceType> = [2_u32, 4, 8, 16]
            .into_iter()
            .map(|vcpu| {
                let offerings = vec![
                    offering("z1", Spot, vcpu * 17),
                    offering("z2", OnDemand, vcpu * 50),
                ];
                sized(&format!("t{vcpu}"), i64::from(vcpu), offerings)
            })
            .collect();
        let cap = cap.map(|cap| line(CPU_LABEL, Operator::Lt, &[&cap.to_string()]));
        let mut limited = pool("pool", cap.into_iter().collect());
        if let Some(limit) = limit {
            limited.limits.insert("cpu".to_owned(), limit);
        }
        let mut universe = universe(&types, &[limited]);
        let specs: Vec<PodSpec> = pods
            .iter()
            .map(|&(size, zone, bought)| {
                let mut spec = pod(size * 100);
                if zone > 0 {
                    spec.node_selector.insert(ZONE.to_owned(), format!("z{zone}"));
                }
                if bought > 0 {
                    let bought = ["spot", "on-demand"][bought - 1].to_owned();
                    spec.node_selector.insert(BOUGHT.to_owned(), bought);
                }
                spec
            })
            .collect();
        let shapes: Vec<_> = specs.iter().map(|spec| universe.shape(spec).unwrap()).collect();
        let pending: Vec<PendingPod> = shapes
            .iter()
            .enumerate()
            .map(|(n, &shape)| PendingPod {
                shape,
                created_s: None,
                uid: n as u64,
                is_candidate: false,
            })
            .collect();
        let none = Bits::new();
        let round = Round {
            pods: &pending,
            nodes: &[],
        without: &NOTHING,
        used: &[],
            unavailable: &none,
            reserved: ReservedMode::Strict,
            work_ns_max: u64::MAX,
        };
        let mut scratch = Scratch::new();
        let first = solve(&universe, &round, &mut scratch);
        let without_spot: Bits = (0..universe.offerings().len()).step_by(2).collect();
        solve(&universe, &Round { unavailable: &without_spot, ..round }, &mut scratch);
        let again = solve(&universe, &round, &mut scratch);
        prop_assert_eq!(tell(&universe, &first), tell(&universe, &again));
        let mut seen: Vec<u32> =
            first.claims.iter().flat_map(|claim| claim.pods.iter().copied()).collect();
        seen.extend(first.unschedulable.iter().map(|(pod, _)| *pod));
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..pods.len() as u32).collect::<Vec<_>>());
        for claim in &first.claims {
            let asked = claim
                .pods
                .iter()
                .map(|&pod| universe.shape_requests(shapes[pod as usize]))
                .fold(Amounts::ZERO, |all, one| all.plus(one));
            prop_assert_eq!(asked, claim.requests);
            for &place in claim.types.iter() {
                let capacity = types[place as usize].capacity["cpu"];
                prop_assert!(asked.at(0) <= capacity);
            }
        }
    }
}
