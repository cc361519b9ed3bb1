//! All tests that need a stream of entries, in one binary.
// `expect-test` writes its raw strings with hashes, whatever they hold.
#![allow(clippy::unwrap_used, clippy::needless_raw_string_hashes, clippy::format_push_string)]

mod absurd;
mod hindsight;
mod journal_file;
mod report;
mod rows;
mod stream;
mod summary;
mod table;
mod town;
mod wait;
