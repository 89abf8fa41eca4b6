//! Plain HTTP that something else answers.

use std::collections::BTreeSet;

use crate::catalogue::Role;
use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{a_host_or_count, count, listed, some_of};
use crate::diagnose::remedy::{self, Prefer};
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::tls_interception;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, Proposal, look};
use crate::outcome::{Cause, CauseClass, Certificate, fact};
use crate::plan::CheckId;

/// A login page, a block page, or Azure Firewall's 470.
pub(crate) const RULE: Rule = Rule { code: Code::CaptiveProxy, needs: &[Source::Run], find: captive };

/// The same, shown by a device that inspects TLS, which accounts for it.
pub(crate) const INSPECTED: Rule =
    Rule { code: Code::CaptiveProxy, needs: &[Source::Run], find: shown_by_inspection };

/// Azure Firewall's own status for a host name that no application rule allows.
const AZURE_FIREWALL_DENIES: f64 = 470.0;

/// What something else answers, apart from what a device that inspects TLS answers, and that.
fn pages<'a>(facts: &Facts<'a>) -> (Group<'a>, Group<'a>) {
    let inspected = tls_interception::inspected_checks(facts).ids();
    let all = facts.ended().filter(|seen| !seen.is_platform() && seen.check.role() != Role::GatewayFront);
    let blocked = all.filter(|seen| is_blocked(*seen) || is_gateway_error(*seen));
    let (shown, others): (Vec<_>, Vec<_>) = blocked.partition(|seen| inspected.contains(&seen.check.id));
    (others.into_iter().collect(), shown.into_iter().collect())
}

fn shown_by_inspection(facts: &Facts<'_>) -> Vec<Finding> {
    let (_, shown) = pages(facts);
    if shown.is_empty() {
        return Vec::new();
    }
    vec![captive_finding(facts, &shown, &Group::default(), &Group::default())]
}

fn captive(facts: &Facts<'_>) -> Vec<Finding> {
    let (blocked, _) = pages(facts);
    if blocked.is_empty() {
        return Vec::new();
    }
    let beside = kept_out(facts, &blocked);
    let boxes = if beside.is_empty() { boxes(facts, &blocked) } else { Group::default() };
    vec![captive_finding(facts, &blocked, &beside, &boxes)]
}

/// Hosts that a device must answer for with one certificate of its own before it is one with the device that shows the page.
const MIN_BOXES: usize = 2;

/// TLS that is answered for many hosts with a certificate that names none of them, beside a page in place of plain HTTP: the
/// same portal on another port. A device that inspects writes a certificate for each host, and is its own cause.
fn boxes<'a>(facts: &Facts<'a>, blocked: &Group<'a>) -> Group<'a> {
    if blocked.hosts().len() < MIN_BOXES || !blocked.each().any(is_blocked) {
        return Group::default();
    }
    let shown = facts.outbound().filter(|seen| tls_interception::is_box(*seen));
    let by_subject = Group::by(shown, |seen| Some(seen.leaf()?.subject.as_str()));
    let wide = by_subject.into_values().filter(|group| group.hosts().len() >= MIN_BOXES);
    wide.flat_map(|group| group.to_vec()).collect()
}

/// Targets beside a page that have to fail before it is what keeps them out.
const MIN_KEPT_OUT: usize = 3;

/// What else fails where nothing passes at all: a network that shows a page in place of everything lets nothing through
/// before it is satisfied. A device that inspects TLS is its own cause.
fn kept_out<'a>(facts: &Facts<'a>, blocked: &Group<'a>) -> Group<'a> {
    let is_tcp = |seen: &Seen<'_>| seen.check.transport == Transport::Tcp;
    if !blocked.each().any(is_blocked) || facts.outbound().filter(is_tcp).any(Seen::is_success) {
        return Group::default();
    }
    let told: BTreeSet<&CheckId> = blocked.each().map(|seen| &seen.check.id).collect();
    let is_kept = |seen: &Seen<'_>| {
        let is_of_a_device = match seen.cause().map(Cause::class) {
            Some(
                CauseClass::Silent
                | CauseClass::Rejected
                | CauseClass::Stalled
                | CauseClass::Broken
                | CauseClass::Strange,
            ) => true,
            Some(CauseClass::Certificate) => {
                tls_interception::is_box(*seen) || !tls_interception::is_foreign(facts, *seen)
            }
            _ => false,
        };
        is_of_a_device && !told.contains(&seen.check.id)
    };
    let kept: Group<'a> = facts.outbound().filter(is_kept).collect();
    if kept.len() < MIN_KEPT_OUT { Group::default() } else { kept }
}

fn is_blocked(seen: Seen<'_>) -> bool {
    match seen.cause() {
        Some(Cause::HttpBlocked) => true,
        Some(Cause::ExchangeUnexpected) => seen.check.protocol.is_plain_http(),
        _ => false,
    }
}

/// 5xx on plain HTTP: a proxy that cannot reach the service says so in this way.
fn is_gateway_error(seen: Seen<'_>) -> bool {
    seen.cause() == Some(Cause::HttpError) && seen.check.protocol.is_plain_http()
}

fn captive_finding(facts: &Facts<'_>, blocked: &Group<'_>, beside: &Group<'_>, boxes: &Group<'_>) -> Finding {
    let names = blocked.hosts();
    let ports = blocked.ports();
    let on = listed(&ports);
    let said = blocked.each().find_map(|seen| seen.failure()).map(|failure| failure.detail.as_str());
    let pages = blocked.each().any(is_blocked);
    let title = match (pages, &names[..]) {
        (false, [name]) => {
            format!(
                "{name} answers HTTP on TCP {on} with a server error: a proxy on the way, or the service itself."
            )
        }
        _ => format!("A proxy or firewall answers HTTP on TCP {on} in place of {}.", a_host_or_count(&names)),
    };
    let rest = match beside.len() {
        0 if !boxes.is_empty() => format!(
            " It answers TLS in place of {} too, with a certificate of its own for `{}`.",
            count(boxes.hosts().len(), "host"),
            boxes.each().find_map(Seen::leaf).map_or("another name", shown_name),
        ),
        0 => String::new(),
        number => format!(
            " Nothing passes beside it: {} failed too, as where a page has to be passed first or nothing is allowed.",
            count(number, "other target")
        ),
    };
    let detail = format!(
        "{}: {}.{rest}",
        if names.len() == 1 { "What was seen".to_owned() } else { format!("Seen at {}", some_of(&names)) },
        said.unwrap_or_default()
    );
    let confidence = match (pages, names.len()) {
        (true, 2..) if blocked.each().all(is_blocked) => Confidence::High,
        (false, ..2) => Confidence::Low,
        _ => Confidence::Medium,
    };
    let lead = match (pages, names.len()) {
        (false, 1) => {
            "Check the Server and Via headers to see who answers; if it is the service, run again later. If not, allow"
        }
        _ => "Allow",
    };
    let further = match (beside.is_empty(), boxes.is_empty()) {
        (false, _) => " Then run again: what else failed cannot be told apart from it.",
        (true, false) => " Let TLS to these hosts pass it unopened as well.",
        (true, true) => "",
    };
    let summary = format!("{}{further}", advice(lead, &names, &ports));
    let fix = remedy::advise(facts, summary, steps(facts, blocked, &ports));
    let affects = blocked.each().chain(beside.each()).chain(boxes.each()).collect::<Group<'_>>().ids();
    Finding::new(Code::CaptiveProxy, confidence, title, detail, affects, fix)
}

/// What a certificate is for.
fn shown_name(leaf: &Certificate) -> &str {
    leaf.dns_names.first().unwrap_or(&leaf.subject)
}

fn advice(lead: &str, names: &[&str], ports: &BTreeSet<u16>) -> String {
    let on = listed(ports);
    let why = if ports.contains(&80) {
        ": certificates are validated over plain HTTP, and API Management uses no proxy for it"
    } else {
        ": API Management uses no proxy and cannot log in to one"
    };
    let them = if names.len() == 1 { "this name" } else { "these names" };
    format!(
        "{lead} {them} on TCP {on} in the proxy or firewall, without login and without a block page{why}."
    )
}

/// A look at the page on each port, and the firewall's rules where Azure Firewall itself has denied the name.
fn steps(facts: &Facts<'_>, blocked: &Group<'_>, ports: &BTreeSet<u16>) -> Vec<Proposal> {
    let mut looks = Vec::new();
    for port in ports {
        let here: Group<'_> = blocked.each().filter(|seen| seen.check.port() == Some(*port)).collect();
        let plain = here.first().is_some_and(|seen| seen.check.protocol.is_plain_http());
        let scheme = if plain { "http" } else { "https" };
        looks.push(look(Look::Http { scheme, peer: remedy::first_peer(&here) }));
    }
    let denied: Group<'_> = blocked.each().filter(|seen| is_azure_firewall(*seen)).collect();
    let rules = if denied.is_empty() { Vec::new() } else { remedy::firewall(facts, &denied, Prefer::Names) };
    looks.into_iter().chain(rules).collect()
}

fn is_azure_firewall(seen: Seen<'_>) -> bool {
    let exchange = seen.outcome.evidence.exchange.as_ref();
    exchange.and_then(|exchange| exchange.number(fact::HTTP_STATUS)) == Some(AZURE_FIREWALL_DENIES)
}
