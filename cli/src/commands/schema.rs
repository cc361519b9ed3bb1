//! `greenroom schema`: the JSON schema of the configuration.

use crate::failure::{Exit, Failure};
use crate::print;
use greenroom_sim::config::Config;

pub(crate) fn run() -> Result<(), Failure> {
    let schema = schemars::schema_for!(Config);
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::told(Exit::Output, format!("schema: {error}")))?;
    print::out(&format!("{text}\n"))
}
