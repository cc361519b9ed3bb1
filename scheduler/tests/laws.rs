//! Laws over made-up histories in which everything is told, in order: statistics may be wrong,
//! nodes vanish, commands are refused or time out, limits and leaders change.

use crate::world::{Move, Play, Town, hold, moves, towns};
use greenroom_scheduler::core::Output;
use greenroom_scheduler::event::Event;
use proptest::prelude::Strategy;

fn histories() -> impl Strategy<Value = (Town, Vec<Move>)> {
    (towns(), moves(80, false))
}

/// Plays a history; the witness judges every drain.
fn played(town: &Town, history: &[Move], mut after_each: impl FnMut(&mut Play)) -> Play {
    let mut play = Play::new(town, true);
    for step in history {
        play.step(step);
        after_each(&mut play);
    }
    play
}

#[test]
fn no_history_breaks_a_law() {
    hold(&histories(), |(town, history)| {
        played(&town, &history, |_| {});
    });
}

#[test]
fn an_audit_finds_nothing_left_to_do() {
    hold(&histories(), |(town, history)| {
        played(&town, &history, |play| {
            let mut audited = play.core.clone();
            audited.handle(play.now, &Event::Audit);
            loop {
                match audited.poll() {
                    Output::WakeAt(_) => break,
                    // Of two limits that both hold, the other may be told.
                    Output::Decision(_) => {}
                    Output::Command(order) => play.fail(&format!("an audit finds: {order:?}")),
                }
            }
        });
    });
}

#[test]
fn a_state_that_was_written_down_goes_on_alike() {
    hold(&histories(), |(town, history)| {
        let mut steps = 0;
        played(&town, &history, |play| {
            steps += 1;
            if steps % 7 == 0 {
                play.restore_twin();
            }
        });
    });
}

#[test]
fn everything_queued_is_served_and_nothing_is_left() {
    hold(&histories(), |(town, history)| {
        let mut play = played(&town, &history, |_| {});
        play.heal();
    });
}
