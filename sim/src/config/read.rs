//! From a tree to typed sections, with the place of every fault.

use super::error::{Fault, one_of};
use super::near::nearest;
use super::tree::{At, Entry, Node, Value};
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt;

/// Why a tree is not what was to be read.
#[derive(Debug)]
pub(super) struct ReadError {
    /// The key, the innermost part first.
    path: Vec<String>,
    at: Option<At>,
    fault: Fault,
}

impl ReadError {
    fn value(found: String, expected: String) -> Self {
        Self { path: Vec::new(), at: None, fault: Fault::Value { found, expected, meant: None } }
    }

    /// It happened at `at`, unless a place further inside is known.
    fn at(mut self, at: At) -> Self {
        self.at.get_or_insert(at);
        self
    }

    /// It happened under `key`.
    fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    /// The key from the root, the place, and the fault.
    pub(super) fn into_parts(self) -> (Vec<String>, At, Fault) {
        let path = self.path.into_iter().rev().collect();
        (path, self.at.unwrap_or_default(), self.fault)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.fault)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let fault = Fault::Unreadable(message.to_string());
        Self { path: Vec::new(), at: None, fault }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::value(found_text(found), expected_text(expected))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::value(found_text(found), expected_text(expected))
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Self::value(format!("{found} elements"), expected_text(expected))
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        let mut error = Self::value(quoted(found), one_of(expected));
        if let Fault::Value { meant, .. } = &mut error.fault {
            *meant = nearest(found, expected).map(str::to_owned);
        }
        error
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        let expected = expected.iter().map(|&name| name.to_owned()).collect();
        let fault = Fault::UnknownKey { found: found.to_owned(), expected };
        Self { path: Vec::new(), at: None, fault }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::value("nothing".to_owned(), format!("the key `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::value(format!("`{field}` twice"), "it once".to_owned())
    }
}

/// A value as messages show it: on one line, and not for ever.
fn quoted(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    format!("{shown:?}")
}

fn found_text(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        Unexpected::Float(value) => value.to_string(),
        Unexpected::Str(text) => quoted(text),
        Unexpected::Other(text) => text.to_owned(),
        Unexpected::Map => "a table".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        other => other.to_string(),
    }
}

/// Serde names Rust's types; people write TOML.
fn expected_text(expected: &dyn Expected) -> String {
    let whole = |max: &str| format!("a whole number from 0 to {max}");
    match expected.to_string().as_str() {
        "u8" => whole(&u8::MAX.to_string()),
        "u16" => whole(&u16::MAX.to_string()),
        "u32" => whole(&u32::MAX.to_string()),
        "u64" | "usize" => whole(&i64::MAX.to_string()),
        "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "a table".to_owned(),
        text if text.starts_with("struct ") => "a table".to_owned(),
        text => text.to_owned(),
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let read = match &self.value {
            Value::String(text) | Value::Datetime(text) => visitor.visit_borrowed_str(text),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Wide(text) => Err(de::Error::invalid_value(Unexpected::Other(text), &visitor)),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Array(nodes) => visitor.visit_seq(Array { nodes: nodes.iter(), next: 0 }),
            Value::Table(table) => visitor.visit_map(Table { entries: table.iter(), entry: None }),
        };
        read.map_err(|error| error.at(self.at))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        // A date is no text to whoever wants text.
        if let Value::Datetime(text) = &self.value {
            let error: ReadError = de::Error::invalid_type(Unexpected::Other(text), &visitor);
            return Err(error.at(self.at));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let read = match &self.value {
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Value::Table(table) if let [(key, entry)] = *table.iter().collect::<Vec<_>>() => {
                visitor.visit_enum(Variant { key, entry })
            }
            value => {
                let found = match value {
                    Value::Integer(value) => value.to_string(),
                    Value::Wide(text) | Value::Datetime(text) => text.clone(),
                    Value::Float(value) => value.to_string(),
                    Value::Boolean(value) => value.to_string(),
                    Value::Array(_) => "an array".to_owned(),
                    Value::Table(_) | Value::String(_) => "a table".to_owned(),
                };
                Err(ReadError::value(found, one_of(variants)))
            }
        };
        read.map_err(|error| error.at(self.at))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Array<'de> {
    nodes: std::slice::Iter<'de, Node>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Array<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        let Some(node) = self.nodes.next() else { return Ok(None) };
        let number = self.next;
        self.next += 1;
        seed.deserialize(node)
            .map(Some)
            .map_err(|error| error.at(node.at).under(&number.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.nodes.len())
    }
}

struct Table<'de> {
    entries: std::collections::btree_map::Iter<'de, String, Entry>,
    entry: Option<(&'de String, &'de Entry)>,
}

impl<'de> MapAccess<'de> for Table<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        self.entry = self.entries.next();
        let Some((key, entry)) = self.entry else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
            .map_err(|error: ReadError| error.at(entry.key_at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let (key, entry) = self.entry.expect("serde asks for a value only after its key");
        seed.deserialize(&entry.node).map_err(|error| error.at(entry.node.at).under(key))
    }
}

/// `{ variant = content }`
struct Variant<'de> {
    key: &'de str,
    entry: &'de Entry,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = ReadError;
    type Variant = &'de Node;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, &'de Node), ReadError> {
        let key: StrDeserializer<'_, ReadError> = self.key.into_deserializer();
        let variant = seed.deserialize(key).map_err(|error| error.at(self.entry.key_at))?;
        Ok((variant, &self.entry.node))
    }
}

impl<'de> VariantAccess<'de> for &'de Node {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        let error = ReadError::value("a value".to_owned(), "the bare name".to_owned());
        Err(error.at(self.at))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ReadError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_any(visitor)
    }
}
