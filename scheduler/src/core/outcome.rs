//! What became of commands, and what is done about those that nobody answers.

use super::Core;
use crate::command::{Action, Outcome, Refusal};
use crate::decision::Nonsense;
use crate::event::NodeEnd;
use crate::id::{CommandId, NodeId, RunnerId};
use crate::intent::{Intent, RETRIES_MAX, Subject};
use crate::model::CapacityType;
use crate::view::fleet::Retry;
use crate::view::{node, runner};
use crate::wakes::Wake;

impl Core {
    pub(super) fn finished(&mut self, id: CommandId, outcome: Outcome) {
        match (Subject::of(id), outcome) {
            (Subject::CreateRunner(runner), Outcome::Done | Outcome::Already) => {
                // It may have come and gone before the answer.
                let view = &mut self.state.view;
                if let Some(known) = view.runners.get_mut(runner) {
                    known.confirm();
                    let (set, now) = (known.set, self.state.now);
                    if let Some(set) = view.set_mut(set)
                        && set.retry.is_some_and(|retry| retry.at <= now)
                    {
                        set.retry = None;
                    }
                }
            }
            (Subject::CreateRunner(runner), Outcome::Refused(why)) => {
                self.creation_refused(runner, why);
            }
            (Subject::RemoveRunner(runner), outcome) => self.removal_finished(runner, outcome),
            (Subject::ClaimNode(node), Outcome::Done | Outcome::Already) => {
                if let Some(known) = self.state.view.nodes.get_mut(node) {
                    known.seen = true;
                }
            }
            (Subject::ClaimNode(node), Outcome::Refused(why)) => {
                // It was carried out before: this is the answer to a repetition.
                if self.state.view.nodes.get(node).is_none_or(|known| !known.seen) {
                    self.claim_refused(node, why);
                }
            }
            (Subject::DeleteNode { node, .. }, Outcome::Refused(why)) => {
                self.deletion_refused(node, why);
            }
            (Subject::RerunJob { serial, .. }, outcome) => self.rerun_finished(serial, outcome),
            (Subject::StartNode { node, wish }, outcome) => {
                self.start_finished(node, wish, outcome);
            }
            (Subject::StopNode { node, wish }, outcome) => self.stop_finished(node, wish, outcome),
            // A deletion that is done shows as the node's own end; unknown is asked again when it is due.
            (Subject::CreateRunner(_) | Subject::ClaimNode(_), Outcome::Unknown)
            | (Subject::DeleteNode { .. } | Subject::Other(_), _) => {}
        }
    }

    fn creation_refused(&mut self, id: RunnerId, why: Refusal) {
        let Some(runner) = self.state.view.runners.get(id) else { return };
        // The world is another than was thought, and the news of it is on its way.
        let is_final = matches!(why, Refusal::NotFound | Refusal::Busy);
        // That a repetition was refused says nothing about the first time: asked again when due.
        let command = Subject::CreateRunner(id).id();
        if runner.seen || (!is_final && self.state.intents.was_repeated(command)) {
            return;
        }
        let set = runner.set;
        self.runner_gone(id);
        if is_final {
            return;
        }
        let now = self.state.now;
        let Some(known) = self.state.view.set_mut(set) else { return };
        let retry = Retry::after(known.retry, now, why);
        known.retry = Some(retry);
        let granted = known.granted;
        self.state.wakes.set(retry.at, Wake::Set(set));
        self.release_grants(set, granted);
    }

    fn rerun_finished(&mut self, serial: u32, outcome: Outcome) {
        // Nobody could ask now, or nobody knows: it is asked for again when it is due.
        let unsettled = matches!(
            outcome,
            Outcome::Unknown | Outcome::Refused(Refusal::Throttled | Refusal::Unavailable)
        );
        if let Some(rerun) = self.state.reruns.get_mut(&serial) {
            rerun.asked &= unsettled;
        }
    }

    /// Nobody knows whether a runner that was to be removed is gone. If nothing was ever seen of
    /// it, it never came to be; else it stays, until something is heard of it.
    fn keep_runner(&mut self, id: RunnerId) {
        let Some(known) = self.state.view.runners.get_mut(id) else { return };
        if !known.seen {
            return self.runner_gone(id);
        }
        known.phase = runner::Phase::There;
        let set = known.set;
        self.touch_set(set);
    }

    fn removal_finished(&mut self, id: RunnerId, outcome: Outcome) {
        match (self.state.view.runners.get_mut(id), outcome) {
            (Some(runner), Outcome::Refused(Refusal::Busy)) => runner.phase = runner::Phase::There,
            // It may have overtaken the order to create it: then it is asked for again when due.
            (Some(runner), Outcome::Refused(Refusal::NotFound)) if !runner.seen => {}
            (Some(_), Outcome::Refused(Refusal::NotFound)) => self.runner_gone(id),
            _ => {}
        }
    }

    fn claim_refused(&mut self, id: NodeId, why: Refusal) {
        let Some(node) = self.state.view.nodes.get(id).copied() else {
            return self.ignore(Nonsense::UnknownNode);
        };
        self.node_gone(id, node.fleet, NodeEnd::NeverReady);
        if why == Refusal::InsufficientCapacity && self.spot_refused(&node) {
            return self.touch_fleet(node.fleet);
        }
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
            let retry = Retry::after(fleet.retry, now, why);
            fleet.retry = Some(retry);
            self.state.wakes.set(retry.at, Wake::Fleet(node.fleet));
        }
        self.touch_fleet(node.fleet);
    }

    fn deletion_refused(&mut self, id: NodeId, why: Refusal) {
        let Some(known) = self.state.view.nodes.get_mut(id) else { return };
        let fleet = known.fleet;
        match why {
            Refusal::NotFound => return self.node_gone(id, fleet, NodeEnd::Deleted),
            // Nobody could do it now: it is asked for again when it is due.
            Refusal::Throttled | Refusal::Unavailable => return,
            _ => {}
        }
        self.keep_node(id);
    }

    /// A node whose deletion was asked for stays.
    fn keep_node(&mut self, id: NodeId) {
        let Some(known) = self.state.view.nodes.get_mut(id) else { return };
        let fleet = known.fleet;
        if known.phase == node::Phase::Leaving {
            let before = *known;
            if known.ready {
                known.phase = node::Phase::Ready;
                known.since = self.state.now;
            } else {
                // A launch that could not be cancelled goes on.
                known.phase = node::Phase::Coming;
            }
            let after = *known;
            let view = &mut self.state.view;
            if let Some(fleet) = view.fleets.get_mut(fleet.index()).and_then(Option::as_mut) {
                fleet.discount(&before);
                fleet.count(&after);
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
            Subject::ClaimNode(node) => view.nodes.get(node).is_some_and(|n| !n.seen),
            Subject::DeleteNode { node, .. } => {
                view.nodes.get(node).is_some_and(|n| n.phase == node::Phase::Leaving)
            }
            Subject::StartNode { node, wish } | Subject::StopNode { node, wish } => {
                view.nodes.get(node).is_some_and(|n| n.asked && Subject::wish(n.turns) == wish)
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
                let token_ttl = self.token_ttl(set);
                Some(Action::CreateRunner { runner, set, node, capacity: None, token_ttl })
            }
            // A listing may have shown that it is in use after all: then the wish is given up.
            Subject::RemoveRunner(runner) => {
                let is_idle = view.runners.get(runner)?.job.is_none();
                is_idle.then_some(Action::RemoveRunner { runner })
            }
            Subject::DeleteNode { node, .. } => {
                let is_empty = view.nodes.get(node)?.pods == 0;
                is_empty.then_some(Action::DeleteNode { node })
            }
            Subject::StartNode { node, .. } => Some(Action::StartNode { node }),
            Subject::StopNode { node, .. } => Some(Action::StopNode { node }),
            Subject::RerunJob { serial, .. } => {
                let known = self.state.reruns.get(&serial)?;
                Some(Action::RerunJob { job: known.job, set: known.set })
            }
            // A claim that stays unanswered is given up: the orphan, if one was launched, shows
            // in the next observation and is used or given back from there.
            Subject::ClaimNode(_) | Subject::Other(_) => None,
        }
    }

    /// Nobody knows what became of it. What may be there all the same keeps its place in the dense
    /// tables until the next observation, which shows it or frees the place.
    fn give_up(&mut self, id: CommandId) {
        match Subject::of(id) {
            Subject::CreateRunner(runner) => {
                self.runner_gone(runner);
                self.state.view.runner_names.keep(runner);
            }
            Subject::ClaimNode(node) => {
                self.claim_refused(node, Refusal::Unavailable);
                self.state.view.node_names.keep(node);
            }
            Subject::RemoveRunner(runner) => self.keep_runner(runner),
            Subject::DeleteNode { node, .. } => self.keep_node(node),
            Subject::StartNode { node, wish } => {
                self.start_finished(node, wish, Outcome::Refused(Refusal::Unavailable));
            }
            Subject::StopNode { node, wish } => {
                self.stop_finished(node, wish, Outcome::Refused(Refusal::Unavailable));
            }
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
