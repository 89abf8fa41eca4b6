//! Reads an Application Gateway and the health of its backends.

use crate::network::gateway::{
    BackendPool, BackendSettings, Firewall, Frontend, FrontendPort, HealthProbe, Listener, PathMap,
    RoutingRule,
};
use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::network::{ApplicationGateway, BackendServer, Field, ResourceId};

/// An Application Gateway.
pub(super) fn gateway<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> ApplicationGateway {
    let sku = object.object("sku");
    let mut gateway = ApplicationGateway {
        id,
        place: notes.place_of_object(object),
        tier: sku.as_ref().map_or(Field::Absent, |sku| notes.text(sku, "tier")),
        capacity: sku.as_ref().map_or(Field::Absent, |sku| notes.number(sku, "capacity")),
        state: notes.text(object, "operationalState"),
        trusted_roots: notes.ids(object, "trustedRootCertificates"),
        firewall: firewall(object, notes),
        ..ApplicationGateway::default()
    };
    notes.each_object(object, "gatewayIPConfigurations", |notes, one| {
        gateway.subnets.extend(notes.id(one, "subnet").given().cloned());
    });
    notes.each_object(object, "frontendIPConfigurations", |notes, one| {
        gateway.frontends.push(frontend(one, notes));
    });
    notes.each_object(object, "frontendPorts", |notes, one| {
        gateway.frontend_ports.push(FrontendPort { id: own_id(one), port: port(one, "port", notes) });
    });
    notes.each_object(object, "httpListeners", |notes, one| gateway.listeners.push(listener(one, notes)));
    notes.each_object(object, "backendAddressPools", |notes, one| gateway.pools.push(pool(one, notes)));
    notes.each_object(object, "backendHttpSettingsCollection", |notes, one| {
        gateway.settings.push(settings(one, notes));
    });
    notes.each_object(object, "probes", |notes, one| gateway.probes.push(probe(one, notes)));
    notes.each_object(object, "requestRoutingRules", |notes, one| gateway.rules.push(rule(one, notes)));
    notes.each_object(object, "urlPathMaps", |notes, one| gateway.path_maps.push(path_map(one, notes)));
    gateway.features = features(object);
    gateway
}

fn own_id(object: &Object<'_>) -> ResourceId {
    let id = object.own("id").and_then(|id| id.string());
    ResourceId(id.or_else(|| object.text("name")).unwrap_or_default().into_owned())
}

fn reference<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Option<ResourceId> {
    notes.id(object, key).given().cloned()
}

fn port<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Field<u16> {
    notes.field(object, key, "a port", |node: &Node<'_>| node.number()?.try_into().ok())
}

fn texts<'a>(object: &Object<'a>, keys: &[&str], notes: &mut Notes<'a>) -> Vec<String> {
    notes.texts(object, keys).given().cloned().unwrap_or_default()
}

fn frontend<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Frontend {
    Frontend {
        id: own_id(object),
        public_address: reference(object, "publicIPAddress", notes),
        private_address: object.text("privateIPAddress").map(std::borrow::Cow::into_owned),
    }
}

fn listener<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Listener {
    Listener {
        id: own_id(object),
        place: notes.place_of_object(object),
        frontend: reference(object, "frontendIPConfiguration", notes),
        port: reference(object, "frontendPort", notes),
        protocol: notes.text(object, "protocol"),
        hosts: texts(object, &["hostName", "hostNames"], notes),
        certificate: reference(object, "sslCertificate", notes),
    }
}

/// The specification's sample writes the addresses of a pool as texts; Azure writes objects.
fn pool<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> BackendPool {
    let mut targets = Vec::new();
    for node in object.get("backendAddresses").iter().flat_map(Node::list) {
        let inner = node.object();
        let target = inner.and_then(|one| one.text("fqdn").or_else(|| one.text("ipAddress")));
        match target.or_else(|| node.string()) {
            Some(target) => targets.push(target.into_owned()),
            None => notes.expected(&node, "an address of a pool"),
        }
    }
    BackendPool { id: own_id(object), place: notes.place_of_object(object), targets }
}

fn settings<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> BackendSettings {
    BackendSettings {
        id: own_id(object),
        place: notes.place_of_object(object),
        port: port(object, "port", notes),
        protocol: notes.text(object, "protocol"),
        host: notes.text(object, "hostName"),
        host_from_pool: notes.boolean(object, "pickHostNameFromBackendAddress"),
        probe: reference(object, "probe", notes),
        trusted_roots: notes.ids(object, "trustedRootCertificates"),
        timeout: notes.number(object, "requestTimeout"),
        path: notes.text(object, "path"),
    }
}

fn probe<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> HealthProbe {
    let accepted = object.object("match");
    HealthProbe {
        id: own_id(object),
        place: notes.place_of_object(object),
        protocol: notes.text(object, "protocol"),
        host: notes.text(object, "host"),
        host_from_settings: notes.boolean(object, "pickHostNameFromBackendHttpSettings"),
        path: notes.text(object, "path"),
        port: port(object, "port", notes),
        interval: notes.number(object, "interval"),
        timeout: notes.number(object, "timeout"),
        threshold: notes.number(object, "unhealthyThreshold"),
        statuses: accepted.as_ref().map(|it| texts(it, &["statusCodes"], notes)).unwrap_or_default(),
        body: accepted.as_ref().map_or(Field::Absent, |it| notes.text(it, "body")),
    }
}

fn rule<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> RoutingRule {
    RoutingRule {
        id: own_id(object),
        place: notes.place_of_object(object),
        priority: notes.number(object, "priority"),
        kind: notes.text(object, "ruleType"),
        listener: reference(object, "httpListener", notes),
        pool: reference(object, "backendAddressPool", notes),
        settings: reference(object, "backendHttpSettings", notes),
        path_map: reference(object, "urlPathMap", notes),
        redirect: reference(object, "redirectConfiguration", notes),
    }
}

fn path_map<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> PathMap {
    let mut rules = Vec::new();
    notes.each_object(object, "pathRules", |notes, one| {
        let paths = texts(one, &["paths"], notes);
        let pool = reference(one, "backendAddressPool", notes);
        rules.push((paths, pool, reference(one, "backendHttpSettings", notes)));
    });
    PathMap {
        id: own_id(object),
        default_pool: reference(object, "defaultBackendAddressPool", notes),
        default_settings: reference(object, "defaultBackendHttpSettings", notes),
        rules,
    }
}

fn firewall<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Option<Firewall> {
    let policy = reference(object, "firewallPolicy", notes);
    let Some(inline) = object.object("webApplicationFirewallConfiguration") else {
        return policy.map(|policy| Firewall { policy: Some(policy), ..Firewall::default() });
    };
    // A firewall that is switched off stops nothing.
    if inline.get("enabled").and_then(|node| node.boolean()) == Some(false) {
        return None;
    }
    let mut disabled_rules = Vec::new();
    notes.each_object(&inline, "disabledRuleGroups", |notes, group| {
        let numbers = notes.all(group, &["rules"], "the number of a rule", |text| text.parse::<u32>().ok());
        disabled_rules.extend(numbers.given().cloned().unwrap_or_default());
    });
    Some(Firewall { mode: notes.text(&inline, "firewallMode"), disabled_rules, policy })
}

/// Tags are where Azure keeps the features of a gateway that a customer chose.
fn features(object: &Object<'_>) -> Vec<String> {
    let Some(tags) = object.object("tags") else { return Vec::new() };
    let named = tags.keys().filter(|key| key.starts_with("EnableApplicationGateway"));
    named.take(16).map(str::to_owned).collect()
}

/// The servers of backend health.
pub(super) fn health<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Vec<BackendServer> {
    let mut servers = Vec::new();
    notes.each_object(object, "backendAddressPools", |notes, pool| {
        let of_pool = reference(pool, "backendAddressPool", notes);
        notes.each_object(pool, "backendHttpSettingsCollection", |notes, settings| {
            let of_settings = reference(settings, "backendHttpSettings", notes);
            notes.each_object(settings, "servers", |notes, one| {
                servers.push(BackendServer {
                    place: notes.place_of_object(one),
                    pool: of_pool.clone(),
                    settings: of_settings.clone(),
                    address: one.text("address").unwrap_or_default().into_owned(),
                    health: notes.text(one, "health"),
                    log: one.text("healthProbeLog").map(std::borrow::Cow::into_owned),
                });
            });
        });
    });
    servers
}
