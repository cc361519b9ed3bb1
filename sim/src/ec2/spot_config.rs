//! What can be configured of the spot market, with defaults and their sources.

use super::checked;
use crate::latency::Distribution;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The spot market: keys `spot.*`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SpotConfig {
    /// How spot prices move. Default: `constant`.
    pub price: PriceModel,
    /// How far spot lies below on-demand, in percent, 0 to 99, for every type. Default: by type
    /// what the catalogue says (us-east-1, advisor of 2025).
    #[serde(deserialize_with = "checked::optional_percent")]
    #[schemars(range(min = 0.0, max = 99.0))]
    pub saving_percent: Option<f64>,
    /// The same where neither this configuration nor the catalogue knows. Default: 64, the median
    /// of the catalogue.
    #[serde(deserialize_with = "checked::percent")]
    #[schemars(range(min = 0.0, max = 99.0))]
    pub unknown_saving_percent: f64,
    /// Deviation of the logarithm of the price under `process`, 0 to 2. Default: 0.04, the upper
    /// quartile of 1,240 pools of us-east-1 in March and April 2021 (median 0.017, p90 0.084).
    #[serde(deserialize_with = "checked::log_deviation")]
    #[schemars(range(min = 0.0, max = 2.0))]
    pub price_log_deviation: f64,
    /// Time after which half of a deviation is gone under `process`, in hours. Default: 294, the
    /// median of the same pools.
    #[serde(deserialize_with = "checked::hours")]
    #[schemars(range(min = 0.01, max = 100_000.0))]
    pub price_half_life_h: f64,
    /// Time between changes of the price under `process`, in hours. Default: 11, the median there.
    #[serde(deserialize_with = "checked::hours")]
    #[schemars(range(min = 0.01, max = 100_000.0))]
    pub price_step_h: f64,
    /// Recorded prices, in place of `price` for the pools that they name. Default: none.
    pub price_history: Option<PriceHistory>,

    /// Interruptions of a node older than every age band, times an hour, 0 to 60, for every type.
    /// Default: by type what the catalogue says of a month (advisor of 2025). A node of one large
    /// type was measured at 0.19 to 1.32 an hour (r5.16xlarge, us-east-1, Apr-May 2023,
    /// skypilot-org/spot-traces): an order of magnitude and more above the advisor.
    #[serde(deserialize_with = "checked::optional_per_hour")]
    #[schemars(range(min = 0.0, max = 60.0))]
    pub hazard_per_hour: Option<f64>,
    /// Multiplies every hazard, 0 to 1,000. Default: 1.
    #[serde(deserialize_with = "checked::factor")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub hazard_scale: f64,
    /// The interruption bucket (0 to 4) of a type that neither knows. Default: 3, the median of the
    /// catalogue.
    #[serde(deserialize_with = "bucket")]
    #[schemars(range(min = 0, max = 4))]
    pub unknown_bucket: u8,
    /// How many times as likely young nodes are taken. Default: 4 times within 10 minutes, 1.3
    /// times within an hour, as r5.16xlarge in us-east-1d (0.71, 0.23, 0.17 an hour).
    #[serde(deserialize_with = "age_bands")]
    pub age_bands: Vec<AgeBand>,
    /// The share of interruptions that comes with a loss of the whole pool, 0 to 1. Default: 0.57:
    /// of the nodes that two fleets lost, 58 % and 57 % went in groups (uclasystem/bamboo).
    #[serde(deserialize_with = "checked::share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub correlated_share: f64,
    /// The share of a pool's nodes that such a loss takes, 0 to 1; with 0 a pool is never lost and
    /// every interruption is a node's own. Default: 0.2, as there.
    #[serde(deserialize_with = "checked::share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub lost_share: f64,
    /// How long a pool has no spot capacity after a loss. Default: as r5.16xlarge in us-east-1d,
    /// p50 544 s, p90 3,706 s.
    pub outage: Distribution,
    /// How often a whole zone loses spot capacity of every type, times an hour, 0 to 60. Default: 0.
    #[serde(deserialize_with = "checked::per_hour")]
    #[schemars(range(min = 0.0, max = 60.0))]
    pub zone_losses_per_hour: f64,
    /// The share of the zone's spot nodes that it takes, 0 to 1. Default: 0.5 (assumption).
    #[serde(deserialize_with = "checked::share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub zone_lost_share: f64,
    /// From the notice until the node is gone, in seconds, 0 to 3,600. Default: 120 (EC2 User
    /// Guide, "Spot Instance interruption notices").
    #[serde(deserialize_with = "notice")]
    #[schemars(range(min = 0, max = 3_600))]
    pub notice_s: u64,
    /// How long before the notice EC2 recommends to rebalance. Default: 10 to 20 minutes, as
    /// Karpenter's design notes say.
    pub rebalance_lead: Distribution,
    /// The share of interruptions where the recommendation comes with the notice, 0 to 1. Default:
    /// 0.1 (assumption; EC2 promises no lead).
    #[serde(deserialize_with = "checked::share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rebalance_late_share: f64,
    /// Recorded capacity of single pools, in place of what chance would do there. Default: none.
    #[serde(deserialize_with = "availability_files")]
    pub availability: Vec<AvailabilityFile>,
    /// A pool counts as deep when its last outage ended so long ago and its next is so far away, in
    /// seconds. Default: 1,800 (assumption; EC2's own score is not published).
    pub depth_foresight_s: u64,
    /// The share of judgements (one an hour and pool) in which EC2 errs about that, 0 to 1. Default:
    /// 0.2 (assumption).
    #[serde(deserialize_with = "checked::share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub depth_error: f64,
}

impl Default for SpotConfig {
    fn default() -> Self {
        let minutes = |from: f64, to: f64| Distribution::uniform(from * 60.0, to * 60.0);
        Self {
            price: PriceModel::Constant,
            saving_percent: None,
            unknown_saving_percent: 64.0,
            price_log_deviation: 0.04,
            price_half_life_h: 294.0,
            price_step_h: 11.0,
            price_history: None,
            hazard_per_hour: None,
            hazard_scale: 1.0,
            unknown_bucket: 3,
            age_bands: vec![
                AgeBand { until_s: 600, factor: 4.0 },
                AgeBand { until_s: 3_600, factor: 1.3 },
            ],
            correlated_share: 0.57,
            lost_share: 0.2,
            outage: outage(),
            zone_losses_per_hour: 0.0,
            zone_lost_share: 0.5,
            notice_s: 120,
            rebalance_lead: minutes(10.0, 20.0).expect("10 is below 20"),
            rebalance_late_share: 0.1,
            availability: Vec::new(),
            depth_foresight_s: 1_800,
            depth_error: 0.2,
        }
    }
}

/// How spot prices move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PriceModel {
    /// Always on-demand less the saving.
    #[default]
    Constant,
    /// The logarithm returns to that level and strays from it.
    Process,
}

/// Recorded spot prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceHistory {
    /// The file: CSV with `instance_type, az, timestamp_s, usd_per_hour`, in any order of time.
    pub file: String,
    /// The time in the file, in seconds since 1970, that the run begins at. Default: the file's
    /// own times where the run has real ones, else the earliest record.
    #[serde(default)]
    pub start_s: Option<u64>,
}

/// Recorded capacity of one pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityFile {
    /// The file: JSON of samples, or CSV of a fleet's sizes.
    pub file: String,
    /// The instance type whose capacity it is.
    #[serde(rename = "type")]
    pub instance_type: String,
    /// The zone.
    pub zone: String,
    /// What follows its end. Default: it begins again.
    #[serde(default)]
    pub after_end: AfterEnd,
}

/// What follows the end of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AfterEnd {
    /// It begins again.
    #[default]
    Repeat,
    /// Its last state lasts.
    Hold,
}

/// Nodes of up to an age, and how many times as likely they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeBand {
    /// Up to this age in seconds.
    pub until_s: u64,
    /// Times the hazard of an old node, 0 to 1,000.
    #[serde(deserialize_with = "checked::factor")]
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub factor: f64,
}

/// Length of the 27 outages of r5.16xlarge in us-east-1d over 152 h of Apr-May 2023
/// (skypilot-org/spot-traces): p10 102 s, p50 544 s, p90 3,706 s, p99 4,624 s.
fn outage() -> Distribution {
    Distribution::empirical(vec![(0.1, 102.0), (0.5, 544.0), (0.9, 3_706.0), (0.99, 4_624.0)])
        .expect("the points ascend")
}

/// The most age bands: a curve finer than this is beyond any data.
const AGE_BANDS_MAX: usize = 16;
/// The most recorded pools.
const AVAILABILITY_FILES_MAX: usize = 1_000;

fn age_bands<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AgeBand>, D::Error> {
    let bands = Vec::<AgeBand>::deserialize(deserializer)?;
    if bands.len() > AGE_BANDS_MAX {
        let found = bands.len();
        return Err(D::Error::custom(format!(
            "found {found} bands, expected at most {AGE_BANDS_MAX}"
        )));
    }
    let mut before = 0;
    for band in &bands {
        if band.until_s <= before {
            let found = band.until_s;
            return Err(D::Error::custom(format!(
                "until_s: found {found}, expected more than {before}"
            )));
        }
        before = band.until_s;
    }
    Ok(bands)
}

fn availability_files<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<AvailabilityFile>, D::Error> {
    let files = Vec::<AvailabilityFile>::deserialize(deserializer)?;
    if files.len() > AVAILABILITY_FILES_MAX {
        let found = files.len();
        let expected = format!("found {found} files, expected at most {AVAILABILITY_FILES_MAX}");
        return Err(D::Error::custom(expected));
    }
    Ok(files)
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D, most: u64) -> Result<u64, D::Error> {
    let value = u64::deserialize(deserializer)?;
    if value <= most {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("found {value}, expected 0 to {most}")))
    }
}

fn bucket<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    whole(deserializer, 4).map(|bucket| bucket as u8)
}

fn notice<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    whole(deserializer, 3_600)
}
