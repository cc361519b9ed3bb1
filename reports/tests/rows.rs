//! Tables of jobs and nodes.

use crate::stream::Stream;
use expect_test::expect;
use greenroom_reports::names::Names;
use greenroom_reports::rows::{JobRows, NodeRows};
use greenroom_reports::wait::Waits;
use greenroom_scheduler::event::{NodeEnd, RunnerEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::OwnedEntry;
use std::path::Path;

fn write(stream: &Stream, jobs: &Path, nodes: &Path) {
    let (mut waits, mut names) = (Waits::default(), Names::default());
    let mut jobs = JobRows::begin(jobs).unwrap();
    let mut nodes = NodeRows::begin(nodes).unwrap();
    for (at, entry) in &stream.entries {
        if let OwnedEntry::Fact(fact) = entry {
            if let Fact::Named(naming) = fact {
                names.learn(naming);
            }
            nodes.fact(&names, *at, fact);
        }
        if let Some(story) = waits.step(*at, entry.as_entry()) {
            jobs.job(&names, story);
        }
    }
    jobs.finish().unwrap();
    nodes.finish().unwrap();
}

#[test]
fn a_job_and_a_node_as_csv() {
    let story = Stream::simple()
        .ready_in(0, 0, Some(2), Some(33))
        .created(0, 0)
        .claimed(0)
        .at(5.0)
        .launched(0, 0.36)
        .at(65.0)
        .node_ready(0)
        .bound(0, 0)
        .at(70.0)
        .started(0, 0)
        .at(170.0)
        .succeeded(0)
        .runner_gone(0, RunnerEnd::Finished)
        .at(230.5)
        .node_gone(0, NodeEnd::Deleted)
        .charged(0, 22_600)
        .over();
    let folder = tempfile::tempdir().unwrap();
    let (jobs, nodes) = (folder.path().join("jobs.csv"), folder.path().join("nodes.csv"));
    write(&story, &jobs, &nodes);
    expect![[r#"
        job,run,team,class,repository,workflow,job_name,ready_ms,started_ms,ended_ms,result,attempts,queue_ms,recorded_queue_ms,run_ms,interrupted_ms,released_by,runner,node,instance_type,capacity_type,queue_delivery_ms,queue_outage_ms,queue_team_max_ms,queue_pool_max_ms,queue_guaranteed_ms,queue_budget_ms,queue_no_machine_fits_ms,queue_account_quota_ms,queue_insufficient_capacity_ms,queue_all_busy_ms,queue_node_startup_ms,queue_scheduling_ms,queue_image_pull_ms,queue_pod_start_ms,queue_identity_ms,queue_registration_ms,queue_assignment_ms,queue_interruption_ms
        0,2,web,linux,acme/web,ci,test,0,70000,170000,succeeded,1,70000,33000,100000,0,,0,0,m7i.xlarge,on-demand,0,0,0,0,0,0,0,0,0,0,65000,0,0,0,0,0,5000,0
    "#]].assert_eq(&std::fs::read_to_string(jobs).unwrap());
    expect![[r#"
        node,fleet,instance_type,zone,capacity_type,rate_at_launch_micro_usd_per_hour,claimed_ms,launched_ms,ready_ms,gone_ms,end,attempts,attempts_lost,charge_micro_usd,life_ms
        0,fleet 0,m7i.xlarge,zone 0,on-demand,360000,0,5000,65000,230500,deleted,1,0,22600,225500
    "#]].assert_eq(&std::fs::read_to_string(nodes).unwrap());
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_what_csv_holds() {
    use crate::town::{Town, live};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let stream = live(Town::SMALL);
    write(&stream, &at("jobs.csv"), &at("nodes.csv"));
    write(&stream, &at("jobs.parquet"), &at("nodes.parquet"));
    for table in ["jobs", "nodes"] {
        let file = std::fs::File::open(at(&format!("{table}.parquet"))).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let columnar: Vec<Vec<String>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                let text = |(_, field): (&String, &Field)| match field {
                    Field::Null => String::new(),
                    Field::Str(text) => text.clone(),
                    other => other.to_string(),
                };
                row.get_column_iter().map(text).collect()
            })
            .collect();
        let mut csv = csv::Reader::from_path(at(&format!("{table}.csv"))).unwrap();
        let flat: Vec<Vec<String>> =
            csv.records().map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect()).collect();
        assert!(flat.len() > 5, "{table}");
        assert_eq!(columnar, flat, "{table}");
    }
}
