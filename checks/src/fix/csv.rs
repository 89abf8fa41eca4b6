//! Changes as comma-separated values (RFC 4180), a row a rule: what a firewall team pastes into its own form.

use super::gateway::Publication;
use super::{Allowance, End, FirewallRule, Fix, Hop, SecurityRule};
use crate::network::{RuleProtocol, Way};

/// Names of the columns, the same for every kind of change.
pub const COLUMNS: [&str; 10] = [
    "kind",
    "name",
    "direction",
    "priority",
    "access",
    "protocol",
    "source",
    "destination",
    "ports",
    "description",
];

/// A change as the fields of [`COLUMNS`].
pub type Row = [String; 10];

/// The table, header first; lines end as RFC 4180 says.
#[must_use]
pub fn render(fixes: &[Fix]) -> String {
    table(&fixes.iter().flat_map(rows).collect::<Vec<_>>())
}

/// A table of rows, header first.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let header = COLUMNS.map(str::to_owned);
    let mut text = String::new();
    for row in [&header].into_iter().chain(rows) {
        let fields: Vec<String> = row.iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// In quotes where a comma, a quote or a line end would break the row; a leading sign of a formula is kept from spreadsheets.
fn quoted(field: &str) -> String {
    let harmless =
        if field.starts_with(['=', '+', '-', '@']) { format!("'{field}") } else { field.to_owned() };
    if harmless.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", harmless.replace('"', "\"\""))
    } else {
        harmless
    }
}

/// The rows of a change, which other tables use too.
#[must_use]
pub fn rows(fix: &Fix) -> Vec<Row> {
    match fix {
        Fix::SecurityRule(rule) => vec![security_rule(rule)],
        Fix::Route(route) => {
            let to = match route.hop {
                Hop::Appliance(address) => format!("{} {address}", route.hop.word()),
                Hop::Internet => route.hop.word().to_owned(),
            };
            vec![row("route", &route.name, [&route.prefix, &to], &route.description)]
        }
        Fix::ServiceEndpoints(endpoints) => endpoints
            .iter()
            .map(|one| row("service-endpoint", &one.service, ["subnet", &one.service], &one.description))
            .collect(),
        Fix::Firewall(rule) => vec![firewall_rule(rule)],
        Fix::Record(record) => {
            let address = record.address.map(|address| address.to_string()).unwrap_or_default();
            vec![row("dns-record", &record.host, [&record.host, &address], &record.description)]
        }
        Fix::Publication(one) => publication(one),
    }
}

/// A change without direction, priority, access, protocol and ports.
fn row(kind: &str, name: &str, [source, destination]: [&str; 2], description: &str) -> Row {
    [kind, name, "", "", "", "", source, destination, "", description].map(str::to_owned)
}

/// A row a part of the gateway: what it is called by, and what it leads to.
fn publication(one: &Publication) -> Vec<Row> {
    let [pool, probe, settings, listener, rule] =
        ["pool", "probe", "settings", "listener", "rule"].map(|kind| one.part(kind));
    let address = one.address.map(|address| address.to_string()).unwrap_or_default();
    let url = format!("https://{}{}", one.host, one.path);
    let row = |kind: &str, name: &str, priority: &str, source: &str, destination: &str| {
        [kind, name, "", priority, "", "Https", source, destination, "443", &one.description]
            .map(str::to_owned)
    };
    vec![
        row("gateway-listener", &listener, "", &one.host, &rule),
        row("gateway-rule", &rule, &one.priority.to_string(), &listener, &format!("{settings} {pool}")),
        row("gateway-settings", &settings, "", &one.host, &probe),
        row("gateway-probe", &probe, "", &settings, &url),
        row("gateway-pool", &pool, "", &settings, &address),
    ]
}

fn security_rule(rule: &SecurityRule) -> Row {
    [
        "security-rule".to_owned(),
        rule.name.clone(),
        if rule.direction == Way::Inbound { "Inbound" } else { "Outbound" }.to_owned(),
        rule.priority.map(|priority| priority.to_string()).unwrap_or_default(),
        rule.access.as_str().to_owned(),
        protocol(rule.protocol),
        rule.source.words().join(" "),
        rule.destination.words().join(" "),
        rule.port_words().join(" "),
        rule.description.clone(),
    ]
}

fn firewall_rule(rule: &FirewallRule) -> Row {
    let (protocol, to, ports) = match &rule.allows {
        Allowance::Names { protocol, port, hosts } => {
            ((*protocol).to_owned(), hosts.join(" "), port.to_string())
        }
        Allowance::Addresses { protocol: word, ports, to } => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            (
                protocol(*word),
                if *to == End::Any { "*".to_owned() } else { to.words().join(" ") },
                ports.join(" "),
            )
        }
    };
    let kind = match rule.allows {
        Allowance::Names { .. } => "firewall-application-rule",
        Allowance::Addresses { .. } => "firewall-network-rule",
    };
    [kind, &rule.name, "Outbound", "", "Allow", &protocol, "subnet", &to, &ports, &rule.description]
        .map(str::to_owned)
}

fn protocol(protocol: RuleProtocol) -> String {
    if protocol == RuleProtocol::Any { "Any".to_owned() } else { protocol.as_str().to_uppercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_comma_or_a_formula_stays_one_field() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("443 1886"), "443 1886");
    }
}
