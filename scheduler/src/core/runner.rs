//! The life of runners: asked for, bound, gone.

use super::Core;
use crate::command::Action;
use crate::decision::Nonsense;
use crate::id::{NodeId, RunnerId, SetId, TeamId};
use crate::intent::Subject;
use crate::money::Money;
use crate::resources::Resources;
use crate::view::list::Link;
use crate::view::node::Phase;
use crate::view::runner::{self, Runner};

impl Core {
    /// What one runner of a set asks for.
    pub(crate) fn request_of(&self, set: SetId) -> Resources {
        self.state.view.set(set).map_or(Resources::JOB_DEFAULT, |set| set.request)
    }

    /// Asks for a runner that quota granted; its place on `node` is taken from now on.
    pub(crate) fn create_runner(
        &mut self,
        set: SetId,
        request: Resources,
        node: Option<NodeId>,
    ) -> Option<RunnerId> {
        let runner = self.state.view.runner_names.give();
        let id = Subject::CreateRunner(runner).id();
        let token_ttl = self.token_ttl(set);
        if !self.send(id, Action::CreateRunner { runner, set, node, capacity: None, token_ttl }) {
            self.state.view.runner_names.take_back(runner);
            return None;
        }
        let since = self.state.now;
        let view = &mut self.state.view;
        let asked = Runner {
            set,
            node,
            job: None,
            phase: runner::Phase::Asked,
            seen: false,
            since,
            working_since: None,
            link: Link::default(),
        };
        view.runners.insert(runner, asked);
        let known = view.sets[set.index()].as_mut().expect("the planner walks known sets");
        known.runners += 1;
        known.spare.push_front(&mut view.runners, runner.slot);
        if let Some(node) = node {
            self.occupy(node, request);
        }
        self.note_runner(set);
        self.await_outcome(id);
        Some(runner)
    }

    /// Takes a place on a node.
    fn occupy(&mut self, id: NodeId, request: Resources) {
        let view = &mut self.state.view;
        let Some(node) = view.nodes.get_mut(id) else { return };
        node.room = node.room.minus(request);
        node.pods += 1;
        node.used = true;
        let fleet = node.fleet;
        if let Some(fleet) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            fleet.pods += 1;
            fleet.shelve(&mut view.nodes, id);
        }
    }

    /// Gives a place on a node back.
    fn vacate(&mut self, id: NodeId, request: Resources) {
        let now = self.state.now;
        let once = self.state.settings.as_ref().is_some_and(|s| s.policy.is_machine_per_job());
        let view = &mut self.state.view;
        let Some(node) = view.nodes.get_mut(id) else { return };
        node.pods = node.pods.saturating_sub(1);
        node.room = if node.pods == 0 { node.size } else { node.room.plus(request) };
        if node.pods == 0 {
            node.since = now;
            if once && node.phase == Phase::Ready || node.closing && node.phase == Phase::Cordoned {
                node.phase = Phase::Spent;
            }
        }
        let (fleet, is_empty) = (node.fleet, node.pods == 0);
        if let Some(known) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            known.pods = known.pods.saturating_sub(1);
            known.shelve(&mut view.nodes, id);
        }
        if is_empty {
            self.note_freed(fleet);
        }
        self.touch_fleet(fleet);
    }

    pub(super) fn runner_bound(&mut self, id: RunnerId, node: NodeId) {
        match self.state.view.runners.get_mut(id) {
            Some(runner) => {
                runner.node.get_or_insert(node);
                runner.confirm();
            }
            None => self.ignore(Nonsense::UnknownRunner),
        }
    }

    /// The runner exists.
    pub(super) fn runner_confirmed(&mut self, id: RunnerId) {
        match self.state.view.runners.get_mut(id) {
            Some(runner) => runner.confirm(),
            None => self.ignore(Nonsense::UnknownRunner),
        }
    }

    /// The runner is gone, or never came to be.
    pub(super) fn runner_gone(&mut self, id: RunnerId) {
        let view = &mut self.state.view;
        let Some(&Runner { set, job, .. }) = view.runners.get(id) else {
            return self.ignore(Nonsense::UnknownRunner);
        };
        let mut spec = None;
        if let Some(known) = view.sets.get_mut(set.index()).and_then(Option::as_mut) {
            known.runners = known.runners.saturating_sub(1);
            if job.is_some() {
                known.busy = known.busy.saturating_sub(1);
            } else {
                known.spare.remove(&mut view.runners, id.slot);
            }
            spec = Some(known.spec);
        }
        let Some(runner) = view.runners.remove(id) else { return };
        view.runner_names.take_back(id);
        let request = self.request_of(set);
        if let Some(spec) = spec {
            self.charge_team(spec.team, &runner, request);
            self.give_back_quota(&spec, 1);
        }
        if let Some(node) = runner.node {
            self.vacate(node, request);
        }
        self.touch_set(runner.set);
    }

    /// Adds a runner's modelled share of its node to what its team spent.
    fn charge_team(&mut self, team: TeamId, runner: &Runner, request: Resources) {
        let view = &mut self.state.view;
        let Some(team) = view.teams.get_mut(team.index()).and_then(Option::as_mut) else { return };
        if team.spec.budget_per_month.is_none() {
            return;
        }
        let Some(node) = runner.node.and_then(|id| view.nodes.get(id)) else { return };
        let Some(machine) = node.machine else { return };
        // The dearest resource decides, in millionths of the node.
        let share = |want: u32, have: u32| u64::from(want) * 1_000_000 / u64::from(have.max(1));
        let of_node = share(request.cpu_milli, node.size.cpu_milli)
            .max(share(request.memory_mib, node.size.memory_mib))
            .max(share(request.gpu, node.size.gpu.max(request.gpu)))
            .min(1_000_000);
        let whole = machine.rate.over(self.state.now.since(runner.since)).as_micros();
        let before = team.spent_micros;
        team.spent_micros += whole * of_node as i64 / 1_000_000;
        let budget = team.spec.budget_per_month.map_or(i64::MAX, Money::as_micros);
        if before < budget && team.spent_micros >= budget {
            // Once a month: whoever waits is told the new reason.
            let blocked = core::mem::take(&mut team.blocked);
            self.unblock(blocked.into_iter());
            self.touch_waiting();
        }
    }
}
