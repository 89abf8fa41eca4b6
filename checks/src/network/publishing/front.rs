//! Listeners and rules of a gateway: who takes the requests for an endpoint, and where they lead.

use crate::catalogue::Published;
use crate::network::gateway::{ApplicationGateway, BackendPool, Listener, RoutingRule};
use crate::network::publishing::backend::another;
use crate::network::publishing::chain::{Chain, To, is_own, rules_of, takes};
use crate::network::publishing::names::OwnNames;
use crate::network::publishing::reason::{Cure, Fault, FaultCode, name};
use crate::network::resource::{Field, ResourceId};
use crate::network::settings::Gravity;

/// What is wrong with a listener that takes requests for the instance.
#[must_use]
pub fn listener(gateway: &ApplicationGateway, listener: &Listener) -> Vec<Fault> {
    let found = [protocol(gateway, listener), certificate(gateway, listener), sni(gateway, listener)];
    let part = listener.id.name();
    found.into_iter().flatten().map(|fault| fault.of_part(part, &listener.place)).collect()
}

fn is_https(listener: &Listener) -> bool {
    listener.protocol.given().is_some_and(|word| word.eq_ignore_ascii_case("Https"))
}

/// Plain HTTP is fine where it only redirects.
fn protocol(gateway: &ApplicationGateway, listener: &Listener) -> Option<Fault> {
    let is_http = listener.protocol.given().is_some_and(|word| word.eq_ignore_ascii_case("Http"));
    let redirects = rules_of(gateway, listener).all(|rule| !rule.redirect.is_absent());
    (is_http && !redirects).then(|| {
        let part = listener.id.name();
        let says = format!("The listener {part} takes plain HTTP: keys and tokens cross the network in clear text, and HTTPS gets no answer.");
        let step = format!("Set protocol Https, port 443 and a certificate in the listener {part}, or let its rule redirect to HTTPS.");
        let port = gateway.frontend_ports.iter().find(|port| port.port == Field::Given(443));
        let port = port.map_or("<FRONTEND_PORT_443>", |port| port.id.name());
        Fault::new(FaultCode::ListenerProtocol, says, step)
            .weighing(Gravity::Warning)
            .cured_by(Cure::set(&[("frontend-port", port), ("ssl-cert", sole_certificate(gateway))]))
            .values("Http".to_owned(), "Https".to_owned())
    })
}

/// The certificate of a gateway that has one alone; which of several fits a host no document tells.
fn sole_certificate(gateway: &ApplicationGateway) -> &str {
    match gateway.certificates.given().map(Vec::as_slice) {
        Some([only]) => only.name(),
        _ => "<CERTIFICATE>",
    }
}

fn certificate(gateway: &ApplicationGateway, listener: &Listener) -> Option<Fault> {
    if !is_https(listener) {
        return None;
    }
    let part = listener.id.name();
    let host = listener.hosts.given().and_then(|hosts| hosts.first()).map_or("its host", String::as_str);
    let says = match &listener.certificate {
        Field::Unreadable => return None,
        Field::Absent => format!("The listener {part} speaks HTTPS and has no certificate."),
        Field::Given(id) => {
            let known = gateway.certificates.given()?;
            let is_there = known.iter().any(|one| one.name().eq_ignore_ascii_case(id.name()));
            if is_there {
                return None;
            }
            format!(
                "The listener {part} names the certificate {}, which the gateway does not have.",
                id.name()
            )
        }
    };
    let step = format!("Add a certificate for {host} to the gateway and name it in the listener {part}.");
    let has = listener.certificate.given().map(|id| id.name().to_owned());
    Some(
        Fault::new(FaultCode::ListenerCertificate, says, step)
            .values(has, format!("a certificate for {host}"))
            .cured_by(Cure::set(&[("ssl-cert", sole_certificate(gateway))])),
    )
}

/// Of several listeners on one port each must tell its host in the handshake.
fn sni(gateway: &ApplicationGateway, listener: &Listener) -> Option<Fault> {
    let has_host = listener.host_is_single == Field::Given(true);
    if !is_https(listener) || !has_host || listener.sni != Field::Given(false) {
        return None;
    }
    let beside = gateway.listeners.iter().any(|other| {
        other.id != listener.id
            && is_same_socket(other, listener)
            && other.certificate != listener.certificate
    });
    beside.then(|| {
        let part = listener.id.name();
        let host = listener.hosts.given().and_then(|hosts| hosts.first().cloned());
        let says = format!(
            "The listener {part} does not require SNI while others share its port: a client may get the certificate of another host."
        );
        Fault::new(FaultCode::ListenerSni, says, format!("Require server name indication in the listener {part}."))
            .weighing(Gravity::Warning)
            .values("requireServerNameIndication: false".to_owned(), "true".to_owned())
            // The Azure CLI has no option for it: a listener whose host is set requires it.
            .cured_by(Cure::set(&[("host-name", &host.unwrap_or_default())]))
    })
}

/// Two listeners on one front end and port.
fn is_same_socket(a: &Listener, b: &Listener) -> bool {
    let same = |a: &Field<ResourceId>, b: &Field<ResourceId>| match (a, b) {
        (Field::Given(a), Field::Given(b)) => a.name().eq_ignore_ascii_case(b.name()),
        (Field::Absent, Field::Absent) => true,
        _ => false,
    };
    same(&a.frontend, &b.frontend) && same(&a.port, &b.port)
}

/// A host of the listener that the instance does not know reaches it where nothing puts another in its place.
#[must_use]
pub fn listener_host(chain: &Chain<'_>, own: &OwnNames) -> Vec<Fault> {
    let settings = chain.settings.part();
    let is_forwarded = settings.is_some_and(|settings| settings.host.is_absent()) && !chain.picks();
    let listener = chain.listener;
    let part = listener.id.name();
    let hosts = listener.hosts.given().into_iter().flatten();
    let foreign = hosts.filter(|host| !host.contains(['*', '?']) && !own.has(host));
    let fault = |host: &String| {
        let (says, wanted, gravity) = if is_forwarded {
            let says = format!(
                "The listener {part} takes requests for {host}, and the settings send that host on: it is none of the instance's names."
            );
            (
                says,
                chain.meant(own).and_then(|endpoint| own.names_of(endpoint).first().copied()),
                Gravity::Error,
            )
        } else {
            let meant = own.misspelt(host)?;
            let says = format!(
                "The listener {part} takes requests for {host}, and the instance has {meant}: requests for that name find no listener."
            );
            (says, Some(meant), Gravity::Error)
        };
        let step = match wanted {
            Some(wanted) => format!("Set the host name {wanted} in the listener {part}."),
            None => {
                format!("Set a name of the instance in the listener {part}, or as host name in its settings.")
            }
        };
        let fault = Fault::new(FaultCode::ListenerHost, says, step).weighing(gravity);
        Some(fault.values(host.clone(), wanted.map(str::to_owned)).of_part(part, &listener.place))
    };
    foreign.filter_map(fault).collect()
}

/// A listener whose requests no rule takes.
#[must_use]
pub fn rule_missing(
    gateway: &ApplicationGateway,
    listener: &Listener,
    endpoint: Published,
    own: &OwnNames,
) -> Option<Fault> {
    let is_known = gateway.rules.iter().all(|rule| rule.listener != Field::Unreadable);
    (is_known && rules_of(gateway, listener).next().is_none()).then(|| {
        let part = listener.id.name();
        let says = format!("No rule takes the requests of the listener {part}.");
        let step = format!(
            "Add a rule that leads from the listener {part} to the pool and the settings of the instance."
        );
        let first = gateway.rules.iter().filter_map(|rule| rule.priority.given()).min();
        let [pool, settings] = backend_of(gateway, endpoint, own);
        let free = free_priority(gateway, first.map_or(100, |first| *first));
        let free = free.map_or_else(|| "<FREE_PRIORITY>".to_owned(), |free| free.to_string());
        let fault = Fault::new(FaultCode::RuleMissing, says, step).cured_by(Cure::set(&[
            ("address-pool", pool),
            ("http-settings", settings),
            ("http-listener", part),
            ("rule-type", "Basic"),
            ("priority", &free),
        ]));
        fault.of_part(part, &listener.place)
    })
}

/// The names of the pool and the settings of an endpoint.
fn backend_of<'a>(gateway: &'a ApplicationGateway, endpoint: Published, own: &OwnNames) -> [&'a str; 2] {
    let holds = |pool: &&BackendPool| pool.targets.given().into_iter().flatten().any(|it| is_own(own, it));
    let pool = gateway.pools.iter().find(holds).map_or("<POOL>", |pool| pool.id.name());
    let is_its = |host: &Field<String>| host.given().and_then(|host| own.endpoint(host)) == Some(endpoint);
    let settings = gateway.settings.iter().find(|settings| is_its(&settings.host));
    [pool, settings.map_or("<SETTINGS>", |settings| settings.id.name())]
}

/// The nearest priority before `limit` that no rule has.
fn free_priority(gateway: &ApplicationGateway, limit: u32) -> Option<u32> {
    let is_free = |free: &u32| gateway.rules.iter().all(|rule| rule.priority != Field::Given(*free));
    (1..limit).rev().find(is_free)
}

/// A rule that leads nowhere, or to what is another endpoint's.
#[must_use]
pub fn rule_target(
    gateway: &ApplicationGateway,
    chain: &Chain<'_>,
    endpoints: &[Published],
    own: &OwnNames,
) -> Option<Fault> {
    let part = chain.rule.id.name();
    let fault = |says: String, has: Option<String>, needs: Option<String>| {
        let step = match endpoints.first() {
            Some(endpoint) => {
                format!("Let the rule {part} lead to the pool and the settings of the {}.", name(*endpoint))
            }
            None => format!("Let the rule {part} lead to the pool and the settings of the instance."),
        };
        let mut fault = Fault::new(FaultCode::RuleTarget, says, step).values(has, needs);
        match endpoints.first() {
            Some(endpoint) if chain.rule.path_map.is_absent() => {
                let [pool, settings] = backend_of(gateway, *endpoint, own);
                fault.cure = Some(Cure::set(&[("address-pool", pool), ("http-settings", settings)]));
            }
            _ => fault.step.push_str(" The Azure CLI changes no rule of a path: it deletes it and makes it again (url-path-map rule)."),
        }
        Some(fault.of_part(part, &chain.rule.place))
    };
    let says = match (chain.pool, chain.settings) {
        (To::Nothing, _) => format!("The rule {part} names no pool."),
        (_, To::Nothing) => format!("The rule {part} names no settings."),
        (To::Dangling(name), _) => {
            format!("The rule {part} names the pool {name}, which the gateway does not have.")
        }
        (_, To::Dangling(name)) => {
            format!("The rule {part} names the settings {name}, which the gateway does not have.")
        }
        (To::Part(_) | To::Unknown, To::Part(settings)) => {
            let other = another(chain, endpoints, own)?;
            let says = format!(
                "The rule {part} leads requests for the {} to the settings {}, which are those of the {}.",
                endpoints.first().map_or("endpoint", |endpoint| name(*endpoint)),
                settings.id.name(),
                name(other)
            );
            return fault(
                says,
                Some(other.as_str().to_owned()),
                endpoints.first().map(|endpoint| endpoint.as_str().to_owned()),
            );
        }
        (_, To::Unknown) => return None,
    };
    fault(says, None, None)
}

/// A rule of another listener that comes first and takes the same requests elsewhere.
#[must_use]
pub fn rule_order(gateway: &ApplicationGateway, chain: &Chain<'_>) -> Option<Fault> {
    let mine = place(gateway, chain.rule)?;
    let hosts = chain.listener.hosts.given()?;
    let takes_mine = |other: &Listener| hosts.iter().any(|host| takes(other, host));
    let leads_alike = |other: &RoutingRule| {
        other.redirect.is_absent()
            && other.path_map.is_absent()
            && other.pool == chain.rule.pool
            && other.settings == chain.rule.settings
    };
    let listeners = gateway.listeners.iter().filter(|other| {
        other.id != chain.listener.id && is_same_socket(other, chain.listener) && takes_mine(other)
    });
    let mut rules =
        listeners.flat_map(|listener| rules_of(gateway, listener).map(move |rule| (listener, rule)));
    let (other, rule) = rules
        .find(|(_, rule)| !leads_alike(rule) && place(gateway, rule).is_some_and(|theirs| theirs <= mine))?;
    let part = chain.rule.id.name();
    let number = |rule: &RoutingRule| {
        rule.priority.given().map(|priority| format!(" ({priority})")).unwrap_or_default()
    };
    let says = format!(
        "The rule {}{} of the listener {} comes before the rule {part}{} and takes the requests for {}.",
        rule.id.name(),
        number(rule),
        other.id.name(),
        number(chain.rule),
        hosts.first().map_or("it", String::as_str)
    );
    let needs = rule.priority.given().map(|priority| format!("< {priority}"));
    let free = rule.priority.given().and_then(|theirs| free_priority(gateway, *theirs));
    let cure = free.map(|free| Cure::set(&[("priority", &free.to_string())]));
    let no_free =
        if cure.is_none() { ", which needs a higher one first: none is free before it" } else { "" };
    let step =
        format!("Give the rule {part} a lower priority number than the rule {}{no_free}.", rule.id.name());
    let fault = Fault { cure, ..Fault::new(FaultCode::RuleOrder, says, step) };
    Some(
        fault
            .values(chain.rule.priority.given().map(ToString::to_string), needs)
            .of_part(part, &chain.rule.place),
    )
}

/// The place of a rule in the order of evaluation: its priority, without priorities its place in the list.
fn place(gateway: &ApplicationGateway, rule: &RoutingRule) -> Option<u32> {
    match rule.priority {
        Field::Given(priority) => Some(priority),
        Field::Unreadable => None,
        Field::Absent => {
            let at = gateway.rules.iter().position(|one| std::ptr::eq(one, rule))?;
            u32::try_from(at).ok()
        }
    }
}
