//! How nodes end, and what messages about instances do, pinned as in Karpenter's source.
#![allow(clippy::unwrap_used, clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::karpenter::interruption::Message;
use greenroom_sim::karpenter::termination::{DrainGroup, DrainPod, Termination, TerminationOutput};
use std::fmt::Write;

const fn s(secs: u64) -> Time {
    Time::from_ms(secs * 1000)
}

const fn pod(number: u64, group: DrainGroup, protected_until: Time) -> DrainPod {
    let grace = Span::from_secs(30);
    DrainPod { pod: number, group, grace, protected_until, ends_at: None }
}

/// Plays a node's end: evicted pods are gone after `ends_s`, others when `leaves` says; the
/// instance ends 42 s after it was asked to.
fn shows(
    mut pods: Vec<DrainPod>,
    leaves: &[(u64, u64)],
    ends_s: u64,
    grace_s: Option<u64>,
    expected: &Expect,
) {
    let mut node = Termination::new(Time::ZERO, grace_s.map(Span::from_secs));
    let mut told = String::new();
    let mut going: Vec<(Time, u64)> = leaves.iter().map(|&(at, pod)| (s(at), pod)).collect();
    let mut instance_ends: Option<Time> = None;
    let mut instance_is_there = true;
    loop {
        going.sort_unstable();
        let leave = going.first().map(|&(at, _)| at);
        let Some(now) = leave.into_iter().chain(instance_ends).chain(node.next_at()).min() else {
            break;
        };
        if leave == Some(now) {
            let (_, gone) = going.remove(0);
            pods.retain(|pod| pod.pod != gone);
            node.changed(now);
            continue;
        }
        if instance_ends == Some(now) {
            (instance_ends, instance_is_there) = (None, false);
            node.changed(now);
            continue;
        }
        let mut outputs = Vec::new();
        node.step(now, &pods, instance_is_there, &mut outputs);
        for output in outputs {
            writeln!(told, "{} s {output:?}", now.as_ms() as f64 / 1000.0).unwrap();
            let (number, takes) = match output {
                TerminationOutput::Evict(number) => (number, Span::from_secs(ends_s)),
                TerminationOutput::Delete(number, left) => (number, left),
                TerminationOutput::EndInstance => {
                    instance_ends = Some(now + Span::from_secs(42));
                    continue;
                }
                TerminationOutput::Gone => continue,
            };
            let ends_at = now + takes;
            pods.iter_mut().find(|pod| pod.pod == number).unwrap().ends_at = Some(ends_at);
            going.retain(|&(_, pod)| pod != number);
            going.push((ends_at, number));
        }
    }
    expected.assert_eq(&told);
}

use DrainGroup::{Critical, Daemon, Ordinary};

#[test]
fn an_empty_node_drains_for_five_seconds() {
    shows(
        Vec::new(),
        &[],
        0,
        None,
        &expect![[r#"
            5 s EndInstance
            50 s Gone
        "#]],
    );
}

#[test]
fn groups_leave_one_after_the_other() {
    shows(
        vec![
            pod(1, Critical, Time::ZERO),
            pod(2, Daemon, Time::ZERO),
            pod(3, Ordinary, Time::ZERO),
            pod(4, Ordinary, Time::ZERO),
        ],
        &[],
        10,
        None,
        &expect![[r#"
            0 s Evict(3)
            0 s Evict(4)
            10 s Evict(2)
            20 s Evict(1)
            30 s EndInstance
            75 s Gone
        "#]],
    );
}

#[test]
fn a_protected_pod_is_waited_for_however_long_it_runs() {
    shows(
        vec![pod(1, Ordinary, Time::MAX)],
        &[(7_200, 1)],
        10,
        None,
        &expect![[r#"
            7200 s EndInstance
            7245 s Gone
        "#]],
    );
}

#[test]
fn a_protection_that_runs_out_ends_in_an_eviction() {
    shows(
        vec![pod(1, Ordinary, Time::from_ms(90_400))],
        &[],
        10,
        None,
        &expect![[r#"
            91 s Evict(1)
            101 s EndInstance
            146 s Gone
        "#]],
    );
}

#[test]
fn at_the_deadline_less_its_own_grace_even_a_protected_pod_is_deleted() {
    shows(
        vec![pod(1, Ordinary, Time::MAX)],
        &[(7_200, 1)],
        10,
        Some(600),
        &expect![[r#"
            571 s Delete(1, Span(29000))
            600 s EndInstance
            645 s Gone
        "#]],
    );
}

#[test]
fn a_deadline_shorter_than_the_grace_leaves_what_there_is_and_a_second_at_least() {
    shows(
        vec![pod(1, Ordinary, Time::MAX)],
        &[(7_200, 1)],
        10,
        Some(10),
        &expect![[r#"
            1 s Delete(1, Span(9000))
            10 s EndInstance
            55 s Gone
        "#]],
    );
}

#[test]
fn messages_have_their_consequences() {
    let told: String = [
        Message::SpotInterruption,
        Message::RebalanceRecommendation,
        Message::ScheduledChange,
        Message::StateChange,
        Message::ReservationInterruption,
        Message::StatusImpaired,
    ]
    .map(|message| {
        let reaction = message.reaction();
        format!(
            "{message:?}: mark {}, delete {}, at once {}\n",
            reaction.mark_unavailable, reaction.delete, reaction.at_once
        )
    })
    .concat();
    expect![[r#"
        SpotInterruption: mark true, delete true, at once false
        RebalanceRecommendation: mark false, delete false, at once false
        ScheduledChange: mark false, delete true, at once false
        StateChange: mark false, delete true, at once false
        ReservationInterruption: mark false, delete true, at once false
        StatusImpaired: mark false, delete true, at once true
    "#]]
    .assert_eq(&told);
}
