//! The worlds that a run can happen in.

pub mod one_slot;
