//! The queue of timers against a plain sorted list.

use greenroom_scheduler::time::Time;
use greenroom_sim::engine::queue::Queue;
use greenroom_sim::engine::timers::{Key, Timers};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Timer {
    kind: usize,
    slot: usize,
}

impl Key for Timer {
    const KINDS: usize = 4;

    fn place(self) -> (usize, usize) {
        (self.kind, self.slot)
    }

    fn at(kind: usize, slot: usize) -> Self {
        Self { kind, slot }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Set(u64, Timer),
    Cancel(Timer),
    Advance(u64),
    /// Takes one timer even if more are due, so that others are set in between.
    PopOne,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let timer = || (0..Timer::KINDS, 0..12_usize).prop_map(|(kind, slot)| Timer { kind, slot });
    // From a few milliseconds, among which there are ties, to hours.
    let span = || prop_oneof![4 => 0..40_u64, 2 => 0..5_000_u64, 1 => 0..20_000_000_u64];
    let step = prop_oneof![
        6 => (span(), timer()).prop_map(|(after, timer)| Step::Set(after, timer)),
        2 => timer().prop_map(Step::Cancel),
        2 => (0..15_u64).prop_map(Step::Advance),
        1 => span().prop_map(Step::Advance),
        3 => Just(Step::PopOne),
    ];
    prop::collection::vec(step, 1..300)
}

/// Set timers in the order in which they ring: by time, then by when they were set.
#[derive(Default)]
struct List(Vec<(u64, usize, Timer)>);

impl List {
    fn set(&mut self, at: u64, nth: usize, timer: Timer) {
        self.cancel(timer);
        self.0.push((at, nth, timer));
        self.0.sort_unstable_by_key(|&(at, nth, _)| (at, nth));
    }

    fn cancel(&mut self, timer: Timer) {
        self.0.retain(|&(_, _, set)| set != timer);
    }

    fn pop_due(&mut self, now: u64) -> Option<Timer> {
        let is_due = self.0.first().is_some_and(|&(at, _, _)| at <= now);
        is_due.then(|| self.0.remove(0).2)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_rings_like_a_sorted_list(steps in steps()) {
        let (mut queue, mut list) = (Queue::<Timer>::default(), List::default());
        let mut now = 0;
        for (nth, step) in steps.into_iter().enumerate() {
            match step {
                Step::Set(after, timer) => {
                    queue.set(Time::from_ms(now + after), timer);
                    list.set(now + after, nth, timer);
                }
                Step::Cancel(timer) => {
                    queue.cancel(timer);
                    list.cancel(timer);
                }
                Step::Advance(by) => {
                    now += by;
                    while let Some(timer) = queue.pop_due(Time::from_ms(now)) {
                        prop_assert_eq!(list.pop_due(now), Some(timer));
                    }
                    prop_assert_eq!(list.pop_due(now), None);
                }
                Step::PopOne => {
                    prop_assert_eq!(queue.pop_due(Time::from_ms(now)), list.pop_due(now));
                }
            }
            prop_assert_eq!(queue.len(), list.0.len());
            prop_assert_eq!(queue.is_empty(), list.0.is_empty());
            let next = list.0.first().map(|&(at, _, _)| Time::from_ms(at));
            prop_assert_eq!(queue.next_at(), next);
        }
    }
}

#[test]
fn a_timer_that_is_set_into_the_past_rings_before_those_that_are_due() {
    let (mut queue, at) = (Queue::<Timer>::default(), Time::from_ms);
    let timer = |slot| Timer { kind: 0, slot };
    for slot in 0..3 {
        queue.set(at(5_000), timer(slot));
    }
    assert_eq!(queue.pop_due(at(6_000)), Some(timer(0)));
    queue.set(at(4_000), timer(3));
    queue.set(at(3_000), timer(4));
    queue.set(at(4_000), timer(5));
    let rest: Vec<usize> =
        std::iter::from_fn(|| queue.pop_due(at(6_000))).map(|t| t.slot).collect();
    assert_eq!(rest, [4, 3, 5, 1, 2]);
    assert!(queue.is_empty());
}
