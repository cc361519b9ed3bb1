//! Files of any format, as one Greenroom trace in order of delivery.

mod anonymise;
mod cut;
mod sort;

use crate::compact::job_key;
use crate::error::TraceError;
use crate::graph::{Graph, Placed};
use crate::loader::{Loader, no_jobs};
use crate::options::ReadOptions;
use crate::provenance::Provenance;
use crate::schema::{COLUMNS, Row, Slot};
use crate::source::Source;
use crate::write::Writer;
use anonymise::Pseudonyms;
use cut::Cut;
use sort::{Key, Sorter};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// How to import, beside how to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportOptions<'a> {
    /// Replace names by pseudonyms. Equal names get equal ones within one import; the key is drawn
    /// anew for each and kept nowhere.
    pub anonymise: bool,
    /// Set by the caller to stop: nothing is left behind.
    pub stop: Option<&'a AtomicBool>,
    /// Rows sorted in memory before they go to a temporary file; 0 for the default.
    pub rows_in_memory: usize,
}

/// Predecessors may be this many rows away in the files: about 150 MB of ids.
const WINDOW_ROWS: usize = 1 << 20;

/// Reads `sources` and writes them to `out`, which appears whole or not at all. Reading `out` gives
/// the arrivals that reading `sources` gives.
pub fn import(
    sources: &[Source],
    options: &ReadOptions,
    import: ImportOptions<'_>,
    out: &Path,
) -> Result<Provenance, TraceError> {
    let mut loader = Loader::open(sources, options)?;
    if let Some(graph) = &mut loader.graph {
        graph.set_window(WINDOW_ROWS);
    }
    let mut sorter = Sorter::new(out, import.rows_in_memory);
    let mut pseudonyms = import.anonymise.then(Pseudonyms::new);
    let mut waiting: BTreeMap<u32, Row> = BTreeMap::new();
    let mut used = [false; COLUMNS.len()];
    let mut seq = 0;
    loop {
        if import.stop.is_some_and(|stop| stop.load(Relaxed)) {
            return Err(TraceError::Interrupted);
        }
        let more = loader.next()?;
        let Loader { merged, graph, placed, edges, row, .. } = &mut loader;
        edges.clear();
        if more {
            merged.provenance.has_recorded_starts |= row.started_ms.is_some();
        }
        match graph {
            None if more => {
                let key = Key { enter_ms: row.ready_ms.unwrap_or(0), depth: 0, seq };
                let mut row = std::mem::take(row);
                finish(&mut row, None, pseudonyms.as_mut(), &mut used);
                sorter.push(key, row)?;
            }
            None => {}
            Some(graph) => {
                if more {
                    waiting.insert(seq, std::mem::take(row));
                }
                for &Placed { seq, enter, depth, .. } in placed.iter() {
                    let mut row = waiting.remove(&seq).expect("a row is placed once");
                    let key = Key { enter_ms: enter.as_ms() as i64, depth, seq };
                    finish(&mut row, Some(graph), pseudonyms.as_mut(), &mut used);
                    sorter.push(key, row)?;
                }
                placed.clear();
            }
        }
        if !more {
            break;
        }
        seq += 1;
    }
    loader.finish()?;
    let columns = (0..COLUMNS.len()).filter(|&column| used[column]).collect();
    let mut writer = Writer::create(out, columns)?;
    let mut cut = Cut::new((options.from, options.to));
    let mut provenance = loader.merged.provenance;
    sorter.drain(|key, row| {
        if import.stop.is_some_and(|stop| stop.load(Relaxed)) {
            return Err(TraceError::Interrupted);
        }
        match cut.take(key, row, &mut provenance)? {
            Some(row) => {
                provenance.rows_kept += 1;
                writer.write(&row)
            }
            None => Ok(()),
        }
    })?;
    if provenance.rows_kept == 0 {
        return Err(no_jobs(&provenance));
    }
    writer.finish()?;
    Ok(provenance)
}

/// Makes a row fit to stand alone: no predecessors that are left out, pseudonyms where asked for.
fn finish(
    row: &mut Row,
    graph: Option<&Graph>,
    pseudonyms: Option<&mut Pseudonyms>,
    used: &mut [bool; COLUMNS.len()],
) {
    if let Some(graph) = graph
        && !row.predecessors.is_empty()
    {
        let present = row.predecessor_ids().filter(|id| !graph.is_left_out(job_key(row, id)));
        row.predecessors = present.collect::<Vec<_>>().join(" ");
    }
    if let Some(pseudonyms) = pseudonyms {
        pseudonyms.replace(row);
    }
    for (used, column) in used.iter_mut().zip(COLUMNS) {
        *used |= match column.slot {
            Slot::Text(get, _) => !get(row).is_empty(),
            Slot::Millis(get, _) | Slot::Count(get, _) => get(row).is_some(),
        };
    }
}
