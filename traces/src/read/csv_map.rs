//! Any CSV, by a map file that says which column is which field of the schema.

mod map;

use crate::error::{Place, TraceError};
use crate::provenance::Provenance;
use crate::read::Step;
use crate::read::csv_file::CsvFile;
use crate::read::greenroom::COUNT;
use crate::repair::Rule;
use crate::schema::{self, COLUMNS, Row, Slot};
use crate::source::Input;
use map::{Kind, Map};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(crate) struct CsvMap {
    csv: CsvFile,
    file: u32,
    class: String,
    columns: Vec<Mapped>,
    constants: Vec<(usize, String)>,
    values: BTreeMap<usize, BTreeMap<String, String>>,
    pub(crate) has_predecessors: bool,
}

/// A column of the file that fills a field.
struct Mapped {
    place: usize,
    /// Column of the schema.
    field: usize,
    kind: Kind,
}

impl CsvMap {
    pub(crate) fn open(
        input: Input,
        file: u32,
        class: String,
        map: Option<&Path>,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let map = map.ok_or_else(|| TraceError::Option {
            option: "--map",
            found: "nothing".to_owned(),
            expected: "a file that maps columns to fields, which --format csv needs".to_owned(),
        })?;
        let Map { delimiter, columns: wanted, constants, values, ignore } = map::read(map)?;
        let csv = CsvFile::open(input, delimiter)?;
        let mut columns = Vec::new();
        for (name, (field, kind)) in &wanted {
            columns.push(Mapped { place: csv.need(name)?, field: *field, kind: kind.clone() });
        }
        let known: Vec<&str> =
            wanted.keys().map(String::as_str).chain(ignore.iter().map(String::as_str)).collect();
        csv.note_unknown(&known, provenance);
        let has = |name| {
            let field = schema::column(name).expect("a name of the schema");
            columns.iter().any(|column| column.field == field)
        };
        for (one, other) in [("queued_ms", "ready_ms"), ("duration_ms", "completed_ms")] {
            if !has(one) && !has(other) {
                return Err(TraceError::MissingColumn {
                    place: Place { file: Arc::clone(&csv.file), line: 1 },
                    found: csv.columns(),
                    expected: format!("one that the map calls {one} or {other}"),
                });
            }
        }
        let has_predecessors = has("predecessors");
        Ok(Self { csv, file, class, columns, constants, values, has_predecessors })
    }

    pub(crate) fn read(
        &mut self,
        row: &mut Row,
        provenance: &mut Provenance,
    ) -> Result<Step, TraceError> {
        let csv = &mut self.csv;
        if !csv.next()? {
            return Ok(Step::End);
        }
        row.clear();
        (row.file, row.line) = (self.file, csv.line());
        for (field, value) in &self.constants {
            fill_constant(row, *field, value);
        }
        for Mapped { place, field, kind } in &self.columns {
            match COLUMNS[*field].slot {
                Slot::Text(_, get) => {
                    let text = get(row);
                    csv.text(*place, text)?;
                    if let Some(value) = self.values.get(field).and_then(|map| map.get(text)) {
                        text.clone_from(value);
                    }
                }
                Slot::Millis(_, get) | Slot::Count(_, get) => {
                    let value = csv.value(*place);
                    let parsed = value.map(|value| kind.parse(value));
                    match parsed {
                        None => *get(row) = None,
                        Some(Some(number)) => *get(row) = Some(number),
                        Some(None) => return Err(csv.wrong(*place, kind.expected(COUNT))),
                    }
                }
            }
        }
        if !matches!(row.forge.as_str(), "" | "cloud" | "enterprise") {
            let forge = schema::column("forge").expect("a name of the schema");
            let column = self.columns.iter().find(|column| column.field == forge);
            let place = column.map_or(0, |column| column.place);
            return Err(csv.wrong(place, "cloud or enterprise (map others with [values.forge])"));
        }
        if row.runner_class.is_empty() {
            row.runner_class = if row.labels.is_empty() {
                self.class.clone()
            } else {
                schema::class_of_labels(row.labels.split([';', ',']))
            };
        }
        // Exports list jobs as they are, also those that have not ended.
        if row.completed_ms.is_none() && row.duration_ms.is_none() {
            let found = || "no end and no length".to_owned();
            provenance.repairs.row(Rule::Unfinished, &provenance.files, row, found)?;
            return Ok(Step::Dropped);
        }
        Ok(Step::Row)
    }
}

/// Constants were checked when the map was read.
fn fill_constant(row: &mut Row, field: usize, value: &str) {
    match COLUMNS[field].slot {
        Slot::Text(_, get) => get(row).push_str(value),
        Slot::Millis(_, get) | Slot::Count(_, get) => *get(row) = value.parse().ok(),
    }
}
