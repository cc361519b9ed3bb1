//! The laws of the simulated world, part by part.

mod github;
