//! Changes as an ARM template: complete, literal, one rule after the other, so that every tool and every reader takes it.

use serde_json::{Map, Value, json};

use super::gateway::Publication;
use super::gateway_template;
use super::{Existing, Fix, Hop, Record, Route, Scope, SecurityRule, ServiceEndpoint};
use crate::network::{RuleProtocol, Way};

/// API version of the resources of a network.
pub(super) const NETWORK_API: &str = "2024-05-01";

/// API version of private DNS.
pub(super) const DNS_API: &str = "2020-06-01";

/// The template, with a line end.
#[must_use]
pub fn render(fixes: &[Fix], scope: &Scope) -> String {
    let mut template = Template::default();
    let rules = of(fixes, |fix| if let Fix::SecurityRule(rule) = fix { Some(rule) } else { None });
    let routes = of(fixes, |fix| if let Fix::Route(route) = fix { Some(route) } else { None });
    let endpoints = of(fixes, |fix| if let Fix::ServiceEndpoints(all) = fix { Some(all) } else { None });
    let records = of(fixes, |fix| if let Fix::Record(record) = fix { Some(record) } else { None });
    template.security_rules(&rules, scope);
    template.routes(&routes, scope);
    if let Some(endpoints) = endpoints.first() {
        template.subnet(endpoints, scope, &rules, &routes);
    }
    template.records(&records, scope);
    template.gateway(&of(fixes, |fix| if let Fix::Publication(one) = fix { Some(one) } else { None }), scope);
    template.text()
}

pub(super) fn of<'a, T>(fixes: &'a [Fix], pick: impl Fn(&'a Fix) -> Option<T>) -> Vec<T> {
    fixes.iter().filter_map(pick).collect()
}

/// A template in the making.
#[derive(Default)]
pub(super) struct Template {
    parameters: Map<String, Value>,
    resources: Vec<Value>,
}

impl Template {
    /// The template as text.
    pub(super) fn text(self) -> String {
        let template = json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": self.parameters,
            "resources": self.resources,
        });
        let mut text = serde_json::to_string_pretty(&template).expect("a template has text keys only");
        text.push('\n');
        text
    }

    /// Adds a resource.
    pub(super) fn push(&mut self, resource: Value) {
        self.resources.push(resource);
    }

    /// A parameter whose value whoever deploys it gives, as an expression.
    fn open_parameter(&mut self, name: &str, what: &str) -> String {
        let value = json!({"type": "string", "metadata": {"description": what}});
        self.parameters.entry(name).or_insert(value);
        format!("[parameters('{name}')]")
    }

    /// A parameter with its default, as an expression.
    pub(super) fn parameter(&mut self, name: &str, default: &str, what: &str) -> String {
        let value = json!({"type": "string", "defaultValue": default, "metadata": {"description": what}});
        self.parameters.entry(name).or_insert(value);
        format!("[parameters('{name}')]")
    }

    /// Where resources are made: the region that is known, else that of the resource group.
    fn location(&mut self, scope: &Scope) -> String {
        let default = scope.location.as_deref().unwrap_or("[resourceGroup().location]");
        self.parameter("location", default, "Region of the virtual network")
    }

    fn group_name(&mut self, scope: &Scope) -> String {
        let default = scope.security_group.as_deref().unwrap_or("nsg-apim");
        self.parameter("networkSecurityGroupName", default, "Network security group of the subnet")
    }

    fn table_name(&mut self, scope: &Scope) -> String {
        let default = scope.route_table.as_deref().unwrap_or("rt-apim");
        self.parameter("routeTableName", default, "Route table of the subnet")
    }

    fn security_rules(&mut self, rules: &[&SecurityRule], scope: &Scope) {
        if rules.is_empty() {
            return;
        }
        let group = self.group_name(scope);
        if scope.exists == Existing::Existing {
            let parent = inner(&group);
            for rule in rules {
                self.push(json!({
                    "type": "Microsoft.Network/networkSecurityGroups/securityRules",
                    "apiVersion": NETWORK_API,
                    "name": format!("[concat({parent}, '/{}')]", rule.name),
                    "properties": security_rule(rule),
                }));
            }
            return;
        }
        let location = self.location(scope);
        let rules: Vec<Value> =
            rules.iter().map(|rule| json!({"name": rule.name, "properties": security_rule(rule)})).collect();
        self.push(json!({
            "type": "Microsoft.Network/networkSecurityGroups",
            "apiVersion": NETWORK_API,
            "name": group,
            "location": location,
            "properties": {"securityRules": rules},
        }));
    }

    /// The gateway as a whole: its parts are no resources of their own.
    fn gateway(&mut self, all: &[&Publication], scope: &Scope) {
        if all.is_empty() {
            return;
        }
        let default = scope.gateway.as_deref().unwrap_or("agw-apim");
        let name = self.parameter(gateway_template::NAME, default, "Application Gateway");
        let location = self.location(scope);
        for (name, what) in gateway_template::OPEN {
            self.open_parameter(name, what);
        }
        if all.iter().any(|one| one.address.is_none()) {
            self.open_parameter(gateway_template::ADDRESS, "Private address of the instance");
        }
        let is_new = scope.exists == Existing::New;
        let subnet = if is_new {
            self.gateway_subnet(scope);
            gateway_template::MADE_SUBNET.to_owned()
        } else {
            self.open_parameter(gateway_template::SUBNET.0, gateway_template::SUBNET.1)
        };
        let after: Vec<&str> = if is_new { vec![gateway_template::MADE_SUBNET] } else { Vec::new() };
        self.push(json!({
            "type": gateway_template::TYPE,
            "apiVersion": NETWORK_API,
            "name": name,
            "location": location,
            "identity": gateway_template::identity(),
            "dependsOn": after,
            "properties": gateway_template::properties(all, &subnet),
        }));
    }

    /// The gateway's own subnet, with its group.
    fn gateway_subnet(&mut self, scope: &Scope) {
        let network = scope.virtual_network.as_deref().unwrap_or("vnet-apim");
        self.parameter("virtualNetworkName", network, "Virtual network of the gateway");
        self.parameter(
            "gatewaySubnetName",
            scope.subnet.as_deref().unwrap_or("snet-agw"),
            "Subnet of the gateway",
        );
        let prefix = self
            .open_parameter("gatewaySubnetPrefix", "Prefix of the subnet of the gateway: /24 is recommended");
        let group = self.group_name(scope);
        let group = format!("[resourceId('Microsoft.Network/networkSecurityGroups', {})]", inner(&group));
        self.push(json!({
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "apiVersion": NETWORK_API,
            "name": "[concat(parameters('virtualNetworkName'), '/', parameters('gatewaySubnetName'))]",
            "dependsOn": [group],
            "properties": {"addressPrefix": prefix, "networkSecurityGroup": {"id": group}},
        }));
    }

    fn routes(&mut self, routes: &[&Route], scope: &Scope) {
        if routes.is_empty() {
            return;
        }
        let table = self.table_name(scope);
        if scope.has_table() {
            let parent = inner(&table);
            for route in routes {
                self.push(json!({
                    "type": "Microsoft.Network/routeTables/routes",
                    "apiVersion": NETWORK_API,
                    "name": format!("[concat({parent}, '/{}')]", route.name),
                    "properties": self::route(route),
                }));
            }
            return;
        }
        let location = self.location(scope);
        let routes: Vec<Value> =
            routes.iter().map(|one| json!({"name": one.name, "properties": route(one)})).collect();
        self.push(json!({
            "type": "Microsoft.Network/routeTables",
            "apiVersion": NETWORK_API,
            "name": table,
            "location": location,
            "properties": {"disableBgpRoutePropagation": false, "routes": routes},
        }));
    }

    fn virtual_network(&mut self, scope: &Scope) -> String {
        let default = scope.virtual_network.as_deref().unwrap_or("vnet-apim");
        self.parameter("virtualNetworkName", default, "Virtual network, which exists")
    }

    /// The subnet as a whole, since Azure takes its service endpoints no other way.
    fn subnet(
        &mut self,
        endpoints: &[ServiceEndpoint],
        scope: &Scope,
        rules: &[&SecurityRule],
        routes: &[&Route],
    ) {
        let network = self.virtual_network(scope);
        let subnet = scope.subnet.as_deref().unwrap_or("snet-apim");
        let subnet = self.parameter("subnetName", subnet, "Subnet of the instance");
        let prefix =
            scope.subnet_prefix.map_or_else(|| "10.0.1.0/24".to_owned(), |prefix| prefix.to_string());
        let prefix = self.parameter(
            "subnetPrefix",
            &prefix,
            "Prefix of the subnet. A deployment replaces what else the subnet has: add its NAT gateway and delegation",
        );
        let endpoints: Vec<Value> =
            endpoints.iter().map(|one| json!({"service": one.service, "locations": ["*"]})).collect();
        let mut properties = json!({"addressPrefix": prefix, "serviceEndpoints": endpoints});
        let mut depends = Vec::new();
        for (key, value) in &scope.subnet_keeps {
            properties[*key] = value.clone();
        }
        // A template may depend on what it makes alone.
        let mut attach = |key: &str, kind: &str, name: &str, group: Option<&str>, is_made: bool| {
            let elsewhere = group.map(|group| format!("'{group}', ")).unwrap_or_default();
            let id = format!("[resourceId({elsewhere}'{kind}', {})]", inner(name));
            properties[key] = json!({ "id": id });
            if is_made {
                depends.push(id);
            }
        };
        let [of_group, of_table] = elsewhere(scope);
        if !rules.is_empty() || scope.security_group.is_some() {
            let name = self.group_name(scope);
            attach(
                "networkSecurityGroup",
                "Microsoft.Network/networkSecurityGroups",
                &name,
                of_group,
                !rules.is_empty() && scope.exists == Existing::New,
            );
        }
        if !routes.is_empty() || scope.route_table.is_some() {
            let name = self.table_name(scope);
            let is_made = !routes.is_empty() && !scope.has_table();
            attach("routeTable", "Microsoft.Network/routeTables", &name, of_table, is_made);
        }
        self.push(json!({
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "apiVersion": NETWORK_API,
            "name": format!("[concat({}, '/', {})]", inner(&network), inner(&subnet)),
            "dependsOn": depends,
            "properties": properties,
        }));
    }

    fn records(&mut self, records: &[&Record], scope: &Scope) {
        if records.is_empty() {
            return;
        }
        let network = self.virtual_network(scope);
        let network = format!("[resourceId('Microsoft.Network/virtualNetworks', {})]", inner(&network));
        for record in records {
            let zone = format!("[resourceId('Microsoft.Network/privateDnsZones', '{}')]", record.host);
            let address = record.address.map_or_else(
                || self.open_parameter("privateIpAddress", "Private address of the instance"),
                |address| address.to_string(),
            );
            self.push(json!({"type": "Microsoft.Network/privateDnsZones", "apiVersion": DNS_API,
                "name": record.host, "location": "global", "properties": {}}));
            self.push(json!({"type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "apiVersion": DNS_API,
                "name": format!("{}/{}", record.host, record.host.replace('.', "-")), "location": "global",
                "dependsOn": [zone], "properties": {"registrationEnabled": false, "virtualNetwork": {"id": network}}}));
            self.push(json!({"type": "Microsoft.Network/privateDnsZones/A", "apiVersion": DNS_API,
                "name": format!("{}/@", record.host), "dependsOn": [zone],
                "properties": {"ttl": 300, "aRecords": [{"ipv4Address": address}]}}));
        }
    }
}

/// The resource groups of security group and route table as the subnet sees them, where they are not its own.
pub(super) fn elsewhere(scope: &Scope) -> [Option<&str>; 2] {
    let own = scope.network_group.as_deref().or(scope.resource_group.as_deref());
    let of_table = scope.route_group.as_deref().or(scope.resource_group.as_deref());
    [scope.resource_group.as_deref(), of_table].map(|group| group.filter(|group| own != Some(*group)))
}

/// An expression without its brackets.
fn inner(expression: &str) -> &str {
    expression.trim_start_matches('[').trim_end_matches(']')
}

/// The properties of a rule, plural keys only where there are several.
pub(super) fn security_rule(rule: &SecurityRule) -> Value {
    let mut properties = json!({
        "description": rule.description,
        "direction": if rule.direction == Way::Inbound { "Inbound" } else { "Outbound" },
        "priority": rule.priority,
        "access": rule.access.as_str(),
        "protocol": if rule.protocol == RuleProtocol::Any { "*" } else { rule.protocol.as_str() },
        "sourcePortRange": "*",
    });
    let sides = [
        ("sourceAddressPrefix", "sourceAddressPrefixes", rule.source.words()),
        ("destinationAddressPrefix", "destinationAddressPrefixes", rule.destination.words()),
        ("destinationPortRange", "destinationPortRanges", rule.port_words()),
    ];
    for (one, many, words) in sides {
        if let [word] = &words[..] {
            properties[one] = json!(word);
        } else {
            properties[many] = json!(words);
        }
    }
    properties
}

pub(super) fn route(route: &Route) -> Value {
    let mut properties = json!({"addressPrefix": route.prefix, "nextHopType": route.hop.word()});
    if let Hop::Appliance(address) = route.hop {
        properties["nextHopIpAddress"] = json!(address.to_string());
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::embedded;
    use crate::fix::needed::{Part, Wishes, needed};
    use crate::instance::Instance;

    fn template(exists: Existing) -> Value {
        let wishes = Wishes {
            parts: vec![Part::Inbound, Part::Outbound, Part::Routes, Part::Endpoints, Part::Dns],
            required_only: false,
            forced_tunnel: Some("10.0.0.4".parse().unwrap()),
            regional_tags: false,
            regions: Vec::new(),
            strict_deny: true,
            beside_documents: false,
            priority: 100,
        };
        let instance = Instance { service: Some("contoso".to_owned()), ..Instance::default() };
        let fixes = needed(embedded(), &instance, &wishes).unwrap();
        serde_json::from_str(&render(&fixes, &Scope { exists, ..Scope::default() })).unwrap()
    }

    fn types(template: &Value) -> Vec<&str> {
        let resources = template["resources"].as_array().unwrap();
        resources.iter().map(|resource| resource["type"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_new_group_holds_its_rules_and_the_subnet_names_group_and_table() {
        let template = template(Existing::New);
        let kinds = types(&template);
        assert_eq!(
            kinds[..3],
            [
                "Microsoft.Network/networkSecurityGroups",
                "Microsoft.Network/routeTables",
                "Microsoft.Network/virtualNetworks/subnets",
            ]
        );
        let subnet = &template["resources"][2];
        assert_eq!(subnet["dependsOn"].as_array().unwrap().len(), 2);
        assert_eq!(subnet["properties"]["serviceEndpoints"].as_array().unwrap().len(), 4);
        let text = template.to_string();
        assert!(!text.contains('<'), "no placeholder in a template");
        assert_eq!(
            template["parameters"]["privateIpAddress"].get("defaultValue"),
            None,
            "nobody guesses an address"
        );
    }

    #[test]
    fn what_exists_gets_children_and_is_not_written_whole() {
        let template = template(Existing::Existing);
        let kinds = types(&template);
        assert!(kinds.contains(&"Microsoft.Network/networkSecurityGroups/securityRules"));
        assert!(!kinds.contains(&"Microsoft.Network/networkSecurityGroups"));
        assert!(!kinds.contains(&"Microsoft.Network/routeTables"));
    }

    #[test]
    fn a_tag_never_stands_in_a_plural_key() {
        for rule in template(Existing::New)["resources"][0]["properties"]["securityRules"].as_array().unwrap()
        {
            for key in ["sourceAddressPrefixes", "destinationAddressPrefixes"] {
                assert_eq!(rule["properties"].get(key), None, "{rule}");
            }
        }
    }
}
