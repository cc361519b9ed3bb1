//! No stream of entries, however absurd, makes a fold panic or lose its sums.

use crate::stream::Stream;
use greenroom_reports::provenance::Provenance;
use greenroom_reports::report::Report;
use greenroom_reports::summary::Run;
use greenroom_scheduler::decision::{Cause, Decision};
use greenroom_scheduler::event::{JobResult, Machine, NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::{Fact, Line, Naming, Stage};
use greenroom_scheduler::id::{
    FleetId, JobId, NodeId, PoolId, RunId, RunnerId, SetId, TeamId, TypeId, ZoneId,
};
use greenroom_scheduler::journal::OwnedEntry;
use greenroom_scheduler::model::{CapacityType, Forge};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use proptest::prelude::*;

/// Mostly small numbers, so that things meet; now and then an absurd one.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![12 => 0_u32..4, 1 => Just(u32::MAX), 1 => 100_000_u32..100_002]
}

fn entry() -> impl Strategy<Value = OwnedEntry> {
    let keyed = || (number(), prop_oneof![9 => Just(None), 1 => number().prop_map(Some)]);
    (0..24_u8, keyed(), keyed(), number(), number(), any::<u64>()).prop_map(
        |(kind, (a, a_slot), (b, b_slot), c, d, wild)| {
            let job = JobId { serial: a, slot: a_slot.unwrap_or(a) };
            let runner = RunnerId { serial: b, slot: b_slot.unwrap_or(b) };
            let node = NodeId { serial: c, slot: d.min(c) };
            let (set, fleet) = (SetId(d), FleetId(c));
            let charge = Money::from_micros(wild as i64);
            let fact = |fact| OwnedEntry::Fact(fact);
            let named = |naming| OwnedEntry::Fact(Fact::Named(Box::new(naming)));
            match kind {
                0 | 1 => fact(Fact::JobReady {
                    job,
                    set,
                    run: (c > 0).then_some(RunId(c)),
                    label: c,
                    recorded: (d > 1).then_some(Span::from_ms(wild)),
                }),
                2 => fact(Fact::JobReleased { job, by: b }),
                3 => fact(Fact::JobHeard { job }),
                4 | 5 => {
                    fact(Fact::JobStarted { job, runner: (c > 0).then_some(runner), attempt: d })
                }
                6 => fact(Fact::AttemptLost { job, runner }),
                7 | 8 => fact(Fact::JobEnded {
                    job,
                    result: [JobResult::Succeeded, JobResult::Lost, JobResult::Cancelled]
                        [wild as usize % 3],
                }),
                9 => fact(Fact::RunnerCreated { runner, set }),
                10 => fact(Fact::RunnerReached { runner, stage: Stage::Registered }),
                11 => fact(Fact::RunnerBound { runner, node }),
                12 => fact(Fact::RunnerGone {
                    runner,
                    end: [RunnerEnd::Finished, RunnerEnd::NodeLost][wild as usize % 2],
                }),
                13 => fact(Fact::NodeClaimed { node, fleet }),
                14 => fact(Fact::NodeLaunched {
                    node,
                    fleet,
                    machine: Machine {
                        instance_type: TypeId(d),
                        zone: ZoneId(a),
                        capacity: [CapacityType::Spot, CapacityType::OnDemand][wild as usize % 2],
                        rate: Rate::from_micros_per_hour(wild as u32),
                    },
                }),
                15 => fact(Fact::NodeReady { node }),
                16 => {
                    fact(Fact::NodePriced { node, rate: Rate::from_micros_per_hour(wild as u32) })
                }
                17 => fact(Fact::NodeGone {
                    node,
                    end: [NodeEnd::Deleted, NodeEnd::Reclaimed][wild as usize % 2],
                }),
                18 => fact(Fact::NodeBilled { node, charge }),
                19 => fact(Fact::HostedBilled { job, charge }),
                20 => fact(Fact::BesideBilled {
                    line: Line::Nat,
                    team: (a > 0).then_some(TeamId(a)),
                    charge,
                }),
                21 => named(Naming::Set {
                    set,
                    team: TeamId(a),
                    pool: PoolId(b),
                    forge: Forge::Cloud,
                    fleet,
                    request: Resources { cpu_milli: wild as u32, memory_mib: c, gpu: d },
                }),
                22 => match wild % 4 {
                    0 => named(Naming::Warmup(Time::from_ms(wild))),
                    1 => named(Naming::Team(TeamId(a), String::new())),
                    2 => named(Naming::Pool {
                        pool: PoolId(b),
                        name: "p".into(),
                        hosted_per_minute: Some(charge),
                    }),
                    _ => named(Naming::Type {
                        instance_type: TypeId(d),
                        name: "t".into(),
                        allocatable: Resources { cpu_milli: c, memory_mib: wild as u32, gpu: 0 },
                    }),
                },
                _ => {
                    OwnedEntry::Decision(Decision::Hold { set, waiting: a, cause: Cause::PoolMax })
                }
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_a_report_panic(
        entries in prop::collection::vec((entry(), 0_u64..100_000), 1..120),
        leap: Option<(prop::sample::Index, u64)>,
    ) {
        let mut stream = Stream::new();
        let mut at = 0_u64;
        let leap = leap.map(|(place, ms)| (place.index(entries.len()), ms));
        for (place, (entry, step)) in entries.into_iter().enumerate() {
            at = at.saturating_add(step);
            if let Some((_, ms)) = leap.filter(|leap| leap.0 == place) {
                at = at.saturating_add(ms);
            }
            stream.at_ms(at);
            stream.push(entry);
        }
        let finished = stream.feed(Report::new(Run::default())).finish(Provenance::default()).unwrap();
        let jobs = finished.summary.jobs;
        let ends = jobs.completed + jobs.failed + jobs.cancelled + jobs.lost;
        prop_assert_eq!(jobs.arrived, ends + jobs.running + jobs.waiting);
        prop_assert!(finished.html().unwrap().ends_with("</html>\n"));
    }
}
