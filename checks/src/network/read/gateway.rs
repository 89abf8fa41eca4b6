//! Reads an Application Gateway and the health of its backends.

use crate::network::gateway::{
    BackendPool, BackendSettings, Exempt, Firewall, FirewallPolicy, Frontend, FrontendPort, HealthProbe,
    Listener, PathMap, PathRule, RoutingRule,
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
        trusted_roots: parts(object, "trustedRootCertificates", notes),
        certificates: Some(parts(object, "sslCertificates", notes)).filter(|all| !all.is_empty()).into(),
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

/// The ids of parts that are looked at by their names alone.
fn parts<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Vec<ResourceId> {
    let mut ids = Vec::new();
    notes.each_object(object, key, |_, one| ids.push(own_id(one)));
    ids
}

fn own_id(object: &Object<'_>) -> ResourceId {
    let id = object.own("id").and_then(|id| id.string());
    ResourceId(id.or_else(|| object.text("name")).unwrap_or_default().into_owned())
}

fn port<'a>(object: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Field<u16> {
    notes.field(object, key, "a port", |node: &Node<'_>| node.number()?.try_into().ok())
}

fn frontend<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Frontend {
    Frontend {
        id: own_id(object),
        public_address: notes.id(object, "publicIPAddress").given().cloned(),
        private_address: object.text("privateIPAddress").map(std::borrow::Cow::into_owned),
    }
}

fn listener<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Listener {
    Listener {
        id: own_id(object),
        place: notes.place_of_object(object),
        frontend: notes.id(object, "frontendIPConfiguration"),
        port: notes.id(object, "frontendPort"),
        protocol: notes.text(object, "protocol"),
        hosts: notes.texts(object, &["hostName", "hostNames"]),
        host_is_single: object.get("hostName").map(|name| !name.is_absent()).into(),
        sni: notes.boolean(object, "requireServerNameIndication"),
        certificate: notes.id(object, "sslCertificate"),
        policy: notes.id(object, "firewallPolicy"),
    }
}

/// The specification's sample writes the addresses of a pool as texts; Azure writes objects.
fn pool<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> BackendPool {
    let mut targets = Vec::new();
    let mut is_whole = true;
    for node in object.get("backendAddresses").iter().flat_map(Node::list) {
        let inner = node.object();
        let target = inner.and_then(|one| one.text("fqdn").or_else(|| one.text("ipAddress")));
        match target.or_else(|| node.string()) {
            Some(target) => targets.push(target.into_owned()),
            None => {
                notes.expected(&node, "an address of a pool");
                is_whole = false;
            }
        }
    }
    let targets = match (is_whole, targets.is_empty()) {
        (false, _) => Field::Unreadable,
        (true, true) => Field::Absent,
        (true, false) => Field::Given(targets),
    };
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
        probe: notes.id(object, "probe"),
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
        statuses: accepted.as_ref().map_or(Field::Absent, |it| notes.texts(it, &["statusCodes"])),
        body: accepted.as_ref().map_or(Field::Absent, |it| notes.text(it, "body")),
    }
}

fn rule<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> RoutingRule {
    RoutingRule {
        id: own_id(object),
        place: notes.place_of_object(object),
        priority: notes.number(object, "priority"),
        kind: notes.text(object, "ruleType"),
        listener: notes.id(object, "httpListener"),
        pool: notes.id(object, "backendAddressPool"),
        settings: notes.id(object, "backendHttpSettings"),
        path_map: notes.id(object, "urlPathMap"),
        redirect: notes.id(object, "redirectConfiguration"),
    }
}

fn path_map<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> PathMap {
    let mut rules = Vec::new();
    notes.each_object(object, "pathRules", |notes, one| {
        rules.push(PathRule {
            paths: notes.texts(one, &["paths"]).given().cloned().unwrap_or_default(),
            pool: notes.id(one, "backendAddressPool"),
            settings: notes.id(one, "backendHttpSettings"),
            redirect: notes.id(one, "redirectConfiguration"),
        });
    });
    PathMap {
        id: own_id(object),
        default_pool: notes.id(object, "defaultBackendAddressPool"),
        default_settings: notes.id(object, "defaultBackendHttpSettings"),
        default_redirect: notes.id(object, "defaultRedirectConfiguration"),
        rules,
    }
}

fn firewall<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Option<Firewall> {
    let policy = notes.id(object, "firewallPolicy").given().cloned();
    let Some(inline) = object.object("webApplicationFirewallConfiguration") else {
        return policy.map(|policy| Firewall { policy: Some(policy), ..Firewall::default() });
    };
    // A firewall that is switched off stops nothing.
    if inline.get("enabled").and_then(|node| node.boolean()) == Some(false) {
        return policy.map(|policy| Firewall { policy: Some(policy), ..Firewall::default() });
    }
    let mut firewall = Firewall {
        place: notes.place_of_object(object),
        mode: notes.text(&inline, "firewallMode"),
        policy,
        ..Firewall::default()
    };
    let missing = notes.each_object(&inline, "disabledRuleGroups", |notes, group| {
        let numbers = notes.all(group, &["rules"], "the number of a rule", |text| text.parse::<u32>().ok());
        match numbers {
            Field::Given(numbers) => firewall.exempt.extend(numbers.into_iter().map(Exempt::Rule)),
            // A group without a list is off as a whole.
            Field::Absent => firewall
                .exempt
                .extend(group.text("ruleGroupName").map(|name| Exempt::Group(name.into_owned()))),
            Field::Unreadable => firewall.is_unreadable = true,
        }
    });
    firewall.is_unreadable |= missing.is_some();
    Some(firewall)
}

/// A policy of a web application firewall.
pub(super) fn policy<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> FirewallPolicy {
    FirewallPolicy { id, firewall: rules_of_policy(object, notes) }
}

fn rules_of_policy<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Firewall {
    let mut policy = Firewall { place: notes.place_of_object(object), ..Firewall::default() };
    let settings = object.object("policySettings");
    let is_off = |text: &str| text.eq_ignore_ascii_case("Disabled");
    if !settings.as_ref().and_then(|it| it.text("state")).is_some_and(|state| is_off(&state)) {
        policy.mode = settings.as_ref().map_or(Field::Absent, |it| notes.text(it, "mode"));
    }
    let Some(managed) = object.object("managedRules") else { return policy };
    let missing = notes.each_object(&managed, "managedRuleSets", |notes, set| {
        notes.each_object(set, "ruleGroupOverrides", |notes, group| {
            let before = policy.exempt.len();
            let mut rules = 0_usize;
            notes.each_object(group, "rules", |_, rule| {
                rules += 1;
                let number = rule.text("ruleId").and_then(|text| text.parse().ok());
                let is_off = rule.text("state").is_none_or(|state| is_off(&state));
                policy.exempt.extend(number.filter(|_| is_off).map(Exempt::Rule));
            });
            if rules == 0 && before == policy.exempt.len() {
                policy
                    .exempt
                    .extend(group.text("ruleGroupName").map(|name| Exempt::Group(name.into_owned())));
            }
        });
    });
    policy.is_unreadable = missing.is_some();
    policy
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
        let of_pool = notes.id(pool, "backendAddressPool").given().cloned();
        notes.each_object(pool, "backendHttpSettingsCollection", |notes, settings| {
            let of_settings = notes.id(settings, "backendHttpSettings").given().cloned();
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
