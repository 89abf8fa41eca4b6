//! The plan for a firewall team: one row a rule, as RFC 4180 has it, hosts and purposes in the description.

use apim_probe_checks::arrange;
use apim_probe_checks::catalogue::{Catalogue, Direction, Transport};
use apim_probe_checks::fix::csv;
use apim_probe_checks::outcome::SkipReason;
use apim_probe_checks::plan::{Check, Plan};

use crate::render::escape::display_safe;

/// What stands for the subnet on its side of a rule.
const SUBNET: &str = "VirtualNetwork";

/// What two checks must have in common to share a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    direction: &'static str,
    protocol: &'static str,
    other_end: String,
}

/// One rule, while it is being collected.
struct Rule {
    key: Key,
    is_optional: bool,
    ports: Vec<String>,
    purposes: Vec<String>,
    hosts: Vec<String>,
}

/// The table with its header, required rules first. The priority is left to whoever writes the rules.
pub(crate) fn render(catalogue: &Catalogue, plan: &Plan) -> String {
    let mut checks: Vec<&Check> = plan.checks.iter().filter(|check| needs_a_rule(check)).collect();
    arrange::by_key(&mut checks, |check| check.is_optional());
    let mut rules: Vec<Rule> = Vec::new();
    for check in checks {
        for (other_end, ports) in other_ends(catalogue, check) {
            for protocol in protocols(check.transport) {
                for direction in directions(check.direction) {
                    let key = Key { direction, protocol, other_end: other_end.clone() };
                    ports.iter().for_each(|port| add(&mut rules, &key, check, port));
                }
            }
        }
    }
    csv::table(&rules.iter().map(row).collect::<Vec<_>>())
}

/// What is run for this tool alone, is not documented, or is let through by the platform itself needs no rule. A row that
/// is skipped for another reason does: its name is not known, or nobody can see it from a VM.
fn needs_a_rule(check: &Check) -> bool {
    let is_platform = check.tag().is_some_and(|tag| tag.starts_with("AzurePlatform"));
    !is_platform
        && !matches!(
            check.skip_reason(),
            Some(SkipReason::Extended | SkipReason::ToolOnly | SkipReason::NoIpv6)
        )
}

/// The other ends of a check with the ports that it needs there: its tags, else the host. A source may print ports beside
/// each tag: `AzureLoadBalancer:80; VirtualNetwork:80,443`.
fn other_ends(catalogue: &Catalogue, check: &Check) -> Vec<(String, Vec<String>)> {
    let ports = ports(catalogue, check);
    let Some(tag) = check.tag() else {
        let host = check.host().unwrap_or("Internet").to_owned();
        return vec![(host, ports)];
    };
    if tag.contains(':') {
        let pairs = tag.split(';').filter_map(|pair| pair.trim().split_once(':'));
        return pairs.map(|(tag, ports)| (tag.to_owned(), list(ports))).collect();
    }
    // A DNS server of one's own stands in the network, or behind the route to its address.
    list(tag.trim_end_matches(" / custom")).into_iter().map(|tag| (tag, ports.clone())).collect()
}

/// The port of a check, else those that the documents name for its row.
fn ports(catalogue: &Catalogue, check: &Check) -> Vec<String> {
    let row = catalogue.endpoint(&check.endpoint);
    match (check.port(), row) {
        (Some(port), _) => vec![port.to_string()],
        (None, Some(row)) if row.ports.is_empty() => list(row.documented_ports.as_deref().unwrap_or("")),
        (None, row) => {
            row.into_iter().flat_map(|row| &row.ports).map(|port| port.number.to_string()).collect()
        }
    }
}

fn list(printed: &str) -> Vec<String> {
    printed.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

const fn protocols(transport: Transport) -> &'static [&'static str] {
    match transport {
        Transport::Tcp => &["TCP"],
        Transport::Udp => &["UDP"],
        Transport::UdpTcp => &["TCP", "UDP"],
    }
}

const fn directions(direction: Direction) -> &'static [&'static str] {
    match direction {
        Direction::Outbound => &["Outbound"],
        Direction::Inbound => &["Inbound"],
        Direction::Both => &["Inbound", "Outbound"],
    }
}

/// Puts a check into the rule of its kind. A port that a required rule opens is not repeated in an optional one: the check
/// joins the required rule.
fn add(rules: &mut Vec<Rule>, key: &Key, check: &Check, port: &String) {
    let fits = |rule: &Rule| {
        rule.key == *key && (rule.is_optional == check.is_optional() || rule.ports.contains(port))
    };
    let place = rules.iter().position(fits).unwrap_or_else(|| {
        let (key, is_optional) = (key.clone(), check.is_optional());
        rules.push(Rule { key, is_optional, ports: Vec::new(), purposes: Vec::new(), hosts: Vec::new() });
        rules.len() - 1
    });
    let rule = &mut rules[place];
    let once = |words: &mut Vec<String>, word: &str| {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    };
    once(&mut rule.ports, port);
    once(&mut rule.purposes, &check.purpose);
    check.host().iter().for_each(|host| once(&mut rule.hosts, host));
}

fn row(rule: &Rule) -> csv::Row {
    let Key { direction, protocol, other_end } = &rule.key;
    let mut ports = rule.ports.clone();
    arrange::by_key(&mut ports, |port| port.split('-').next().and_then(|first| first.parse::<u16>().ok()));
    let (source, destination) =
        if *direction == "Inbound" { (other_end.as_str(), SUBNET) } else { (SUBNET, other_end.as_str()) };
    let need = if rule.is_optional { "optional" } else { "required" };
    let mut description = format!("{need}: {}", rule.purposes.join(" "));
    if !rule.hosts.is_empty() {
        description.push_str(&format!(" Hosts: {}", rule.hosts.join(" ")));
    }
    let fields = [
        "security-rule",
        &name(rule, &ports),
        direction,
        "",
        "Allow",
        protocol,
        source,
        destination,
        &ports.join(" "),
        &description,
    ];
    fields.map(display_safe)
}

/// A name that a network security group takes, unlike that of every other row: `Allow-Sql-1433-Outbound`.
fn name(rule: &Rule, ports: &[String]) -> String {
    let Key { direction, protocol, other_end } = &rule.key;
    let ports = ports.join("-").replace('*', "Any");
    let protocol = if *protocol == "UDP" { "-Udp" } else { "" };
    let other_end = other_end.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!("Allow-{other_end}-{ports}{protocol}-{direction}").chars().take(80).collect()
}
