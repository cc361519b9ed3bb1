//! Jobs of linkerd's metrics: start and end in seconds since 1970, no queue times at all.

use crate::error::{TraceError, shown};
use crate::provenance::Provenance;
use crate::read::csv_file::CsvFile;
use crate::schema::Row;
use crate::source::Input;

pub(crate) struct Linkerd {
    csv: CsvFile,
    file: u32,
    class: String,
    workflow: Option<usize>,
    job: Option<usize>,
    conclusion: Option<usize>,
    started: usize,
    completed: usize,
}

impl Linkerd {
    pub(crate) fn open(
        input: Input,
        file: u32,
        class: String,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let csv = CsvFile::open(input, b',')?;
        csv.note_unknown(
            &["workflow", "job", "conclusion", "started_s", "completed_s"],
            provenance,
        );
        let (workflow, job) = (csv.find("workflow"), csv.find("job"));
        let conclusion = csv.find("conclusion");
        let (started, completed) = (csv.need("started_s")?, csv.need("completed_s")?);
        Ok(Self { csv, file, class, workflow, job, conclusion, started, completed })
    }

    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, TraceError> {
        let csv = &mut self.csv;
        if !csv.next()? {
            return Ok(false);
        }
        row.clear();
        (row.file, row.line) = (self.file, csv.line());
        for (column, into) in [
            (self.workflow, &mut row.workflow),
            (self.job, &mut row.job_name),
            (self.conclusion, &mut row.conclusion),
        ] {
            column.map(|column| csv.text(column, into)).transpose()?;
        }
        row.runner_class.push_str(&self.class);
        let (started, completed) = (csv.seconds(self.started)?, csv.seconds(self.completed)?);
        if completed < started {
            return Err(TraceError::Field {
                place: csv.place(),
                field: "completed_s".to_owned(),
                found: shown(csv.value(self.completed).unwrap_or_default()),
                expected: format!("an end at or after started_s ({})", started / 1000),
            });
        }
        // When the first step ran is known, when the job was ready is not: what it waited is
        // unknown, and not zero, so the start serves as ready time and is not a recorded start.
        row.ready_ms = Some(started);
        row.completed_ms = Some(completed);
        row.duration_ms = Some(completed - started);
        Ok(true)
    }
}
