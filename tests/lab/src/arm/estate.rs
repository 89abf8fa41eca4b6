//! The resources of the lab's ARM, in the shapes that Azure documents.

use serde::Deserialize;
use serde_json::{Value, json};

/// The subscription of everything.
pub const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";

/// The machine.
pub const MACHINE: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-lab/providers/Microsoft.Compute/virtualMachines/vm-probe";

/// The instance.
pub const SERVICE: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-lab/providers/Microsoft.ApiManagement/service/contoso-lab";

/// The Application Gateway.
pub const GATEWAY: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-lab/providers/Microsoft.Network/applicationGateways/agw-lab";

const GROUP: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-lab";

fn network(kind: &str, name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Network/{kind}/{name}")
}

fn resource(id: &str, kind: &str, properties: &Value) -> Value {
    let name = id.rsplit('/').next().unwrap_or_default();
    json!({"id": id, "name": name, "type": kind, "location": "eastus2", "properties": properties})
}

/// The action of a path, as a refusal names it.
pub(super) fn action(place: &str) -> String {
    let behind = place.rsplit("/providers/").next().unwrap_or_default();
    let parts: Vec<&str> = behind.split('/').collect();
    let kinds: Vec<&str> = parts.iter().skip(1).step_by(2).copied().collect();
    format!("{}/{}/read", parts.first().copied().unwrap_or_default(), kinds.join("/"))
}

/// The operation that a POST begins.
pub(super) fn posted(place: &str) -> Option<&'static str> {
    match place.rsplit('/').next()? {
        "effectiveNetworkSecurityGroups" => Some("rules"),
        "effectiveRouteTable" => Some("routes"),
        "listNetworkManagerEffectiveSecurityAdminRules" => Some("admin"),
        "backendhealth" => Some("health"),
        _ => None,
    }
}

/// A page of a list that comes in two.
#[derive(Debug, Clone, Copy)]
pub(super) enum Page {
    First,
    Second,
}

/// What is otherwise than usual.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Estate {
    /// A service tag that a rule of the group denies, ahead of the one that allows it.
    pub denies: Option<String>,
    /// The control plane is not let in.
    pub shuts_out_the_control_plane: bool,
    /// The instance is in two regions, of which the machine's is the second.
    pub is_second_location: bool,
    /// DNS servers that the instance asks; the network's where none is given.
    pub instance_dns: Vec<String>,
    /// DNS servers of the virtual network; 10.0.2.4 where none is given.
    pub network_dns: Vec<String>,
}

impl Estate {
    fn network_dns(&self) -> Vec<String> {
        if self.network_dns.is_empty() { vec!["10.0.2.4".to_owned()] } else { self.network_dns.clone() }
    }

    /// What an operation ends with.
    pub(super) fn result(&self, of: &str) -> Value {
        match of {
            "rules" => self.effective_rules(),
            _ => result(of),
        }
    }

    fn effective_rules(&self) -> Value {
        let flat = |rule: &Value| {
            let mut flat = rule["properties"].clone();
            flat["name"] = json!(format!("securityRules/{}", rule["name"].as_str().unwrap_or_default()));
            flat
        };
        let rules: Vec<Value> = self.rules().iter().map(flat).chain(defaults()).collect();
        json!({"value": [{
            "networkSecurityGroup": {"id": network("networkSecurityGroups", "nsg-apim")},
            "association": {"subnet": {"id": network("virtualNetworks", "vnet-lab/subnets/snet-apim")}},
            "effectiveSecurityRules": rules,
            "tagMap": {},
        }], "nextLink": null})
    }

    fn rules(&self) -> Vec<Value> {
        let rule = |name: &str,
                    priority: u32,
                    direction: &str,
                    source: &str,
                    destination: &str,
                    port: &str| {
            json!({"name": name, "properties": {"protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": port,
            "sourceAddressPrefix": source, "destinationAddressPrefix": destination, "access": "Allow", "priority": priority,
            "direction": direction}})
        };
        let mut rules = vec![
            rule("in-management", 100, "Inbound", "ApiManagement", "VirtualNetwork", "3443"),
            rule("in-load-balancer", 110, "Inbound", "AzureLoadBalancer", "VirtualNetwork", "6390"),
            rule("in-clients", 120, "Inbound", "VirtualNetwork", "VirtualNetwork", "443"),
            rule("out-storage", 100, "Outbound", "VirtualNetwork", "Storage", "443"),
            rule("out-sql", 110, "Outbound", "VirtualNetwork", "Sql", "1433"),
            rule("out-vault", 120, "Outbound", "VirtualNetwork", "AzureKeyVault", "443"),
        ];
        if self.shuts_out_the_control_plane {
            rules.retain(|rule| rule["name"] != "in-management");
        }
        if let Some(tag) = &self.denies {
            let mut deny = rule("deny-by-order", 105, "Outbound", "VirtualNetwork", tag, "1433");
            deny["properties"]["access"] = json!("Deny");
            rules.push(deny);
        }
        rules
    }

    /// A resource, a part of one, or a list. Lists of services come in two pages.
    pub(super) fn got(&self, place: &str, page: Page, base: &str) -> Option<Value> {
        let lower = place.to_ascii_lowercase();
        let of = |id: &str| lower == id.to_ascii_lowercase();
        let all = format!("/subscriptions/{SUBSCRIPTION}/providers");
        if of(&format!("{all}/Microsoft.ApiManagement/service")) {
            let other = resource(
                &format!("{GROUP}/providers/Microsoft.ApiManagement/service/other"),
                "Microsoft.ApiManagement/service",
                &json!({"virtualNetworkType": "None"}),
            );
            return Some(match page {
                Page::Second => json!({"value": [self.service()]}),
                Page::First => {
                    json!({"value": [other], "nextLink": format!("{base}{all}/Microsoft.ApiManagement/service?api-version=x&page=2")})
                }
            });
        }
        if of(&format!("{all}/Microsoft.Network/privateDnsZones")) {
            let zones = ["azure-api.net", "privatelink.blob.core.windows.net", "corp.example"];
            return Some(json!({"value": zones.map(zone)}));
        }
        if lower.contains("/privatednszones/") {
            return Some(of_zone(&lower));
        }
        match () {
            () if of(MACHINE) => Some(resource(
                MACHINE,
                "Microsoft.Compute/virtualMachines",
                &json!({
            "networkProfile": {"networkInterfaces": [{"id": network("networkInterfaces", "nic-probe")}]},
            "osProfile": {"computerName": "vm-probe", "customData": "canary-custom-data"}}),
            )),
            () if of(&network("networkInterfaces", "nic-probe")) => Some(interface()),
            () if of(&network("virtualNetworks", "vnet-lab")) => Some(self.virtual_network()),
            () if of(&network("virtualNetworks", "vnet-lab/subnets/snet-apim")) => Some(subnet()),
            () if of(&network("networkSecurityGroups", "nsg-apim")) => Some(resource(
                &network("networkSecurityGroups", "nsg-apim"),
                "Microsoft.Network/networkSecurityGroups",
                &json!({"securityRules": self.rules(), "subnets": [{"id": network("virtualNetworks", "vnet-lab/subnets/snet-apim")}]}),
            )),
            () if of(SERVICE) => Some(self.service()),
            () if of(&format!("{SERVICE}/networkstatus")) => {
                Some(json!([{"location": "East US 2", "networkStatus": self.network_status()}]))
            }
            () if of(&format!("{SERVICE}/outboundNetworkDependenciesEndpoints")) => Some(dependencies()),
            () if of(&format!("{SERVICE}/apis")) => Some(json!({"value": [], "count": 0})),
            () if of(GATEWAY) => Some(resource(
                GATEWAY,
                "Microsoft.Network/applicationGateways",
                &json!({
            "sku": {"name": "WAF_v2", "tier": "WAF_v2"}, "operationalState": "Running", "backendAddressPools": [],
            "trustedRootCertificates": [{"id": format!("{GATEWAY}/trustedRootCertificates/root"), "name": "root", "properties": {"data": "canary-certificate"}}]}),
            )),
            () => None,
        }
    }

    fn virtual_network(&self) -> Value {
        resource(
            &network("virtualNetworks", "vnet-lab"),
            "Microsoft.Network/virtualNetworks",
            &json!({
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "dhcpOptions": {"dnsServers": self.network_dns()},
        "subnets": [subnet()], "virtualNetworkPeerings": []}),
        )
    }

    fn service(&self) -> Value {
        let mut service = resource(
            SERVICE,
            "Microsoft.ApiManagement/service",
            &json!({
        "provisioningState": "Succeeded", "platformVersion": "stv2.1", "virtualNetworkType": "Internal",
        "gatewayUrl": "https://contoso-lab.azure-api.net", "privateIPAddresses": ["10.0.1.10"],
        "publisherEmail": "canary@example.com", "publisherName": "Contoso", "publicNetworkAccess": "Enabled",
        "virtualNetworkConfiguration": {"subnetResourceId": network("virtualNetworks", "vnet-lab/subnets/snet-apim")},
        "hostnameConfigurations": [{"type": "Proxy", "hostName": "contoso-lab.azure-api.net"}],
        "additionalLocations": null}),
        );
        if self.is_second_location {
            let here = service["properties"]["virtualNetworkConfiguration"].clone();
            let there = network("virtualNetworks", "vnet-there/subnets/snet-there");
            service["location"] = json!("West Europe");
            service["properties"]["privateIPAddresses"] = json!(["10.7.1.10"]);
            service["properties"]["virtualNetworkConfiguration"] = json!({"subnetResourceId": there});
            service["properties"]["additionalLocations"] = json!([{"location": "East US 2",
            "sku": {"name": "Premium", "capacity": 1}, "privateIPAddresses": ["10.0.1.10"],
            "virtualNetworkConfiguration": here, "platformVersion": "stv2.1"}]);
        }
        service["sku"] = json!({"name": "Premium", "capacity": 1});
        service["tags"] = json!({"owner": "canary-tag"});
        service
    }

    fn network_status(&self) -> Value {
        let dns = if self.instance_dns.is_empty() { self.network_dns() } else { self.instance_dns.clone() };
        let entry = |name: &str, kind: &str, is_optional: bool| {
            let is_denied = self.denies.as_deref() == Some("Sql") && kind == "SQLDatabase";
            let (status, error) =
                if is_denied { ("failure", "A connection attempt failed.") } else { ("success", "") };
            json!({"name": name, "status": status, "error": error, "lastUpdated": "2026-11-20T08:00:00Z",
            "lastStatusChange": "2026-11-20T08:00:00Z", "resourceType": kind, "isOptional": is_optional})
        };
        json!({"dnsServers": dns, "connectivityStatus": [
            entry("apimstabc123def456ghi789.blob.core.windows.net", "BlobStorage", false),
            entry("apimstabc123def456ghi789.table.core.windows.net", "TableStorage", false),
            entry("apimstabc123def456ghi789.file.core.windows.net", "FileStorage", true),
            entry("apirpsqlabc123def456gh.database.windows.net", "SQLDatabase", false),
            entry("https://apikv-abc123def456ghi789.vault.azure.net/", "AzureKeyVault", false),
        ]})
    }
}

/// What an operation ends with that is always the same.
fn result(of: &str) -> Value {
    match of {
        "routes" => json!({"value": [
            {"source": "Default", "state": "Active", "addressPrefix": ["10.0.0.0/16"], "nextHopType": "VnetLocal", "nextHopIpAddress": []},
            {"source": "Default", "state": "Active", "addressPrefix": ["0.0.0.0/0"], "nextHopType": "Internet", "nextHopIpAddress": []},
        ], "nextLink": null}),
        "health" => {
            json!({"backendAddressPools": [{"backendAddressPool": {"id": format!("{GATEWAY}/backendAddressPools/apim")},
            "backendHttpSettingsCollection": [{"backendHttpSettings": {"id": format!("{GATEWAY}/backendHttpSettingsCollection/https")},
                "servers": [{"address": "10.0.1.10", "health": "Healthy"}]}]}]})
        }
        _ => json!({"value": []}),
    }
}

fn defaults() -> Vec<Value> {
    let rule = |name: &str, priority: u32, direction: &str, source: &str, destination: &str, access: &str| {
        json!({"name": format!("defaultSecurityRules/{name}"), "protocol": "All", "sourcePortRange": "0-65535",
            "destinationPortRange": "0-65535", "sourceAddressPrefix": source, "destinationAddressPrefix": destination,
            "access": access, "priority": priority, "direction": direction})
    };
    vec![
        rule("AllowVnetInBound", 65000, "Inbound", "VirtualNetwork", "VirtualNetwork", "Allow"),
        rule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "AzureLoadBalancer", "0.0.0.0/0", "Allow"),
        rule("DenyAllInBound", 65500, "Inbound", "0.0.0.0/0", "0.0.0.0/0", "Deny"),
        rule("AllowVnetOutBound", 65000, "Outbound", "VirtualNetwork", "VirtualNetwork", "Allow"),
        rule("AllowInternetOutBound", 65001, "Outbound", "0.0.0.0/0", "Internet", "Allow"),
        rule("DenyAllOutBound", 65500, "Outbound", "0.0.0.0/0", "0.0.0.0/0", "Deny"),
    ]
}

/// Hosts that the instance says it needs beside those of NetworkStatus.
fn dependencies() -> Value {
    let endpoint = |host: &str, ports: &[u16]| {
        let details = ports.iter().map(|port| json!({"port": port, "region": "East US 2"}));
        json!({"domainName": host, "endpointDetails": details.collect::<Vec<_>>()})
    };
    json!({"value": [
        {"category": "Azure Event Hub", "endpoints": [endpoint("contoso-logs.servicebus.windows.net", &[443, 5671, 5672])]},
        {"category": "Azure Storage", "endpoints": [
            endpoint("apimstabc123def456ghi789.blob.core.windows.net", &[443]),
            endpoint("apimstabc123def456ghi789.table.core.windows.net", &[443]),
            endpoint("apimstabc123def456ghi789.queue.core.windows.net", &[443]),
            endpoint("apimstabc123def456ghi789.file.core.windows.net", &[445])]},
        {"category": "Azure SQL", "endpoints": [endpoint("apirpsqlabc123def456gh.database.windows.net", &[1433])]},
    ]})
}

fn interface() -> Value {
    let id = network("networkInterfaces", "nic-probe");
    resource(
        &id,
        "Microsoft.Network/networkInterfaces",
        &json!({
        "macAddress": "00-0D-3A-00-00-00", "primary": true, "virtualMachine": {"id": MACHINE}, "dnsSettings": {"dnsServers": []},
        "ipConfigurations": [{"name": "ipconfig1", "properties": {"privateIPAddress": "10.0.1.4", "primary": true,
            "subnet": {"id": network("virtualNetworks", "vnet-lab/subnets/snet-apim")}}}]}),
    )
}

fn subnet() -> Value {
    let id = network("virtualNetworks", "vnet-lab/subnets/snet-apim");
    json!({"id": id, "name": "snet-apim", "type": "Microsoft.Network/virtualNetworks/subnets", "properties": {
        "addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": network("networkSecurityGroups", "nsg-apim")},
        "serviceEndpoints": [], "delegations": [], "provisioningState": "Succeeded"}})
}

fn zone(name: &str) -> Value {
    let id = format!("{GROUP}/providers/Microsoft.Network/privateDnsZones/{name}");
    json!({"id": id, "name": name, "type": "Microsoft.Network/privateDnsZones", "location": "global",
        "properties": {"numberOfRecordSets": 2, "provisioningState": "Succeeded"}})
}

fn of_zone(lower: &str) -> Value {
    let id = lower.rsplit_once('/').map_or(lower, |(id, _)| id);
    if lower.ends_with("/virtualnetworklinks") {
        return json!({"value": [{"id": format!("{id}/virtualNetworkLinks/lab"), "name": "lab",
            "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "properties": {"virtualNetwork": {"id": network("virtualNetworks", "vnet-lab")}, "virtualNetworkLinkState": "Completed"}}]});
    }
    let record = |kind: &str, name: &str, properties: Value| {
        json!({"id": format!("{id}/{kind}/{name}"), "name": name, "type": format!("Microsoft.Network/privateDnsZones/{kind}"),
            "properties": properties})
    };
    json!({"value": [
        record("A", "contoso-lab", json!({"ttl": 3600, "aRecords": [{"ipv4Address": "10.0.1.10"}]})),
        record("SOA", "@", json!({"ttl": 3600, "soaRecord": {"host": "internal.example"}})),
    ]})
}
