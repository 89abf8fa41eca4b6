//! Firewall lists that are older than the service: the retired name passes, the new one does not.

use crate::run::Run;

use super::view::{Seen, finding, hosts, ids, run_checks, some_of};
use super::{Code, Confidence, Finding, Rule, remedy};

/// One finding a pair of names.
pub const OUTDATED: Rule = Rule { code: Code::FirewallListOutdated, find: outdated };

/// Rows of the new names, and of the retired ones that they replaced.
const REPLACED: [(&str, &[&str]); 2] =
    [("captcha", &["captcha-legacy"]), ("ocsp-oneocsp", &["dead-ocsp-msocsp", "dead-oneocsp-msocsp"])];

fn outdated(run: &Run) -> Vec<Finding> {
    REPLACED.iter().filter_map(|(new, retired)| pair(run, new, retired)).collect()
}

fn pair(run: &Run, new: &str, retired: &[&str]) -> Option<Finding> {
    let failing: Vec<Seen<'_>> = run_checks(run)
        .filter(|(check, outcome)| check.endpoint == new && outcome.failure().is_some())
        .collect();
    let passing: Vec<Seen<'_>> = run_checks(run)
        .filter(|(check, outcome)| retired.contains(&check.endpoint.as_str()) && outcome.is_success())
        .collect();
    if failing.is_empty() || passing.is_empty() {
        return None;
    }
    let (new, old) = (hosts(failing.iter().copied()), hosts(passing));
    let title = format!(
        "The firewall's list is out of date: {} passes, its successor {} does not.",
        some_of(&old),
        some_of(&new)
    );
    let detail = "The retired name was replaced; a list that was written before still allows it. A rule for the new name \
                  that shows hits would disprove it."
        .to_owned();
    let fix = remedy::words(format!(
        "Put {} in the place of {} in the firewall's rules.",
        some_of(&new),
        some_of(&old)
    ));
    Some(finding(Code::FirewallListOutdated, Confidence::High, title, detail, ids(failing), fix))
}
