//! A Parquet file as the CSV text that it stands for, row group by row group, so that every format
//! that is a table reads it and every message names its row: line 1 is the header.

use parquet::basic::Type as Physical;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, reader::RowIter};
use std::fs::File;
use std::io::{self, Read};

pub(crate) struct ParquetText {
    rows: RowIter<'static>,
    /// Text that was not read yet, from `next` on.
    text: Vec<u8>,
    next: usize,
}

impl ParquetText {
    pub(crate) fn open(file: File) -> io::Result<Self> {
        let reader = SerializedFileReader::new(file).map_err(error)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let mut text = Vec::new();
        for (number, column) in schema.columns().iter().enumerate() {
            if column.path().parts().len() > 1 || column.max_rep_level() > 0 {
                let message =
                    format!("found the nested column {}, expected a flat table", column.path());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            if column.physical_type() == Physical::INT96 {
                let message =
                    format!("found the column {} of type INT96, expected INT64", column.path());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            separate(number, &mut text);
            quote(column.name(), &mut text);
        }
        text.push(b'\n');
        Ok(Self { rows: RowIter::from_file_into(Box::new(reader)), text, next: 0 })
    }

    /// The next row as text; false behind the last.
    fn advance(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.next = 0;
        let Some(row) = self.rows.next() else { return Ok(false) };
        let row = row.map_err(error)?;
        for (number, (name, value)) in row.get_column_iter().enumerate() {
            separate(number, &mut self.text);
            append(name, value, &mut self.text)?;
        }
        self.text.push(b'\n');
        Ok(true)
    }
}

impl Read for ParquetText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.next == self.text.len() && !self.advance()? {
            return Ok(0);
        }
        let mut rest = &self.text[self.next..];
        let count = rest.read(buffer)?;
        self.next += count;
        Ok(count)
    }
}

fn separate(number: usize, into: &mut Vec<u8>) {
    if number > 0 {
        into.push(b',');
    }
}

fn append(name: &str, value: &Field, into: &mut Vec<u8>) -> io::Result<()> {
    match value {
        Field::Null => {}
        Field::Str(text) => quote(text, into),
        Field::Bytes(bytes) => quote(&String::from_utf8_lossy(bytes.data()), into),
        Field::Byte(n) => quote(&n.to_string(), into),
        Field::Short(n) => quote(&n.to_string(), into),
        Field::Int(n) => quote(&n.to_string(), into),
        Field::Long(n) | Field::TimestampMillis(n) => quote(&n.to_string(), into),
        Field::TimestampMicros(n) => quote(&n.div_euclid(1000).to_string(), into),
        Field::UByte(n) => quote(&n.to_string(), into),
        Field::UShort(n) => quote(&n.to_string(), into),
        Field::UInt(n) => quote(&n.to_string(), into),
        Field::ULong(n) => quote(&n.to_string(), into),
        // Data frames write holes so.
        Field::Float(n) if n.is_nan() => {}
        Field::Double(n) if n.is_nan() => {}
        Field::Float(n) => quote(&n.to_string(), into),
        Field::Double(n) => quote(&n.to_string(), into),
        Field::Bool(is) => quote(if *is { "true" } else { "false" }, into),
        other => {
            let message =
                format!("{name}: found {other}, expected a text, a whole number or a time");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
    }
    Ok(())
}

fn quote(text: &str, into: &mut Vec<u8>) {
    if text.contains([',', '"', '\n', '\r']) {
        into.push(b'"');
        into.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        into.push(b'"');
    } else {
        into.extend_from_slice(text.as_bytes());
    }
}

fn error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(inner) => io::Error::new(io::ErrorKind::InvalidData, inner),
        },
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
