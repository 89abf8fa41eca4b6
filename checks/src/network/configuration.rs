//! Configuration as one source of facts of a report: how it was judged, and what the judgement stands on.

use std::net::IpAddr;
use std::time::UNIX_EPOCH;

use crate::catalogue;
use crate::network::choose::{ChoiceError, Chosen, Group, Table, Wish};
use crate::network::judgement::Judgement;
use crate::network::publishing::Publishing;
use crate::network::settings::Surroundings;
use crate::network::told::{self, Disagreement};
use crate::network::{ControlPlane, Document, Field, Network, PassedOver, Refusal, ResourceId};
use crate::outcome::{SkipReason, Status};
use crate::plan::{Check, Plan};
use crate::portal::Portal;
use crate::run::Run;

/// What was said about which subnet is meant, kept so that the choice can be made again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// `--subnet`: a name or an id.
    pub subnet: Option<String>,
    /// `--region`, where it was typed.
    pub region: Option<String>,
    /// Addresses of this machine; none in `review`.
    pub machine: Vec<IpAddr>,
}

impl Choice {
    /// The choice as the documents are asked.
    #[must_use]
    pub fn wish(&self) -> Wish<'_> {
        Wish { subnet: self.subnet.as_deref(), region: self.region.as_deref(), machine: &self.machine }
    }
}

/// Configuration, judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration {
    /// What it says of each check, and of the settings.
    pub judgement: Judgement,
    /// What the judgement stands on.
    pub basis: Basis,
    /// What it says of an Application Gateway in front of the instance.
    pub publishing: Publishing,
    /// What was typed against the documents.
    pub disagreements: Vec<Disagreement>,
}

/// What a judgement stands on, as the report tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Basis {
    /// The documents.
    pub documents: Vec<Document>,
    /// The subnet, where one is known.
    pub subnet: Option<SubnetFacts>,
    /// What could not be read.
    pub passed_over: Vec<PassedOver>,
    /// What was taken for granted, one sentence each.
    pub assumptions: Vec<String>,
    /// What Azure was asked for and did not give.
    pub refused: Vec<Refusal>,
}

/// What the documents say of the chosen subnet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubnetFacts {
    /// Its name.
    pub name: String,
    /// Its prefixes.
    pub prefixes: Vec<String>,
    /// Name of its security group.
    pub nsg: Option<String>,
    /// Name of its route table.
    pub route_table: Option<String>,
    /// Name of its NAT gateway.
    pub nat_gateway: Option<String>,
    /// Its service endpoints.
    pub service_endpoints: Vec<String>,
    /// Services that it is delegated to.
    pub delegations: Vec<String>,
    /// False: a private subnet.
    pub default_outbound_access: Option<bool>,
    /// DNS servers of its network; none where no network document was given.
    pub dns_servers: Vec<String>,
}

impl Configuration {
    /// Judges the checks of a run, whose outcomes tell the addresses that names led to.
    ///
    /// # Errors
    /// More than one subnet could be meant, or the one that was asked for is not there.
    pub fn judge(
        network: &Network,
        choice: &Choice,
        run: &Run,
        portal: Option<&Portal>,
        disagreements: Vec<Disagreement>,
    ) -> Result<Self, ChoiceError> {
        let chosen = Chosen::new(network, choice.wish())?;
        let judgement = judgement(&chosen, choice, &run.plan, Some((run, portal)));
        let publishing = Publishing::new(&chosen, &run.plan.instance, catalogue::embedded());
        let basis = basis(network, &chosen, &judgement, &publishing);
        Ok(Self { judgement, basis, publishing, disagreements })
    }
}

/// Adds a check for each setting that the documents decide.
pub fn add_settings(plan: &mut Plan, chosen: &Chosen<'_>, choice: &Choice) {
    let judged = judgement(chosen, choice, plan, None);
    for setting in &judged.settings {
        let check = Check::setting(setting.id);
        let is_new = plan.checks.iter().all(|known| known.id != check.id);
        if is_new && plan.instance.selection.takes(&check.endpoint, &check.group, check.requirement) {
            plan.checks.push(check);
        }
    }
}

fn judgement(
    chosen: &Chosen<'_>,
    choice: &Choice,
    plan: &Plan,
    seen: Option<(&Run, Option<&Portal>)>,
) -> Judgement {
    let instance = &plan.instance;
    let azures_call = chosen.network.control_plane.as_ref().and_then(ControlPlane::is_reached);
    let hosts: Vec<String> = instance.hostnames.iter().map(|(_, name)| name.clone()).collect();
    let servers = instance.dns_servers.iter().map(|server| server.ip());
    // A review never reads this machine.
    let machine_dns: Vec<IpAddr> = servers.filter(|_| !choice.machine.is_empty()).collect();
    let around = Surroundings {
        cloud: &instance.cloud,
        profile: instance.profile,
        mode: instance.vnet_mode,
        machine_dns: &machine_dns,
        hosts: &hosts,
        private_ip: instance.private_ip,
        is_management_failing: azures_call == Some(false)
            || seen.is_some_and(|(run, portal)| is_management_failing(run, portal)),
        now: seen.map_or(UNIX_EPOCH, |(run, _)| run.started_at),
    };
    Judgement::new(chosen, catalogue::embedded(), plan, seen.map(|(run, _)| run), &around)
}

/// A packet or the portal shows 3443 failing.
fn is_management_failing(run: &Run, portal: Option<&Portal>) -> bool {
    run.results().any(|(check, outcome)| {
        let entry = portal.and_then(|portal| portal.entries.get(&check.id));
        let said = entry.is_some_and(|entry| entry.status == "failure");
        check.port() == Some(3443) && (said || matches!(outcome.status, Status::Failure(_)))
    })
}

/// Why a check was not probed, where configuration may decide it all the same.
#[must_use]
pub const fn is_decided_by_configuration(reason: SkipReason) -> bool {
    matches!(
        reason,
        SkipReason::NameUnknown
            | SkipReason::NotDerivable
            | SkipReason::NoInstance
            | SkipReason::NoMetadataService
            | SkipReason::NotCheckable
            | SkipReason::NoIpv6
    )
}

fn basis(network: &Network, chosen: &Chosen<'_>, judgement: &Judgement, publishing: &Publishing) -> Basis {
    let assumptions = judgement.assumptions.iter().chain(&publishing.assumptions);
    let mut passed_over = network.passed_over.clone();
    for part in &judgement.passed_over {
        if !passed_over.contains(part) {
            passed_over.push(part.clone());
        }
    }
    Basis {
        documents: network.documents.clone(),
        subnet: subnet(chosen),
        passed_over,
        assumptions: assumptions.map(ToString::to_string).collect(),
        refused: network.refused.clone(),
    }
}

fn subnet(chosen: &Chosen<'_>) -> Option<SubnetFacts> {
    let id = chosen.subnet_id.as_ref()?;
    let name = |field: &Field<ResourceId>| field.given().map(|id| id.name().to_owned());
    let group = match chosen.group {
        Group::Written(group) => Some(group.id.name().to_owned()),
        Group::Effective(group) => group.id.as_ref().map(|id| id.name().to_owned()),
        Group::Nothing | Group::NotGiven => None,
    };
    let table = match chosen.table {
        Table::Written(table) => Some(table.id.name().to_owned()),
        Table::Nothing | Table::NotGiven | Table::Unmentioned => None,
    };
    let dns_servers = chosen.virtual_network.map(|_| told::dns_servers(chosen)).unwrap_or_default();
    let facts = SubnetFacts {
        name: id.name().to_owned(),
        nsg: group,
        route_table: table,
        dns_servers: dns_servers.iter().map(|server| server.ip().to_string()).collect(),
        ..SubnetFacts::default()
    };
    let Some(subnet) = chosen.subnet else { return Some(facts) };
    Some(SubnetFacts {
        prefixes: subnet.prefixes.given().into_iter().flatten().map(ToString::to_string).collect(),
        nsg: facts.nsg.or_else(|| name(&subnet.group)),
        route_table: facts.route_table.or_else(|| name(&subnet.route_table)),
        nat_gateway: name(&subnet.nat_gateway),
        service_endpoints: subnet.service_endpoints.iter().map(|one| one.service.clone()).collect(),
        delegations: subnet.delegations.given().cloned().unwrap_or_default(),
        default_outbound_access: subnet.default_outbound_access.given().copied(),
        ..facts
    })
}
