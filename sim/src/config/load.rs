//! From layers to a configuration that makes sense.

use super::document::Config;
use super::error::{ConfigError, ConfigErrors, Fault};
use super::layer::Layer;
use super::read::ReadError;
use super::tree::{At, Node, key_path};
use greenroom_scheduler::config::{Problem, key_text};
use serde::de::DeserializeOwned;

/// Reads the layers, the later over the earlier, and checks what comes out.
pub fn load(layers: &[Layer]) -> Result<Config, ConfigErrors> {
    load_as(layers, |config: &Config, problems| config.check(problems))
}

/// The same for any document: `check` adds what makes no sense.
pub fn load_as<T: DeserializeOwned>(
    layers: &[Layer],
    check: impl FnOnce(&T, &mut Vec<Problem>),
) -> Result<T, ConfigErrors> {
    let tree = merge(layers)?;
    let document = T::deserialize(&tree).map_err(|error| placed(error, layers))?;
    let mut problems = Vec::new();
    check(&document, &mut problems);
    if problems.is_empty() {
        return Ok(document);
    }
    // In the order of reading, so that who mends the file goes through it once.
    problems.sort_by_key(|problem| tree.place_of(&problem.path));
    let placed = |problem: Problem| ConfigError {
        place: place(tree.place_of(&problem.path), layers),
        key: key_text(&problem.path),
        fault: Fault::Value { found: problem.found, expected: problem.expected, meant: None },
    };
    Err(ConfigErrors(problems.into_iter().map(placed).collect()))
}

/// Where a key stands, for faults that only show once a run is set up: file, line and column, or the
/// option. Of a key that nobody wrote, the part of it that somebody did.
pub fn place_of(layers: &[Layer], key: &str) -> Option<String> {
    let at = merge(layers).ok()?.place_of(&key_path(key)?);
    layers.get(at.layer).map(|layer| layer.place(at.offset))
}

/// All layers as one tree, or the syntax errors of all of them.
fn merge(layers: &[Layer]) -> Result<Node, ConfigErrors> {
    let mut tree = Node::empty();
    let mut errors = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        match Node::parse(number, layer) {
            Ok(node) => tree.cover(node),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(tree) } else { Err(ConfigErrors(errors)) }
}

fn placed(error: ReadError, layers: &[Layer]) -> ConfigErrors {
    let (path, at, fault) = error.into_parts();
    ConfigError { place: place(at, layers), key: key_text(&path), fault }.into()
}

fn place(at: At, layers: &[Layer]) -> String {
    layers.get(at.layer).map_or_else(|| "configuration".to_owned(), |layer| layer.place(at.offset))
}
