//! What is searched: keys, the values that each may take, and points of one value a key.

use std::collections::BTreeSet;

/// Everything that may be turned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// The keys, in the order of the table of knobs.
    pub axes: Vec<Axis>,
}

/// A key and its values. The first is the one of today, which every other value is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// What it is called.
    pub key: String,
    /// The values so far; narrowing adds some behind.
    pub values: Vec<Value>,
}

/// A value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As it is written.
    pub text: String,
    /// Where it is a whole number of things, so that others lie between: how many.
    pub amount: Option<u64>,
}

/// A configuration: for each axis the place of its value.
pub type Point = Vec<usize>;

impl Space {
    /// The point of today.
    pub fn start(&self) -> Point {
        vec![0; self.axes.len()]
    }

    /// How many points there are, as far as a `usize` can say.
    pub fn size(&self) -> usize {
        self.axes.iter().fold(1_usize, |size, axis| size.saturating_mul(axis.values.len()))
    }

    /// The point behind a number below [`Self::size`].
    pub(super) fn nth(&self, mut number: usize) -> Point {
        let place = |axis: &Axis| {
            let place = number % axis.values.len();
            number /= axis.values.len();
            place
        };
        self.axes.iter().map(place).collect()
    }

    /// Points that differ from this one by one step on one axis.
    pub(super) fn around(&self, point: &[usize]) -> Vec<Point> {
        let mut all = Vec::new();
        for (number, axis) in self.axes.iter().enumerate() {
            for place in axis.next_to(point[number]) {
                let mut other = point.to_vec();
                other[number] = place;
                all.push(other);
            }
        }
        all
    }

    /// Points that differ from this one by any value of one axis.
    pub(super) fn sweeps(&self, point: &[usize]) -> Vec<Point> {
        let mut all = Vec::new();
        for (number, axis) in self.axes.iter().enumerate() {
            for place in (0..axis.values.len()).filter(|&place| place != point[number]) {
                let mut other = point.to_vec();
                other[number] = place;
                all.push(other);
            }
        }
        all
    }

    /// Adds the amounts halfway between those of a point and the next ones on each side. Answers
    /// the new points around it.
    pub(super) fn narrow(&mut self, point: &[usize]) -> Vec<Point> {
        let mut all = Vec::new();
        for number in 0..self.axes.len() {
            for amount in self.axes[number].halfway(point[number]) {
                let values = &mut self.axes[number].values;
                values.push(Value { text: amount.to_string(), amount: Some(amount) });
                let mut other = point.to_vec();
                other[number] = values.len() - 1;
                all.push(other);
            }
        }
        all
    }

    /// What a point changes of today: `tiers.hot.count = 5`.
    pub fn changes(&self, point: &[usize]) -> Vec<String> {
        let axes = self.axes.iter().zip(point).filter(|(_, place)| **place != 0);
        axes.map(|(axis, &place)| format!("{} = {}", axis.key, axis.values[place].text)).collect()
    }
}

impl Axis {
    /// Values that are next to one: the next amounts below and above, and all that are no amounts.
    fn next_to(&self, place: usize) -> BTreeSet<usize> {
        let all = || self.values.iter().enumerate().filter(|(other, _)| *other != place);
        let Some(own) = self.values[place].amount else {
            return all().map(|(other, _)| other).collect();
        };
        let with_amount = || all().filter_map(|(other, value)| Some((value.amount?, other)));
        let below = with_amount().filter(|(amount, _)| *amount < own).max();
        let above = with_amount().filter(|(amount, _)| *amount > own).min();
        let words = all().filter(|(_, value)| value.amount.is_none()).map(|(other, _)| other);
        words.chain(below.map(|(_, at)| at)).chain(above.map(|(_, at)| at)).collect()
    }

    fn halfway(&self, place: usize) -> Vec<u64> {
        let Some(own) = self.values[place].amount else { return Vec::new() };
        let next = self.next_to(place).into_iter();
        let amounts = next.filter_map(|other| self.values[other].amount);
        amounts.filter(|other| other.abs_diff(own) > 1).map(|other| other.midpoint(own)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(key: &str, values: &[&str]) -> Axis {
        let value = |text: &&str| Value { text: (*text).to_owned(), amount: text.parse().ok() };
        Axis { key: key.to_owned(), values: values.iter().map(value).collect() }
    }

    #[test]
    fn next_to_an_amount_are_the_amounts_around_it_and_every_word() {
        let space = Space { axes: vec![axis("hot", &["5", "0", "20", "10", "auto"])] };
        assert_eq!(space.around(&[0]), [[1], [3], [4]]);
        assert_eq!(space.around(&[2]), [[3], [4]]);
        assert_eq!(space.around(&[4]), [[0], [1], [2], [3]]);
    }

    #[test]
    fn narrowing_halves_the_gaps_until_none_is_left() {
        let mut space = Space { axes: vec![axis("hot", &["0", "8"]), axis("by", &["core"])] };
        assert_eq!(space.narrow(&[1, 0]), [[2, 0]]);
        assert_eq!(space.axes[0].values[2].text, "4");
        assert_eq!(space.narrow(&[2, 0]), [[3, 0], [4, 0]]);
        let amounts: Vec<_> = space.axes[0].values.iter().map(|value| value.amount).collect();
        assert_eq!(amounts, [0, 8, 4, 2, 6].map(Some));
        space.narrow(&[4, 0]);
        assert_eq!(space.narrow(&[4, 0]), [[0; 2]; 0]);
    }

    #[test]
    fn every_point_has_a_number() {
        let space = Space { axes: vec![axis("a", &["0", "1", "2"]), axis("b", &["x", "y"])] };
        let all: BTreeSet<Point> = (0..space.size()).map(|number| space.nth(number)).collect();
        assert_eq!(all.len(), 6);
        assert_eq!(space.changes(&[2, 1]), ["a = 2", "b = y"]);
        assert_eq!(space.changes(&space.start()), [""; 0]);
    }
}
