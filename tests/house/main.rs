//! The house itself: what `ARCHITECTURE.md` promises of its files, held by reading them.

#![allow(clippy::unwrap_used)] // a source that cannot be read is the test's failure

mod bools;
mod circles;
mod environment;
mod listed;
mod rows;
mod sleeps;
mod sources;
mod supply;
