//! Why jobs waited: every wait cut into segments, each with its cause.
//!
//! The segments of a job follow each other without a gap and sum to its queue time to the
//! millisecond. They are found by walking back from the runner that took the job: what it still
//! had to do when the job became ready is what the job waited for. Before that runner existed,
//! the job waited for GitHub's word, and then for whatever the core said held its runner set.

mod cut;
mod explain;
mod fold;
mod holds;
mod story;
mod totals;
mod worst;

pub use explain::explain;
pub use fold::Waits;
pub use story::{Host, Misfit, Piece, Story};
pub use totals::{CauseTotals, cause_name, cause_text};
pub use worst::Worst;
