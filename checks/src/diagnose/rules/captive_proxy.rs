//! Plain HTTP that something else answers.

use std::collections::BTreeSet;

use crate::outcome::Cause;
use crate::plan::Check;
use crate::run::Run;

use crate::diagnose::view::{
    Seen, a_host_or_count, finding, hosts, ids, is_platform, listed, run_checks, some_of,
};
use crate::diagnose::{Code, Confidence, Finding, Rule, remedy};

/// A login page, a block page, or Azure Firewall's 470.
pub const RULE: Rule = Rule { code: Code::CaptiveProxy, find: captive };

/// Azure Firewall's own status for a host name that no application rule allows.
const AZURE_FIREWALL_DENIES: f64 = 470.0;

/// True for what is spoken without TLS, where nothing but the content proves who answers.
pub const fn is_plain(check: &Check) -> bool {
    check.protocol.is_plain_http()
}

fn captive(run: &Run) -> Vec<Finding> {
    let all = run_checks(run).filter(|(check, _)| !is_platform(check));
    let blocked: Vec<Seen<'_>> = all.filter(|seen| is_blocked(*seen) || is_gateway_error(*seen)).collect();
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
    let on = listed(&ports);
    let said =
        blocked.iter().find_map(|(_, outcome)| outcome.failure()).map(|failure| failure.detail.as_str());
    let pages = blocked.iter().any(|seen| is_blocked(*seen));
    let title = match (pages, &names[..]) {
        (false, [name]) => {
            format!(
                "{name} answers HTTP on TCP {on} with a server error: a proxy on the way, or the service itself."
            )
        }
        _ => format!("A proxy or firewall answers HTTP on TCP {on} in place of {}.", a_host_or_count(&names)),
    };
    let detail = format!(
        "{}: {}. The service's own answer would disprove it.",
        if names.len() == 1 { "What was seen".to_owned() } else { format!("Seen at {}", some_of(&names)) },
        said.unwrap_or_default()
    );
    let confidence = match (pages, names.len()) {
        (true, 2..) if blocked.iter().all(|seen| is_blocked(*seen)) => Confidence::High,
        (false, ..2) => Confidence::Low,
        _ => Confidence::Medium,
    };
    let summary = advice(pages, &names, &ports);
    let fix = remedy::on_firewall(&summary, commands(blocked, &ports));
    finding(Code::CaptiveProxy, confidence, title, detail, ids(blocked.iter().copied()), fix)
}

fn advice(pages: bool, names: &[&str], ports: &BTreeSet<u16>) -> String {
    let on = listed(ports);
    let lead = match (pages, names.len()) {
        (false, 1) => {
            "See by the Server and Via headers who answers; if it is the service, run again later. If not, allow"
        }
        _ => "Allow",
    };
    let why = match ports.contains(&80) {
        true => ": certificates are validated over plain HTTP, and API Management uses no proxy for it",
        false => ": API Management uses no proxy and cannot log in to one",
    };
    let them = if names.len() == 1 { "this name" } else { "these names" };
    format!(
        "{lead} {them} on TCP {on} in the proxy or firewall, without login and without a block page{why}."
    )
}

/// The firewall's rule where Azure Firewall itself has said no, and a look at the page on each port.
fn commands(blocked: &[Seen<'_>], ports: &BTreeSet<u16>) -> Vec<String> {
    let mut commands = Vec::new();
    for port in ports {
        let here = || blocked.iter().copied().filter(|(check, _)| check.port == Some(*port));
        let names = hosts(here());
        if here().any(is_azure_firewall) {
            let checks: Vec<&Check> = here().map(|(check, _)| check).collect();
            commands.extend(remedy::firewall(&checks));
        }
        let first = remedy::host(names.first().copied());
        let plain = here().next().is_some_and(|(check, _)| is_plain(check));
        commands.push(remedy::curl(if plain { "http" } else { "https" }, first, *port));
    }
    commands
}

fn is_azure_firewall((_, outcome): Seen<'_>) -> bool {
    let exchange = outcome.evidence.exchange.as_ref();
    exchange.and_then(|exchange| exchange.number("httpStatus")) == Some(AZURE_FIREWALL_DENIES)
}
