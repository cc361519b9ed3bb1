//! Ctrl-C: exit code 130, one sentence, and no half file. A second one is not needed.

use crate::program::{files, greenroom, printed};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// By then a command that takes minutes has begun to write, on any machine.
const BEGUN_MAX: Duration = Duration::from_secs(30);

/// Starts a command, sends Ctrl-C once `begun` holds in its folder, and answers how it ended.
fn interrupted(world: &Path, arguments: &[&str], begun: impl Fn(&[String]) -> bool) -> Output {
    let child = greenroom(world, arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    let started = Instant::now();
    while !begun(&files(world)) || !listens(child.id()) {
        assert!(started.elapsed() < BEGUN_MAX, "{arguments:?} did not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("POSIX has kill");
    assert!(sent.success(), "{arguments:?} ended before Ctrl-C");
    child.wait_with_output().expect("it is our child")
}

/// Whether it catches Ctrl-C by now, where the system tells: the second bit stands for SIGINT.
fn listens(process: u32) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else {
        return true;
    };
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_none_or(|mask| mask & 0b10 != 0)
}

fn is_temporary(files: &[String]) -> bool {
    files.iter().any(|name| name.contains(".greenroom-"))
}

fn check(output: &Output, told: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert_eq!(stderr, told);
    assert!(output.stdout.is_empty());
}

#[test]
fn generating_leaves_no_file() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let arguments = ["traces", "generate", "--jobs", "100000000", "--out", "a.csv"];
    let output = interrupted(world.path(), &arguments, is_temporary);
    check(&output, "error: interrupted: nothing was written\n");
    assert_eq!(files(world.path()), [""; 0]);
}

#[test]
fn importing_leaves_the_file_that_was_there() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    printed(world.path(), &["traces", "generate", "--jobs", "600000", "--out", "whole.csv.gz"]);
    std::fs::write(world.path().join("a.csv"), "mine\n").expect("room for a small file");
    // It reads for seconds before it writes; its handler stands before it reads.
    let settled = Instant::now();
    let arguments = ["traces", "import", "whole.csv.gz", "--out", "a.csv"];
    let output =
        interrupted(world.path(), &arguments, |_| settled.elapsed() > Duration::from_millis(200));
    check(&output, "error: interrupted: nothing was written\n");
    assert_eq!(files(world.path()), ["a.csv", "whole.csv.gz"]);
    let kept = std::fs::read_to_string(world.path().join("a.csv")).expect("it was there");
    assert_eq!(kept, "mine\n");
}

#[test]
fn simulating_leaves_no_report_and_no_journal() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let arguments = ["simulate", "--jobs", "50000000", "--out", "here", "--journal", "a.journal"];
    let output = interrupted(world.path(), &arguments, is_temporary);
    check(&output, "error: interrupted; nothing was written\n");
    assert_eq!(files(world.path()), [""; 0]);
}

#[test]
fn explaining_stops() {
    let world = tempfile::tempdir().expect("room for a temporary folder");
    let settled = Instant::now();
    let arguments = ["explain", "--worst", "3", "--jobs", "50000000"];
    let output =
        interrupted(world.path(), &arguments, |_| settled.elapsed() > Duration::from_millis(200));
    check(&output, "error: interrupted; nothing was written\n");
}
