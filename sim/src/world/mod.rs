//! The worlds that a run can happen in.

pub mod eks;
pub mod one_slot;
