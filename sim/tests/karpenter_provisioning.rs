//! What Karpenter does when, pinned as in its source: windows, retries, timeouts, memory of
//! capacity that ran out.
#![allow(clippy::unwrap_used, clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::karpenter::batch::Trigger;
use greenroom_sim::karpenter::config::KarpenterConfig;
use greenroom_sim::karpenter::lifecycle::ClaimInput;
use greenroom_sim::karpenter::provisioner::{ClaimId, Input, Output, Provisioner};
use proptest::prelude::*;
use std::fmt::Write;

const fn at(ms: u64) -> Time {
    Time::from_ms(ms)
}

/// Plays inputs at their times, ticks whenever the machine asks to, answers every Solve with a
/// Solve of `solve_ms`, and tells what happened when.
fn play(inputs: &[(u64, Input)], solve_ms: u64, until_ms: u64) -> String {
    let mut provisioner = Provisioner::new(&KarpenterConfig::default());
    let mut told = String::new();
    let mut waiting = inputs.iter().peekable();
    loop {
        let due = waiting.peek().map(|(ms, _)| at(*ms));
        let own = provisioner.next_at();
        let Some(now) = due.into_iter().chain(own).min().filter(|now| *now <= at(until_ms)) else {
            return told;
        };
        let input = if due == Some(now) { waiting.next().unwrap().1 } else { Input::Tick };
        let mut outputs = Vec::new();
        provisioner.handle(now, input, &mut outputs);
        if outputs.contains(&Output::Solve) {
            let took = Input::Solving(Span::from_ms(solve_ms));
            provisioner.handle(now, took, &mut outputs);
        }
        for output in outputs {
            writeln!(told, "{} ms {output:?}", now.as_ms()).unwrap();
        }
    }
}

fn shows(inputs: &[(u64, Input)], solve_ms: u64, until_ms: u64, expected: &Expect) {
    expected.assert_eq(&play(inputs, solve_ms, until_ms));
}

const fn pod(number: u64) -> Input {
    Input::Pending(Trigger::Pod(number))
}

const fn settled(number: u64) -> Input {
    Input::Settled(Trigger::Pod(number))
}

#[test]
fn a_window_closes_after_a_second_of_quiet() {
    shows(
        &[(0, pod(1)), (900, pod(2)), (1_800, pod(3))],
        100,
        5_000,
        &expect![[r#"
            2800 ms Solve
            2900 ms Commit
        "#]],
    );
}

#[test]
fn a_window_closes_after_ten_seconds_however_many_pods_come() {
    let stream: Vec<(u64, Input)> = (0..30).map(|n| (n * 500, pod(n))).collect();
    shows(
        &stream,
        100,
        12_000,
        &expect![[r#"
            10000 ms Solve
            10100 ms Commit
        "#]],
    );
}

#[test]
fn a_pod_that_asks_again_does_not_extend_the_window() {
    // Pod 1 asks at 0 and at 10,000; pods 2.. keep a second window open from 9,500 on.
    shows(
        &[(0, pod(1)), (9_500, pod(2))],
        100,
        13_000,
        &expect![[r#"
            1000 ms Solve
            1100 ms Commit
            11000 ms Solve
            11100 ms Commit
        "#]],
    );
}

#[test]
fn a_pending_pod_asks_again_every_ten_seconds_until_it_is_settled() {
    shows(
        &[(0, pod(1)), (25_000, settled(1))],
        0,
        60_000,
        &expect![[r#"
            1000 ms Solve
            1000 ms Commit
            11000 ms Solve
            11000 ms Commit
            21000 ms Solve
            21000 ms Commit
        "#]],
    );
}

#[test]
fn pods_that_come_while_solve_runs_wait_for_its_end_and_then_for_a_window() {
    shows(
        &[(0, pod(1)), (2_000, pod(2)), (6_500, settled(1)), (6_500, settled(2))],
        5_000,
        20_000,
        &expect![[r#"
            1000 ms Solve
            6000 ms Commit
            7000 ms Solve
            12000 ms Commit
        "#]],
    );
}

#[test]
fn solve_is_stopped_after_a_minute() {
    shows(
        &[(0, pod(1)), (500, settled(1))],
        300_000,
        200_000,
        &expect![[r#"
            1000 ms Solve
            61000 ms Commit
        "#]],
    );
}

#[test]
fn a_claim_without_capacity_is_deleted_at_once() {
    let claim = ClaimId(1);
    shows(
        &[
            (0, Input::Created(claim)),
            (2_000, Input::Claim(claim, ClaimInput::InsufficientCapacity)),
            (3_000, Input::Claim(claim, ClaimInput::Launched)),
        ],
        0,
        2_000_000,
        &expect![[r#"
            0 ms Launch(ClaimId(1))
            2000 ms Delete(ClaimId(1), InsufficientCapacity)
        "#]],
    );
}

#[test]
fn a_failed_launch_is_tried_again_with_growing_waits_and_given_up_after_five_minutes() {
    let claim = ClaimId(1);
    let mut inputs = vec![(0, Input::Created(claim))];
    inputs.extend((0..20).map(|n| (1 + n * 20_000, Input::Claim(claim, ClaimInput::LaunchFailed))));
    shows(
        &inputs,
        0,
        2_000_000,
        &expect![[r#"
            0 ms Launch(ClaimId(1))
            1001 ms Launch(ClaimId(1))
            22001 ms Launch(ClaimId(1))
            44001 ms Launch(ClaimId(1))
            68001 ms Launch(ClaimId(1))
            96001 ms Launch(ClaimId(1))
            300000 ms Delete(ClaimId(1), LaunchTimeout)
        "#]],
    );
}

#[test]
fn a_node_that_does_not_join_is_given_up_after_fifteen_minutes() {
    let claim = ClaimId(1);
    shows(
        &[(0, Input::Created(claim)), (4_000, Input::Claim(claim, ClaimInput::Launched))],
        0,
        2_000_000,
        &expect![[r#"
            0 ms Launch(ClaimId(1))
            900000 ms Delete(ClaimId(1), RegistrationTimeout)
        "#]],
    );
}

#[test]
fn a_node_that_joins_in_time_stays() {
    let claim = ClaimId(1);
    shows(
        &[
            (0, Input::Created(claim)),
            (4_000, Input::Claim(claim, ClaimInput::Launched)),
            (60_000, Input::Claim(claim, ClaimInput::Registered)),
            (90_000, Input::Claim(claim, ClaimInput::Initialized)),
        ],
        0,
        2_000_000,
        &expect![[r#"
            0 ms Launch(ClaimId(1))
        "#]],
    );
}

#[test]
fn what_ran_out_comes_back_three_minutes_after_the_last_refusal() {
    let mut provisioner = Provisioner::new(&KarpenterConfig::default());
    let mut none = Vec::new();
    provisioner.handle(at(1_000), Input::Refused(7), &mut none);
    assert!(provisioner.unavailable(at(180_999)).contains(7));
    provisioner.handle(at(100_000), Input::Refused(7), &mut none);
    assert!(provisioner.unavailable(at(279_999)).contains(7));
    assert!(!provisioner.unavailable(at(280_000)).contains(7));
    // Swept every ten seconds, not to the millisecond.
    provisioner.handle(at(300_001), Input::Refused(7), &mut none);
    assert!(provisioner.unavailable(at(489_999)).contains(7));
    assert!(!provisioner.unavailable(at(490_000)).contains(7));
    assert!(none.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No window is longer than ten seconds, none shorter than a second, and no pod waits for a
    /// round longer than Solve and a window take.
    #[test]
    fn windows_keep_their_bounds(
        gaps_ms in proptest::collection::vec(0_u64..3_000, 1..60),
        solve_ms in 0_u64..20_000,
    ) {
        let mut now_ms = 0;
        let inputs: Vec<(u64, Input)> = gaps_ms
            .iter()
            .enumerate()
            .map(|(n, gap)| {
                now_ms += gap;
                (now_ms, pod(n as u64))
            })
            .collect();
        let first = inputs[0].0;
        let told = play(&inputs, solve_ms, now_ms + 60_000);
        let solves: Vec<u64> = told
            .lines()
            .filter(|line| line.ends_with("Solve"))
            .map(|line| line.split(' ').next().unwrap().parse().unwrap())
            .collect();
        prop_assert!((first + 1_000..=first + 10_000).contains(&solves[0]));
        for pair in solves.windows(2) {
            prop_assert!(pair[1] >= pair[0] + solve_ms + 1_000);
        }
        for (pod_ms, _) in inputs {
            let next = solves.iter().find(|s| **s >= pod_ms).unwrap();
            prop_assert!(*next <= pod_ms + solve_ms + 10_000);
        }
    }
}
