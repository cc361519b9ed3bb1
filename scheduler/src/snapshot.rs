//! The whole world as it is observed: enough to forget every event and go on.

use crate::event::{Counts, Foresight, Machine};
use crate::id::{FleetId, JobId, NodeId, RunnerId, SetId};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What a full listing of GitHub, Kubernetes and EC2 shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Statistics of each runner set.
    pub sets: Vec<(SetId, Counts)>,
    /// Every runner that exists.
    pub runners: Vec<SeenRunner>,
    /// Every node that exists or was asked for.
    pub nodes: Vec<SeenNode>,
    /// What is foreseen and has not queued yet.
    pub foreseen: Vec<Foresight>,
}

/// A runner that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRunner {
    /// Its name.
    pub runner: RunnerId,
    /// Whose.
    pub set: SetId,
    /// The node its pod is bound or pinned to.
    pub node: Option<NodeId>,
    /// The job it holds.
    pub job: Option<JobId>,
}

/// A node that exists or was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenNode {
    /// Its name.
    pub node: NodeId,
    /// The fleet it serves.
    pub fleet: FleetId,
    /// What EC2 gave; none while it was only asked for.
    pub machine: Option<Machine>,
    /// Whether pods can run on it.
    pub ready: bool,
    /// Whether it takes no further pods.
    pub cordoned: bool,
    /// Whether it is stopped, or about to be.
    pub stopped: Option<Stopped>,
}

/// How far the stop of a node has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// It is being stopped.
    Soon,
    /// It can be started.
    Now,
}
