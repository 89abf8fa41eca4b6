//! `azurerm_application_gateway` and the policy of its firewall. Its parts refer to each other by name.

use crate::network::gateway::{
    BackendPool, BackendSettings, Exempt, Firewall, FirewallPolicy, Frontend, FrontendPort, HealthProbe,
    Listener, PathMap, PathRule, RoutingRule,
};
use crate::network::read::json::Object;
use crate::network::read::notes::Notes;
use crate::network::terraform::references::{Address, Configuration};
use crate::network::terraform::resources::FindId;
use crate::network::{ApplicationGateway, Field, ResourceId};

/// What the configuration writes in one resource: where the plan then has no value, it is known after apply only.
pub(super) struct Written<'r, 'a> {
    /// The configuration of the plan.
    pub configuration: &'r Configuration<'a>,
    /// The resource.
    pub address: &'r Address,
}

/// A gateway that is being read.
struct Parts<'r, 'a> {
    values: &'r Object<'a>,
    id: &'r ResourceId,
    written: Written<'r, 'a>,
}

/// `azurerm_application_gateway`: what it becomes once it is made.
pub(super) fn gateway<'a>(
    values: &Object<'a>,
    id: ResourceId,
    find: FindId<'_>,
    written: Written<'_, 'a>,
    notes: &mut Notes<'a>,
) -> ApplicationGateway {
    let parts = Parts { values, id: &id, written };
    let policy = find(&["firewall_policy_id"]).given().cloned();
    let mut gateway = ApplicationGateway {
        place: notes.place_of_object(values),
        subnets: find(&["gateway_ip_configuration", "subnet_id"]).given().cloned().into_iter().collect(),
        firewall: firewall(values, policy, notes),
        ..ApplicationGateway::default()
    };
    notes.each_object(values, "sku", |notes, sku| {
        gateway.tier = notes.text(sku, "tier");
        gateway.capacity = notes.number(sku, "capacity");
    });
    gateway.trusted_roots =
        parts.each("trusted_root_certificate", notes, |_, one| parts.own("trustedRootCertificates", one));
    let certificates = parts.each("ssl_certificate", notes, |_, one| parts.own("sslCertificates", one));
    gateway.certificates = Some(certificates).filter(|all| !all.is_empty()).into();
    gateway.frontends = parts.each("frontend_ip_configuration", notes, |notes, one| Frontend {
        id: parts.own("frontendIPConfigurations", one),
        public_address: notes.id(one, "public_ip_address_id").given().cloned(),
        private_address: one.text("private_ip_address").map(std::borrow::Cow::into_owned),
    });
    gateway.frontend_ports = parts.each("frontend_port", notes, |notes, one| FrontendPort {
        id: parts.own("frontendPorts", one),
        port: port(one, notes),
    });
    gateway.listeners = parts.each("http_listener", notes, |notes, one| parts.listener(one, notes));
    gateway.pools = parts.each("backend_address_pool", notes, |notes, one| parts.pool(one, notes));
    gateway.settings = parts.each("backend_http_settings", notes, |notes, one| parts.settings(one, notes));
    gateway.probes = parts.each("probe", notes, |notes, one| parts.probe(one, notes));
    gateway.rules = parts.each("request_routing_rule", notes, |notes, one| parts.rule(one, notes));
    gateway.path_maps = parts.each("url_path_map", notes, |notes, one| parts.path_map(one, notes));
    let tags = values.object("tags");
    let named = tags.iter().flat_map(Object::keys).filter(|key| key.starts_with("EnableApplicationGateway"));
    gateway.features = named.take(16).map(str::to_owned).collect();
    gateway.id = id;
    gateway
}

impl<'a> Parts<'_, 'a> {
    /// Every block of a name.
    fn each<T>(
        &self,
        block: &str,
        notes: &mut Notes<'a>,
        mut read: impl FnMut(&mut Notes<'a>, &Object<'a>) -> T,
    ) -> Vec<T> {
        let mut found = Vec::new();
        notes.each_object(self.values, block, |notes, one| found.push(read(notes, one)));
        if self.is_unlisted(block) {
            notes.pass(&self.values.to_node(), format!("{block} is known after apply only"));
        }
        found
    }

    fn own(&self, list: &str, one: &Object<'_>) -> ResourceId {
        self.named(list, &one.text("name").unwrap_or_default())
    }

    fn named(&self, list: &str, name: &str) -> ResourceId {
        ResourceId(format!("{}/{list}/{name}", self.id))
    }

    /// True for an attribute that has no value yet.
    fn is_unknown(&self, block: &str, one: &Object<'_>, key: &str) -> bool {
        !one.has(key) && self.written.configuration.may_set(self.written.address, block, key)
    }

    /// True for blocks that are written and of which nobody knows yet what they become.
    fn is_unlisted(&self, block: &str) -> bool {
        !self.values.has(block) && self.written.configuration.is_set(self.written.address, &[block])
    }

    fn text(&self, block: &str, one: &Object<'a>, key: &str, notes: &mut Notes<'a>) -> Field<String> {
        if self.is_unknown(block, one, key) {
            notes.pass(&one.to_node(), format!("{key} is known after apply only"));
            return Field::Unreadable;
        }
        notes.text(one, key)
    }

    /// The part that an attribute names: one of the blocks `to`.
    fn part(&self, one: &Object<'a>, key: &str, (to, list): (&str, &str)) -> Field<ResourceId> {
        match one.text(key).filter(|name| !name.is_empty()) {
            Some(_) if self.is_unlisted(to) => Field::Unreadable,
            name => name.map(|name| self.named(list, &name)).into(),
        }
    }

    fn listener(&self, one: &Object<'a>, notes: &mut Notes<'a>) -> Listener {
        let unknown = ["host_name", "host_names"].map(|key| self.is_unknown("http_listener", one, key));
        let hosts = notes.texts(one, &["host_name", "host_names"]);
        Listener {
            id: self.own("httpListeners", one),
            place: notes.place_of_object(one),
            frontend: self.part(one, "frontend_ip_configuration_name", FRONTENDS),
            port: self.part(one, "frontend_port_name", PORTS),
            protocol: notes.text(one, "protocol"),
            hosts: if unknown.contains(&true) && hosts.is_absent() { Field::Unreadable } else { hosts },
            host_is_single: one.get("host_name").map(|_| true).into(),
            sni: notes.boolean(one, "require_sni"),
            certificate: self.part(one, "ssl_certificate_name", CERTIFICATES),
            policy: notes.id(one, "firewall_policy_id"),
        }
    }

    fn pool(&self, one: &Object<'a>, notes: &mut Notes<'a>) -> BackendPool {
        const KEYS: [&str; 2] = ["fqdns", "ip_addresses"];
        let targets = notes.texts(one, &KEYS);
        let is_unknown = KEYS.iter().any(|key| self.is_unknown("backend_address_pool", one, key));
        if is_unknown && targets.is_absent() {
            notes.pass(&one.to_node(), "the addresses of this pool are known after apply only");
        }
        BackendPool {
            id: self.own("backendAddressPools", one),
            place: notes.place_of_object(one),
            targets: if is_unknown && targets.is_absent() { Field::Unreadable } else { targets },
        }
    }

    fn settings(&self, one: &Object<'a>, notes: &mut Notes<'a>) -> BackendSettings {
        let roots = notes.texts(one, &["trusted_root_certificate_names"]);
        let roots = roots.given().into_iter().flatten();
        BackendSettings {
            id: self.own("backendHttpSettingsCollection", one),
            place: notes.place_of_object(one),
            port: port(one, notes),
            protocol: notes.text(one, "protocol"),
            host: self.text("backend_http_settings", one, "host_name", notes),
            host_from_pool: notes.boolean(one, "pick_host_name_from_backend_address"),
            probe: self.part(one, "probe_name", ("probe", "probes")),
            trusted_roots: roots.map(|name| self.named("trustedRootCertificates", name)).collect(),
            timeout: notes.number(one, "request_timeout"),
            path: notes.text(one, "path"),
        }
    }

    fn probe(&self, one: &Object<'a>, notes: &mut Notes<'a>) -> HealthProbe {
        let mut probe = HealthProbe {
            id: self.own("probes", one),
            place: notes.place_of_object(one),
            protocol: notes.text(one, "protocol"),
            host: self.text("probe", one, "host", notes),
            host_from_settings: notes.boolean(one, "pick_host_name_from_backend_http_settings"),
            path: self.text("probe", one, "path", notes),
            port: port(one, notes),
            interval: notes.number(one, "interval"),
            timeout: notes.number(one, "timeout"),
            threshold: notes.number(one, "unhealthy_threshold"),
            ..HealthProbe::default()
        };
        notes.each_object(one, "match", |notes, accepted| {
            probe.statuses = notes.texts(accepted, &["status_code"]);
            probe.body = notes.text(accepted, "body");
        });
        probe
    }

    fn rule(&self, one: &Object<'a>, notes: &mut Notes<'a>) -> RoutingRule {
        RoutingRule {
            id: self.own("requestRoutingRules", one),
            place: notes.place_of_object(one),
            priority: notes.number(one, "priority"),
            kind: notes.text(one, "rule_type"),
            listener: self.part(one, "http_listener_name", ("http_listener", "httpListeners")),
            pool: self.part(one, "backend_address_pool_name", POOLS),
            settings: self.part(one, "backend_http_settings_name", SETTINGS),
            path_map: self.part(one, "url_path_map_name", ("url_path_map", "urlPathMaps")),
            redirect: self.part(one, "redirect_configuration_name", REDIRECTS),
        }
    }

    fn path_map(&self, one: &Object<'a>, notes: &mut Notes<'a>) -> PathMap {
        let mut rules = Vec::new();
        notes.each_object(one, "path_rule", |notes, rule| {
            rules.push(PathRule {
                paths: notes.texts(rule, &["paths"]).given().cloned().unwrap_or_default(),
                pool: self.part(rule, "backend_address_pool_name", POOLS),
                settings: self.part(rule, "backend_http_settings_name", SETTINGS),
                redirect: self.part(rule, "redirect_configuration_name", REDIRECTS),
            });
        });
        PathMap {
            id: self.own("urlPathMaps", one),
            default_pool: self.part(one, "default_backend_address_pool_name", POOLS),
            default_settings: self.part(one, "default_backend_http_settings_name", SETTINGS),
            default_redirect: self.part(one, "default_redirect_configuration_name", REDIRECTS),
            rules,
        }
    }
}

/// Blocks and the list of Azure that they become.
const FRONTENDS: (&str, &str) = ("frontend_ip_configuration", "frontendIPConfigurations");
const PORTS: (&str, &str) = ("frontend_port", "frontendPorts");
const CERTIFICATES: (&str, &str) = ("ssl_certificate", "sslCertificates");
const POOLS: (&str, &str) = ("backend_address_pool", "backendAddressPools");
const SETTINGS: (&str, &str) = ("backend_http_settings", "backendHttpSettingsCollection");
const REDIRECTS: (&str, &str) = ("redirect_configuration", "redirectConfigurations");

/// A port; a state writes 0 where there is none.
fn port<'a>(one: &Object<'a>, notes: &mut Notes<'a>) -> Field<u16> {
    match notes.field(one, "port", "a port", |node| node.number()?.try_into().ok()) {
        Field::Given(0) => Field::Absent,
        read => read,
    }
}

fn firewall<'a>(values: &Object<'a>, policy: Option<ResourceId>, notes: &mut Notes<'a>) -> Option<Firewall> {
    let mut firewall = policy.map(|policy| Firewall { policy: Some(policy), ..Firewall::default() });
    notes.each_object(values, "waf_configuration", |notes, inline| {
        // A firewall that is switched off stops nothing.
        if inline.get("enabled").and_then(|node| node.boolean()) == Some(false) {
            return;
        }
        let (exempt, is_unreadable) = switched_off(inline, notes);
        firewall = Some(Firewall {
            place: notes.place_of_object(inline),
            mode: notes.text(inline, "firewall_mode"),
            exempt,
            is_unreadable,
            policy: firewall.take().and_then(|firewall| firewall.policy),
        });
    });
    firewall
}

fn switched_off<'a>(inline: &Object<'a>, notes: &mut Notes<'a>) -> (Vec<Exempt>, bool) {
    let (mut exempt, mut is_unreadable) = (Vec::new(), false);
    let missing = notes.each_object(inline, "disabled_rule_group", |notes, group| {
        match notes.all(group, &["rules"], "the number of a rule", |text| text.parse::<u32>().ok()) {
            Field::Given(numbers) => exempt.extend(numbers.into_iter().map(Exempt::Rule)),
            // A group without a list is off as a whole.
            Field::Absent => exempt.extend(named_group(group)),
            Field::Unreadable => is_unreadable = true,
        }
    });
    (exempt, is_unreadable || missing.is_some())
}

fn named_group(group: &Object<'_>) -> Option<Exempt> {
    group.text("rule_group_name").map(|name| Exempt::Group(name.into_owned()))
}

/// `azurerm_web_application_firewall_policy`.
pub(super) fn policy<'a>(values: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> FirewallPolicy {
    let mut firewall = Firewall { place: notes.place_of_object(values), ..Firewall::default() };
    // Without this block the policy has the provider's defaults: on, and in prevention.
    firewall.mode = Field::Given("Prevention".to_owned());
    notes.each_object(values, "policy_settings", |notes, settings| {
        let is_off = settings.get("enabled").and_then(|node| node.boolean()) == Some(false);
        let mode = notes.text(settings, "mode");
        match (is_off, mode) {
            (true, _) => firewall.mode = Field::Absent,
            (false, Field::Absent) => {}
            (false, mode) => firewall.mode = mode,
        }
    });
    let missing = notes.each_object(values, "managed_rules", |notes, managed| {
        notes.each_object(managed, "managed_rule_set", |notes, set| {
            notes.each_object(set, "rule_group_override", |notes, group| {
                firewall.exempt.extend(overridden(group, notes));
            });
        });
    });
    firewall.is_unreadable = missing.is_some();
    FirewallPolicy { id, firewall }
}

/// The rules that an override switches off: `disabled_rules` until version 3, blocks of `rule` since.
fn overridden<'a>(group: &Object<'a>, notes: &mut Notes<'a>) -> Vec<Exempt> {
    let numbers = notes.texts(group, &["disabled_rules"]);
    let numbers = numbers.given().into_iter().flatten();
    let mut exempt: Vec<Exempt> = numbers.filter_map(|text| text.parse().ok()).map(Exempt::Rule).collect();
    let mut is_written = !exempt.is_empty();
    notes.each_object(group, "rule", |_, rule| {
        is_written = true;
        let is_on = rule.get("enabled").and_then(|node| node.boolean()) == Some(true);
        let number = rule.text("id").and_then(|text| text.parse().ok());
        exempt.extend(number.filter(|_| !is_on).map(Exempt::Rule));
    });
    if !is_written {
        exempt.extend(named_group(group));
    }
    exempt
}
