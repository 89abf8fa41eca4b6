//! Plain HTTP that something else answers.

use std::collections::BTreeSet;

use crate::catalogue::Protocol;
use crate::outcome::Cause;
use crate::plan::Check;
use crate::run::Run;

use super::view::{Seen, a_host_or_count, finding, hosts, ids, is_platform, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// A login page, a block page, or Azure Firewall's 470.
pub const CAPTIVE_PROXY: Rule = Rule { code: Code::CaptiveProxy, find: captive };

/// Azure Firewall's own status for a host name that no application rule allows.
const AZURE_FIREWALL_DENIES: f64 = 470.0;

/// Hosts that must fail with 5xx together before a gateway is suspected and not the services.
const TOGETHER: usize = 2;

/// True for what is spoken without TLS, where nothing but the content proves who answers.
pub const fn is_plain(check: &Check) -> bool {
    matches!(check.protocol, Protocol::Http | Protocol::Crl | Protocol::Aia | Protocol::Ocsp)
}

fn captive(run: &Run) -> Vec<Finding> {
    let all = || run_checks(run).filter(|(check, _)| !is_platform(check));
    let failing = hosts(all().filter(|seen| is_gateway_error(*seen))).len() >= TOGETHER;
    let blocked: Vec<Seen<'_>> =
        all().filter(|seen| is_blocked(*seen) || (failing && is_gateway_error(*seen))).collect();
    if blocked.is_empty() { Vec::new() } else { vec![captive_finding(&blocked)] }
}

fn is_blocked((check, outcome): Seen<'_>) -> bool {
    match outcome.cause() {
        Some(Cause::HttpBlocked) => true,
        Some(Cause::ExchangeUnexpected) => is_plain(check),
        _ => false,
    }
}

/// 5xx on plain HTTP: a proxy that cannot reach the service says so in this way.
fn is_gateway_error((check, outcome): Seen<'_>) -> bool {
    outcome.cause() == Some(Cause::HttpError) && is_plain(check)
}

fn captive_finding(blocked: &[Seen<'_>]) -> Finding {
    let names = hosts(blocked.iter().copied());
    let ports: BTreeSet<u16> = blocked.iter().filter_map(|(check, _)| check.port).collect();
    let on = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" and ");
    let said =
        blocked.iter().find_map(|(_, outcome)| outcome.failure()).map(|failure| failure.detail.as_str());
    let title =
        format!("A proxy or firewall answers HTTP on TCP {on} in place of {}.", a_host_or_count(&names));
    let detail = format!(
        "Seen at {}: {}. The service's own answer would disprove it.",
        some_of(&names),
        said.unwrap_or_default()
    );
    let why = match ports.contains(&80) {
        true => ": certificates are validated over plain HTTP, and API Management uses no proxy for it",
        false => ": API Management uses no proxy and cannot log in to one",
    };
    let summary = format!(
        "Allow {} on TCP {on} in the proxy or firewall, without login and without a block page{why}.",
        if names.len() == 1 { "this name" } else { "these names" }
    );
    let confidence = match blocked.iter().all(|seen| is_blocked(*seen)) && names.len() > 1 {
        true => Confidence::High,
        false => Confidence::Medium,
    };
    let fix = Remedy { summary, commands: commands(blocked, &ports), doc_url: None };
    finding(Code::CaptiveProxy, confidence, title, detail, ids(blocked.iter().copied()), fix)
}

/// The firewall's rule where Azure Firewall itself has said no, and a look at the page on each port.
fn commands(blocked: &[Seen<'_>], ports: &BTreeSet<u16>) -> Vec<String> {
    let mut commands = Vec::new();
    for port in ports {
        let here = || blocked.iter().copied().filter(|(check, _)| check.port == Some(*port));
        let names = hosts(here());
        if here().any(is_azure_firewall) {
            commands.extend(remedy::firewall_rules(*port, &names));
        }
        let first = remedy::host(names.first().copied());
        commands.push(match port {
            443 => format!("curl -sv -m 5 https://{first}/ -o /dev/null"),
            80 => format!("curl -sv -m 5 http://{first}/ -o /dev/null"),
            port => format!("curl -sv -m 5 http://{first}:{port}/ -o /dev/null"),
        });
    }
    commands
}

fn is_azure_firewall((_, outcome): Seen<'_>) -> bool {
    let exchange = outcome.evidence.exchange.as_ref();
    exchange.and_then(|exchange| exchange.number("httpStatus")) == Some(AZURE_FIREWALL_DENIES)
}
