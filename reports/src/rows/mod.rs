//! Jobs and nodes row by row, as CSV and as Parquet, written while the run goes on.

mod jobs;
mod nodes;
#[cfg(feature = "parquet")]
mod parquet;
mod table;

pub use jobs::JobRows;
pub use nodes::NodeRows;
pub use table::{Cell, Column, Kind, RowWriter};
