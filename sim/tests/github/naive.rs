//! GitHub for one set, written as plainly as possible: lists that are searched from end to end.

use greenroom_scheduler::event::{Counts, JobResult};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::github::{Config, IdleChoice};

/// What both must agree on, with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Assigned(u32),
    Given(u32, u32),
    Ended(u32, JobResult),
    Dropped(u32),
}

#[derive(Clone, Copy, Debug)]
struct Job {
    serial: u32,
    queued_at: Time,
    tries: u32,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    job: Job,
    runner: u32,
    since: Time,
    runs: bool,
    lost: bool,
    stopping: bool,
}

#[derive(Debug)]
pub(crate) struct Naive {
    config: Config,
    forge: Forge,
    pub(crate) capacity: u32,
    queued: Vec<Job>,
    offered: Vec<Job>,
    assigned: Vec<Job>,
    idle: Vec<(u32, Time)>,
    pairs: Vec<Pair>,
    pub(crate) log: Vec<(Time, Fact)>,
}

impl Naive {
    pub(crate) fn new(config: Config, forge: Forge, capacity: u32) -> Self {
        Self {
            config,
            forge,
            capacity,
            queued: vec![],
            offered: vec![],
            assigned: vec![],
            idle: vec![],
            pairs: vec![],
            log: vec![],
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let runs = self.pairs.iter().filter(|pair| pair.runs).count();
        Counts {
            available: self.offered.len() as u32,
            assigned: (self.assigned.len() + self.pairs.len()) as u32,
            running: runs as u32,
        }
    }

    pub(crate) fn queued(&self) -> u32 {
        self.queued.len() as u32
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queued.len() + self.offered.len() + self.assigned.len()
    }

    pub(crate) fn on_runners(&self) -> usize {
        self.pairs.len()
    }

    /// Registered runners and their jobs.
    pub(crate) fn runners(&self) -> Vec<(u32, Option<u32>)> {
        let busy = self.pairs.iter().map(|pair| (pair.runner, Some(pair.job.serial)));
        let mut all: Vec<_> = self.idle.iter().map(|&(runner, _)| (runner, None)).collect();
        all.extend(busy);
        all.sort_unstable();
        all
    }

    pub(crate) fn ready(&mut self, now: Time, serial: u32) {
        self.queued.push(Job { serial, queued_at: now, tries: 0 });
        self.settle(now);
    }

    pub(crate) fn advertise(&mut self, now: Time, jobs: u32) {
        self.capacity = jobs;
        self.settle(now);
    }

    pub(crate) fn acquire(&mut self, now: Time, serial: u32) {
        if let Some(at) = self.offered.iter().position(|job| job.serial == serial) {
            let job = self.offered.remove(at);
            self.assign(now, job);
        }
        self.settle(now);
    }

    pub(crate) fn register(&mut self, now: Time, runner: u32) {
        self.idle.push((runner, now));
        self.settle(now);
    }

    pub(crate) fn remove(&mut self, runner: u32) {
        self.idle.retain(|&(other, _)| other != runner);
    }

    pub(crate) fn started(&mut self, runner: u32) {
        for pair in &mut self.pairs {
            if pair.runner == runner && !pair.lost {
                pair.runs = true;
            }
        }
    }

    pub(crate) fn done(&mut self, now: Time, runner: u32) {
        let found = self.pairs.iter().position(|pair| pair.runner == runner && !pair.lost);
        if let Some(at) = found {
            let pair = self.pairs.remove(at);
            self.log.push((now, Fact::Ended(pair.job.serial, JobResult::Succeeded)));
        }
        self.settle(now);
    }

    pub(crate) fn lost(&mut self, now: Time, runner: u32) {
        self.remove(runner);
        for pair in &mut self.pairs {
            if pair.runner == runner && !pair.lost {
                pair.lost = true;
                if pair.runs {
                    pair.since = now;
                }
            }
        }
    }

    pub(crate) fn cancel(&mut self, now: Time, serial: u32) {
        let before = self.waiting();
        for list in [&mut self.queued, &mut self.offered, &mut self.assigned] {
            list.retain(|job| job.serial != serial);
        }
        if self.waiting() < before {
            self.log.push((now, Fact::Ended(serial, JobResult::Cancelled)));
        }
        for pair in &mut self.pairs {
            pair.stopping |= pair.job.serial == serial;
        }
        self.settle(now);
    }

    /// Everything that is due up to `until`, the earliest first.
    pub(crate) fn advance(&mut self, until: Time) {
        while let Some((at, due)) = self.next_due() {
            if at > until {
                return;
            }
            match due {
                Due::Expiry(serial) => {
                    for list in [&mut self.queued, &mut self.offered, &mut self.assigned] {
                        list.retain(|job| job.serial != serial);
                    }
                    self.log.push((at, Fact::Ended(serial, JobResult::Expired)));
                }
                Due::Reap(runner) => {
                    self.remove(runner);
                    self.log.push((at, Fact::Dropped(runner)));
                }
                Due::Pair(runner) => self.end_pair(at, runner),
            }
            self.settle(at);
        }
    }

    fn end_pair(&mut self, at: Time, runner: u32) {
        let place = self.pairs.iter().position(|pair| pair.runner == runner).unwrap();
        let Pair { mut job, runs, lost, stopping, .. } = self.pairs.remove(place);
        if !runs && !lost {
            self.log.push((at, Fact::Dropped(runner)));
        }
        job.tries += 1;
        if stopping {
            self.log.push((at, Fact::Ended(job.serial, JobResult::Cancelled)));
        } else if runs || job.tries > self.config.reassignments_max {
            self.log.push((at, Fact::Ended(job.serial, JobResult::Lost)));
        } else if job.queued_at + Span::from_secs(self.config.queue_s_max) <= at {
            self.log.push((at, Fact::Ended(job.serial, JobResult::Expired)));
        } else {
            self.assigned.push(job);
            self.assigned.sort_by_key(|job| job.serial);
        }
    }

    fn next_due(&self) -> Option<(Time, Due)> {
        let secs = Span::from_secs;
        let mut due = vec![];
        for job in self.queued.iter().chain(&self.offered).chain(&self.assigned) {
            due.push((job.queued_at + secs(self.config.queue_s_max), Due::Expiry(job.serial)));
        }
        for &(runner, since) in &self.idle {
            due.push((since + secs(self.config.idle_runner_s_max.unwrap()), Due::Reap(runner)));
        }
        for pair in &self.pairs {
            if !pair.runs {
                let at = pair.since + secs(self.config.confirm_s_max);
                due.push((at, Due::Pair(pair.runner)));
            } else if pair.lost {
                let at = pair.since + secs(self.config.lost_runner_s);
                due.push((at, Due::Pair(pair.runner)));
            }
        }
        due.into_iter().min_by_key(|&(at, _)| at)
    }

    fn assign(&mut self, now: Time, job: Job) {
        self.log.push((now, Fact::Assigned(job.serial)));
        self.assigned.push(job);
        // The oldest first: serials rise with age.
        self.assigned.sort_by_key(|job| job.serial);
        self.give(now);
    }

    fn settle(&mut self, now: Time) {
        self.give(now);
        while !self.queued.is_empty() {
            let counts = self.counts();
            if counts.available + counts.assigned >= self.capacity {
                break;
            }
            let job = self.queued.remove(0);
            match self.forge {
                Forge::Cloud => self.assign(now, job),
                Forge::Enterprise => self.offered.push(job),
            }
        }
    }

    fn give(&mut self, now: Time) {
        while !self.assigned.is_empty() && !self.idle.is_empty() {
            let job = self.assigned.remove(0);
            let (runner, _) = match self.config.idle_choice {
                IdleChoice::OldestFirst => self.idle.remove(0),
                IdleChoice::NewestFirst => self.idle.pop().unwrap(),
            };
            self.log.push((now, Fact::Given(job.serial, runner)));
            let pair = Pair { job, runner, since: now, runs: false, lost: false, stopping: false };
            self.pairs.push(pair);
        }
    }
}

#[derive(Clone, Copy)]
enum Due {
    Expiry(u32),
    Reap(u32),
    Pair(u32),
}
