//! Writes the report of a made-up town, to look at: `cargo run --example town -- FOLDER [TEAMS]`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/stream.rs"]
mod stream;
#[path = "../tests/town.rs"]
mod town;

use greenroom_reports::provenance::{Provenance, Repair, Setting, Source};
use greenroom_reports::replications;
use greenroom_reports::report::Report;
use greenroom_reports::summary::{Fold, Options, Run};
use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "town".into()));
    let teams = arguments.next().map_or(6, |text| text.parse().unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let run = Run {
        seed: 1,
        policy: "reactive".into(),
        world: "eks".into(),
        trace: "town-2025-11.csv".into(),
        ..Run::default()
    };
    let town = |seed| town::live(town::Town { seed, teams, ..town::Town::WEEK });
    let mut finished = town(1).feed(Report::new(run.clone())).finish(provenance()).unwrap();
    let others =
        (2..5).map(|seed| town(seed).feed(Fold::new(run.clone(), Options::default())).summary());
    let all: Vec<_> = std::iter::once(finished.summary.clone()).chain(others).collect();
    finished.summary = replications::fold(&all).unwrap();
    for (name, text) in finished.charts().unwrap() {
        greenroom_reports::atomic::write(&folder.join(name), text.as_bytes()).unwrap();
    }
    let page = finished.html().unwrap();
    greenroom_reports::atomic::write(&folder.join("report.html"), page.as_bytes()).unwrap();
    for (name, bytes) in finished.pictures().unwrap() {
        greenroom_reports::atomic::write(&folder.join(name), &bytes).unwrap();
    }
}

fn provenance() -> Provenance {
    let by_day = vec![("2025-11-03".into(), 12), ("2025-11-05".into(), 3)];
    Provenance {
        program: "0.1.0".into(),
        sources: vec![Source {
            name: "town-2025-11.csv".into(),
            format: "greenroom".into(),
            bytes: Some(612_840),
            rows: 5_003,
            rows_skipped: 3,
            span: Some(("2025-11-03 00:00".into(), "2025-11-09 23:58".into())),
            hash: Some("5d1e0f3ca9b876425d1e0f3ca9b87642".into()),
        }],
        repairs: vec![Repair {
            rule: "start-before-creation".into(),
            meaning: "A job that started before it was created is ready when it started.".into(),
            rows: 15,
            by_day,
        }],
        settings: vec![Setting {
            key: "policy.fixed.runners".into(),
            value: "10".into(),
            origin: "default".into(),
        }],
        limits: vec!["Approvals are not in this job history.".into()],
        hints_left_out: 0,
        predecessors_unknown: 0,
        hindsight: None,
    }
}
