//! EC2 warns: first that it may take a node back, then that it will.
//!
//! GitHub runs a job on one runner at a time and takes ten minutes to notice that it is lost. So the
//! twin of a job that will not end in time is its second attempt, and what can be started at once is
//! the node for it: it is foreseen for when GitHub will have noticed, and bought on demand.

use super::Core;
use crate::command::Action;
use crate::decision::Decision;
use crate::event::Foresight;
use crate::id::{FleetId, JobId, NodeId, RunnerId};
use crate::intent::Subject;
use crate::time::{Span, Time};
use crate::view::node::Phase;

/// A job longer than this does not start on a node that may be taken back: the recommendation comes
/// ten to twenty minutes ahead (Karpenter's design notes).
const LONG: Span = Span::from_secs(600);

/// Of the two minutes of the notice, what is left to a job once it was heard.
const LEFT: Span = Span::from_secs(100);

/// A job that ends in time with this probability is let run.
const LIKELY: f64 = 0.5;

/// GitHub marks a job as lost when its runner has not renewed its lease for so long.
const LOSS_NOTICED: Span = Span::from_secs(600);

/// Most jobs whose second attempt is prepared and not yet begun; the oldest are forgotten first.
const TWINS_MAX: usize = 10_000;

impl Core {
    /// EC2 may take a node back: no long job starts on it any more.
    pub(super) fn node_hinted(&mut self, id: NodeId, fleet: FleetId) {
        let is_on = self.spot_dial().is_some_and(|dial| dial.hints);
        let Some(node) = self.state.view.nodes.get(id).copied() else { return };
        if !is_on || !self.runs_long(fleet, LONG) {
            return;
        }
        match node.phase {
            // Its pool is about to be short: better now than when the jobs run.
            Phase::Coming if node.deletions == 0 && self.may_give_up(fleet) => {
                self.explain(Decision::Hinted { node: id, longer_than: LONG });
                self.delete_node(fleet, id);
            }
            Phase::Ready => {
                self.explain(Decision::Hinted { node: id, longer_than: LONG });
                self.close_node(id, fleet);
            }
            _ => {}
        }
    }

    /// Whether one more node of a fleet may be given up by choice now.
    fn may_give_up(&self, id: FleetId) -> bool {
        let most = self.state.settings.as_ref().and_then(|settings| settings.disruptions_max);
        let leaving = self.state.view.fleet(id).map_or(0, |fleet| fleet.leaving);
        most.is_none_or(|most| leaving < most)
    }

    /// A node takes no further runner, and those without a job go elsewhere; it is given back when
    /// it is empty.
    fn close_node(&mut self, id: NodeId, fleet: FleetId) {
        let view = &mut self.state.view;
        let Some(node) = view.nodes.get_mut(id) else { return };
        node.phase = if node.pods == 0 { Phase::Spent } else { Phase::Cordoned };
        node.closing = true;
        if let Some(known) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
            known.shelve(&mut view.nodes, id);
        }
        if self.state.view.nodes.get(id).is_some_and(|node| node.pods > 0) {
            let number = self.other_number();
            self.send(Subject::Other(number).id(), Action::CordonNode { node: id });
            self.send_idle_away(id);
        }
        self.touch_fleet(fleet);
    }

    /// Runners without a job would take one only to lose it.
    fn send_idle_away(&mut self, id: NodeId) {
        for (runner, job) in self.runners_on(id) {
            if job.is_none() {
                self.remove_stranded(runner, id);
            }
        }
    }

    /// EC2 takes a node back: whoever will not end in time has its second attempt prepared.
    pub(super) fn prepare_twins(&mut self, id: NodeId, fleet: FleetId, reclaim_at: Time) {
        if !self.spot_dial().is_some_and(|dial| dial.twins) {
            return;
        }
        for (runner, job) in self.runners_on(id) {
            if let Some(job) = job {
                self.prepare_twin(runner, job, fleet, reclaim_at);
            }
        }
        self.send_idle_away(id);
    }

    fn prepare_twin(&mut self, id: RunnerId, job: JobId, fleet: FleetId, reclaim_at: Time) {
        let now = self.state.now;
        let view = &self.state.view;
        let Some(runner) = view.runners.get(id) else { return };
        let Some(set) = view.set(runner.set) else { return };
        let ran = now.since(runner.working_since.unwrap_or(now));
        let of = |lengths: &crate::length::Lengths| lengths.ends_within(ran, LEFT);
        let of_fleet = || view.fleet(fleet).and_then(|fleet| of(&fleet.lengths));
        let ends_in_time = of(&set.lengths).or_else(of_fleet).unwrap_or(0.0);
        let allowed = self.state.settings.as_ref().map_or(0, |settings| settings.reruns_max);
        let times = self.state.reruns.get(&job.serial).map_or(0, |rerun| rerun.times);
        let starts = ends_in_time < LIKELY && times < allowed;
        let of_set = runner.set;
        self.explain(Decision::Twin { job, ran, ends_in_time, starts });
        if !starts {
            return;
        }
        self.state.twins.insert(job.serial);
        if self.state.twins.len() > TWINS_MAX {
            self.state.twins.pop_first();
        }
        if let Some(fleet) = self.state.view.fleet_mut(fleet) {
            fleet.spot.strikes += 1;
        }
        self.foreseen(&Foresight {
            set: of_set,
            count: 1,
            expected_at: reclaim_at + LOSS_NOTICED,
            sigma: Span::from_secs(5),
            probability: 1.0 - ends_in_time,
        });
    }

    /// The second attempt of a job came, or is not needed. Says whether one was prepared.
    pub(super) fn twin_met(&mut self, set: crate::id::SetId, job: JobId, came: bool) -> bool {
        if self.state.twins.is_empty() || !self.state.twins.remove(&job.serial) {
            return false;
        }
        if came {
            self.redeem(set, job);
        } else {
            self.unforesee(set, job);
        }
        true
    }
}
