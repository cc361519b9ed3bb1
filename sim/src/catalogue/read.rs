//! Reading a table of instance types.

use super::{Architecture, InstanceType, allocatable, max_pods_of};
use csv::StringRecord;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::resources::Resources;
use std::io::Read;
use thiserror::Error;

/// Something in a file is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}: {field}: found {found}, expected {expected}")]
pub struct ReadError {
    /// The name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The field, or what part of the file is meant.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

/// The columns, in the order in which the embedded table has them. A file may order them as it
/// likes, and leave a field of `gpu_name`, `max_pods`, the two of allocatable (which then follow
/// from the rest) and the two of spot empty.
const COLUMNS: [&str; 16] = [
    "name",
    "architecture",
    "vcpu",
    "memory_mib",
    "network_mbps",
    "local_nvme_gb",
    "gpu",
    "gpu_name",
    "enis",
    "ipv4_per_eni",
    "max_pods",
    "allocatable_cpu_milli",
    "allocatable_memory_mib",
    "on_demand_micros_per_hour",
    "spot_saving_percent",
    "spot_interruption_bucket",
];

/// The most types that a table may have. EC2 has about 1,400; ten times that is a mistake, and a
/// bound keeps a wrong file from filling memory.
const TYPES_MAX: usize = 10_000;

/// What of a bad value is shown: enough to find it, and no page of binary.
const SHOWN_MAX: usize = 60;

pub(crate) fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(SHOWN_MAX).collect();
    if cut.len() < text.len() {
        cut.push_str("...");
    }
    format!("{cut:?}")
}

/// Reads a table; the rows come out in name order.
pub(super) fn read(file: &str, reader: impl Read) -> Result<Vec<InstanceType>, ReadError> {
    // Comments are skipped by hand: the reader's own option loses count of lines.
    let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(reader);
    let fail = |line: u64, field: &str, found: String, expected: &str| ReadError {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        found,
        expected: expected.to_owned(),
    };
    let mut next = |record: &mut StringRecord| loop {
        match csv.read_record(record) {
            Ok(true) if record.get(0).is_some_and(|first| first.starts_with('#')) => {}
            Ok(more) => return Ok(more),
            Err(error) => return Err(broken(file, &error)),
        }
    };
    let mut header = StringRecord::new();
    next(&mut header)?;
    let header_line = header.position().map_or(1, csv::Position::line);
    let mut places = [usize::MAX; COLUMNS.len()];
    for (place, name) in header.iter().enumerate() {
        let Some(column) = COLUMNS.iter().position(|known| *known == name) else {
            return Err(fail(header_line, "header", shown(name), &COLUMNS.join(",")));
        };
        if places[column] != usize::MAX {
            return Err(fail(header_line, "header", shown(name), "each column once"));
        }
        places[column] = place;
    }
    if let Some(missing) = places.iter().position(|place| *place == usize::MAX) {
        let expected = format!("the column {}", COLUMNS[missing]);
        return Err(fail(header_line, "header", format!("{} columns", header.len()), &expected));
    }
    let mut types: Vec<(InstanceType, u64)> = Vec::new();
    let mut record = StringRecord::new();
    while next(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let expected = format!("{} fields", header.len());
            return Err(fail(line, "row", format!("{} fields", record.len()), &expected));
        }
        if types.len() == TYPES_MAX {
            let expected = format!("at most {TYPES_MAX} types");
            return Err(fail(line, "row", "one more".to_owned(), &expected));
        }
        let row = Row { file, line, record: &record, places: &places };
        types.push((row.instance_type()?, line));
    }
    if types.is_empty() {
        let found = "no row".to_owned();
        return Err(fail(header_line, "file", found, "at least one instance type"));
    }
    types.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    if let Some(twice) = types.windows(2).find(|pair| pair[0].0.name == pair[1].0.name) {
        let expected = format!("each type once; it stands in line {} too", twice[0].1);
        return Err(fail(twice[1].1, "name", shown(&twice[1].0.name), &expected));
    }
    Ok(types.into_iter().map(|(kind, _)| kind).collect())
}

/// An error of the CSV reader itself: not UTF-8, or the file could not be read.
pub(crate) fn broken(file: &str, error: &csv::Error) -> ReadError {
    let line = error.position().map_or(1, csv::Position::line);
    let (found, expected) = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => ("other bytes".to_owned(), "UTF-8 text"),
        _ => (error.to_string(), "a readable CSV file"),
    };
    ReadError {
        file: file.to_owned(),
        line,
        field: "file".to_owned(),
        found,
        expected: expected.to_owned(),
    }
}

struct Row<'a> {
    file: &'a str,
    line: u64,
    record: &'a StringRecord,
    places: &'a [usize; COLUMNS.len()],
}

impl<'a> Row<'a> {
    fn text(&self, column: &str) -> &'a str {
        let place = COLUMNS.iter().position(|known| *known == column);
        place.and_then(|column| self.record.get(self.places[column])).unwrap_or("").trim()
    }

    fn fail(&self, column: &str, expected: &str) -> ReadError {
        ReadError {
            file: self.file.to_owned(),
            line: self.line,
            field: column.to_owned(),
            found: shown(self.text(column)),
            expected: expected.to_owned(),
        }
    }

    /// A whole number within bounds.
    fn number(&self, column: &str, from: u32, to: u32) -> Result<u32, ReadError> {
        let parsed = self.text(column).parse::<u32>().ok();
        parsed
            .filter(|number| (from..=to).contains(number))
            .ok_or_else(|| self.fail(column, &format!("a whole number of {from} to {to}")))
    }

    /// The same, or nothing.
    fn optional(&self, column: &str, from: u32, to: u32) -> Result<Option<u32>, ReadError> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        let expected = format!("nothing, or a whole number of {from} to {to}");
        self.number(column, from, to).map(Some).map_err(|_| self.fail(column, &expected))
    }

    fn instance_type(&self) -> Result<InstanceType, ReadError> {
        // Bounds several times above the largest machine of 2026 (u7in-32tb: 896 vCPU, 32 TiB).
        const VCPU_MAX: u32 = 4_096;
        const MEMORY_MIB_MAX: u32 = 256 * 1024 * 1024;
        let name = self.text("name");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
            return Err(self.fail("name", "a name such as m7i.xlarge"));
        }
        let architecture = Architecture::named(self.text("architecture"))
            .ok_or_else(|| self.fail("architecture", "x86-64 or arm64"))?;
        let vcpu = self.number("vcpu", 1, VCPU_MAX)?;
        let memory_mib = self.number("memory_mib", 1, MEMORY_MIB_MAX)?;
        let gpu = self.number("gpu", 0, 64)?;
        let enis = self.number("enis", 1, 100)?;
        let ipv4_per_eni = self.number("ipv4_per_eni", 1, 100)?;
        let max_pods = self
            .optional("max_pods", 1, 10_000)?
            .unwrap_or_else(|| max_pods_of(enis, ipv4_per_eni));
        let derived = allocatable(architecture, vcpu, memory_mib, gpu, max_pods);
        let cpu_milli = self.optional("allocatable_cpu_milli", 1, vcpu * 1000)?;
        let pods_mib = self.optional("allocatable_memory_mib", 1, memory_mib)?;
        let price = self.number("on_demand_micros_per_hour", 0, u32::MAX)?;
        let saving = self.optional("spot_saving_percent", 0, 99)?;
        let bucket = self.optional("spot_interruption_bucket", 0, 4)?;
        let gpu_name = self.text("gpu_name");
        Ok(InstanceType {
            name: name.into(),
            architecture,
            vcpu,
            memory_mib,
            network_mbps: self.number("network_mbps", 0, 100_000_000)?,
            local_nvme_gb: self.number("local_nvme_gb", 0, 10_000_000)?,
            gpu,
            gpu_name: (!gpu_name.is_empty()).then(|| gpu_name.into()),
            enis,
            ipv4_per_eni,
            max_pods,
            allocatable: Resources {
                cpu_milli: cpu_milli.unwrap_or(derived.cpu_milli),
                memory_mib: pods_mib.unwrap_or(derived.memory_mib),
                gpu,
            },
            on_demand: Rate::from_micros_per_hour(price),
            spot_saving_percent: saving.map(|percent| percent as u8),
            spot_interruption_bucket: bucket.map(|bucket| bucket as u8),
        })
    }
}
