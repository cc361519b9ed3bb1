//! Follows jobs, runners and nodes, and tells a job's story when it ends.

use super::cut::{Cutter, Milestones};
use super::holds::Holds;
use super::story::{Host, Misfit, Story};
use crate::dense::{Slots, cell};
use greenroom_scheduler::command::Refusal;
use greenroom_scheduler::decision::{CapacityChoice, Cause, Decision, Placement};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, JobId, NodeId, RunnerId, TypeId};
use greenroom_scheduler::journal::Entry;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::policy::growth::Growth;
use greenroom_scheduler::time::{Span, Time};
use greenroom_scheduler::verdict::{Round, Verdict};

/// The fold. Not for the summary's path: it keeps a list of pieces for each living job.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    jobs: Slots<Job>,
    runners: Slots<Runner>,
    nodes: Slots<Node>,
    sets: Vec<Set>,
    fleets: Vec<Fleet>,
    /// The last growth of a fleet that was told.
    grown: Option<(Time, FleetId, Growth)>,
    told: Story,
}

#[derive(Clone, Debug, Default)]
struct Set {
    holds: Holds,
    waiting: u32,
    misfit: Option<Misfit>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Fleet {
    /// When Karpenter last could not serve a runner, and why.
    held: Option<(Time, Cause)>,
    /// What EC2 said when it last gave nothing.
    refused: Option<Cause>,
}

#[derive(Clone, Debug, Default)]
struct Job {
    story: Story,
    heard: Option<Time>,
    since: Time,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Ended,
    Waiting,
    Running,
}

#[derive(Clone, Copy, Debug, Default)]
struct Runner {
    way: Milestones,
    node: Option<NodeId>,
    machine: Option<(TypeId, CapacityType)>,
    placement: Option<Placement>,
    capacity: Option<CapacityChoice>,
    growth: Option<Growth>,
    opened: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    claimed: Option<Time>,
    launched: Option<Time>,
    ready: Option<Time>,
    machine: Option<(TypeId, CapacityType)>,
    capacity: Option<CapacityChoice>,
    growth: Option<Growth>,
    fleet: Option<FleetId>,
    /// What the fleet said when this node was claimed.
    held: Option<(Time, Cause)>,
    opened: Option<Verdict>,
    goes: Option<Verdict>,
}

impl Waits {
    /// Takes one more entry. When it ends a job, gives the job's story.
    pub fn step(&mut self, at: Time, entry: Entry<'_>) -> Option<&Story> {
        match entry {
            Entry::Fact(fact) => self.fact(at, fact),
            Entry::Decision(decision) => {
                self.decision(at, decision);
                None
            }
            Entry::Event(_) | Entry::Command(_) => None,
        }
    }

    /// The jobs that have not ended, as far as their stories go. For the end of a run that was
    /// cut.
    pub fn unfinished(&mut self, at: Time) -> Vec<Story> {
        let mut stories = Vec::new();
        for slot in 0..self.jobs.len() {
            let Some((serial, job)) = self.jobs.at(slot) else { continue };
            match job.phase {
                Phase::Ended => continue,
                Phase::Running => job.story.ran = at.since(job.since),
                Phase::Waiting => {
                    let id = JobId { serial, slot: slot as u32 };
                    self.give_up(at, id);
                }
            }
            if let Some((_, job)) = self.jobs.at(slot) {
                stories.push(std::mem::take(&mut job.story));
                job.phase = Phase::Ended;
            }
        }
        stories.sort_unstable_by_key(|story| story.job.serial);
        stories
    }

    fn fact(&mut self, at: Time, fact: &Fact) -> Option<&Story> {
        match *fact {
            Fact::JobReady { job: id, set, run, label, recorded } => {
                let job = self.jobs.put(id.serial, id.slot)?;
                let mut pieces = std::mem::take(&mut job.story.pieces);
                pieces.clear();
                let story = Story {
                    job: id,
                    set,
                    label,
                    run,
                    recorded,
                    ready: at,
                    pieces,
                    ..Story::default()
                };
                *job = Job { story, heard: None, since: at, phase: Phase::Waiting };
                cell(&mut self.sets, set.index())?.waiting += 1;
            }
            Fact::JobReleased { job, by } => {
                self.jobs.get(job.serial, job.slot)?.story.released_by = Some(by);
            }
            Fact::JobHeard { job } => {
                let job = self.jobs.get(job.serial, job.slot)?;
                job.heard = job.heard.or(Some(at));
            }
            Fact::JobStarted { job, runner, .. } => self.started(at, job, runner),
            Fact::AttemptLost { job, runner } => {
                let lost_to = self.taken_from(runner);
                let job = self.jobs.get(job.serial, job.slot)?;
                job.story.lost_to = lost_to;
                if job.phase == Phase::Running {
                    job.story.interrupted += at.since(job.since);
                    job.since = at;
                    job.phase = Phase::Waiting;
                    cell(&mut self.sets, job.story.set.index())?.waiting += 1;
                }
            }
            Fact::JobEnded { job: id, result } => {
                let job = self.jobs.get(id.serial, id.slot)?;
                match job.phase {
                    Phase::Ended => return None,
                    Phase::Running => job.story.ran = at.since(job.since),
                    Phase::Waiting => self.give_up(at, id),
                }
                let job = self.jobs.get(id.serial, id.slot)?;
                job.phase = Phase::Ended;
                job.story.ended = Some(at);
                job.story.result = Some(result);
                std::mem::swap(&mut self.told, &mut job.story);
                return Some(&self.told);
            }
            Fact::RunnerCreated { runner, .. } => {
                let way = Milestones { created: at, ..Milestones::default() };
                *self.runners.put(runner.serial, runner.slot)? =
                    Runner { way, ..Runner::default() };
            }
            Fact::RunnerBound { runner, node } => {
                let runner = self.runners.get(runner.serial, runner.slot)?;
                runner.way.bound = Some(at);
                runner.node = Some(node);
                let node = self.nodes.get(node.serial, node.slot)?;
                runner.way.claimed = node.claimed;
                runner.way.launched = node.launched;
                runner.way.node_ready = node.ready;
                runner.machine = node.machine;
                runner.capacity = node.capacity;
                runner.growth = node.growth;
                runner.opened = node.opened;
                let created = runner.way.created;
                let of_fleet = node.fleet.and_then(|fleet| self.fleets.get(fleet.index())?.held);
                // Where the node was ready before a round failed, it was full, not on its way.
                let full = |(at, _): &(Time, Cause)| node.ready.is_some_and(|ready| ready <= *at);
                let held = of_fleet.filter(full).or(node.held);
                runner.way.held = held.filter(|(until, _)| *until > created);
            }
            Fact::RunnerReached { runner, stage } => {
                let runner = self.runners.get(runner.serial, runner.slot)?;
                runner.way.stages[stage as usize] = Some(at);
            }
            Fact::NodeClaimed { node, fleet } => {
                let held = self.fleets.get(fleet.index()).and_then(|known| known.held);
                let node = self.node(node)?;
                (node.claimed, node.fleet, node.held) = (Some(at), Some(fleet), held);
            }
            Fact::NodeJudged { node, verdict } => self.judged(at, node, verdict),
            Fact::Provisioned(Round { fleet, cause: Some(cause), .. }) => {
                let known = cell(&mut self.fleets, fleet.index())?;
                // What is remembered as lacking may be so for want of quota.
                let remembered = known.refused.filter(|_| cause == Cause::InsufficientCapacity);
                known.held = Some((at, remembered.unwrap_or(cause)));
            }
            Fact::NodeLaunched { node, machine, .. } => {
                let node = self.node(node)?;
                node.launched = Some(at);
                node.machine = Some((machine.instance_type, machine.capacity));
            }
            Fact::NodeReady { node } => self.node(node)?.ready = Some(at),
            Fact::Named(_)
            | Fact::Provisioned(_)
            | Fact::RunnerGone { .. }
            | Fact::NodePriced { .. }
            | Fact::NodeGone { .. }
            | Fact::NodeBilled { .. }
            | Fact::HostedBilled { .. }
            | Fact::BesideBilled { .. }
            | Fact::StoppedBilled { .. }
            | Fact::Drained
            | Fact::RunEnded { .. } => {}
        }
        None
    }

    fn judged(&mut self, at: Time, id: NodeId, verdict: Verdict) {
        let Some(node) = self.node(id) else { return };
        match verdict {
            Verdict::Opened { .. } | Verdict::Replaces { .. } => node.opened = Some(verdict),
            Verdict::Spared => node.goes = None,
            Verdict::NotLaunched { why } => {
                let cause = match why {
                    Refusal::AccountQuota => Cause::AccountQuota,
                    _ => Cause::InsufficientCapacity,
                };
                if let Some(fleet) = node.fleet
                    && let Some(known) = cell(&mut self.fleets, fleet.index())
                {
                    known.held = Some((at, cause));
                    known.refused = Some(cause);
                }
            }
            Verdict::NeverJoined
            | Verdict::Empty
            | Verdict::Underutilized { .. }
            | Verdict::Expired { .. }
            | Verdict::Interrupted => node.goes = Some(verdict),
        }
    }

    /// Why Karpenter takes the node of a runner.
    fn taken_from(&mut self, runner: RunnerId) -> Option<Verdict> {
        let node = self.runners.get(runner.serial, runner.slot)?.node?;
        self.nodes.get(node.serial, node.slot)?.goes
    }

    /// The node, new if it is not known: its claim may be told as a decision first.
    fn node(&mut self, id: NodeId) -> Option<&mut Node> {
        if self.nodes.get(id.serial, id.slot).is_none() {
            *self.nodes.put(id.serial, id.slot)? = Node::default();
        }
        self.nodes.get(id.serial, id.slot)
    }

    fn decision(&mut self, at: Time, decision: &Decision) {
        match *decision {
            Decision::Hold { set, cause, .. } => {
                if let Some(set) = cell(&mut self.sets, set.index()) {
                    set.holds.change(at, Some(cause));
                }
            }
            Decision::Misfit { set, request, largest } => {
                if let Some(set) = cell(&mut self.sets, set.index()) {
                    set.misfit = Some(Misfit { request, largest });
                }
            }
            Decision::Free { set } => {
                if let Some(set) = cell(&mut self.sets, set.index()) {
                    set.holds.change(at, None);
                }
            }
            // The claims that follow from it come next.
            Decision::Grow { fleet, why, .. } => self.grown = Some((at, fleet, why)),
            Decision::Claim { node, fleet, why, .. } | Decision::Pack { node, fleet, why, .. } => {
                let grown = self.grown.filter(|(when, of, _)| (*when, *of) == (at, fleet));
                if let Some(node) = self.node(node) {
                    node.capacity = Some(why);
                    node.growth = grown.map(|(_, _, why)| why);
                }
            }
            Decision::Place { runner, why, .. } => {
                if let Some(runner) = self.runners.get(runner.serial, runner.slot) {
                    runner.placement = Some(why);
                }
            }
            _ => {}
        }
    }

    fn started(&mut self, at: Time, id: JobId, runner: Option<RunnerId>) {
        let Some(job) = self.jobs.get(id.serial, id.slot) else { return };
        if job.phase != Phase::Waiting {
            return;
        }
        let Some(set) = cell(&mut self.sets, job.story.set.index()) else { return };
        let again = job.story.attempts > 0;
        let cutter = Cutter::new(job.since, at, &set.holds, &mut job.story.pieces);
        let known = runner.and_then(|id| self.runners.get(id.serial, id.slot).copied());
        match (runner, known) {
            (Some(_), Some(known)) => cutter.on_runner(job.heard, again, &known.way),
            // A runner that nobody told of was there before the job.
            (Some(_) | None, _) => cutter.on_hosted(),
        }
        job.story.host = runner.map(|runner| Host {
            runner,
            node: known.and_then(|known| known.node),
            machine: known.and_then(|known| known.machine),
            placement: known.and_then(|known| known.placement),
            capacity: known.and_then(|known| known.capacity),
            growth: known.and_then(|known| known.growth),
            opened: known.and_then(|known| known.opened),
        });
        let is_misfit = job.story.pieces.iter().any(|p| p.cause == Cause::NoMachineFits);
        job.story.misfit = set.misfit.filter(|_| is_misfit);
        job.story.attempts += 1;
        job.story.started = Some(at);
        job.story.waited += at.since(job.since);
        job.since = at;
        job.phase = Phase::Running;
        set.served();
    }

    /// A wait ends without a runner.
    fn give_up(&mut self, at: Time, id: JobId) {
        let Some(job) = self.jobs.get(id.serial, id.slot) else { return };
        let Some(set) = cell(&mut self.sets, job.story.set.index()) else { return };
        let again = job.story.attempts > 0;
        Cutter::new(job.since, at, &set.holds, &mut job.story.pieces).given_up(job.heard, again);
        job.story.waited += at.since(job.since);
        let is_misfit = job.story.pieces.iter().any(|p| p.cause == Cause::NoMachineFits);
        job.story.misfit = set.misfit.filter(|_| is_misfit);
        job.story.started = None;
        job.story.host = None;
        job.story.ran = Span::ZERO;
        set.served();
    }
}

impl Set {
    /// One of its jobs waits no more.
    fn served(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
        if self.waiting == 0 {
            self.holds.forget();
        }
    }
}
