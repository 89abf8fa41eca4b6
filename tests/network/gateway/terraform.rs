//! The gateway of the estate as `terraform show -json` writes it, and what a plan does not know yet.

use apim_probe_checks::network::Network;
use apim_probe_checks::network::read::Reader;
use serde_json::{Map, Value, json};

/// Reads one document.
pub(super) fn read(document: &Value) -> Network {
    let mut reader = Reader::default();
    reader.add("show.json", document.to_string().into_bytes()).expect("a plan");
    reader.end().expect("one network")
}

/// A state that holds the gateway; other documents stay as they are.
pub(super) fn state(document: &Value) -> Value {
    match document["type"].as_str() {
        Some("Microsoft.Network/applicationGateways") => {}
        Some(kind) if kind.eq_ignore_ascii_case(POLICY) => {
            return show("azurerm_web_application_firewall_policy", &policy(document));
        }
        _ => return document.clone(),
    }
    show("azurerm_application_gateway", &gateway(document))
}

const POLICY: &str = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies";

fn show(kind: &str, values: &Value) -> Value {
    let resource = json!({
        "address": format!("{kind}.this"), "mode": "managed", "type": kind, "name": "this",
        "provider_name": "registry.terraform.io/hashicorp/azurerm", "schema_version": 0, "values": values,
    });
    json!({
        "format_version": "1.0", "terraform_version": "1.9.5",
        "values": {"root_module": {"resources": [resource]}},
    })
}

/// A list of Azure, the blocks that it is, and the keys of both.
type Block = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Lists of Azure, the blocks that they are, and the keys of both: a reference becomes the name of what it means.
const BLOCKS: [Block; 11] = [
    ("gatewayIPConfigurations", "gateway_ip_configuration", &[("subnet", "subnet_id")]),
    (
        "frontendIPConfigurations",
        "frontend_ip_configuration",
        &[("publicIPAddress", "public_ip_address_id"), ("privateIPAddress", "private_ip_address")],
    ),
    ("frontendPorts", "frontend_port", &[("port", "port")]),
    ("sslCertificates", "ssl_certificate", &[("keyVaultSecretId", "key_vault_secret_id")]),
    ("trustedRootCertificates", "trusted_root_certificate", &[]),
    (
        "probes",
        "probe",
        &[
            ("protocol", "protocol"),
            ("host", "host"),
            ("path", "path"),
            ("port", "port"),
            ("interval", "interval"),
            ("timeout", "timeout"),
            ("unhealthyThreshold", "unhealthy_threshold"),
            ("pickHostNameFromBackendHttpSettings", "pick_host_name_from_backend_http_settings"),
        ],
    ),
    (
        "backendHttpSettingsCollection",
        "backend_http_settings",
        &[
            ("port", "port"),
            ("protocol", "protocol"),
            ("hostName", "host_name"),
            ("pickHostNameFromBackendAddress", "pick_host_name_from_backend_address"),
            ("requestTimeout", "request_timeout"),
            ("path", "path"),
            ("probe", "probe_name"),
            ("trustedRootCertificates", "trusted_root_certificate_names"),
        ],
    ),
    (
        "httpListeners",
        "http_listener",
        &[
            ("frontendIPConfiguration", "frontend_ip_configuration_name"),
            ("frontendPort", "frontend_port_name"),
            ("protocol", "protocol"),
            ("hostName", "host_name"),
            ("hostNames", "host_names"),
            ("requireServerNameIndication", "require_sni"),
            ("sslCertificate", "ssl_certificate_name"),
            ("firewallPolicy", "firewall_policy_id"),
        ],
    ),
    (
        "requestRoutingRules",
        "request_routing_rule",
        &[
            ("ruleType", "rule_type"),
            ("priority", "priority"),
            ("httpListener", "http_listener_name"),
            ("backendAddressPool", "backend_address_pool_name"),
            ("backendHttpSettings", "backend_http_settings_name"),
            ("urlPathMap", "url_path_map_name"),
            ("redirectConfiguration", "redirect_configuration_name"),
        ],
    ),
    (
        "urlPathMaps",
        "url_path_map",
        &[
            ("defaultBackendAddressPool", "default_backend_address_pool_name"),
            ("defaultBackendHttpSettings", "default_backend_http_settings_name"),
            ("defaultRedirectConfiguration", "default_redirect_configuration_name"),
        ],
    ),
    ("redirectConfigurations", "redirect_configuration", &[]),
];

const PATH_RULE: [(&str, &str); 4] = [
    ("paths", "paths"),
    ("backendAddressPool", "backend_address_pool_name"),
    ("backendHttpSettings", "backend_http_settings_name"),
    ("redirectConfiguration", "redirect_configuration_name"),
];

fn gateway(document: &Value) -> Value {
    let properties = &document["properties"];
    let mut values = Map::from_iter([
        ("name".to_owned(), document["name"].clone()),
        ("id".to_owned(), document["id"].clone()),
        ("tags".to_owned(), document["tags"].clone()),
        ("sku".to_owned(), json!([properties["sku"]])),
        ("firewall_policy_id".to_owned(), properties["firewallPolicy"]["id"].clone()),
    ]);
    for (list, block, keys) in BLOCKS {
        let parts = properties[list].as_array().into_iter().flatten();
        values.insert(block.to_owned(), parts.map(|part| block_of(part, block, keys)).collect());
    }
    let pools = properties["backendAddressPools"].as_array().into_iter().flatten();
    values.insert("backend_address_pool".to_owned(), pools.map(pool).collect());
    let inline = &properties["webApplicationFirewallConfiguration"];
    let groups = inline["disabledRuleGroups"].as_array().into_iter().flatten();
    let groups: Vec<Value> = groups
        .map(|group| json!({"rule_group_name": group["ruleGroupName"], "rules": group["rules"]}))
        .collect();
    let block = json!([{
        "enabled": inline["enabled"], "firewall_mode": inline["firewallMode"], "disabled_rule_group": groups,
    }]);
    values.insert("waf_configuration".to_owned(), if inline.is_null() { json!([]) } else { block });
    Value::Object(values)
}

fn block_of(part: &Value, block: &str, keys: &[(&str, &str)]) -> Value {
    let properties = &part["properties"];
    let mut made = Map::from_iter([("name".to_owned(), part["name"].clone())]);
    for (key, to) in keys {
        made.insert((*to).to_owned(), value(&properties[*key], to));
    }
    if block == "probe" {
        let accepted = &properties["match"];
        let one = json!([{"status_code": accepted["statusCodes"], "body": accepted["body"]}]);
        made.insert("match".to_owned(), if accepted.is_null() { json!([]) } else { one });
    }
    let rules = properties["pathRules"].as_array().into_iter().flatten();
    let rules: Vec<Value> = rules.map(|rule| block_of(rule, "path_rule", &PATH_RULE)).collect();
    if !rules.is_empty() {
        made.insert("path_rule".to_owned(), rules.into());
    }
    Value::Object(made)
}

/// A reference as the name behind it, or as the whole id where the attribute is one; lists one by one.
fn value(from: &Value, to: &str) -> Value {
    match from {
        Value::Array(list) => list.iter().map(|one| value(one, to)).collect(),
        Value::Object(object) => match object["id"].as_str() {
            Some(id) if !to.ends_with("_id") => json!(id.rsplit('/').next()),
            _ => object["id"].clone(),
        },
        other => other.clone(),
    }
}

fn pool(part: &Value) -> Value {
    let addresses = part["properties"]["backendAddresses"].as_array().cloned().unwrap_or_default();
    let of = |key: &str| -> Value {
        addresses.iter().filter_map(|one| one.get(key)).filter(|it| !it.is_null()).cloned().collect()
    };
    json!({"name": part["name"], "fqdns": of("fqdn"), "ip_addresses": of("ipAddress")})
}

fn policy(document: &Value) -> Value {
    let properties = &document["properties"];
    let settings = &properties["policySettings"];
    let sets = properties["managedRules"]["managedRuleSets"].as_array().into_iter().flatten();
    let sets: Vec<Value> = sets
        .map(|set| {
            let groups = set["ruleGroupOverrides"].as_array().into_iter().flatten();
            let groups: Vec<Value> = groups.map(overridden).collect();
            json!({"rule_group_override": groups})
        })
        .collect();
    json!({
        "name": document["name"], "id": document["id"],
        "policy_settings": [{"enabled": settings["state"] != "Disabled", "mode": settings["mode"]}],
        "managed_rules": [{"managed_rule_set": sets}],
    })
}

fn overridden(group: &Value) -> Value {
    let rules = group["rules"].as_array().into_iter().flatten();
    let rules: Vec<Value> =
        rules.map(|rule| json!({"id": rule["ruleId"], "enabled": rule["state"] == "Enabled"})).collect();
    json!({"rule_group_name": group["ruleGroupName"], "rule": rules})
}

/// A plan: the pool takes its address from an instance that is still to be made, the subnet has no id yet.
pub(super) fn plan() -> Value {
    let gateway = json!({
        "name": "agw-shop", "resource_group_name": "rg-shop", "location": "westeurope",
        "sku": [{"name": "Standard_v2", "tier": "Standard_v2", "capacity": 2}],
        "gateway_ip_configuration": [{"name": "ip"}],
        "frontend_ip_configuration": [{"name": "public"}],
        "frontend_port": [{"name": "p443", "port": 443}],
        "backend_address_pool": [{"name": "pool", "fqdns": null}],
        "backend_http_settings": [{
            "name": "settings", "port": 443, "protocol": "Https", "request_timeout": 180, "probe_name": "probe", "path": "",
            "host_name": "api.contoso.example", "pick_host_name_from_backend_address": false, "trusted_root_certificate_names": null,
        }],
        "http_listener": [{
            "name": "listener", "protocol": "Https", "host_name": "api.contoso.example", "host_names": null, "require_sni": true,
            "frontend_ip_configuration_name": "public", "frontend_port_name": "p443", "ssl_certificate_name": "cert",
        }],
        "probe": [{
            "name": "probe", "protocol": "Https", "host": "api.contoso.example", "path": "/status-0123456789abcdef", "port": 0,
            "interval": 30, "timeout": 120, "unhealthy_threshold": 8, "pick_host_name_from_backend_http_settings": false,
        }],
        "request_routing_rule": [{
            "name": "rule", "rule_type": "Basic", "priority": 10, "http_listener_name": "listener",
            "backend_address_pool_name": "pool", "backend_http_settings_name": "settings",
        }],
        "ssl_certificate": [{"name": "cert", "key_vault_secret_id": "https://kv.vault.azure.net/secrets/hosts"}],
    });
    let instance = json!({
        "name": "shop", "resource_group_name": "rg-shop", "location": "westeurope", "sku_name": "Premium_1",
        "virtual_network_type": "Internal", "virtual_network_configuration": [{}], "hostname_configuration": [],
    });
    let domain = json!({"gateway": [{"host_name": "api.contoso.example"}]});
    let subnet = json!({
        "name": "snet-agw", "virtual_network_name": "vnet-shop", "resource_group_name": "rg-shop",
        "address_prefixes": ["10.1.2.0/24"],
    });
    let made = |kind: &str, values: Value| json!({"address": format!("{kind}.this"), "type": kind, "values": values});
    let refers = |to: &str| json!({"references": [format!("{to}.this.id"), format!("{to}.this")]});
    let written = json!({"references": ["local.anything"]});
    json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [
            made("azurerm_application_gateway", gateway), made("azurerm_api_management", instance),
            made("azurerm_api_management_custom_domain", domain), made("azurerm_subnet", subnet),
        ]}},
        "configuration": {"root_module": {"resources": [
            {"address": "azurerm_application_gateway.this", "expressions": {
                "backend_address_pool": [{"name": written, "ip_addresses": refers("azurerm_api_management")}],
                "gateway_ip_configuration": [{"subnet_id": refers("azurerm_subnet")}],
            }},
            {"address": "azurerm_api_management_custom_domain.this", "expressions": {
                "api_management_id": refers("azurerm_api_management"),
            }},
        ]}},
    })
}
