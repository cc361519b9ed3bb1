//! What a label may be: Karpenter's algebra of node selector requirements
//! (core:pkg/scheduling/requirement.go, requirements.go).

use super::bits::Bits;
use super::labels::{KeyId, Labels};
use serde::{Deserialize, Serialize};

/// How a selector compares a label's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// One of the values.
    In,
    /// None of the values, or no such label.
    NotIn,
    /// Any value.
    Exists,
    /// No such label.
    DoesNotExist,
    /// A whole number greater than the value.
    Gt,
    /// A whole number less than the value.
    Lt,
    /// A whole number not less than the value.
    Gte,
    /// A whole number not greater than the value.
    Lte,
}

/// One line of a selector, as written in a node pool or a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Selector {
    /// The label.
    pub key: String,
    /// How its value compares.
    pub operator: Operator,
    /// With what; one whole number for the four orders, nothing for `Exists` and `DoesNotExist`.
    #[serde(default)]
    pub values: Vec<String>,
    /// In node pools: how many values must be left among the instance types of a claim.
    #[serde(default)]
    pub min_values: Option<u32>,
}

impl Selector {
    /// The label is one of `values`.
    pub fn is_in(key: &str, values: &[&str]) -> Self {
        Self {
            key: key.to_owned(),
            operator: Operator::In,
            values: values.iter().map(|&value| value.to_owned()).collect(),
            min_values: None,
        }
    }
}

/// What one label may be.
///
/// Equal fields mean equal behaviour, and the reverse holds but for bounds that say the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// Whether `values` are those that are *not* allowed.
    pub complement: bool,
    /// Allowed values, or refused ones.
    pub values: Bits,
    /// The least whole number allowed.
    pub at_least: Option<i64>,
    /// The greatest whole number allowed.
    pub at_most: Option<i64>,
    /// How many values must be left among the instance types of a claim.
    pub min_values: Option<u32>,
}

impl Requirement {
    /// The label is one of `values`.
    pub const fn one_of(values: Bits) -> Self {
        Self { complement: false, values, at_least: None, at_most: None, min_values: None }
    }

    /// No such label.
    pub const fn absent() -> Self {
        Self::one_of(Bits::new())
    }

    /// A line of a selector. A bound that is no whole number counts as 0, as in the real code,
    /// which has refused such a line long before.
    pub fn new(line: &Selector, labels: &mut Labels) -> (KeyId, Self) {
        let key = labels.key(&line.key);
        let listed = matches!(line.operator, Operator::In | Operator::NotIn);
        let values = if listed {
            line.values.iter().map(|value| labels.value(key, value)).collect()
        } else {
            Bits::new()
        };
        let bound =
            || -> i64 { line.values.first().and_then(|value| value.parse().ok()).unwrap_or(0) };
        let mut requirement = Self {
            complement: !matches!(line.operator, Operator::In | Operator::DoesNotExist),
            values,
            at_least: None,
            at_most: None,
            min_values: line.min_values,
        };
        match line.operator {
            Operator::Gt => match bound().checked_add(1) {
                Some(least) => requirement.at_least = Some(least),
                None => requirement = Self::absent(),
            },
            Operator::Gte => requirement.at_least = Some(bound()),
            Operator::Lt => requirement.at_most = Some(bound().wrapping_sub(1)),
            Operator::Lte => requirement.at_most = Some(bound()),
            Operator::In | Operator::NotIn | Operator::Exists | Operator::DoesNotExist => {}
        }
        (key, requirement)
    }

    /// Whether the operator is `NotIn` or `DoesNotExist`: the two that hold for a missing label.
    pub fn allows_absence(&self) -> bool {
        self.complement != self.values.is_empty()
    }

    fn within(number: Option<i64>, least: Option<i64>, most: Option<i64>) -> bool {
        if least.is_none() && most.is_none() {
            return true;
        }
        number.is_some_and(|n| least.is_none_or(|l| n >= l) && most.is_none_or(|m| n <= m))
    }

    /// Whether a value is allowed.
    pub fn allows(&self, value: usize, numbers: &[Option<i64>]) -> bool {
        self.values.contains(value) != self.complement
            && Self::within(numbers[value], self.at_least, self.at_most)
    }

    /// Whether some value is allowed by both.
    pub fn meets(&self, other: &Self, numbers: &[Option<i64>]) -> bool {
        let (least, most) = bounds(self, other);
        if crossed(least, most) {
            return false;
        }
        let in_bounds = |value: usize| Self::within(numbers[value], least, most);
        match (self.complement, other.complement) {
            (true, true) => true,
            (true, false) => other.values.iter().any(|v| !self.values.contains(v) && in_bounds(v)),
            (false, true) => self.values.iter().any(|v| !other.values.contains(v) && in_bounds(v)),
            (false, false) if least.is_none() && most.is_none() => self.values.meets(&other.values),
            (false, false) => self.values.iter().any(|v| other.values.contains(v) && in_bounds(v)),
        }
    }

    /// What both allow.
    #[must_use]
    pub fn and(&self, other: &Self, numbers: &[Option<i64>]) -> Self {
        let complement = self.complement && other.complement;
        let (least, most) = bounds(self, other);
        let min_values = self.min_values.max(other.min_values);
        if crossed(least, most) {
            return Self { min_values, ..Self::absent() };
        }
        let mut values = match (self.complement, other.complement) {
            (true, false) => without(&other.values, &self.values),
            (false, true) => without(&self.values, &other.values),
            (false, false) => self.values.and(&other.values),
            (true, true) => {
                let mut union = self.values.clone();
                union.insert_all(&other.values);
                union
            }
        };
        if least.is_some() || most.is_some() {
            values = values.iter().filter(|&v| Self::within(numbers[v], least, most)).collect();
        }
        let (at_least, at_most) = if complement { (least, most) } else { (None, None) };
        Self { complement, values, at_least, at_most, min_values }
    }
}

fn bounds(a: &Requirement, b: &Requirement) -> (Option<i64>, Option<i64>) {
    let most = match (a.at_most, b.at_most) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    };
    (a.at_least.max(b.at_least), most)
}

fn crossed(least: Option<i64>, most: Option<i64>) -> bool {
    matches!((least, most), (Some(least), Some(most)) if least > most)
}

fn without(values: &Bits, out: &Bits) -> Bits {
    let mut left = values.clone();
    left.remove_all(out);
    left
}

/// Whether `existing` and `wanted` of one label agree, as the intersection of requirements counts it.
pub fn meet(existing: &Requirement, wanted: &Requirement, numbers: &[Option<i64>]) -> bool {
    existing.meets(wanted, numbers) || (wanted.allows_absence() && existing.allows_absence())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Six values, four of them whole numbers.
    const NUMBERS: [Option<i64>; 6] = [Some(1), Some(2), Some(4), Some(8), None, None];

    fn requirement() -> impl Strategy<Value = Requirement> {
        let bound = || proptest::option::of(0_i64..10);
        (any::<bool>(), proptest::collection::vec(0_usize..6, 0..5), bound(), bound()).prop_map(
            |(complement, values, least, most)| Requirement {
                complement,
                values: values.into_iter().collect(),
                // Lists have no bounds: they were applied when the list was made.
                at_least: least.filter(|_| complement),
                at_most: most.filter(|_| complement),
                min_values: None,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn both_allow_what_each_allows(a in requirement(), b in requirement()) {
            let both = a.and(&b, &NUMBERS);
            for value in 0..NUMBERS.len() {
                prop_assert_eq!(
                    both.allows(value, &NUMBERS),
                    a.allows(value, &NUMBERS) && b.allows(value, &NUMBERS),
                    "value {} of {:?} and {:?}", value, a, b
                );
            }
            // The order of the two does not matter, and a second time adds nothing.
            prop_assert_eq!(&both, &b.and(&a, &NUMBERS));
            prop_assert_eq!(&both.and(&a, &NUMBERS), &both);
        }

        #[test]
        fn they_meet_when_some_value_can_be_in_both(a in requirement(), b in requirement()) {
            let both = a.and(&b, &NUMBERS);
            // Of two that refuse values, a value that nobody has named is in both.
            let some = both.complement || !both.values.is_empty();
            prop_assert_eq!(a.meets(&b, &NUMBERS), some);
            prop_assert_eq!(b.meets(&a, &NUMBERS), some);
        }
    }

    #[test]
    fn not_in_and_does_not_exist_hold_for_a_missing_label() {
        let mut labels = Labels::new(&[]);
        let mut holds = |operator| {
            let line = Selector { operator, ..Selector::is_in("disk", &["5"]) };
            Requirement::new(&line, &mut labels).1.allows_absence()
        };
        let all = [
            Operator::In,
            Operator::NotIn,
            Operator::Exists,
            Operator::DoesNotExist,
            Operator::Gt,
            Operator::Lt,
            Operator::Gte,
            Operator::Lte,
        ];
        let holding: Vec<Operator> = all.into_iter().filter(|o| holds(*o)).collect();
        assert_eq!(holding, [Operator::NotIn, Operator::DoesNotExist]);
    }
}
