//! Entry streams made by hand: a scenario reads as the story that it tells.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::return_self_not_must_use)]

use greenroom_scheduler::decision::{Cause, Decision};
use greenroom_scheduler::event::{Event, JobResult, Machine, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Line, Naming, Stage};
use greenroom_scheduler::id::{
    FleetId, JobId, NodeId, PoolId, RunId, RunnerId, SetId, TeamId, TypeId, ZoneId,
};
use greenroom_scheduler::journal::{OwnedEntry, Sink};
use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};

/// Entries in order, and the time at which the next one happens.
#[derive(Clone, Default)]
pub struct Stream {
    pub entries: Vec<(Time, OwnedEntry)>,
    now: Time,
}

/// Ids whose slot is their serial: nothing is used twice in a short story.
pub const fn job(serial: u32) -> JobId {
    JobId { serial, slot: serial }
}
pub const fn runner(serial: u32) -> RunnerId {
    RunnerId { serial, slot: serial }
}
pub const fn node(serial: u32) -> NodeId {
    NodeId { serial, slot: serial }
}
pub const fn usd(usd: f64) -> Money {
    Money::from_micros((usd * 1e6) as i64)
}

pub const SMALL: Resources = Resources { cpu_milli: 4_000, memory_mib: 16_384, gpu: 0 };
pub const LARGE: Resources = Resources { cpu_milli: 16_000, memory_mib: 65_536, gpu: 0 };

impl Stream {
    pub fn new() -> Self {
        Self::default()
    }

    /// What follows happens at this second.
    pub fn at(mut self, seconds: f64) -> Self {
        self.now = Time::from_ms((seconds * 1e3).round() as u64);
        self
    }

    pub fn at_ms(&mut self, ms: u64) -> &mut Self {
        self.now = Time::from_ms(ms);
        self
    }

    pub fn fact(mut self, fact: Fact) -> Self {
        self.push(OwnedEntry::Fact(fact));
        self
    }

    pub fn push(&mut self, entry: OwnedEntry) {
        self.entries.push((self.now, entry));
    }

    pub fn name(self, naming: Naming) -> Self {
        self.fact(Fact::Named(Box::new(naming)))
    }

    pub fn team(self, team: u32, name: &str) -> Self {
        self.name(Naming::Team(TeamId(team), name.into()))
    }

    pub fn pool(self, pool: u32, name: &str) -> Self {
        self.name(Naming::Pool { pool: PoolId(pool), name: name.into(), hosted_per_minute: None })
    }

    pub fn hosted_pool(self, pool: u32, name: &str, per_minute: f64) -> Self {
        self.name(Naming::Pool {
            pool: PoolId(pool),
            name: name.into(),
            hosted_per_minute: Some(Money::from_usd(per_minute)),
        })
    }

    pub fn set(self, set: u32, team: u32, pool: u32, fleet: u32, request: Resources) -> Self {
        self.name(Naming::Set {
            set: SetId(set),
            team: TeamId(team),
            pool: PoolId(pool),
            forge: Forge::Cloud,
            fleet: FleetId(fleet),
            request,
        })
    }

    pub fn node_type(self, number: u32, name: &str, allocatable: Resources) -> Self {
        self.name(Naming::Type { instance_type: TypeId(number), name: name.into(), allocatable })
    }

    pub fn label(self, label: u32, repository: &str, workflow: &str, name: &str) -> Self {
        self.name(Naming::Label {
            label,
            repository: repository.into(),
            workflow: workflow.into(),
            job: name.into(),
        })
    }

    /// One team, one class, one fleet, one type that a runner fills whole.
    pub fn simple() -> Self {
        Self::new()
            .team(0, "web")
            .pool(0, "linux")
            .set(0, 0, 0, 0, SMALL)
            .node_type(0, "m7i.xlarge", SMALL)
            .label(0, "acme/web", "ci", "test")
    }

    pub fn ready(self, j: u32, set: u32) -> Self {
        self.ready_in(j, set, None, None)
    }

    pub fn ready_in(self, j: u32, set: u32, run: Option<u32>, recorded_s: Option<u64>) -> Self {
        self.fact(Fact::JobReady {
            job: job(j),
            set: SetId(set),
            run: run.map(RunId),
            label: set,
            recorded: recorded_s.map(Span::from_secs),
        })
    }

    pub fn released(self, j: u32, by: u32) -> Self {
        self.fact(Fact::JobReleased { job: job(j), by })
    }

    pub fn heard(self, j: u32) -> Self {
        self.fact(Fact::JobHeard { job: job(j) })
    }

    pub fn started(self, j: u32, r: u32) -> Self {
        self.fact(Fact::JobStarted { job: job(j), runner: Some(runner(r)), attempt: 1 })
    }

    pub fn started_again(self, j: u32, r: u32, attempt: u32) -> Self {
        self.fact(Fact::JobStarted { job: job(j), runner: Some(runner(r)), attempt })
    }

    pub fn started_hosted(self, j: u32) -> Self {
        self.fact(Fact::JobStarted { job: job(j), runner: None, attempt: 1 })
    }

    pub fn lost(self, j: u32, r: u32) -> Self {
        self.fact(Fact::AttemptLost { job: job(j), runner: runner(r) })
    }

    pub fn ended(self, j: u32, result: JobResult) -> Self {
        self.fact(Fact::JobEnded { job: job(j), result })
    }

    pub fn succeeded(self, j: u32) -> Self {
        self.ended(j, JobResult::Succeeded)
    }

    pub fn created(self, r: u32, set: u32) -> Self {
        self.fact(Fact::RunnerCreated { runner: runner(r), set: SetId(set) })
    }

    pub fn reached(self, r: u32, stage: Stage) -> Self {
        self.fact(Fact::RunnerReached { runner: runner(r), stage })
    }

    pub fn bound(self, r: u32, n: u32) -> Self {
        self.fact(Fact::RunnerBound { runner: runner(r), node: node(n) })
    }

    pub fn runner_gone(self, r: u32, end: RunnerEnd) -> Self {
        self.fact(Fact::RunnerGone { runner: runner(r), end })
    }

    pub fn claimed(self, n: u32) -> Self {
        self.fact(Fact::NodeClaimed { node: node(n), fleet: FleetId(0) })
    }

    pub fn launched(self, n: u32, usd_per_hour: f64) -> Self {
        self.launched_as(n, 0, 0, CapacityType::OnDemand, usd_per_hour)
    }

    pub fn launched_as(
        self,
        n: u32,
        fleet: u32,
        kind: u32,
        capacity: CapacityType,
        usd_per_hour: f64,
    ) -> Self {
        let machine = Machine {
            instance_type: TypeId(kind),
            zone: ZoneId(0),
            capacity,
            rate: Rate::from_usd_per_hour(usd_per_hour),
        };
        self.fact(Fact::NodeLaunched { node: node(n), fleet: FleetId(fleet), machine })
    }

    pub fn node_ready(self, n: u32) -> Self {
        self.fact(Fact::NodeReady { node: node(n) })
    }

    pub fn priced(self, n: u32, usd_per_hour: f64) -> Self {
        let rate = Rate::from_usd_per_hour(usd_per_hour);
        self.fact(Fact::NodePriced { node: node(n), rate })
    }

    pub fn node_gone(self, n: u32, end: NodeEnd) -> Self {
        self.fact(Fact::NodeGone { node: node(n), end })
    }

    pub fn charged(self, n: u32, micros: i64) -> Self {
        self.fact(Fact::NodeBilled { node: node(n), charge: Money::from_micros(micros) })
    }

    pub fn charged_hosted(self, j: u32, micros: i64) -> Self {
        self.fact(Fact::HostedBilled { job: job(j), charge: Money::from_micros(micros) })
    }

    pub fn beside(self, line: Line, team: Option<u32>, micros: i64) -> Self {
        let charge = Money::from_micros(micros);
        self.fact(Fact::BesideBilled { line, team: team.map(TeamId), charge })
    }

    pub fn hold(mut self, set: u32, cause: Cause) -> Self {
        self.push(OwnedEntry::Decision(Decision::Hold { set: SetId(set), waiting: 1, cause }));
        self
    }

    pub fn free(mut self, set: u32) -> Self {
        self.push(OwnedEntry::Decision(Decision::Free { set: SetId(set) }));
        self
    }

    pub fn told(mut self) -> Self {
        self.push(OwnedEntry::Event(Event::Tick));
        self
    }

    pub fn over(self) -> Self {
        self.fact(Fact::RunEnded { cut: false })
    }

    pub fn cut(self) -> Self {
        self.fact(Fact::RunEnded { cut: true })
    }

    /// Feeds all entries.
    pub fn feed<S: Sink>(&self, mut sink: S) -> S {
        for (at, entry) in &self.entries {
            sink.entry(*at, entry.as_entry());
        }
        sink
    }
}
