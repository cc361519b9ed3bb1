//! What can happen next, and how the world does it.

use super::play::Play;
use super::town::{pool_known, team_known};
use super::truth::JobState;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::{Counts, Event, Foresight, NodeEnd, RunnerEnd};
use greenroom_scheduler::id::{Generation, SetId, TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::time::Span;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

/// One thing that happens. An index means: of those that there are, this one.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    /// So many jobs queue.
    Arrive(u32, u8),
    /// So many jobs of a set are foreseen: in so long, with this spread and probability.
    Foresee(u32, u32, Span, Span, f64),
    Cancel(Index),
    /// A runner comes a step further: bound, registered, with a job.
    Runner(Index),
    /// A running job ends.
    End(Index),
    /// A runner fails or is reaped.
    Fail(Index, RunnerEnd),
    /// A node comes a step further: launched, ready.
    Node(Index),
    Notice(Index),
    Reclaim(Index, NodeEnd),
    /// A command is carried out, or not.
    Carry(Index, Fate),
    /// An older statistic, or a wrong one.
    Misstate(u32, Counts),
    /// A team's or a pool's most is changed.
    LimitTeam(u32, Option<u32>, Option<i64>),
    LimitPool(u32, Option<u32>),
    Price(u32, u32),
    /// A newer leader.
    Lead,
    Pass(Span),
    /// The full listing.
    Observe,
    /// Something that happened is never told, told twice, or told later than what came after.
    Lose(Index),
    Repeat(Index),
    Delay(Index),
}

/// What becomes of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Done,
    Refused(Refusal),
    /// The answer timed out; done or not.
    Unknown(bool),
    /// Carried out, and carried out once more later.
    Twice,
    /// Carried out; the answer is lost.
    Silent,
    /// Never carried out.
    Lost,
}

/// Histories of at most so many moves. With `faults`, things are lost, repeated and late.
pub(crate) fn moves(most: usize, faults: bool) -> impl Strategy<Value = Vec<Move>> {
    let sound = prop_oneof![
        6 => (0_u32..6, 1_u8..4).prop_map(|(set, jobs)| Move::Arrive(set, jobs)),
        2 => (0_u32..6, 0_u32..4, 0_u64..200, 0_u64..30, 0.0_f64..1.5).prop_map(
            |(set, count, in_s, sigma_s, p)| {
                let (ahead, sigma) = (Span::from_secs(in_s), Span::from_secs(sigma_s));
                Move::Foresee(set, count, ahead, sigma, p.min(1.0))
            }
        ),
        1 => any::<Index>().prop_map(Move::Cancel),
        10 => any::<Index>().prop_map(Move::Runner),
        4 => any::<Index>().prop_map(Move::End),
        1 => (any::<Index>(), select(vec![RunnerEnd::Failed, RunnerEnd::Reaped, RunnerEnd::Evicted]))
            .prop_map(|(index, end)| Move::Fail(index, end)),
        6 => any::<Index>().prop_map(Move::Node),
        1 => any::<Index>().prop_map(Move::Notice),
        1 => (any::<Index>(), select(vec![NodeEnd::Reclaimed, NodeEnd::NeverReady]))
            .prop_map(|(index, end)| Move::Reclaim(index, end)),
        12 => (any::<Index>(), fates(faults)).prop_map(|(index, fate)| Move::Carry(index, fate)),
        1 => (0_u32..6, 0_u32..3, 0_u32..5, 0_u32..5).prop_map(|(set, available, assigned, running)|
            Move::Misstate(set, Counts { available, assigned, running })),
        1 => (0_u32..4, of(0_u32..5), of(0_i64..100_000))
            .prop_map(|(team, max, budget)| Move::LimitTeam(team, max, budget)),
        1 => (0_u32..3, of(0_u32..5)).prop_map(|(pool, max)| Move::LimitPool(pool, max)),
        1 => (0_u32..3, 10_000_u32..1_000_000).prop_map(|(kind, price)| Move::Price(kind, price)),
        1 => Just(Move::Lead),
        6 => (1_u64..90_000).prop_map(|ms| Move::Pass(Span::from_ms(ms))),
        1 => Just(Move::Observe),
    ];
    let step = if faults {
        prop_oneof![
            4 => sound,
            1 => prop_oneof![
                any::<Index>().prop_map(Move::Lose),
                any::<Index>().prop_map(Move::Repeat),
                any::<Index>().prop_map(Move::Delay),
            ],
        ]
        .boxed()
    } else {
        sound.boxed()
    };
    vec(step, 0..most)
}

fn fates(faults: bool) -> impl Strategy<Value = Fate> {
    let refusals = select(vec![
        Refusal::InsufficientCapacity,
        Refusal::AccountQuota,
        Refusal::Throttled,
        Refusal::Unavailable,
        Refusal::Forbidden,
    ]);
    let sound = prop_oneof![
        8 => Just(Fate::Done),
        1 => refusals.prop_map(Fate::Refused),
        1 => any::<bool>().prop_map(Fate::Unknown),
    ];
    if faults {
        let faulty = prop_oneof![Just(Fate::Twice), Just(Fate::Silent), Just(Fate::Lost)];
        prop_oneof![2 => sound, 1 => faulty].boxed()
    } else {
        sound.boxed()
    }
}

/// The one that the index means, if there is any.
fn pick<T: Copy>(index: Index, among: impl Iterator<Item = T>) -> Option<T> {
    let among: Vec<T> = among.collect();
    (!among.is_empty()).then(|| among[index.index(among.len())])
}

impl Play {
    /// Lets one thing happen, and the core hear of it.
    pub(crate) fn step(&mut self, step: &Move) {
        self.happen(step);
        self.hear();
    }

    fn happen(&mut self, step: &Move) {
        let world = &mut self.world;
        match step {
            Move::Arrive(set, jobs) => (0..*jobs).for_each(|_| world.arrive(SetId(*set))),
            Move::Foresee(set, count, ahead, sigma, probability) => {
                world.foreseen[*set as usize] += count;
                self.tell(&Event::Foreseen(Box::new(Foresight {
                    set: SetId(*set),
                    count: *count,
                    expected_at: self.now + *ahead,
                    sigma: *sigma,
                    probability: *probability,
                })));
            }
            Move::Cancel(index) => {
                let waits = |place: &usize| world.jobs[*place].state == JobState::Waiting;
                if let Some(place) = pick(*index, (0..world.jobs.len()).filter(waits)) {
                    world.cancel(place);
                }
            }
            Move::Runner(index) => {
                if let Some(id) = pick(*index, world.runners.keys().copied()) {
                    world.advance_runner(id);
                }
            }
            Move::End(index) => {
                let runs = |place: &usize| matches!(world.jobs[*place].state, JobState::Running(_));
                if let Some(place) = pick(*index, (0..world.jobs.len()).filter(runs)) {
                    world.end(place);
                }
            }
            Move::Fail(index, end) => {
                if let Some(id) = pick(*index, world.runners.keys().copied()) {
                    world.drop_runner(id, *end);
                }
            }
            Move::Node(index) => {
                let comes = world.nodes.iter().filter(|(_, node)| !node.ready);
                if let Some(id) = pick(*index, comes.map(|(id, _)| *id)) {
                    world.advance_node(id);
                }
            }
            Move::Notice(index) => {
                if let Some(id) = pick(*index, world.nodes.keys().copied()) {
                    world.notice(id, self.now + Span::from_secs(120));
                }
            }
            Move::Reclaim(index, end) => {
                if let Some(id) = pick(*index, world.nodes.keys().copied()) {
                    world.drop_node(id, *end);
                }
            }
            Move::Carry(index, fate) => {
                if !self.orders.is_empty() {
                    let place = index.index(self.orders.len());
                    self.carry(place, *fate);
                }
            }
            Move::Misstate(set, counts) => {
                self.tell(&Event::Statistics { set: SetId(*set), counts: *counts });
            }
            Move::LimitTeam(id, max, budget) => {
                let team = &mut world.town.teams[*id as usize];
                (team.max, team.budget_per_month) = (*max, budget.map(Money::from_micros));
                let known = team_known(*id, team);
                self.tell(&known);
            }
            Move::LimitPool(id, max) => {
                let pool = &mut world.town.pools[*id as usize];
                pool.max = *max;
                let known = pool_known(*id, pool);
                self.tell(&known);
            }
            Move::Price(kind, price) => self.tell(&Event::PriceChanged {
                instance_type: TypeId(*kind),
                zone: ZoneId(0),
                capacity: CapacityType::Spot,
                rate: Rate::from_micros_per_hour(*price),
            }),
            Move::Lead => {
                self.generation = Generation(self.generation.0 + 1);
                self.tell(&Event::Leading(self.generation));
            }
            Move::Pass(span) => self.pass(*span),
            Move::Observe => {
                self.observe();
                // What was on its way is older than the listing, and shown by it.
                self.world.news.clear();
            }
            Move::Lose(index) => {
                if !world.news.is_empty() {
                    world.news.remove(index.index(world.news.len()));
                }
            }
            Move::Repeat(index) => {
                // What is configured comes from us, and comes once.
                let is_news = |place: &usize| {
                    !matches!(
                        self.told[*place],
                        Event::Configured(_)
                            | Event::PoolKnown(..)
                            | Event::TeamKnown(..)
                            | Event::FleetKnown(..)
                            | Event::SetKnown(..)
                    )
                };
                if let Some(place) = pick(*index, (0..self.told.len()).filter(is_news)) {
                    let event = self.told[place].clone();
                    self.tell(&event);
                }
            }
            Move::Delay(index) => {
                if !world.news.is_empty() {
                    let place = index.index(world.news.len());
                    let late = world.news.remove(place).expect("the place is among them");
                    self.late.push(late);
                }
            }
        }
    }

    /// Carries out one command, as its fate has it. The executor drops it when nobody waits for its
    /// outcome any more.
    pub(crate) fn carry(&mut self, place: usize, fate: Fate) {
        let command = match fate {
            Fate::Twice => self.orders[place].clone(),
            _ => self.orders.remove(place),
        };
        if command.give_up_at <= self.now {
            return;
        }
        let outcome = match fate {
            Fate::Lost => return,
            Fate::Refused(why) => Outcome::Refused(why),
            Fate::Unknown(false) => Outcome::Unknown,
            Fate::Unknown(true) => {
                self.world.execute(&command);
                self.world.show(&command);
                Outcome::Unknown
            }
            Fate::Silent => {
                self.world.execute(&command);
                return;
            }
            Fate::Done | Fate::Twice => self.world.execute(&command),
        };
        self.world.news.push_back(Event::Finished { command: command.id, outcome });
    }
}
