//! The configuration says what it does not understand.

use expect_test::expect;
use greenroom_sim::kube::{Config, Scoring};

fn read(text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|error| error.message().to_owned())
}

#[test]
fn an_empty_one_is_the_default() {
    assert_eq!(read(""), Ok(Config::default()));
    let text = toml::to_string(&Config::default()).unwrap();
    assert_eq!(read(&text), Ok(Config::default()));
}

#[test]
fn keys_and_values_are_checked() {
    let fuller = read("scoring = 'most-allocated'\npulls_parallel_max = 3").unwrap();
    assert_eq!(fuller.scoring, Scoring::MostAllocated);
    assert_eq!(fuller.pulls_parallel_max.unwrap().get(), 3);
    expect![[r"unknown variant `fullest`, expected `least-allocated` or `most-allocated`"]]
        .assert_eq(&read("scoring = 'fullest'").unwrap_err());
    let unknown = read("attempt_ms = 4").unwrap_err();
    assert!(unknown.starts_with("unknown field `attempt_ms`, expected one of"), "{unknown}");
    expect![[r"invalid value: integer `0`, expected a nonzero u32"]]
        .assert_eq(&read("pull_mb_per_s_max = 0").unwrap_err());
}
