//! What several labels may be (core:pkg/scheduling/requirements.go).

use super::labels::{KeyId, Labels};
use super::requirement::{Requirement, Selector, meet};

/// What several labels may be. Keys ascend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Requirements(Vec<(KeyId, Requirement)>);

impl Requirements {
    /// Lines of a selector, all of which must hold.
    pub fn new<'a>(lines: impl IntoIterator<Item = &'a Selector>, labels: &mut Labels) -> Self {
        let mut all = Self::default();
        for line in lines {
            let (key, requirement) = Requirement::new(line, labels);
            all.add(key, requirement, labels);
        }
        all
    }

    /// Labels, each with its one value.
    pub fn of_labels<'a>(
        pairs: impl IntoIterator<Item = (&'a String, &'a String)>,
        labels: &mut Labels,
    ) -> Self {
        let mut all = Self::default();
        for (name, text) in pairs {
            let key = labels.key(name);
            let value = labels.value(key, text);
            all.add(key, Requirement::one_of([value].into_iter().collect()), labels);
        }
        all
    }

    /// What the label may be; nothing is said where the key is missing.
    pub fn get(&self, key: KeyId) -> Option<&Requirement> {
        self.0.binary_search_by_key(&key, |(k, _)| *k).ok().map(|at| &self.0[at].1)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, key: KeyId) -> Option<&mut Requirement> {
        self.0.binary_search_by_key(&key, |(k, _)| *k).ok().map(|at| &mut self.0[at].1)
    }

    /// Each label and what it may be, keys ascending.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &Requirement)> {
        self.0.iter().map(|(key, requirement)| (*key, requirement))
    }

    /// Narrows one label.
    pub fn add(&mut self, key: KeyId, requirement: Requirement, labels: &Labels) {
        match self.0.binary_search_by_key(&key, |(k, _)| *k) {
            Ok(at) => self.0[at].1 = requirement.and(&self.0[at].1, labels.numbers(key)),
            Err(at) => self.0.insert(at, (key, requirement)),
        }
    }

    /// Narrows every label that `others` name.
    pub fn add_all(&mut self, others: &Self, labels: &Labels) {
        for (key, requirement) in &others.0 {
            self.add(*key, requirement.clone(), labels);
        }
    }

    /// Sets one label, whatever was said of it before.
    pub fn set(&mut self, key: KeyId, requirement: Requirement) {
        match self.0.binary_search_by_key(&key, |(k, _)| *k) {
            Ok(at) => self.0[at].1 = requirement,
            Err(at) => self.0.insert(at, (key, requirement)),
        }
    }

    /// Says nothing of one label any more.
    pub fn forget(&mut self, key: KeyId) {
        self.0.retain(|(k, _)| *k != key);
    }

    /// Whether any label asks for several values.
    pub fn has_min_values(&self) -> bool {
        self.0.iter().any(|(_, requirement)| requirement.min_values.is_some())
    }

    /// Whether each label that both name has a value that both allow. Two that hold for a missing
    /// label need none.
    pub fn intersects(&self, incoming: &Self, labels: &Labels) -> bool {
        let (mut a, mut b) = (self.0.iter().peekable(), incoming.0.iter().peekable());
        while let (Some((left, existing)), Some((right, wanted))) = (a.peek(), b.peek()) {
            match left.cmp(right) {
                core::cmp::Ordering::Less => drop(a.next()),
                core::cmp::Ordering::Greater => drop(b.next()),
                core::cmp::Ordering::Equal => {
                    if !meet(existing, wanted, labels.numbers(*left)) {
                        return false;
                    }
                    a.next();
                    b.next();
                }
            }
        }
        true
    }

    /// Whether something with these requirements can take what asks for `incoming`. A label that
    /// is missing here is refused, unless the operator holds for a missing label or, where
    /// `well_known_may_be_missing`, the label is well known.
    pub fn compatible(
        &self,
        incoming: &Self,
        well_known_may_be_missing: bool,
        labels: &Labels,
    ) -> bool {
        incoming.0.iter().all(|(key, wanted)| {
            (well_known_may_be_missing && labels.is_well_known(*key))
                || wanted.allows_absence()
                || self.get(*key).is_some()
        }) && self.intersects(incoming, labels)
    }
}
