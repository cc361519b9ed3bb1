//! The configuration document of a simulation: what it may say, how it is read, what is wrong
//! with it.
//!
//! [`load`] puts [`Layer`]s over each other, the later over the earlier, and either gives a
//! [`Config`] that makes sense or every fault with its file, line, column and key.

mod ahead;
mod check;
mod document;
mod error;
mod layer;
mod load;
mod near;
mod node;
mod read;
mod run;
mod spot;
mod tree;
mod write;

#[cfg(test)]
mod tests;

pub use ahead::{GivenConfig, HotConfig, Level, LookaheadConfig, StoppedConfig, TiersConfig};
pub use document::Config;
pub use error::{ConfigError, ConfigErrors};
pub use layer::{CONFIG_BYTES_MAX, Layer};
pub use load::{load, load_as, place_of};
pub use node::NodeConfig;
pub use run::{IdlePayer, JournalConfig, Moment, OneSlotConfig, ReportConfig, RunConfig, World};
pub use spot::SpotConfig;
pub use write::{keys, quoted, to_toml};
