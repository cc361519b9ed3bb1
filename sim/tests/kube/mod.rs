//! Kubernetes: what is shared is shared exactly, choices are those of a naive scheduler, and every
//! pod ends once.

mod config;
mod life;
mod places;
mod preemption;
mod pulls;
mod queue;
mod world;
