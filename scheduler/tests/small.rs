//! All small worlds: two jobs of two teams, at most two nodes at once, one fault, and every order in
//! which what happens can happen. The witness judges each step; an audit finds nothing anywhere; and
//! wherever a branch ends, all is served once nothing goes wrong any more.

use crate::world::{Fate, JobState, Play, Town};
use greenroom_scheduler::command::{Action, Refusal};
use greenroom_scheduler::core::Output;
use greenroom_scheduler::event::{Event, NodeEnd};
use greenroom_scheduler::id::{NodeId, RunnerId, SetId};
use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Steps of a branch: enough for one of two jobs to be served with a fault on the way.
const STEPS_MAX: u32 = 10;
/// Of the branches cut there, one in so many is followed until all is quiet.
const FOLLOWED: u64 = 50;
/// Times that the core is woken in a branch.
const WAKES_MAX: u32 = 2;

/// One step.
#[derive(Clone, Copy)]
enum Step {
    Carry(usize, Fate),
    Node(NodeId),
    Reclaim(NodeId),
    Runner(RunnerId),
    End(usize),
    Wake,
}

struct Branch {
    play: Play,
    steps: u32,
    wakes: u32,
    faults: u32,
}

impl Branch {
    /// Every step that is possible now.
    fn possible(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let play = &self.play;
        for place in 0..play.orders.len() {
            steps.push(Step::Carry(place, Fate::Done));
            if self.faults == 0 {
                steps.push(Step::Carry(place, Fate::Refused(Refusal::Throttled)));
                steps.push(Step::Carry(place, Fate::Unknown(true)));
                steps.push(Step::Carry(place, Fate::Unknown(false)));
            }
        }
        for (id, node) in &play.world.nodes {
            if !node.ready {
                steps.push(Step::Node(*id));
            } else if self.faults == 0 {
                steps.push(Step::Reclaim(*id));
            }
        }
        let waits = |runner: &RunnerId| play.world.runners[runner].job.is_none();
        steps.extend(play.world.runners.keys().copied().filter(waits).map(Step::Runner));
        let runs = |place: &usize| matches!(play.world.jobs[*place].state, JobState::Running(_));
        steps.extend((0..play.world.jobs.len()).filter(runs).map(Step::End));
        if self.wakes < WAKES_MAX {
            steps.push(Step::Wake);
        }
        steps
    }

    fn after(&self, step: Step) -> Self {
        let mut play = self.play.clone();
        let (mut wakes, mut faults) = (self.wakes, self.faults);
        match step {
            Step::Carry(place, fate) => {
                faults += u32::from(!matches!(fate, Fate::Done));
                play.carry(place, fate);
            }
            Step::Node(node) => play.world.advance_node(node),
            Step::Reclaim(node) => {
                faults += 1;
                play.world.drop_node(node, NodeEnd::Reclaimed);
            }
            Step::Runner(runner) => play.world.advance_runner(runner),
            Step::End(place) => play.world.end(place),
            Step::Wake => {
                wakes += 1;
                play.pass_to_wake();
            }
        }
        play.hear();
        drop_adverts(&mut play);
        Self { play, steps: self.steps + 1, wakes, faults }
    }

    /// What tells two places apart.
    fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let core = serde_json::to_vec(self.play.state()).expect("a state can be written");
        let world = &self.play.world;
        let truth = format!("{:?}{:?}{:?}", world.jobs, world.runners, world.nodes);
        (core, truth, self.wakes, self.faults).hash(&mut hasher);
        self.play.orders.iter().for_each(|order| order.id.hash(&mut hasher));
        hasher.finish()
    }

    fn audit(&self) {
        let mut core = self.play.core.clone();
        core.handle(self.play.now, &Event::Audit);
        loop {
            match core.poll() {
                Output::WakeAt(_) => return,
                Output::Decision(_) => {}
                Output::Command(order) => self.play.fail(&format!("an audit finds {order:?}")),
            }
        }
    }
}

/// What GitHub is told of capacity changes nothing here.
fn drop_adverts(play: &mut Play) {
    play.orders.retain(|order| !matches!(order.action, Action::AdvertiseCapacity { .. }));
}

/// Walks all branches; how many places there are.
fn explore(town: &Town) -> usize {
    let mut play = Play::new(town, true);
    drop_adverts(&mut play);
    for set in [SetId(0), SetId(2)] {
        play.world.arrive(set);
    }
    play.hear();
    let mut seen = BTreeSet::new();
    // Nearest first, so that each place is met after as few steps as lead to it.
    let mut open = VecDeque::from([Branch { play, steps: 0, wakes: 0, faults: 0 }]);
    while let Some(branch) = open.pop_front() {
        let key = branch.key();
        if !seen.insert(key) {
            continue;
        }
        branch.audit();
        let possible = branch.possible();
        if branch.steps == STEPS_MAX || possible.is_empty() {
            if key.is_multiple_of(FOLLOWED) || possible.is_empty() {
                branch.play.clone().heal();
            }
            continue;
        }
        open.extend(possible.into_iter().map(|step| branch.after(step)));
    }
    seen.len()
}

#[test]
fn every_order_of_what_happens_keeps_the_laws() {
    let mut town = Town::open();
    town.fleets[0].nodes_max = Some(2);
    let places = explore(&town);
    assert!(places > 10_000, "only {places} places: 14,594 were there when this was written");
}
