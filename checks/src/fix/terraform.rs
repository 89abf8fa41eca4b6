//! Changes as Terraform (provider azurerm): a resource a rule, so that a rule can be added and taken away alone.

use std::fmt::Write as _;

use super::gateway::Publication;
use super::gateway_terraform;
use super::{End, Existing, Fix, Hop, Record, Route, Scope, SecurityRule, ServiceEndpoint, arm};
use crate::network::{RuleProtocol, Way};

/// The file.
#[must_use]
pub fn render(fixes: &[Fix], scope: &Scope) -> String {
    let mut file = File::default();
    let rules = arm::of(fixes, |fix| if let Fix::SecurityRule(rule) = fix { Some(rule) } else { None });
    let routes = arm::of(fixes, |fix| if let Fix::Route(route) = fix { Some(route) } else { None });
    let records = arm::of(fixes, |fix| if let Fix::Record(record) = fix { Some(record) } else { None });
    let endpoints = arm::of(fixes, |fix| if let Fix::ServiceEndpoints(all) = fix { Some(all) } else { None });
    let subnet = endpoints.first().map(|endpoints| file.subnet(endpoints, scope));
    file.security_rules(&rules, scope, subnet);
    file.routes(&routes, scope, subnet);
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
    variables: Vec<String>,
    blocks: Vec<String>,
}

/// How the id of the subnet is written, where the file makes the subnet.
const MADE_SUBNET: &str = "azurerm_subnet.apim.id";

impl File {
    fn text(self) -> String {
        let mut parts = self.variables;
        parts.extend(self.blocks);
        format!("{}\n", parts.join("\n\n"))
    }

    /// Declares a variable once and gives its expression.
    fn variable(&mut self, name: &str, known: Option<&str>, what: &str) -> String {
        let default = known.map(|value| format!("\n  default     = {}", quoted(value))).unwrap_or_default();
        let block = format!(
            "variable \"{name}\" {{\n  type        = string\n  description = {}{default}\n}}",
            quoted(what)
        );
        if !self.variables.contains(&block) {
            self.variables.push(block);
        }
        format!("var.{name}")
    }

    /// A resource of `kind`; its arguments line up, and values are expressions.
    fn resource(&mut self, kind: &str, name: &str, arguments: &[(&str, String)]) {
        let width = arguments.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        let mut block = format!("resource \"{kind}\" \"{name}\" {{\n");
        for (key, value) in arguments {
            let _ = writeln!(block, "  {key:<width$} = {value}");
        }
        block.push('}');
        self.blocks.push(block);
    }

    fn group(&mut self, scope: &Scope) -> String {
        self.variable(
            "resource_group_name",
            scope.resource_group.as_deref(),
            "Resource group of the network's resources",
        )
    }

    /// The resource group of a resource, where that is known to be another than most have.
    fn group_of(&mut self, other: Option<&str>, of: &str, scope: &Scope) -> String {
        if other.is_none() {
            return self.group(scope);
        }
        let name = format!("{}_resource_group_name", of.replace(' ', "_"));
        self.variable(&name, other, &format!("Resource group of the {of}"))
    }

    fn location(&mut self, scope: &Scope) -> String {
        self.variable("location", scope.location.as_deref(), "Region of the virtual network")
    }

    fn security_rules(&mut self, rules: &[&SecurityRule], scope: &Scope, subnet: Option<&str>) {
        if rules.is_empty() {
            return;
        }
        let group = self.group(scope);
        let sensible = scope.security_group.as_deref().unwrap_or("nsg-apim");
        let name = self.variable(
            "network_security_group_name",
            Some(sensible),
            "Network security group of the subnet",
        );
        let parent = if scope.exists == Existing::Existing {
            name
        } else {
            let location = self.location(scope);
            let arguments = [("name", name), ("location", location), ("resource_group_name", group.clone())];
            self.resource("azurerm_network_security_group", "apim", &arguments);
            "azurerm_network_security_group.apim.name".to_owned()
        };
        for rule in rules {
            let mut arguments = vec![
                ("name", quoted(&rule.name)),
                ("description", quoted(&rule.description)),
                ("resource_group_name", group.clone()),
                ("network_security_group_name", parent.clone()),
            ];
            arguments.extend(self::rule(rule));
            self.resource("azurerm_network_security_rule", &label(&rule.name), &arguments);
        }
        if scope.exists == Existing::New {
            let subnet = subnet.map_or_else(
                || match scope.gateway {
                    Some(_) => self.variable("gateway_subnet_id", None, "Id of the gateway's own subnet"),
                    None => self.variable("subnet_id", None, "Id of the subnet of the instance"),
                },
                str::to_owned,
            );
            // A group that is attached before its rules are there makes deployments fail now and then.
            let after: Vec<String> = rules
                .iter()
                .map(|rule| format!("    azurerm_network_security_rule.{},", label(&rule.name)))
                .collect();
            let arguments = [
                ("subnet_id", subnet),
                ("network_security_group_id", "azurerm_network_security_group.apim.id".to_owned()),
                ("depends_on", format!("[\n{}\n  ]", after.join("\n"))),
            ];
            self.resource("azurerm_subnet_network_security_group_association", "apim", &arguments);
        }
    }

    /// The gateway as a whole: its parts are blocks of it.
    fn gateway(&mut self, all: &[&Publication], scope: &Scope) {
        if all.is_empty() {
            return;
        }
        let group = self.group(scope);
        let location = self.location(scope);
        let sensible = scope.gateway.as_deref().unwrap_or("agw-apim");
        let name = self.variable("application_gateway_name", Some(sensible), "Application Gateway");
        for (name, what) in [
            ("gateway_subnet_id", "Id of the gateway's own subnet"),
            ("public_ip_address_id", "Id of the public IP address of the gateway: Standard, static"),
            ("certificate_secret_id", "Secret of the key vault with the certificate of the host names"),
            ("identity_id", "Id of the user-assigned identity that may read that secret"),
        ] {
            self.variable(name, None, what);
        }
        if all.iter().any(|one| one.address.is_none()) {
            self.variable("private_ip_address", None, "Private address of the instance");
        }
        let address = |one: &Publication| {
            one.address
                .map_or_else(|| "var.private_ip_address".to_owned(), |address| quoted(&address.to_string()))
        };
        let body = gateway_terraform::body(all, address);
        self.blocks.push(format!(
            "resource \"azurerm_application_gateway\" \"apim\" {{\n  name                = {name}\n  resource_group_name = {group}\n  \
             location            = {location}\n\n{body}}}"
        ));
    }

    fn routes(&mut self, routes: &[&Route], scope: &Scope, subnet: Option<&str>) {
        if routes.is_empty() {
            return;
        }
        let group = self.group_of(scope.route_group.as_deref(), "route table", scope);
        let sensible = scope.route_table.as_deref().unwrap_or("rt-apim");
        let name = self.variable("route_table_name", Some(sensible), "Route table of the subnet");
        let is_there = scope.has_table();
        let parent = if is_there {
            name
        } else {
            let location = self.location(scope);
            let arguments = [("name", name), ("location", location), ("resource_group_name", group.clone())];
            self.resource("azurerm_route_table", "apim", &arguments);
            "azurerm_route_table.apim.name".to_owned()
        };
        for route in routes {
            let mut arguments = vec![
                ("name", quoted(&route.name)),
                ("resource_group_name", group.clone()),
                ("route_table_name", parent.clone()),
                ("address_prefix", quoted(&route.prefix)),
                ("next_hop_type", quoted(route.hop.word())),
            ];
            if let Hop::Appliance(address) = route.hop {
                arguments.push(("next_hop_in_ip_address", quoted(&address.to_string())));
            }
            self.resource("azurerm_route", &label(&route.name), &arguments);
        }
        if !is_there {
            let subnet = subnet.map_or_else(
                || self.variable("subnet_id", None, "Id of the subnet of the instance"),
                str::to_owned,
            );
            let after: Vec<String> =
                routes.iter().map(|route| format!("    azurerm_route.{},", label(&route.name))).collect();
            let arguments = [
                ("subnet_id", subnet),
                ("route_table_id", "azurerm_route_table.apim.id".to_owned()),
                ("depends_on", format!("[\n{}\n  ]", after.join("\n"))),
            ];
            self.resource("azurerm_subnet_route_table_association", "apim", &arguments);
        }
    }

    /// The subnet, since its service endpoints are a part of it.
    fn subnet(&mut self, endpoints: &[ServiceEndpoint], scope: &Scope) -> &'static str {
        let group = self.group_of(scope.network_group.as_deref(), "virtual network", scope);
        let network = self.variable(
            "virtual_network_name",
            scope.virtual_network.as_deref(),
            "Virtual network, which exists",
        );
        let name = self.variable(
            "subnet_name",
            Some(scope.subnet.as_deref().unwrap_or("snet-apim")),
            "Subnet of the instance",
        );
        let prefix = scope.subnet_prefix.map(|prefix| prefix.to_string());
        let prefix = self.variable(
            "subnet_prefix",
            prefix.as_deref(),
            "Prefix of the subnet; import the subnet where it exists",
        );
        let services: Vec<String> = endpoints.iter().map(|one| quoted(&one.service)).collect();
        let arguments = [
            ("name", name),
            ("resource_group_name", group),
            ("virtual_network_name", network),
            ("address_prefixes", format!("[{prefix}]")),
            ("service_endpoints", format!("[{}]", services.join(", "))),
        ];
        self.resource("azurerm_subnet", "apim", &arguments);
        MADE_SUBNET
    }

    fn records(&mut self, records: &[&Record], scope: &Scope) {
        for record in records {
            let group = self.group_of(scope.network_group.as_deref(), "virtual network", scope);
            let network = self.variable("virtual_network_id", None, "Id of the virtual network");
            let address = record.address.map_or_else(
                || self.variable("private_ip_address", None, "Private address of the instance"),
                |address| quoted(&address.to_string()),
            );
            let label = label(&record.host);
            let zone = format!("azurerm_private_dns_zone.{label}.name");
            let arguments = [("name", quoted(&record.host)), ("resource_group_name", group.clone())];
            self.resource("azurerm_private_dns_zone", &label, &arguments);
            let arguments = [
                ("name", quoted(&record.host.replace('.', "-"))),
                ("resource_group_name", group.clone()),
                ("private_dns_zone_name", zone.clone()),
                ("virtual_network_id", network),
            ];
            self.resource("azurerm_private_dns_zone_virtual_network_link", &label, &arguments);
            let arguments = [
                ("name", quoted("@")),
                ("zone_name", zone),
                ("resource_group_name", group),
                ("ttl", "300".to_owned()),
                ("records", format!("[{address}]")),
            ];
            self.resource("azurerm_private_dns_a_record", &label, &arguments);
        }
    }
}

/// What a rule says, singular keys where there is one: the plural ones take no service tag.
fn rule(rule: &SecurityRule) -> Vec<(&'static str, String)> {
    let protocol = if rule.protocol == RuleProtocol::Any { "*" } else { rule.protocol.as_str() };
    let direction = if rule.direction == Way::Inbound { "Inbound" } else { "Outbound" };
    vec![
        ("priority", rule.priority.map_or_else(|| "null".to_owned(), |priority| priority.to_string())),
        ("direction", quoted(direction)),
        ("access", quoted(rule.access.as_str())),
        ("protocol", quoted(protocol)),
        ("source_port_range", quoted("*")),
        listed("destination_port_range", "destination_port_ranges", &rule.port_words()),
        end("source_address_prefix", "source_address_prefixes", &rule.source),
        end("destination_address_prefix", "destination_address_prefixes", &rule.destination),
    ]
}

fn end(one: &'static str, many: &'static str, end: &End) -> (&'static str, String) {
    listed(one, many, &end.words())
}

fn listed(one: &'static str, many: &'static str, words: &[String]) -> (&'static str, String) {
    if let [word] = words {
        return (one, quoted(word));
    }
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    (many, format!("[{}]", words.join(", ")))
}

/// A name of a block: lower-case letters, digits and underscores.
fn label(name: &str) -> String {
    let label: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if label.starts_with(|first: char| first.is_ascii_digit()) { format!("n{label}") } else { label }
}

/// A string of the language.
fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{escaped}\"")
}
