//! Job traces: what goes in.
//!
//! [`Trace::open`] reads files of any [`Format`] and gives [`Arrival`]s in the order in which the
//! simulator needs them. [`import()`] writes them as one Greenroom trace. What a [`Row`] may
//! say is the table in [`schema`]; what is put right on the way, and under which name, is in
//! [`repair`].

pub mod arrival;
pub mod error;
pub mod format;
pub mod generate;
pub mod import;
pub mod names;
pub mod options;
pub mod provenance;
pub mod repair;
pub mod schema;
pub mod stats;
pub mod trace;
pub mod write;

mod compact;
mod graph;
mod held;
mod lane;
mod loader;
mod mix;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod recent;
mod settle;
mod source;
mod window;

pub use arrival::{Arrival, Name};
pub use error::TraceError;
pub use format::Format;
pub use import::{ImportOptions, import};
pub use names::Names;
pub use options::{Limit, ReadOptions};
pub use provenance::Provenance;
pub use schema::Row;
pub use source::Source;
pub use trace::{Held, Trace};
pub use write::Writer;
