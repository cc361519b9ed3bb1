//! The files of a report. Each appears whole or not at all.

use crate::failure::{Exit, Failure, OrExit};
use greenroom_reports::atomic;
use greenroom_reports::compare::Comparison;
use greenroom_reports::plan::{Answer, ChartPoint};
use greenroom_reports::report::{Finished, Report};
use greenroom_reports::rows::{JobRows, NodeRows};
use greenroom_reports::summary::Summary;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where a report goes unless somebody says otherwise.
pub(crate) const DIRECTORY: &str = "greenroom-report";

/// Figures as files and `--json` have them.
pub(crate) fn json_text(figures: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(figures)
        .expect("figures have text keys only, and memory does not fail");
    text.push('\n');
    text
}

/// A report that also writes its tables while the run goes on.
pub(crate) fn with_rows(report: Report, directory: &Path) -> Result<Report, Failure> {
    make(directory)?;
    let (mut jobs, mut nodes) = (Vec::new(), Vec::new());
    for end in ["csv", "parquet"] {
        let begin = |name: &str| directory.join(format!("{name}.{end}"));
        jobs.push(JobRows::begin(&begin("jobs")).or_exit(Exit::Output)?);
        nodes.push(NodeRows::begin(&begin("nodes")).or_exit(Exit::Output)?);
    }
    Ok(report.with_rows(jobs, nodes))
}

/// Writes what remains once the run is over, and answers where the page lies.
pub(crate) fn write(
    finished: &Finished,
    summary: &Summary,
    directory: &Path,
    png: bool,
) -> Result<PathBuf, Failure> {
    let put = |name: &str, bytes: &[u8]| {
        atomic::write(&directory.join(name), bytes).or_exit(Exit::Output)
    };
    for (name, text) in finished.charts().or_exit(Exit::Output)? {
        put(&name, text.as_bytes())?;
    }
    if png {
        for (name, bytes) in finished.pictures().or_exit(Exit::Output)? {
            put(&name, &bytes)?;
        }
    }
    put("summary.json", json_text(summary).as_bytes())?;
    put("report.html", finished.html().or_exit(Exit::Output)?.as_bytes())?;
    Ok(directory.join("report.html"))
}

/// Writes a comparison and its chart, and answers where the chart lies.
pub(crate) fn write_comparison(
    comparison: &Comparison,
    directory: &Path,
) -> Result<PathBuf, Failure> {
    make(directory)?;
    let put = |name: &str, text: &str| {
        atomic::write(&directory.join(name), text.as_bytes()).or_exit(Exit::Output)
    };
    put("comparison.json", &json_text(comparison))?;
    let chart = comparison.chart().or_exit(Exit::Output)?;
    let name = "cost-and-queue-time.svg";
    put(name, &chart)?;
    Ok(directory.join(name))
}

/// Says early that a folder cannot be made where something else stands.
pub(crate) fn is_free(directory: &Path) -> Result<(), Failure> {
    if directory.exists() && !directory.is_dir() {
        let place = directory.display();
        return Err(Failure::told(
            Exit::Output,
            format!("{place}: found a file, expected a folder"),
        ));
    }
    Ok(())
}

/// Writes a plan, its chart and, where there is one, the recommended configuration; answers what to
/// tell of them.
pub(crate) fn write_plan(
    answer: &Answer,
    points: &[ChartPoint],
    recommended: Option<&str>,
    directory: &Path,
) -> Result<String, Failure> {
    make(directory)?;
    let put = |name: &str, text: &str| {
        let path = directory.join(name);
        atomic::write(&path, text.as_bytes()).or_exit(Exit::Output)?;
        Ok::<_, Failure>(path)
    };
    put("plan.json", &json_text(answer))?;
    let chart = put("cost-and-objectives.svg", &answer.chart(points).or_exit(Exit::Output)?)?;
    let mut told = format!("\nChart: {}\n", chart.display());
    let name = "recommended.toml";
    // Writing to text cannot fail.
    let _ = match recommended {
        Some(text) => {
            let path = put(name, text)?;
            writeln!(told, "Recommended configuration: {}", path.display())
        }
        None if directory.join(name).exists() => {
            let path = directory.join(name);
            writeln!(told, "{} is of an earlier plan.", path.display())
        }
        None => Ok(()),
    };
    Ok(told)
}

fn make(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| {
        let place = directory.display();
        Failure::told(Exit::Output, format!("{place}: cannot make the directory: {error}"))
    })
}
