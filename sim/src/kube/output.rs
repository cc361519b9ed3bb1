//! What Kubernetes tells the rest of the world.

use super::image::ImageId;
use greenroom_scheduler::id::{NodeId, RunnerId};

/// Something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// kube-scheduler found no node, and wrote it on the pod: Karpenter sees it from now on. Said
    /// once in a pod's life, and not while it waits for room that its preemption makes.
    Unschedulable {
        /// Which pod.
        runner: RunnerId,
    },
    /// The pod belongs to a node.
    Bound {
        /// Which pod.
        runner: RunnerId,
        /// Where.
        node: NodeId,
    },
    /// Its image was not on the node, so it waits: for the pull, or, when the kubelet was asked for
    /// too many, for its next look. Said once in a pod's life.
    Pulling {
        /// Which pod.
        runner: RunnerId,
        /// What.
        image: ImageId,
    },
    /// Its containers run.
    Started {
        /// Which pod.
        runner: RunnerId,
        /// Where.
        node: NodeId,
    },
    /// The pod is over and its room is free. Said once for each pod.
    Ended {
        /// Which pod.
        runner: RunnerId,
        /// Where it was; nowhere when it was never given a node.
        node: Option<NodeId>,
        /// Why.
        why: End,
    },
    /// An image is complete on a node.
    Pulled {
        /// Where.
        node: NodeId,
        /// What.
        image: ImageId,
    },
    /// A drained node holds no pod any more.
    Drained {
        /// Which.
        node: NodeId,
    },
}

/// Why a pod is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Its containers exited by themselves.
    Finished,
    /// It was deleted on request.
    Deleted,
    /// Its node was drained.
    Evicted,
    /// It kept room for others, and one of them came.
    Preempted,
    /// Its node went away under it.
    NodeLost,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was carried out, or has begun.
    Done,
    /// It had been carried out before; nothing changed.
    Already,
    /// The thing it speaks of does not exist.
    NotFound,
    /// Its slot belongs to another thing that is not gone yet; nothing changed.
    Taken,
}
