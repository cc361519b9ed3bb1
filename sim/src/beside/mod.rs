//! What a CI platform costs beside its machines: lines that usage is priced by.

mod config;
mod lines;
mod price;

pub use config::BesideConfig;
pub use lines::{Line, Lines};
pub use price::{Beside, billed_minutes};
