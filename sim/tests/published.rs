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
