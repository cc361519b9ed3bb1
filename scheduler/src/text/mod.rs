//! How decisions, commands and their parts read: sentences with the numbers that were used, for
//! logs, scenario files and `explain`. Things go by their ids here; who knows names puts them in.

mod command;
mod decision;
mod growth;

use core::fmt;

/// A measured number with two significant digits, which is more than such estimates are good for:
/// `0.31`, `0.055`, `12`.
struct Rough(f64);

impl fmt::Display for Rough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Below a millionth an estimate reads as zero.
        const DIGITS_MAX: f64 = 6.0;
        if self.0 <= 0.0 || !self.0.is_finite() {
            return write!(f, "{}", self.0);
        }
        let digits = (1.0 - libm::floor(libm::log10(self.0))).clamp(0.0, DIGITS_MAX);
        write!(f, "{:.*}", digits as usize, self.0)
    }
}

/// `1 runner`, `2 runners`.
struct Count(u32, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

/// A list with commas.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, thing) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{thing}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn estimates_keep_two_digits() {
        let rough = |x: f64| Rough(x).to_string();
        assert_eq!([rough(0.314), rough(0.0552), rough(12.4), rough(123.0)].join(" "), {
            "0.31 0.055 12 123"
        });
        assert_eq!([rough(0.0), rough(1e-9), rough(f64::INFINITY)].join(" "), "0 0.000000 inf");
    }
}
