//! What can be configured of Karpenter, with defaults and their sources.

use super::budget::Budget;
use super::constants::{BATCH_IDLE, BATCH_MAX, EXPIRE_AFTER};
use super::input::{MinValuesPolicy, PreferencePolicy};
use super::node_pool::NodePoolConfig;
use greenroom_scheduler::config::Check;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// No batching window is longer than a minute.
const WINDOW_MS_MAX: u32 = 60_000;

/// When nodes go again for the sake of cost: `spec.disruption.consolidationPolicy`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Consolidation {
    /// Never: `consolidateAfter: Never`.
    Off,
    /// When no pod is on them.
    WhenEmpty,
    /// When fewer or cheaper nodes could carry their pods.
    #[default]
    WhenEmptyOrUnderutilized,
    /// The same, where the saving is worth the disruption.
    Balanced,
}

/// Karpenter: keys `karpenter.*`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table of Karpenter's keys")]
pub struct KarpenterConfig {
    /// When nodes go again. Default: `when-empty-or-underutilized`, as of a NodePool that says
    /// nothing.
    pub consolidation: Consolidation,
    /// How long a node must be without pods coming or going before it may be consolidated, in
    /// seconds. Default: 0, as of a NodePool that says nothing.
    pub consolidate_after_s: u32,
    /// Whether runner pods say `karpenter.sh/do-not-disrupt: "true"`. Default: true: without it
    /// consolidation ends running jobs.
    pub do_not_disrupt: bool,
    /// Protect runner pods only for this long from their start, in seconds (the annotation's value
    /// is then a duration). Default: as long as they run. Needs `do_not_disrupt`.
    pub do_not_disrupt_s: Option<u32>,
    /// How many nodes may go at once. Default: one budget of 10 %.
    pub budgets: Vec<Budget>,
    /// Age at which a node goes whatever runs on it, in seconds; 0: never. Default: 2,592,000
    /// (720 h), as of a NodePool that says nothing.
    pub expire_after_s: u32,
    /// How long a node that is going waits for its pods before they are ended, in seconds.
    /// Default: for ever, as of a NodePool that says nothing.
    pub termination_grace_s: Option<u32>,
    /// A round starts after this long without a new pod, in milliseconds, 1 to 60,000. Default:
    /// 1,000 (`BATCH_IDLE_DURATION`).
    pub batch_idle_ms: u32,
    /// A round starts this long after its first pod at the latest, in milliseconds, 1 to 60,000.
    /// Default: 10,000 (`BATCH_MAX_DURATION`).
    pub batch_max_ms: u32,
    /// Replace spot nodes by cheaper spot nodes. Default: false (feature gate
    /// `SpotToSpotConsolidation`).
    pub spot_to_spot: bool,
    /// What to do when too few instance types are left. Default: `Strict`
    /// (`MIN_VALUES_POLICY`).
    pub min_values_policy: MinValuesPolicy,
    /// Whether preferred node affinity counts. Default: `Respect` (`PREFERENCE_POLICY`).
    pub preference_policy: PreferencePolicy,
    /// Node pools that every fleet has, by name. Default: one, with what the fleet allows.
    pub node_pool: BTreeMap<String, NodePoolConfig>,
    /// Whether interruption notices reach Karpenter: it then drains the node and asks for others.
    /// Default: true (an SQS queue is set up, as the chart's documentation advises).
    pub interruption_queue: bool,
}

impl Default for KarpenterConfig {
    fn default() -> Self {
        Self {
            consolidation: Consolidation::default(),
            consolidate_after_s: 0,
            do_not_disrupt: true,
            do_not_disrupt_s: None,
            budgets: vec![Budget::default()],
            expire_after_s: (EXPIRE_AFTER.as_ms() / 1000) as u32,
            termination_grace_s: None,
            batch_idle_ms: BATCH_IDLE.as_ms() as u32,
            batch_max_ms: BATCH_MAX.as_ms() as u32,
            spot_to_spot: false,
            min_values_policy: MinValuesPolicy::default(),
            preference_policy: PreferencePolicy::default(),
            node_pool: BTreeMap::new(),
            interruption_queue: true,
        }
    }
}

impl KarpenterConfig {
    /// Adds everything that makes no sense.
    pub fn check(&self, check: &mut Check<'_>) {
        for (key, ms) in
            [("batch_idle_ms", self.batch_idle_ms), ("batch_max_ms", self.batch_max_ms)]
        {
            check.count(key, ms, 1..=WINDOW_MS_MAX);
        }
        if self.batch_max_ms < self.batch_idle_ms {
            let least = self.batch_idle_ms;
            let expected = format!("at least karpenter.batch_idle_ms, which is {least}");
            check.fault("batch_max_ms", self.batch_max_ms, expected);
        }
        if let (Some(seconds), false) = (self.do_not_disrupt_s, self.do_not_disrupt) {
            let expected = "no duration beside karpenter.do_not_disrupt = false";
            check.fault("do_not_disrupt_s", seconds, expected);
        }
        let halves = |b: &Budget| b.schedule.is_some() != b.duration_s.is_some();
        if let Some(number) = self.budgets.iter().position(halves) {
            let found = format!("only one of schedule and duration_s in budget {}", number + 1);
            check.fault("budgets", found, "both or neither");
        }
        for (name, pool) in &self.node_pool {
            if !is_name(name) {
                let expected = "a name of letters, digits and hyphens";
                check.under("node_pool").fault(name, "a node pool of that name", expected);
            }
            pool.check(&mut check.under("node_pool").under(name));
        }
    }
}

/// What Kubernetes takes for a name, as far as it matters here.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
