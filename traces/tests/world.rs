//! Helpers that the other modules share.

use greenroom_traces::{Arrival, Provenance, ReadOptions, Source, Trace, TraceError};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A file of real data, or `None` (said loudly) where the data is not there.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("GREENROOM_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(name);
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there; set GREENROOM_DATA", path.display());
        return None;
    }
    Some(path)
}

/// A directory with files in it.
pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> (Self, PathBuf) {
        let world = Self::new();
        let path = world.write(name, content);
        (world, path)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A message without the directory, which differs from run to run.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

/// Everything a trace gives, in order.
pub(crate) fn arrivals(trace: &mut Trace) -> Result<Vec<Arrival>, TraceError> {
    trace.collect()
}

/// Opens one file.
pub(crate) fn open(path: &Path, options: &ReadOptions) -> Result<Trace, TraceError> {
    Trace::open(&[Source::new(path)], options)
}

/// A trace in words, its predecessors and names included: equal for equal traces.
pub(crate) fn told(trace: &mut Trace) -> Result<Vec<String>, TraceError> {
    let mut lines = Vec::new();
    while let Some(arrival) = trace.next() {
        let arrival = arrival?;
        let predecessors = trace.predecessors(&arrival).to_vec();
        let names = trace.names();
        let texts =
            [arrival.class, arrival.team, arrival.repository, arrival.workflow, arrival.job]
                .map(|name| names.text(name).to_owned());
        lines.push(format!("{arrival:?} {predecessors:?} {texts:?}"));
    }
    Ok(lines)
}

/// A trace as a table for scenarios: times in seconds after the first job, then what was repaired,
/// left out and remarked.
pub(crate) fn table(world: &World, sources: &[PathBuf], options: &ReadOptions) -> String {
    let sources: Vec<_> = sources.iter().map(Source::new).collect();
    let opened = Trace::open(&sources, options).and_then(|mut trace| {
        let rows = arrivals(&mut trace)?;
        Ok((trace, rows))
    });
    let (trace, rows) = match opened {
        Ok(opened) => opened,
        Err(error) => return world.plain(&format!("error: {error}\n")),
    };
    let mut text = String::new();
    let zero = rows.iter().map(|row| row.ready.min(row.enter).as_ms()).min().unwrap_or(0);
    let at = |ms: u64| (ms as i64 - zero as i64) as f64 / 1000.0;
    for row in &rows {
        let names = trace.names();
        write!(text, "{} {}", row.row, names.text(row.class)).unwrap();
        if !names.text(row.job).is_empty() {
            write!(text, " {:?}", names.text(row.job)).unwrap();
        }
        write!(text, ": ready {}", at(row.ready.as_ms())).unwrap();
        if row.enter != row.ready {
            write!(text, ", enters {}", at(row.enter.as_ms())).unwrap();
        }
        match (row.recorded_start, row.patience) {
            (Some(start), _) => write!(text, ", starts {}", at(start.as_ms())).unwrap(),
            (None, Some(patience)) => {
                write!(text, ", gives up after {}", patience.as_secs_f64()).unwrap();
            }
            (None, None) => {}
        }
        write!(text, ", runs {}", row.duration.as_secs_f64()).unwrap();
        if row.predecessors > 0 {
            let gap = row.gap.as_secs_f64();
            write!(text, ", {gap} behind {:?}", trace.predecessors(row)).unwrap();
        }
        writeln!(text, ", {:?}", row.conclusion).unwrap();
    }
    let provenance = trace.provenance();
    let gone = provenance.rows_dropped + provenance.rows_outside + provenance.rows_unreadable;
    assert_eq!(provenance.rows_read, provenance.rows_kept + gone, "no row vanishes uncounted");
    assert_eq!(provenance.rows_kept, rows.len() as u64);
    text.push_str(&notes(provenance));
    world.plain(&text)
}

/// What was repaired, left out and remarked.
fn notes(provenance: &Provenance) -> String {
    let mut text = String::new();
    for (rule, count) in provenance.repairs.totals() {
        let example = &provenance.repairs.examples[&rule][0];
        let (place, found, remedy) = (&example.place, &example.found, rule.remedy());
        writeln!(text, "{rule} {count}: {place}: {found}; {remedy}").unwrap();
    }
    for line in &provenance.unreadable {
        writeln!(text, "unreadable: {line}").unwrap();
    }
    for (name, count) in &provenance.unmatched {
        writeln!(text, "unmatched: {name} {count}").unwrap();
    }
    for (name, files) in &provenance.unknown_columns {
        writeln!(text, "unknown column: {name} in {files} file").unwrap();
    }
    for remark in &provenance.remarks {
        writeln!(text, "remark: {remark}").unwrap();
    }
    text
}
