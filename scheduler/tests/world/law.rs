//! Laws over drawn cases.

use proptest::prelude::{ProptestConfig, Strategy};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// Holds a law against drawn cases: the same cases on every machine, the smallest that fails told.
/// `PROPTEST_CASES` sets how many.
pub(crate) fn hold<S: Strategy>(cases: &S, law: impl Fn(S::Value)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(cases, |case| {
        law(case);
        Ok(())
    });
    if let Err(fault) = outcome {
        panic!("{fault}");
    }
}
