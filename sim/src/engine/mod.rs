//! The clockwork: what happens next, and in which order.

pub mod timers;
