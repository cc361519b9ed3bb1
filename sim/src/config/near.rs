//! The name that was perhaps meant.

/// The most similar of the names, if any is similar enough that a slip of the fingers explains it:
/// one change in three letters, swaps of neighbours counted as one.
pub(super) fn nearest<'a, T: AsRef<str>>(found: &str, names: &'a [T]) -> Option<&'a str> {
    // Longer than any key; the distance takes time in the product of both lengths.
    const LETTERS_MAX: usize = 64;
    if found.len() > LETTERS_MAX {
        return None;
    }
    names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(found, name.as_ref()), name.as_ref()))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| distance * 3 <= name.len().max(found.len()))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_slips_are_guessed() {
        let names = ["warmup_s", "until", "from", "rate_scale"];
        assert_eq!(nearest("ratescale", &names), Some("rate_scale"));
        assert_eq!(nearest("form", &names), Some("from"));
        assert_eq!(nearest("unitl", &names), Some("until"));
        assert_eq!(nearest("speed", &names), None);
        assert_eq!(nearest("", &names), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), &names), None);
    }
}
