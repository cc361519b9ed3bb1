//! What a job costs the simulated GitHub, from ready to done, timers included.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use greenroom_scheduler::command::Outcome;
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::id::{JobId, RunnerId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::queue::Queue;
use greenroom_sim::github::{
    Config, Draw, GitHub, Host, Instant, Listener, Output, SetSpec, Timer,
};
use std::hint::black_box;

/// Jobs in an iteration.
const JOBS: u32 = 20_000;
/// Jobs at once: as many slots are used over and over.
const AT_ONCE: u32 = 500;
/// Milliseconds from one ready job to the next.
const GAP_MS: u64 = 20;

/// Messages that take their time, as real ones do.
struct Slow;

impl Draw for Slow {
    fn writing(&mut self, _: SetId, _: u64) -> Span {
        Span::from_ms(300)
    }

    fn travel(&mut self, _: SetId, _: u64) -> Span {
        Span::from_ms(80)
    }

    fn lost(&mut self, _: SetId, _: u64) -> bool {
        false
    }

    fn hosted_start(&mut self, _: SetId, _: JobId) -> Span {
        Span::ZERO
    }
}

struct Bench<D> {
    github: GitHub<D>,
    timers: Queue<Timer>,
    out: Vec<Output>,
    now: u64,
    serial: u32,
    sets: u32,
    forge: Forge,
}

impl<D: Draw> Bench<D> {
    fn new(draw: D, forge: Forge, sets: u32) -> Self {
        // Fifty registrations a second are beyond GitHub's limit; the cost of a job is asked here.
        let config = Config { registrations_per_5_min_max: None, ..Config::default() };
        let mut github = GitHub::new(config, Time::ZERO, draw).expect("a sound configuration");
        for _ in 0..sets {
            let (capacity, listener) = (u32::MAX, Listener::Simulated);
            let host = Host::Own { scope: 0, app: 0, capacity, listener };
            github.add_set(Time::ZERO, SetSpec { forge, host });
        }
        let (timers, out) = (Queue::default(), Vec::new());
        Self { github, timers, out, now: 0, serial: 0, sets, forge }
    }

    /// A job becomes ready, and the one that came [`AT_ONCE`] before it is done.
    fn step(&mut self) {
        self.now += GAP_MS;
        let now = Time::from_ms(self.now);
        while let (Some(at), Some(timer)) = (self.timers.next_at(), self.timers.pop_due(now)) {
            self.github.on_timer(at, timer, &mut self.timers, &mut self.out);
        }
        let (serial, slot) = (self.serial, self.serial % AT_ONCE);
        let (job, runner) = (JobId { serial, slot }, RunnerId { serial, slot });
        let set = SetId(slot % self.sets);
        let (timers, out) = (&mut self.timers, &mut self.out);
        if let Some(before) = serial.checked_sub(AT_ONCE) {
            let gone = RunnerId { serial: before, slot };
            let result = JobResult::Succeeded;
            let outcome = self.github.job_done(now, gone, result, timers, out);
            assert_eq!(outcome, Outcome::Done);
        }
        let outcome = self.github.job_ready(now, job, Some(set), None, timers, out);
        assert_eq!(outcome, Outcome::Done);
        if self.forge == Forge::Enterprise {
            // The offer comes in a message; here it is taken at once.
            assert_eq!(self.github.acquire(now, set, &[job], timers, out), Ok(1));
        }
        self.github.register(now, runner, set, timers, out);
        assert_eq!(self.github.job_started(now, runner, timers, out), Outcome::Done);
        black_box(&out);
        self.out.clear();
        self.serial += 1;
    }
}

fn jobs<D: Draw>(criterion: &mut Criterion, name: &str, mut bench: Bench<D>) {
    for _ in 0..2 * AT_ONCE {
        bench.step();
    }
    let mut group = criterion.benchmark_group("github");
    group.throughput(Throughput::Elements(u64::from(JOBS))).sample_size(20);
    group.bench_function(name, |bencher| {
        bencher.iter(|| (0..JOBS).for_each(|_| bench.step()));
    });
    group.finish();
}

fn all(criterion: &mut Criterion) {
    jobs(criterion, "job/cloud/no-delay", Bench::new(Instant, Forge::Cloud, 1));
    jobs(criterion, "job/cloud/100-sets", Bench::new(Instant, Forge::Cloud, 100));
    jobs(criterion, "job/cloud/messages-take-380-ms", Bench::new(Slow, Forge::Cloud, 1));
    jobs(criterion, "job/enterprise/no-delay", Bench::new(Instant, Forge::Enterprise, 1));
}

criterion_group!(benches, all);
criterion_main!(benches);
