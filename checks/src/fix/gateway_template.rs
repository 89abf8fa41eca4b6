//! An Application Gateway that publishes an instance, as the resource of an ARM template; Bicep writes the same one.

use serde_json::{Value, json};

use super::gateway::{Publication, REQUEST_TIMEOUT};

/// The type of the resource.
pub(super) const TYPE: &str = "Microsoft.Network/applicationGateways";

/// Parameters whose values whoever deploys it gives, and what each is.
pub(super) const OPEN: [(&str, &str); 3] = [
    ("publicIpAddressId", "Id of the public IP address of the gateway: Standard, static"),
    ("certificateSecretId", "Secret of the key vault with the certificate of the host names"),
    ("identityId", "Id of the user-assigned identity that may read that secret"),
];

/// Name of the parameter of the gateway's own subnet, where that exists, and what it is.
pub(super) const SUBNET: (&str, &str) = ("gatewaySubnetId", "Id of the gateway's own subnet");

/// The gateway's own subnet, where it is made with it.
pub(super) const MADE_SUBNET: &str = "[resourceId('Microsoft.Network/virtualNetworks/subnets', parameters('virtualNetworkName'), parameters('gatewaySubnetName'))]";

/// Name of the parameter of the gateway's name.
pub(super) const NAME: &str = "applicationGatewayName";

/// Name of the parameter of the instance's private address, where it is not known.
pub(super) const ADDRESS: &str = "privateIpAddress";

/// The identity that reads the certificate.
pub(super) fn identity() -> Value {
    json!({"type": "UserAssigned", "userAssignedIdentities": {"[parameters('identityId')]": {}}})
}

/// The properties, with expressions of ARM; `subnet` is the id of the gateway's own.
pub(super) fn properties(all: &[&Publication], subnet: &str) -> Value {
    let each = |part: fn(&Publication) -> Value| all.iter().map(|one| part(one)).collect::<Vec<Value>>();
    json!({
        "sku": {"name": "Standard_v2", "tier": "Standard_v2", "capacity": 2},
        "sslPolicy": {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101"},
        "gatewayIPConfigurations": [named("gateway", &json!({"subnet": {"id": subnet}}))],
        "frontendIPConfigurations":
            [named("public", &json!({"publicIPAddress": {"id": "[parameters('publicIpAddressId')]"}}))],
        "frontendPorts": [named("https", &json!({"port": 443}))],
        "sslCertificates": [named("hosts", &json!({"keyVaultSecretId": "[parameters('certificateSecretId')]"}))],
        "backendAddressPools": each(pool),
        "probes": each(probe),
        "backendHttpSettingsCollection": each(settings),
        "httpListeners": each(listener),
        "requestRoutingRules": each(rule),
    })
}

fn named(name: &str, properties: &Value) -> Value {
    json!({"name": name, "properties": properties})
}

/// A reference to a part of the same gateway.
fn to(kind: &str, name: &str) -> Value {
    json!({"id": format!("[resourceId('{TYPE}/{kind}', parameters('{NAME}'), '{name}')]")})
}

fn pool(one: &Publication) -> Value {
    let address =
        one.address.map_or_else(|| format!("[parameters('{ADDRESS}')]"), |address| address.to_string());
    named(&one.part("pool"), &json!({"backendAddresses": [{"ipAddress": address}]}))
}

fn probe(one: &Publication) -> Value {
    let properties = json!({
        "protocol": "Https",
        "host": one.host,
        "path": one.path,
        "interval": one.interval,
        "timeout": one.timeout,
        "unhealthyThreshold": one.threshold,
        "pickHostNameFromBackendHttpSettings": false,
        "match": {"statusCodes": ["200-399"]},
    });
    named(&one.part("probe"), &properties)
}

fn settings(one: &Publication) -> Value {
    let properties = json!({
        "port": 443,
        "protocol": "Https",
        "hostName": one.host,
        "pickHostNameFromBackendAddress": false,
        "requestTimeout": REQUEST_TIMEOUT,
        "probe": to("probes", &one.part("probe")),
    });
    named(&one.part("settings"), &properties)
}

fn listener(one: &Publication) -> Value {
    let properties = json!({
        "frontendIPConfiguration": to("frontendIPConfigurations", "public"),
        "frontendPort": to("frontendPorts", "https"),
        "protocol": "Https",
        "hostName": one.host,
        "requireServerNameIndication": true,
        "sslCertificate": to("sslCertificates", "hosts"),
    });
    named(&one.part("listener"), &properties)
}

fn rule(one: &Publication) -> Value {
    let properties = json!({
        "ruleType": "Basic",
        "priority": one.priority,
        "httpListener": to("httpListeners", &one.part("listener")),
        "backendAddressPool": to("backendAddressPools", &one.part("pool")),
        "backendHttpSettings": to("backendHttpSettingsCollection", &one.part("settings")),
    });
    named(&one.part("rule"), &properties)
}
