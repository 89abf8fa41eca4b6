//! Nothing outbound gets through although names resolve.

use std::collections::BTreeSet;

use crate::catalogue::Transport;
use crate::run::Run;

use crate::diagnose::silence::was_tried;
use crate::diagnose::view::{Seen, count, finding, got_through, ids, is_lost, is_routeless, outbound, tag};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Nothing outbound gets through.
pub const RULE: Rule = Rule { code: Code::OutboundAllBlocked, find: all };

/// Targets that must have been tried before silence is surely general; of fewer, two at least, all must be silent.
const ENOUGH: usize = 3;

fn all(run: &Run) -> Vec<Finding> {
    let all: Vec<Seen<'_>> = outbound(run).filter(|(_, outcome)| was_tried(outcome)).collect();
    // Time may come from elsewhere; what API Management does, it does over TCP.
    let (tried, datagrams): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(check, _)| check.transport == Transport::Tcp);
    let groups: BTreeSet<(&str, Option<u16>)> =
        tried.iter().map(|(check, _)| (tag(check), check.port)).collect();
    if groups.len() < 2 || tried.iter().any(|(_, outcome)| got_through(outcome)) {
        return Vec::new();
    }
    let ports: BTreeSet<Option<u16>> = tried.iter().map(|(check, _)| check.port).collect();
    let silent = tried.iter().filter(|(check, outcome)| is_lost(check, outcome)).count();
    // Where most is rejected a device says no, and that device is the finding.
    let few = tried.len() < ENOUGH;
    if silent * 2 < tried.len() || (few && silent < tried.len()) {
        return Vec::new();
    }
    let lost = datagrams.iter().filter(|(check, outcome)| is_lost(check, outcome)).copied();
    let affects = ids(tried.iter().copied().chain(lost));
    let some = if silent == tried.len() {
        String::new()
    } else {
        format!(", {silent} of them got no answer at all")
    };
    let detail = format!(
        "None of {} on {} could be connected to{some}.{} One connection that opens would disprove it.",
        count(tried.len(), "target"),
        count(ports.len(), "port"),
        proxy_words(run),
    );
    let title = all_title(&tried, &datagrams).to_owned();
    let is_own = tried.iter().all(|(_, outcome)| is_routeless(outcome));
    let fix = if is_own { remedy::own_route() } else { open_up() };
    let confidence = if few { Confidence::Medium } else { Confidence::High };
    vec![finding(Code::OutboundAllBlocked, confidence, title, detail, affects, fix)]
}

fn all_title(tried: &[Seen<'_>], datagrams: &[Seen<'_>]) -> &'static str {
    if tried.iter().all(|(_, outcome)| is_routeless(outcome)) {
        "Nothing outbound gets through although names resolve: this machine has no route out of its network."
    } else if datagrams.iter().any(|(_, outcome)| got_through(outcome)) {
        "No outbound TCP connection gets through although names resolve and UDP passes: a rule drops it."
    } else {
        "Nothing outbound gets through although names resolve: a default route into a tunnel, or deny-all."
    }
}

/// A proxy that the environment names is no way out for API Management.
fn proxy_words(run: &Run) -> &'static str {
    match run.host.proxy.keys().any(|name| !name.eq_ignore_ascii_case("no_proxy")) {
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
