//! Nothing outbound gets through although names resolve.

use std::collections::BTreeSet;

use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::machine::is_proxy;
use crate::diagnose::phrases::count;
use crate::diagnose::reach;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};

/// Nothing outbound gets through.
pub(crate) const RULE: Rule = Rule { code: Code::OutboundAllBlocked, needs: &[Source::Run], find: all };

/// Targets that must have been tried before silence is surely general; of fewer, two at least, all must be silent.
const MIN_TARGETS: usize = 3;

fn all(facts: &Facts<'_>) -> Vec<Finding> {
    let all: Group<'_> = facts.outbound().filter(|seen| seen.was_tried()).collect();
    // Time may come from elsewhere; what API Management does, it does over TCP.
    let (tried, datagrams) = all.partition(|seen| seen.check.transport == Transport::Tcp);
    let is_tunnel = is_tunnel(&tried);
    let (_, tried) = tried.partition(|seen| is_tunnel && has_service_endpoint(seen));
    let groups: BTreeSet<(&str, Option<u16>)> =
        tried.each().map(|seen| (seen.tag(), seen.check.port())).collect();
    if groups.len() < 2 || tried.each().any(|seen| seen.got_through()) {
        return Vec::new();
    }
    let ports = tried.ports();
    let silent = tried.each().filter(|seen| seen.is_lost()).count();
    // Where most is rejected a device says no, and that device is the finding.
    let few = tried.len() < MIN_TARGETS;
    if silent * 2 < tried.len() || (few && silent < tried.len()) {
        return Vec::new();
    }
    let lost = datagrams.each().filter(|seen| seen.is_lost());
    let affects = tried.each().chain(lost).collect::<Group<'_>>().ids();
    let some = if silent == tried.len() {
        String::new()
    } else {
        format!(", {silent} of them got no answer at all")
    };
    let detail = format!(
        "None of {} on {} could be connected to{some}.{}{}{} One connection that opens would disprove it.",
        count(tried.len(), "target"),
        count(ports.len(), "port"),
        if is_tunnel {
            " What passes is reached by a service endpoint, ahead of the default route."
        } else {
            ""
        },
        reach::words(&tried),
        proxy_words(facts),
    );
    let title = all_title(&tried, &datagrams).to_owned();
    let is_own = tried.each().all(|seen| seen.is_routeless());
    let fix = if is_own { remedy::own_route() } else { open_up() };
    let confidence = if few { Confidence::Medium } else { Confidence::High };
    vec![Finding::new(Code::OutboundAllBlocked, confidence, title, detail, affects, fix)]
}

/// Services that a service endpoint takes out of the default route.
const ENDPOINTS: [&str; 4] = ["Storage", "Sql", "EventHub", "AzureKeyVault"];

fn has_service_endpoint(seen: Seen<'_>) -> bool {
    seen.tag().split('.').next().is_some_and(|service| ENDPOINTS.contains(&service))
}

/// Everything that passes has a service endpoint, and nothing else does, whatever the tag and port: a default route leads
/// all of it away.
fn is_tunnel(tried: &Group<'_>) -> bool {
    let (with, without) = tried.clone().partition(has_service_endpoint);
    with.each().any(|seen| seen.got_through())
        && without.len() >= MIN_TARGETS
        && without.ports().len() >= 2
        && without.is_lost()
}

fn all_title(tried: &Group<'_>, datagrams: &Group<'_>) -> &'static str {
    if tried.each().all(|seen| seen.is_routeless()) {
        "Nothing outbound gets through although names resolve: this machine has no route out of its network."
    } else if datagrams.each().any(|seen| seen.got_through()) {
        "No outbound TCP connection gets through although names resolve and UDP passes: a rule drops it."
    } else {
        "Nothing outbound gets through although names resolve: a default route into a tunnel, or deny-all."
    }
}

/// A proxy that the environment names is no way out for API Management.
fn proxy_words(facts: &Facts<'_>) -> &'static str {
    match facts.host.proxy.keys().any(|name| is_proxy(name)) {
        true => " This machine's environment names a proxy: API Management uses none and needs a direct way.",
        false => "",
    }
}

fn open_up() -> Remedy {
    let commands = vec![
        "az network nic show-effective-route-table --resource-group <RESOURCE_GROUP> --name <VM_NIC> --output table"
            .to_owned(),
        remedy::management_route(),
        remedy::service_endpoints(),
    ];
    let summary = "Look at the effective routes for 0.0.0.0/0 first. Under forced tunnelling, route the tag ApiManagement to \
                   Internet and allow the rest on the appliance. Service endpoints let Storage, SQL, Key Vault and Event \
                   Hubs leave directly (the command replaces the subnet's list: name its present ones too). Without a \
                   tunnel, remove the deny-all rule.";
    Remedy { summary: summary.to_owned(), commands, doc_url: None }
}
