//! The embedded catalogue against a list of facts, and its plans against reviewed files.

mod facts;
mod plans;
