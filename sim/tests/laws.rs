//! Laws that notice nothing prove nothing: into the entries of a sound run one fault is planted,
//! and the law that it breaks must tell.

use crate::listed::{Job, ideal, play_into};
use greenroom_reports::summary::{Fold, Options, Run};
use greenroom_scheduler::event::{Event, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::id::NodeId;
use greenroom_scheduler::journal::{Entry, OwnedEntry, Sink};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::check::{Broken, Laws};

/// Entries that can be changed and told again.
#[derive(Clone, Debug, Default)]
struct Tape(Vec<(Time, OwnedEntry)>);

impl Sink for &mut Tape {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        let owned = match entry {
            Entry::Event(event) => OwnedEntry::Event(event.clone()),
            Entry::Command(command) => OwnedEntry::Command(command.clone()),
            Entry::Decision(decision) => OwnedEntry::Decision(*decision),
            Entry::Fact(fact) => OwnedEntry::Fact(fact.clone()),
        };
        self.0.push((at, owned));
    }
}

impl Tape {
    /// Forty jobs on at most four runners of nodes that hold one each.
    fn of_a_sound_run() -> Self {
        let settings = ["pool.default.max=4", "one_slot.boot_s=60"];
        let job = |nth: u64| Job {
            ready: Time::from_ms(nth * 20_000),
            duration: Span::from_secs(90),
            patience: None,
        };
        let jobs: Vec<Job> = (0..40).map(job).collect();
        let mut tape = Self::default();
        play_into(&ideal(&settings.map(str::to_owned)), &jobs, &mut tape);
        tape
    }

    /// What the laws say of it.
    fn judged(&self) -> Vec<Broken> {
        let mut laws = Laws::default();
        for (at, entry) in &self.0 {
            laws.entry(*at, entry.as_entry());
        }
        laws.breaches().0.iter().map(|breach| breach.what.clone()).collect()
    }

    /// How many breaches the ledger of the reports counts.
    fn ledger(&self) -> u64 {
        let mut fold = Fold::new(Run::default(), Options::default());
        for (at, entry) in &self.0 {
            fold.entry(*at, entry.as_entry());
        }
        fold.breaches().count
    }

    /// The place of the nth fact that is looked for.
    fn place(&self, nth: usize, wanted: impl Fn(&Fact) -> bool) -> usize {
        let places = self.0.iter().enumerate();
        let mut places = places.filter(|(_, (_, entry))| match entry {
            OwnedEntry::Fact(fact) => wanted(fact),
            _ => false,
        });
        places.nth(nth).unwrap().0
    }

    fn fact(&mut self, place: usize) -> &mut Fact {
        match &mut self.0[place].1 {
            OwnedEntry::Fact(fact) => fact,
            other => panic!("not a fact: {other:?}"),
        }
    }

    fn insert_after(&mut self, place: usize, fact: Fact) {
        let at = self.0[place].0;
        self.0.insert(place + 1, (at, OwnedEntry::Fact(fact)));
    }
}

/// Says that among the laws broken there is this one.
macro_rules! assert_tells {
    ($tape:expr, $law:pat) => {
        let told = $tape.judged();
        assert!(told.iter().any(|what| matches!(what, $law)), "{told:?}");
    };
}

#[test]
fn a_sound_run_breaks_none() {
    assert_eq!(Tape::of_a_sound_run().judged(), []);
}

/// The ledger of reports computes every charge anew and compares it with the world's.
#[test]
fn a_bill_that_is_a_second_off_is_told() {
    let sound = Tape::of_a_sound_run();
    assert_eq!(sound.ledger(), 0);
    // 0.20 USD an hour are 55.6 micro-dollars a second.
    for error in [-56, 56] {
        let mut tape = sound.clone();
        let place = tape.place(1, |fact| matches!(fact, Fact::NodeBilled { .. }));
        let Fact::NodeBilled { charge, .. } = tape.fact(place) else { unreachable!() };
        *charge = Money::from_micros(charge.as_micros() + error);
        assert_eq!(tape.ledger(), 1);
    }
}

#[test]
fn a_bill_that_never_came_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(1, |fact| matches!(fact, Fact::NodeBilled { .. }));
    tape.0.remove(place);
    assert_ne!(tape.ledger(), 0);
}

#[test]
fn time_that_goes_back_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(5, |fact| matches!(fact, Fact::JobStarted { .. }));
    tape.0[place].0 = Time::ZERO;
    assert_tells!(tape, Broken::TimeWentBack);
}

#[test]
fn a_job_that_comes_twice_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(3, |fact| matches!(fact, Fact::JobReady { .. }));
    let again = tape.fact(place).clone();
    tape.insert_after(place, again);
    assert_tells!(tape, Broken::PlaceTaken("job", 3));
    assert_tells!(tape, Broken::JobsLost { arrived: 41, ended: 40, open: 0 });
}

#[test]
fn a_job_that_ends_twice_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(3, |fact| matches!(fact, Fact::JobEnded { .. }));
    let again = tape.fact(place).clone();
    tape.insert_after(place, again);
    assert_tells!(tape, Broken::NotAlive("job", _));
}

#[test]
fn a_job_that_is_lost_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(3, |fact| matches!(fact, Fact::JobEnded { .. }));
    tape.0.remove(place);
    assert_tells!(tape, Broken::LeftOver("job", 1) | Broken::PlaceTaken("job", _));
}

#[test]
fn a_job_that_starts_twice_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(3, |fact| matches!(fact, Fact::JobStarted { .. }));
    let again = tape.fact(place).clone();
    tape.insert_after(place, again);
    assert_tells!(tape, Broken::JobStartedWrongly(_));
    assert_tells!(tape, Broken::RunnerReused(_));
}

#[test]
fn a_runner_that_is_used_again_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let is_start = |fact: &Fact| matches!(fact, Fact::JobStarted { .. });
    let (first, second) = (tape.place(2, is_start), tape.place(3, is_start));
    let Fact::JobStarted { runner: used, .. } = *tape.fact(first) else { unreachable!() };
    let Fact::JobStarted { runner, .. } = tape.fact(second) else { unreachable!() };
    *runner = used;
    assert_tells!(tape, Broken::RunnerReused(_));
}

#[test]
fn a_runner_removed_under_its_job_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(3, |fact| matches!(fact, Fact::JobStarted { .. }));
    let Fact::JobStarted { runner: Some(runner), .. } = *tape.fact(place) else { unreachable!() };
    tape.insert_after(place, Fact::RunnerGone { runner, end: RunnerEnd::Removed });
    assert_tells!(tape, Broken::BusyRunnerRemoved(_));
}

#[test]
fn a_runner_over_the_quota_is_told() {
    // The same runs under a limit that is one less than what they used.
    let mut of_pool = Tape::of_a_sound_run();
    let mut of_team = of_pool.clone();
    for (_, entry) in &mut of_pool.0 {
        if let OwnedEntry::Event(Event::PoolKnown(_, pool)) = entry {
            pool.max = Some(3);
        }
    }
    assert_tells!(of_pool, Broken::QuotaPassed(_));
    for (_, entry) in &mut of_team.0 {
        if let OwnedEntry::Event(Event::TeamKnown(_, team)) = entry {
            team.max = Some(3);
        }
    }
    assert_tells!(of_team, Broken::QuotaPassed(_));
}

#[test]
fn a_node_of_the_other_instance_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(
        0,
        |fact| matches!(fact, Fact::Named(naming) if matches!(**naming, Naming::Set { .. })),
    );
    let Fact::Named(naming) = tape.fact(place) else { unreachable!() };
    let Naming::Set { forge, .. } = &mut **naming else { unreachable!() };
    *forge = Forge::Enterprise;
    assert_tells!(tape, Broken::IsolationBroken(_));
}

/// Binds the second runner that is bound to the node of the first, while that is still there.
fn two_on_one_node(tape: &mut Tape) {
    let is_bound = |fact: &Fact| matches!(fact, Fact::RunnerBound { .. });
    let (first, second) = (tape.place(0, is_bound), tape.place(1, is_bound));
    let Fact::RunnerBound { node: taken, .. } = *tape.fact(first) else { unreachable!() };
    let Fact::RunnerBound { node, .. } = tape.fact(second) else { unreachable!() };
    *node = taken;
}

#[test]
fn a_node_with_more_than_it_holds_is_told() {
    let mut tape = Tape::of_a_sound_run();
    two_on_one_node(&mut tape);
    assert_tells!(tape, Broken::NodeOverfull(_));
}

#[test]
fn an_isolated_team_beside_another_is_told() {
    let mut tape = Tape::of_a_sound_run();
    two_on_one_node(&mut tape);
    // The second runner's set is another one, of a team that is isolated.
    let place = tape.place(
        0,
        |fact| matches!(fact, Fact::Named(naming) if matches!(**naming, Naming::Set { .. })),
    );
    let Fact::Named(naming) = tape.fact(place).clone() else { unreachable!() };
    let Naming::Set { pool, forge, fleet, request, .. } = *naming else { unreachable!() };
    let (other_set, other_team) =
        (greenroom_scheduler::id::SetId(1), greenroom_scheduler::id::TeamId(1));
    let naming = Naming::Set { set: other_set, team: other_team, pool, forge, fleet, request };
    tape.insert_after(place, Fact::Named(Box::new(naming)));
    let team = greenroom_scheduler::spec::Team {
        name: "alone".into(),
        guaranteed: 0,
        max: None,
        budget_per_month: None,
        isolated: true,
        service_class: None,
    };
    let at = tape.0[place].0;
    let known = Event::TeamKnown(other_team, Box::new(team));
    tape.0.insert(place + 2, (at, OwnedEntry::Event(known)));
    let created = tape.place(1, |fact| matches!(fact, Fact::RunnerCreated { .. }));
    let Fact::RunnerCreated { set, .. } = tape.fact(created) else { unreachable!() };
    *set = other_set;
    assert_tells!(tape, Broken::IsolationBroken(_));
}

#[test]
fn a_node_deleted_under_a_job_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(3, |fact| matches!(fact, Fact::RunnerBound { .. }));
    let Fact::RunnerBound { node, .. } = *tape.fact(place) else { unreachable!() };
    tape.insert_after(place, Fact::NodeGone { node, end: NodeEnd::Deleted });
    assert_tells!(tape, Broken::BusyNodeDeleted(_));
}

#[test]
fn a_node_that_nobody_gave_back_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let is_end = |fact: &Fact| matches!(fact, Fact::NodeGone { .. });
    let ends = tape.0.iter().filter(|(_, e)| matches!(e, OwnedEntry::Fact(f) if is_end(f)));
    let last = tape.place(ends.count() - 1, is_end);
    tape.0.remove(last);
    assert_tells!(tape, Broken::LeftOver("node", 1));
}

#[test]
fn a_runner_on_a_node_that_never_was_is_told() {
    let mut tape = Tape::of_a_sound_run();
    let place = tape.place(0, |fact| matches!(fact, Fact::RunnerBound { .. }));
    let Fact::RunnerBound { node, .. } = tape.fact(place) else { unreachable!() };
    *node = NodeId { serial: 77, slot: 77 };
    assert_tells!(tape, Broken::NotAlive("node", 77));
}
