//! Changes as a Bicep file: resources with symbolic names, children of what exists by `existing` and `parent`.

use std::fmt::Write as _;

use serde_json::Value;

use super::arm::{self, DNS_API, NETWORK_API};
use super::gateway::Publication;
use super::gateway_template;
use super::{Existing, Fix, Record, Route, Scope, SecurityRule, ServiceEndpoint};

/// The file.
#[must_use]
pub fn render(fixes: &[Fix], scope: &Scope) -> String {
    let mut file = File::default();
    let rules = arm::of(fixes, |fix| if let Fix::SecurityRule(rule) = fix { Some(rule) } else { None });
    let routes = arm::of(fixes, |fix| if let Fix::Route(route) = fix { Some(route) } else { None });
    let records = arm::of(fixes, |fix| if let Fix::Record(record) = fix { Some(record) } else { None });
    let endpoints = arm::of(fixes, |fix| if let Fix::ServiceEndpoints(all) = fix { Some(all) } else { None });
    file.security_rules(&rules, scope);
    file.routes(&routes, scope);
    if let Some(endpoints) = endpoints.first() {
        file.subnet(endpoints, scope, [!rules.is_empty(), !routes.is_empty()]);
    }
    file.records(&records, scope);
    file.gateway(
        &arm::of(fixes, |fix| if let Fix::Publication(one) = fix { Some(one) } else { None }),
        scope,
    );
    file.text()
}

/// A file in the making.
#[derive(Default)]
struct File {
    parameters: Vec<String>,
    resources: Vec<String>,
}

impl File {
    fn text(self) -> String {
        let mut parts = self.parameters;
        parts.extend(self.resources);
        format!("{}\n", parts.join("\n\n"))
    }

    /// Declares a parameter once; without a default, whoever deploys it gives the value.
    fn parameter(&mut self, name: &str, default: Option<&str>, what: &str) {
        let default = default.map(|value| format!(" = {value}")).unwrap_or_default();
        let declared = format!("@description({})\nparam {name} string{default}", text(what));
        if !self.parameters.contains(&declared) {
            self.parameters.push(declared);
        }
    }

    fn named(&mut self, name: &str, known: Option<&str>, sensible: &str, what: &str) {
        self.parameter(name, Some(&text(known.unwrap_or(sensible))), what);
    }

    fn location(&mut self, scope: &Scope) {
        let known = scope.location.as_deref().map(text);
        self.parameter(
            "location",
            Some(known.as_deref().unwrap_or("resourceGroup().location")),
            "Region of the virtual network",
        );
    }

    fn security_rules(&mut self, rules: &[&SecurityRule], scope: &Scope) {
        if rules.is_empty() {
            return;
        }
        let kind = format!("'Microsoft.Network/networkSecurityGroups@{NETWORK_API}'");
        if scope.exists == Existing::Existing {
            self.existing_group(scope, None);
            for rule in rules {
                self.child(
                    "securityGroup",
                    "networkSecurityGroups/securityRules",
                    &rule.name,
                    &arm::security_rule(rule),
                );
            }
            return;
        }
        self.group_name(scope);
        self.location(scope);
        let items: Vec<String> =
            rules.iter().map(|rule| item(&rule.name, &arm::security_rule(rule))).collect();
        self.resources.push(format!(
            "resource securityGroup {kind} = {{\n  name: networkSecurityGroupName\n  location: location\n  properties: {{\n    \
             securityRules: [\n{}\n    ]\n  }}\n}}",
            items.join("\n")
        ));
    }

    fn group_name(&mut self, scope: &Scope) {
        let known = scope.security_group.as_deref();
        self.named("networkSecurityGroupName", known, "nsg-apim", "Network security group of the subnet");
    }

    fn table_name(&mut self, scope: &Scope) {
        self.named("routeTableName", scope.route_table.as_deref(), "rt-apim", "Route table of the subnet");
    }

    fn existing_group(&mut self, scope: &Scope, group: Option<&str>) {
        self.group_name(scope);
        self.existing("securityGroup", "networkSecurityGroups", "networkSecurityGroupName", group);
    }

    fn existing_table(&mut self, scope: &Scope, group: Option<&str>) {
        self.table_name(scope);
        self.existing("routeTable", "routeTables", "routeTableName", group);
    }

    /// A resource that exists, in a resource group of its own where that is named.
    fn existing(&mut self, symbol: &str, kind: &str, name: &str, group: Option<&str>) {
        let group =
            group.map(|group| format!("\n  scope: resourceGroup({})", text(group))).unwrap_or_default();
        self.resources.push(format!(
            "resource {symbol} 'Microsoft.Network/{kind}@{NETWORK_API}' existing = {{\n  name: {name}{group}\n}}"
        ));
    }

    /// The gateway as a whole: its parts are no resources of their own.
    fn gateway(&mut self, all: &[&Publication], scope: &Scope) {
        if all.is_empty() {
            return;
        }
        self.named(gateway_template::NAME, scope.gateway.as_deref(), "agw-apim", "Application Gateway");
        self.location(scope);
        for (name, what) in gateway_template::OPEN {
            self.parameter(name, None, what);
        }
        if all.iter().any(|one| one.address.is_none()) {
            self.parameter(gateway_template::ADDRESS, None, "Private address of the instance");
        }
        let (subnet, after) = if scope.exists == Existing::New {
            self.gateway_subnet(scope);
            (gateway_template::MADE_SUBNET.to_owned(), "\n  dependsOn: [\n    gatewaySubnet\n  ]")
        } else {
            self.parameter(gateway_template::SUBNET.0, None, gateway_template::SUBNET.1);
            (format!("[parameters('{}')]", gateway_template::SUBNET.0), "")
        };
        self.resources.push(format!(
            "resource applicationGateway '{}@{NETWORK_API}' = {{\n  name: {}\n  location: location\n  identity: {{\n    \
             type: 'UserAssigned'\n    userAssignedIdentities: {{\n      '${{identityId}}': {{\n      }}\n    }}\n  }}{after}\n  properties: {}\n}}",
            gateway_template::TYPE,
            gateway_template::NAME,
            literal(&gateway_template::properties(all, &subnet), 2)
        ));
    }

    /// The gateway's own subnet, with its group.
    fn gateway_subnet(&mut self, scope: &Scope) {
        let what = "Virtual network of the gateway";
        self.named("virtualNetworkName", scope.virtual_network.as_deref(), "vnet-apim", what);
        self.named("gatewaySubnetName", scope.subnet.as_deref(), "snet-agw", "Subnet of the gateway");
        self.parameter(
            "gatewaySubnetPrefix",
            None,
            "Prefix of the subnet of the gateway: /24 is recommended",
        );
        self.resources.push(format!(
            "resource gatewaySubnet 'Microsoft.Network/virtualNetworks/subnets@{NETWORK_API}' = {{\n  \
             name: '${{virtualNetworkName}}/${{gatewaySubnetName}}'\n  properties: {{\n    addressPrefix: gatewaySubnetPrefix\n    \
             networkSecurityGroup: {{\n      id: securityGroup.id\n    }}\n  }}\n}}"
        ));
    }

    fn routes(&mut self, routes: &[&Route], scope: &Scope) {
        if routes.is_empty() {
            return;
        }
        let kind = format!("'Microsoft.Network/routeTables@{NETWORK_API}'");
        if scope.has_table() {
            self.existing_table(scope, None);
            for route in routes {
                self.child("routeTable", "routeTables/routes", &route.name, &arm::route(route));
            }
            return;
        }
        self.table_name(scope);
        self.location(scope);
        let items: Vec<String> = routes.iter().map(|route| item(&route.name, &arm::route(route))).collect();
        self.resources.push(format!(
            "resource routeTable {kind} = {{\n  name: routeTableName\n  location: location\n  properties: {{\n    \
             disableBgpRoutePropagation: false\n    routes: [\n{}\n    ]\n  }}\n}}",
            items.join("\n")
        ));
    }

    /// A child of a resource that exists, which stays as it is otherwise.
    fn child(&mut self, parent: &str, kind: &str, name: &str, properties: &Value) {
        self.resources.push(format!(
            "resource {} 'Microsoft.Network/{kind}@{NETWORK_API}' = {{\n  parent: {parent}\n  name: {}\n  properties: {}\n}}",
            symbol(name),
            text(name),
            literal(properties, 2)
        ));
    }

    /// The subnet as a whole, since Azure takes its service endpoints no other way.
    fn subnet(&mut self, endpoints: &[ServiceEndpoint], scope: &Scope, [has_group, has_table]: [bool; 2]) {
        self.named(
            "virtualNetworkName",
            scope.virtual_network.as_deref(),
            "vnet-apim",
            "Virtual network, which exists",
        );
        self.named("subnetName", scope.subnet.as_deref(), "snet-apim", "Subnet of the instance");
        let prefix = scope.subnet_prefix.map(|prefix| prefix.to_string());
        self.named(
            "subnetPrefix",
            prefix.as_deref(),
            "10.0.1.0/24",
            "Prefix of the subnet. A deployment replaces what else the subnet has: add its NAT gateway and delegation",
        );
        self.network();
        let [of_group, of_table] = arm::elsewhere(scope);
        // What the subnet has is written again, or a deployment takes it away.
        let is_kept = !has_group && scope.security_group.is_some();
        if is_kept {
            self.existing_group(scope, of_group);
        }
        let has_group = has_group || is_kept;
        let is_kept = !has_table && scope.route_table.is_some();
        if is_kept {
            self.existing_table(scope, of_table);
        }
        let has_table = has_table || is_kept;
        let mut body = String::from(
            "  parent: virtualNetwork\n  name: subnetName\n  properties: {\n    addressPrefix: subnetPrefix\n",
        );
        for (wanted, key, symbol) in
            [(has_group, "networkSecurityGroup", "securityGroup"), (has_table, "routeTable", "routeTable")]
        {
            if wanted {
                let _ = write!(body, "    {key}: {{\n      id: {symbol}.id\n    }}\n");
            }
        }
        for (key, value) in &scope.subnet_keeps {
            let _ = writeln!(body, "    {key}: {}", literal(value, 4));
        }
        body.push_str("    serviceEndpoints: [\n");
        for one in endpoints {
            let _ = write!(
                body,
                "      {{\n        service: {}\n        locations: [\n          '*'\n        ]\n      }}\n",
                text(&one.service)
            );
        }
        body.push_str("    ]\n  }");
        self.resources.push(format!(
            "resource subnet 'Microsoft.Network/virtualNetworks/subnets@{NETWORK_API}' = {{\n{body}\n}}"
        ));
    }

    /// The virtual network, which exists, declared once.
    fn network(&mut self) {
        let declared = format!(
            "resource virtualNetwork 'Microsoft.Network/virtualNetworks@{NETWORK_API}' existing = {{\n  name: virtualNetworkName\n}}"
        );
        if !self.resources.contains(&declared) {
            self.resources.push(declared);
        }
    }

    fn records(&mut self, records: &[&Record], scope: &Scope) {
        if records.is_empty() {
            return;
        }
        self.named(
            "virtualNetworkName",
            scope.virtual_network.as_deref(),
            "vnet-apim",
            "Virtual network, which exists",
        );
        self.network();
        for record in records {
            let address = record.address.map(|address| text(&address.to_string()));
            if address.is_none() {
                self.parameter("privateIpAddress", None, "Private address of the instance");
            }
            let address = address.unwrap_or_else(|| "privateIpAddress".to_owned());
            let zone = symbol(&record.host);
            self.resources.push(format!(
                "resource {zone} 'Microsoft.Network/privateDnsZones@{DNS_API}' = {{\n  name: {}\n  location: 'global'\n}}",
                text(&record.host)
            ));
            self.resources.push(format!(
                "resource {zone}Link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@{DNS_API}' = {{\n  parent: {zone}\n  \
                 name: {}\n  location: 'global'\n  properties: {{\n    registrationEnabled: false\n    virtualNetwork: {{\n      \
                 id: virtualNetwork.id\n    }}\n  }}\n}}",
                text(&record.host.replace('.', "-"))
            ));
            self.resources.push(format!(
                "resource {zone}Record 'Microsoft.Network/privateDnsZones/A@{DNS_API}' = {{\n  parent: {zone}\n  name: '@'\n  \
                 properties: {{\n    ttl: 300\n    aRecords: [\n      {{\n        ipv4Address: {address}\n      }}\n    ]\n  }}\n}}"
            ));
        }
    }
}

/// A named element of a list in the properties of a resource.
fn item(name: &str, properties: &Value) -> String {
    format!(
        "      {{\n        name: {}\n        properties: {}\n      }}",
        text(name),
        literal(properties, 8)
    )
}

/// A symbolic name: letters and digits, the first one lower case.
fn symbol(name: &str) -> String {
    let mut symbol = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        symbol.push_str(&if symbol.is_empty() {
            first.to_ascii_lowercase()
        } else {
            first.to_ascii_uppercase()
        });
        symbol.push_str(rest);
    }
    if symbol.starts_with(|first: char| first.is_ascii_digit()) { format!("n{symbol}") } else { symbol }
}

/// A string of the language.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'").replace("${", "\\${"))
}

/// An expression of ARM as one of Bicep, whose parameters are plain names; `None` for a text.
fn expression(value: &str) -> Option<String> {
    let mut rest = value.strip_prefix('[')?.strip_suffix(']')?;
    let mut found = String::new();
    while let Some((before, behind)) = rest.split_once("parameters('") {
        let (name, tail) = behind.split_once("')")?;
        found.push_str(before);
        found.push_str(name);
        rest = tail;
    }
    Some(found + rest)
}

/// A value of the language, written over lines; `indent` is that of the line on which it begins.
fn literal(value: &Value, indent: usize) -> String {
    let (inside, outside) = (" ".repeat(indent + 2), " ".repeat(indent));
    match value {
        Value::String(value) => expression(value).unwrap_or_else(|| text(value)),
        Value::Array(items) => {
            let lines: Vec<String> =
                items.iter().map(|item| format!("{inside}{}\n", literal(item, indent + 2))).collect();
            format!("[\n{}{outside}]", lines.concat())
        }
        Value::Object(entries) => {
            let line =
                |(key, value): (&String, &Value)| format!("{inside}{key}: {}\n", literal(value, indent + 2));
            format!("{{\n{}{outside}}}", entries.iter().map(line).collect::<String>())
        }
        other => other.to_string(),
    }
}
