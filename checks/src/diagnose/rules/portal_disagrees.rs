//! The portal's NetworkStatus beside this run.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::outcome::{Cause, Status};
use crate::plan::Check;
use crate::portal::{NetworkStatusEntry, Portal, moment};
use crate::server::Server;

/// A node tests every name at least this often: an older entry is from a node that lost contact, or from an old file.
const PORTAL_TEST_INTERVAL: Duration = Duration::from_secs(15 * 60);

/// They say different things about a name, or about the DNS servers.
pub(crate) const RULE: Rule =
    Rule { code: Code::PortalDisagrees, needs: &[Source::Run, Source::Portal], find: disagrees };

/// What the portal and this run say of one name, and what the two mean together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pair {
    /// Both reach it.
    BothPass,
    /// Neither reaches it.
    BothFail,
    /// Only this machine reaches it.
    PortalFails,
    /// Only the portal's node reaches it.
    ThisFails,
    /// The portal has not tested it yet.
    NotYet,
}

impl Pair {
    fn of(seen: Seen<'_>, portal: &Portal) -> Option<Self> {
        let entry = portal.entries.get(&seen.check.id)?;
        match (entry.status.as_str(), seen.status()) {
            ("success", Status::Success) => Some(Self::BothPass),
            ("success", Status::Failure(_)) => Some(Self::ThisFails),
            ("failure", Status::Success) => Some(Self::PortalFails),
            ("failure", Status::Failure(_)) => Some(Self::BothFail),
            ("initializing", Status::Success | Status::Failure(_)) => Some(Self::NotYet),
            _ => None,
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::BothPass => "both reach it",
            Self::BothFail => "neither reaches it: the fault lies in the network and not in one machine",
            Self::PortalFails => "the fault is on the instance's side, or older than a change of DNS",
            Self::ThisFails => {
                "this machine's own network differs, or the fault is newer than the portal's test"
            }
            Self::NotYet => "the portal has not tested it yet: wait",
        }
    }
}

/// The portal's word beside this run's for one check, in one sentence; `None` where there is nothing to compare.
#[must_use]
pub fn side_by_side(seen: Seen<'_>, portal: &Portal) -> Option<String> {
    let pair = Pair::of(seen, portal)?;
    let entry = portal.entries.get(&seen.check.id)?;
    let error = if entry.error.is_empty() { String::new() } else { format!(" ({})", entry.error) };
    let at = updated(entry)
        .map(|at| format!(", tested {}", humantime::format_rfc3339_seconds(at)))
        .unwrap_or_default();
    Some(format!("portal: {}{error}{at}; here: {}; {}", entry.status, here(seen), pair.meaning()))
}

fn disagrees(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(portal) = facts.portal else { return Vec::new() };
    let of = |wanted| facts.seen().filter(|seen| Pair::of(*seen, portal) == Some(wanted)).collect();
    let names = [Pair::PortalFails, Pair::ThisFails]
        .into_iter()
        .filter_map(|pair| names_finding(facts, portal, pair, &of(pair)));
    names.chain(servers_finding(facts, portal)).collect()
}

fn names_finding(facts: &Facts<'_>, portal: &Portal, pair: Pair, apart: &Group<'_>) -> Option<Finding> {
    let first = apart.first()?;
    let mut names: Vec<&str> = apart.each().map(|seen| shown(seen.check)).collect();
    names.dedup();
    let (what, them) = match names.len() {
        1 => (shown(first.check).to_owned(), "it"),
        many => (count(many, "name"), "them"),
    };
    let fails_there = pair == Pair::PortalFails;
    let title = if fails_there {
        format!("The portal says that {what} cannot be reached, and this machine reaches {them}.")
    } else {
        format!("The portal reaches {what}, and this machine does not.")
    };
    let word = |seen: Seen<'_>| portal.entries.get(&seen.check.id).map_or("", |entry| entry.status.as_str());
    let sides = match &apart[..] {
        [only] => format!("The portal reports {}, and this machine {}", word(*only), here(*only)),
        _ => {
            let sides: Vec<String> = apart
                .each()
                .map(|seen| format!("{} (portal {}, here {})", shown(seen.check), word(seen), here(seen)))
                .collect();
            format!("Side by side: {}", some_of(&sides.iter().map(String::as_str).collect::<Vec<_>>()))
        }
    };
    let ages: Vec<Duration> = ages(facts, portal, apart).collect();
    let detail = format!("{sides}. So {}.{}", pair.meaning(), stale_words(&ages));
    // A check that fails has its own root; what the portal says beside it is no consequence of that.
    let affects = if fails_there { apart.ids() } else { Vec::new() };
    let fix = if fails_there { apply(facts) } else { compare_networks(facts) };
    let all_stale = !ages.is_empty() && ages.iter().all(|age| *age > PORTAL_TEST_INTERVAL);
    let sure = if all_stale { Confidence::Low } else { Confidence::Medium };
    Some(Finding::new(Code::PortalDisagrees, sure, title, detail, affects, fix).into_risk())
}

/// How a check ended here, in one word.
fn here(seen: Seen<'_>) -> &'static str {
    seen.cause().map_or("success", Cause::as_str)
}

/// The host of an entry, which may name it as an URL; its label where it has none.
fn shown(check: &Check) -> &str {
    check.host().unwrap_or(&check.name)
}

fn apply(facts: &Facts<'_>) -> Remedy {
    let steps =
        vec![remedy::network_status(), remedy::apply_network_configuration().when("If it still differs")];
    let summary = "Apply the network configuration of the instance, so that its nodes read the network's DNS servers and rules anew; wait \
                   15 minutes, fetch NetworkStatus again and compare.";
    remedy::advise(facts, summary, steps)
}

fn compare_networks(facts: &Facts<'_>) -> Remedy {
    let summary = "Run this in the instance's own subnet, or in one with the same network security group, route table and DNS servers; \
                   where it is that subnet, fetch NetworkStatus again.";
    let steps = vec![
        look(Look::Instance),
        look(Look::EffectiveRoutes),
        look(Look::EffectiveRules),
        remedy::network_status(),
    ];
    remedy::advise(facts, summary, steps)
}

/// The instance keeps the servers that it was given when it was set up.
fn servers_finding(facts: &Facts<'_>, portal: &Portal) -> Option<Finding> {
    let list = |servers: &[Server]| servers.iter().copied().collect::<BTreeSet<_>>();
    let (told, here) = (list(&portal.dns_servers), list(&facts.host.dns_servers));
    if told.is_empty() || here.is_empty() || told == here {
        return None;
    }
    let words =
        |servers: &BTreeSet<Server>| servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let title = format!(
        "The instance asks other DNS servers than this machine: {}, not {}.",
        words(&told),
        words(&here)
    );
    let detail = "NetworkStatus lists the servers that the instance's nodes use. They keep those of their deployment until \
                  the network configuration is applied; with other servers the names may lead elsewhere."
        .to_owned();
    Some(
        Finding::new(Code::PortalDisagrees, Confidence::Medium, title, detail, Vec::new(), apply(facts))
            .into_risk(),
    )
}

/// What the age of the portal's entries says about them; nothing where they are fresh.
fn stale_words(ages: &[Duration]) -> String {
    let ages: Vec<&Duration> = ages.iter().filter(|age| **age > PORTAL_TEST_INTERVAL).collect();
    let Some(oldest) = ages.iter().max() else { return String::new() };
    let minutes = Duration::from_secs(oldest.as_secs() / 60 * 60);
    let old = humantime::format_duration(minutes);
    let entries = match ages.len() {
        1 => format!("One of the portal's entries is {old} old"),
        many => format!("{many} of the portal's entries are up to {old} old"),
    };
    format!(
        " {entries}, more than the 15 minutes between two tests: fetch NetworkStatus again; where it stays old, the \
         instance's node has lost contact and only this run counts."
    )
}

/// How old the entries were when the run began, where their date can be read.
fn ages(facts: &Facts<'_>, portal: &Portal, apart: &Group<'_>) -> impl Iterator<Item = Duration> {
    let entries = apart.each().filter_map(|seen| portal.entries.get(&seen.check.id));
    let begun = facts.started_at();
    entries.filter_map(move |entry| begun.duration_since(updated(entry)?).ok())
}

/// When the portal last tested an entry.
fn updated(entry: &NetworkStatusEntry) -> Option<SystemTime> {
    moment(&entry.last_updated)
}
