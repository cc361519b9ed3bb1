//! The report as a whole: the same bytes from a run and from its journal, and pages that hold
//! nothing foreign.

use crate::stream::{SMALL, Stream};
use crate::town::{Town, live};
use greenroom_reports::journal_file::{Header, Reader, Writer};
use greenroom_reports::provenance::Provenance;
use greenroom_reports::report::{Finished, Report};
use greenroom_reports::rows::{JobRows, NodeRows};
use greenroom_reports::summary::{Fold, Options, Run};
use std::collections::BTreeMap;
use std::path::Path;

fn run() -> Run {
    let (policy, world, trace) = ("reactive".into(), "eks".into(), "town".into());
    Run { seed: 1, policy, world, trace, ..Run::default() }
}

/// Everything that a report writes, by name.
fn everything(finished: &Finished, folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    files.insert("report.html".to_owned(), finished.html().unwrap().into_bytes());
    let summary = serde_json::to_vec_pretty(&finished.summary).unwrap();
    files.insert("summary.json".to_owned(), summary);
    for (name, text) in finished.charts().unwrap() {
        files.insert(name, text.into_bytes());
    }
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|end| end == "csv") {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

fn report(folder: &Path) -> Report {
    let jobs = JobRows::begin(&folder.join("jobs.csv")).unwrap();
    let nodes = NodeRows::begin(&folder.join("nodes.csv")).unwrap();
    Report::new(run()).with_rows(vec![jobs], vec![nodes])
}

#[test]
fn a_journal_gives_the_bytes_that_the_run_gave() {
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let stream = live(Town { jobs: 500, ..Town::SMALL });
    let provenance = Provenance { program: "0.1.0".into(), ..Provenance::default() };
    let path = one.path().join("run.ndjson.gz");
    let writer = Writer::begin(&path, &Header::new("0.1.0", run())).unwrap();
    let (writer, live) = stream.feed((writer, report(one.path())));
    writer.finish(provenance.clone()).unwrap();
    let live = live.finish(provenance).unwrap();

    let mut reader = Reader::open(&path).unwrap();
    let mut read = report(two.path());
    let closing = reader.feed(&mut read).unwrap();
    let read = read.finish(closing.provenance).unwrap();

    let (live, read) = (everything(&live, one.path()), everything(&read, two.path()));
    assert_eq!(live.keys().collect::<Vec<_>>(), read.keys().collect::<Vec<_>>());
    assert_eq!(live.len(), 10);
    for (name, bytes) in &live {
        assert!(*bytes == read[name], "{name} differs");
    }
}

#[test]
fn the_report_has_the_summary_of_the_plain_fold() {
    let stream = live(Town::SMALL);
    let plain = stream.feed(Fold::new(run(), Options::default())).summary();
    let report = stream.feed(Report::new(run())).finish(Provenance::default()).unwrap();
    assert_eq!(report.summary, plain);
    let jobs = serde_json::to_value(&plain).unwrap();
    let names: Vec<&String> = jobs.as_object().unwrap().keys().collect();
    // The contract; `replications` stands only where there are any.
    let contract = "jobs queue_s start_share recorded_queue_s cost_usd node_seconds job_seconds \
        overhead nodes spot_share_of_minutes by_team by_class events commands wall_s ns_per_job \
        parse_ns_per_job startup_ms peak_rss_bytes quantiles seed policy world nodes_by trace \
        journal_hash bound critical_path_queue_s";
    for name in contract.split_whitespace() {
        assert!(names.iter().any(|known| *known == name), "{name}");
    }
}

#[test]
fn a_page_loads_nothing_and_names_cannot_break_it() {
    let evil = "<script>alert('x')</script>\" onload=\"y";
    let story = Stream::new()
        .team(0, evil)
        .hosted_pool(0, evil, 0.008)
        .set(0, 0, 0, 0, SMALL)
        .label(0, evil, evil, evil)
        .ready(0, 0)
        .at(5.0)
        .started_hosted(0)
        .at(80.0)
        .succeeded(0)
        .charged_hosted(0, 16_000)
        .over();
    let run = Run { trace: evil.into(), policy: evil.into(), ..run() };
    let finished = story.feed(Report::new(run)).finish(Provenance::default()).unwrap();
    let page = finished.html().unwrap();
    assert!(!page.contains("<script"));
    assert!(!page.contains("onload=\"y"));
    assert!(page.contains("&lt;script&gt;"));
    for foreign in ["src=", "href=", "url(", "@import", "http:", "https:"] {
        let known = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!known.contains(foreign), "{foreign}");
    }
    for (name, text) in finished.charts().unwrap() {
        assert!(!text.contains("<script"), "{name}");
    }
}

#[test]
fn a_report_of_nothing_and_one_that_was_cut_are_pages_too() {
    let empty = Report::new(run()).finish(Provenance::default()).unwrap();
    assert!(empty.charts().unwrap().is_empty());
    assert!(empty.html().unwrap().contains("0 jobs under the policy"));
    let cut = Stream::simple().ready(0, 0).at(9.0).cut();
    let cut = cut.feed(Report::new(run())).finish(Provenance::default()).unwrap();
    let page = cut.html().unwrap();
    assert!(page.contains("0 jobs still ran and 1 still waited"), "{page}");
}

#[cfg(feature = "png")]
#[test]
fn pictures_are_the_same_each_time() {
    let draw = || {
        let finished = live(Town::SMALL).feed(Report::new(run()));
        finished.finish(Provenance::default()).unwrap().pictures().unwrap()
    };
    let (one, two) = (draw(), draw());
    assert_eq!(one.len(), 6);
    assert!(one == two);
    assert!(one.iter().all(|(_, bytes)| bytes.starts_with(b"\x89PNG") && bytes.len() > 5_000));
}
