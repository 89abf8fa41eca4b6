//! What API Management needs of a network's configuration, as changes: from the same rows as the checks.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::arrange;
use crate::azure;
use crate::catalogue::{Catalogue, Endpoint, Profile, Protocol, Published, RunWhen, VnetMode, words};
use crate::instance::Instance;
use crate::network::{Access, PortRange, RuleProtocol, Way};
use crate::plan::flow::{self, OtherEnd};
use crate::server::Server;

use super::{End, Fix, Hop, Route, SecurityRule, ServiceEndpoint, description};

pub mod firewall;
pub mod names;
mod publishing;

words! {
    /// A part of what is needed.
    Part {
        /// Security rules from the subnet.
        Outbound = "outbound",
        /// Security rules into the subnet.
        Inbound = "inbound",
        /// Routes, under forced tunneling.
        Routes = "routes",
        /// Service endpoints, under forced tunneling.
        Endpoints = "endpoints",
        /// Names of the instance, in internal mode.
        Dns = "dns",
        /// Rules of a firewall.
        Firewall = "firewall",
        /// An Application Gateway in front of the instance: rules of its own subnet, and what publishes each endpoint. Only
        /// where it is asked for.
        Gateway = "gateway",
    }
}

/// What is asked for beside the instance itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// Parts that are wanted.
    pub parts: Vec<Part>,
    /// Only what is required.
    pub required_only: bool,
    /// The next hop of the default route, where the subnet is under forced tunneling.
    pub forced_tunnel: Option<IpAddr>,
    /// Tags of the region in place of the global ones, where the platform has them.
    pub regional_tags: bool,
    /// Regions of the instance: its primary one first. Storage of the primary region is needed in all of them.
    pub regions: Vec<String>,
    /// End with a deny in both directions.
    pub strict_deny: bool,
    /// Documents tell what is there: a platform's tag that a rule of theirs denies needs one ahead of it.
    pub beside_documents: bool,
    /// Priority of the first rule.
    pub priority: u16,
}

/// Distance between the priorities of two rules, where there is room.
const STEP: u16 = 10;

/// Azure's highest priority number of a written rule.
pub(super) const LAST_PRIORITY: u16 = 4096;

/// Services whose tags have a region in rules for API Management, and in routes and firewalls too.
const REGIONAL: [&str; 4] = ["Storage", "Sql", "EventHub", "AzureKeyVault"];

/// Tags that the platform lets through unless a rule denies the very tag: they ask for no rule.
const ALWAYS_OPEN: [&str; 2] = ["AzurePlatformDNS", "AzurePlatformIMDS"];

/// What all of the platform's tags begin with.
const PLATFORM: &str = "AzurePlatform";

/// All that is needed, in the order in which it is to be written.
///
/// # Errors
/// The number of rules that do not fit between the priority that was asked for and Azure's last one.
pub fn needed(catalogue: &Catalogue, instance: &Instance, wishes: &Wishes) -> Result<Vec<Fix>, usize> {
    let wants = |part| wishes.parts.contains(&part);
    let rows: Vec<&Endpoint> = rows(catalogue, instance, wishes).collect();
    let mut rules = security_rules(catalogue, instance, wishes, &rows);
    rules.retain(|rule| match rule.direction {
        Way::Inbound => wants(Part::Inbound),
        Way::Outbound => wants(Part::Outbound),
    });
    number(&mut rules, wishes.priority)?;
    let mut fixes: Vec<Fix> = rules.into_iter().map(Fix::SecurityRule).collect();
    if let Some(hop) = wishes.forced_tunnel.filter(|_| instance.profile == Profile::Classic) {
        if wants(Part::Routes) {
            fixes.extend(routes(instance, hop).map(Fix::Route));
        }
        if wants(Part::Endpoints) {
            fixes.push(Fix::ServiceEndpoints(service_endpoints()));
        }
    }
    if wants(Part::Dns) && instance.vnet_mode == VnetMode::Internal {
        fixes.extend(names::records(catalogue, instance).into_iter().map(Fix::Record));
    }
    if wants(Part::Firewall) {
        fixes.extend(firewall::rules(catalogue, instance, &rows).into_iter().map(Fix::Firewall));
    }
    if wants(Part::Gateway) {
        let mut rules = publishing::security_rules();
        number(&mut rules, wishes.priority)?;
        fixes.extend(rules.into_iter().map(Fix::SecurityRule));
        let found = publishing::publications(catalogue, instance).into_iter();
        let found = found.filter(|one| !wishes.required_only || one.endpoint == Published::Gateway);
        fixes.extend(found.map(Fix::Publication));
    }
    Ok(fixes)
}

/// Rows that apply and are wanted. What stands in for others, was retired, was only seen in the field, or is this tool's own
/// need asks for no rule.
fn rows<'a>(
    catalogue: &'a Catalogue,
    instance: &'a Instance,
    wishes: &'a Wishes,
) -> impl Iterator<Item = &'a Endpoint> {
    let selection = &instance.selection;
    let cloud = catalogue.clouds.get(&instance.cloud);
    catalogue.endpoints.iter().filter(move |row| {
        let named = |words: &[String]| words.contains(&row.id) || words.contains(&row.group);
        let is_absent = cloud.and_then(|cloud| cloud.hosts.get(&row.id)).is_some_and(Vec::is_empty);
        // What no document shows is allowed where it is required or where everything else is denied.
        let is_met = row.only_where.is_none_or(|condition| instance.shown.contains(&condition));
        (is_met || row.required || wishes.strict_deny)
            && row.profiles.contains(&instance.profile)
            && row.modes.contains(&instance.vnet_mode)
            && matches!(row.run, RunWhen::Always | RunWhen::Service | RunWhen::Info)
            && !is_absent
            && (row.required || !(wishes.required_only || selection.required_only))
            && (selection.only.is_empty() || named(&selection.only))
            && !named(&selection.skip)
    })
}

/// What one rule covers: one tag and direction and transport, its ports together.
type Key = (Way, End, RuleProtocol);

/// What is known of a rule while rows are added to it.
#[derive(Default)]
struct Draft<'a> {
    ports: Vec<PortRange>,
    required: bool,
    rows: Vec<&'a Endpoint>,
}

fn security_rules(
    catalogue: &Catalogue,
    instance: &Instance,
    wishes: &Wishes,
    rows: &[&Endpoint],
) -> Vec<SecurityRule> {
    let mut order: Vec<Key> = Vec::new();
    let mut drafts: BTreeMap<Key, Draft<'_>> = BTreeMap::new();
    for row in rows {
        for (key, ports) in asked(catalogue, instance, wishes, row) {
            if !order.contains(&key) {
                order.push(key.clone());
            }
            let draft = drafts.entry(key).or_default();
            draft.ports.push(ports);
            draft.required |= row.required;
            if !draft.rows.iter().any(|known| known.id == row.id) {
                draft.rows.push(row);
            }
        }
    }
    let mut rules: Vec<(bool, SecurityRule)> =
        order.into_iter().map(|key| (drafts[&key].required, rule(&key, &drafts[&key]))).collect();
    if wishes.strict_deny {
        let guards = guards(&rules);
        rules.extend(guards);
    }
    // Into the subnet first, what is required first, what opens the internet last; rows keep their order.
    arrange::by_key(&mut rules, |(required, rule)| (rule.direction, rank(rule), !required));
    let mut rules: Vec<SecurityRule> = rules.into_iter().map(|(_, rule)| rule).collect();
    if wishes.strict_deny {
        rules.extend([deny_all(Way::Inbound), deny_all(Way::Outbound)]);
    }
    rules
}

/// The rules that a row asks for, each with the ports that the row adds to it.
fn asked(
    catalogue: &Catalogue,
    instance: &Instance,
    wishes: &Wishes,
    row: &Endpoint,
) -> Vec<(Key, PortRange)> {
    let is_dns = row.ports.iter().any(|port| port.protocol == Protocol::Dns);
    let servers = if is_dns { dns_servers(&instance.dns_servers) } else { None };
    let mut asked = Vec::new();
    for flow in flow::of_row(row, instance.vnet_mode, None, &[]) {
        let protocol = flow.transport.protocol();
        let is_platform = matches!(&flow.other, OtherEnd::Tag(tag) if tag.starts_with(PLATFORM));
        let servers = servers.clone().filter(|_| !is_platform);
        let ends = servers.unwrap_or_else(|| ends(catalogue, wishes, &flow.other));
        asked.extend(ends.into_iter().map(|end| ((flow.direction, end, protocol), flow.ports)));
    }
    asked
}

/// Who is at the other end of a flow, as a rule names it.
fn ends(catalogue: &Catalogue, wishes: &Wishes, other: &OtherEnd) -> Vec<End> {
    let tag = match other {
        OtherEnd::Tag(tag) | OtherEnd::Addresses(_, Some(tag)) => tag.as_str(),
        OtherEnd::Peers => "VirtualNetwork",
        OtherEnd::Internet | OtherEnd::Anywhere | OtherEnd::Addresses(_, None) => "Internet",
    };
    let is_open = ALWAYS_OPEN.contains(&tag) || (tag.starts_with(PLATFORM) && !wishes.strict_deny);
    let is_open = is_open && !wishes.beside_documents;
    // One region has no traffic between regions.
    let is_between_regions = tag == "AzureTrafficManager" && wishes.regions.len() < 2;
    if is_open || is_between_regions { Vec::new() } else { tagged(catalogue, wishes, tag) }
}

/// The DNS servers that are known, as the other end of a rule; none where Azure's own answers, which no rule stops.
fn dns_servers(servers: &[Server]) -> Option<Vec<End>> {
    if servers.is_empty() {
        return None;
    }
    let own = servers.iter().filter(|server| server.ip() != azure::DNS.ip());
    let prefixes: Vec<IpNet> = own.map(|server| IpNet::from(server.ip())).collect();
    Some(if prefixes.is_empty() { Vec::new() } else { vec![End::Prefixes(prefixes)] })
}

/// A tag, of the instance's region where that was asked for and there is one.
fn tagged(catalogue: &Catalogue, wishes: &Wishes, tag: &str) -> Vec<End> {
    if !wishes.regional_tags || !REGIONAL.contains(&tag) {
        return vec![End::Tag(tag.to_owned())];
    }
    // A second region's units read the configuration in the storage of the primary region.
    let count = if tag == "Storage" { wishes.regions.len() } else { 1 };
    let regions = wishes.regions.iter().take(count).filter_map(|id| catalogue.region(id));
    let regional: Vec<End> =
        regions.map(|region| End::Tag(format!("{tag}.{}", region.name.replace(' ', "")))).collect();
    if regional.is_empty() { vec![End::Tag(tag.to_owned())] } else { regional }
}

fn rule((way, end, protocol): &Key, draft: &Draft<'_>) -> SecurityRule {
    let word = if *way == Way::Inbound { "Inbound" } else { "Outbound" };
    let udp = if *protocol == RuleProtocol::Udp { "-Udp" } else { "" };
    let other = match end {
        End::Tag(tag) => tag.replace('.', "-"),
        End::Prefixes(_) => "Dns".to_owned(),
        End::Any => "Any".to_owned(),
    };
    let mut ports = draft.ports.clone();
    arrange::by(&mut ports, Ord::cmp);
    ports.dedup();
    let (source, destination) = match way {
        Way::Inbound => (end.clone(), End::network()),
        Way::Outbound => (End::network(), end.clone()),
    };
    SecurityRule {
        name: format!("Allow-{other}{udp}-{word}"),
        description: purpose(draft),
        direction: *way,
        priority: None,
        access: Access::Allow,
        protocol: *protocol,
        source,
        destination,
        ports,
    }
}

/// `Required: Blob storage of the instance; … Source: VNR-2026b`, cut so that the source stays whole.
fn purpose(draft: &Draft<'_>) -> String {
    let mut rows = draft.rows.clone();
    arrange::by_key(&mut rows, |row| !row.required);
    let who = if draft.required { "Required" } else { "Optional" };
    let source = rows.first().and_then(|row| row.sources.first()).map(String::as_str).unwrap_or_default();
    let tail = format!(". Source: {source}");
    let mut text = format!("{who}: ");
    for (place, row) in rows.iter().enumerate() {
        let sep = if place == 0 { "" } else { "; " };
        let left = rows.len() - place - 1;
        let more = if left == 0 { String::new() } else { format!(" and {left} more") };
        if text.len() + sep.len() + row.name.len() + more.len() + tail.len() > super::MAX_DESCRIPTION {
            text.push_str(&format!(" and {} more", rows.len() - place));
            break;
        }
        text.push_str(sep);
        text.push_str(&row.name);
    }
    description(&format!("{text}{tail}"))
}

/// The tag that a rule of this direction names widest: others may be inside of it.
const fn widest(way: Way) -> &'static str {
    match way {
        // The load balancer's probes come from an address that is in the network.
        Way::Inbound => "VirtualNetwork",
        Way::Outbound => "Internet",
    }
}

/// The tag of the end that is not the subnet.
fn far_tag(rule: &SecurityRule) -> Option<&str> {
    let end = if rule.direction == Way::Inbound { &rule.source } else { &rule.destination };
    match end {
        End::Tag(tag) => Some(tag),
        End::Prefixes(_) | End::Any => None,
    }
}

/// The order of the rules of one direction: one for the widest tag covers others, and so stands behind all of them.
fn rank(rule: &SecurityRule) -> u8 {
    match rule.access {
        Access::Deny => 1,
        Access::Allow | Access::AlwaysAllow if far_tag(rule) == Some(widest(rule.direction)) => 2,
        Access::Allow | Access::AlwaysAllow => 0,
    }
}

/// Denies of what the widest rules would open of the tags of required rows beside their own rules.
fn guards(rules: &[(bool, SecurityRule)]) -> Vec<(bool, SecurityRule)> {
    let opens = |wide: &SecurityRule, rule: &SecurityRule| {
        rank(wide) == 2
            && (wide.direction, wide.protocol) == (rule.direction, rule.protocol)
            && rule.ports.iter().any(|ports| wide.ports.contains(ports))
    };
    let guard = |rule: &SecurityRule| SecurityRule {
        name: rule.name.replacen("Allow-", "Deny-", 1),
        description: format!(
            "Keeps the rule for {} behind it from opening more of this service",
            widest(rule.direction)
        ),
        access: Access::Deny,
        protocol: RuleProtocol::Any,
        ports: Vec::new(),
        ..rule.clone()
    };
    let is_inside = |rule: &SecurityRule| match (rule.direction, far_tag(rule)) {
        (Way::Inbound, tag) => tag == Some("AzureLoadBalancer"),
        (Way::Outbound, tag) => tag.is_some_and(|tag| tag != "VirtualNetwork" && tag != "Internet"),
    };
    rules
        .iter()
        .filter(|(required, rule)| {
            *required && is_inside(rule) && rules.iter().any(|(_, wide)| opens(wide, rule))
        })
        .map(|(required, rule)| (*required, guard(rule)))
        .collect()
}

fn deny_all(direction: Way) -> SecurityRule {
    let word = if direction == Way::Inbound { "Inbound" } else { "Outbound" };
    SecurityRule {
        name: format!("Deny-All-{word}"),
        description: "Denies what no rule above allows".to_owned(),
        direction,
        priority: None,
        access: Access::Deny,
        protocol: RuleProtocol::Any,
        source: End::Any,
        destination: End::Any,
        ports: Vec::new(),
    }
}

/// Gives every rule a priority of its own, the denies the last two.
fn number(rules: &mut [SecurityRule], first: u16) -> Result<(), usize> {
    let is_last = |rule: &SecurityRule| rule.access == Access::Deny && rule.destination == End::Any;
    let (denies, allows): (Vec<&mut SecurityRule>, Vec<&mut SecurityRule>) =
        rules.iter_mut().partition(|rule| is_last(rule));
    let last = LAST_PRIORITY - u16::try_from(denies.len()).unwrap_or(LAST_PRIORITY);
    let count = u16::try_from(allows.len()).map_err(|_| allows.len())?;
    let step = [STEP, 1].into_iter().find(|step| {
        u32::from(first) + u32::from(*step) * u32::from(count.saturating_sub(1)) <= u32::from(last)
    });
    let step = step.ok_or(usize::from(count))?;
    for (place, rule) in (0..).zip(allows) {
        rule.priority = Some(first + step * place);
    }
    for (place, rule) in (0..).zip(denies) {
        rule.priority = Some(last + 1 + place);
    }
    Ok(())
}

/// The default route into the tunnel, and the way back for the control plane. In China routes cannot take the tag.
fn routes(instance: &Instance, hop: IpAddr) -> impl Iterator<Item = Route> {
    let default = Route {
        name: "Default-To-Appliance".to_owned(),
        description: "Forced tunneling: everything else goes to the appliance".to_owned(),
        prefix: if hop.is_ipv6() { "::/0" } else { "0.0.0.0/0" }.to_owned(),
        hop: Hop::Appliance(hop),
    };
    let back = Route {
        name: "ApiManagement-To-Internet".to_owned(),
        description:
            "Required: replies to the control plane must not go through the appliance. Source: VNR-2026b"
                .to_owned(),
        prefix: "ApiManagement".to_owned(),
        hop: Hop::Internet,
    };
    [Some(default), (instance.cloud != "china").then_some(back)].into_iter().flatten()
}

/// The services whose endpoints keep their traffic out of the tunnel.
fn service_endpoints() -> Vec<ServiceEndpoint> {
    let endpoint = |(service, what): (&str, &str)| ServiceEndpoint {
        service: service.to_owned(),
        description: format!("Forced tunneling: {what} stays out of the tunnel. Source: VNR-2026b"),
    };
    [
        ("Microsoft.EventHub", "Event Hubs"),
        ("Microsoft.KeyVault", "Key Vault"),
        ("Microsoft.Sql", "SQL of the primary region"),
        ("Microsoft.Storage", "Storage"),
    ]
    .map(endpoint)
    .into()
}

#[cfg(test)]
mod tests;
