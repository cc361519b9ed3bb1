//! The clockwork: what happens next, and in which order.

pub mod outbox;
pub mod queue;
pub mod simulation;
pub mod timers;
