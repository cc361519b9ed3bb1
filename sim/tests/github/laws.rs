//! What holds whatever happens, and in whichever order.

#![allow(clippy::unwrap_used)]

use super::naive::{Fact, Naive};
use super::world::{Clock, SET, Steady, job, own, runner};
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::github::{Config, Entry, FIRST_MESSAGE, GitHub, IdleChoice, Output, SetSpec};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What may happen to GitHub. Numbers choose among the jobs or runners that there have been.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ready,
    Register,
    Started(u32),
    Done(u32),
    Lost(u32),
    Remove(u32),
    Cancel(u32),
    Acquire(u32),
    Advertise(u32),
    /// Time passes; in seconds.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Ready),
        5 => Just(Step::Register),
        4 => (0_u32..30).prop_map(Step::Started),
        3 => (0_u32..30).prop_map(Step::Done),
        1 => (0_u32..30).prop_map(Step::Lost),
        1 => (0_u32..30).prop_map(Step::Remove),
        2 => (0_u32..30).prop_map(Step::Cancel),
        4 => (0_u32..30).prop_map(Step::Acquire),
        1 => (0_u32..8).prop_map(Step::Advertise),
        4 => prop_oneof![0_u64..100, 0_u64..1_500].prop_map(Step::Wait),
    ]
}

fn forge() -> impl Strategy<Value = Forge> {
    prop_oneof![Just(Forge::Cloud), Just(Forge::Enterprise)]
}

fn config(idle_choice: IdleChoice) -> Config {
    Config {
        long_poll_s: 0,
        confirm_s_max: 61,
        lost_runner_s: 607,
        queue_s_max: 1_009,
        idle_runner_s_max: Some(509),
        idle_choice,
        ..Config::default()
    }
}

/// GitHub with a clock, and everything it ever said.
struct Real {
    now: Time,
    github: GitHub<Steady>,
    clock: Clock,
    said: Vec<(Time, Output)>,
    jobs: u32,
    runners: u32,
}

impl Real {
    fn new(config: Config, draw: Steady, sets: &[SetSpec]) -> Self {
        let mut github = GitHub::new(config, Time::ZERO, draw).unwrap();
        for &spec in sets {
            github.add_set(Time::ZERO, spec);
        }
        let clock = Clock::default();
        Self { now: Time::ZERO, github, clock, said: vec![], jobs: 0, runners: 0 }
    }

    fn say(&mut self, out: Vec<Output>) {
        let now = self.now;
        self.said.extend(out.into_iter().map(|output| (now, output)));
    }

    fn advance(&mut self, until: Time) {
        while let Some((at, timer)) = self.clock.pop(until) {
            self.now = at;
            let mut out = vec![];
            self.github.on_timer(at, timer, &mut self.clock, &mut out);
            self.say(out);
        }
        self.now = until;
    }

    /// Takes a step that concerns `set`.
    fn take(&mut self, set: SetId, step: Step) {
        let mut out = vec![];
        let Self { now, github, clock, .. } = self;
        let (now, clock, into) = (*now, clock, &mut out);
        match step {
            Step::Ready => {
                github.job_ready(now, job(self.jobs), Some(set), None, clock, into);
                self.jobs += 1;
            }
            Step::Register => {
                github.register(now, runner(self.runners), set, clock, into);
                self.runners += 1;
            }
            Step::Started(which) => {
                github.job_started(now, runner(which), clock, into);
            }
            Step::Done(which) => {
                github.job_done(now, runner(which), JobResult::Succeeded, clock, into);
            }
            Step::Lost(which) => {
                github.runner_lost(now, runner(which), clock, into);
            }
            Step::Remove(which) => {
                github.remove(now, runner(which), clock, into);
            }
            Step::Cancel(which) => {
                github.cancel(now, job(which), clock, into);
            }
            Step::Acquire(which) => {
                let _ = github.acquire(now, set, &[job(which)], clock, into);
            }
            Step::Advertise(jobs) => {
                github.advertise(now, set, jobs, clock, into);
            }
            Step::Wait(_) => {}
        }
        self.say(out);
    }

    fn facts(&self) -> Vec<(Time, Fact)> {
        let fact = |output| match output {
            Output::Assigned { job, .. } => Some(Fact::Assigned(job.serial)),
            Output::Dispatched { job, runner } => Some(Fact::Given(job.serial, runner.serial)),
            Output::Ended { job, result, .. } => Some(Fact::Ended(job.serial, result)),
            Output::Dropped { runner, .. } => Some(Fact::Dropped(runner.serial)),
            _ => None,
        };
        self.said.iter().filter_map(|&(at, output)| Some((at, fact(output)?))).collect()
    }
}

fn mirror(naive: &mut Naive, now: Time, real: &Real, step: Step) {
    match step {
        Step::Ready => naive.ready(now, real.jobs - 1),
        Step::Register => naive.register(now, real.runners - 1),
        Step::Started(which) => naive.started(which),
        Step::Done(which) => naive.done(now, which),
        Step::Lost(which) => naive.lost(now, which),
        Step::Remove(which) => naive.remove(which),
        Step::Cancel(which) => naive.cancel(now, which),
        Step::Acquire(which) => naive.acquire(now, which),
        Step::Advertise(jobs) => naive.advertise(now, jobs),
        Step::Wait(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Every queue in order, one job for a runner, room never exceeded, nothing lost: the same
    /// facts at the same times as the plainest description gives.
    #[test]
    fn github_does_what_its_plainest_description_says(
        forge in forge(),
        newest_first in any::<bool>(),
        capacity in 0_u32..8,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let choice = if newest_first { IdleChoice::NewestFirst } else { IdleChoice::OldestFirst };
        let mut real = Real::new(config(choice), Steady::default(), &[own(forge, capacity)]);
        let mut naive = Naive::new(config(choice), forge, capacity);
        let mut now = Time::ZERO;
        for (nth, step) in steps.into_iter().enumerate() {
            // Every step has a millisecond of its own, so that no two of them are due together:
            // all delays are whole seconds.
            let wait_s = if let Step::Wait(secs) = step { secs } else { 0 };
            now = Time::from_ms((now.as_ms() / 1000 + wait_s + 1) * 1000 + nth as u64);
            real.advance(now);
            naive.advance(now);
            real.take(SET, step);
            mirror(&mut naive, now, &real, step);

            prop_assert_eq!(real.github.counts(SET).unwrap(), naive.counts(), "{:?}", step);
            prop_assert_eq!(real.github.queued(SET), naive.queued());
            let seen = real.github.observe();
            let mut runners: Vec<_> = seen
                .runners
                .iter()
                .map(|seen| (seen.runner.serial, seen.job.map(|job| job.serial)))
                .collect();
            runners.sort_unstable();
            prop_assert_eq!(runners, naive.runners());
            let ended =
                naive.log.iter().filter(|(_, fact)| matches!(fact, Fact::Ended(..))).count();
            let known = naive.waiting() + naive.on_runners() + ended;
            prop_assert_eq!(known, real.jobs as usize, "arrived = waiting + running + ended");
        }
        let end = now + Span::from_secs(100_000);
        real.advance(end);
        naive.advance(end);
        prop_assert_eq!(real.facts(), naive.log);
    }

    /// Messages come one after the other, hold at most 50 entries, tell every change once and in
    /// order, and the last one's statistics are those of the service.
    #[test]
    fn messages_add_up(
        forge in forge(),
        writing_ms in 0_u64..3_000,
        travel_ms in 0_u64..3_000,
        lost in prop::collection::vec(0_u64..20, 0..4),
        burst in 1_u32..150,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let draw = Steady {
            writing: Span::from_ms(writing_ms),
            travel: Span::from_ms(travel_ms),
            lost,
            ..Steady::default()
        };
        let mut real = Real::new(config(IdleChoice::OldestFirst), draw, &[own(forge, 100)]);
        for _ in 0..burst {
            real.take(SET, Step::Ready);
        }
        for step in steps {
            let wait_s = if let Step::Wait(secs) = step { secs } else { 0 };
            real.advance(real.now + Span::from_secs(wait_s));
            real.take(SET, step);
        }
        real.advance(real.now + Span::from_secs(100_000));

        let (mut next, mut left, mut counts) = (FIRST_MESSAGE, 0, None);
        let mut told: BTreeMap<JobId, Vec<Entry>> = BTreeMap::new();
        for &(_, output) in &real.said {
            match output {
                Output::Message { message, counts: newest, entries, .. } => {
                    prop_assert_eq!((message, left), (next, 0));
                    prop_assert!(entries as usize <= greenroom_sim::github::ENTRIES_MAX);
                    (next, left, counts) = (next + 1, entries, Some(newest));
                }
                Output::Told { entry, .. } => {
                    left -= 1;
                    told.entry(entry.job()).or_default().push(entry);
                }
                _ => {}
            }
        }
        prop_assert_eq!(left, 0);
        prop_assert_eq!(counts, real.github.counts(SET), "the last word is the truth");
        for (job, entries) in told {
            let ranks: Vec<_> = entries.iter().map(|&entry| rank(entry)).collect();
            prop_assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{job}: {entries:?}");
            let first = u32::from(forge == Forge::Cloud);
            prop_assert_eq!(ranks[0], first, "{} is told from its beginning", job);
        }
    }

    /// What happens to one set is the same whatever happens to others in between, and in whichever
    /// order sets are served at an instant.
    #[test]
    fn sets_do_not_disturb_each_other(
        forges in (forge(), forge()),
        steps in prop::collection::vec((any::<bool>(), step()), 1..80),
    ) {
        let specs = [own(forges.0, 3), own(forges.1, 3)];
        let draw = Steady { writing: Span::from_ms(200), travel: Span::from_ms(50), ..Steady::default() };
        let alone = |which: u32| {
            let spec = specs[which as usize];
            let mut real = Real::new(config(IdleChoice::OldestFirst), draw.clone(), &[spec]);
            for &(second, step) in &steps {
                if u32::from(second) == which {
                    real.take(SET, step);
                }
                if let Step::Wait(secs) = step {
                    real.advance(real.now + Span::from_secs(secs));
                }
            }
            real.said.iter().map(|&(at, output)| (at, stripped(output))).collect::<Vec<_>>()
        };
        // Together: steps of one instant, first all of one set, then all of the other.
        for first in [0_u32, 1] {
            let mut real = Pair::new(&specs, &draw);
            let mut instant = vec![];
            for &(second, step) in &steps {
                instant.push((u32::from(second), step));
                if let Step::Wait(secs) = step {
                    real.take_all(&mut instant, first);
                    real.advance(Span::from_secs(secs));
                }
            }
            real.take_all(&mut instant, first);
            for which in [0, 1] {
                prop_assert_eq!(&real.said_by(which), &alone(which));
            }
        }
    }

    /// Predecessors in any order, repeated or not: the successor is released by the last of them,
    /// a gap after its end.
    #[test]
    fn a_successor_follows_the_last_of_its_predecessors(
        ends in prop::collection::vec(0_u64..50, 1..8),
        held_at in 0_u64..60,
        gap in 0_u64..20,
        rotate in 0_usize..8,
    ) {
        let mut github = GitHub::new(Config::default(), Time::ZERO, Steady::default()).unwrap();
        let (mut clock, mut out) = (Clock::default(), vec![]);
        let count = ends.len() as u32;
        let mut needs: Vec<u32> = (0..count).chain(0..count).collect();
        needs.rotate_left(rotate % (2 * count as usize));
        let mut happens: Vec<(u64, u32)> = ends.iter().copied().zip(0..count).collect();
        happens.push((held_at, count));
        happens.sort_unstable();
        (0..count).for_each(|serial| github.expect_successors(serial));
        for (at_s, serial) in happens {
            let now = Time::from_ms(at_s * 1000);
            drain(&mut github, &mut clock, &mut out, now);
            if serial == count {
                let gap = Span::from_secs(gap);
                github.hold(now, job(count), &needs, gap, &mut clock, &mut out);
            } else {
                github.settle(now, job(serial), &mut clock, &mut out);
            }
            drain(&mut github, &mut clock, &mut out, now);
        }
        let last_s = *ends.iter().max().unwrap();
        let ready_at = (last_s + gap).max(held_at);
        drain(&mut github, &mut clock, &mut out, Time::from_ms((ready_at * 1000).saturating_sub(1)));
        prop_assert_eq!(out.is_empty(), ready_at > last_s.max(held_at));
        drain(&mut github, &mut clock, &mut out, Time::from_ms(ready_at * 1000));
        let [Output::Ready { by: Some(by), .. }] = out[..] else { panic!("{out:?}") };
        prop_assert_eq!(ends[by as usize], last_s);
        prop_assert_eq!(github.predecessors_unknown(), 0);
    }
}

fn drain(github: &mut GitHub<Steady>, clock: &mut Clock, out: &mut Vec<Output>, until: Time) {
    while let Some((at, timer)) = clock.pop(until) {
        github.on_timer(at, timer, clock, out);
    }
}

const fn rank(entry: Entry) -> u32 {
    match entry {
        Entry::Available { .. } => 0,
        Entry::Assigned { .. } => 1,
        Entry::Started { .. } => 2,
        Entry::Completed { .. } => 3,
    }
}

/// An output without the number of its set.
fn stripped(output: Output) -> Output {
    match output {
        Output::Message { message, counts, entries, .. } => {
            Output::Message { set: SET, message, counts, entries }
        }
        Output::Told { entry, .. } => Output::Told { set: SET, entry },
        Output::Assigned { job, .. } => Output::Assigned { set: SET, job },
        other => other,
    }
}

/// Two sets in one GitHub, each with numbers of its own for jobs and runners.
struct Pair {
    real: Real,
    jobs: [u32; 2],
    runners: [u32; 2],
}

/// Numbers of the second set begin here.
const SECOND: u32 = 1_000;

impl Pair {
    fn new(specs: &[SetSpec; 2], draw: &Steady) -> Self {
        let real = Real::new(config(IdleChoice::OldestFirst), draw.clone(), specs);
        Self { real, jobs: [0, SECOND], runners: [0, SECOND] }
    }

    fn take_all(&mut self, instant: &mut Vec<(u32, Step)>, first: u32) {
        for which in [first, 1 - first] {
            for &(of, step) in instant.iter() {
                if of == which {
                    self.take(of, step);
                }
            }
        }
        instant.clear();
    }

    fn take(&mut self, of: u32, step: Step) {
        let (index, base) = (of as usize, of * SECOND);
        self.real.jobs = self.jobs[index];
        self.real.runners = self.runners[index];
        let step = match step {
            Step::Started(which) => Step::Started(base + which),
            Step::Done(which) => Step::Done(base + which),
            Step::Lost(which) => Step::Lost(base + which),
            Step::Remove(which) => Step::Remove(base + which),
            Step::Cancel(which) => Step::Cancel(base + which),
            Step::Acquire(which) => Step::Acquire(base + which),
            other => other,
        };
        self.real.take(SetId(of), step);
        self.jobs[index] = self.real.jobs;
        self.runners[index] = self.real.runners;
    }

    fn advance(&mut self, by: Span) {
        self.real.advance(self.real.now + by);
    }

    /// What concerns one of the sets, in the numbers that it would have alone.
    fn said_by(&self, which: u32) -> Vec<(Time, Output)> {
        let mine = |output: &Output| {
            numbers(*output).iter().all(|&number| u32::from(number >= SECOND) == which)
                && set_of(*output).is_none_or(|set| set.0 == which)
        };
        let said = self.real.said.iter().filter(|(_, output)| mine(output));
        said.map(|&(at, output)| (at, stripped(renumbered(output)))).collect()
    }
}

fn set_of(output: Output) -> Option<SetId> {
    match output {
        Output::Message { set, .. } | Output::Told { set, .. } | Output::Assigned { set, .. } => {
            Some(set)
        }
        _ => None,
    }
}

fn numbers(output: Output) -> BTreeSet<u32> {
    match output {
        Output::Told { entry, .. } => BTreeSet::from([entry.job().serial]),
        Output::Assigned { job, .. } | Output::Stop { job, .. } | Output::Ended { job, .. } => {
            BTreeSet::from([job.serial])
        }
        Output::Dispatched { job, runner } => BTreeSet::from([job.serial, runner.serial]),
        Output::Registered { runner } | Output::Dropped { runner, .. } => {
            BTreeSet::from([runner.serial])
        }
        _ => BTreeSet::new(),
    }
}

fn renumbered(output: Output) -> Output {
    let j = |of: JobId| job(of.serial % SECOND);
    let r = |of: greenroom_scheduler::id::RunnerId| runner(of.serial % SECOND);
    match output {
        Output::Told { set, entry } => Output::Told {
            set,
            entry: match entry {
                Entry::Available { job } => Entry::Available { job: j(job) },
                Entry::Assigned { job } => Entry::Assigned { job: j(job) },
                Entry::Started { job, runner } => Entry::Started { job: j(job), runner: r(runner) },
                Entry::Completed { job, runner, result } => {
                    Entry::Completed { job: j(job), runner: runner.map(r), result }
                }
            },
        },
        Output::Assigned { set, job } => Output::Assigned { set, job: j(job) },
        Output::Registered { runner } => Output::Registered { runner: r(runner) },
        Output::Dispatched { job, runner } => Output::Dispatched { job: j(job), runner: r(runner) },
        Output::Stop { job, runner } => Output::Stop { job: j(job), runner: runner.map(r) },
        Output::Ended { job, runner, result } => {
            Output::Ended { job: j(job), runner: runner.map(r), result }
        }
        Output::Dropped { runner, why } => Output::Dropped { runner: r(runner), why },
        other => other,
    }
}
