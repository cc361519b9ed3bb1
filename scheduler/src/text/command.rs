//! Commands as orders.

use super::{Count, List};
use crate::command::{Action, Refusal};
use core::fmt;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdvertiseCapacity { set, jobs: u32::MAX } => {
                write!(f, "advertise any number of jobs for set {set}")
            }
            Self::AdvertiseCapacity { set, jobs } => {
                write!(f, "advertise {} for set {set}", Count(*jobs, "job"))
            }
            Self::AcquireJobs { set, jobs } => write!(f, "acquire {} for set {set}", List(jobs)),
            Self::CreateRunner { runner, set, node, capacity, token_ttl } => {
                write!(f, "create {runner} for set {set}")?;
                if let Some(node) = node {
                    write!(f, " on {node}")?;
                }
                if let Some(capacity) = capacity {
                    write!(f, " on any {capacity} node")?;
                }
                match token_ttl {
                    Some(ttl) => write!(f, ", credentials for {ttl}"),
                    None => Ok(()),
                }
            }
            Self::RemoveRunner { runner } => write!(f, "remove {runner}"),
            Self::RerunJob { job, set } => write!(f, "run {job} of set {set} again"),
            Self::CreatePlaceholder { placeholder, fleet, .. } => {
                write!(f, "keep a place free with {placeholder} in fleet {fleet}")
            }
            Self::DeletePlaceholder { placeholder } => write!(f, "free the place of {placeholder}"),
            Self::ClaimNode { node, fleet, types, zones, capacity } => {
                write!(f, "claim {node} for fleet {fleet}: {capacity}, type {}", List(types))?;
                if zones.is_empty() { Ok(()) } else { write!(f, ", zone {}", List(zones)) }
            }
            Self::StartNode { node } => write!(f, "start {node}"),
            Self::StopNode { node } => write!(f, "stop {node}"),
            Self::CordonNode { node } => write!(f, "cordon {node}"),
            Self::DeleteNode { node } => write!(f, "delete {node}"),
            Self::ProtectRunner { runner, until } => {
                write!(f, "protect {runner} until {} ms", until.as_ms())
            }
            Self::PrePullImage { node, pool } => {
                write!(f, "pull the image of pool {pool} on {node}")
            }
            Self::IssueCredential { runner, ttl } => {
                write!(f, "issue credentials for {runner}, good for {ttl}")
            }
            Self::RevokeCredential { runner } => write!(f, "revoke the credentials of {runner}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mode => "the present mode has no such verb",
            Self::Fenced => "a newer leader was seen",
            Self::NotFound => "there is no such thing",
            Self::Busy => "it holds a job",
            Self::InsufficientCapacity => "EC2 has no such machine now",
            Self::AccountQuota => "the account's vCPU quota is used up",
            Self::NoAddresses => "the subnets have no addresses left",
            Self::Throttled => "too many calls",
            Self::Unavailable => "the service is down",
            Self::Forbidden => "a rule of the cluster forbids it",
        })
    }
}
