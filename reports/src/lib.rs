//! Folds over the entry stream: summaries, ledgers, charts, pages.
//!
//! Everything here reads [`greenroom_scheduler::journal::Entry`]s and nothing else, so a report
//! cannot tell a simulated run from a recorded one, and `report JOURNAL` gives the bytes that the
//! run gave.

// What every fold shares.
mod dense;
pub mod names;
mod split;
mod words;

// Figures.
pub mod hindsight;
pub mod ledger;
pub mod replications;
pub mod summary;

// What goes in and out.
pub mod atomic;
pub mod journal_file;
pub mod provenance;
pub mod replay;

// Reasons.
pub mod wait;

// Sides of one question.
pub mod compare;

// The cheapest way to an objective.
pub mod plan;

// What people read.
pub mod chart;
pub mod html;
pub mod report;
pub mod rows;
pub mod series;
pub mod table;
