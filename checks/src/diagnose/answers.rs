//! Something answers in the target's place: an open port with nothing behind it, or somebody else behind it.

use std::collections::BTreeMap;

use crate::catalogue::{Transport, TrustPolicy};
use crate::outcome::{Cause, Certificate, Outcome};
use crate::plan::Check;
use crate::run::Run;

use super::view::{Seen, a_host_or_count, count, finding, hosts, ids, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, http, remedy, tls};

/// The SYN is answered, and then nothing good comes.
pub const FOR_TARGET: Rule = Rule { code: Code::FirewallAnswersForTarget, find: for_target };

fn for_target(run: &Run) -> Vec<Finding> {
    let mut hollow: BTreeMap<u16, Vec<Seen<'_>>> = BTreeMap::new();
    let mut strange: BTreeMap<u16, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in run_checks(run).filter(|(check, _)| check.transport == Transport::Tcp) {
        let groups = match seen {
            (_, outcome) if is_hollow(outcome) => &mut hollow,
            seen if is_strange(seen) => &mut strange,
            _ => continue,
        };
        groups.entry(seen.0.port.unwrap_or_default()).or_default().push(seen);
    }
    let hollow = hollow.into_iter().map(|(port, group)| hollow_finding(run, port, &group));
    hollow.chain(strange.into_iter().map(|(port, group)| strange_finding(port, &group))).collect()
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

fn is_hollow(outcome: &Outcome) -> bool {
    outcome.cause().is_some_and(|cause| how_it_ends(cause).is_some())
}

/// An Azure service would not answer so. What a company runs itself may, so that it is left to its own row.
fn is_strange(seen: Seen<'_>) -> bool {
    let (check, outcome) = seen;
    let by_cause = match outcome.cause() {
        Some(Cause::TlsNotTls | Cause::TlsAlert | Cause::CertNameMismatch) => true,
        Some(Cause::CertUntrusted) => !tls::is_foreign(seen),
        Some(Cause::ExchangeUnexpected) => !http::is_plain(check),
        _ => false,
    };
    by_cause && check.trust == TrustPolicy::Public && check.endpoint != "custom"
}

fn hollow_finding(run: &Run, port: u16, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let fine =
        run_checks(run).filter(|(check, outcome)| check.port == Some(port) && outcome.is_success()).count();
    let mut ends: Vec<&str> = group.iter().filter_map(|(_, outcome)| how_it_ends(outcome.cause()?)).collect();
    ends.sort_unstable();
    ends.dedup();
    let title = format!(
        "A firewall answers TCP {port} in place of {}: it opens the port and {}.",
        a_host_or_count(&names),
        ends.join(" or ")
    );
    let whom = if names.len() == 1 { String::new() } else { format!("Affected: {}. ", some_of(&names)) };
    let detail = format!(
        "{whom}{} on this port answered properly. Azure Firewall completes the TCP handshake before it looks for \
         a rule, so an open port proves nothing.{} An answer in the service's own protocol would disprove it.",
        count(fine, "other target"),
        if names.len() == 1 { " For a single host, an overloaded service looks the same." } else { "" },
    );
    let summary = format!(
        "Allow {} on TCP {port} in the firewall's application rules, without TLS inspection: a rule by name lets the \
         session through that the firewall now ends.",
        if names.len() == 1 { "this host name" } else { "these host names" }
    );
    let confidence = if names.len() > 1 { Confidence::High } else { Confidence::Medium };
    let fix = Remedy { summary, commands: remedy::firewall_rules(port, &names), doc_url: None };
    finding(Code::FirewallAnswersForTarget, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn strange_finding(port: u16, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let mut signs: Vec<String> = group.iter().map(|seen| sign(*seen)).collect();
    signs.sort_unstable();
    signs.dedup();
    let title = format!(
        "Something else than the service answers TCP {port} at {}: {}.",
        a_host_or_count(&names),
        signs.iter().take(2).cloned().collect::<Vec<_>>().join("; ")
    );
    let detail = format!(
        "Seen at {}. A stale address, a load balancer or a filter that answers for every name looks like this; the \
         service's own certificate and protocol at the same address would disprove it.",
        some_of(&names)
    );
    let first = remedy::host(names.first().copied());
    let fix = Remedy {
        summary: "Compare the address with what 168.63.129.16 answers. If they agree, a device on the way answers: exempt \
                  these names on it. If not, correct the DNS record."
            .to_owned(),
        commands: vec![
            format!("dig +short {first}"),
            format!("dig +short @168.63.129.16 {first}"),
            remedy::openssl(first, port),
        ],
        doc_url: None,
    };
    let confidence = if names.len() > 1 { Confidence::Medium } else { Confidence::Low };
    finding(Code::FirewallAnswersForTarget, confidence, title, detail, ids(group.iter().copied()), fix)
}

/// By what the other is known.
pub fn sign((check, outcome): Seen<'_>) -> String {
    let leaf = outcome.evidence.tls.as_ref().and_then(|tls| tls.chain.first());
    match (outcome.cause(), leaf) {
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
        _ => format!("it does not speak {}", spoken(check)),
    }
}

fn signer(leaf: &Certificate) -> String {
    if leaf.subject == leaf.issuer {
        "signs itself".to_owned()
    } else {
        format!("is signed by `{}`", leaf.issuer)
    }
}

fn spoken(check: &Check) -> String {
    check.protocol.as_str().to_uppercase()
}
