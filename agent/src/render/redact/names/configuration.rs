//! The names in the configuration of a report: of groups, rules, routes, subnets, gateways and their parts.

use serde_json::Value;

use super::{Pseudonyms, is_host, texts};

/// First priority of Azure's own rules, whose names are everybody's.
const FIRST_DEFAULT: u64 = 65_000;

impl Pseudonyms<'_> {
    /// Names of groups, rules, routes, subnets and resources: of a check's decision, and of what it stands on.
    pub(super) fn collect_configuration(&mut self, configuration: &Value) {
        let name = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        for rule in ["admin", "nsg", "nic", "nearMiss"].into_iter().filter_map(|key| configuration.get(key)) {
            name(rule, "group").iter().for_each(|group| self.learn(group, "nsg"));
            let is_default = rule["priority"].as_u64().is_some_and(|priority| priority >= FIRST_DEFAULT);
            name(rule, "name").iter().filter(|_| !is_default).for_each(|rule| self.learn_own(rule, "rule"));
        }
        let route = configuration.get("route").and_then(|route| name(route, "name"));
        route.iter().for_each(|route| self.learn_own(route, "route"));
        let subnet = configuration.get("subnet").and_then(|subnet| name(subnet, "name"));
        subnet.iter().for_each(|subnet| self.learn_own(subnet, "subnet"));
        self.collect_resources(configuration.get("names"));
        configuration.get("settings").into_iter().for_each(|settings| self.collect_hosts(settings));
        configuration
            .get("assumptions")
            .into_iter()
            .flat_map(texts)
            .for_each(|text| self.collect_hosts_of(text));
        for gateway in configuration.get("gateways").and_then(Value::as_array).into_iter().flatten() {
            name(gateway, "name").iter().for_each(|name| self.learn_own(name, "gateway"));
            self.collect_resources(gateway.get("names"));
            let parts = gateway.get("parts").into_iter().flat_map(texts);
            parts.for_each(|part| self.learn_own(part, "part"));
            self.collect_hosts(gateway);
        }
        for document in configuration.get("documents").and_then(Value::as_array).into_iter().flatten() {
            let kind = match document["kind"].as_str().unwrap_or_default() {
                "network-security-group" | "effective-security-rules" => "nsg",
                "route-table" => "route-table",
                "subnet" => "subnet",
                "virtual-network" => "vnet",
                "nat-gateway" => "nat-gateway",
                "api-management" => "service",
                _ => "resource",
            };
            name(document, "name").iter().for_each(|name| self.learn_own(name, kind));
        }
    }

    /// Names of resources as commands have them.
    fn collect_resources(&mut self, names: Option<&Value>) {
        for (key, value) in names.and_then(Value::as_object).into_iter().flatten() {
            let kind = match key.as_str() {
                "service" => "service",
                "virtualNetwork" => "vnet",
                "subnet" => "subnet",
                "securityGroup" | "interfaceGroup" => "nsg",
                "routeTable" => "route-table",
                "rules" => "rule",
                key if key.ends_with("ResourceGroup") => "resource-group",
                _ => continue,
            };
            texts(value).for_each(|name| self.learn_own(name, kind));
        }
    }

    /// Every host name in what is said of a setting or a gateway: `api.contoso.com` may stand in a sentence alone.
    fn collect_hosts(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.collect_hosts(item)),
            Value::Object(map) => {
                let said =
                    map.iter().filter(|(key, _)| !matches!(key.as_str(), "file" | "pointer" | "source"));
                said.for_each(|(_, value)| self.collect_hosts(value));
            }
            Value::String(text) => self.collect_hosts_of(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The same of one sentence; a service tag with a region, which has a dot too, is written with a capital.
    fn collect_hosts_of(&mut self, text: &str) {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-._*".contains(c)));
        let hosts = words.map(|word| word.trim_matches('.')).filter(|word| is_host(word));
        hosts.filter(|host| !host.starts_with(|c: char| c.is_ascii_uppercase())).for_each(|host| {
            self.learn(host, "host");
        });
    }
}
