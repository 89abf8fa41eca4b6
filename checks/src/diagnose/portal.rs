//! The portal's NetworkStatus beside this run.

use std::time::{Duration, SystemTime};

use crate::instance::NetworkStatusEntry;
use crate::outcome::Status;
use crate::run::Run;

use super::view::{Seen, count, finding, ids, risk, some_of};
use super::{Code, Confidence, Finding, Rule, remedy};

/// A node tests every name at least this often: an older entry is from a node that lost contact, or from an old file.
const TOLD_EVERY: Duration = Duration::from_secs(15 * 60);

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
         here (the instance's side, or its state is stale or older than a DNS change).{}",
        some_of(&names),
        here.len(),
        there.len(),
        stale_words(run, &apart)
    );
    let fix = remedy::and(
        remedy::words(
            "Apply the network configuration of the instance, wait 15 minutes, and compare again from the same subnet.",
        ),
        remedy::apply_network_configuration(),
    );
    let sure = if all_stale(run, &apart) { Confidence::Low } else { Confidence::Medium };
    vec![risk(finding(Code::PortalDisagrees, sure, title, detail, ids(there), fix))]
}

/// What the age of the portal's entries says about them; nothing where they are fresh.
fn stale_words(run: &Run, apart: &[Seen<'_>]) -> String {
    let ages: Vec<Duration> = ages(run, apart).filter(|age| *age > TOLD_EVERY).collect();
    let Some(oldest) = ages.iter().max() else { return String::new() };
    let minutes = Duration::from_secs(oldest.as_secs() / 60 * 60);
    format!(
        " {} of the portal's entries are older than 15 minutes (up to {}): fetch NetworkStatus again; where they stay \
         old, the instance's node has lost contact and only this run counts.",
        ages.len(),
        humantime::format_duration(minutes)
    )
}

fn all_stale(run: &Run, apart: &[Seen<'_>]) -> bool {
    let mut known = ages(run, apart).peekable();
    known.peek().is_some() && known.all(|age| age > TOLD_EVERY)
}

/// How old the entries were when the run began, where their date can be read.
fn ages<'a>(run: &'a Run, apart: &'a [Seen<'_>]) -> impl Iterator<Item = Duration> + 'a {
    let told = apart.iter().filter_map(|(check, _)| check.portal.as_ref().and_then(updated));
    told.filter_map(|at| run.started_at.duration_since(at).ok())
}

/// When the portal last tested an entry.
fn updated(entry: &NetworkStatusEntry) -> Option<SystemTime> {
    humantime::parse_rfc3339(&entry.last_updated).ok()
}
