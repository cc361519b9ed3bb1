//! The cells of one column, a batch at a time.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;

/// Cells that are decoded at once; with every column some 200 KB.
const BATCH: usize = 1024;

/// Cells of a column of the present row group.
pub(super) struct Cells {
    reader: ColumnReader,
    is_optional: bool,
    /// Of the batch: 1 for each cell that holds something. Empty where every cell does.
    levels: Vec<i16>,
    values: Values,
    /// The next cell of the batch, the next value, and how many cells there are.
    next_cell: usize,
    next_value: usize,
    count: usize,
}

enum Values {
    Texts(Vec<ByteArray>),
    Longs(Vec<i64>),
    Ints(Vec<i32>),
    Doubles(Vec<f64>),
}

/// What a cell holds.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    Nothing,
    Text(&'a [u8]),
    Whole(i64),
    /// Not whole, or not a number.
    Fraction(f64),
}

/// Whole numbers beyond this cannot be told from their neighbours in a double.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

impl Cells {
    /// `None` for a physical type that no column of ours has.
    pub(super) fn new(reader: ColumnReader, is_optional: bool) -> Option<Self> {
        let values = match &reader {
            ColumnReader::ByteArrayColumnReader(_) => Values::Texts(Vec::new()),
            ColumnReader::Int64ColumnReader(_) => Values::Longs(Vec::new()),
            ColumnReader::Int32ColumnReader(_) => Values::Ints(Vec::new()),
            ColumnReader::DoubleColumnReader(_) => Values::Doubles(Vec::new()),
            _ => return None,
        };
        let levels = Vec::new();
        Some(Self { reader, is_optional, levels, values, next_cell: 0, next_value: 0, count: 0 })
    }

    /// The next cell, an error where the column is shorter than its row group.
    pub(super) fn next(&mut self) -> Result<Cell<'_>, ParquetError> {
        if self.next_cell == self.count {
            self.fill()?;
        }
        let cell = self.next_cell;
        self.next_cell += 1;
        if self.is_optional && self.levels.get(cell).is_none_or(|&level| level == 0) {
            return Ok(Cell::Nothing);
        }
        let value = self.next_value;
        self.next_value += 1;
        let found = match &self.values {
            Values::Texts(values) => values.get(value).map(|text| Cell::Text(text.data())),
            Values::Longs(values) => values.get(value).map(|&number| Cell::Whole(number)),
            Values::Ints(values) => values.get(value).map(|&number| Cell::Whole(number.into())),
            Values::Doubles(values) => values.get(value).map(|&number| {
                let is_whole = libm::floor(number) == number && number.abs() <= EXACT_MAX;
                if is_whole { Cell::Whole(number as i64) } else { Cell::Fraction(number) }
            }),
        };
        found.ok_or_else(too_short)
    }

    fn fill(&mut self) -> Result<(), ParquetError> {
        self.levels.clear();
        (self.next_cell, self.next_value) = (0, 0);
        let levels = self.is_optional.then_some(&mut self.levels);
        self.count = match (&mut self.reader, &mut self.values) {
            (ColumnReader::ByteArrayColumnReader(reader), Values::Texts(values)) => {
                read(reader, levels, values)?
            }
            (ColumnReader::Int64ColumnReader(reader), Values::Longs(values)) => {
                read(reader, levels, values)?
            }
            (ColumnReader::Int32ColumnReader(reader), Values::Ints(values)) => {
                read(reader, levels, values)?
            }
            (ColumnReader::DoubleColumnReader(reader), Values::Doubles(values)) => {
                read(reader, levels, values)?
            }
            // The kind of the values is made from that of the reader.
            _ => 0,
        };
        if self.count == 0 { Err(too_short()) } else { Ok(()) }
    }
}

fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    levels: Option<&mut Vec<i16>>,
    values: &mut Vec<T::T>,
) -> Result<usize, ParquetError> {
    values.clear();
    Ok(reader.read_records(BATCH, levels, None, values)?.0)
}

fn too_short() -> ParquetError {
    ParquetError::General("a column holds fewer cells than its row group has rows".to_owned())
}
