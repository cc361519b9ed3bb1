//! The world `eks`: GitHub, Kubernetes and EC2 together, each simulated part by part.
//!
//! The parts do not know each other. This module carries what one of them says to those whom it
//! concerns, writes down what happened, and keeps the bill.

mod bill;
mod commands;
mod draws;
mod github;
mod jobs;
mod karpenter;
mod kube;
mod nodes;
mod plan;
mod runners;
mod timer;

pub use plan::Plan;

use crate::ec2::Account;
use crate::engine::outbox::Outbox;
use crate::engine::queue::Queue;
use crate::engine::simulation::World;
use crate::identity::Identity;
use crate::registry::{Place, SetFacts};
use crate::run::Omissions;
use bill::Bill;
use draws::Draws;
use greenroom_scheduler::command::Command;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::model::NodesBy;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::snapshot::Snapshot;
use greenroom_scheduler::spec::Fleet;
use greenroom_scheduler::time::{Span, Time};
use greenroom_traces::arrival::Arrival;
use jobs::Job;
use karpenter::Karpenter;
use nodes::Node;
use runners::Runner;
use timer::{Own, Timer};

/// The world's truth.
pub struct Eks {
    plan: Plan,
    timers: Queue<Timer>,
    draws: Draws,
    github: crate::github::GitHub<Draws>,
    kube: crate::kube::Cluster,
    account: Account,
    identity: Identity,
    bill: Bill,
    /// Karpenter, where it claims the nodes.
    karpenter: Option<Box<Karpenter>>,
    sets: Vec<SetFacts>,
    fleets: Vec<Fleet>,
    jobs: Vec<Job>,
    free_jobs: Vec<u32>,
    runners: Vec<Option<Runner>>,
    nodes: Vec<Option<Node>>,
    /// What EC2 and the image make of each instance type's boot, looked up once.
    boots: Vec<Option<crate::latency::BootParts>>,
    /// What GitHub says, until it is passed on; used again.
    github_says: Vec<crate::github::Output>,
    /// What Kubernetes says, until it is passed on; used again.
    kube_says: Vec<crate::kube::Output>,
    /// The message whose entries are being told.
    message: Option<github::Telling>,
    /// Types and zones of the claim that EC2 answers now; used again.
    overrides: Vec<(TypeId, ZoneId)>,
    /// The latest call for machines, which more claims of its kind may join.
    call: Option<nodes::Call>,
    open_jobs: u64,
    open_nodes: u64,
    began: Option<Time>,
    /// When a job was last open.
    busy_at: Time,
    /// Whether nodes that nobody needs have stayed for [`LINGER`].
    lingers: bool,
}

/// Karpenter's budgets can forbid for hours of each day that nodes go. After so long without a job
/// the run ends all the same.
const LINGER: Span = Span::from_secs(24 * 3600);

impl Eks {
    /// An empty world that begins at `start`.
    pub fn new(plan: Plan, start: Time) -> Self {
        let streams = plan.streams;
        let draws = Draws::new(streams, plan.latency.clone());
        let types = plan.catalogue.len();
        let account = account(&plan, start);
        let by_karpenter = plan.nodes_by == NodesBy::Karpenter;
        Self {
            timers: Queue::default(),
            github: crate::github::GitHub::new(plan.github.clone(), start, draws.clone())
                .expect("checked when the plan was made"),
            kube: crate::kube::Cluster::new(plan.kube, plan.images.clone()),
            account,
            identity: Identity::new(streams, plan.identity.clone(), plan.latency.identity.clone()),
            bill: Bill::new(&plan.beside),
            draws,
            karpenter: by_karpenter.then(|| Box::new(Karpenter::new(&plan.karpenter))),
            plan,
            sets: Vec::new(),
            fleets: Vec::new(),
            jobs: Vec::new(),
            free_jobs: Vec::new(),
            runners: Vec::new(),
            nodes: Vec::new(),
            boots: vec![None; types],
            github_says: Vec::new(),
            kube_says: Vec::new(),
            message: None,
            overrides: Vec::new(),
            call: None,
            open_jobs: 0,
            open_nodes: 0,
            began: None,
            busy_at: start,
            lingers: false,
        }
    }

    /// All charges so far.
    pub const fn bill(&self) -> Money {
        self.bill.total()
    }

    /// What GitHub left out so far.
    pub fn omissions(&self) -> Omissions {
        Omissions {
            hints_left_out: self.github.hints_left_out(),
            predecessors_unknown: self.github.predecessors_unknown(),
        }
    }

    fn ring<S: Sink>(&mut self, now: Time, own: Own, slot: u32, out: &mut Outbox<'_, S>) {
        match own {
            Own::JobReady => self.job_ready(now, slot, None, out),
            Own::GiveUp => self.job_given_up(now, slot, out),
            Own::HostedEnds => self.hosted_ends(now, slot),
            Own::RunnerConfigured => self.runner_configured(now, slot),
            Own::RunnerUp => self.runner_up(now, slot, out),
            Own::Credentials => self.credentials_issued(now, slot, out),
            Own::FirstStep => self.first_step(now, slot, out),
            Own::JobEnds => self.job_ends(now, slot),
            Own::ClaimAnswered => self.claim_answered(now, slot, out),
            Own::NodeRegistered => self.node_registered(now, slot, out),
            Own::NodeReady => self.node_ready(now, slot, out),
            Own::InstanceHour => self.instance_hour(now, slot, out),
            Own::Rebalance => self.node_rebalance(slot, out),
            Own::Notice => self.node_noticed(now, slot, out),
            Own::Reclaim => self.node_reclaimed(now, slot, out),
            Own::Terminate => self.node_terminated(now, slot, out),
            Own::Provision => self.provision(now, out),
            Own::Disrupt => self.disrupt(now, slot, out),
            Own::NodeLeaves => self.look_at_leaving(now, slot),
            Own::Expire => self.nodes_expire(now, out),
        }
    }
}

/// An account in a market that goes as chance or the recordings have it.
fn account(plan: &Plan, start: Time) -> Account {
    let (ec2, spot) = (plan.ec2.clone(), plan.spot.clone());
    let mut account = Account::new(plan.streams, start, plan.catalogue.clone(), ec2, spot);
    let market = account.market();
    if let Some((history, start_s)) = &plan.records.prices {
        market.record_prices(history, *start_s);
    }
    for (instance_type, zone, recording, after_end) in &plan.records.capacity {
        let known = market.record_capacity(*instance_type, *zone, recording, *after_end);
        debug_assert!(known, "type and zone were looked up in this catalogue");
    }
    account
}

impl World for Eks {
    fn next_at(&self) -> Option<Time> {
        self.timers.next_at()
    }

    fn meet(&mut self, now: Time, sets: &[SetFacts], fleets: &[Fleet]) {
        self.fleets.extend_from_slice(&fleets[self.fleets.len()..]);
        self.know_sets(now, sets);
    }

    fn arrive<S: Sink>(
        &mut self,
        now: Time,
        job: &Arrival,
        place: Place,
        needs: &[u32],
        out: &mut Outbox<'_, S>,
    ) {
        self.job_arrives(now, job, place, needs, out);
    }

    #[inline]
    fn advance<S: Sink>(&mut self, now: Time, out: &mut Outbox<'_, S>) {
        if self.open_jobs > 0 {
            self.busy_at = now;
        }
        self.lingers = self.karpenter.is_some() && now.since(self.busy_at) > LINGER;
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::GitHub(timer) => self.ring_github(now, timer),
                Timer::Kube(timer) => self.ring_kube(now, timer),
                Timer::Own(own, slot) => self.ring(now, own, slot, out),
            }
            self.pass_on(now, out);
        }
    }

    fn execute<S: Sink>(&mut self, now: Time, command: &Command, out: &mut Outbox<'_, S>) {
        self.carry_out(now, command, out);
        self.pass_on(now, out);
    }

    fn is_over(&self) -> bool {
        let keeps = self.karpenter.as_ref().is_some_and(|karpenter| karpenter.keeps_nodes());
        self.open_jobs == 0 && (self.open_nodes == 0 || keeps || self.lingers)
    }

    fn has_no_jobs(&self) -> bool {
        self.open_jobs == 0
    }

    fn observe(&self) -> Snapshot {
        self.list_all()
    }

    fn close<S: Sink>(&mut self, now: Time, cut: bool, out: &mut Outbox<'_, S>) {
        for slot in 0..self.nodes.len() as u32 {
            self.settle_node(now, slot, greenroom_scheduler::event::NodeEnd::Closed, out);
        }
        let ran = now.since(self.began.unwrap_or(now));
        self.bill.standing(ran, out);
        out.fact(&Fact::RunEnded { cut });
    }
}
