//! Something answers in the target's place: an open port with nothing behind it, or somebody else behind it; and single
//! targets that answer, and not as they should.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Protocol, Role, Transport, TrustPolicy};
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{a_host_or_count, count, listed, seen_at, some_of};
use crate::diagnose::public_issuers::missing_issuer;
use crate::diagnose::remedy::{self, Prefer};
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::tls_interception;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, Look, look};
use crate::outcome::{Cause, Certificate, Trust};
use crate::plan::Check;

/// The SYN is answered, and then nothing good comes.
pub(crate) const RULE: Rule =
    Rule { code: Code::FirewallAnswersForTarget, needs: &[Source::Run], find: for_target };

fn for_target(facts: &Facts<'_>) -> Vec<Finding> {
    let mut hollow: BTreeMap<u16, Group<'_>> = BTreeMap::new();
    let mut strange: BTreeMap<u16, Group<'_>> = BTreeMap::new();
    let mut others: Group<'_> = Group::default();
    for seen in facts.ended().filter(|seen| seen.check.transport == Transport::Tcp) {
        let groups = match seen {
            seen if is_syn_proxied(seen) => &mut hollow,
            seen if is_wrong_peer(facts, seen) && is_azure_service(seen.check) => &mut strange,
            seen if is_wrong_peer(facts, seen) => {
                others.push(seen);
                continue;
            }
            _ => continue,
        };
        groups.entry(seen.port()).or_default().push(seen);
    }
    // What might answer so by itself is the device's where the device shows the same sign at Azure's own services.
    for seen in others.each() {
        let group = strange.get_mut(&seen.port());
        if let Some(group) = group.filter(|group| group.each().any(|one| one.cause() == seen.cause())) {
            group.push(seen);
        }
    }
    // Where nothing passes on any port, a device that answers on several is one all the same.
    let passes = |seen: Seen<'_>| seen.check.transport == Transport::Tcp && seen.is_success();
    let hollow: Vec<Group<'_>> = if facts.outbound().any(passes) {
        hollow.into_values().collect()
    } else {
        let all: Group<'_> = hollow.into_values().flat_map(|group| group.to_vec()).collect();
        if all.is_empty() { Vec::new() } else { vec![all] }
    };
    let hollow = hollow.iter().map(|group| syn_proxied_finding(facts, group));
    hollow.chain(strange.into_iter().map(|(port, group)| wrong_peer_finding(facts, port, &group))).collect()
}

/// The port was open, and then came a reset, a close or silence.
const fn how_it_ends(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::TlsReset | Cause::ExchangeReset => Some("resets the connection"),
        Cause::TlsClosed | Cause::ExchangeClosed => Some("closes the connection"),
        Cause::TlsTimeout | Cause::ExchangeTimeout => Some("says nothing"),
        _ => None,
    }
}

fn is_syn_proxied(seen: Seen<'_>) -> bool {
    seen.cause().is_some_and(|cause| how_it_ends(cause).is_some())
}

/// An Azure service would not answer so.
fn is_wrong_peer(facts: &Facts<'_>, seen: Seen<'_>) -> bool {
    match seen.cause() {
        Some(Cause::TlsAlert) => !refuses_itself(seen),
        Some(Cause::TlsNotTls) => true,
        Some(Cause::CertNameMismatch) => shows_one_certificate(facts, seen),
        Some(Cause::CertUntrusted) => {
            !tls_interception::is_foreign(facts, seen) && missing_issuer(facts, seen).is_none()
        }
        Some(Cause::ExchangeUnexpected) => !seen.check.protocol.is_plain_http(),
        _ => false,
    }
}

/// Another host shows the same certificate, which is not for it either: one device answers for both. A host that shows a
/// certificate of its own has the wrong one.
fn shows_one_certificate(facts: &Facts<'_>, seen: Seen<'_>) -> bool {
    let alike = |other: &Seen<'_>| {
        other.cause() == seen.cause()
            && other.leaf() == seen.leaf()
            && other.check.host() != seen.check.host()
    };
    seen.leaf().is_some() && facts.ended().any(|other| alike(&other))
}

/// An alert after a chain that ends in a public root was shown for the name: the service itself sends it.
pub(crate) fn refuses_itself(seen: Seen<'_>) -> bool {
    let trust = seen.outcome.evidence.tls.as_ref().and_then(|tls| tls.trust);
    seen.cause() == Some(Cause::TlsAlert) && trust == Some(Trust::Public)
}

/// What a company runs itself may well answer strangely, so that it is left to its own row.
pub(crate) fn is_azure_service(check: &Check) -> bool {
    check.trust == TrustPolicy::Public && check.role() != Role::Custom
}

fn syn_proxied_finding(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let (names, ports) = (group.hosts(), group.ports());
    let on_port = |seen: &Seen<'_>| seen.check.port().is_some_and(|port| ports.contains(&port));
    let fine = facts.ended().filter(on_port).filter(|seen| seen.is_success()).count();
    let ends: BTreeSet<&str> = group.each().filter_map(|seen| how_it_ends(seen.cause()?)).collect();
    let ends: Vec<&str> = ends.into_iter().collect();
    let title = format!(
        "A firewall answers TCP {} in place of {}: it opens the port and {}.",
        listed(&ports),
        a_host_or_count(&names),
        ends.join(" or ")
    );
    let whom = if names.len() == 1 { String::new() } else { format!("Affected: {}. ", some_of(&names)) };
    let others = if fine == 0 { "No other target".to_owned() } else { count(fine, "other target") };
    let where_else = if ports.len() == 1 { "this port" } else { "these ports" };
    let detail = format!(
        "{whom}{others} on {where_else} answered properly. Azure Firewall completes the TCP handshake before it looks for \
         a rule, so an open port proves nothing.{}",
        if names.len() == 1 { " For a single host, an overloaded service looks the same." } else { "" },
    );
    let confidence = if names.len() > 1 { Confidence::High } else { Confidence::Medium };
    let fix = let_through(facts, &ports, group);
    Finding::new(Code::FirewallAnswersForTarget, confidence, title, detail, group.ids(), fix)
}

fn let_through(facts: &Facts<'_>, ports: &BTreeSet<u16>, group: &Group<'_>) -> Remedy {
    let these = if group.hosts().len() == 1 { "this host" } else { "these hosts" };
    let how = if group.each().all(|seen| seen.check.protocol.is_http()) {
        "by name in an application rule, without TLS inspection"
    } else {
        "by service tag in a network rule where it does not speak HTTP, else by name and without TLS inspection"
    };
    let summary = format!("Allow {these} on TCP {} in the firewall, {how}.", listed(ports));
    let mut steps = vec![remedy::next_hop(facts, group.first().copied()).saying("which firewall answers")];
    steps.extend(remedy::firewall(facts, group, Prefer::Names));
    remedy::advise(facts, summary, steps)
}

fn wrong_peer_finding(facts: &Facts<'_>, port: u16, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let title = format!(
        "Something else than the service answers TCP {port} at {}: {}.",
        a_host_or_count(&names),
        signs(group)
    );
    let detail = format!(
        "{}A stale address, a load balancer or a filter that answers for every name looks like this.",
        seen_at(&names)
    );
    let peer = remedy::first_peer(group);
    let summary = format!(
        "Compare the address with the answer of 168.63.129.16. If they agree, a device on the path answers: exempt {} on it. If \
         not, correct the DNS record.",
        if names.len() == 1 { "this name" } else { "these names" }
    );
    let mut steps = remedy::compare_addresses(&peer.host);
    steps.push(look(Look::Certificates(peer)));
    let fix = remedy::advise(facts, summary, steps);
    let confidence = if names.len() > 1 { Confidence::Medium } else { Confidence::Low };
    Finding::new(Code::FirewallAnswersForTarget, confidence, title, detail, group.ids(), fix)
}

/// By what the others are known: two signs at most.
fn signs(group: &Group<'_>) -> String {
    let signs: BTreeSet<String> = group.each().map(sign).collect();
    signs.into_iter().take(2).collect::<Vec<_>>().join("; ")
}

/// By what the other is known.
pub(crate) fn sign(seen: Seen<'_>) -> String {
    let leaf = seen.outcome.evidence.tls.as_ref().and_then(|tls| tls.chain.first());
    match (seen.cause(), leaf) {
        (Some(Cause::TlsNotTls), _) => "it does not speak TLS".to_owned(),
        (Some(Cause::TlsAlert), _) => "it ends the TLS handshake with an alert".to_owned(),
        (Some(Cause::CertNameMismatch), Some(leaf)) => {
            let names: Vec<&str> = leaf.dns_names.iter().map(String::as_str).collect();
            format!(
                "its certificate is for {}",
                if names.is_empty() { leaf.subject.clone() } else { some_of(&names) }
            )
        }
        (Some(Cause::CertUntrusted), Some(leaf)) => {
            format!("its certificate `{}` {}", leaf.subject, signer(leaf))
        }
        _ => format!("it does not speak {}", spoken(seen.check)),
    }
}

fn signer(leaf: &Certificate) -> String {
    if leaf.subject == leaf.issuer {
        "is self-signed".to_owned()
    } else {
        format!("is signed by `{}`", leaf.issuer)
    }
}

fn spoken(check: &Check) -> String {
    check.protocol.as_str().to_uppercase()
}

fn told(confidence: Confidence, title: String, detail: String, group: &Group<'_>, fix: Remedy) -> Finding {
    Finding::new(Code::FirewallAnswersForTarget, confidence, title, detail, group.ids(), fix)
}

/// What answers is not what the check expects, at a target of the customer's own or over UDP.
pub(crate) fn strange(facts: &Facts<'_>, port: u16, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let transport = group.first().map_or("tcp", |seen| seen.check.transport.as_str()).to_uppercase();
    let title = format!(
        "What answers {transport} {port} at {} is not what was expected: {}.",
        a_host_or_count(&names),
        signs(group)
    );
    let detail = format!(
        "{}The address leads to another server, a device answers in its place, or the target speaks something else than was \
         asked for.",
        seen_at(&names)
    );
    let peer = remedy::first_peer(group);
    let answer = match group.first().map(|seen| (seen.check.protocol, seen.check.transport)) {
        Some((Protocol::Ntp, _)) => Some(look(Look::Time(peer.clone()))),
        Some((_, Transport::Udp)) => None,
        _ => Some(look(Look::Certificates(peer.clone()))),
    };
    let summary = if group.each().any(|seen| seen.check.role() == Role::Custom) {
        "Find out what listens at the address. If it is the right one, name its protocol: --endpoint HOST:PORT/PROTOCOL."
    } else {
        "Find out what listens at the address, and correct the record or exempt the target on the device that answers."
    };
    let asked = remedy::dig(&peer.host, DnsQuestion::Addresses);
    let steps = [asked].into_iter().chain(answer).collect();
    told(Confidence::Low, title, detail, group, remedy::advise(facts, summary, steps))
}
