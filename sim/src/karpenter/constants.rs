//! Every constant of Karpenter v1.14.1 that the model uses, with where it is written. An upgrade
//! of Karpenter is a change of this table.
//!
//! `core` is kubernetes-sigs/karpenter, `aws` is aws/karpenter-provider-aws.

/// Instance types on a NodeClaim (core:…/scheduling/nodeclaimtemplate.go, MaxInstanceTypes).
pub const INSTANCE_TYPES_MAX: usize = 600;
/// Instance types in one CreateFleet (aws:pkg/providers/instance/instance.go, maxInstanceTypes).
pub const LAUNCH_TYPES_MAX: usize = 60;
