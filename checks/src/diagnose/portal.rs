//! The portal's NetworkStatus beside this run.

use crate::outcome::Status;
use crate::run::Run;

use super::view::{Seen, count, finding, ids, risk, some_of};
use super::{Code, Confidence, Finding, Rule, remedy};

/// They say different things about a name, or about the DNS servers.
pub const DISAGREES: Rule = Rule { code: Code::PortalDisagrees, find: disagrees };

fn disagrees(run: &Run) -> Vec<Finding> {
    let differs = |(check, outcome): &Seen<'_>| {
        let portal = check.portal.as_ref().map(|entry| entry.status.as_str());
        matches!(
            (portal, &outcome.status),
            (Some("success"), Status::Failure(_)) | (Some("failure"), Status::Success)
        )
    };
    let apart: Vec<Seen<'_>> = run.results().filter(differs).collect();
    if apart.is_empty() {
        return Vec::new();
    }
    let (here, there): (Vec<Seen<'_>>, Vec<Seen<'_>>) =
        apart.iter().copied().partition(|(_, outcome)| outcome.failure().is_some());
    let names: Vec<&str> = apart.iter().map(|(check, _)| check.name.as_str()).collect();
    let title = format!("The portal and this run differ about {}.", count(apart.len(), "name"));
    let detail = format!(
        "{}: {} fail here and pass in the portal (this machine's own network differs), {} fail in the portal and pass \
         here (the instance's side, or its state is stale or older than a DNS change).",
        some_of(&names),
        here.len(),
        there.len()
    );
    let fix = remedy::and(
        remedy::words(
            "Apply the network configuration of the instance, wait 15 minutes, and compare again from the same subnet.",
        ),
        remedy::apply_network_configuration(),
    );
    vec![risk(finding(Code::PortalDisagrees, Confidence::Medium, title, detail, ids(there), fix))]
}
