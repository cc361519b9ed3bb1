//! Credentials: how long they take, how often they fail, and jobs that outlive them.

use expect_test::expect;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::identity::{Identity, IdentityConfig, Issue, Lasting, Step};
use greenroom_sim::latency;
use greenroom_sim::random::Streams;
use proptest::prelude::*;
use std::fmt::Write;

fn identity(seed: u64, config: &str) -> Identity {
    Identity::new(Streams::new(seed), toml::from_str(config).unwrap(), latency::Identity::default())
}

/// Each call takes exactly a second.
fn by_the_second(seed: u64, config: &str) -> Identity {
    let second = "oidc_token = { constant_s = 1 }\nsts = { constant_s = 1 }\nvault_login = { constant_s = 1 }";
    Identity::new(
        Streams::new(seed),
        toml::from_str(config).unwrap(),
        toml::from_str(second).unwrap(),
    )
}

fn at(s: u64) -> Time {
    Time::from_ms(1_000_000) + Span::from_secs(s)
}

const NEVER_FAILS: &str = "oidc = { failure_share = 0.0 }\nsts = { failure_share = 0.0 }\nvault = { failure_share = 0.0 }\n";

#[test]
fn without_failures_the_path_is_the_sum_of_its_steps() {
    let issue = by_the_second(1, NEVER_FAILS).issue(7);
    assert_eq!(issue, Issue { took: Span::from_secs(3), calls: 3, failed_at: None });
    let none = by_the_second(1, "steps = []").issue(7);
    assert_eq!(none, Issue { took: Span::ZERO, calls: 0, failed_at: None });
}

#[test]
fn a_service_that_is_down_is_tried_as_often_as_allowed_and_no_more() {
    let config = format!(
        "{}attempts_max = 4\nbackoff_s = 0.0",
        NEVER_FAILS.replace("sts = { failure_share = 0.0 }", "sts = { failure_share = 1.0 }")
    );
    let issue = by_the_second(1, &config).issue(7);
    assert_eq!(issue, Issue { took: Span::from_secs(5), calls: 5, failed_at: Some(Step::Sts) });
}

#[test]
fn failures_and_calls_are_as_frequent_as_their_shares_say() {
    // Two attempts of which each fails with 0.2: 4 % give up at each step, 1.2 calls a step.
    let config = "attempts_max = 2\noidc = { failure_share = 0.2 }\nsts = { failure_share = 0.2 }\nsteps = [\"oidc\", \"sts\"]";
    let identity = identity(3, config);
    let count = 40_000;
    let issues: Vec<Issue> = (0..count).map(|attempt| identity.issue(attempt)).collect();
    let share =
        |step| issues.iter().filter(|i| i.failed_at == Some(step)).count() as f64 / count as f64;
    assert!((share(Step::Oidc) - 0.04).abs() < 0.0045, "{}", share(Step::Oidc));
    assert!((share(Step::Sts) - 0.96 * 0.04).abs() < 0.0045, "{}", share(Step::Sts));
    let calls = issues.iter().map(|i| f64::from(i.calls)).sum::<f64>() / count as f64;
    assert!((calls - 1.2 * 1.96).abs() < 0.015, "{calls}");
}

#[test]
fn a_long_job_renews_in_time() {
    // Credentials of 900 s, renewed 300 s before their end, in 3 s: every 603 s.
    let identity = by_the_second(1, NEVER_FAILS);
    let renewals = |length_s: u64| match identity.lasting(1, at(0), at(length_s), None) {
        Lasting::Lasts { renewals } => renewals,
        Lasting::Ends { at, .. } => panic!("ended at {at:?}"),
    };
    assert_eq!(renewals(600), 0, "over before the first renewal");
    assert_eq!(renewals(601), 1);
    assert_eq!(renewals(1_203), 1);
    assert_eq!(renewals(1_204), 2);
    // 600 + 603 k < 21,600 for k up to 34.
    assert_eq!(renewals(6 * 3_600), 35);
}

#[test]
fn credentials_that_cannot_be_renewed_end_the_job_when_they_end() {
    let broken =
        by_the_second(1, "vault = { failure_share = 1.0 }\nbackoff_s = 0.0\nattempts_max = 3");
    assert_eq!(
        broken.lasting(1, at(0), at(900), None),
        Lasting::Lasts { renewals: 1 },
        "its end saves it"
    );
    assert_eq!(broken.lasting(1, at(0), at(901), None), Lasting::Ends { at: at(900), renewals: 0 });
    // A renewal slower than its margin comes too late.
    let slow = by_the_second(1, &format!("{NEVER_FAILS}renew_before_s = 2"));
    assert_eq!(slow.lasting(1, at(0), at(901), None), Lasting::Ends { at: at(900), renewals: 0 });
    let strict = by_the_second(1, "at_expiry = \"fail\"\nttl_s = 3600");
    assert_eq!(strict.lasting(1, at(0), at(3_600), None), Lasting::Lasts { renewals: 0 });
    assert_eq!(
        strict.lasting(1, at(0), at(3_601), None),
        Lasting::Ends { at: at(3_600), renewals: 0 }
    );
    let careless = by_the_second(1, "at_expiry = \"ignore\"");
    assert_eq!(careless.lasting(1, at(0), at(999_999), None), Lasting::Lasts { renewals: 0 });
    // An absurd length ends the search, not the program.
    let forever = by_the_second(1, NEVER_FAILS);
    assert_eq!(forever.lasting(1, at(0), Time::MAX, None), Lasting::Lasts { renewals: 1_000 });
}

#[test]
fn wrong_values_are_errors_that_say_what_is_expected() {
    let mut said = String::new();
    for text in [
        "ttl_s = 60",
        "ttl_s = 7200",
        "attempts_max = 0",
        "steps = [\"sts\"]",
        "steps = [\"oidc\", \"oidc\"]",
        "steps = [\"ldap\"]",
        "oidc = { failure_share = 2.0 }",
        "renew_before_s = 0",
        "at_expiry = \"crash\"",
        "tls_s = 900",
    ] {
        let error = toml::from_str::<IdentityConfig>(text).unwrap_err().to_string();
        writeln!(said, "{text}\n    {}", error.lines().last().unwrap()).unwrap();
        assert!(error.contains("line 1, column"), "{error}");
    }
    expect![[r#"
        ttl_s = 60
            found 60, expected 900 to 3600
        ttl_s = 7200
            found 7200, expected 900 to 3600
        attempts_max = 0
            found 0, expected 1 to 50
        steps = ["sts"]
            found AWS STS first, expected oidc, whose token the others exchange
        steps = ["oidc", "oidc"]
            found GitHub OIDC twice, expected each step once
        steps = ["ldap"]
            unknown variant `ldap`, expected one of `oidc`, `sts`, `vault`
        oidc = { failure_share = 2.0 }
            found 2, expected a share of 0 to 1
        renew_before_s = 0
            found 0, expected 1 to 600
        at_expiry = "crash"
            unknown variant `crash`, expected one of `renew`, `fail`, `ignore`
        tls_s = 900
            unknown field `tls_s`, expected one of `steps`, `oidc`, `sts`, `vault`, `attempts_max`, `backoff_s`, `backoff_max_s`, `ttl_s`, `at_expiry`, `renew_before_s`
    "#]].assert_eq(&said);
    let default = IdentityConfig::default();
    assert_eq!(
        toml::from_str::<IdentityConfig>(&toml::to_string(&default).unwrap()).unwrap(),
        default
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn an_attempt_has_the_same_luck_whoever_asks_and_credentials_end_within_the_job(
        seed: u64, attempt: u64, others in prop::collection::vec(any::<u64>(), 0..10), length_s in 0_u64..100_000, share in 0.0..1.0_f64,
    ) {
        let config = format!("attempts_max = 3\nsts = {{ failure_share = {share} }}");
        let identity = identity(seed, &config);
        let first = (identity.issue(attempt), identity.lasting(attempt, at(0), at(length_s), None));
        for other in others {
            identity.issue(other);
        }
        prop_assert_eq!(first, (identity.issue(attempt), identity.lasting(attempt, at(0), at(length_s), None)));
        if let Lasting::Ends { at: end, .. } = first.1 {
            prop_assert!(end < at(length_s) && end >= at(900));
        }
        prop_assert!(first.0.calls <= 9);
    }
}
