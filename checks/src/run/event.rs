//! What an observer is told while a run goes on.

use crate::outcome::Outcome;
use crate::plan::{Check, Plan};
use crate::run::Run;

/// What an observer is told while a run goes on.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The run starts: everything that is known before its first packet.
    Started(&'a Run),
    /// More has become known while the checks run: this plan is that of the run from now on.
    Grown(&'a Plan),
    /// A check has come to an end; it may be looked at a second time.
    Ended(&'a Check, &'a Outcome),
    /// Nothing more is asked about a check: this is all that the run sees of it.
    Final(&'a Check, &'a Outcome),
}
