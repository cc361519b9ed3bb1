//! Rows into Parquet.

use super::io_error;
use crate::schema::{COLUMNS, Column, Row, Slot};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io::{self, BufWriter, IntoInnerError};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Rows in a row group: about 10 MB of cells in memory.
const GROUP_ROWS: usize = 65_536;
/// And no more text than this, where rows name hundreds of predecessors.
const GROUP_TEXT_BYTES: usize = 32 << 20;

/// Writes a trace, one row group after the other.
pub(crate) struct ParquetWriter {
    writer: SerializedFileWriter<BufWriter<NamedTempFile>>,
    columns: Vec<Buffer>,
    rows: usize,
    text_bytes: usize,
}

/// A column of the row group that is being collected: a level of 1 for each cell that says
/// something, and its value.
struct Buffer {
    column: &'static Column,
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
}

impl ParquetWriter {
    pub(crate) fn new(file: NamedTempFile, columns: &[usize]) -> io::Result<Self> {
        let columns: Vec<Buffer> = columns.iter().map(|&at| Buffer::new(&COLUMNS[at])).collect();
        let fields = columns.iter().map(|buffer| field(buffer.column)).collect::<Result<_, _>>();
        let fields = fields.map_err(io_error)?;
        let schema = Type::group_type_builder("jobs").with_fields(fields).build();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("greenroom".to_owned())
            .build();
        let schema = Arc::new(schema.map_err(io_error)?);
        let writer = SerializedFileWriter::new(BufWriter::new(file), schema, Arc::new(properties));
        Ok(Self { writer: writer.map_err(io_error)?, columns, rows: 0, text_bytes: 0 })
    }

    pub(crate) fn write(&mut self, row: &Row) -> io::Result<()> {
        for buffer in &mut self.columns {
            self.text_bytes += buffer.push(row);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.text_bytes >= GROUP_TEXT_BYTES {
            self.end_group()?;
        }
        Ok(())
    }

    /// Everything out of every buffer.
    pub(crate) fn finish(mut self) -> io::Result<NamedTempFile> {
        self.end_group()?;
        let file = self.writer.into_inner().map_err(io_error)?;
        file.into_inner().map_err(IntoInnerError::into_error)
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let Self { writer, columns, .. } = self;
        let mut write = || {
            let mut group = writer.next_row_group()?;
            for buffer in columns.iter_mut() {
                let Some(mut column) = group.next_column()? else { break };
                let levels = Some(&buffer.levels[..]);
                match &mut buffer.values {
                    Values::Texts(values) => {
                        column.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                        values.clear();
                    }
                    Values::Numbers(values) => {
                        column.typed::<Int64Type>().write_batch(values, levels, None)?;
                        values.clear();
                    }
                }
                buffer.levels.clear();
                column.close()?;
            }
            group.close()?;
            Ok::<(), ParquetError>(())
        };
        write().map_err(io_error)?;
        (self.rows, self.text_bytes) = (0, 0);
        Ok(())
    }
}

impl Buffer {
    fn new(column: &'static Column) -> Self {
        let values = match column.slot {
            Slot::Text(..) => Values::Texts(Vec::new()),
            Slot::Millis(..) | Slot::Count(..) => Values::Numbers(Vec::new()),
        };
        Self { column, levels: Vec::new(), values }
    }

    /// Takes the cell of a row and returns how many bytes of text it holds.
    fn push(&mut self, row: &Row) -> usize {
        let (is_there, bytes) = match (self.column.slot, &mut self.values) {
            (Slot::Text(get, _), Values::Texts(values)) => {
                let text = get(row).as_str();
                if !text.is_empty() {
                    values.push(text.into());
                }
                (!text.is_empty(), text.len())
            }
            (Slot::Millis(get, _) | Slot::Count(get, _), Values::Numbers(values)) => {
                values.extend(*get(row));
                (get(row).is_some(), 0)
            }
            // The kind of a buffer is made from that of its column.
            (Slot::Text(..), Values::Numbers(_))
            | (Slot::Millis(..) | Slot::Count(..), Values::Texts(_)) => (false, 0),
        };
        self.levels.push(i16::from(is_there));
        bytes
    }
}

fn field(column: &Column) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match column.slot {
        Slot::Text(..) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Slot::Millis(..) | Slot::Count(..) => (Physical::INT64, None),
    };
    Type::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::fs::OpenOptions;

    /// `/dev/full` is a disk without space.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = tempfile::TempPath::try_from_path(dir.path().join("a.parquet")).unwrap();
        let file = NamedTempFile::from_parts(full, path);
        let mut writer = ParquetWriter::new(file, &[0]).unwrap();
        let row = Row { run_id: "x".repeat(100_000), ..Row::default() };
        let error = writer.write(&row).and_then(|()| writer.finish().map(drop)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
