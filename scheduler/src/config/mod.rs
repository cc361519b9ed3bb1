//! What people write about the core: sections of a configuration document, as TOML and later as
//! Kubernetes resources. [`spec`](crate::spec) is what becomes of them.
//!
//! Reading is strict (unknown keys are errors), and [`Check`] collects everything that can be read
//! but makes no sense, each with its place, what was found and what was expected.

mod architecture;
mod dial;
mod fleet;
mod greenroom;
mod hours;
mod policy;
mod pool;
mod problem;
mod quantity;
mod rivals;
mod sections;
mod team;

pub use crate::model::ServiceClass;
pub use architecture::Architecture;
pub use dial::{DialConfig, WAIT_VALUE_USD_PER_HOUR};
pub use fleet::{FleetConfig, fleet_of, fleets, fleets_of};
pub use greenroom::{GreenroomConfig, KeepAlive};
pub use hours::CronHours;
pub use policy::{ArcConfig, FixedConfig, PolicyConfig, PolicyName, ReactiveConfig};
pub use pool::{PoolConfig, PoolKind, Requests};
pub use problem::{Check, Problem, key_text};
pub use quantity::{Cpu, Memory};
pub use rivals::{
    BuildkiteConfig, CronConfig, CronIdle, CronPool, GitlabConfig, GitlabPeriod, OneVmConfig,
    PlaceholderConfig, TaskclusterConfig,
};
pub use sections::{NodesConfig, SpotConfig, check_agreement};
pub use team::TeamConfig;
