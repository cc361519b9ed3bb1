//! Greenroom's packing against Karpenter's, with an independent verifier.
#![allow(clippy::print_stderr)]

mod judge;
mod labels;
mod made;
mod prepare;
mod recorded;
mod verify;
