//! How long everything takes: distributions, and the one place where every default stands.

mod defaults;
mod distribution;
mod form;
mod node;
mod sampler;
mod sources;

pub use defaults::{
    Boot, Ec2, ExtraBoot, Github, Identity, ImagePull, KubernetesNode, Latencies, OwnImage, Pod,
    Runner,
};
pub use distribution::{Distribution, Invalid, SECONDS_MAX};
pub use form::Form;
pub use node::{BootParts, BootTimes, UnknownImage};
pub use sampler::Sampler;
pub use sources::Sourced;
