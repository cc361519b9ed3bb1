//! Which columns of a file are ours, and whether they hold what ours hold.

use crate::error::{Place, TraceError};
use crate::provenance::Provenance;
use crate::schema::{self, COLUMNS, Slot};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// A column of a file that is one of ours.
#[derive(Clone, Copy)]
pub(super) struct Selected {
    /// Its place among the file's columns.
    pub(super) leaf: usize,
    /// Its place in [`COLUMNS`].
    pub(super) column: usize,
    /// Whether a cell may hold nothing.
    pub(super) is_optional: bool,
    /// Whether its cells are bytes.
    pub(super) is_text: bool,
}

/// What a column may hold instead of what we write: ids that are numbers, and numbers that a data
/// frame turned into floats because some were missing.
pub(super) const TEXT: &str = "text (BYTE_ARRAY, or whole numbers as INT64 or INT32)";
pub(super) const NUMBER: &str = "whole numbers (INT64, INT32 or DOUBLE)";
pub(super) const MILLISECONDS: &str = "whole milliseconds (INT64, INT32 or DOUBLE)";

/// The columns of the file that are ours; those that nobody knows are counted.
pub(super) fn select(
    schema: &SchemaDescriptor,
    place: &Place,
    provenance: &mut Provenance,
) -> Result<Vec<Selected>, TraceError> {
    let fields = schema.root_schema().get_fields();
    let mut selected: Vec<Selected> = Vec::new();
    for field in fields {
        if schema::column(field.name()).is_none() {
            *provenance.unknown_columns.entry(field.name().to_owned()).or_default() += 1;
        }
    }
    for (leaf, descriptor) in schema.columns().iter().enumerate() {
        let name = schema.get_column_root(leaf).name();
        let Some(column) = schema::column(name) else { continue };
        let wrong = |found: String, expected: &str| TraceError::Field {
            place: place.clone(),
            field: name.to_owned(),
            found,
            expected: expected.to_owned(),
        };
        let expected = match COLUMNS[column].slot {
            Slot::Text(..) => TEXT,
            Slot::Millis(..) => MILLISECONDS,
            Slot::Count(..) => NUMBER,
        };
        if descriptor.path().parts().len() > 1
            || descriptor.max_rep_level() > 0
            || descriptor.max_def_level() > 1
        {
            return Err(wrong("a column of lists or groups".to_owned(), expected));
        }
        if selected.iter().any(|other| other.column == column) {
            return Err(wrong("two columns of that name".to_owned(), "one"));
        }
        if !fits(descriptor, matches!(COLUMNS[column].slot, Slot::Text(..))) {
            return Err(wrong(describe(descriptor), expected));
        }
        let is_optional = descriptor.max_def_level() > 0;
        let is_text = descriptor.physical_type() == Physical::BYTE_ARRAY;
        selected.push(Selected { leaf, column, is_optional, is_text });
    }
    let has = |name| selected.iter().any(|its| COLUMNS[its.column].name == name);
    for (one, other) in [("queued_ms", "ready_ms"), ("duration_ms", "completed_ms")] {
        if !has(one) && !has(other) {
            let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
            return Err(TraceError::MissingColumn {
                place: place.clone(),
                found: names.join(","),
                expected: format!("{one} or {other}"),
            });
        }
    }
    Ok(selected)
}

fn fits(column: &ColumnDescriptor, is_text: bool) -> bool {
    let whole = match column.logical_type_ref() {
        Some(LogicalType::Integer(_)) => true,
        Some(LogicalType::Timestamp(time)) => !is_text && time.unit == TimeUnit::MILLIS,
        Some(_) => false,
        None => match column.converted_type() {
            ConvertedType::TIMESTAMP_MILLIS => !is_text,
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64
            | ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => true,
            _ => false,
        },
    };
    match column.physical_type() {
        Physical::BYTE_ARRAY => {
            let not_text = matches!(column.logical_type_ref(), Some(LogicalType::Decimal(_)))
                || column.converted_type() == ConvertedType::DECIMAL;
            is_text && !not_text
        }
        Physical::INT64 | Physical::INT32 => whole,
        Physical::DOUBLE => !is_text,
        _ => false,
    }
}

/// The type of a column for people.
fn describe(column: &ColumnDescriptor) -> String {
    let physical = column.physical_type();
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Timestamp(time)), _) if time.unit == TimeUnit::MICROS => {
            format!("{physical} that counts microseconds")
        }
        (Some(LogicalType::Timestamp(time)), _) if time.unit == TimeUnit::NANOS => {
            format!("{physical} that counts nanoseconds")
        }
        (_, ConvertedType::NONE) => physical.to_string(),
        (_, converted) => format!("{physical} as {converted}"),
    }
}
