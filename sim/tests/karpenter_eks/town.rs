//! A small town: jobs that somebody made up, and everything that became of them.

use greenroom_reports::replay::Replay;
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{JobId, NodeId, RunnerId};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use greenroom_scheduler::verdict::{Round, Verdict};
use greenroom_sim::catalogue::Catalogue;
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Layer};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::run::run;
use greenroom_sim::setup::{self, Seed};
use greenroom_traces::arrival::{Arrival, Conclusion, Forge, Name, Trigger};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A job: when it becomes ready and how long it runs, in seconds, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) at_s: u64,
    pub(super) runs_s: u64,
    pub(super) team: &'static str,
    pub(super) forge: Forge,
    /// Seconds after which it is given up.
    pub(super) patience_s: Option<u64>,
}

/// A job of nobody in particular.
pub(super) const fn job(at_s: u64, runs_s: u64) -> Job {
    Job { at_s, runs_s, team: "", forge: Forge::Cloud, patience_s: None }
}

/// The town's jobs, in order of time.
struct Jobs<'a> {
    jobs: &'a [Job],
    next: usize,
}

impl Jobs<'_> {
    /// A team is called by the first job of it.
    fn team(&self, team: &str) -> Name {
        if team.is_empty() {
            return Name::NONE;
        }
        let first = self.jobs.iter().position(|job| job.team == team);
        Name(1 + first.expect("it is one of them") as u32)
    }
}

impl Arrivals for Jobs<'_> {
    type Error = Infallible;

    fn peek(&mut self) -> Result<Option<Time>, Infallible> {
        Ok(self.jobs.get(self.next).map(|job| Time::from_ms(job.at_s * 1_000)))
    }

    fn take(&mut self) -> Arrival {
        let job = self.jobs[self.next];
        let row = self.next as u32;
        self.next += 1;
        let ready = Time::from_ms(job.at_s * 1_000);
        Arrival {
            row,
            enter: ready,
            ready,
            recorded_start: None,
            duration: Span::from_secs(job.runs_s),
            patience: job.patience_s.map(Span::from_secs),
            gap: Span::ZERO,
            run: None,
            predecessors: 0,
            has_successors: false,
            conclusion: Conclusion::Success,
            forge: job.forge,
            trigger: Trigger::Push,
            class: Name::NONE,
            team: self.team(job.team),
            repository: Name::NONE,
            workflow: Name::NONE,
            job: Name::NONE,
            group: Name::NONE,
            size: None,
        }
    }

    fn needs(&self) -> &[u32] {
        &[]
    }

    fn text(&self, name: Name) -> &str {
        match name {
            Name::NONE => "",
            Name(number) => self.jobs[number as usize - 1].team,
        }
    }
}

/// What happened, in order.
#[derive(Default)]
pub(super) struct Story {
    pub(super) facts: Vec<(Time, Fact)>,
}

impl Sink for &mut Story {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if let Entry::Fact(fact) = entry {
            self.facts.push((at, fact.clone()));
        }
    }
}

/// Karpenter claims the nodes; one pool of runners with 4 vCPU and 8 GiB on machines of at most 16.
const USUAL: [&str; 5] = [
    "policy.name=\"reactive\"",
    "nodes.by=\"karpenter\"",
    "pool.default.requests={ cpu = 4, memory = \"8GiB\" }",
    "pool.default.families=[\"m7i\"]",
    "pool.default.cpu_max=16",
];

pub(super) fn played(settings: &[&str], jobs: &[Job]) -> Story {
    let layers: Vec<Layer> = USUAL.iter().chain(settings).map(|set| Layer::set(set)).collect();
    let config = config::load(&layers).unwrap();
    let plan = setup::plan(&config, Seed { seed: 3, replication: 0 }, None, None).unwrap();
    let (mut story, mut laws, mut replay) = (Story::default(), Laws::default(), Replay::new());
    let feed = Jobs { jobs, next: 0 };
    run(&plan, feed, (&mut laws, (&mut story, &mut replay))).unwrap();
    assert_eq!(laws.breaches(), (&[][..], 0));
    let last = story.facts.last().map_or(Time::ZERO, |(at, _)| *at);
    replay.finish(last).unwrap();
    story
}

impl Story {
    /// Each fact that `pick` takes, with its time.
    pub(super) fn all<T>(&self, pick: impl Fn(&Fact) -> Option<T>) -> Vec<(Time, T)> {
        self.facts.iter().filter_map(|(at, fact)| Some((*at, pick(fact)?))).collect()
    }

    pub(super) fn rounds(&self) -> Vec<(Time, Round)> {
        self.all(|fact| if let Fact::Provisioned(round) = fact { Some(*round) } else { None })
    }

    pub(super) fn verdicts(&self) -> Vec<(Time, (NodeId, Verdict))> {
        self.all(|fact| match fact {
            Fact::NodeJudged { node, verdict } => Some((*node, *verdict)),
            _ => None,
        })
    }

    /// When a verdict of this kind was first passed.
    pub(super) fn first(&self, is: impl Fn(&Verdict) -> bool) -> Option<(Time, NodeId)> {
        let found = self.verdicts().into_iter().find(|(_, (_, verdict))| is(verdict));
        found.map(|(at, (node, _))| (at, node))
    }

    pub(super) fn starts(&self) -> Vec<(Time, (JobId, Option<RunnerId>))> {
        self.all(|fact| match fact {
            Fact::JobStarted { job, runner, .. } => Some((*job, *runner)),
            _ => None,
        })
    }

    pub(super) fn ends(&self) -> usize {
        self.all(|fact| matches!(fact, Fact::JobEnded { .. }).then_some(())).len()
    }

    pub(super) fn losses(&self) -> usize {
        self.all(|fact| matches!(fact, Fact::AttemptLost { .. }).then_some(())).len()
    }

    pub(super) fn bound(&self) -> Vec<(Time, (RunnerId, NodeId))> {
        self.all(|fact| match fact {
            Fact::RunnerBound { runner, node } => Some((*runner, *node)),
            _ => None,
        })
    }

    pub(super) fn gone(&self, node: NodeId) -> Option<Time> {
        let end = |fact: &Fact| matches!(fact, Fact::NodeGone { node: it, .. } if *it == node);
        self.facts.iter().find(|(_, fact)| end(fact)).map(|(at, _)| *at)
    }

    pub(super) fn over(&self) -> Time {
        let end = |fact: &&(Time, Fact)| matches!(fact.1, Fact::RunEnded { .. });
        self.facts.iter().find(end).unwrap().0
    }

    /// The most vCPU that ran at once, of nodes bought in one way or in any.
    pub(super) fn vcpu_max(&self) -> u32 {
        let catalogue = Catalogue::embedded();
        let mut running = BTreeMap::new();
        let mut most = 0;
        for (_, fact) in &self.facts {
            match fact {
                Fact::NodeLaunched { node, machine, .. } => {
                    let kind = catalogue.get(machine.instance_type).unwrap();
                    running.insert(*node, kind.vcpu);
                }
                Fact::NodeGone { node, .. } => drop(running.remove(node)),
                _ => {}
            }
            most = most.max(running.values().sum());
        }
        most
    }

    /// Rounds that found no room for somebody, and what for.
    pub(super) fn left(&self) -> Vec<Cause> {
        self.rounds()
            .iter()
            .filter(|(_, round)| round.left > 0)
            .filter_map(|(_, r)| r.cause)
            .collect()
    }
}
