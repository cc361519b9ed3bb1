//! What became of commands, and what is done about those that nobody answers.

use super::Core;
use crate::command::{Action, Outcome, Refusal};
use crate::decision::Nonsense;
use crate::event::NodeEnd;
use crate::id::{CommandId, NodeId, RunnerId};
use crate::intent::{Intent, RETRIES_MAX, Subject};
use crate::model::CapacityType;
use crate::time::Span;
use crate::view::fleet::Retry;
use crate::view::{node, runner};
use crate::wakes::Wake;

/// Pause after the first refusal of a claim: Karpenter too looks at pending pods again after
/// 10 s (karpenter `provisioning/controller.go`).
const CLAIM_PAUSE: Span = Span::from_secs(10);

/// The pause doubles with each refusal in a row, at most so many times: 80 s, under the three
/// minutes for which an offering without capacity is usually left alone.
const CLAIM_PAUSE_DOUBLINGS_MAX: u32 = 3;

impl Core {
    pub(super) fn finished(&mut self, id: CommandId, outcome: Outcome) {
        match (Subject::of(id), outcome) {
            (Subject::CreateRunner(runner), Outcome::Done | Outcome::Already) => {
                // It may have come and gone before the answer.
                if let Some(known) = self.state.view.runners.get_mut(runner) {
                    known.confirm();
                }
            }
            (Subject::CreateRunner(runner), Outcome::Refused(_)) => {
                if self.state.view.runners.get(runner).is_some() {
                    self.runner_gone(runner);
                }
            }
            (Subject::RemoveRunner(runner), outcome) => self.removal_finished(runner, outcome),
            (Subject::ClaimNode(node), Outcome::Refused(why)) => self.claim_refused(node, why),
            (Subject::DeleteNode { node, .. }, Outcome::Refused(why)) => {
                self.deletion_refused(node, why);
            }
            (Subject::RerunJob { serial, .. }, outcome) => {
                // Where nobody could ask now, the job is asked for again when it is due.
                let later = [Refusal::Throttled, Refusal::Unavailable].map(Outcome::Refused);
                if !later.contains(&outcome)
                    && let Some(rerun) = self.state.reruns.get_mut(&serial)
                {
                    rerun.asked = outcome == Outcome::Unknown;
                }
            }
            // Done is seen as the node's own events; unknown is asked again when it is due.
            (Subject::CreateRunner(_), Outcome::Unknown)
            | (Subject::ClaimNode(_) | Subject::DeleteNode { .. } | Subject::Other(_), _) => {}
        }
    }

    fn removal_finished(&mut self, id: RunnerId, outcome: Outcome) {
        match (self.state.view.runners.get_mut(id), outcome) {
            (Some(runner), Outcome::Refused(Refusal::Busy)) => runner.phase = runner::Phase::There,
            (Some(_), Outcome::Refused(Refusal::NotFound)) => self.runner_gone(id),
            _ => {}
        }
    }

    fn claim_refused(&mut self, id: NodeId, why: Refusal) {
        let Some(node) = self.state.view.nodes.get(id).copied() else {
            return self.ignore(Nonsense::UnknownNode);
        };
        self.node_gone(id, node.fleet, NodeEnd::NeverReady);
        let now = self.state.now;
        let rule = self.state.settings.as_ref().map(|settings| settings.spot);
        let Some(fleet) = self.state.view.fleet_mut(node.fleet) else { return };
        let mut pause = true;
        if node.capacity == CapacityType::Spot
            && fleet.spec.capacity.contains(&CapacityType::OnDemand)
            && let Some(rule) = rule
        {
            let since = *fleet.spot.refused_since.get_or_insert(now);
            if now.since(since) >= rule.deadline {
                fleet.spot.left_until = Some(now + rule.recovery);
                pause = false;
            }
        }
        if pause {
            // Claims of one plan fail together: they are one refusal, not many.
            let same_time = fleet.retry.is_some_and(|retry| retry.refused_at == now);
            let refusals = fleet.retry.map_or(1, |r| r.refusals + u32::from(!same_time));
            let doublings = (refusals - 1).min(CLAIM_PAUSE_DOUBLINGS_MAX);
            let at = now + Span::from_ms(CLAIM_PAUSE.as_ms() << doublings);
            fleet.retry = Some(Retry { at, why, refusals, refused_at: now });
            self.state.wakes.set(at, Wake::Fleet(node.fleet));
        }
        self.touch_fleet(node.fleet);
    }

    fn deletion_refused(&mut self, id: NodeId, why: Refusal) {
        let Some(known) = self.state.view.nodes.get_mut(id) else { return };
        let fleet = known.fleet;
        if why == Refusal::NotFound {
            return self.node_gone(id, fleet, NodeEnd::Deleted);
        }
        if known.phase == node::Phase::Leaving {
            let (ready, offered) = (known.ready, known.offered());
            if ready {
                known.phase = node::Phase::Ready;
                known.since = self.state.now;
            } else {
                // A launch that could not be cancelled goes on.
                known.phase = node::Phase::Coming;
            }
            let view = &mut self.state.view;
            if let Some(fleet) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
                fleet.leaving = fleet.leaving.saturating_sub(1);
                if !ready {
                    fleet.coming.add(offered);
                }
                fleet.shelve(&mut view.nodes, id);
            }
            self.touch_fleet(fleet);
        }
    }

    /// Remembers that an answer to this command is due.
    pub(crate) fn await_outcome(&mut self, id: CommandId) {
        let due_at = self.state.now + self.intent_ttl();
        self.drop_answered();
        self.state.intents.queue.push_back(Intent { due_at, id, retries: 0 });
        if !self.state.intents.wake_set {
            self.wake_for_oldest();
        }
    }

    /// Whether nobody answered this command yet.
    fn unanswered(&self, id: CommandId) -> bool {
        let view = &self.state.view;
        match Subject::of(id) {
            Subject::CreateRunner(runner) => {
                view.runners.get(runner).is_some_and(|r| r.phase == runner::Phase::Asked)
            }
            Subject::RemoveRunner(runner) => {
                view.runners.get(runner).is_some_and(|r| r.phase == runner::Phase::Leaving)
            }
            Subject::ClaimNode(node) => view.nodes.get(node).is_some_and(|n| n.machine.is_none()),
            Subject::DeleteNode { node, .. } => {
                view.nodes.get(node).is_some_and(|n| n.phase == node::Phase::Leaving)
            }
            Subject::RerunJob { serial, time } => {
                self.state.reruns.get(&serial).is_some_and(|r| r.asked && r.times == time)
            }
            Subject::Other(_) => false,
        }
    }

    /// Drops commands that were answered from the front of the queue.
    fn drop_answered(&mut self) {
        while let Some(first) = self.state.intents.queue.front()
            && !self.unanswered(first.id)
        {
            self.state.intents.queue.pop_front();
        }
    }

    /// Sends what is overdue again, under the same id; gives up after [`RETRIES_MAX`].
    pub(crate) fn retry_overdue(&mut self) {
        self.state.intents.wake_set = false;
        self.drop_answered();
        let now = self.state.now;
        while let Some(&first) = self.state.intents.queue.front()
            && first.due_at <= now
        {
            self.state.intents.queue.pop_front();
            if !self.unanswered(first.id) {
                continue;
            }
            let again = (first.retries < RETRIES_MAX).then(|| self.action_of(first.id)).flatten();
            if again.is_some_and(|action| self.send(first.id, action)) {
                let due_at = now + self.intent_ttl();
                let retries = first.retries + 1;
                self.state.intents.queue.push_back(Intent { due_at, id: first.id, retries });
            } else {
                self.give_up(first.id);
            }
        }
        self.wake_for_oldest();
    }

    /// Asks to be woken when the oldest command is due.
    pub(super) fn wake_for_oldest(&mut self) {
        if let Some(first) = self.state.intents.queue.front() {
            self.state.wakes.set(first.due_at, Wake::Intents);
            self.state.intents.wake_set = true;
        }
    }

    /// The action that a command had, made again from what is known.
    fn action_of(&self, id: CommandId) -> Option<Action> {
        let view = &self.state.view;
        match Subject::of(id) {
            Subject::CreateRunner(runner) => {
                let known = view.runners.get(runner)?;
                let (set, node) = (known.set, known.node);
                Some(Action::CreateRunner { runner, set, node, capacity: None })
            }
            Subject::RemoveRunner(runner) => Some(Action::RemoveRunner { runner }),
            Subject::DeleteNode { node, .. } => Some(Action::DeleteNode { node }),
            Subject::RerunJob { serial, .. } => {
                let known = self.state.reruns.get(&serial)?;
                Some(Action::RerunJob { job: known.job, set: known.set })
            }
            // A claim that stays unanswered is given up: the orphan, if one was launched, shows
            // in the next observation and is used or given back from there.
            Subject::ClaimNode(_) | Subject::Other(_) => None,
        }
    }

    fn give_up(&mut self, id: CommandId) {
        match Subject::of(id) {
            Subject::CreateRunner(runner) => self.runner_gone(runner),
            Subject::ClaimNode(node) => self.claim_refused(node, Refusal::Unavailable),
            Subject::RemoveRunner(runner) => {
                if let Some(known) = self.state.view.runners.get_mut(runner) {
                    known.phase = runner::Phase::There;
                    let set = known.set;
                    self.touch_set(set);
                }
            }
            Subject::DeleteNode { node, .. } => self.deletion_refused(node, Refusal::Unavailable),
            Subject::RerunJob { serial, .. } => {
                if let Some(rerun) = self.state.reruns.get_mut(&serial) {
                    rerun.asked = false;
                }
            }
            Subject::Other(_) => {}
        }
    }

    /// A number for a command whose outcome changes nothing.
    pub(crate) fn other_number(&mut self) -> u32 {
        self.state.intents.others = self.state.intents.others.wrapping_add(1);
        self.state.intents.others
    }
}
