//! What can be configured of identity: keys `identity.*`.

use crate::ec2::checked;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// One call on the way to credentials.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// GitHub issues an OIDC token.
    Oidc,
    /// STS exchanges it for AWS credentials.
    Sts,
    /// Vault exchanges it for a Vault token.
    Vault,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Oidc => "GitHub OIDC",
            Self::Sts => "AWS STS",
            Self::Vault => "Vault",
        })
    }
}

/// What becomes of a job whose credentials end before it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AtExpiry {
    /// It renews them in time; it fails when that fails until they end.
    #[default]
    Renew,
    /// It fails at that moment.
    Fail,
    /// Nothing: it needed them at its start alone.
    Ignore,
}

/// How often calls of one kind fail.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallConfig {
    /// The share of calls that fail, 0 to 1.
    #[serde(deserialize_with = "checked::share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub failure_share: f64,
}

/// Credentials of jobs: keys `identity.*`. How long calls take stands in `latency.identity`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// The calls before a job's first step, in their order, each once. Default: `oidc`, `sts`,
    /// `vault`. None at all switches identity off.
    #[serde(deserialize_with = "steps")]
    pub steps: Vec<Step>,
    /// Calls to GitHub's OIDC provider. Default: 0.001 fail, the downtime that 99.9 % allows, which
    /// GitHub promises for Actions (Enterprise Cloud SLA).
    pub oidc: CallConfig,
    /// Calls to STS. Default: 0.001 fail (assumption, as for OIDC; a failure to fetch GitHub's
    /// keys shows here as InvalidIdentityToken).
    pub sts: CallConfig,
    /// Calls to Vault. Default: 0.001 fail (assumption: sealed, or a standby takes over).
    pub vault: CallConfig,
    /// Attempts of each call, 1 to 50. Default: 12, as aws-actions/configure-aws-credentials does
    /// (`retry-max-attempts`).
    #[serde(deserialize_with = "attempts")]
    #[schemars(range(min = 1, max = 50))]
    pub attempts_max: u32,
    /// The first pause between two attempts, in seconds, 0 to 3,600; each next one is twice as long,
    /// and a uniform part of it is waited. Default: 0.05, as there.
    #[serde(deserialize_with = "pause")]
    #[schemars(range(min = 0.0, max = 3_600.0))]
    pub backoff_s: f64,
    /// The longest pause, in seconds, 0 to 3,600. Default: 30 (assumption).
    #[serde(deserialize_with = "pause")]
    #[schemars(range(min = 0.0, max = 3_600.0))]
    pub backoff_max_s: f64,
    /// How long credentials last, in seconds, 900 to 3,600: between the least that STS allows and
    /// its default. Default: 900, since a session of STS cannot be revoked.
    #[serde(deserialize_with = "ttl")]
    #[schemars(range(min = 900, max = 3_600))]
    pub ttl_s: u64,
    /// What becomes of a job that outlives them. Default: `renew`.
    pub at_expiry: AtExpiry,
    /// How long before their end credentials are renewed, in seconds, 1 to 600. Default: 300, as
    /// the AWS SDKs refresh.
    #[serde(deserialize_with = "margin")]
    #[schemars(range(min = 1, max = 600))]
    pub renew_before_s: u64,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        let call = CallConfig { failure_share: 0.001 };
        Self {
            steps: vec![Step::Oidc, Step::Sts, Step::Vault],
            oidc: call,
            sts: call,
            vault: call,
            attempts_max: 12,
            backoff_s: 0.05,
            backoff_max_s: 30.0,
            ttl_s: 900,
            at_expiry: AtExpiry::Renew,
            renew_before_s: 300,
        }
    }
}

impl IdentityConfig {
    /// How often a call of this kind fails.
    pub const fn failure_share(&self, step: Step) -> f64 {
        match step {
            Step::Oidc => self.oidc.failure_share,
            Step::Sts => self.sts.failure_share,
            Step::Vault => self.vault.failure_share,
        }
    }
}

fn steps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Step>, D::Error> {
    let steps = Vec::<Step>::deserialize(deserializer)?;
    for (place, step) in steps.iter().enumerate() {
        if steps[..place].contains(step) {
            return Err(D::Error::custom(format!("found {step} twice, expected each step once")));
        }
    }
    if steps.first().is_some_and(|first| *first != Step::Oidc) {
        let found = steps[0];
        return Err(D::Error::custom(format!(
            "found {found} first, expected oidc, whose token the others exchange"
        )));
    }
    Ok(steps)
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D, from: u64, to: u64) -> Result<u64, D::Error> {
    let value = u64::deserialize(deserializer)?;
    if (from..=to).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("found {value}, expected {from} to {to}")))
    }
}

fn attempts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole(deserializer, 1, 50).map(|attempts| attempts as u32)
}

fn ttl<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    whole(deserializer, 900, 3_600)
}

fn margin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    whole(deserializer, 1, 600)
}

fn pause<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if (0.0..=3_600.0).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("found {value}, expected 0 to 3600 seconds")))
    }
}
