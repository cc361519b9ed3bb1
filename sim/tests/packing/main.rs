#![allow(clippy::unwrap_used)]
mod judge;
mod labels;
mod made;
mod prepare;
mod recorded;
mod verify;
