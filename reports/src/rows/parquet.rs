//! Parquet, through the column writers of the `parquet` crate: flat tables need no arrow.

use super::table::{Cell, Column, Kind};
use crate::atomic::Draft;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::io;
use std::sync::Arc;

/// Rows in a row group: about 10 MB of cells in memory.
const GROUP_ROWS: usize = 65_536;

pub(super) struct Parquet {
    writer: SerializedFileWriter<Draft>,
    kinds: Vec<Kind>,
    columns: Vec<Vec<Cell>>,
}

impl Parquet {
    pub(super) fn begin(draft: Draft, columns: &[Column]) -> io::Result<Self> {
        let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>().map_err(error)?;
        let schema = Type::group_type_builder("rows").with_fields(fields).build().map_err(error)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
            .set_created_by("greenroom".to_owned())
            .build();
        let writer = SerializedFileWriter::new(draft, Arc::new(schema), Arc::new(properties));
        Ok(Self {
            writer: writer.map_err(error)?,
            kinds: columns.iter().map(|column| column.kind).collect(),
            columns: columns.iter().map(|_| Vec::new()).collect(),
        })
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row has a cell for each column");
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        if self.columns.first().is_some_and(|column| column.len() >= GROUP_ROWS) {
            self.flush()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Draft> {
        self.flush()?;
        self.writer.into_inner().map_err(error)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.columns.first().is_none_or(Vec::is_empty) {
            return Ok(());
        }
        self.group().map_err(error)?;
        self.columns.iter_mut().for_each(Vec::clear);
        Ok(())
    }

    fn group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for (cells, kind) in self.columns.iter().zip(&self.kinds) {
            let Some(mut column) = group.next_column()? else { break };
            // A definition level of 1 says that the cell holds something.
            let levels: Vec<i16> =
                cells.iter().map(|cell| i16::from(*cell != Cell::Empty)).collect();
            match kind {
                Kind::Integer => {
                    let values: Vec<i64> = cells.iter().filter_map(integer).collect();
                    column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
                }
                Kind::Text => {
                    let values: Vec<ByteArray> = cells.iter().filter_map(text).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
                }
            }
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

fn field(column: &Column) -> Result<Arc<Type>, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Integer => (Physical::INT64, None),
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}

const fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(value) => Some(*value),
        Cell::Empty | Cell::Text(_) => None,
    }
}

fn text(cell: &Cell) -> Option<ByteArray> {
    match cell {
        Cell::Text(value) => Some(value.as_str().into()),
        Cell::Empty | Cell::Integer(_) => None,
    }
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
