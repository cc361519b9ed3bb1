//! Layers of TOML merged into one tree that still knows where each value was written.
//!
//! Own code, since the readers of TOML give positions only within one document, and the libraries
//! that merge documents lose line and column.

use super::error::{ConfigError, Fault};
use super::layer::{Kind, Layer};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where something was written: which layer, and how many bytes into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) layer: usize,
    pub(super) offset: usize,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Value,
}

/// A TOML value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    String(String),
    Integer(i64),
    /// A whole number beyond 64 bits, as it was written.
    Wide(String),
    Float(f64),
    Boolean(bool),
    /// As it was written.
    Datetime(String),
    Array(Vec<Node>),
    Table(BTreeMap<String, Entry>),
}

/// A value of a table and where its key was written.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key_at: At,
    pub(super) node: Node,
}

impl Node {
    /// An empty document.
    pub(super) const fn empty() -> Self {
        Self { at: At { layer: 0, offset: 0 }, value: Value::Table(BTreeMap::new()) }
    }

    /// Reads a layer.
    pub(super) fn parse(number: usize, layer: &Layer) -> Result<Self, ConfigError> {
        let table = match layer.kind {
            Kind::Document => DeTable::parse(&layer.text).map_err(|error| syntax(layer, &error))?,
            Kind::Set => return parse_set(number, layer),
        };
        let offset = table.span().start;
        let value = Value::of(number, DeValue::Table(table.into_inner()));
        Ok(Self { at: At { layer: number, offset }, value })
    }

    /// Puts `over` over `self`: tables are joined, anything else is replaced.
    pub(super) fn cover(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Table(under), Value::Table(over)) => {
                for (key, entry) in over {
                    match under.get_mut(&key) {
                        Some(below) => {
                            below.key_at = entry.key_at;
                            below.node.cover(entry.node);
                        }
                        None => {
                            under.insert(key, entry);
                        }
                    }
                }
            }
            (value, over_value) => {
                *value = over_value;
                self.at = over.at;
            }
        }
    }

    /// Where the value at `path` was written, or, where there is none, the innermost table around
    /// it.
    pub(super) fn place_of(&self, path: &[String]) -> At {
        let mut node = self;
        let mut at = self.at;
        for key in path {
            match &node.value {
                Value::Table(table) => match table.get(key) {
                    Some(entry) => {
                        node = &entry.node;
                        // A table in its own brackets starts where its name stands.
                        let is_table = matches!(node.value, Value::Table(_));
                        at = if is_table { entry.key_at } else { node.at };
                    }
                    None => return at,
                },
                _ => return at,
            }
        }
        at
    }
}

impl Value {
    fn of(layer: usize, value: DeValue<'_>) -> Self {
        let node = |value: Spanned<DeValue<'_>>| {
            let offset = value.span().start;
            Node { at: At { layer, offset }, value: Self::of(layer, value.into_inner()) }
        };
        match value {
            DeValue::String(text) => Self::String(text.into_owned()),
            DeValue::Integer(digits) => {
                match i64::from_str_radix(digits.as_str(), digits.radix()) {
                    Ok(number) => Self::Integer(number),
                    Err(_) => Self::Wide(digits.to_string()),
                }
            }
            // TOML's floats are a subset of Rust's; one beyond f64 parses as infinite.
            DeValue::Float(text) => Self::Float(text.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(value) => Self::Boolean(value),
            DeValue::Datetime(datetime) => Self::Datetime(datetime.to_string()),
            DeValue::Array(array) => Self::Array(array.into_iter().map(node).collect()),
            DeValue::Table(table) => {
                let entry = |(key, value): (Spanned<_>, _)| {
                    let offset = key.span().start;
                    let key: std::borrow::Cow<'_, str> = key.into_inner();
                    let entry = Entry { key_at: At { layer, offset }, node: node(value) };
                    (key.into_owned(), entry)
                };
                Self::Table(table.into_iter().map(entry).collect())
            }
        }
    }
}

/// The error of a document that is not TOML.
fn syntax(layer: &Layer, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or_default();
    // What the parser would not take, up to the end of its line, and no page of it.
    let rest = layer.text.get(span.start..).unwrap_or("");
    let rest: String = rest.lines().next().unwrap_or("").chars().take(30).collect();
    let found =
        if rest.is_empty() { "the end of the line".to_owned() } else { format!("{rest:?}") };
    ConfigError {
        place: layer.place(span.start),
        key: String::new(),
        fault: Fault::Unreadable(format!("found {found}, expected TOML: {}", error.message())),
    }
}

/// `KEY=VALUE` becomes a document of one value.
fn parse_set(number: usize, layer: &Layer) -> Result<Node, ConfigError> {
    let wrong = |found: &str, expected: &str| ConfigError {
        place: layer.name.clone(),
        key: String::new(),
        fault: Fault::Value { found: found.to_owned(), expected: expected.to_owned(), meant: None },
    };
    let Some((key, value)) = split_assignment(&layer.text) else {
        return Err(wrong("no `=`", "KEY=VALUE, such as pool.linux.max=40"));
    };
    let path = key_path(key).ok_or_else(|| {
        wrong(
            &format!("the key {key:?}"),
            "names joined by dots; a name with other characters than letters, digits, - and _ in \
             double quotes, such as pool.\"ubuntu-22.04\".max=40",
        )
    })?;
    let at = At { layer: number, offset: 0 };
    let value = set_value(number, value).ok_or_else(|| {
        wrong(&format!("the value {value:?}"), "a TOML value, such as 3, true, \"text\" or [\"a\"]")
    })?;
    let mut node = Node { at, value };
    for key in path.into_iter().rev() {
        let table = BTreeMap::from([(key, Entry { key_at: at, node })]);
        node = Node { at, value: Value::Table(table) };
    }
    Ok(node)
}

/// Splits at the first `=` outside of quotes.
fn split_assignment(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (n, c) in text.char_indices() {
        match (quote, c) {
            (None, '=') => return Some((text[..n].trim(), text[n + 1..].trim())),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// The parts of a dotted key.
fn key_path(key: &str) -> Option<Vec<String>> {
    if key.contains(char::is_control) {
        return None;
    }
    let text = format!("{key} = 0");
    let mut table = DeTable::parse(&text).ok()?.into_inner();
    let mut path = Vec::new();
    loop {
        let (key, value) = table.into_iter().next()?;
        path.push(key.into_inner().into_owned());
        match value.into_inner() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

/// A TOML value, or a bare word as the string that it is.
fn set_value(number: usize, text: &str) -> Option<Value> {
    if let Ok(value) = DeValue::parse(text) {
        return Some(Value::of(number, value.into_inner()));
    }
    let is_bare = !text.is_empty()
        && !text.starts_with(['"', '\'', '[', '{'])
        && !text.contains(char::is_control);
    is_bare.then(|| Value::String(text.to_owned()))
}
