//! Bounds beside a run: the arithmetic, and when nothing may be claimed.

use crate::town::{Town, live};
use greenroom_reports::hindsight::{Hindsight, Least};
use greenroom_reports::summary::{Bound, Fold, Options, Run, Summary};
use greenroom_reports::table;

/// A run of which everything is known: 100 USD of machines, 30 of them for the class `a`; 6 hours
/// of queue time on critical paths; and no attempt was lost.
fn run() -> Summary {
    let mut fold = live(Town::WEEK).feed(Fold::new(Run::default(), Options::default()));
    let mut summary = fold.summary();
    summary.jobs.attempts = summary.jobs.arrived;
    summary.nodes.interrupted = 0;
    (summary.cost_usd.spot, summary.cost_usd.on_demand) = (40.0, 60.0);
    summary.critical_path_queue_s = 6.0 * 3600.0;
    let class = &mut summary.by_class[0];
    "a".clone_into(&mut class.name);
    (class.cost_usd.spot, class.cost_usd.on_demand, class.jobs.arrived) = (30.0, 0.0, 100);
    class.queue_s.as_mut().unwrap().mean = 36.0;
    summary
}

/// Nobody could have had less than 80 USD of machines without waiting, nor less than 125 of machines
/// and waiting.
fn hindsight(summary: &Summary) -> Hindsight {
    let usd = |usd: u64| usd * 1_000_000_000;
    Hindsight {
        all: Least { zero_wait_nano_usd: usd(80), with_waiting_nano_usd: Some(usd(125)) },
        classes: vec![(
            "a".to_owned(),
            Least { zero_wait_nano_usd: usd(20), with_waiting_nano_usd: Some(usd(25)) },
        )],
        wait_value_micro_usd_per_hour: 20_000_000,
        jobs: summary.jobs.arrived,
        failed: summary.jobs.failed,
        cancelled: summary.jobs.cancelled,
    }
}

fn filled(mut summary: Summary, hindsight: &Hindsight) -> Summary {
    hindsight.fill(&mut summary);
    summary
}

#[test]
fn cost_is_beside_the_optimum_and_cost_with_waiting_beside_the_bound() {
    let summary = filled(run(), &hindsight(&run()));
    // 100 + 20 x 6 = 220 beside 125; 30 + 20 x 1 = 50 beside 25.
    let bound = |cost_usd, cost_ratio, gap| {
        Some(Bound { cost_usd, cost_ratio, gap: Some(gap), wait_value_usd_per_hour: 20.0 })
    };
    assert_eq!(summary.bound, bound(80.0, 1.25, 0.76));
    assert_eq!(summary.by_class[0].bound, bound(20.0, 1.5, 1.0));
    assert!(summary.by_class[1..].iter().all(|class| class.bound.is_none()));
    let text = table::text(&summary);
    let line = "In hindsight    machines for $80.00 if nobody waits, 1.25 times that here; avoidable \
                76.0 % at $20.00 an hour of waiting";
    assert!(text.lines().any(|told| told == line), "{text}");
}

/// Jobs that did not do what the record says make a run cheaper than any bound.
#[test]
fn nothing_is_said_of_runs_that_did_not_do_all_of_the_work() {
    let hindsight = hindsight(&run());
    let spoilt: [fn(&mut Summary); 6] = [
        |summary| summary.jobs.arrived -= 1,
        |summary| summary.jobs.running = 1,
        |summary| summary.jobs.waiting = 1,
        |summary| summary.jobs.lost = 1,
        |summary| summary.jobs.failed += 1,
        |summary| summary.jobs.cancelled += 1,
    ];
    for spoil in spoilt {
        let mut summary = run();
        spoil(&mut summary);
        assert_eq!(filled(summary, &hindsight).bound, None);
    }
}

/// The running time of a lost attempt is no queue time, though the run ends later for it.
#[test]
fn no_gap_is_told_of_runs_with_lost_attempts() {
    let hindsight = hindsight(&run());
    let spoilt: [fn(&mut Summary); 2] =
        [|summary| summary.jobs.attempts += 1, |summary| summary.nodes.interrupted = 1];
    for spoil in spoilt {
        let mut summary = run();
        spoil(&mut summary);
        let bound = filled(summary, &hindsight).bound.unwrap();
        assert_eq!((bound.cost_ratio, bound.gap), (1.25, None));
    }
}

#[test]
fn a_free_world_has_no_ratio() {
    let hindsight = Hindsight { all: Least::default(), ..hindsight(&run()) };
    assert_eq!(filled(run(), &hindsight).bound, None);
}
