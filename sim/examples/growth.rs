//! What a job costs, and what memory a run takes, as runs grow.
//!
//! `cargo run --release --example growth` compares generated jobs: a hundred times the span, and
//! ten times the rate. `cargo run --release --example growth -- WORLD JOBS [RATE]` makes one run,
//! for instance of 36 million jobs: `-- one-slot 36000000`.
#![allow(clippy::print_stdout)]

// Not every program that shares it uses all of it.
#[allow(dead_code)]
#[path = "../benches/whole/mod.rs"]
mod whole;

use std::time::Instant;
use whole::{Jobs, Scene, bare};

/// Nanoseconds a job, after a line that says so.
fn measure(world: &str, count: u32, rate_scale: f64) -> f64 {
    let scene = Scene::new(&[], &[&format!("world={world:?}")]);
    let begin = Instant::now();
    let summary = scene.play(Jobs::Generated { count, rate_scale }.feed());
    let ns = begin.elapsed().as_nanos() as f64 / summary.jobs.arrived as f64;
    let memory =
        peak_mib().map_or_else(String::new, |mib| format!(", {mib:.0} MiB at most so far"));
    println!("{world}: {count} jobs at {rate_scale} times the rate: {ns:.0} ns a job{memory}");
    ns
}

/// The largest resident memory of this program so far, where the system tells.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn main() {
    let begin = Instant::now();
    bare::loop_of(1_000_000);
    println!("bare M/M/100 loop: {:.0} ns a job", begin.elapsed().as_nanos() as f64 / 1e6);
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [world, jobs, rate @ ..] = &args[..] {
        let rate_scale = rate.first().map_or(1.0, |rate| rate.parse().expect("a number"));
        measure(world, jobs.parse().expect("a number of jobs"), rate_scale);
        return;
    }
    for world in ["one-slot", "eks"] {
        let few = measure(world, 100_000, 1.0);
        let long = measure(world, 10_000_000, 1.0);
        println!("{world}: a hundred times the span costs {:.2} times as much a job", long / few);
        let dense = measure(world, 1_000_000, 10.0);
        println!("{world}: ten times the rate costs {:.2} times as much a job", dense / few);
    }
}
