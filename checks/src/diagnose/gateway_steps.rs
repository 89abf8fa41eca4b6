//! The steps that take away one fault of an Application Gateway, made from changes as data.

use ipnet::IpNet;

use crate::catalogue::Published;
use crate::diagnose::configured::rules_scope;
use crate::fix::gateway::{PartChange, PartKind, Publication};
use crate::fix::step::{self, Change, Gateway, Look, Proposal, look};
use crate::fix::{End, SecurityRule, description};
use crate::network::publishing::Front;
use crate::network::publishing::reason::{Cure, Fault, FaultCode, health_paths};
use crate::network::{Access, PortRange, RuleProtocol, Way};

/// The steps for a fault; none where a person has to choose.
pub(crate) fn steps(fault: &Fault, front: &Front, endpoint: Option<Published>) -> Vec<Proposal> {
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
    if let Some(rule) = security_rule(fault, front) {
        let names = front.names.clone().unwrap_or_default();
        return vec![step::change(Change::RuleElsewhere(Box::new((rule, rules_scope(&names)))))];
    }
    let part = |kind: PartKind| fault.part.clone().map(|name| (kind, name));
    match (change(fault), looked_at(fault.code).and_then(part)) {
        (Some(change), _) => vec![
            look(Look::GatewayPart { at: at.clone(), kind: change.kind, name: change.name.clone() }),
            step::change(Change::GatewayPart { at, change }),
        ],
        (None, Some((kind, name))) => vec![look(Look::GatewayPart { at, kind, name })],
        (None, None) => Vec::new(),
    }
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

/// The change of one part that takes a fault away.
fn change(fault: &Fault) -> Option<PartChange> {
    let needs = || fault.needs.clone();
    let (kind, sets) = match fault.code {
        FaultCode::ProbeHost => {
            (PartKind::Probe, vec![("host", needs()?), ("host-name-from-http-settings", "false".to_owned())])
        }
        FaultCode::ProbePath => (PartKind::Probe, vec![("path", needs()?)]),
        FaultCode::ProbeProtocol => (PartKind::Probe, vec![("protocol", "Https".to_owned())]),
        FaultCode::ProbePort => (PartKind::Probe, vec![("port", "443".to_owned())]),
        FaultCode::ProbeMatch => (PartKind::Probe, vec![("match-status-codes", needs()?)]),
        FaultCode::ProbeTiming => (
            PartKind::Probe,
            vec![("interval", "30".to_owned()), ("timeout", "120".to_owned()), ("threshold", "8".to_owned())],
        ),
        FaultCode::SettingsProtocol => {
            (PartKind::Settings, vec![("protocol", "Https".to_owned()), ("port", "443".to_owned())])
        }
        FaultCode::SettingsPort => (PartKind::Settings, vec![("port", "443".to_owned())]),
        FaultCode::SettingsHost | FaultCode::SettingsPickHost => (
            PartKind::Settings,
            vec![("host-name", needs()?), ("host-name-from-backend-pool", "false".to_owned())],
        ),
        FaultCode::SettingsTimeout => (PartKind::Settings, vec![("timeout", needs()?)]),
        FaultCode::TrustedRoot => (PartKind::Settings, vec![("root-certs", needs()?)]),
        // An empty pool loses nothing when its list is written; others may.
        FaultCode::PoolEmpty => (PartKind::Pool, vec![("servers", needs()?)]),
        FaultCode::ListenerHost => (PartKind::Listener, vec![("host-name", needs()?)]),
        _ => return None,
    };
    Some(PartChange { kind, name: fault.part.clone()?, sets })
}

/// The probe that settings lack.
fn missing_probe(fault: &Fault, endpoint: Option<Published>) -> Option<Publication> {
    let Cure::Probe(host) = &fault.cure else { return None };
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

/// The rule of the gateway's subnet that a fault asks for.
fn security_rule(fault: &Fault, front: &Front) -> Option<SecurityRule> {
    let names = front.names.as_ref()?;
    let Cure::Rule { to, ports, denier } = &fault.cure else { return None };
    let ports = if *ports == PortRange::ALL { Vec::new() } else { vec![*ports] };
    let tag = |tag: &str| End::Tag(tag.to_owned());
    let (name, direction, source, destination, ports, protocol) = match fault.code {
        FaultCode::SubnetInbound => (
            "Allow-GatewayManager-Inbound",
            Way::Inbound,
            tag("GatewayManager"),
            End::Any,
            ports,
            RuleProtocol::Tcp,
        ),
        FaultCode::SubnetHealth => (
            "Allow-AzureLoadBalancer-Inbound",
            Way::Inbound,
            tag("AzureLoadBalancer"),
            End::Any,
            ports,
            RuleProtocol::Any,
        ),
        FaultCode::SubnetOutbound => {
            let prefixes = to.iter().copied().map(IpNet::from).collect();
            let to = if to.is_empty() { tag("Internet") } else { End::Prefixes(prefixes) };
            ("Allow-Gateway-Outbound", Way::Outbound, End::network(), to, ports, RuleProtocol::Tcp)
        }
        _ => return None,
    };
    let free = names.free_priority(direction, *denier).and_then(|it| u16::try_from(it).ok());
    Some(SecurityRule {
        name: names.free_name(name),
        description: description("Application Gateway needs it."),
        direction,
        priority: free,
        access: Access::Allow,
        protocol,
        source,
        destination,
        ports,
    })
}
