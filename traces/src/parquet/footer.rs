//! The footer of a file, looked through before anything is read by it: the crate takes it at its
//! word, and panics where a damaged one names an offset below zero.

use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

/// Whether every column of every row group lies within the `length` bytes of the file.
pub(super) fn check(metadata: &ParquetMetaData, length: u64) -> Result<(), ParquetError> {
    let damaged = |what: &str| Err(ParquetError::General(format!("its footer names {what}")));
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let columns = metadata.file_metadata().schema_descr().num_columns();
    for group in metadata.row_groups() {
        if group.num_rows() < 0 {
            return damaged("a row group of less than no rows");
        }
        if group.num_columns() != columns {
            return damaged("a row group with other columns");
        }
        for column in group.columns() {
            let cells = column.data_page_offset();
            let start = column.dictionary_page_offset().unwrap_or(cells);
            let size = column.compressed_size();
            let within = start >= 0
                && cells >= 0
                && size >= 0
                && start.checked_add(size).is_some_and(|end| end <= length);
            if !within {
                return damaged("cells beyond the end of the file");
            }
        }
    }
    Ok(())
}
