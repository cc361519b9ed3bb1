//! The optimum without waiting as a timetable, so that it can be run.

use crate::engine::outbox::Outbox;
use crate::registry::Registry;
use crate::run::{Foreknown, Herald, Plan, WorldPlan};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::policy::oracle::{Step, Timetable};
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::{Arrival, Name};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Takes arrivals as a run would, and makes what the policy `oracle` follows: for one-slot nodes the
/// last-in-first-out replay of [`crate::bound`], step 2. Limits of teams and pools are not looked
/// at. Jobs that were given up in the record are served like others: nobody can choose which job
/// of a set a runner gets.
pub struct Oracle<'p> {
    plan: &'p Plan,
    registry: Registry,
    events: Vec<Event>,
    heralds: Vec<Herald>,
    /// By fleet, when jobs come and how long they take.
    fleets: Vec<Vec<(u64, u64)>>,
    first: Option<Time>,
}

impl<'p> Oracle<'p> {
    /// No arrival yet. `plan` is the run's.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            registry: Registry::new(plan.rules.clone()),
            events: Vec::new(),
            heralds: Vec::new(),
            fleets: Vec::new(),
            first: None,
        }
    }

    /// Takes the next arrival, in order of `enter`.
    pub fn take<'t>(&mut self, job: &Arrival, text: impl Fn(Name) -> &'t str) {
        let WorldPlan::OneSlot(world) = &self.plan.world else { return };
        let known = self.registry.sets().len();
        let mut nowhere = ();
        let mut out = Outbox::new(job.enter, &mut nowhere, &mut self.events);
        let place = self.registry.place(job, &text, &mut out);
        self.events.clear();
        let sets = self.registry.sets();
        if sets.len() > known {
            self.heralds.push(Herald::new(*job, &text));
        }
        let fleet = sets[place.set.index()].spec.fleet.index();
        if fleet >= self.fleets.len() {
            self.fleets.resize_with(fleet + 1, Vec::new);
        }
        self.first.get_or_insert(job.enter);
        let busy = world.dispatch + job.duration.max(world.duration_min);
        self.fleets[fleet].push((job.ready.max(job.enter).as_ms(), busy.as_ms()));
    }

    /// What the run has to be told before it begins. None for a world whose nodes hold several jobs.
    pub fn finish(self) -> Option<Foreknown> {
        let WorldPlan::OneSlot(world) = &self.plan.world else { return None };
        // The first node is launched before the first job comes, but not before time begins.
        let first = self.first.unwrap_or_default().since(Time::ZERO);
        let later_by = world.boot_least().saturating_sub(first);
        let timetables = self.fleets.into_iter().map(|mut jobs| {
            jobs.sort_unstable();
            timetable(&jobs, world.boot_least(), later_by)
        });
        Some(Foreknown { later_by, heralds: self.heralds, timetables: timetables.collect() })
    }
}

/// The steps of the optimum for one fleet, everything `later_by` so much.
fn timetable(jobs: &[(u64, u64)], boot: Span, later_by: Span) -> Timetable {
    let (boot_ms, later_ms) = (boot.as_ms(), later_by.as_ms());
    let mut changes: BTreeMap<u64, i64> = BTreeMap::new();
    let mut ends: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    // Nodes that are empty, by when they became so: the last used one is used first.
    let mut empty: Vec<u64> = Vec::new();
    for &(ready_ms, busy_ms) in jobs {
        while let Some(&Reverse(end_ms)) = ends.peek()
            && end_ms <= ready_ms
        {
            ends.pop();
            empty.push(end_ms);
        }
        match empty.pop() {
            Some(since_ms) if ready_ms - since_ms <= boot_ms => {}
            other => {
                // All of them have been empty for longer than a boot takes: none was kept.
                for since_ms in other.into_iter().chain(empty.drain(..)) {
                    *changes.entry(since_ms + later_ms).or_default() -= 1;
                }
                *changes.entry(ready_ms + later_ms - boot_ms).or_default() += 1;
            }
        }
        ends.push(Reverse(ready_ms + busy_ms));
    }
    for since_ms in empty.into_iter().chain(ends.into_iter().map(|Reverse(end_ms)| end_ms)) {
        *changes.entry(since_ms + later_ms).or_default() -= 1;
    }
    let mut places = 0;
    let steps = changes.into_iter().filter(|(_, by)| *by != 0).map(|(at_ms, by)| {
        places += by;
        Step { at: Time::from_ms(at_ms), places: u32::try_from(places).unwrap_or(0) }
    });
    Timetable { steps: steps.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two jobs at once, a third that is worth keeping a node for, a fourth that is not.
    #[test]
    fn nodes_boot_before_jobs_come_and_stay_only_where_that_is_cheaper() {
        let jobs = [(100, 50), (100, 50), (180, 50), (900, 50)];
        let got = timetable(&jobs, Span::from_ms(60), Span::ZERO);
        let steps: Vec<(u64, u32)> =
            got.steps.iter().map(|step| (step.at.as_ms(), step.places)).collect();
        assert_eq!(steps, [(40, 2), (150, 1), (230, 0), (840, 1), (950, 0)]);
    }
}
