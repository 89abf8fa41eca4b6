//! Whether an Application Gateway in front of an internal instance publishes it: each endpoint on its way from a listener to the
//! instance, the gateway's own subnet, and what backend health says.

use crate::catalogue::{Catalogue, Published, VnetMode};
use crate::instance::Instance;
use crate::network::answers::Zones;
use crate::network::assume::Assumption;
use crate::network::choose::Chosen;
use crate::network::gateway::ApplicationGateway;
use crate::network::judge::Judge;
use crate::network::judgement::Names;
use crate::network::resource::Field;
use crate::network::settings::Gravity;

pub mod backend;
pub mod chain;
pub mod firewall;
pub mod front;
pub mod health;
pub mod names;
pub mod reason;
pub mod subnet;

use chain::{Chain, To, chains, listener_endpoints};
use health::Sick;
use names::OwnNames;
use reason::{Cure, Fault, FaultCode, HealthCode};

/// What documents say of the gateways in front of the instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Publishing {
    /// The gateways, each judged.
    pub gateways: Vec<Front>,
    /// What backend health says where no document of a gateway is beside it.
    pub health: Vec<Sick>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
}

/// One gateway, judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Front {
    /// Its name.
    pub name: String,
    /// Its resource group.
    pub resource_group: Option<String>,
    /// Names in its subnet, for commands; absent where no document describes it.
    pub names: Option<Names>,
    /// What is wrong, by endpoint; without an endpoint what concerns all of it.
    pub unfit: Vec<(Option<Published>, Vec<Fault>)>,
    /// What backend health says of its servers.
    pub health: Vec<Sick>,
    /// Names of its parts: what sentences about it may hold.
    pub parts: Vec<String>,
}

impl Publishing {
    /// Judges the gateways among the documents.
    #[must_use]
    pub fn new(chosen: &Chosen<'_>, instance: &Instance, catalogue: &Catalogue) -> Self {
        let network = chosen.network;
        let mut publishing = Self::default();
        let servers = &network.backend_health;
        if network.gateways.is_empty() {
            publishing.health = health::sick(servers, None);
            return publishing;
        }
        let Some(own) = OwnNames::new(chosen, instance, catalogue) else {
            publishing.assumptions.push(Assumption::GatewayWithoutInstance);
            publishing.health = health::sick(servers, None);
            return publishing;
        };
        let judge = Judge::new(chosen, instance.region.as_deref());
        for gateway in &network.gateways {
            let case = Case { chosen, gateway, own: &own, judge: &judge, mode: instance.vnet_mode };
            let front = case.judge(&mut publishing.assumptions);
            publishing.gateways.push(front);
        }
        publishing.assumptions.sort();
        publishing.assumptions.dedup();
        publishing
    }
}

impl Sick {
    /// True where the faults that documents show, of the same endpoint or of the whole gateway, account for every complaint.
    #[must_use]
    pub fn is_accounted_by(&self, front: &Front) -> bool {
        let of_its =
            front.unfit.iter().filter(|(endpoint, _)| endpoint.is_none() || *endpoint == self.endpoint);
        let found: Vec<FaultCode> =
            of_its.flat_map(|(_, faults)| faults.iter().map(|fault| fault.code)).collect();
        self.complaints
            .iter()
            .all(|complaint| complaint.code.causes().iter().any(|cause| found.contains(cause)))
    }
}

/// One gateway in front of one instance.
struct Case<'c, 'a> {
    chosen: &'c Chosen<'a>,
    gateway: &'a ApplicationGateway,
    own: &'c OwnNames,
    judge: &'c Judge<'c>,
    mode: VnetMode,
}

impl<'a> Case<'_, 'a> {
    fn judge(&self, assumptions: &mut Vec<Assumption>) -> Front {
        let gateway = self.gateway;
        let ground = subnet::chosen(self.chosen.network, gateway);
        let health = health::sick(&self.chosen.network.backend_health, Some((gateway, self.own)));
        let whole = self.whole(ground.as_ref(), assumptions);
        let chains = self.own_chains();
        let mut unfit: Vec<(Option<Published>, Vec<Fault>)> = Vec::new();
        if !whole.is_empty() {
            unfit.push((None, whole));
        }
        for endpoint in Published::ALL {
            let mut faults = self.endpoint(*endpoint, &chains, assumptions);
            if faults.iter().all(|fault| fault.code != FaultCode::TrustedRoot) {
                faults.extend(untrusted_by_health(*endpoint, &health));
            }
            if !faults.is_empty() {
                unfit.push((Some(*endpoint), faults));
            }
        }
        Front {
            name: gateway.id.name().to_owned(),
            resource_group: gateway.id.segment("resourceGroups").map(str::to_owned),
            names: ground.as_ref().map(Names::of),
            unfit,
            health,
            parts: gateway.part_names(),
        }
    }

    /// What concerns all of the gateway.
    fn whole(&self, ground: Option<&Chosen<'_>>, assumptions: &mut Vec<Assumption>) -> Vec<Fault> {
        let gateway = self.gateway;
        let mut faults = Vec::new();
        faults.extend(not_running(gateway));
        if !self.names_the_instance() {
            let says = format!(
                "Nothing in the gateway {} names the instance: no listener, no settings, no probe and no pool has a name or an address of it.",
                gateway.id.name()
            );
            let step = "Add a listener, settings, a probe, a pool and a rule for the instance: `apim-probe rules --only-part gateway` writes them.";
            faults.push(
                Fault::new(FaultCode::RuleTarget, says, step).of_part(gateway.id.name(), &gateway.place),
            );
        }
        match ground {
            Some(ground) => {
                faults.extend(subnet::faults(ground, gateway, self.own));
                faults.extend(subnet::instance_inbound(self.judge, self.chosen, ground));
            }
            None => assumptions.push(Assumption::GatewaySubnetNotGiven(gateway.id.name().to_owned())),
        }
        faults.sort_by_key(|fault| fault.gravity);
        faults
    }

    fn names_the_instance(&self) -> bool {
        let listens = |listener| !listener_endpoints(self.gateway, listener, self.own).is_empty();
        let hosts = self.gateway.settings.iter().filter_map(|it| it.host.given());
        let probes = self.gateway.probes.iter().filter_map(|it| it.host.given());
        let unread = self.gateway.pools.iter().any(|pool| pool.targets == Field::Unreadable);
        let targets = self.gateway.pools.iter().filter_map(|pool| pool.targets.given()).flatten();
        self.gateway.listeners.iter().any(listens)
            || unread
            || hosts.chain(probes).any(|host| self.own.has(host))
            || targets.into_iter().any(|target| chain::is_own(self.own, target))
    }

    /// The chains that serve the instance, each with the endpoints. Of the paths of one rule those that lead elsewhere serve
    /// something else, as long as another path leads to the instance.
    fn own_chains(&self) -> Vec<(Chain<'a>, Vec<Published>)> {
        let all = chains(self.gateway);
        let leads = |chain: &Chain<'_>| chain.leads_to(self.own) || chain.meant(self.own).is_some();
        let is_beside = |chain: &Chain<'_>| {
            !leads(chain) && all.iter().any(|other| std::ptr::eq(other.rule, chain.rule) && leads(other))
        };
        let own = all.iter().filter(|chain| !is_beside(chain));
        own.map(|chain| (*chain, chain.endpoints(self.gateway, self.own)))
            .filter(|(_, endpoints)| !endpoints.is_empty())
            .collect()
    }

    fn endpoint(
        &self,
        endpoint: Published,
        chains: &[(Chain<'a>, Vec<Published>)],
        assumptions: &mut Vec<Assumption>,
    ) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut is_served = false;
        for (chain, endpoints) in chains.iter().filter(|(_, endpoints)| endpoints.contains(&endpoint)) {
            let found = self.chain(chain, endpoints);
            is_served |= found.iter().all(|fault| fault.gravity != Gravity::Error);
            faults.extend(found);
            if endpoint == Published::Portal {
                faults.extend(self.firewall(chain, assumptions));
            }
        }
        for listener in &self.gateway.listeners {
            let is_its = listener_endpoints(self.gateway, listener, self.own).contains(&endpoint);
            faults.extend(front::rule_missing(self.gateway, listener, endpoint, self.own).filter(|_| is_its));
        }
        if is_served {
            // Some requests get through: those of the other listener.
            for fault in faults.iter_mut().filter(|fault| fault.gravity == Gravity::Error) {
                fault.gravity = Gravity::Warning;
            }
        }
        faults.sort_by_key(|fault| fault.gravity);
        let mut once: Vec<Fault> = Vec::new();
        for fault in faults {
            if !once.contains(&fault) {
                once.push(fault);
            }
        }
        once
    }

    fn chain(&self, chain: &Chain<'a>, endpoints: &[Published]) -> Vec<Fault> {
        let network = self.chosen.network;
        let asker = self.gateway.subnets.first().and_then(crate::network::ResourceId::parent);
        let zones = Zones::new(network, asker, self.mode);
        let mut faults = front::listener(self.gateway, chain.listener);
        faults.extend(front::listener_host(chain, self.own));
        faults.extend(front::rule_target(self.gateway, chain, endpoints, self.own));
        faults.extend(front::rule_order(self.gateway, chain));
        faults.extend(backend::faults(chain, endpoints, self.own, &zones));
        faults.extend(self.trusted_root(chain));
        faults
    }

    /// Roots that other settings name and these do not: the gateway then checks the chain against the public ones alone.
    fn trusted_root(&self, chain: &Chain<'a>) -> Option<Fault> {
        let To::Part(settings) = chain.settings else { return None };
        let speaks_https = settings.protocol.given().is_some_and(|word| word.eq_ignore_ascii_case("Https"));
        let others = self.gateway.settings.iter().any(|other| !other.trusted_roots.is_empty());
        let is_bare = speaks_https && settings.trusted_roots.is_empty();
        let root = self.gateway.trusted_roots.first().filter(|_| is_bare && others)?;
        let part = settings.id.name();
        let says = format!(
            "The settings {part} name no trusted root while others name {}: a certificate of a private CA fails here.",
            root.name()
        );
        let step = format!(
            "Name the trusted root {} in the settings {part}, where the instance's certificate ends in it.",
            root.name()
        );
        let fault = Fault::new(FaultCode::TrustedRoot, says, step).values(None, root.name().to_owned());
        Some(fault.of_part(part, &settings.place))
    }

    fn firewall(&self, chain: &Chain<'a>, assumptions: &mut Vec<Assumption>) -> Option<Fault> {
        match firewall::portal(self.chosen.network, self.gateway, chain.listener) {
            firewall::Verdict::Fits => None,
            firewall::Verdict::Blocks(fault) => Some(*fault),
            firewall::Verdict::NotGiven(policy) => {
                assumptions.push(Assumption::FirewallPolicyNotGiven(policy));
                None
            }
        }
    }
}

/// The root that the gateway lacks where backend health says so: documents hold no certificate of the instance, the probe saw it.
fn untrusted_by_health(endpoint: Published, health: &[Sick]) -> Option<Fault> {
    let its = health.iter().filter(|sick| sick.endpoint == Some(endpoint));
    let mut complaints = its.flat_map(|sick| &sick.complaints);
    let complaint = complaints.find(|complaint| complaint.code == HealthCode::CertificateRoot)?;
    let says = format!(
        "The gateway's probe of {} met a certificate whose root the gateway does not trust.",
        complaint.server
    );
    let step = "Upload the root certificate of the CA that issued the instance's certificate as a trusted root, and name it in the settings.";
    let mut fault = Fault::new(FaultCode::TrustedRoot, says, step).weighing(complaint.gravity);
    fault.place = Some(complaint.place.clone());
    fault.cure = Some(Cure::set(&[("cert-file", "<ROOT_CERTIFICATE>")]));
    Some(fault)
}

fn not_running(gateway: &ApplicationGateway) -> Option<Fault> {
    let state = gateway.state.given().filter(|state| !state.eq_ignore_ascii_case("Running"))?;
    let name = gateway.id.name();
    let says = format!("The gateway {name} is {state}: it takes no request.");
    let is_stopped = state.eq_ignore_ascii_case("Stopped");
    let step = if is_stopped {
        format!("Start the gateway {name}.")
    } else {
        format!("Wait until the gateway {name} is running.")
    };
    let fault = Fault::new(FaultCode::NotRunning, says, step).values(state.clone(), "Running".to_owned());
    let fault = fault.of_part(name, &gateway.place);
    Some(if is_stopped { fault } else { fault.weighing(Gravity::Warning) })
}
