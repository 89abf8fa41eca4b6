//! Plain HTTP that something else answers.

use crate::outcome::Cause;
use crate::run::Run;

use super::view::{Seen, count, finding, hosts, ids, run_checks, some_of};
use super::{Code, Confidence, Finding, Rule, remedy};

/// A login page, a block page, or Azure Firewall's 470.
pub const CAPTIVE_PROXY: Rule = Rule { code: Code::CaptiveProxy, find: captive };

fn captive(run: &Run) -> Vec<Finding> {
    let blocked: Vec<Seen<'_>> =
        run_checks(run).filter(|(_, outcome)| outcome.cause() == Some(Cause::HttpBlocked)).collect();
    if blocked.is_empty() {
        return Vec::new();
    }
    let names = hosts(blocked.iter().copied());
    let said =
        blocked.iter().find_map(|(_, outcome)| outcome.failure()).map(|failure| failure.detail.clone());
    let title = format!(
        "A proxy or firewall answers HTTP in place of {}.",
        if names.len() == 1 { names[0].to_owned() } else { count(names.len(), "host") }
    );
    let detail = format!(
        "Seen at {}: {}. The service's own answer would disprove it.",
        some_of(&names),
        said.unwrap_or_default()
    );
    let fix = remedy::and(
        remedy::words(
            "Allow these names on port 80 in the proxy or firewall without login and without a block page: certificates \
             are validated over plain HTTP, and API Management uses no proxy for it.",
        ),
        format!("curl -sv -m 5 http://{}/ -o /dev/null", remedy::host(names.first().copied())),
    );
    let confidence = if names.len() > 1 { Confidence::High } else { Confidence::Medium };
    vec![finding(Code::CaptiveProxy, confidence, title, detail, ids(blocked), fix)]
}
