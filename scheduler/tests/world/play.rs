//! Lets core and world meet.

use super::moves::Fate;
use super::town::{Town, pool_known, team_known};
use super::truth::{JobState, World};
use super::witness::Witness;
use greenroom_scheduler::command::Command;
use greenroom_scheduler::core::{Core, Output, State};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::id::{FleetId, Generation, NodeId, RunnerId, TypeId};
use greenroom_scheduler::time::{Span, Time};
use std::fmt::Write;

#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) core: Core,
    /// Hears the same; now and then it is written down and read back.
    twin: Core,
    pub(crate) world: World,
    pub(crate) now: Time,
    pub(crate) generation: Generation,
    /// Commands that were not carried out yet.
    pub(crate) orders: Vec<Command>,
    /// Events that the core heard.
    pub(crate) told: Vec<Event>,
    /// Events that are told after those that came later.
    pub(crate) late: Vec<Event>,
    wake_at: Option<Time>,
    pub(crate) witness: Witness,
    /// Whether everything is told in order, so that the witness may hold the core to the truth.
    sound: bool,
    story: Vec<(Time, Line)>,
}

#[derive(Clone)]
enum Line {
    Told(Event),
    Said(Output),
}

impl Play {
    pub(crate) fn new(town: &Town, sound: bool) -> Self {
        let mut play = Self {
            core: Core::new(),
            twin: Core::new(),
            world: World::new(town.clone()),
            now: Time::ZERO,
            generation: Generation(0),
            orders: Vec::new(),
            told: Vec::new(),
            late: Vec::new(),
            wake_at: None,
            witness: Witness::default(),
            sound,
            story: Vec::new(),
        };
        for event in town.opening() {
            play.tell(&event);
        }
        play.drain();
        play
    }

    pub(crate) fn state(&self) -> &State {
        self.core.state()
    }

    /// Tells one event of the present instant.
    pub(crate) fn tell(&mut self, event: &Event) {
        self.witness.hear(event);
        self.core.handle(self.now, event);
        self.twin.handle(self.now, event);
        self.told.push(event.clone());
        self.story.push((self.now, Line::Told(event.clone())));
    }

    /// Tells the full listing.
    pub(crate) fn observe(&mut self) {
        let listing = self.world.listing();
        self.tell(&Event::Observed(Box::new(listing)));
    }

    /// Tells what happened, and what was kept back before; then drains.
    pub(crate) fn hear(&mut self) {
        while let Some(event) = self.world.news.pop_front() {
            self.tell(&event);
        }
        for event in std::mem::take(&mut self.late) {
            self.tell(&event);
        }
        self.drain();
    }

    /// Takes everything that the core says, and judges it.
    pub(crate) fn drain(&mut self) {
        let mut said = Vec::new();
        loop {
            let output = self.core.poll();
            let same = self.twin.poll();
            if output != same {
                self.fail(&format!("one core says {output:?}, its twin {same:?}"));
            }
            self.story.push((self.now, Line::Said(output.clone())));
            if let Output::WakeAt(at) = output {
                self.wake_at = at;
                break;
            }
            said.push(output);
        }
        let orders = said.iter().filter_map(|output| match output {
            Output::Command(command) => Some(command.clone()),
            _ => None,
        });
        let before = self.orders.len();
        self.orders.extend(orders);
        let judged = self.witness.judge(self.now, self.core.state(), &said);
        if let Err(law) = judged {
            self.fail(&law);
        }
        if self.sound {
            let (before, new) = self.orders.split_at(before);
            let judged = self.witness.judge_truth(self.now, &self.world, before, new);
            if let Err(law) = judged {
                self.fail(&law);
            }
        }
    }

    /// Lets time pass; the core is woken whenever it asked to be.
    pub(crate) fn pass(&mut self, span: Span) {
        let until = self.now + span;
        self.hear();
        while let Some(at) = self.wake_at.filter(|at| *at < until) {
            if at < self.now {
                self.fail("the core asks to be woken in the past");
            }
            let again = at == self.now;
            self.now = at;
            self.tell(&Event::Tick);
            self.drain();
            if again && self.wake_at == Some(at) {
                self.fail("the core asks to be woken at once, for ever");
            }
        }
        self.now = until;
        if self.wake_at == Some(until) {
            self.tell(&Event::Tick);
        }
        self.drain();
    }

    /// Lets time pass until the core wants to be woken. Says whether it does.
    pub(crate) fn pass_to_wake(&mut self) -> bool {
        let Some(at) = self.wake_at else { return false };
        self.pass(at.since(self.now));
        true
    }

    /// The twin is written down, and goes on from what was read back.
    pub(crate) fn restore_twin(&mut self) {
        let written = serde_json::to_vec(self.twin.state()).expect("a state can be written");
        let read: State = serde_json::from_slice(&written).expect("a state can be read back");
        if read != *self.core.state() {
            self.fail(&format!("written: {:#?}, read: {read:#?}", self.core.state()));
        }
        self.twin = Core::restore(read);
    }

    /// Everything goes well from now on, and nobody limits anything: until all is quiet.
    pub(crate) fn heal(&mut self) {
        const ROUNDS_MAX: u32 = 600;
        // Idle runners that ARC always keeps would use up a small quota.
        let keeps = self.keeps_capacity();
        let enough = |max: Option<u32>| max.map(|max| max.max(1)).filter(|_| !keeps);
        for id in 0..self.world.town.teams.len() {
            let team = &mut self.world.town.teams[id];
            (team.max, team.budget_per_month) = (enough(team.max), None);
            let known = team_known(id as u32, team);
            self.tell(&known);
        }
        for id in 0..self.world.town.pools.len() {
            let pool = &mut self.world.town.pools[id];
            pool.max = enough(pool.max);
            let known = pool_known(id as u32, pool);
            self.tell(&known);
        }
        self.world.town.fleets[3].types = vec![TypeId(2)];
        let fleet = self.world.town.fleets[3].clone();
        self.tell(&Event::FleetKnown(FleetId(3), Box::new(fleet)));
        for round in 0..ROUNDS_MAX {
            // Who may have missed something looks at everything every five minutes.
            if !self.sound && round % 30 == 0 {
                self.observe();
            }
            while !self.orders.is_empty() {
                self.carry(0, Fate::Done);
            }
            let runners: Vec<RunnerId> = self.world.runners.keys().copied().collect();
            for place in 0..self.world.jobs.len() {
                self.world.end(place);
            }
            for runner in runners {
                self.world.advance_runner(runner);
            }
            self.advance_nodes();
            self.world.reclaim(self.now);
            self.world.say_all();
            self.pass(Span::from_secs(10));
            let lost = |job: &super::truth::Job| job.state == JobState::Lost;
            let asked = self.state().reruns.values().any(|rerun| rerun.asked);
            let reruns = asked && self.world.jobs.iter().any(lost);
            if self.world.alive() == 0 && self.orders.is_empty() && !reruns && self.is_still() {
                return;
            }
        }
        let World { jobs, runners, nodes, .. } = &self.world;
        self.fail(&format!("all goes well now, and still {jobs:?}, {runners:?}, {nodes:?}"));
    }

    /// Every order is carried out and answered, while nothing else happens: until nobody asks for
    /// anything, and what was never answered is given up.
    pub(crate) fn settle(&mut self) {
        const ROUNDS: u32 = 60;
        self.world.news.clear();
        self.late.clear();
        self.observe();
        for _ in 0..ROUNDS {
            self.hear();
            self.carry_all();
            self.advance_nodes();
            self.pass(Span::from_secs(10));
        }
        while !self.orders.is_empty() {
            self.carry_all();
        }
    }

    fn advance_nodes(&mut self) {
        let nodes: Vec<NodeId> = self.world.nodes.keys().copied().collect();
        for node in nodes {
            self.world.advance_node(node);
        }
    }

    /// Carries out every order, and lets the core hear the answers.
    fn carry_all(&mut self) {
        while !self.orders.is_empty() {
            self.carry(0, Fate::Done);
        }
        self.hear();
    }

    pub(crate) fn keeps_capacity(&self) -> bool {
        self.world.town.settings.keeps_capacity()
    }

    /// Whether the core waits for nothing.
    fn is_still(&self) -> bool {
        let (world, view) = (&self.world, &self.state().view);
        let is_empty = world.runners.is_empty() && world.nodes.is_empty();
        let is_known = view.runners.is_empty() && view.nodes.is_empty();
        self.keeps_capacity() || (is_empty && is_known)
    }

    /// Tells what happened, and that this law does not hold.
    pub(crate) fn fail(&self, law: &str) -> ! {
        let mut text = String::new();
        for (at, line) in &self.story {
            let s = at.as_ms() as f64 / 1_000.0;
            let _ = match line {
                Line::Told(event) => writeln!(text, "{s:>9.3} {event:?}"),
                Line::Said(Output::Command(command)) => {
                    writeln!(text, "{s:>9.3}   > {} [{:x}]", command.action, command.id.0)
                }
                Line::Said(Output::Decision(decision)) => writeln!(text, "{s:>9.3}   {decision}"),
                Line::Said(Output::WakeAt(_)) => Ok(()),
            };
        }
        panic!("{text}{law}");
    }
}
