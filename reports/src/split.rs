//! Exact shares of whole numbers.

/// Splits whole amounts in proportion to weights, so that the parts sum to the whole: each part
/// gets its rounded-down share, and what is left goes, one each, to the largest remainders
/// (Hamilton's method); equal remainders in order of place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Splitter {
    wide_rests: Vec<(u128, usize)>,
    parts: Vec<u64>,
}

/// Most parts for which a search for the largest remainder beats a sort.
const FEW: usize = 16;

impl Splitter {
    /// The parts of `total`. Without any weight the first part gets everything.
    pub(crate) fn split(&mut self, total: u64, weights: &[u64]) -> &[u64] {
        let sum = weights.iter().try_fold(0_u64, |sum, &weight| sum.checked_add(weight));
        // Wide division is several times slower than narrow, and amounts that need it are rare.
        match sum.filter(|&sum| total.checked_mul(sum).is_some()) {
            Some(0) => self.first(total, weights.len()),
            Some(sum) if weights.len() <= FEW => self.narrow(total, weights, sum),
            _ => self.wide(total, weights),
        }
        &self.parts
    }

    fn first(&mut self, total: u64, parts: usize) {
        self.parts.clear();
        self.parts.resize(parts, 0);
        if let Some(first) = self.parts.first_mut() {
            *first = total;
        }
    }

    fn narrow(&mut self, total: u64, weights: &[u64], sum: u64) {
        let mut rests = [0; FEW];
        let mut left = total;
        self.parts.clear();
        self.parts.extend(weights.iter().zip(&mut rests).map(|(&weight, rest)| {
            match total * weight {
                0 => 0,
                product => {
                    let part = product / sum;
                    *rest = product % sum;
                    left -= part;
                    part
                }
            }
        }));
        let rests = &mut rests[..weights.len()];
        for _ in 0..left {
            let mut largest = (0, 0);
            for (place, &rest) in rests.iter().enumerate() {
                if rest > largest.1 {
                    largest = (place, rest);
                }
            }
            self.parts[largest.0] += 1;
            rests[largest.0] = 0;
        }
    }

    #[cold]
    fn wide(&mut self, total: u64, weights: &[u64]) {
        let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
        if sum == 0 {
            return self.first(total, weights.len());
        }
        self.parts.clear();
        self.wide_rests.clear();
        let mut left = total;
        for (place, &weight) in weights.iter().enumerate() {
            let product = u128::from(total) * u128::from(weight);
            let part = (product / sum) as u64;
            left -= part;
            self.parts.push(part);
            self.wide_rests.push((product % sum, place));
        }
        self.wide_rests.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for &(_, place) in self.wide_rests.iter().take(left as usize) {
            self.parts[place] += 1;
        }
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
            small: bool,
        ) {
            // Small weights and totals take another way to the same parts.
            let (total, weights): (u64, Vec<u64>) = if small {
                (total >> 40, weights.iter().map(|weight| weight >> 40).collect())
            } else {
                (total, weights)
            };
            let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
            prop_assume!(sum > 0);
            let mut wide = Splitter::default();
            wide.wide(total, &weights);
            prop_assert_eq!(&wide.parts, &Splitter::default().split(total, &weights).to_vec());
            let parts = Splitter::default().split(total, &weights).to_vec();
            prop_assert_eq!(parts.iter().map(|&p| u128::from(p)).sum::<u128>(), u128::from(total));
            for (&part, &weight) in parts.iter().zip(&weights) {
                let floor = (u128::from(total) * u128::from(weight) / sum) as u64;
                prop_assert!(part == floor || part == floor + 1);
            }
        }
    }
}
