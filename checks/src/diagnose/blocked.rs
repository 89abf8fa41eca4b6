//! Silence: everything is dropped, one port is, or one service tag is.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Transport;
use crate::outcome::{Cause, Stage};
use crate::run::Run;

use super::view::{
    Seen, count, finding, got_through, hosts, ids, is_lost, is_routeless, outbound, some_of, tag,
};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// Nothing outbound gets through.
pub const ALL: Rule = Rule { code: Code::OutboundAllBlocked, find: all };
/// One port is dropped across tags.
pub const PORT: Rule = Rule { code: Code::PortBlocked, find: ports };
/// One tag and port is dropped.
pub const TAG: Rule = Rule { code: Code::ServiceTagBlocked, find: tags };

/// Targets that must have been tried before silence can be called general.
const ENOUGH: usize = 3;

fn all(run: &Run) -> Vec<Finding> {
    let all: Vec<Seen<'_>> = outbound(run).filter(|(_, outcome)| was_tried(outcome)).collect();
    // Time may come from elsewhere; what API Management does, it does over TCP.
    let (tried, datagrams): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(check, _)| check.transport == Transport::Tcp);
    let groups: BTreeSet<(&str, Option<u16>)> =
        tried.iter().map(|(check, _)| (tag(check), check.port)).collect();
    if tried.len() < ENOUGH || groups.len() < 2 || tried.iter().any(|(_, outcome)| got_through(outcome)) {
        return Vec::new();
    }
    let silent = tried.iter().filter(|(check, outcome)| is_lost(check, outcome)).count();
    // Where most is rejected a device says no, and that device is the finding.
    if silent * 2 < tried.len() {
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
        "None of {} on {} could be opened{some}.{} One connection that opens would disprove it.",
        count(tried.len(), "target"),
        count(groups.len(), "pair of tag and port").replace("pair of tag and ports", "pairs of tag and port"),
        proxy_words(run),
    );
    let title = all_title(&tried, &datagrams).to_owned();
    vec![finding(Code::OutboundAllBlocked, Confidence::High, title, detail, affects, open_up())]
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
    let summary = "Look at the effective routes for 0.0.0.0/0 first. Under forced tunnelling route the tag ApiManagement \
                   to Internet, give the subnet service endpoints so that Storage, SQL, Key Vault and Event Hubs leave \
                   directly (name those that it has already too), and allow the rest on the appliance. Without a tunnel, \
                   remove the deny-all rule.";
    Remedy { summary: summary.to_owned(), commands, doc_url: None }
}

/// True when the check got beyond its name.
fn was_tried(outcome: &crate::outcome::Outcome) -> bool {
    outcome
        .failure()
        .is_none_or(|failure| failure.stage != Stage::Resolve && failure.cause != Cause::LocalResource)
}

/// Checks by what `key` says of them.
fn grouped<'a, K: Ord>(run: &'a Run, key: impl Fn(Seen<'a>) -> Option<K>) -> BTreeMap<K, Vec<Seen<'a>>> {
    let mut groups: BTreeMap<K, Vec<Seen<'a>>> = BTreeMap::new();
    for seen in outbound(run).filter(|(_, outcome)| was_tried(outcome)) {
        if let Some(key) = key(seen) {
            groups.entry(key).or_default().push(seen);
        }
    }
    groups
}

fn all_lost(group: &[Seen<'_>]) -> bool {
    group.iter().all(|(check, outcome)| is_lost(check, outcome))
}

fn something_passes(run: &Run) -> bool {
    outbound(run).any(|(_, outcome)| got_through(outcome))
}

fn ports(run: &Run) -> Vec<Finding> {
    if !something_passes(run) {
        return Vec::new();
    }
    let groups = grouped(run, |(check, _)| Some((check.port?, check.transport)));
    let blocked = groups.into_iter().filter(|(_, group)| all_lost(group));
    blocked
        .filter_map(|((port, transport), group)| {
            let tags: BTreeSet<&str> = group.iter().map(|(check, _)| tag(check)).collect();
            (tags.len() >= 2).then(|| port_finding(port, transport.as_str(), &tags, &group))
        })
        .collect()
}

fn port_finding(port: u16, transport: &str, tags: &BTreeSet<&str>, group: &[Seen<'_>]) -> Finding {
    let name = transport.to_uppercase();
    let words: BTreeSet<&str> = tags.iter().flat_map(|tags| remedy::tags(tags)).collect();
    let title = format!("Outbound {name} {port} is dropped whatever the target, while other ports pass.");
    let detail = format!(
        "{} of {} ({}) got no answer. One of them that answers would disprove it.",
        count(group.len(), "target"),
        count(words.len(), "service tag"),
        words.iter().copied().collect::<Vec<_>>().join(", ")
    );
    // The tag Internet covers every public address, and so the other tags.
    let wanted: Vec<&str> = match words.contains("Internet") {
        true => vec!["Internet"],
        false => words.into_iter().collect(),
    };
    let commands =
        wanted.iter().flat_map(|tag| remedy::allow_outbound(tag, port, protocol(transport))).collect();
    let summary = format!(
        "Allow {name} {port} from the subnet to {} in the network security group, and on any firewall that the route table \
         sends it to.",
        wanted.join(", ")
    );
    let fix = Remedy { summary, commands, doc_url: None };
    finding(Code::PortBlocked, Confidence::High, title, detail, ids(group.iter().copied()), fix)
}

fn protocol(transport: &str) -> &'static str {
    if transport == "udp" { "Udp" } else { "Tcp" }
}

fn tags(run: &Run) -> Vec<Finding> {
    let others = something_passes(run);
    let groups = grouped(run, |(check, _)| Some((tag(check), check.port?, check.transport)));
    let closed =
        groups.into_iter().filter(|(_, group)| !group.iter().any(|(_, outcome)| got_through(outcome)));
    closed
        .filter_map(|((tag, port, transport), mut group)| {
            // What a device rejects is that device's finding; the silent rest is dropped.
            group.retain(|(check, outcome)| is_lost(check, outcome));
            let rule = Blocked { tag, port, transport: transport.as_str() };
            (!group.is_empty()).then(|| tag_finding(&rule, &group, others))
        })
        .collect()
}

/// What no rule lets through.
struct Blocked<'a> {
    tag: &'a str,
    port: u16,
    transport: &'a str,
}

fn tag_finding(rule: &Blocked<'_>, group: &[Seen<'_>], others_pass: bool) -> Finding {
    let Blocked { tag, port, transport } = *rule;
    let name = transport.to_uppercase();
    let names = hosts(group.iter().copied());
    let whom = if tag == "Internet" { "the internet".to_owned() } else { format!("service tag {tag}") };
    let routeless = group.iter().all(|(_, outcome)| is_routeless(outcome));
    let (title, reading) = match routeless {
        true => (
            format!("This machine has no route for {name} {port} to {whom}."),
            "Its own routing table says so; a route that leads there would disprove it",
        ),
        false => (
            format!("Outbound {name} {port} to {whom} is dropped: nothing answers."),
            match names.len() {
                1 => {
                    "A rule or a route drops it; a target that is down looks the same, and an answer would disprove it"
                }
                _ => "A rule or a route drops it; one target that answers would disprove it",
            },
        ),
    };
    let got = if routeless { "could not be sent to" } else { "got no answer" };
    let detail = format!(
        "{} {got} ({}){}. {reading}.",
        count(group.len(), "target"),
        some_of(&names),
        if others_pass { ", while other targets pass" } else { "" },
    );
    let confidence = if others_pass && names.len() > 1 { Confidence::High } else { Confidence::Medium };
    let fix = tag_fix(rule, routeless);
    finding(Code::ServiceTagBlocked, confidence, title, detail, ids(group.iter().copied()), fix)
}

/// The platform's own services behind one tag, which nobody else shares.
pub fn dropped((tag, port, transport): (&str, u16, &str), group: &[Seen<'_>]) -> Finding {
    let rule = Blocked { tag, port, transport };
    tag_finding(&rule, group, false)
}

/// The instance's own port is silent at a public address.
pub fn own_silent(run: &Run, port: u16, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let title = format!("The instance does not answer on TCP {port} at its public address.");
    let detail = format!(
        "No answer came from {}. It is still being deployed, its subnet's network security group lets nobody in on this \
         port, or the public address cannot be reached from inside the network. An answer would disprove it.",
        some_of(&names)
    );
    let fix = Remedy {
        summary: format!(
            "See that the instance has been provisioned, and allow TCP {port} to it in the network security group of its \
             subnet."
        ),
        commands: vec![
            remedy::provisioning_state(run),
            remedy::allow_inbound("Internet", &[port.to_string()]),
        ],
        doc_url: None,
    };
    finding(Code::ServiceTagBlocked, Confidence::Low, title, detail, ids(group.iter().copied()), fix)
}

fn tag_fix(rule: &Blocked<'_>, routeless: bool) -> Remedy {
    let Blocked { tag, port, transport } = *rule;
    let name = transport.to_uppercase();
    if routeless {
        return remedy::and(
            remedy::words(
                "Remove the unreachable or prohibiting route on this machine, or add a default route.",
            ),
            "ip route show table all",
        );
    }
    let endpoint = remedy::service_endpoint(tag);
    let summary = format!(
        "Allow {name} {port} from the subnet to the service tag {tag} in the network security group, and on any firewall \
         that the route table sends it to.{}",
        if endpoint.is_some() {
            " Under forced tunnelling a service endpoint does the same; the command replaces the subnet's list, so name \
             the present ones too."
        } else {
            ""
        }
    );
    let mut commands = remedy::allow_outbound(tag, port, protocol(transport));
    commands.extend(endpoint);
    Remedy { summary, commands, doc_url: None }
}
