//! Laws over made-up histories in which everything goes wrong: commands are executed zero, one or
//! many times, late, or for a leader that was deposed; answers and events are lost, doubled or out
//! of order. Then all is observed once, and what was lost does not matter any more.

use crate::world::{Move, Play, Town, hold, moves, towns};
use greenroom_scheduler::command::{Action, Command};
use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::event::{Counts, Event};
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId, SetId};
use greenroom_scheduler::spec::PolicySpec;
use greenroom_scheduler::time::Span;
use greenroom_scheduler::view::load::Load;
use greenroom_scheduler::view::{node, runner};
use proptest::prelude::Strategy;

fn histories() -> impl Strategy<Value = (Town, Vec<Move>)> {
    (towns(), moves(100, true))
}

fn played(town: &Town, history: &[Move]) -> Play {
    let mut play = Play::new(town, false);
    for step in history {
        play.step(step);
    }
    play
}

/// Name, set, node, whether it holds a job, phase. Of what was only asked for, the name does not
/// count.
type RunnerGist = (Option<RunnerId>, SetId, Option<NodeId>, bool, runner::Phase);
/// Name, fleet, phase, pods.
type NodeGist = (Option<NodeId>, FleetId, node::Phase, u32);

/// What a state says of the world, without what no listing shows: names given out, how long ago
/// things happened, how spot has behaved.
#[derive(Debug, PartialEq)]
struct Gist {
    sets: Vec<(Counts, u32, u32, u32, u32)>,
    fleets: Vec<(u32, Load, Load, Load)>,
    limits: Vec<u32>,
    runners: Vec<RunnerGist>,
    nodes: Vec<NodeGist>,
}

impl Gist {
    fn of(core: &Core) -> Self {
        let view = &core.state().view;
        let sets = view.sets.iter().flatten();
        let fleets = view.fleets.iter().flatten();
        let teams = view.teams.iter().flatten().map(|team| team.runners);
        let pools = view.pools.iter().flatten().map(|pool| pool.runners);
        let runner = |(id, known): (RunnerId, &runner::Runner)| {
            let name = known.seen.then_some(id);
            (name, known.set, known.node, known.job.is_some(), known.phase)
        };
        let node = |(id, known): (NodeId, &node::Node)| {
            (known.seen.then_some(id), known.fleet, known.phase, known.pods)
        };
        Self {
            sets: sets
                .map(|set| (set.counts, set.runners, set.busy, set.granted, set.denied))
                .collect(),
            fleets: fleets
                .map(|fleet| (fleet.nodes, fleet.offered, fleet.coming, fleet.waiting))
                .collect(),
            limits: teams.chain(pools).collect(),
            runners: view.runners.iter().map(runner).collect(),
            nodes: view.nodes.iter().map(node).collect(),
        }
    }
}

/// What is ordered, without the names that were given to new things.
fn orders(core: &mut Core) -> Vec<String> {
    let mut orders = Vec::new();
    loop {
        match core.poll() {
            Output::WakeAt(_) => break,
            Output::Decision(_) => {}
            Output::Command(Command { action, .. }) => orders.push(match action {
                Action::CreateRunner { set, .. } => format!("create a runner for {set}"),
                Action::ClaimNode { fleet, types, .. } => format!("claim {types:?} for {fleet}"),
                action => action.to_string(),
            }),
        }
    }
    orders.sort();
    orders
}

/// A core that knows nothing but what is configured and listed now.
fn observer(play: &Play) -> Core {
    let mut core = Core::new();
    core.handle(play.now, &Event::Leading(play.generation));
    for event in play.world.town.opening() {
        core.handle(play.now, &event);
    }
    core.handle(play.now, &Event::Observed(Box::new(play.world.listing())));
    core
}

#[test]
fn losing_every_event_and_observing_again_ends_in_the_same_state() {
    hold(&histories(), |(mut town, history)| {
        // What was spent, and what spot did, no listing shows.
        town.teams.iter_mut().for_each(|team| team.budget_per_month = None);
        town.settings.spot.hazard_per_hour_max = None;
        // ARC counts its patches, and begins anew with one that removes idle runners.
        if matches!(town.settings.policy, PolicySpec::Arc { .. }) {
            town.settings.policy = PolicySpec::Reactive;
        }
        // When a fleet grew or shrank last, for how long its runners have waited, and which
        // interruptions a breaker counts, no listing shows either.
        match &mut town.settings.policy {
            // Machines that are made anew whenever they were idle too long never settle.
            PolicySpec::Taskcluster(rule) => rule.min = 0,
            PolicySpec::Cron(_) => town.settings.schedule.pool.clear(),
            PolicySpec::Buildkite(rule) => {
                (rule.out_cooldown, rule.in_cooldown) = (Span::ZERO, Span::ZERO);
            }
            PolicySpec::Placeholder(rule) => (rule.shards, rule.burst_max) = (1, u32::MAX),
            PolicySpec::OneVmPerJob(rule) => rule.count = 0,
            // What a node was claimed for no listing shows, so one for the stock is used as any
            // other; nor for how long it has been empty, which decides who of several is the hot one.
            PolicySpec::Greenroom { hot, stopped } => {
                (*hot, *stopped) = (0, 0);
                // What was learned cannot be listed.
                town.settings.forecast = None;
            }
            _ => {}
        }
        let limits_budget = |step: &Move| matches!(step, Move::LimitTeam(_, _, Some(_)));
        let history: Vec<Move> = history.into_iter().filter(|step| !limits_budget(step)).collect();
        let mut play = played(&town, &history);
        play.settle();
        let mut fresh = observer(&play);
        let ordered = orders(&mut fresh);
        let mut known = play.core.clone();
        known.handle(play.now, &Event::Observed(Box::new(play.world.listing())));
        let same = orders(&mut known);
        if Gist::of(&known) != Gist::of(&fresh) || same != ordered {
            play.fail(&format!(
                "with a memory: {same:?} {:#?}, without: {ordered:?} {:#?}",
                Gist::of(&known),
                Gist::of(&fresh)
            ));
        }
    });
}

#[test]
fn everything_queued_is_served_in_the_end_and_nothing_leaks() {
    hold(&histories(), |(town, history)| {
        let mut play = played(&town, &history);
        play.heal();
        let view = &play.state().view;
        let is_empty = view.runners.is_empty() && view.nodes.is_empty();
        if !is_empty && !play.keeps_capacity() {
            play.fail("the core still believes in runners or nodes");
        }
        let waits = view.sets.iter().flatten().any(|set| set.granted + set.denied > 0);
        if waits && !play.keeps_capacity() {
            play.fail("a set still waits, with nothing to wait for");
        }
    });
}
