//! Limits of this machine, which say nothing about any endpoint.

use crate::outcome::{Cause, Status};
use crate::run::Run;

use super::view::{Seen, count, finding, ids, risk, some_of};
use super::{Code, Confidence, Finding, Rule, remedy};

/// Checks that this machine could not run.
pub const LIMIT: Rule = Rule { code: Code::LocalLimit, find: limit };

fn limit(run: &Run) -> Vec<Finding> {
    let starved: Vec<Seen<'_>> = run
        .results()
        .filter(|(_, outcome)| {
            matches!(&outcome.status, Status::Undecided(Some(failure)) if failure.cause == Cause::LocalResource)
        })
        .collect();
    if starved.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = starved.iter().map(|(check, _)| check.endpoint.as_str()).collect();
    let why = starved.iter().find_map(|(_, outcome)| match &outcome.status {
        Status::Undecided(Some(failure)) => Some(failure.detail.clone()),
        _ => None,
    });
    let title = format!("This machine's own limits left {} undecided.", count(starved.len(), "check"));
    let detail = format!("Not decided: {}. The system said: {}.", some_of(&names), why.unwrap_or_default());
    let fix = remedy::and(
        remedy::words(
            "Run again with more file descriptors (or fewer checks at once) and as a user who may open sockets.",
        ),
        "ulimit -n 1024".to_owned(),
    );
    vec![risk(finding(Code::LocalLimit, Confidence::High, title, detail, ids(starved), fix))]
}
