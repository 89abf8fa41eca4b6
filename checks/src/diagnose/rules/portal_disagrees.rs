//! The portal's NetworkStatus beside this run.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use crate::instance::NetworkStatusEntry;
use crate::outcome::{Outcome, Status};
use crate::plan::Check;
use crate::run::Run;

use crate::diagnose::view::{Seen, count, finding, ids, risk, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// A node tests every name at least this often: an older entry is from a node that lost contact, or from an old file.
const TOLD_EVERY: Duration = Duration::from_secs(15 * 60);

/// They say different things about a name, or about the DNS servers.
pub const RULE: Rule = Rule { code: Code::PortalDisagrees, find: disagrees };

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
    fn of((check, outcome): &Seen<'_>) -> Option<Self> {
        let portal = check.portal.as_ref()?.status.as_str();
        match (portal, &outcome.status) {
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
pub fn side_by_side(check: &Check, outcome: &Outcome) -> Option<String> {
    let pair = Pair::of(&(check, outcome))?;
    let entry = check.portal.as_ref()?;
    let error = if entry.error.is_empty() { String::new() } else { format!(" ({})", entry.error) };
    let here = outcome.cause().map_or("success", crate::outcome::Cause::as_str);
    let at = updated(entry)
        .map(|at| format!(", tested {}", humantime::format_rfc3339_seconds(at)))
        .unwrap_or_default();
    Some(format!("portal: {}{error}{at}; here: {here}; {}", entry.status, pair.meaning()))
}

fn disagrees(run: &Run) -> Vec<Finding> {
    let of =
        |wanted| -> Vec<Seen<'_>> { run.results().filter(|seen| Pair::of(seen) == Some(wanted)).collect() };
    let names = [Pair::PortalFails, Pair::ThisFails]
        .into_iter()
        .filter_map(|pair| names_finding(run, pair, &of(pair)));
    names.chain(servers_finding(run)).collect()
}

fn names_finding(run: &Run, pair: Pair, apart: &[Seen<'_>]) -> Option<Finding> {
    let (first, _) = apart.first()?;
    let mut names: Vec<&str> = apart.iter().map(|(check, _)| shown(check)).collect();
    names.dedup();
    let (what, them) = match names.len() {
        1 => (shown(first).to_owned(), "it"),
        many => (count(many, "name"), "them"),
    };
    let portal = pair == Pair::PortalFails;
    let title = match portal {
        true => format!("The portal says that {what} cannot be reached, and this machine reaches {them}."),
        false => format!("The portal reaches {what}, and this machine does not."),
    };
    let told: Vec<String> = apart.iter().map(sides).collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    let sides = match apart {
        [only] => format!("The portal's word is {}", words_of(only)),
        _ => format!("Side by side: {}", some_of(&told)),
    };
    let detail = format!("{sides}. So {}.{}", pair.meaning(), stale_words(run, apart));
    // A check that fails has its own root; what the portal says beside it is no consequence of that.
    let affects = if portal { ids(apart.iter().copied()) } else { Vec::new() };
    let fix = if portal { apply(run) } else { compare_networks(run) };
    let sure = if all_stale(run, apart) { Confidence::Low } else { Confidence::Medium };
    Some(risk(finding(Code::PortalDisagrees, sure, title, detail, affects, fix)))
}

/// `apimst.blob.core.windows.net (portal failure, here success)`
fn sides(seen: &Seen<'_>) -> String {
    let (portal, here) = both(seen);
    format!("{} (portal {portal}, here {here})", shown(seen.0))
}

/// `success, and here it is connect-timeout`
fn words_of(seen: &Seen<'_>) -> String {
    let (portal, here) = both(seen);
    format!("{portal}, and here it is {here}")
}

fn both<'a>((check, outcome): &Seen<'a>) -> (&'a str, &'static str) {
    let portal = check.portal.as_ref().map(|entry| entry.status.as_str()).unwrap_or_default();
    (portal, outcome.cause().map_or("success", crate::outcome::Cause::as_str))
}

/// The host of an entry, which may name it as an URL; its label where it has none.
fn shown(check: &Check) -> &str {
    check.host.as_deref().unwrap_or(&check.name)
}

fn apply(run: &Run) -> Remedy {
    remedy::and(
        remedy::words(
            "Apply the network configuration of the instance, so that its nodes read the network's DNS servers and rules \
             anew; wait 15 minutes, fetch NetworkStatus again and compare.",
        ),
        remedy::apply_network_configuration(run),
    )
}

fn compare_networks(run: &Run) -> Remedy {
    Remedy {
        summary: "Run this in the instance's own subnet, or in one with the same network security group, route table and \
                  DNS servers; where it is that subnet, fetch NetworkStatus again."
            .to_owned(),
        commands: vec![
            format!(
                "az apim show --resource-group <RESOURCE_GROUP> --name {} --query virtualNetworkConfiguration.subnetResourceId",
                remedy::service(run)
            ),
            "az network nic show-effective-route-table --resource-group <RESOURCE_GROUP> --name <VM_NIC> --output table"
                .to_owned(),
            "az network nic list-effective-nsg --resource-group <RESOURCE_GROUP> --name <VM_NIC>".to_owned(),
        ],
        doc_url: None,
    }
}

/// The instance keeps the servers that it was given when it was set up.
fn servers_finding(run: &Run) -> Option<Finding> {
    let bare = |server: &String| server.strip_suffix(":53").unwrap_or(server).trim().to_owned();
    let list = |servers: &[String]| servers.iter().map(bare).collect::<BTreeSet<_>>();
    let (told, here) = (list(&run.host.azure.portal_dns_servers), list(&run.host.dns_servers));
    if told.is_empty() || here.is_empty() || told == here {
        return None;
    }
    let words = |servers: &BTreeSet<String>| servers.iter().cloned().collect::<Vec<_>>().join(", ");
    let title = format!(
        "The instance asks other DNS servers than this machine: {}, not {}.",
        words(&told),
        words(&here)
    );
    let detail = "NetworkStatus lists the servers that the instance's nodes use. They keep those of their deployment until \
                  the network configuration is applied; with other servers the names may lead elsewhere. The same list in \
                  NetworkStatus would disprove it."
        .to_owned();
    Some(risk(finding(Code::PortalDisagrees, Confidence::Medium, title, detail, Vec::new(), apply(run))))
}

/// What the age of the portal's entries says about them; nothing where they are fresh.
fn stale_words(run: &Run, apart: &[Seen<'_>]) -> String {
    let ages: Vec<Duration> = ages(run, apart).filter(|age| *age > TOLD_EVERY).collect();
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
