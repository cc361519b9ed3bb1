//! A cause that is named is the true one: when what it names is lifted, the wait for it shrinks, and
//! so does the whole wait. One limit of a kind for every cause that the configuration can provoke.

use crate::program::printed;
use std::fmt::Write;
use std::path::Path;

/// Twelve jobs at once, and twelve more 400 s later, two minutes each.
const JOBS: u64 = 24;

/// Column of the cause, what limits, and what lifts the limit.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const CASES: [Case; 18] = [
    ("team_max", &["team.web.max=2"], &["team.web.max=30"]),
    ("pool_max", &["pool.linux.max=2"], &["pool.linux.max=30"]),
    ("budget", &["team.web.budget_usd_per_month=0.001"], &["team.web.budget_usd_per_month=100"]),
    ("account_quota", &["ec2.quota={standard={on_demand_vcpu=8,spot_vcpu=8}}"], &[]),
    (
        "insufficient_capacity",
        &[
            "pool.linux.capacity=[\"spot\"]",
            "pool.linux.instance_types=[\"m7i.2xlarge\"]",
            "spot.market.hazard_per_hour=60",
            "spot.market.lost_share=1",
            "spot.market.outage.constant_s=900",
        ],
        &[],
    ),
    (
        "interruption",
        &["pool.linux.capacity=[\"spot\"]", "spot.market.hazard_per_hour=40"],
        &["pool.linux.capacity=[\"spot\"]", "spot.market.hazard_per_hour=0"],
    ),
    // The most of a fixed pool, and the most nodes.
    (
        "all_busy",
        &["policy.name=fixed", "policy.fixed.runners=2"],
        &["policy.name=fixed", "policy.fixed.runners=12"],
    ),
    ("all_busy", &["pool.linux.nodes_max=1"], &["pool.linux.nodes_max=30"]),
    ("node_startup", &["latency.ec2.pending.constant_s=120"], &[]),
    // A job a node: more nodes are waited for.
    ("node_startup", &["pool.linux.pods_per_node_max=1"], &[]),
    ("scheduling", &["latency.pod.bind.constant_s=10"], &[]),
    ("image_pull", &["kube.registry_mb_per_s=10"], &[]),
    ("pod_start", &["latency.pod.start.constant_s=30"], &[]),
    ("identity", &["latency.identity.vault_login.constant_s=20"], &[]),
    // GitHub's limit, and its outage: registrations wait for both.
    ("registration", &["github.registrations_per_5_min_max=4"], &[]),
    ("registration", &[UNAVAILABLE], &[]),
    ("delivery", &[SILENT], &[]),
    ("assignment", &["latency.github.assignment.constant_s=15"], &[]),
];

const UNAVAILABLE: &str =
    "github.windows=[{effect=\"unavailable\",forge=\"cloud\",from_s=0,until_s=300}]";
const SILENT: &str = "github.windows=[{effect=\"messages\",forge=\"cloud\",from_s=0,until_s=300}]";

/// Milliseconds that jobs waited for one cause, and in all.
fn waited(world: &Path, cause: &str, settings: &[&str]) -> (u64, u64) {
    let mut arguments = vec!["simulate", "--trace", "jobs.csv", "--out", "out"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    printed(world, &arguments);
    let table = std::fs::read_to_string(world.join("out/jobs.csv")).expect("a table of jobs");
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let (of_cause, of_all) = (column(&format!("queue_{cause}_ms")), column("queue_ms"));
    let mut sums = (0, 0);
    for line in lines {
        sums.0 += line[of_cause].parse().unwrap_or(0);
        sums.1 += line[of_all].parse().unwrap_or(0);
    }
    sums
}

#[test]
fn a_lifted_limit_shortens_the_wait_that_it_is_named_for() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let mut trace = "job_id,team,runner_class,ready_ms,duration_ms\n".to_owned();
    for job in 0..JOBS {
        let ready = 1_000 + job * 200 + if job < JOBS / 2 { 0 } else { 400_000 };
        let _ = writeln!(trace, "{job},web,linux,{ready},120000");
    }
    std::fs::write(world.path().join("jobs.csv"), trace).expect("a file of this test");
    for (cause, limited, lifted) in CASES {
        let (of_cause, of_all) = waited(world.path(), cause, limited);
        let (less, less_of_all) = waited(world.path(), cause, lifted);
        assert!(of_cause > less + 1_000, "{limited:?}: {of_cause} ms for {cause}, lifted {less}");
        assert!(of_all > less_of_all, "{limited:?}: {of_all} ms, lifted {less_of_all}");
    }
}

/// No setting lifts this one, since a class whose own runners fit nowhere is refused: a smaller job
/// does.
#[test]
fn a_job_that_fits_no_machine_is_told_with_which_numbers() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let explained = |cpu_milli: u32| {
        let header = "job_id,runner_class,ready_ms,duration_ms,cpu_milli,memory_mib";
        let trace = format!("{header}\n0,linux,1000,60000,{cpu_milli},1000\n");
        std::fs::write(world.path().join("job.csv"), trace).expect("a file of this test");
        printed(world.path(), &["explain", "0", "--trace", "job.csv"])
    };
    let large = explained(400_000);
    assert!(large.contains("no instance type of its runner class was large enough"), "{large}");
    assert!(large.contains("Its runner asks for 400 vCPU, 1000 MiB; the largest type"), "{large}");
    let small = explained(4_000);
    assert!(!small.contains("large enough") && !small.contains("asks for"), "{small}");
}
