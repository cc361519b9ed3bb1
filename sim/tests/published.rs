//! The idealised world against published figures of real CI pools.

use crate::data::real;
use crate::whole::Scene;
use greenroom_reports::summary::Summary;
use greenroom_sim::feed::Feed;
use greenroom_traces::{ReadOptions, Source, Trace};

/// A worker pool of Firefox CI under a node a job, 60 s of boot, 5 s of dispatch, nodes given back
/// after 60 idle seconds: node time over job time less one, and the 95th percentile of the wait.
struct Row {
    pool: &'static str,
    overhead: f64,
    p95_s: f64,
}

/// Measured once with a separate simulator of these rules and nothing else, on the captures that
/// taskcluster-provisioning-simulator (MPL-2.0) publishes.
const ROWS: [Row; 3] = [
    Row { pool: "gecko-t-t-linux-large", overhead: 0.080, p95_s: 65.0 },
    Row { pool: "gecko-3-b-linux", overhead: 0.103, p95_s: 65.0 },
    Row { pool: "mobile-3-b-linux-large", overhead: 0.269, p95_s: 65.0 },
];

fn played(pool: &str) -> Option<Summary> {
    let path = real(&format!("traces/firefox-ci/{pool}.csv.gz"))?;
    let trace = Trace::open(&[Source::new(path)], &ReadOptions::default()).unwrap();
    Some(Scene::one_slot().play(Feed::of_trace(trace, 1.0)))
}

#[test]
fn reactive_costs_and_waits_as_published_on_three_pools() {
    for row in ROWS {
        let Some(summary) = played(row.pool) else { continue };
        let (overhead, p95_s) = (summary.overhead.unwrap(), summary.queue_s.unwrap().p95);
        assert!((overhead - row.overhead).abs() <= 0.002, "{}: overhead {overhead}", row.pool);
        assert!((p95_s - row.p95_s).abs() <= 1.0, "{}: p95 {p95_s}", row.pool);
    }
}

/// A row of the published frontier: a policy on the three pools.
struct Policy {
    name: &'static str,
    settings: &'static [&'static str],
    /// Everything that is paid, rent and preparation of stopped nodes included, over job time less
    /// one; in the order of [`ROWS`].
    overhead: [f64; 3],
    /// The most that the 95th percentile of the wait may be, where the rows say so.
    p95_s: [f64; 3],
}

/// Published to two or three digits, for a stock that is full at once and whose places are paid for
/// also while they are empty.
const POLICIES: [Policy; 7] = [
    Policy {
        name: "look-ahead for 95 % of the jobs",
        settings: &["lookahead.given.share=0.95"],
        overhead: [0.095, 0.151, 0.30],
        p95_s: [5.0, 5.0, 15.0],
    },
    Policy {
        name: "the same and 5 hot nodes",
        settings: &["lookahead.given.share=0.95", "tiers.hot.count=5"],
        overhead: [0.102, 0.218, 0.95],
        p95_s: [5.0, 5.0, 5.0],
    },
    Policy {
        name: "look-ahead for 70 % and 100 stopped nodes",
        settings: &["lookahead.given.share=0.7", "tiers.stopped.count=100"],
        overhead: [0.103, 0.205, 0.85],
        p95_s: [15.0, 15.0, 15.0],
    },
    Policy {
        name: "look-ahead for 50 % and 200 stopped nodes",
        settings: &["lookahead.given.share=0.5", "tiers.stopped.count=200"],
        overhead: [0.114, 0.26, 1.40],
        p95_s: [15.0, 15.0, 15.0],
    },
    Policy {
        name: "200 stopped nodes",
        settings: &["tiers.stopped.count=200"],
        overhead: [0.111, 0.24, 1.40],
        p95_s: [65.0, 15.0, 15.0],
    },
    Policy {
        name: "50 hot nodes",
        settings: &["tiers.hot.count=50"],
        overhead: [0.19, 0.85, 7.09],
        p95_s: [65.0, 65.0, 65.0],
    },
    Policy {
        name: "200 hot nodes",
        settings: &["tiers.hot.count=200"],
        overhead: [0.63, 3.30, 28.03],
        p95_s: [32.0, 5.0, 5.0],
    },
];

/// Half a point, or two per cent of what is published where that is more: the run ends with the last
/// job here, so that nothing is paid for nodes that are kept beyond it.
fn is_near(found: f64, published: f64) -> bool {
    (found - published).abs() <= (0.02 * published).max(0.005)
}

#[test]
fn greenroom_costs_and_waits_as_published_on_three_pools() {
    for policy in POLICIES {
        let greenroom = ["world=\"one-slot\"", "policy.name=\"greenroom\""];
        let scene = Scene::new(&[], &[&greenroom, policy.settings].concat());
        for (place, row) in ROWS.iter().enumerate() {
            let Some(path) = real(&format!("traces/firefox-ci/{}.csv.gz", row.pool)) else {
                continue;
            };
            let trace = Trace::open(&[Source::new(path)], &ReadOptions::default()).unwrap();
            let summary = scene.play(Feed::of_trace(trace, 1.0));
            let (cost, node_time) = (summary.cost_usd, summary.overhead.unwrap());
            let overhead = (1.0 + node_time) * cost.total / cost.on_demand - 1.0;
            let p95_s = summary.queue_s.unwrap().p95;
            let told =
                format!("{} on {}: overhead {overhead:.4}, p95 {p95_s}", policy.name, row.pool);
            assert!(is_near(overhead, policy.overhead[place]), "{told}");
            assert!(p95_s <= policy.p95_s[place] + 0.001, "{told}");
        }
    }
}
