//! The checker notices: a bad order of each kind is planted into a sound state, and the law that it
//! would break is named. The same order without its fault passes.

use crate::world::Town;
use greenroom_scheduler::check::check;
use greenroom_scheduler::command::{Action, Command};
use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::decision::{Decision, Law};
use greenroom_scheduler::event::{Counts, Event, Machine};
use greenroom_scheduler::id::{FleetId, JobId, NodeId, RunnerId, SetId, TypeId, ZoneId};
use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::snapshot::{SeenNode, SeenRunner, Snapshot};
use greenroom_scheduler::time::Time;
use greenroom_scheduler::view::node::Phase;

/// A node for each fleet, all ready and empty.
const OF_SHARED: NodeId = NodeId { serial: 0, slot: 0 };
const OF_DATA: NodeId = NodeId { serial: 1, slot: 1 };
const OF_ENTERPRISE: NodeId = NodeId { serial: 2, slot: 2 };
/// Carries a runner with a job.
const IN_USE: NodeId = NodeId { serial: 3, slot: 3 };
const BUSY: RunnerId = RunnerId { serial: 0, slot: 0 };
const NEW: RunnerId = RunnerId { serial: 9, slot: 9 };

const WEB: SetId = SetId(0);
const BIG: SetId = SetId(1);
const DATA: SetId = SetId(3);
const GAMES: SetId = SetId(4);

/// A core that has seen four nodes and one busy runner.
fn core(town: &Town) -> Core {
    let node = |node: NodeId, fleet: u32| SeenNode {
        node,
        fleet: FleetId(fleet),
        machine: Some(Machine {
            instance_type: TypeId(0),
            zone: ZoneId(0),
            capacity: CapacityType::OnDemand,
            rate: Rate::from_usd_per_hour(0.2),
        }),
        ready: true,
        cordoned: false,
        stopped: None,
    };
    let busy = SeenRunner {
        runner: BUSY,
        set: WEB,
        node: Some(IN_USE),
        job: Some(JobId { serial: 0, slot: 0 }),
    };
    let seen = Snapshot {
        sets: vec![(WEB, Counts { available: 0, assigned: 1, running: 1 })],
        runners: vec![busy],
        nodes: vec![node(OF_SHARED, 0), node(OF_DATA, 1), node(OF_ENTERPRISE, 2), node(IN_USE, 0)],
        foreseen: Vec::new(),
    };
    let mut core = Core::new();
    for event in town.opening() {
        core.handle(Time::ZERO, &event);
    }
    core.handle(Time::ZERO, &Event::Observed(Box::new(seen)));
    while !matches!(core.poll(), Output::WakeAt(_)) {}
    core
}

const fn create(set: SetId, node: NodeId) -> Action {
    Action::CreateRunner { runner: NEW, set, node: Some(node), capacity: None, token_ttl: None }
}

/// What the checker says of an order, in a town that was changed so.
fn judged(change: impl Fn(&mut Town), order: &Action) -> Result<(), Law> {
    let mut town = Town::open();
    change(&mut town);
    check(core(&town).state(), order)
}

#[test]
fn sound_orders_pass() {
    for (set, node) in [(WEB, OF_SHARED), (DATA, OF_DATA), (GAMES, OF_ENTERPRISE)] {
        assert_eq!(judged(|_| {}, &create(set, node)), Ok(()), "{set} on {node}");
    }
}

/// The grant of a planned runner is counted before its order is checked: one busy runner and one
/// that is planned are two, so a most of zero stands for a plan that forgot to ask.
#[test]
fn a_runner_beyond_quota_is_stopped() {
    let team = |town: &mut Town| town.teams[0].max = Some(0);
    assert_eq!(judged(team, &create(WEB, OF_SHARED)), Err(Law::Quota));
    let pool = |town: &mut Town| town.pools[0].max = Some(0);
    assert_eq!(judged(pool, &create(WEB, OF_SHARED)), Err(Law::Quota));
}

#[test]
fn a_node_beyond_the_most_of_its_fleet_is_stopped() {
    let claim = Action::ClaimNode {
        node: NodeId { serial: 9, slot: 9 },
        fleet: FleetId(0),
        types: [TypeId(0)].into(),
        zones: [].into(),
        capacity: CapacityType::OnDemand,
    };
    assert_eq!(judged(|town| town.fleets[0].nodes_max = Some(3), &claim), Ok(()));
    assert_eq!(judged(|town| town.fleets[0].nodes_max = Some(2), &claim), Err(Law::Quota));
}

#[test]
fn two_github_instances_on_a_node_are_stopped() {
    assert_eq!(judged(|_| {}, &create(GAMES, OF_SHARED)), Err(Law::Isolation));
    assert_eq!(judged(|_| {}, &create(WEB, OF_ENTERPRISE)), Err(Law::Isolation));
}

#[test]
fn an_isolated_team_beside_another_is_stopped() {
    assert_eq!(judged(|_| {}, &create(DATA, OF_SHARED)), Err(Law::Isolation));
    assert_eq!(judged(|_| {}, &create(WEB, OF_DATA)), Err(Law::Isolation));
}

#[test]
fn a_runner_on_a_spent_budget_is_stopped() {
    let budget = |micros| {
        move |town: &mut Town| {
            town.teams[0].budget_per_month = Some(Money::from_micros(micros));
        }
    };
    assert_eq!(judged(budget(1), &create(WEB, OF_SHARED)), Ok(()));
    assert_eq!(judged(budget(0), &create(WEB, OF_SHARED)), Err(Law::Budget));
}

#[test]
fn a_busy_victim_is_stopped() {
    assert_eq!(judged(|_| {}, &Action::RemoveRunner { runner: BUSY }), Err(Law::BusyVictim));
    for delete in [Action::DeleteNode { node: IN_USE }, Action::StopNode { node: IN_USE }] {
        assert_eq!(judged(|_| {}, &delete), Err(Law::BusyVictim));
    }
    // Nobody said that it leaves: a runner may still be put on it.
    let ready = Action::DeleteNode { node: OF_SHARED };
    assert_eq!(judged(|_| {}, &ready), Err(Law::BusyVictim));
}

#[test]
fn a_full_node_is_stopped() {
    assert_eq!(judged(|_| {}, &create(WEB, IN_USE)), Err(Law::NodeFull));
    assert_eq!(judged(|_| {}, &create(BIG, OF_SHARED)), Err(Law::NodeFull));
    // Room enough, but no pod more.
    let roomy = |town: &mut Town| town.settings.types[0].allocatable.cpu_milli = 64_000;
    let roomy_memory = |town: &mut Town| {
        roomy(town);
        town.settings.types[0].allocatable.memory_mib = 1 << 20;
    };
    assert_eq!(judged(roomy_memory, &create(WEB, IN_USE)), Ok(()));
    let one_pod = |town: &mut Town| {
        roomy_memory(town);
        town.fleets[0].pods_per_node_max = Some(1);
    };
    assert_eq!(judged(one_pod, &create(WEB, IN_USE)), Err(Law::NodeFull));
    let gone = NodeId { serial: 7, slot: 7 };
    assert_eq!(judged(|_| {}, &create(WEB, gone)), Err(Law::NodeFull));
}

#[test]
fn too_many_disruptions_at_once_are_stopped() {
    let mut town = Town::open();
    town.settings.disruptions_max = Some(1);
    let mut state = core(&town).state().clone();
    let delete = Action::DeleteNode { node: OF_SHARED };
    // The planner marks what it gives up before it asks for it.
    let mut leave = |node: NodeId| {
        state.view.nodes.get_mut(node).unwrap().phase = Phase::Leaving;
        state.view.fleet_mut(FleetId(0)).unwrap().leaving += 1;
        check(&state, &delete)
    };
    assert_eq!(leave(OF_SHARED), Ok(()));
    assert_eq!(leave(IN_USE), Err(Law::Disruption));
}

/// A runner set that was put onto the nodes of the other GitHub by mistake: the planner trusts what
/// it was told, the checker does not.
#[test]
fn a_stopped_order_is_told_and_not_sent() {
    let mut town = Town::open();
    town.sets[WEB.index()].forge = Forge::Enterprise;
    let mut core = core(&town);
    let counts = Counts { available: 0, assigned: 2, running: 1 };
    core.handle(Time::from_ms(1), &Event::Statistics { set: WEB, counts });
    let mut stopped = 0;
    loop {
        match core.poll() {
            Output::WakeAt(_) => break,
            Output::Decision(Decision::Stopped { law }) => {
                assert_eq!(law, Law::Isolation);
                stopped += 1;
            }
            Output::Command(Command { action: action @ Action::CreateRunner { .. }, .. }) => {
                panic!("sent: {action}")
            }
            _ => {}
        }
    }
    assert!(stopped > 0, "nobody was told");
}
