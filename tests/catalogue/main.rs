//! The embedded catalogue against a list of facts, and its plans against reviewed files.

#![expect(clippy::disallowed_methods, reason = "UPDATE_EXPECTED rewrites the files")]

mod facts;
mod plans;
