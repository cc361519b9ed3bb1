//! Classes that GitHub hosts: known by their labels, so that a real trace needs no configuration
//! to be priced.

use greenroom_scheduler::money::Money;

/// Price of a minute by the beginning of the label, in micro-dollars: GitHub's standard runners
/// since 1 January 2026 (docs.github.com, "Actions runner pricing": Linux 2-core 0.006, Windows
/// 2-core 0.010, macOS 0.062 USD).
const STANDARD: [(&str, i64); 3] = [("ubuntu-", 6_000), ("windows-", 10_000), ("macos-", 62_000)];

/// What may follow: `latest` or a version, and `-arm` or `-large` variants priced alike here.
fn is_version(rest: &str) -> bool {
    rest.starts_with("latest") || rest.starts_with(|c: char| c.is_ascii_digit())
}

/// What a minute of a class costs, if its name is a label of GitHub's standard runners.
pub(crate) fn standard_per_minute(class: &str) -> Option<Money> {
    STANDARD.iter().find_map(|(label, micros)| {
        let rest = class.strip_prefix(label)?;
        is_version(rest).then(|| Money::from_micros(*micros))
    })
}
