//! Exact shares of whole numbers.

/// Splits whole amounts in proportion to weights, so that the parts sum to the whole: each part
/// gets its rounded-down share, and what is left goes, one each, to the largest remainders
/// (Hamilton's method); equal remainders in order of place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Splitter {
    rests: Vec<(u128, usize)>,
    parts: Vec<u64>,
}

impl Splitter {
    /// The parts of `total`. Without any weight the first part gets everything.
    pub(crate) fn split(&mut self, total: u64, weights: &[u64]) -> &[u64] {
        let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
        self.parts.clear();
        if sum == 0 {
            self.parts.resize(weights.len(), 0);
            if let Some(first) = self.parts.first_mut() {
                *first = total;
            }
            return &self.parts;
        }
        self.rests.clear();
        let mut left = total;
        // Wide division is several times slower than narrow, and amounts that need it are rare.
        let narrow = u64::try_from(sum).ok().filter(|&sum| total.checked_mul(sum).is_some());
        for (place, &weight) in weights.iter().enumerate() {
            let (part, rest) = if let Some(sum) = narrow {
                let product = total * weight;
                (product / sum, u128::from(product % sum))
            } else {
                let product = u128::from(total) * u128::from(weight);
                ((product / sum) as u64, product % sum)
            };
            left -= part;
            self.parts.push(part);
            self.rests.push((rest, place));
        }
        if left > 0 {
            self.rests.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            for &(_, place) in self.rests.iter().take(left as usize) {
                self.parts[place] += 1;
            }
        }
        &self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_dollar_in_thirds_loses_nothing() {
        assert_eq!(Splitter::default().split(100, &[1, 1, 1]), [34, 33, 33]);
    }

    #[test]
    fn the_largest_remainder_gets_the_odd_one() {
        assert_eq!(Splitter::default().split(10, &[0, 26, 74]), [0, 3, 7]);
        assert_eq!(Splitter::default().split(1, &[1, 2]), [0, 1]);
    }

    #[test]
    fn without_weights_the_first_pays() {
        assert_eq!(Splitter::default().split(5, &[0, 0]), [5, 0]);
        assert!(Splitter::default().split(5, &[]).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn parts_sum_to_the_whole_and_lie_within_one_of_their_share(
            total in 0_u64..u64::MAX,
            weights in prop::collection::vec(0_u64..1 << 60, 1..20),
        ) {
            let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
            prop_assume!(sum > 0);
            let parts = Splitter::default().split(total, &weights).to_vec();
            prop_assert_eq!(parts.iter().map(|&p| u128::from(p)).sum::<u128>(), u128::from(total));
            for (&part, &weight) in parts.iter().zip(&weights) {
                let floor = (u128::from(total) * u128::from(weight) / sum) as u64;
                prop_assert!(part == floor || part == floor + 1);
            }
        }
    }
}
