//! Every constant of the simulated Kubernetes, with its source, in one place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// How Kubernetes behaves. Spans that differ from pod to pod (binding, asking the registry,
/// container start, exit) are drawn by the caller and come with each request instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How kube-scheduler ranks the nodes that fit.
    pub scoring: Scoring,
    /// Time of one scheduling attempt; attempts are serial.
    pub attempt_us: u32,
    /// Bindings a second that kube-scheduler's client lets through; no limit when null.
    pub binds_per_s: Option<NonZeroU32>,
    /// Bindings that it lets through at once.
    pub binds_burst: u32,
    /// First back-off of a pod that no node could take.
    pub backoff_initial_ms: u64,
    /// Longest back-off of such a pod.
    pub backoff_max_ms: u64,
    /// After so long without an event that concerns it, an unschedulable pod is tried again.
    pub flush_after_ms: u64,
    /// How often it is looked whether that is due.
    pub flush_every_ms: u64,

    /// Most compressed megabytes a second of one pull, whatever the node could do.
    pub pull_mb_per_s_max: NonZeroU32,
    /// Most pulls of a node at once; 1 is `serializeImagePulls`, null is no limit.
    pub pulls_parallel_max: Option<NonZeroU32>,
    /// The kubelet's `registryPullQPS`; no limit when null.
    pub pull_requests_per_s: Option<NonZeroU32>,
    /// The kubelet's `registryBurst`.
    pub pull_requests_burst: u32,
    /// First back-off of a pod whose pull the kubelet refused.
    pub pull_backoff_initial_ms: u64,
    /// Longest such back-off.
    pub pull_backoff_max_ms: u64,
    /// Pulls a second that the registry answers, all nodes together; no limit when null.
    pub registry_pulls_per_s: Option<NonZeroU32>,
    /// Pulls that it answers at once.
    pub registry_pulls_burst: u32,
    /// Compressed megabytes a second that it sends, all nodes together; no limit when null.
    pub registry_mb_per_s: Option<NonZeroU32>,

    /// From the choice of a placeholder as a victim until its room is free.
    pub preemption_ms: u64,
    /// From an eviction until the pod's room is free.
    pub eviction_ms: u64,
}

/// How kube-scheduler ranks the nodes that fit (`NodeResourcesFit`, `scoringStrategy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scoring {
    /// The emptiest first: the default, which keeps nodes from becoming empty.
    #[default]
    LeastAllocated,
    /// The fullest first.
    MostAllocated,
}

/// kube-scheduler's periodic test fails under 270 pods a second on 5,000 nodes
/// (kubernetes `test/integration/scheduler_perf`, SchedulingBasic/5000Nodes_10000Pods).
const ATTEMPT_US: u32 = 3_700;

/// kube-scheduler's client: `clientConnection.qps` 50, `burst` 100. Measured on 1.36.3: 5,000 pods
/// bound at 50 a second. EKS publishes 167, 283 and 400 pods a second for its provisioned control
/// planes XL, 2XL and 4XL, and nothing for the standard one.
const BINDS_PER_S: u32 = 50;
const BINDS_BURST: u32 = 100;

/// kube-scheduler: `podInitialBackoffSeconds` 1, `podMaxBackoffSeconds` 10.
const BACKOFF_INITIAL_MS: u64 = 1_000;
const BACKOFF_MAX_MS: u64 = 10_000;

/// kube-scheduler: pods leave the unschedulable set after 5 min; it looks every 30 s.
const FLUSH_AFTER_MS: u64 = 300_000;
const FLUSH_EVERY_MS: u64 = 30_000;

/// Three first pulls on fresh nodes: 126 MB 12 s, 432 MB 17 s, 1.13 GB 38 s
/// (aws-samples/sample-multi-tenancy-openclaw-on-eks, 2026-03). The fastest step is 306 MB in 5 s,
/// on a 12xlarge: one pull unpacks its layers one by one, whatever the node could do.
const PULL_MB_PER_S_MAX: u32 = 61;
/// An EBS gp3 volume as delivered: 125 MiB/s.
pub const NODE_DISK_MB_PER_S: u32 = 131;
/// Bytes on disk after unpacking, in tenths of the bytes pulled, for images whose unpacked size is
/// not known. Least squares through the same three pulls give 37.6 MB/s after an overhead of 7.4 s
/// (`latency::ImagePull`), and that is gp3's throughput at 3.5 bytes written for each byte pulled:
/// the unpacked ones and the compressed ones, which the runtime keeps.
pub const UNPACKED_PER_COMPRESSED_TENTHS: u32 = 25;
/// Disk work of a pod that copies the runner's externals in an init container (`dind` and
/// `kubernetes` container modes): what makes a burst of 32 on one gp3 volume take 545 s
/// (actions-runner-controller#4602, where the volume ran at its IOPS limit; here as megabytes).
pub const EXTERNALS_COPY_DISK_MB: u32 = 2_230;

/// kubelet: `registryPullQPS` 5, `registryBurst` 10.
const PULL_REQUESTS_PER_S: u32 = 5;
const PULL_REQUESTS_BURST: u32 = 10;
/// kubelet: image back-off 10 s, doubling to 5 min.
const PULL_BACKOFF_INITIAL_MS: u64 = 10_000;
const PULL_BACKOFF_MAX_MS: u64 = 300_000;

/// A `pause` container exits on SIGTERM at once; the kubelet relists containers each second.
const PREEMPTION_MS: u64 = 1_000;
/// Kubernetes: `terminationGracePeriodSeconds` 30, the most that an evicted runner takes.
const EVICTION_MS: u64 = 30_000;

impl Default for Config {
    fn default() -> Self {
        Self {
            scoring: Scoring::LeastAllocated,
            attempt_us: ATTEMPT_US,
            binds_per_s: NonZeroU32::new(BINDS_PER_S),
            binds_burst: BINDS_BURST,
            backoff_initial_ms: BACKOFF_INITIAL_MS,
            backoff_max_ms: BACKOFF_MAX_MS,
            flush_after_ms: FLUSH_AFTER_MS,
            flush_every_ms: FLUSH_EVERY_MS,
            pull_mb_per_s_max: NonZeroU32::MIN.saturating_add(PULL_MB_PER_S_MAX - 1),
            // EKS's machine images set `serializeImagePulls: false` and no limit.
            pulls_parallel_max: None,
            pull_requests_per_s: NonZeroU32::new(PULL_REQUESTS_PER_S),
            pull_requests_burst: PULL_REQUESTS_BURST,
            pull_backoff_initial_ms: PULL_BACKOFF_INITIAL_MS,
            pull_backoff_max_ms: PULL_BACKOFF_MAX_MS,
            // ECR's limits (some 3,000 layer requests a second) lie beyond what a fleet asks.
            registry_pulls_per_s: None,
            registry_pulls_burst: 1,
            registry_mb_per_s: None,
            preemption_ms: PREEMPTION_MS,
            eviction_ms: EVICTION_MS,
        }
    }
}
