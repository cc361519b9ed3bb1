//! Our own format as Parquet, through the column writers: a flat table needs no arrow.

use crate::schema::{COLUMNS, Row, Slot};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io::{self, BufWriter};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Rows held until they are written as one group: some 20 MB.
const GROUP_ROWS: usize = 65_536;

pub(crate) struct ParquetWriter {
    writer: SerializedFileWriter<BufWriter<NamedTempFile>>,
    columns: Vec<Values>,
    rows: usize,
}

/// The values of one column in the group being filled; a level of 1 says that there is one.
struct Values {
    column: usize,
    levels: Vec<i16>,
    texts: Vec<ByteArray>,
    numbers: Vec<i64>,
}

impl ParquetWriter {
    pub(crate) fn new(file: NamedTempFile, columns: &[usize]) -> io::Result<Self> {
        let fields: Result<Vec<_>, _> = columns.iter().map(|&column| field(column)).collect();
        let schema = Type::group_type_builder("jobs")
            .with_fields(fields.map_err(error)?)
            .build()
            .map_err(error)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("greenroom".to_owned())
            .build();
        let file = BufWriter::new(file);
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties));
        let values = |&column: &usize| Values {
            column,
            levels: Vec::new(),
            texts: Vec::new(),
            numbers: Vec::new(),
        };
        let columns = columns.iter().map(values).collect();
        Ok(Self { writer: writer.map_err(error)?, columns, rows: 0 })
    }

    pub(crate) fn write(&mut self, row: &Row) -> io::Result<()> {
        for values in &mut self.columns {
            let is_there = match COLUMNS[values.column].slot {
                Slot::Text(get, _) => {
                    let text = get(row);
                    if !text.is_empty() {
                        values.texts.push(text.as_str().into());
                    }
                    !text.is_empty()
                }
                Slot::Millis(get, _) | Slot::Count(get, _) => {
                    values.numbers.extend(*get(row));
                    get(row).is_some()
                }
            };
            values.levels.push(i16::from(is_there));
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS { self.group() } else { Ok(()) }
    }

    /// Everything out of every buffer.
    pub(crate) fn finish(mut self) -> io::Result<NamedTempFile> {
        if self.rows > 0 {
            self.group()?;
        }
        let file = self.writer.into_inner().map_err(error)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }

    fn group(&mut self) -> io::Result<()> {
        self.rows = 0;
        let mut group = self.writer.next_row_group().map_err(error)?;
        for values in &mut self.columns {
            let Some(mut column) = group.next_column().map_err(error)? else { break };
            let levels = Some(&values.levels[..]);
            match COLUMNS[values.column].slot {
                Slot::Text(..) => {
                    column.typed::<ByteArrayType>().write_batch(&values.texts, levels, None)
                }
                Slot::Millis(..) | Slot::Count(..) => {
                    column.typed::<Int64Type>().write_batch(&values.numbers, levels, None)
                }
            }
            .map_err(error)?;
            column.close().map_err(error)?;
            values.levels.clear();
            values.texts.clear();
            values.numbers.clear();
        }
        group.close().map_err(error)?;
        Ok(())
    }
}

fn field(column: usize) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match COLUMNS[column].slot {
        Slot::Text(..) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Slot::Millis(..) | Slot::Count(..) => (Physical::INT64, None),
    };
    Type::primitive_type_builder(COLUMNS[column].name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}

/// The crate wraps the system's errors; a full disk must stay one.
fn error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}
