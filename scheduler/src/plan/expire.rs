//! Expiry: runners that lost their job before they had it.

use crate::command::Action;
use crate::core::Core;
use crate::decision::Decision;
use crate::id::SetId;
use crate::intent::Subject;
use crate::spec::PolicySpec;
use crate::time::Span;
use crate::view::list::List;
use crate::view::runner::Phase;
use crate::wakes::Wake;

/// How long a set may have more runners than jobs before the spare ones are removed. Longer than
/// the usual delay between a job's end and the message that says so, so that a stale count does
/// not remove a runner whose job is on its way.
const SURPLUS_GRACE: Span = Span::from_secs(30);

/// An unanswered poll returns after about 50 s; ARC patches then too.
pub(super) const IDLE_POLL: Span = Span::from_secs(50);

impl Core {
    /// Removes spare runners once there have been too many for a while.
    pub(super) fn watch_surplus(&mut self, id: SetId, wanted: u32, policy: PolicySpec) {
        if !policy.removes_surplus() {
            return;
        }
        let now = self.state.now;
        let Some(set) = self.state.view.set_mut(id) else { return };
        if set.runners <= wanted || set.spare.is_empty() {
            set.surplus_since = None;
            return;
        }
        match set.surplus_since {
            None => {
                set.surplus_since = Some(now);
                self.state.wakes.set(now + SURPLUS_GRACE, Wake::Set(id));
            }
            Some(since) if now.since(since) >= SURPLUS_GRACE => self.retire_spare(id, wanted),
            Some(_) => {}
        }
    }

    /// ARC: the next answer of an idle poll makes the next patch.
    pub(super) fn poll_again(&mut self, id: SetId) {
        let now = self.state.now;
        if let Some(set) = self.state.view.set_mut(id) {
            set.surplus_since = Some(now);
        }
        self.state.wakes.set(now + IDLE_POLL, Wake::Set(id));
    }

    /// Removes runners without a job, the ones asked for last first, down to `wanted`.
    pub(super) fn retire_spare(&mut self, id: SetId, wanted: u32) {
        let Some(set) = self.state.view.set_mut(id) else { return };
        set.surplus_since = None;
        let (have, spare) = (set.runners, set.spare);
        let mut too_many = have.saturating_sub(wanted);
        let mut next = spare.front();
        while let Some(slot) = next
            && too_many > 0
        {
            let runners = &mut self.state.view.runners;
            next = List::after(runners, slot);
            let Some(runner) = runners.id_at(slot) else { return };
            let Some(known) = runners.get_mut(runner) else { return };
            if known.phase == Phase::Leaving {
                too_many -= 1;
                continue;
            }
            known.phase = Phase::Leaving;
            too_many -= 1;
            self.explain(Decision::Retire { runner, have, want: wanted });
            let command = Subject::RemoveRunner(runner).id();
            if self.send(command, Action::RemoveRunner { runner }) {
                self.await_outcome(command);
            }
        }
    }
}
