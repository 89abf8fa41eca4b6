//! The configuration, judged for one plan: a decision for each check that has flows, the settings, and what was taken for
//! granted. What rules and reports look at; the documents themselves are no longer needed then.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::arrange;
use crate::catalogue::{Catalogue, Direction, Role};
use crate::network::answers::Zones;
use crate::network::assume::Assumption;
use crate::network::choose::{Chosen, Group, InterfaceGroup, Table};
use crate::network::decision::Decision;
use crate::network::derive::Routes;
use crate::network::judge::Judge;
use crate::network::resource::{Field, ResourceId};
use crate::network::routing::{NextHop, RouteSource};
use crate::network::rulebook::FIRST_DEFAULT;
use crate::network::security::{SecurityRule, Way};
use crate::network::settings::{Setting, Surroundings, settings};
use crate::network::side::End;
use crate::network::{ControlPlane, PassedOver, Refusal};
use crate::outcome::{Outcome, SkipReason};
use crate::plan::flow::{Carrier, Flow, of_row};
use crate::plan::{Check, CheckId, Plan};
use crate::run::Run;

/// The configuration, judged for one plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// The flows of each check that is judged, each with its decision.
    pub judged: BTreeMap<CheckId, Vec<(Flow, Decision)>>,
    /// The settings whose documents were given.
    pub settings: Vec<Setting>,
    /// What was taken for granted, each once, in the order of the report.
    pub assumptions: Vec<Assumption>,
    /// What could not be used, beside what the readers passed over.
    pub passed_over: Vec<PassedOver>,
    /// Names for commands.
    pub names: Names,
    /// Whether and how machines of the subnet reach what is public.
    pub outbound: OutboundPath,
    /// Service endpoints that forced tunneling would need and the subnet has not, as `Microsoft.Storage`.
    pub missing_endpoints: Vec<MissingEndpoint>,
    /// How Azure's own call to the management endpoint ended, where it was made.
    pub control_plane: Option<ControlPlane>,
    /// Whether everything that was asked for was given.
    pub extent: Extent,
}

/// Whether everything that was asked for was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    /// Nothing was refused: what is not there nobody gave.
    #[default]
    Whole,
    /// Azure refused something: what hangs on that alone stays as packets left it.
    Partial,
}

impl Extent {
    /// The extent of documents beside these refusals.
    #[must_use]
    pub fn of(refused: &[Refusal]) -> Self {
        if refused.is_empty() { Self::Whole } else { Self::Partial }
    }
}

/// Names of the resources that findings speak of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// Name of the instance.
    pub service: Option<String>,
    /// Resource group of the instance.
    pub service_resource_group: Option<String>,
    /// Name of the virtual network.
    pub virtual_network: Option<String>,
    /// Name of the subnet.
    pub subnet: Option<String>,
    /// Resource group of the virtual network.
    pub network_resource_group: Option<String>,
    /// Name of the subnet's security group.
    pub security_group: Option<String>,
    /// Its resource group.
    pub security_resource_group: Option<String>,
    /// Name of the group of this machine's own interface.
    pub interface_group: Option<String>,
    /// Its resource group.
    pub interface_resource_group: Option<String>,
    /// Name of the subnet's route table.
    pub route_table: Option<String>,
    /// Its resource group.
    pub route_resource_group: Option<String>,
    /// Service endpoints that the subnet has.
    pub service_endpoints: Vec<String>,
    /// Priorities that rules of the group take, by direction.
    pub priorities: Vec<(Way, u32)>,
    /// Names that rules of the group have.
    pub rules: Vec<String>,
}

/// Whether and how machines of the subnet reach what is public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OutboundPath {
    /// Nothing says that they do not.
    #[default]
    Open,
    /// A private subnet, and nothing that stands in for default outbound access.
    None,
    /// A private subnet behind an appliance: routes past it lead nowhere for machines, by name or prefix.
    PastAppliance(Vec<String>),
}

/// A service endpoint that the subnet has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingEndpoint {
    /// `Microsoft.Storage`.
    pub service: String,
    /// The checks whose flows it would keep out of the tunnel.
    pub affects: Vec<CheckId>,
}

impl Judgement {
    /// Judges the flows of a plan's checks and the settings. `run` gives the addresses of hosts, where there is one; `region` is
    /// what was typed.
    #[must_use]
    pub fn new(
        chosen: &Chosen<'_>,
        catalogue: &Catalogue,
        plan: &Plan,
        run: Option<&Run>,
        around: &Surroundings<'_>,
    ) -> Self {
        let judge = Judge::new(chosen, plan.instance.region.as_deref());
        let outcomes = run.map(|run| run.outcomes.as_slice()).unwrap_or_default();
        let mut judgement = Self {
            settings: settings(chosen, &judge, around),
            names: Names::of(chosen),
            outbound: outbound(chosen, &judge),
            assumptions: judge.assumptions().to_vec(),
            control_plane: chosen.network.control_plane.clone(),
            extent: Extent::of(&chosen.network.refused),
            ..Self::default()
        };
        let recorded = Recorded::new(chosen, catalogue, plan);
        // Many checks ask for one flow: a tag and a port.
        let mut known: BTreeMap<Flow, Vec<(Flow, Decision)>> = BTreeMap::new();
        for (at, check) in plan.checks.iter().enumerate() {
            let (groups, taken) = recorded.ends(check, addresses(check, outcomes.get(at)));
            let flows = groups.iter().flat_map(|addresses| flows(catalogue, plan, check, addresses));
            let judged: Vec<(Flow, Decision)> = flows
                .flat_map(|flow| {
                    known.entry(flow).or_insert_with_key(|flow| judge.decide_ports(flow)).clone()
                })
                .collect();
            if !judged.is_empty() {
                judgement.assumptions.extend(taken);
                judgement.judged.insert(check.id.clone(), judged);
            }
        }
        for (_, decision) in known.values().flatten() {
            judgement.assumptions.extend(decision.assumptions.iter().cloned());
            judgement.passed_over.extend(decision.passed_over.iter().cloned());
        }
        judgement.assumptions.sort();
        judgement.assumptions.dedup();
        arrange::by(&mut judgement.passed_over, |a, b| a.place.cmp(&b.place));
        judgement.passed_over.dedup();
        judgement.missing_endpoints = missing_endpoints(&judgement, plan);
        judgement
    }

    /// The decision of a check: the worst of its flows, the first of those that are equally bad.
    #[must_use]
    pub fn decision(&self, id: &CheckId) -> Option<&Decision> {
        let flows = self.judged.get(id)?;
        let worst = flows.iter().map(|(_, decision)| decision.ruling).max()?;
        flows.iter().map(|(_, decision)| decision).find(|decision| decision.ruling == worst)
    }
}

/// The flows of a check whose host has these addresses, as far as they are known; none where it does not apply, is not
/// judged, or asks for what no rule and no route decides.
#[must_use]
pub fn flows(catalogue: &Catalogue, plan: &Plan, check: &Check, addresses: &[IpAddr]) -> Vec<Flow> {
    // What clients ask of an Application Gateway is no flow of the instance's subnet.
    if check.skip_reason().is_some_and(does_not_apply) || check.role() == Role::GatewayFront {
        return Vec::new();
    }
    match catalogue.endpoint(&check.endpoint) {
        // A check without a host stands for its whole row; one with a host for that port of it.
        Some(row) => of_row(row, plan.instance.vnet_mode, check.host().and(check.port()), addresses),
        None => check.port().map(|port| custom(check, port, addresses)).unwrap_or_default(),
    }
}

/// What is skipped because its name is unknown or nothing can probe it is judged all the same; what does not apply, was switched off or
/// is no need of API Management is not.
const fn does_not_apply(reason: SkipReason) -> bool {
    match reason {
        SkipReason::NameUnknown
        | SkipReason::NotDerivable
        | SkipReason::NoInstance
        | SkipReason::NoMetadataService
        | SkipReason::NotCheckable
        | SkipReason::NoIpv6 => false,
        SkipReason::SwitchedOff
        | SkipReason::SameAsAzureDns
        | SkipReason::NoServer
        | SkipReason::Extended
        | SkipReason::ToolOnly
        | SkipReason::NotPublished
        | SkipReason::SingleRegion
        | SkipReason::NoManagedCertificate => true,
    }
}

fn custom(check: &Check, port: u16, addresses: &[IpAddr]) -> Vec<Flow> {
    let flow = |transport: &Carrier| match check.direction {
        Direction::Inbound => Flow::inbound(addresses.to_vec(), port, *transport),
        Direction::Outbound | Direction::Both => Flow::outbound(addresses.to_vec(), port, *transport),
    };
    Carrier::of(check.transport).iter().map(flow).collect()
}

/// The addresses of a check's host: as they were resolved, else the host itself where it is one.
fn addresses(check: &Check, outcome: Option<&Outcome>) -> Vec<IpAddr> {
    let resolved = outcome.and_then(|outcome| outcome.evidence.dns.as_ref());
    let resolved =
        resolved.map(|dns| dns.addresses.iter().map(|address| address.ip).collect::<Vec<IpAddr>>());
    let literal = check.host().and_then(|host| host.parse().ok());
    resolved
        .filter(|addresses| !addresses.is_empty())
        .or_else(|| literal.map(|it| vec![it]))
        .unwrap_or_default()
}

/// Hosts to which private zones among the documents give addresses.
struct Recorded<'a> {
    zones: Zones<'a>,
    /// The hosts of a row that a review judges as one, each a check of its own.
    targets: Vec<Check>,
}

impl<'a> Recorded<'a> {
    fn new(chosen: &Chosen<'a>, catalogue: &Catalogue, plan: &Plan) -> Self {
        let asker = chosen.subnet_id.as_ref().and_then(ResourceId::parent);
        let zones = Zones::new(chosen.network, asker, plan.instance.vnet_mode);
        let hosts = (!chosen.network.record_sets.is_empty())
            .then(|| Plan::new(catalogue, &plan.instance).map(|plan| plan.checks));
        Self { zones, targets: hosts.and_then(Result::ok).unwrap_or_default() }
    }

    /// The addresses of each other end of a check, none for one that is known by its tag alone; and what was taken from records.
    /// `known` are the addresses that the check itself tells: they count alone.
    fn ends(&self, check: &Check, known: Vec<IpAddr>) -> (Vec<Vec<IpAddr>>, Vec<Assumption>) {
        let of_row = self.targets.iter().filter(|target| target.endpoint == check.endpoint);
        let hosts: Vec<&str> = match check.host() {
            _ if !known.is_empty() => Vec::new(),
            Some(host) => vec![host],
            None => of_row.filter_map(Check::host).collect(),
        };
        let found = hosts.iter().map(|host| (host, self.zones.addresses(host)));
        let (found, unknown): (Vec<_>, Vec<_>) = found.partition(|(_, addresses)| !addresses.is_empty());
        let taken =
            found.iter().map(|(host, addresses)| Assumption::RecordHolds((**host).to_owned(), addresses[0]));
        let taken = taken.collect();
        let ends = (found.is_empty() || !unknown.is_empty()).then_some(known);
        (ends.into_iter().chain(found.into_iter().map(|(_, addresses)| addresses)).collect(), taken)
    }
}

impl Names {
    /// The names of what speaks for the chosen subnet.
    #[must_use]
    pub fn of(chosen: &Chosen<'_>) -> Self {
        let resource_group = |id: &ResourceId| id.segment("resourceGroups").map(str::to_owned);
        let group = match chosen.group {
            Group::Written(group) => Some(&group.id),
            Group::Effective(group) => group.id.as_ref(),
            Group::Nothing | Group::NotGiven => None,
        };
        let table = match chosen.table {
            Table::Written(table) => Some(&table.id),
            Table::Nothing | Table::NotGiven | Table::Unmentioned => None,
        };
        let interface = chosen.interface_group.and_then(|group| match group {
            InterfaceGroup::Written(group) => Some(&group.id),
            InterfaceGroup::Effective(group) => group.id.as_ref(),
        });
        let network = chosen.virtual_network.map(|network| network.id.clone());
        let network = network.or_else(|| chosen.subnet_id.as_ref().and_then(ResourceId::parent));
        let rules: &[SecurityRule] = match chosen.group {
            Group::Written(group) => &group.rules,
            Group::Effective(group) => &group.rules,
            Group::Nothing | Group::NotGiven => &[],
        };
        let endpoints = chosen.subnet.map(|subnet| subnet.service_endpoints.as_slice()).unwrap_or_default();
        Self {
            service: chosen.service.map(|service| service.id.name().to_owned()),
            service_resource_group: chosen.service.and_then(|service| resource_group(&service.id)),
            virtual_network: network.as_ref().map(|id| id.name().to_owned()),
            subnet: chosen.subnet_id.as_ref().map(|id| id.name().to_owned()),
            network_resource_group: network.as_ref().and_then(resource_group),
            security_group: group.map(|id| id.name().to_owned()),
            security_resource_group: group.and_then(resource_group),
            interface_group: interface.map(|id| id.name().to_owned()),
            interface_resource_group: interface.and_then(resource_group),
            route_table: table.map(|id| id.name().to_owned()),
            route_resource_group: table.and_then(resource_group),
            service_endpoints: endpoints.iter().map(|endpoint| endpoint.service.clone()).collect(),
            priorities: priorities(rules),
            rules: rules.iter().map(|rule| rule.name.clone()).collect(),
        }
    }

    /// `wanted`, with a number behind it where a rule of the group has that name already, whatever its case.
    #[must_use]
    pub fn free_name(&self, wanted: &str) -> String {
        let is_free = |name: &String| !self.rules.iter().any(|taken| taken.eq_ignore_ascii_case(name));
        let numbered = (2..).map(|number: u32| format!("{wanted}-{number}"));
        std::iter::once(wanted.to_owned()).chain(numbered).find(is_free).unwrap_or_else(|| wanted.to_owned())
    }

    /// A priority that no rule of the direction has, ahead of as many as can be but `before` others that are free; none where the
    /// documents hold no group, or all are taken.
    #[must_use]
    pub fn first_free_priority(&self, direction: Way, before: usize) -> Option<u16> {
        self.security_group.as_ref()?;
        let is_free = |priority: &u16| !self.priorities.contains(&(direction, u32::from(*priority)));
        (100..=4096).filter(is_free).nth(before)
    }

    /// A priority that no rule of the direction has, ahead of `denier`: the multiple of ten nearest before it, else the number
    /// nearest before it, else none.
    #[must_use]
    pub fn free_priority(&self, direction: Way, denier: Option<u32>) -> Option<u32> {
        let is_free = |priority: &u32| !self.priorities.contains(&(direction, *priority));
        match denier.filter(|denier| *denier < FIRST_DEFAULT) {
            Some(denier) => {
                let before = || (100..denier).rev();
                before().filter(|priority| priority % 10 == 0).chain(before()).find(is_free)
            }
            None => {
                let own = self
                    .priorities
                    .iter()
                    .filter(|(way, _)| *way == direction)
                    .map(|(_, priority)| *priority);
                let last = own.filter(|priority| *priority < FIRST_DEFAULT).max().unwrap_or(90);
                let behind = (last / 10 + 1) * 10;
                (behind..=4096).chain((100..=4096).rev()).find(is_free)
            }
        }
    }
}

fn priorities(rules: &[SecurityRule]) -> Vec<(Way, u32)> {
    let taken = rules.iter().flat_map(|rule| {
        let priority = rule.priority.given().copied();
        // A rule whose direction nobody could read takes its number in both.
        let ways: &[Way] = match rule.direction {
            Field::Given(Way::Inbound) => &[Way::Inbound],
            Field::Given(Way::Outbound) => &[Way::Outbound],
            Field::Absent | Field::Unreadable => Way::ALL,
        };
        ways.iter().filter_map(move |way| Some((*way, priority?)))
    });
    taken.collect()
}

fn outbound(chosen: &Chosen<'_>, judge: &Judge<'_>) -> OutboundPath {
    let Some(subnet) = chosen.subnet.filter(|subnet| subnet.default_outbound_access == Field::Given(false))
    else {
        return OutboundPath::Open;
    };
    let has_nat = !subnet.nat_gateway.is_absent()
        || chosen.virtual_network.is_some_and(|network| !network.default_nat_gateway.is_absent());
    let has_public = chosen.network.interfaces.iter().any(|nic| !nic.public_addresses.is_empty());
    if has_nat || has_public {
        return OutboundPath::Open;
    }
    let Routes::Known(routes) = judge.routes() else { return OutboundPath::None };
    let leads = |hop: &NextHop| matches!(hop, NextHop::Appliance | NextHop::Gateway);
    let default = routes.take(&End::Internet, judge.known());
    if !default.path.and_then(|path| path.next_hop.as_ref()).is_some_and(leads) {
        return OutboundPath::None;
    }
    let past = routes.paths.iter().filter(|path| {
        path.source == RouteSource::User && path.next_hop == Some(NextHop::Internet) && !path.is_default()
    });
    let names: Vec<String> =
        past.map(|path| path.name.name.clone().unwrap_or_else(|| path.name.prefix.clone())).collect();
    if names.is_empty() { OutboundPath::Open } else { OutboundPath::PastAppliance(names) }
}

/// Endpoints that would keep needed flows out of a tunnel that takes them now.
fn missing_endpoints(judgement: &Judgement, plan: &Plan) -> Vec<MissingEndpoint> {
    let is_tunnelled = |check: &Check| {
        let route = judgement.decision(&check.id).and_then(|decision| decision.route.as_ref());
        route.is_some_and(|route| {
            matches!(route.next_hop, NextHop::Appliance | NextHop::Gateway) && route.prefix.ends_with("/0")
        })
    };
    let mut by_service: BTreeMap<String, Vec<CheckId>> = BTreeMap::new();
    for check in plan.checks.iter().filter(|check| is_tunnelled(check)) {
        if let Some(service) = &check.meaning.service_endpoint {
            by_service.entry(service.clone()).or_default().push(check.id.clone());
        }
    }
    by_service.into_iter().map(|(service, affects)| MissingEndpoint { service, affects }).collect()
}
