//! Every constant of Karpenter v1.14.1 that the model uses, with where it is written. An upgrade
//! of Karpenter is a change of this table.
//!
//! `core` is kubernetes-sigs/karpenter, `aws` is aws/karpenter-provider-aws; `…` stands for
//! pkg/controllers.

use greenroom_scheduler::time::Span;

const fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

/// A round starts after this long without a new pod (core:pkg/operator/options/options.go,
/// `BATCH_IDLE_DURATION`).
pub const BATCH_IDLE: Span = secs(1);
/// A round starts this long after the first pod at the latest (same file, `BATCH_MAX_DURATION`).
pub const BATCH_MAX: Span = secs(10);
/// A pod that is still pending, or a node that is still going, asks again after this long
/// (core:…/provisioning/controller.go).
pub const RETRIGGER: Span = secs(10);
/// Solve stops after this long and what it has is used (core:…/provisioning/provisioner.go).
pub const SOLVE_TIMEOUT: Span = secs(60);
/// Instance types on a NodeClaim (core:…/scheduling/nodeclaimtemplate.go, MaxInstanceTypes).
pub const INSTANCE_TYPES_MAX: usize = 600;
/// Instance types in one CreateFleet (aws:pkg/providers/instance/instance.go, maxInstanceTypes).
pub const LAUNCH_TYPES_MAX: usize = 60;

/// A node stays promised to pods for twice [`BATCH_MAX`], and for this long at least
/// (core:…/state/statenode.go, nominationWindow).
pub const NOMINATION_MIN: Span = secs(10);

/// An offering that ran out stays out for this long after the last refusal
/// (aws:pkg/cache/cache.go, UnavailableOfferingsTTL).
pub const UNAVAILABLE: Span = secs(180);
/// What ran out of that time is swept in rounds of this, and only the sweep makes offerings be
/// worked out anew (same file, UnavailableOfferingsCleanupInterval).
pub const UNAVAILABLE_SWEEP: Span = secs(10);

/// A claim that is not launched by then is deleted (core:…/nodeclaim/lifecycle/liveness.go).
pub const LAUNCH_TIMEOUT: Span = secs(5 * 60);
/// A claim whose node has not joined by then is deleted (same file).
pub const REGISTRATION_TIMEOUT: Span = secs(15 * 60);
/// First wait after a launch that failed for another reason than capacity; doubles
/// (core:…/nodeclaim/lifecycle/controller.go).
pub const LAUNCH_BACKOFF_MIN: Span = secs(1);
/// Longest such wait (same file).
pub const LAUNCH_BACKOFF_MAX: Span = secs(60);

/// Disruption looks around this often when it found nothing
/// (core:…/disruption/controller.go, pollingPeriod).
pub const DISRUPTION_POLL: Span = secs(10);
/// A consolidation waits this long and is looked at again before it happens
/// (core:…/disruption/consolidation.go, commandValidationDelay).
pub const VALIDATION_DELAY: Span = secs(15);
/// A method that found nothing rests until something changes, for this long at most
/// (core:…/state/cluster.go, ConsolidationState).
pub const CONSOLIDATED_REST: Span = secs(5 * 60);
/// Nodes that one consolidation may join (core:…/disruption/multinodeconsolidation.go).
pub const MULTI_NODE_MAX: usize = 100;
/// Multi-node consolidation looks for this long and takes what it has (same file).
pub const MULTI_NODE_TIMEOUT: Span = secs(60);
/// Single-node consolidation looks for this long (core:…/disruption/singlenodeconsolidation.go).
pub const SINGLE_NODE_TIMEOUT: Span = secs(3 * 60);
/// Cheaper types that one spot node needs to be replaced by spot, and that are then launched from
/// (core:…/disruption/consolidation.go, MinInstanceTypesForSpotToSpotConsolidation).
pub const SPOT_TO_SPOT_TYPES_MIN: usize = 15;
/// What draining a node costs beside its pods (core:…/disruption/types.go,
/// PerNodeBaseDisruptionCost).
pub const NODE_DISRUPTION_COST: f64 = 1.0;
/// Under the policy Balanced a move must save at least this share of what it disrupts, both as
/// shares of their pool (core:pkg/apis/v1, BalancedK = 2).
pub const BALANCED_SCORE_MIN: f64 = 0.5;
/// A pod's deletion cost counts in units of this (core:pkg/utils/disruption/disruption.go).
pub const DELETION_COST_UNIT: f64 = 134_217_728.0;
/// A pod's priority counts in units of this (same file).
pub const PRIORITY_UNIT: f64 = 33_554_432.0;
/// A pod's cost lies between minus this and this (same file).
pub const EVICTION_COST_MAX: f64 = 10.0;
/// Pods that come or go within this time of the last one do not count for `consolidateAfter`
/// (core:…/nodeclaim/podevents/controller.go, dedupeTimeout).
pub const POD_EVENT_DEDUPE: Span = secs(10);

/// A command looks at its replacements this often (core:…/disruption/queue.go, queueBaseDelay).
pub const QUEUE_POLL: Span = secs(1);
/// A command is given up after [`QUEUE_TIMEOUT_EACH`] for each node under way, but not before this
/// (same file, minRetryDuration).
pub const QUEUE_TIMEOUT_MIN: Span = secs(10 * 60);
/// And not after this (same file, maxRetryDuration).
pub const QUEUE_TIMEOUT_MAX: Span = secs(60 * 60);
/// (same file, retryDurationScale)
pub const QUEUE_TIMEOUT_EACH: Span = Span::from_ms(80);

/// Nodes of a pool that may go at once where no budget says otherwise, in percent, rounded up
/// (core:pkg/apis/v1/nodepool.go).
pub const BUDGET_PERCENT: u32 = 10;
/// Age at which a node goes whatever it does (core:pkg/apis/v1/nodepool.go, expireAfter).
pub const EXPIRE_AFTER: Span = secs(720 * 3600);

/// A node drains for this long at least (core:…/node/termination/controller.go, MinDrainTime).
pub const DRAIN_MIN: Span = secs(5);
/// A node that drains is looked at this often (same file).
pub const DRAIN_POLL: Span = secs(1);
/// An instance that was told to end is looked at this often (same file).
pub const INSTANCE_POLL: Span = secs(5);
/// A pod's own grace where it says nothing (Kubernetes: terminationGracePeriodSeconds).
pub const POD_GRACE: Span = secs(30);

/// Virtual pods of capacity buffers are counted this often
/// (core:…/capacitybuffer/controller.go).
pub const BUFFER_POLL: Span = secs(30);

/// Solve's time for each instance type that it looks at in a claim, in nanoseconds. Measured with v1.14.1 and one
/// worker on 2 vCPU, CI bursts over 996 types: 7.8 s for 5,000 pods without a cap on size
/// (2.3 million looks), 9.4, 35.3 and 223.6 s for 1,000, 2,000 and 5,000 pods capped at 16 vCPU
/// (2.6, 10.1 and 62 million): 3.3 to 3.6 microseconds a look.
pub const SOLVE_TYPE_NS: u64 = 3_500;
/// Solve's time for each pod beside that, in nanoseconds: what is left of 47 ms for 100 pods.
pub const SOLVE_POD_NS: u64 = 50_000;
/// Solve's time for each existing node that it tries for a pod, in nanoseconds (assumption: one
/// comparison of four amounts and of a few labels, a third of a look at a type).
pub const SOLVE_NODE_NS: u64 = 1_000;
/// Time for each node of the cluster that a consolidation copies and prepares before each Solve, in
/// nanoseconds. Nobody has published a profile; single-node consolidation is reported not to get
/// through 700 nodes in its three minutes (kubernetes-sigs/karpenter#1970; #3305 says so of 300),
/// that is 0.257 s a candidate and 0.37 ms a node at the least.
pub const SIMULATE_NODE_NS: u64 = 370_000;
