//! The order in which Go's `sort.Slice` leaves elements that compare equal.
//!
//! Karpenter sorts open claims by pod count and instance types by price with it. Ties are common
//! in both, and which claim takes the next pod follows from them, so the model has to sort as Go
//! does: by insertion up to 12 elements, which is stable, and by pattern-defeating quicksort above
//! (O. Peters, arXiv:2106.05123), which is not stable but a function of its input. No sort of the
//! standard library or of a crate breaks ties in this way.

/// Up to this length Go sorts by insertion (Go 1.19 to 1.26, package sort).
const INSERTION_MAX: usize = 12;
/// From this length on the pivot is a median of three medians.
const NINTHER_MIN: usize = 50;
/// Every comparison of the ninther swapped: the range is in descending order.
const SWAPS_MAX: u32 = 12;
/// Pairs out of order that are put right before a nearly sorted range is partitioned after all.
const REPAIRS_MAX: u32 = 5;
/// Ranges shorter than this are not repaired.
const REPAIR_MIN: usize = 50;

/// Sorts `items` as Go's `sort.Slice` does. `less` must be a strict weak order.
pub fn go_sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let end = items.len();
    let bad_pivots_max = usize::BITS - end.leading_zeros();
    Sorter { items, less }.sort(0, end, bad_pivots_max);
}

#[derive(PartialEq)]
enum Hint {
    Ascending,
    Descending,
    Unknown,
}

struct Sorter<'a, T, F> {
    items: &'a mut [T],
    less: F,
}

impl<T, F: Fn(&T, &T) -> bool> Sorter<'_, T, F> {
    fn less(&self, a: usize, b: usize) -> bool {
        (self.less)(&self.items[a], &self.items[b])
    }

    fn sort(&mut self, mut start: usize, mut end: usize, mut bad_pivots_left: u32) {
        let (mut balanced, mut partitioned) = (true, true);
        loop {
            let length = end - start;
            if length <= INSERTION_MAX {
                return self.insert_each(start, end);
            }
            if bad_pivots_left == 0 {
                return self.heap_sort(start, end);
            }
            if !balanced {
                self.scatter(start, end);
                bad_pivots_left -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(start, end);
            if hint == Hint::Descending {
                self.items[start..end].reverse();
                pivot = (end - 1) - (pivot - start);
                hint = Hint::Ascending;
            }
            if balanced && partitioned && hint == Hint::Ascending && self.repair(start, end) {
                return;
            }
            if start > 0 && !self.less(start - 1, pivot) {
                start = self.split_equal(start, end, pivot);
                continue;
            }
            let (middle, was_partitioned) = self.split(start, end, pivot);
            partitioned = was_partitioned;
            let (left, right) = (middle - start, end - middle);
            let fair = length / 8;
            if left < right {
                balanced = left >= fair;
                self.sort(start, middle, bad_pivots_left);
                start = middle + 1;
            } else {
                balanced = right >= fair;
                self.sort(middle + 1, end, bad_pivots_left);
                end = middle;
            }
        }
    }

    fn insert_each(&mut self, start: usize, end: usize) {
        for next in start + 1..end {
            let mut at = next;
            while at > start && self.less(at, at - 1) {
                self.items.swap(at, at - 1);
                at -= 1;
            }
        }
    }

    fn heap_sort(&mut self, start: usize, end: usize) {
        let length = end - start;
        for root in (0..=(length - 1) / 2).rev() {
            self.sift_down(root, length, start);
        }
        for last in (0..length).rev() {
            self.items.swap(start, start + last);
            self.sift_down(0, last, start);
        }
    }

    fn sift_down(&mut self, mut root: usize, length: usize, first: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= length {
                return;
            }
            if child + 1 < length && self.less(first + child, first + child + 1) {
                child += 1;
            }
            if !self.less(first + root, first + child) {
                return;
            }
            self.items.swap(first + root, first + child);
            root = child;
        }
    }

    /// Elements less than the pivot to the left, the others to the right. Also tells whether they
    /// were so already.
    fn split(&mut self, start: usize, end: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(start, pivot);
        let (mut low, mut high) = (start + 1, end - 1);
        let mut already = true;
        loop {
            while low <= high && self.less(low, start) {
                low += 1;
            }
            while low <= high && !self.less(high, start) {
                high -= 1;
            }
            if low > high {
                self.items.swap(high, start);
                return (high, already);
            }
            already = false;
            self.items.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Elements equal to the pivot to the left of those greater than it, where none is less.
    fn split_equal(&mut self, start: usize, end: usize, pivot: usize) -> usize {
        self.items.swap(start, pivot);
        let (mut low, mut high) = (start + 1, end - 1);
        loop {
            while low <= high && !self.less(start, low) {
                low += 1;
            }
            while low <= high && self.less(start, high) {
                high -= 1;
            }
            if low > high {
                return low;
            }
            self.items.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Puts a few pairs right; true when the range is in order at the end.
    fn repair(&mut self, start: usize, end: usize) -> bool {
        let mut at = start + 1;
        for _ in 0..REPAIRS_MAX {
            while at < end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == end {
                return true;
            }
            if end - start < REPAIR_MIN {
                return false;
            }
            self.items.swap(at, at - 1);
            if at - start >= 2 {
                let mut down = at - 1;
                while down >= 1 && self.less(down, down - 1) {
                    self.items.swap(down, down - 1);
                    down -= 1;
                }
            }
            if end - at >= 2 {
                let mut up = at + 1;
                while up < end && self.less(up, up - 1) {
                    self.items.swap(up, up - 1);
                    up += 1;
                }
            }
        }
        false
    }

    /// Swaps three elements of the middle with others, chosen by a generator whose seed is the
    /// length.
    fn scatter(&mut self, start: usize, end: usize) {
        let length = end - start;
        if length < 8 {
            return;
        }
        let mut random = length as u64;
        let mask = (1_usize << (usize::BITS - length.leading_zeros())) - 1;
        let middle = start + length / 4 * 2;
        for at in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut other = random as usize & mask;
            if other >= length {
                other -= length;
            }
            self.items.swap(at, start + other);
        }
    }

    fn choose_pivot(&self, start: usize, end: usize) -> (usize, Hint) {
        let length = end - start;
        let mut swaps = 0;
        let quarter = |n: usize| start + length / 4 * n;
        let (mut low, mut middle, mut high) = (quarter(1), quarter(2), quarter(3));
        if length >= 8 {
            if length >= NINTHER_MIN {
                low = self.median(low - 1, low, low + 1, &mut swaps);
                middle = self.median(middle - 1, middle, middle + 1, &mut swaps);
                high = self.median(high - 1, high, high + 1, &mut swaps);
            }
            middle = self.median(low, middle, high, &mut swaps);
        }
        match swaps {
            0 => (middle, Hint::Ascending),
            SWAPS_MAX => (middle, Hint::Descending),
            _ => (middle, Hint::Unknown),
        }
    }

    fn median(&self, a: usize, b: usize, c: usize, swaps: &mut u32) -> usize {
        let (a, b) = self.ordered(a, b, swaps);
        let (b, _) = self.ordered(b, c, swaps);
        let (_, b) = self.ordered(a, b, swaps);
        b
    }

    fn ordered(&self, a: usize, b: usize, swaps: &mut u32) -> (usize, usize) {
        if self.less(b, a) {
            *swaps += 1;
            (b, a)
        } else {
            (a, b)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Folds a number into a hash (FNV-1a over whole words).
    fn fold(hash: u64, word: u64) -> u64 {
        (hash ^ word).wrapping_mul(1_099_511_628_211)
    }

    const BASIS: u64 = 14_695_981_039_346_656_037;

    /// The order in which elements stand after the sort, folded into one number.
    fn order_of(length: u64, modulus: u64, variant: u64) -> u64 {
        let mut x = length * 1_000_003 + modulus * 7 + variant;
        let mut items: Vec<(u64, u64)> = (0..length)
            .map(|at| {
                x = x
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let key = match variant {
                    0 => (x >> 33) % modulus,
                    1 => at * modulus / length,
                    2 => (length - at) * modulus / length,
                    _ => at * modulus / length + if at % 37 == 0 { 3 } else { 0 },
                };
                (key, at)
            })
            .collect();
        go_sort(&mut items, |a, b| a.0 < b.0);
        items.iter().fold(BASIS, |hash, item| fold(hash, item.1))
    }

    #[test]
    fn ties_end_where_go_leaves_them() {
        let mut all = BASIS;
        for length in [5, 12, 13, 20, 49, 50, 51, 100, 137, 600, 1000, 2500] {
            for modulus in [1, 2, 5, 50, 1_000_000] {
                for variant in 0..4 {
                    all = fold(all, order_of(length, modulus, variant));
                }
            }
        }
        // Printed by a Go 1.26 program that sorts the same 240 arrays (random, ascending,
        // descending, nearly sorted; few and many ties) with sort.Slice.
        assert_eq!(all, 4_349_427_880_515_016_353);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn sorts(mut items in proptest::collection::vec(0_u8..30, 0..300)) {
            let mut sorted = items.clone();
            sorted.sort_unstable();
            go_sort(&mut items, |a, b| a < b);
            prop_assert_eq!(items, sorted);
        }
    }
}
