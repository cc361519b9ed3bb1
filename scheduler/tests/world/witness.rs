//! Holds everything that the core says against the laws.

use super::books::Books;
use super::truth::World;
use greenroom_scheduler::command::{Action, Command};
use greenroom_scheduler::core::{Output, State};
use greenroom_scheduler::decision::{Cause, Decision};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::id::{NodeId, RunnerId, SetId};
use greenroom_scheduler::model::NodesBy;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::Time;
use std::collections::BTreeSet;

#[derive(Clone, Default)]
pub(crate) struct Witness {
    books: Books,
}

type Judged = Result<(), String>;

fn law(holds: bool, text: impl FnOnce() -> String) -> Judged {
    if holds { Ok(()) } else { Err(text()) }
}

impl Witness {
    pub(super) fn hear(&mut self, event: &Event) {
        self.books.hear(event);
    }

    /// What the core said of one instant, against what it was told.
    pub(super) fn judge(&mut self, now: Time, state: &State, said: &[Output]) -> Judged {
        law(said.len() < 2_000, || format!("there is no end to it: {:?}", said.last()))?;
        self.books.first.clear();
        for output in said {
            match output {
                Output::Decision(decision) => self.decision(decision)?,
                Output::Command(command) => self.command(now, state, command, said)?,
                Output::WakeAt(_) => {}
            }
        }
        self.waits(state)
    }

    fn decision(&mut self, decision: &Decision) -> Judged {
        match decision {
            Decision::Stopped { law } => return Err(format!("the checker stopped: {law}")),
            Decision::Hold { set, cause, .. } => {
                self.books.held.insert(*set, *cause);
            }
            Decision::Free { set } => {
                self.books.held.remove(set);
            }
            _ => {}
        }
        Ok(())
    }

    fn command(&mut self, now: Time, state: &State, command: &Command, said: &[Output]) -> Judged {
        let books = &mut self.books;
        let settings = state.settings.as_ref().expect("commands come after the settings");
        law(command.generation == books.generation, || format!("{command:?}: not the leader's"))?;
        let is_new = books.sent.insert(command.id);
        if is_new {
            books.first.insert(command.id);
        }
        law(!is_new || explained(&command.action, said), || {
            format!("{}: nobody said why", command.action)
        })?;
        let of_nodes = matches!(
            command.action,
            Action::ClaimNode { .. } | Action::DeleteNode { .. } | Action::CordonNode { .. }
        );
        law(!of_nodes || settings.nodes_by == NodesBy::Core, || {
            format!("{}: nodes are Karpenter's", command.action)
        })?;
        match command.action {
            Action::CreateRunner { runner, node, .. } => {
                books.placed.insert(runner, node);
            }
            Action::RemoveRunner { runner } => {
                law(!books.busy.contains(&runner), || format!("{runner} holds a job"))?;
            }
            Action::DeleteNode { node } => {
                let busy =
                    books.busy.iter().find(|runner| books.placed.get(runner) == Some(&Some(node)));
                law(busy.is_none(), || format!("{node} carries a runner with a job"))?;
                books.leaving.insert(node, command.give_up_at);
                books.leaving.retain(|_, until| *until > now);
                let fleet = |node: &NodeId| state.view.nodes.get(*node).map(|node| node.fleet);
                let most = settings.disruptions_max.unwrap_or(u32::MAX) as usize;
                let of_fleet = books.leaving.keys().filter(|other| fleet(other) == fleet(&node));
                law(of_fleet.count() <= most, || format!("{node}: too many at once"))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whoever waits is told for what, and it is true.
    fn waits(&self, state: &State) -> Judged {
        for (place, set) in state.view.sets.iter().enumerate() {
            let Some(set) = set else { continue };
            let id = SetId(place as u32);
            let held = self.books.held.get(&id).copied();
            law(held == set.hold, || format!("set {id}: said {held:?}, kept {:?}", set.hold))?;
            let waiting = set.waiting().saturating_sub(set.without_job());
            law(waiting == 0 || held.is_some(), || format!("set {id}: {waiting} wait untold"))?;
            let waiting = if set.misfit { set.waiting() } else { waiting };
            let wanted = set.granted + set.denied > 0 || waiting > 0;
            law(wanted || held.is_none(), || format!("set {id}: nobody waits for {held:?}"))?;
            let Some(cause) = held else { continue };
            law(is_true(state, id, cause), || format!("set {id}: it is not that {cause}"))?;
        }
        Ok(())
    }

    /// New commands against what there is, and what is about to be.
    pub(super) fn judge_truth(
        &self,
        now: Time,
        world: &World,
        before: &[Command],
        new: &[Command],
    ) -> Judged {
        for (place, command) in new.iter().enumerate() {
            let Action::CreateRunner { runner, set, node, .. } = command.action else { continue };
            if !self.books.first.contains(&command.id) {
                continue;
            }
            let orders = before.iter().chain(&new[..=place]).filter(|order| order.give_up_at > now);
            let mut all: Vec<(RunnerId, SetId, Option<NodeId>)> =
                world.runners.iter().map(|(id, known)| (*id, known.set, known.node)).collect();
            let mut seen: BTreeSet<RunnerId> = all.iter().map(|(id, ..)| *id).collect();
            law(!seen.contains(&runner), || format!("{runner} is there already"))?;
            for order in orders {
                if let Action::CreateRunner { runner, set, node, .. } = order.action
                    && !world.past_runners.contains(&runner)
                    && node.is_none_or(|node| world.nodes.contains_key(&node))
                    && seen.insert(runner)
                {
                    all.push((runner, set, node));
                }
            }
            quota(world, &all, set)?;
            if let Some(node) = node {
                full(world, &all, node)?;
                shared(world, &all, node)?;
            }
        }
        Ok(())
    }
}

/// Whether something was said that leads to a command.
fn explained(action: &Action, said: &[Output]) -> bool {
    let any = |wanted: &dyn Fn(&Decision) -> bool| {
        said.iter().any(|output| matches!(output, Output::Decision(decision) if wanted(decision)))
    };
    match *action {
        Action::CreateRunner { runner, node: Some(node), .. } => any(
            &|decision| matches!(decision, Decision::Place { runner: r, node: n, .. } if (*r, *n) == (runner, node)),
        ),
        Action::RemoveRunner { runner } => any(
            &|decision| matches!(decision, Decision::Retire { runner: r, .. } | Decision::Strand { runner: r, .. } if *r == runner),
        ),
        Action::ClaimNode { node, .. } => any(
            &|decision| matches!(decision, Decision::Claim { node: n, .. } | Decision::Launch { node: n, .. } | Decision::Pack { node: n, .. } | Decision::Prepare { node: n, .. } if *n == node),
        ),
        Action::StartNode { node } => {
            any(&|decision| matches!(decision, Decision::Start { node: n, .. } if *n == node))
        }
        Action::StopNode { node } => {
            any(&|decision| matches!(decision, Decision::Stop { node: n, .. } if *n == node))
        }
        Action::DeleteNode { node } => any(&|decision| {
            matches!(decision, Decision::Release { node: n, .. } | Decision::Spent { node: n }
                    if *n == node)
        }),
        Action::CordonNode { node } => {
            any(&|decision| matches!(decision, Decision::Cordon { node: n, .. } if *n == node))
        }
        Action::RerunJob { job, .. } => {
            any(&|decision| matches!(decision, Decision::Rerun { job: j, .. } if *j == job))
        }
        _ => true,
    }
}

/// Whether what a set is said to wait for is so.
fn is_true(state: &State, id: SetId, cause: Cause) -> bool {
    let view = &state.view;
    let set = view.set(id).expect("the set is known");
    let team = view.team(set.spec.team).expect("so is its team");
    let pool = view.pool(set.spec.pool).expect("so is its pool");
    let fleet = view.fleet(set.spec.fleet).expect("so is its fleet");
    match cause {
        Cause::TeamMax => team.spec.max.is_some_and(|max| team.runners >= max),
        // A fixed pool's number of runners is a most, too.
        Cause::PoolMax => {
            let of_policy = state.settings.as_ref().map_or(u32::MAX, |s| s.policy.pool_max());
            pool.runners >= pool.spec.max.unwrap_or(u32::MAX).min(of_policy)
        }
        Cause::Budget => {
            let budget = team.spec.budget_per_month;
            budget.is_some_and(|budget| team.spent_micros >= budget.as_micros())
        }
        Cause::AccountQuota | Cause::InsufficientCapacity | Cause::Outage => {
            let paused = fleet.retry.into_iter().chain(set.retry);
            paused.into_iter().any(|retry| retry.at > state.now && retry.why.cause() == cause)
        }
        Cause::NoMachineFits => {
            let types = &state.settings.as_ref().expect("someone waits").types;
            let request = pool.spec.request;
            !fleet.spec.types.iter().any(|id| request.fits(types[id.index()].allocatable))
        }
        Cause::NodeStartup => fleet.coming.pods > 0,
        // Of the policy's own making, or nothing is on its way.
        Cause::AllBusy => set.granted == 0 || set.denied > 0 || fleet.coming.pods == 0,
        _ => false,
    }
}

type Runners<'a> = &'a [(RunnerId, SetId, Option<NodeId>)];

fn quota(world: &World, all: Runners<'_>, set: SetId) -> Judged {
    let town = &world.town;
    let spec = town.sets[set.index()];
    let of = |wanted: &dyn Fn(SetId) -> bool| all.iter().filter(|(_, set, _)| wanted(*set)).count();
    let of_team = of(&|set| town.sets[set.index()].team == spec.team);
    let of_pool = of(&|set| town.sets[set.index()].pool == spec.pool);
    let most = |max: Option<u32>| max.map_or(usize::MAX, |max| max as usize);
    law(of_team <= most(town.teams[spec.team.index()].max), || {
        format!("team {} has {of_team} runners", spec.team)
    })?;
    law(of_pool <= most(town.pools[spec.pool.index()].max), || {
        format!("pool {} has {of_pool} runners", spec.pool)
    })
}

fn full(world: &World, all: Runners<'_>, id: NodeId) -> Judged {
    let Some(node) = world.nodes.get(&id) else { return Ok(()) };
    let Some(machine) = node.machine else { return Err(format!("{id} was not launched")) };
    let on_it = all.iter().filter(|(_, _, on)| *on == Some(id));
    let pods = on_it.clone().count();
    let asked =
        on_it.fold(Resources::default(), |sum, (_, set, _)| sum.plus(world.town.request(*set)));
    let of_type = &world.town.settings.types[machine.instance_type.index()];
    let most = world.town.pods_max(node.fleet, machine.instance_type) as usize;
    law(pods <= most, || format!("{id} carries {pods} of {most} pods"))?;
    law(asked.fits(of_type.allocatable), || format!("{id} carries {asked:?}"))
}

fn shared(world: &World, all: Runners<'_>, id: NodeId) -> Judged {
    let town = &world.town;
    let on_it = all.iter().filter(|(_, _, on)| *on == Some(id));
    let specs: Vec<_> = on_it.map(|(_, set, _)| town.sets[set.index()]).collect();
    let forges: BTreeSet<_> = specs.iter().map(|spec| spec.forge).collect();
    law(forges.len() == 1, || format!("{id} serves two GitHub instances"))?;
    let teams: BTreeSet<_> = specs.iter().map(|spec| spec.team).collect();
    let alone = teams.iter().any(|team| town.teams[team.index()].isolated);
    law(!alone || teams.len() == 1, || format!("{id} carries an isolated team and another"))
}
