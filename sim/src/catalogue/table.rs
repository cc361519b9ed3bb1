//! All instance types of a run.

use super::read::{ReadError, read};
use super::{InstanceType, Query};
use greenroom_scheduler::id::TypeId;
use std::io::Read;
use thiserror::Error;

/// The embedded table; its head names the sources of its facts and their dates.
const EMBEDDED: &str = include_str!("us-east-1.csv");

/// The instance types of a run in name order; a [`TypeId`] is a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    types: Vec<InstanceType>,
}

/// A name that is no type of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("instance type: found {found:?}, expected one of the catalogue{}", self.hint())]
pub struct UnknownType {
    /// What stands there.
    pub found: String,
    /// The most similar names that the catalogue has, three at most.
    pub nearest: Vec<String>,
}

impl UnknownType {
    /// `, such as ...`, or nothing.
    pub(crate) fn hint(&self) -> String {
        match self.nearest.as_slice() {
            [] => String::new(),
            names => format!(", such as {}", names.join(", ")),
        }
    }
}

impl Catalogue {
    /// The embedded table: us-east-1, on-demand prices of July 2026.
    pub fn embedded() -> Self {
        let types = read("embedded catalogue", EMBEDDED.as_bytes());
        Self { types: types.expect("the embedded table is read by a test") }
    }

    /// A table of the same columns from a file; `file` is its name in errors.
    pub fn read(file: &str, reader: impl Read) -> Result<Self, ReadError> {
        read(file, reader).map(|types| Self { types })
    }

    /// How many types there are; at least one.
    #[allow(clippy::len_without_is_empty, reason = "a catalogue is never empty")]
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// A type by its place. `None` for an id of another catalogue.
    pub fn get(&self, id: TypeId) -> Option<&InstanceType> {
        self.types.get(id.index())
    }

    /// Every type with its id, in name order.
    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &InstanceType)> {
        (0..).map(TypeId).zip(&self.types)
    }

    /// The place of a type by its name.
    pub fn find(&self, name: &str) -> Result<TypeId, UnknownType> {
        match self.types.binary_search_by(|kind| (*kind.name).cmp(name)) {
            Ok(place) => Ok(TypeId(place as u32)),
            Err(place) => Err(self.unknown(name, place)),
        }
    }

    /// The types that meet a wish, in name order.
    pub fn select(&self, query: &Query) -> Vec<TypeId> {
        self.iter().filter(|(_, kind)| query.admits(kind)).map(|(id, _)| id).collect()
    }

    /// The names around the place where the unknown one would stand that share the most of its
    /// beginning.
    fn unknown(&self, name: &str, place: usize) -> UnknownType {
        let around = place.saturating_sub(3)..(place + 3).min(self.types.len());
        let shared =
            |other: &str| name.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let mut nearest: Vec<&str> = self.types[around].iter().map(|kind| &*kind.name).collect();
        nearest.retain(|other| shared(other) >= 2);
        nearest.sort_by_key(|other| (std::cmp::Reverse(shared(other)), *other));
        UnknownType {
            found: name.chars().take(60).collect(),
            nearest: nearest.into_iter().take(3).map(str::to_owned).collect(),
        }
    }
}
