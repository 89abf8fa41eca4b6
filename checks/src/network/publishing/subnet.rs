//! The subnet of a gateway: its rules, its routes, its neighbours; and the way from there to the instance.

use ipnet::IpNet;

use crate::network::choose::{Chosen, Group, Wish};
use crate::network::decision::{By, Decision, RuleRef, Ruling};
use crate::network::derive::Routes;
use crate::network::gateway::ApplicationGateway;
use crate::network::judge::Judge;
use crate::network::publishing::names::OwnNames;
use crate::network::publishing::reason::{Cure, Fault, FaultCode};
use crate::network::resource::{Field, ResourceId};
use crate::network::routing::{NextHop, RouteSource};
use crate::network::security::{Access, Address, PortRange, RuleProtocol, SecurityRule, Way};
use crate::network::side::End;
use crate::network::{Network, Subnet, addresses};
use crate::plan::flow::{Carrier, Flow, NearEnd, OtherEnd};

/// Ports on which Azure manages a gateway, of the second and of the first version.
const MANAGED_V2: PortRange = PortRange { first: 65_200, last: 65_535 };
const MANAGED_V1: PortRange = PortRange { first: 65_503, last: 65_534 };

/// Addresses of a subnet that Azure keeps for itself.
const RESERVED: u64 = 5;

/// What a gateway may be delegated with (network isolation).
const DELEGATION: &str = "Microsoft.Network/applicationGateways";

/// The documents that speak for the subnet of a gateway; `None` where none describes it. Effective rules and routes are those of
/// a machine: of another subnet, unless an element names this one.
#[must_use]
pub fn chosen<'a>(network: &'a Network, gateway: &ApplicationGateway) -> Option<Chosen<'a>> {
    let id = gateway.subnets.first()?;
    let mut chosen = Chosen::new(network, Wish { subnet: Some(id.as_str()), ..Wish::default() }).ok()?;
    let subnet = chosen.subnet?;
    chosen.effective_routes = None;
    chosen.interface_group = None;
    let is_named =
        matches!(chosen.group, Group::Effective(group) if group.association.subnet.as_ref() == Some(id));
    if !is_named {
        chosen.group = written_group(network, subnet);
    }
    Some(chosen)
}

fn written_group<'a>(network: &'a Network, subnet: &Subnet) -> Group<'a> {
    let find = |id: &ResourceId| network.groups.iter().find(|group| group.id == *id);
    match &subnet.group {
        Field::Given(id) => find(id).map_or(Group::NotGiven, Group::Written),
        Field::Unreadable => Group::NotGiven,
        Field::Absent => {
            let listing = network.groups.iter().find(|group| group.subnets.contains(&subnet.id));
            listing.map_or(Group::Nothing, Group::Written)
        }
    }
}

/// What is wrong with the subnet of a gateway.
#[must_use]
pub fn faults(chosen: &Chosen<'_>, gateway: &ApplicationGateway, own: &OwnNames) -> Vec<Fault> {
    let judge = Judge::new(chosen, None);
    let place = Ground { chosen, gateway, judge: &judge };
    let mut faults = Vec::new();
    if !is_isolated(gateway) {
        faults.extend(place.management());
        faults.extend(place.route());
    }
    faults.extend(place.health());
    faults.extend(place.clients());
    faults.extend(place.outbound(own));
    faults.extend(shared(chosen, gateway));
    faults
}

/// What the instance's own subnet does with the requests of a gateway.
#[must_use]
pub fn instance_inbound(judge: &Judge<'_>, instance: &Chosen<'_>, gateway: &Chosen<'_>) -> Option<Fault> {
    let subnet = gateway.subnet?;
    let prefixes = subnet.prefixes.given()?;
    let first = addresses::first_usable(prefixes)?;
    let flow = Flow {
        direction: Way::Inbound,
        transport: Carrier::Tcp,
        ports: PortRange::one(443),
        near: NearEnd::Subnet,
        other: OtherEnd::Addresses(vec![first], None),
    };
    let decision = judge.decide(&flow);
    if decision.ruling != Ruling::Denied {
        return None;
    }
    let name = instance.subnet_id.as_ref().map_or("of the instance", ResourceId::name);
    let shown = prefixes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let says = format!(
        "The subnet {name} does not let the gateway in: TCP 443 from {shown} is denied{}.",
        by(&decision)
    );
    let step = format!("Allow TCP 443 from {shown} into the subnet {name}.");
    let fault = Fault::new(FaultCode::InstanceInbound, says, step);
    let fault = fault.values(rule_of(&decision), format!("TCP 443 from {shown}"));
    Some(cured_by_rule(fault, "Gateway", prefixes, PortRange::one(443), &decision))
}

/// True for the second version; what no document says is taken as it.
fn is_v2(gateway: &ApplicationGateway) -> bool {
    gateway
        .tier
        .given()
        .is_none_or(|tier| tier.to_ascii_lowercase().ends_with("_v2") || tier.eq_ignore_ascii_case("Basic"))
}

/// Azure does not manage an isolated gateway over the customer's network, and its routes are free.
fn is_isolated(gateway: &ApplicationGateway) -> bool {
    gateway
        .features
        .iter()
        .any(|feature| feature.eq_ignore_ascii_case("EnableApplicationGatewayNetworkIsolation"))
}

struct Ground<'c, 'a> {
    chosen: &'c Chosen<'a>,
    gateway: &'c ApplicationGateway,
    judge: &'c Judge<'c>,
}

impl Ground<'_, '_> {
    fn name(&self) -> &str {
        self.chosen.subnet_id.as_ref().map_or("of the gateway", ResourceId::name)
    }

    fn decide(&self, direction: Way, ports: PortRange, other: OtherEnd) -> Option<Decision> {
        let flow = Flow { direction, transport: Carrier::Tcp, ports, near: NearEnd::Subnet, other };
        let decision = self.judge.decide(&flow);
        (decision.ruling == Ruling::Denied).then_some(decision)
    }

    fn fault(&self, code: FaultCode, what: &str, decision: &Decision, needs: &str) -> Fault {
        let name = self.name();
        let says = format!("The gateway's subnet {name} {what}{}.", by(decision));
        let step = format!("Allow {needs} in the security group of the subnet {name}.");
        let fault = Fault::new(code, says, step).values(rule_of(decision), needs.to_owned());
        match self.chosen.subnet {
            Some(subnet) => fault.of_part(name, &subnet.place),
            None => fault,
        }
    }

    fn management(&self) -> Option<Fault> {
        let ports = if is_v2(self.gateway) { MANAGED_V2 } else { MANAGED_V1 };
        // A rule for a part of the ports leaves the others denied.
        let parts = [ports, PortRange::one(ports.first), PortRange::one(ports.last)];
        let manager = || OtherEnd::Tag("GatewayManager".to_owned());
        let decision = parts.into_iter().find_map(|ports| self.decide(Way::Inbound, ports, manager()))?;
        let what =
            format!("denies inbound TCP {ports} from GatewayManager, with which Azure manages the gateway");
        let needs = format!("inbound TCP {ports} from GatewayManager");
        let fault = self.fault(FaultCode::SubnetInbound, &what, &decision, &needs);
        Some(cured_by_rule(fault, "GatewayManager", &[], ports, &decision))
    }

    fn health(&self) -> Option<Fault> {
        let other = OtherEnd::Tag("AzureLoadBalancer".to_owned());
        let decision = self.decide(Way::Inbound, PortRange::ALL, other)?;
        let what = "denies inbound traffic from AzureLoadBalancer, which asks whether the gateway lives";
        let needs = "inbound traffic from AzureLoadBalancer";
        let fault = self.fault(FaultCode::SubnetHealth, what, &decision, needs);
        Some(cured_by_rule(fault, "AzureLoadBalancer", &[], PortRange::ALL, &decision))
    }

    /// Clients may be let in from anywhere or from chosen addresses; nobody at all is a fault.
    fn clients(&self) -> Vec<Fault> {
        let mut ports: Vec<u16> = self.gateway.listeners.iter().filter_map(|one| self.port(one)).collect();
        ports.sort_unstable();
        ports.dedup();
        let is_public = self.gateway.frontends.iter().any(|front| front.public_address.is_some());
        let tag = if is_public { "Internet" } else { "VirtualNetwork" };
        let other = || if is_public { OtherEnd::Internet } else { OtherEnd::Tag(tag.to_owned()) };
        let mut faults = Vec::new();
        for port in ports {
            let Some(decision) = self.decide(Way::Inbound, PortRange::one(port), other()) else { continue };
            if self.admits_somebody(port) {
                continue;
            }
            let what = format!("denies inbound TCP {port}, on which clients call the gateway");
            let needs = format!("inbound TCP {port} from the clients ({tag})");
            let fault = self.fault(FaultCode::SubnetClients, &what, &decision, &needs);
            faults.push(cured_by_rule(fault, tag, &[], PortRange::one(port), &decision));
        }
        faults
    }

    fn port(&self, listener: &crate::network::gateway::Listener) -> Option<u16> {
        let id = listener.port.given()?;
        let port =
            self.gateway.frontend_ports.iter().find(|port| port.id.name().eq_ignore_ascii_case(id.name()))?;
        port.port.given().copied()
    }

    /// A written rule lets some clients in on this port.
    fn admits_somebody(&self, port: u16) -> bool {
        let rules: &[SecurityRule] = match self.chosen.group {
            Group::Written(group) => &group.rules,
            Group::Effective(group) => &group.rules,
            Group::Nothing | Group::NotGiven => return true,
        };
        rules.iter().any(|rule| {
            let is_written = rule
                .priority
                .given()
                .is_none_or(|priority| *priority < crate::network::rulebook::FIRST_DEFAULT);
            let opens =
                rule.direction == Field::Given(Way::Inbound) && rule.access == Field::Given(Access::Allow);
            let carries = matches!(rule.protocol, Field::Given(RuleProtocol::Any | RuleProtocol::Tcp));
            let ports = rule.destination.ports.iter().filter_map(|ports| ports.range);
            let holds = ports.into_iter().any(|range| (range.first..=range.last).contains(&port));
            is_written
                && opens
                && carries
                && holds
                && rule.source.addresses.iter().any(|it| !is_platform(&it.address))
        })
    }

    fn outbound(&self, own: &OwnNames) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(decision) = self.decide(Way::Outbound, PortRange::one(443), OtherEnd::Internet)
            && decision.by != By::Route
        {
            let what = "denies outbound traffic to the Internet, which a gateway needs";
            let needs = "outbound traffic to Internet";
            let fault = self.fault(FaultCode::SubnetOutbound, what, &decision, needs);
            faults.push(cured_by_rule(fault, "Internet", &[], PortRange::ALL, &decision));
        }
        let private: Vec<_> = own.addresses.clone();
        let to_instance = (!private.is_empty()).then_some(OtherEnd::Addresses(private, None));
        let decision = to_instance.and_then(|other| self.decide(Way::Outbound, PortRange::one(443), other));
        if let Some(decision) = decision {
            let needs = format!(
                "outbound TCP 443 to {}",
                own.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            );
            let what = format!("denies {needs}, where the instance serves");
            let code =
                if decision.by == By::Route { FaultCode::SubnetRoute } else { FaultCode::SubnetOutbound };
            let far: Vec<IpNet> = own.addresses.iter().copied().map(IpNet::from).collect();
            let fault = self.fault(code, &what, &decision, &needs);
            let mut fault = cured_by_rule(fault, "Instance", &far, PortRange::one(443), &decision);
            if code == FaultCode::SubnetRoute {
                let name = decision.route.as_ref().and_then(|route| route.name.clone());
                let shown = name.as_deref().unwrap_or("that takes the traffic");
                fault.step =
                    format!("Take the route {shown} out of the route table of the subnet {}.", self.name());
                fault.cure = name.map(|name| Cure::Route { name, prefix: None });
            }
            faults.push(fault);
        }
        faults
    }

    fn route(&self) -> Option<Fault> {
        if !is_v2(self.gateway) {
            return None;
        }
        let Routes::Known(routes) = self.judge.routes() else { return None };
        let path = routes.take(&End::Internet, self.judge.known()).path?;
        let leads_away = matches!(
            path.next_hop,
            Some(NextHop::Appliance | NextHop::Gateway | NextHop::None | NextHop::Other(_))
        );
        if !leads_away || path.source == RouteSource::System {
            return None;
        }
        let name = self.name();
        let hop = path.next_hop.as_ref().map(ToString::to_string).unwrap_or_default();
        let route = path.name.name.clone().unwrap_or_else(|| path.name.prefix.clone());
        let says = format!(
            "The route {route} of the gateway's subnet {name} leads {} to {hop}: a gateway of the second version needs its own way to \
             the Internet, and its health becomes Unknown.",
            path.name.prefix
        );
        let step = format!(
            "Set the next hop of the route {route} to Internet, or take the route table from the subnet {name}."
        );
        let fault = Fault::new(FaultCode::SubnetRoute, says, step);
        let fault =
            fault.values(format!("{} {hop}", path.name.prefix), format!("{} Internet", path.name.prefix));
        let fault = match &path.name.name {
            Some(name) => {
                let prefix = Some(path.name.prefix.clone());
                fault.cured_by(Cure::Route { name: name.clone(), prefix })
            }
            None => fault,
        };
        Some(match self.chosen.subnet {
            Some(subnet) => fault.of_part(&route, &subnet.place),
            None => fault,
        })
    }
}

/// Azure's own callers are no clients.
fn is_platform(address: &Address) -> bool {
    match address {
        Address::Tag(tag) => {
            tag.eq_ignore_ascii_case("GatewayManager") || tag.eq_ignore_ascii_case("AzureLoadBalancer")
        }
        Address::Any | Address::Prefix(_) | Address::Unreadable => false,
    }
}

/// ` by "DenyAll" (4000, nsg-agw)`.
fn by(decision: &Decision) -> String {
    if decision.by == By::Route {
        let route =
            decision.route.as_ref().map(|route| route.name.clone().unwrap_or_else(|| route.prefix.clone()));
        return route.map(|route| format!(" by the route {route}")).unwrap_or_default();
    }
    rule_of(decision).map(|rule| format!(" by {rule}")).unwrap_or_default()
}

/// The rule that decides.
fn deciding(decision: &Decision) -> Option<&RuleRef> {
    match decision.by {
        By::AdminRule => decision.admin.as_ref(),
        _ => decision.nsg.as_ref(),
    }
}

/// The fault with the rule that takes it away, ahead of the one that denies.
fn cured_by_rule(fault: Fault, peer: &str, far: &[IpNet], ports: PortRange, denied: &Decision) -> Fault {
    let denier = deciding(denied).and_then(|rule| rule.priority);
    fault.cured_by(Cure::Rule { peer: peer.to_owned(), prefixes: far.to_vec(), ports, denier })
}

/// `"DenyAll" (4000, nsg-agw)`.
fn rule_of(decision: &Decision) -> Option<String> {
    let rule = deciding(decision)?;
    let name = rule.name.as_deref().unwrap_or("the end of the list");
    let priority = rule.priority.map(|priority| format!("{priority}, ")).unwrap_or_default();
    Some(format!("\"{name}\" ({priority}{})", rule.group))
}

/// Why no command of the Azure CLI stands beside it.
const MOVE: &str = "The Azure CLI has no command that moves a gateway: PowerShell moves a stopped one within its network \
                    (Set-AzApplicationGatewayIPConfiguration).";

/// A gateway wants its subnet for gateways alone, with room for its units.
fn shared(chosen: &Chosen<'_>, gateway: &ApplicationGateway) -> Vec<Fault> {
    let Some(subnet) = chosen.subnet else { return Vec::new() };
    let name = subnet.id.name();
    let fault = |says: String, step: String, has: String| {
        Fault::new(FaultCode::SubnetShared, says, step).values(has, None).of_part(name, &subnet.place)
    };
    let mut faults = Vec::new();
    let delegated = subnet.delegations.given().map(Vec::as_slice).unwrap_or_default();
    if let Some(other) = delegated.iter().find(|service| !service.eq_ignore_ascii_case(DELEGATION)) {
        let says =
            format!("The gateway's subnet {name} is delegated to {other}: no gateway can stand in it.");
        faults.push(fault(
            says,
            format!("Choose a subnet that is not delegated for the gateway. {MOVE}"),
            other.clone(),
        ));
    }
    let others = neighbours(chosen.network, subnet);
    if !others.is_empty() {
        let others = others.join(", ");
        let says = format!(
            "The gateway's subnet {name} is used by others too ({others}): it must hold gateways alone."
        );
        faults.push(fault(says, format!("Give the gateway a subnet of its own. {MOVE}"), others));
    }
    let ipv4 = subnet.prefixes.given().into_iter().flatten().filter(|prefix| prefix.addr().is_ipv4());
    let has: u64 = ipv4.map(|prefix| 1_u64 << (32 - u32::from(prefix.prefix_len()))).sum();
    let is_private = gateway.frontends.iter().any(|front| front.private_address.is_some());
    let units = gateway.capacity.given().copied().unwrap_or(1);
    let needed = RESERVED + u64::from(units) + u64::from(is_private);
    if has > 0 && has < needed {
        let says =
            format!("The gateway's subnet {name} has {has} addresses, and the gateway needs {needed}.");
        let step = format!("Give the gateway a larger subnet; /24 is recommended. {MOVE}");
        faults.push(fault(says, step, has.to_string()));
    }
    faults
}

/// Who else is in the subnet, by name.
fn neighbours(network: &Network, subnet: &Subnet) -> Vec<String> {
    let configurations = subnet.ip_configurations.given().map(Vec::as_slice).unwrap_or_default();
    let others = configurations
        .iter()
        .filter(|id| id.segment("applicationGateways").is_none() && id.segment("providers").is_some());
    let mut names: Vec<String> =
        others.filter_map(ResourceId::parent).map(|owner| owner.name().to_owned()).collect();
    names.extend(subnet.private_endpoints.iter().map(|id| id.name().to_owned()));
    let services = network
        .services
        .iter()
        .filter(|service| service.locations().any(|location| location.subnet.given() == Some(&subnet.id)));
    names.extend(services.map(|service| service.id.name().to_owned()));
    names.sort();
    names.dedup();
    names
}
