//! The chains of a gateway: from a listener by a rule, or by one path of it, to settings, probe and pool.

use crate::catalogue::Published;
use crate::network::gateway::{
    ApplicationGateway, BackendPool, BackendSettings, HealthProbe, Listener, RoutingRule,
};
use crate::network::publishing::names::{OwnNames, matches};
use crate::network::publishing::reason::health_paths;
use crate::network::resource::{Field, ResourceId};

/// What a part of a gateway refers to.
#[derive(Debug, PartialEq)]
pub enum To<'a, T> {
    /// Nothing.
    Nothing,
    /// Nobody can tell: the reference could not be read.
    Unknown,
    /// A part that the gateway does not have, by name.
    Dangling(&'a str),
    /// This part.
    Part(&'a T),
}

impl<T> Clone for To<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for To<'_, T> {}

impl<'a, T> To<'a, T> {
    /// The part, where there is one.
    #[must_use]
    pub const fn part(self) -> Option<&'a T> {
        match self {
            Self::Part(part) => Some(part),
            Self::Nothing | Self::Unknown | Self::Dangling(_) => None,
        }
    }
}

/// One way through a gateway.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a> {
    /// Who takes the requests.
    pub listener: &'a Listener,
    /// The rule that takes them further.
    pub rule: &'a RoutingRule,
    /// The servers.
    pub pool: To<'a, BackendPool>,
    /// How they are called.
    pub settings: To<'a, BackendSettings>,
    /// How they are asked for their health.
    pub probe: To<'a, HealthProbe>,
}

/// Follows a reference: parts of a gateway are told by their names, since a template may write ids otherwise.
fn follow<'a, T>(
    reference: &'a Field<ResourceId>,
    parts: &'a [T],
    id: impl Fn(&T) -> &ResourceId,
) -> To<'a, T> {
    match reference {
        Field::Absent => To::Nothing,
        Field::Unreadable => To::Unknown,
        Field::Given(wanted) => {
            let found = parts.iter().find(|part| id(part).name().eq_ignore_ascii_case(wanted.name()));
            found.map_or(To::Dangling(wanted.name()), To::Part)
        }
    }
}

/// The rules that take a listener's requests, in the order of the document.
pub fn rules_of<'a>(
    gateway: &'a ApplicationGateway,
    listener: &'a Listener,
) -> impl Iterator<Item = &'a RoutingRule> {
    gateway.rules.iter().filter(|rule| {
        rule.listener.given().is_some_and(|id| id.name().eq_ignore_ascii_case(listener.id.name()))
    })
}

/// Every chain of a gateway that leads to servers: redirections lead to none.
#[must_use]
pub fn chains(gateway: &ApplicationGateway) -> Vec<Chain<'_>> {
    let mut chains = Vec::new();
    for listener in &gateway.listeners {
        for rule in rules_of(gateway, listener) {
            chains.extend(of_rule(gateway, listener, rule));
        }
    }
    chains
}

fn of_rule<'a>(
    gateway: &'a ApplicationGateway,
    listener: &'a Listener,
    rule: &'a RoutingRule,
) -> Vec<Chain<'a>> {
    let chain = |pool: &'a Field<ResourceId>, settings: &'a Field<ResourceId>| {
        let settings = follow(settings, &gateway.settings, |part| &part.id);
        let probe = settings
            .part()
            .map_or(To::Unknown, |settings| follow(&settings.probe, &gateway.probes, |part| &part.id));
        Chain { listener, rule, pool: follow(pool, &gateway.pools, |part| &part.id), settings, probe }
    };
    if !rule.redirect.is_absent() {
        return Vec::new();
    }
    match follow(&rule.path_map, &gateway.path_maps, |map| &map.id) {
        To::Nothing => vec![chain(&rule.pool, &rule.settings)],
        To::Unknown | To::Dangling(_) => Vec::new(),
        To::Part(map) => {
            let default = map.default_redirect.is_absent();
            let default = default.then(|| chain(&map.default_pool, &map.default_settings));
            let paths = map.rules.iter().filter(|path| path.redirect.is_absent());
            default.into_iter().chain(paths.map(|path| chain(&path.pool, &path.settings))).collect()
        }
    }
}

impl Chain<'_> {
    /// Names and addresses of the pool, as far as they could be read.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        let targets = self.pool.part().and_then(|pool| pool.targets.given());
        targets.map(Vec::as_slice).unwrap_or_default()
    }

    /// The host that the settings put in place of the client's.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let settings = self.settings.part()?;
        settings.host.given().filter(|_| !self.picks()).map(String::as_str)
    }

    /// True where the settings send the name in the pool as host.
    #[must_use]
    pub fn picks(&self) -> bool {
        self.settings.part().is_some_and(|settings| settings.host_from_pool == Field::Given(true))
    }

    /// True where the pool holds a name or an address of the instance.
    #[must_use]
    pub fn leads_to(&self, own: &OwnNames) -> bool {
        self.targets().iter().any(|target| is_own(own, target))
    }

    /// The endpoint whose servers the settings and the probe mean: by the host that is sent, else the probe's, else the pool's.
    #[must_use]
    pub fn meant(&self, own: &OwnNames) -> Option<Published> {
        let picked = self.targets().iter().filter(|_| self.picks()).map(String::as_str);
        let hosts = self.host().into_iter().chain(picked).chain(self.probe_host());
        let named = hosts.chain(self.targets().iter().map(String::as_str));
        named.filter_map(|host| own.endpoint(host)).next()
    }

    /// The host that the probe itself names.
    #[must_use]
    pub fn probe_host(&self) -> Option<&str> {
        self.probe.part().and_then(|probe| probe.host.given()).map(String::as_str)
    }

    /// The endpoint whose health page the probe asks for.
    fn asked(&self) -> Option<Published> {
        let path = self.probe.part()?.path.given()?;
        Published::ALL.iter().copied().find(|endpoint| is_health_path(*endpoint, path))
    }

    /// The endpoints of the instance that the chain serves; none where it serves something else.
    #[must_use]
    pub fn endpoints(&self, gateway: &ApplicationGateway, own: &OwnNames) -> Vec<Published> {
        let of_listener = listener_endpoints(gateway, self.listener, own);
        if !of_listener.is_empty() {
            return of_listener;
        }
        let by_pool = || self.leads_to(own).then(|| self.asked().unwrap_or(Published::Gateway));
        self.meant(own).or_else(by_pool).into_iter().collect()
    }
}

/// True for a name or an address of the instance.
#[must_use]
pub fn is_own(own: &OwnNames, target: &str) -> bool {
    match target.parse() {
        Ok(address) => own.addresses.contains(&address),
        Err(_) => own.has(target),
    }
}

/// True for the path of an endpoint's health page, whatever its case and its query.
#[must_use]
pub fn is_health_path(endpoint: Published, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    health_paths(endpoint).iter().any(|known| known.eq_ignore_ascii_case(path))
}

/// The endpoints whose names a listener takes; what another listener takes by its full name is not a wildcard's.
#[must_use]
pub fn listener_endpoints(
    gateway: &ApplicationGateway,
    listener: &Listener,
    own: &OwnNames,
) -> Vec<Published> {
    let hosts = listener.hosts.given().map(Vec::as_slice).unwrap_or_default();
    let elsewhere = |name: &str| {
        let others = gateway.listeners.iter().filter(|other| other.id != listener.id);
        others.filter_map(|other| other.hosts.given()).flatten().any(|host| host.eq_ignore_ascii_case(name))
    };
    let mut endpoints: Vec<Published> = Vec::new();
    for host in hosts {
        if host.contains(['*', '?']) {
            let matched = own.matched(host).filter(|(name, _)| !own.is_default(name) && !elsewhere(name));
            endpoints.extend(matched.map(|(_, endpoint)| endpoint));
        } else {
            endpoints.extend(own.endpoint(host));
        }
    }
    endpoints.sort_unstable();
    endpoints.dedup();
    endpoints
}

/// True where a listener takes requests for `host`: one without hosts takes all; unknown hosts take none for certain.
#[must_use]
pub fn takes(listener: &Listener, host: &str) -> bool {
    match &listener.hosts {
        Field::Absent => true,
        Field::Unreadable => false,
        Field::Given(hosts) => hosts.iter().any(|pattern| matches(pattern, host)),
    }
}
