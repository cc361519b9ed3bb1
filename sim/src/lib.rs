//! The simulated world around the core.

pub mod beside;
pub mod bound;
pub mod catalogue;
pub mod check;
pub mod config;
pub mod ec2;
pub mod engine;
pub mod feed;
pub mod github;
pub mod identity;
pub mod karpenter;
pub mod kube;
pub mod latency;
pub mod lookahead;
pub mod random;
pub mod registry;
pub mod rules;
pub mod run;
pub mod setup;
pub mod world;
