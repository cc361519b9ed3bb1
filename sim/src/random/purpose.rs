//! What randomness is for.

/// What a stream decides. Two purposes never share a draw, so a new use of randomness gets a new
/// purpose at the end of the list. The numbers are part of what a seed means: none is changed or
/// used again, or every recorded result would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u64)]
pub enum Purpose {
    /// How long a logical job takes, re-runs too. Entity: the job.
    JobDuration = 1,
    /// Boot of a node. Entity: (zone, family, nth launch there).
    Boot = 2,
    /// When a pool has capacity. Entity: (type, zone, capacity type).
    Capacity = 3,
    /// Interruption of one spot node. Entity: (type, zone, nth launch there).
    Interruption = 4,
    /// Which nodes a loss of a pool takes. Entity: (type, zone, nth launch there).
    CorrelatedLoss = 5,
    /// Spot price of a pool. Entity: (type, zone).
    SpotPrice = 6,
    /// How EC2 misjudges the depth of a pool. Entity: (type, zone, hour).
    PoolDepth = 7,
    /// A whole zone loses spot capacity. Entity: the zone.
    ZoneLoss = 8,
    /// Calls on the identity path. Entity: the attempt.
    Identity = 9,
    /// Renewal of a token during a job. Entity: the attempt.
    TokenRenewal = 10,
    /// Pull of an image. Entity: (node, image).
    ImagePull = 11,
    /// Start of a pod. Entity: the runner.
    PodStart = 12,
    /// Registration of a runner. Entity: the runner.
    Registration = 13,
    /// Delay of a message from GitHub. Entity: the message.
    Message = 14,
    /// Assignment of a job by GitHub. Entity: the attempt.
    Assignment = 15,
    /// Delay of a webhook. Entity: the delivery.
    Webhook = 16,
    /// A call to an API of a cloud or a cluster. Entity: the call.
    Call = 17,
    /// Drain of a node. Entity: the node.
    Drain = 18,
    /// Termination of a node. Entity: the node.
    Termination = 19,
    /// Faults of the platform around a job. Entity: the attempt.
    Fault = 20,
    /// Jobs of a generated trace. Entity: the burst, or whatever the generator numbers.
    Generator = 21,
    /// Choices among equals that a real system leaves open. Entity: the choice.
    Choice = 22,
    /// Which jobs are told before they queue, and when. Entity: the row.
    Foresight = 23,
}
