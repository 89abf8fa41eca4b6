//! Looking at a run as the rules need it: which checks went out, how they ended, by tag and port.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::catalogue::Direction;
use crate::outcome::{Cause, Outcome, Scope, Stage, Status};
use crate::plan::{Check, CheckId};
use crate::run::Run;

use super::{Code, Confidence, Finding, Remedy, Severity};

/// A check with its outcome.
pub type Seen<'a> = (&'a Check, &'a Outcome);

/// Every check that was run to an end.
pub fn run_checks(run: &Run) -> impl Iterator<Item = Seen<'_>> {
    run.results().filter(|(_, outcome)| matches!(outcome.status, Status::Success | Status::Failure(_)))
}

/// Checks that leave the subnet towards a service: neither name servers, nor the machine's own platform, nor the
/// instance itself.
pub fn outbound(run: &Run) -> impl Iterator<Item = Seen<'_>> {
    run_checks(run).filter(|(check, outcome)| {
        check.direction != Direction::Inbound
            && !is_platform(check)
            && !is_private(outcome)
            && literal(check).is_none()
    })
}

/// Name servers and the machine's own platform, which rules of their own judge.
pub fn is_platform(check: &Check) -> bool {
    check.role().is_platform()
}

/// True when the check went to private addresses only.
pub fn is_private(outcome: &Outcome) -> bool {
    outcome.evidence.dns.as_ref().is_some_and(|dns| {
        !dns.addresses.is_empty() && dns.addresses.iter().all(|address| address.scope == Scope::Private)
    })
}

/// The private address that was given in place of a name.
pub fn literal(check: &Check) -> Option<IpAddr> {
    let given = check.host.as_deref()?.parse().ok();
    given.filter(|ip| Scope::of(*ip) == Scope::Private)
}

/// Nothing came back: neither to a SYN nor to a datagram.
pub fn is_silence(check: &Check, outcome: &Outcome) -> bool {
    match outcome.cause() {
        Some(Cause::ConnectTimeout) => true,
        Some(Cause::ExchangeTimeout) => check.transport == crate::catalogue::Transport::Udp,
        _ => false,
    }
}

/// The name has addresses, and all are of IPv6.
pub fn has_only_v6(outcome: &Outcome) -> bool {
    let addresses = outcome.evidence.dns.as_ref().map(|dns| &dns.addresses[..]).unwrap_or_default();
    !addresses.is_empty() && addresses.iter().all(|address| address.ip.is_ipv6())
}

/// No route leads there, although this machine speaks that family of addresses.
pub fn is_routeless(outcome: &Outcome) -> bool {
    outcome.cause() == Some(Cause::ConnectNoRoute) && !has_only_v6(outcome)
}

/// Nothing came back, or nothing could be sent.
pub fn is_lost(check: &Check, outcome: &Outcome) -> bool {
    is_silence(check, outcome) || is_routeless(outcome)
}

/// True when some connection was opened, or some datagram answered.
pub fn got_through(outcome: &Outcome) -> bool {
    let opened = outcome.steps.iter().any(|step| step.stage == Stage::Connect && step.cause.is_none());
    opened
        || outcome.is_success()
        || outcome.failure().is_some_and(|failure| failure.cause == Cause::NtpUnsynchronised)
}

/// The service tag that a rule for this check would name: what has none is on the internet.
pub fn tag(check: &Check) -> &str {
    check.tag().unwrap_or("Internet")
}

/// Ids of checks.
pub fn ids<'a>(seen: impl IntoIterator<Item = Seen<'a>>) -> Vec<CheckId> {
    seen.into_iter().map(|(check, _)| check.id.clone()).collect()
}

/// Distinct hosts, in the order in which they stand.
pub fn hosts<'a>(seen: impl IntoIterator<Item = Seen<'a>>) -> Vec<&'a str> {
    let mut known = BTreeSet::new();
    seen.into_iter()
        .filter_map(|(check, _)| check.host.as_deref())
        .filter(|host| known.insert(*host))
        .collect()
}

/// The first few names, and how many more there are.
pub fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    match names.len().saturating_sub(SHOWN) {
        0 => listed(names),
        more => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}

/// The hosts behind a title that counts them; nothing behind one that names its only host.
pub fn seen_at(names: &[&str]) -> String {
    if names.len() == 1 { String::new() } else { format!("Seen at {}. ", some_of(names)) }
}

/// The host's name where there is one, else how many there are.
pub fn a_host_or_count(names: &[&str]) -> String {
    match names {
        [only] => (*only).to_owned(),
        names => count(names.len(), "host"),
    }
}

/// `443`, `80 and 443`, `80, 443 and 1886`.
pub fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => items.concat(),
    }
}

/// `1 check`, `2 checks`.
pub fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A finding as a rule writes it; `risk` keeps it at a warning although no check failed of it.
pub fn finding(
    code: Code,
    confidence: Confidence,
    title: String,
    detail: String,
    affects: Vec<CheckId>,
    remedy: Remedy,
) -> Finding {
    let doc_url = super::remedy::page(code);
    Finding {
        code,
        severity: Severity::Info,
        confidence,
        title,
        detail,
        affects,
        explains: Vec::new(),
        explained_by: None,
        remedy: Remedy { doc_url, ..remedy },
    }
}

/// The same finding as a risk: a warning even where no check failed of it.
pub fn risk(finding: Finding) -> Finding {
    Finding { severity: Severity::Warning, ..finding }
}
