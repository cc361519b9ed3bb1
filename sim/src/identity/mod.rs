//! Credentials on the way to a job's first step, and what becomes of a job that outlives them.

mod config;
mod issue;
mod lasting;

pub use config::{AtExpiry, CallConfig, IdentityConfig, Step};
pub use issue::{Identity, Issue};
pub use lasting::Lasting;
