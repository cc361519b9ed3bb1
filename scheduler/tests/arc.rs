//! ARC's rule against its vectors: the listener's own tests (actions-runner-controller,
//! `cmd/ghalistener/scaler`), as targets and patch ids.

use expect_test::{Expect, expect};
use greenroom_scheduler::id::{FleetId, PoolId, TeamId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::policy::arc::Patch;
use greenroom_scheduler::spec::{PolicySpec, RunnerSet};
use greenroom_scheduler::view::set::Set;

/// ARC's default: the largest int32.
const NO_MAX: u32 = i32::MAX as u32;

fn a_set() -> Set {
    let (team, pool, fleet) = (TeamId(0), PoolId(0), FleetId(0));
    Set::new(RunnerSet { team, pool, forge: Forge::Cloud, fleet })
}

/// Each call is GitHub's answer: assigned jobs, and whether a job started or completed before it.
/// Each result is target/patch id/sequence.
fn check(min: u32, max: u32, calls: &[(u32, bool)], expected: &Expect) {
    let policy = PolicySpec::Arc { min_runners: min, max_runners: max };
    let mut set = a_set();
    let mut told = Vec::new();
    for (sequence, &(assigned, job_event)) in calls.iter().enumerate() {
        set.counts.assigned = assigned;
        if job_event {
            set.patch.saw_job_event();
        }
        let step = set.patch.step(policy.demand(&set, true).runners, min);
        told.push(format!("{}/{}/{sequence}", step.target, step.patch_id));
    }
    expected.assert_eq(&told.join(", "));
}

#[test]
fn the_vectors_of_arc_come_out_exactly() {
    let ev = true;
    let no = false;
    check(0, NO_MAX, &[(0, no)], &expect!["0/0/0"]);
    check(0, NO_MAX, &[(1, no)], &expect!["1/0/0"]);
    check(0, NO_MAX, &[(1, no), (0, ev)], &expect!["1/0/0, 0/1/1"]);
    check(0, NO_MAX, &[(1, no), (1, no)], &expect!["1/0/0, 1/1/1"]);
    check(1, NO_MAX, &[(0, no)], &expect!["1/0/0"]);
    check(1, NO_MAX, &[(2, no), (0, ev)], &expect!["3/0/0, 1/1/1"]);
    check(1, NO_MAX, &[(3, no), (0, ev), (0, no)], &expect!["4/0/0, 1/1/1, 1/0/2"]);
    check(0, 5, &[(6, no)], &expect!["5/0/0"]);
    check(0, 5, &[(5, no)], &expect!["5/0/0"]);
    check(0, 5, &[(1, no), (6, ev)], &expect!["1/0/0, 5/1/1"]);
    check(0, 5, &[(6, no), (0, ev)], &expect!["5/0/0, 0/1/1"]);
    check(0, 5, &[(3, no), (0, ev), (0, no)], &expect!["3/0/0, 0/1/1, 0/0/2"]);
    check(1, 3, &[(4, no)], &expect!["3/0/0"]);
    check(1, 3, &[(3, no)], &expect!["3/0/0"]);
    check(1, 3, &[(2, no), (0, ev)], &expect!["3/0/0, 1/1/1"]);
    check(1, 3, &[(3, no), (0, ev), (0, no)], &expect!["3/0/0, 1/1/1, 1/0/2"]);
}

#[test]
fn the_patch_id_begins_anew_after_the_largest_int32() {
    let at_the_end = serde_json::json!({
        "target": 3, "sequence": i32::MAX, "job_event": false, "due": false
    });
    let mut patch: Patch = serde_json::from_value(at_the_end).unwrap();
    let ids: Vec<i64> = [3, 3].map(|demand| patch.step(demand, 0).patch_id).to_vec();
    assert_eq!(ids, [0, 1]);
}
