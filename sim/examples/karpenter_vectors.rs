//! Runs a folder of golden vectors through the model of Karpenter and prints how far it agrees.
//!
//! `cargo run --example karpenter_vectors -- DIR [ID]`; with an id, what differs in that vector.

use greenroom_sim::karpenter::vectors::{Vector, Verdict, judge};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

#[derive(Default)]
struct Row {
    vectors: usize,
    agree: usize,
    refused: usize,
    model_usd: f64,
    recorded_usd: f64,
    notes: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: karpenter_vectors DIR [ID]")?);
    let only = arguments.next().map(|id| id.to_string_lossy().into_owned());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for path in files {
        let text = std::fs::read_to_string(&path)?;
        let vector = match Vector::parse(&text) {
            Ok(vector) => vector,
            Err(error) => {
                let row = rows.entry("(unreadable)".to_owned()).or_default();
                row.vectors += 1;
                row.notes.push(format!("{}: {error}", path.display()));
                continue;
            }
        };
        if only.as_ref().is_some_and(|id| *id != vector.id) {
            continue;
        }
        let judged = judge(&vector);
        let row = rows.entry(vector.behaviour.clone()).or_default();
        row.vectors += 1;
        if !judged.ignored.is_empty() {
            row.notes.push(format!("{}: nothing reads {}", vector.id, judged.ignored.join(", ")));
        }
        match judged.verdict {
            Verdict::Agrees => row.agree += 1,
            Verdict::Refused(reason) => {
                row.refused += 1;
                row.notes.push(format!("{}: refused: {reason}", vector.id));
                continue;
            }
            Verdict::Disagrees(how) => {
                row.notes.push(format!("{}: {}: {how}", vector.id, vector.note));
            }
        }
        row.model_usd += judged.model_usd;
        row.recorded_usd += judged.recorded_usd;
    }
    print(&rows)
}

fn print(rows: &BTreeMap<String, Row>) -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<22} {:>7} {:>6} {:>7} {:>8} {:>12} {:>12}",
        "class", "vectors", "agree", "refused", "disagree", "model $/h", "recorded $/h"
    )?;
    let mut line = |class: &str, row: &Row| {
        writeln!(
            out,
            "{class:<22} {:>7} {:>6} {:>7} {:>8} {:>12.4} {:>12.4}",
            row.vectors,
            row.agree,
            row.refused,
            row.vectors - row.agree - row.refused,
            row.model_usd,
            row.recorded_usd
        )
    };
    let mut all = Row::default();
    for (class, row) in rows {
        line(class, row)?;
        all.vectors += row.vectors;
        all.agree += row.agree;
        all.refused += row.refused;
        all.model_usd += row.model_usd;
        all.recorded_usd += row.recorded_usd;
    }
    line("all", &all)?;
    writeln!(out, "$/h of the vectors that were not refused.")?;
    for note in rows.values().flat_map(|row| &row.notes) {
        writeln!(out, "{note}")?;
    }
    Ok(())
}
