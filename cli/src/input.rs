//! What commands read: the options that several of them share.

use crate::failure::{Exit, Failure};
use greenroom_sim::config::{Config, ConfigErrors, Layer, load};
use std::path::PathBuf;

/// Configuration: files, and single keys over them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file (TOML); may stand several times, the later over the earlier
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Set one key over all files, such as `pool.linux.max=40`; the value is TOML, a bare word is a
    /// string
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl ConfigArgs {
    /// The layers in order: files, then `--set`.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>, Failure> {
        let mut layers = Vec::new();
        let mut errors = Vec::new();
        for file in &self.config {
            match Layer::read(file) {
                Ok(layer) => layers.push(layer),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(Failure::told(Exit::Input, ConfigErrors(errors)));
        }
        layers.extend(self.set.iter().map(|assignment| Layer::set(assignment)));
        Ok(layers)
    }

    /// The configuration that makes sense, or every fault of it.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        load(&self.layers()?).map_err(|errors| Failure::told(Exit::Input, errors))
    }
}
