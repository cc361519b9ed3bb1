//! GitHub alone: step by step against expected text.

mod flows;
mod world;
