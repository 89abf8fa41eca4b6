//! The steps that take away one fault of an Application Gateway, made from changes as data.

use ipnet::IpNet;

use crate::catalogue::Published;
use crate::diagnose::configured::{judgement, routes_scope, rules_scope};
use crate::facts::Facts;
use crate::fix::gateway::{PartChange, PartKind, Publication};
use crate::fix::step::{self, Change, Gateway, Look, Proposal, look};
use crate::fix::{End, Fix, Hop, Route, Scope, SecurityRule, description};
use crate::network::judgement::Names;
use crate::network::publishing::Front;
use crate::network::publishing::reason::{Cure, Fault, FaultCode, health_paths};
use crate::network::{Access, PortRange, ResourceId, RuleProtocol, Way};

/// The steps for a fault; none where a person has to choose.
pub(crate) fn steps(
    facts: &Facts<'_>,
    fault: &Fault,
    front: &Front,
    endpoint: Option<Published>,
) -> Vec<Proposal> {
    let at = gateway(front);
    if fault.code == FaultCode::NotRunning {
        return vec![look(Look::GatewayHealth(at.clone())), step::change(Change::GatewayStart(at))];
    }
    if let Some(probe) = missing_probe(fault, endpoint) {
        let settings = fault.part.clone().unwrap_or_default();
        let shown = Look::GatewayPart { at: at.clone(), kind: PartKind::Settings, name: settings.clone() };
        let made = Change::GatewayProbe { at, probe: Box::new(probe), settings };
        return vec![look(shown), step::change(made)];
    }
    if let Some(change) = elsewhere(facts, fault, front) {
        return vec![change];
    }
    // What concerns the whole gateway is not in one part of it.
    let part = |kind: PartKind| fault.part.clone().filter(|_| endpoint.is_some()).map(|name| (kind, name));
    let change = change(fault);
    let changed = || change.as_ref().filter(|it| it.verb == "update").map(|it| (it.kind, it.name.clone()));
    let shown = looked_at(fault.code).and_then(part).or_else(changed);
    let shown = shown.map(|(kind, name)| look(Look::GatewayPart { at: at.clone(), kind, name }));
    let made = change.clone().map(|change| step::change(Change::GatewayPart { at: at.clone(), change }));
    shown.into_iter().chain(made).collect()
}

/// The gateway as steps name it.
pub(crate) fn gateway(front: &Front) -> Gateway {
    Gateway { name: front.name.clone(), group: front.resource_group.clone() }
}

/// The part in which a fault lies that no single command takes away.
const fn looked_at(code: FaultCode) -> Option<PartKind> {
    match code {
        FaultCode::ListenerProtocol
        | FaultCode::ListenerSni
        | FaultCode::ListenerCertificate
        | FaultCode::RuleMissing => Some(PartKind::Listener),
        FaultCode::RuleTarget | FaultCode::RuleOrder => Some(PartKind::Rule),
        FaultCode::PoolEmpty | FaultCode::PoolAddress | FaultCode::PoolName | FaultCode::NameUnresolved => {
            Some(PartKind::Pool)
        }
        FaultCode::ProbeMatch => Some(PartKind::Probe),
        _ => None,
    }
}

/// The part in which a fault lies, and what takes it away: options of the Azure CLI with their values, an empty one for what the
/// fault says that is needed.
const fn usual(code: FaultCode) -> Option<(PartKind, &'static [(&'static str, &'static str)])> {
    use PartKind::{Listener, Pool, Probe, Settings};
    Some(match code {
        FaultCode::ProbeHost => (Probe, &[("host", ""), ("host-name-from-http-settings", "false")]),
        FaultCode::ProbePath => (Probe, &[("path", "")]),
        FaultCode::ProbeProtocol => (Probe, &[("protocol", "Https")]),
        FaultCode::ProbePort => (Probe, &[("port", "443")]),
        FaultCode::ProbeMatch => (Probe, &[("match-status-codes", "")]),
        FaultCode::ProbeTiming => (Probe, &[("interval", "30"), ("timeout", "120"), ("threshold", "8")]),
        FaultCode::SettingsProtocol => (Settings, &[("protocol", "Https"), ("port", "443")]),
        FaultCode::SettingsPort => (Settings, &[("port", "443")]),
        FaultCode::SettingsHost | FaultCode::SettingsPickHost => {
            (Settings, &[("host-name", ""), ("host-name-from-backend-pool", "false")])
        }
        FaultCode::SettingsTimeout => (Settings, &[("timeout", "")]),
        FaultCode::TrustedRoot => (Settings, &[("root-certs", "")]),
        // An empty pool loses nothing when its list is written; others may.
        FaultCode::PoolEmpty => (Pool, &[("servers", "")]),
        FaultCode::ListenerHost => (Listener, &[("host-name", "")]),
        _ => return None,
    })
}

/// The change of one part that takes a fault away.
fn change(fault: &Fault) -> Option<PartChange> {
    let part = fault.part.as_deref();
    let owned = |option: &str, value: &str| (option.to_owned(), value.to_owned());
    if let Some(Cure::Set(values)) = &fault.cure {
        let (verb, kind, name) = match fault.code {
            // The part of the fault is the listener that lacks a rule.
            FaultCode::RuleMissing => ("create", PartKind::Rule, format!("rule-{}", part?)),
            FaultCode::TrustedRoot => ("create", PartKind::Root, "apim-root".to_owned()),
            code => ("update", looked_at(code)?, part?.to_owned()),
        };
        return Some(PartChange { verb, kind, name, sets: values.clone() });
    }
    let (kind, sets) = usual(fault.code)?;
    let filled = sets.iter().map(|(option, value)| match *value {
        "" => Some(owned(option, fault.needs.as_deref()?)),
        value => Some(owned(option, value)),
    });
    let sets = filled.collect::<Option<_>>()?;
    Some(PartChange { verb: "update", kind, name: part?.to_owned(), sets })
}

/// The probe that settings lack.
fn missing_probe(fault: &Fault, endpoint: Option<Published>) -> Option<Publication> {
    let Some(Cure::Probe { host }) = &fault.cure else { return None };
    let endpoint = endpoint?;
    let path = *health_paths(endpoint).first()?;
    Some(Publication {
        endpoint,
        host: host.clone(),
        path: path.to_owned(),
        address: None,
        priority: 0,
        interval: 30,
        timeout: 120,
        threshold: 8,
        description: String::new(),
    })
}

/// The rule of a security group that a fault asks for: of the gateway's subnet, or of the instance's.
fn security_rule(
    code: FaultCode,
    (peer, prefixes): (&str, &[IpNet]),
    ports: PortRange,
    denier: Option<u32>,
    names: &Names,
) -> SecurityRule {
    let direction = if code == FaultCode::SubnetOutbound { Way::Outbound } else { Way::Inbound };
    let far = if prefixes.is_empty() { End::Tag(peer.to_owned()) } else { End::Prefixes(prefixes.to_vec()) };
    let (way, source, destination) = match direction {
        Way::Inbound => ("Inbound", far, End::Any),
        Way::Outbound => ("Outbound", End::network(), far),
    };
    SecurityRule {
        name: names.free_name(&format!("Allow-{peer}-{way}")),
        description: description("Application Gateway needs it."),
        direction,
        priority: names.free_priority(direction, denier).and_then(|it| u16::try_from(it).ok()),
        access: Access::Allow,
        protocol: if peer == "AzureLoadBalancer" { RuleProtocol::Any } else { RuleProtocol::Tcp },
        source,
        destination,
        ports: if ports == PortRange::ALL { Vec::new() } else { vec![ports] },
    }
}

/// Changes of other resources than the gateway, each with the names of where it stands.
fn elsewhere(facts: &Facts<'_>, fault: &Fault, front: &Front) -> Option<Proposal> {
    let of_instance = fault.code == FaultCode::InstanceInbound;
    let names = if of_instance { judgement(facts).map(|it| &it.names) } else { front.names.as_ref() }?;
    let group = |zone: &ResourceId| zone.segment("resourceGroups").map(str::to_owned);
    let (change, scope) = match fault.cure.as_ref()? {
        Cure::Route { name, prefix: None } => (Change::DeleteRoute(name.clone()), routes_scope(names)),
        Cure::Route { name, prefix: Some(prefix) } => {
            // A shell would read more into what is not a prefix.
            prefix.parse::<IpNet>().ok()?;
            let (name, prefix) = (name.clone(), prefix.clone());
            let route = Route { name, description: String::new(), prefix, hop: Hop::Internet };
            (Change::Add(Fix::Route(route)), routes_scope(names))
        }
        Cure::Link { zone } => {
            let network = names.virtual_network.clone();
            let link = Change::ZoneLink { zone: zone.name().to_owned(), group: group(zone), network };
            (link, Scope::default())
        }
        Cure::Record { zone, host, address } => {
            let name = host.strip_suffix(zone.name()).map_or("", |name| name.trim_end_matches('.'));
            let name = if name.is_empty() { "@" } else { name }.to_owned();
            let (address, group) = (*address, group(zone));
            (Change::ZoneRecord { zone: zone.name().to_owned(), group, name, address }, Scope::default())
        }
        Cure::Rule { peer, prefixes, ports, denier } => {
            let rule = security_rule(fault.code, (peer, prefixes), *ports, *denier, names);
            (Change::Add(Fix::SecurityRule(rule)), rules_scope(names))
        }
        Cure::Probe { .. } | Cure::Set(_) => return None,
    };
    Some(step::change(Change::Elsewhere(Box::new((change, scope)))))
}
