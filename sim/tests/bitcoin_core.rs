//! The simulator foretells three weeks of a real pool from the three weeks before.

use crate::data::real;
use std::path::Path;

// The program prints what the test only judges.
#[allow(dead_code)]
#[path = "../examples/bitcoin_core/fit.rs"]
mod fit;

#[test]
fn a_limit_fitted_on_three_weeks_foretells_the_next_three() {
    let Some(folder) = real("traces/bitcoin-core") else { return };
    let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/bitcoin-core.toml");
    let fitted = fit::fit(&folder, &configuration);
    assert!(fitted.first.measured.count() > 3_000 && fitted.second.measured.count() > 3_000);
    let second = &fitted.second;
    let (measured, simulated) = (second.measured.long_share(), second.simulated.long_share());
    let told = format!("limit {}: measured {measured}, simulated {simulated}", fitted.limit);
    assert!((measured - simulated).abs() <= 0.05, "{told}");
    // The configuration that is delivered says what was fitted.
    let text = std::fs::read_to_string(configuration).unwrap();
    assert!(text.contains(&format!("\nmax = {}\n", fitted.limit)), "{told}");
    assert_eq!(fitted.unmatched.values().sum::<u64>(), 946);
}
