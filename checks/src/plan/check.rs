//! One check: an endpoint resolved to one target, with all that its row says.

use std::net::{IpAddr, SocketAddr};

use crate::catalogue::{
    CUSTOM, Direction, Endpoint, Meaning, NamedBy, Port, Protocol, Requirement, Role, RunWhen, Transport,
    TrustPolicy,
};
use crate::instance::CustomEndpoint;
use crate::outcome::SkipReason;
use crate::plan::gateway_path::GatewayPath;
use crate::plan::target::{CheckId, Host, Origin, Target, Work};
use crate::server::Server;

/// Group of the checks of settings.
pub const CONFIGURATION: &str = "configuration";

/// One endpoint resolved to one target for this instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Unique id.
    pub id: CheckId,
    /// Catalogue id, or `custom`.
    pub endpoint: String,
    /// The name that NetworkStatus uses, else the host, else the endpoint's name.
    pub name: String,
    /// Catalogue group.
    pub group: String,
    /// What it is for.
    pub purpose: String,
    /// What its row means.
    pub meaning: Meaning,
    /// Whether it is probed, and where it aims.
    pub work: Work,
    /// Transport.
    pub transport: Transport,
    /// Protocol that proves it.
    pub protocol: Protocol,
    /// Service tag of the rule that allows it.
    pub service_tag: Option<String>,
    /// Who opens the connection.
    pub direction: Direction,
    /// NetworkStatus' `resourceType`.
    pub resource_type: Option<String>,
    /// Whether its failure makes the verdict `unhealthy`.
    pub requirement: Requirement,
    /// The newest reference calls it required.
    pub documented_required: bool,
    /// It stands in for rows whose names are not known.
    pub fallback: bool,
    /// HTTP path and query.
    pub request: Option<String>,
    /// First bytes that an HTTP body must have.
    pub expect_body: Option<String>,
    /// Domains to which port 80 may redirect.
    pub redirects: Vec<String>,
    /// Domains whose certificate names pass beside the host.
    pub accept_names: Vec<String>,
    /// Which chains pass.
    pub trust: TrustPolicy,
    /// The address to which the name must resolve (own endpoints in internal mode).
    pub must_resolve_to: Option<IpAddr>,
    /// The part that it has in the judgement of an Application Gateway.
    pub gateway: Option<GatewayPath>,
    /// Where the target came from.
    pub origin: Origin,
    /// Codes of the documents behind the row.
    pub sources: Vec<String>,
}

impl Check {
    /// A check of `row` without a target.
    pub(super) fn without_target(row: &Endpoint, reason: SkipReason) -> Self {
        Self {
            id: CheckId(row.id.clone()),
            endpoint: row.id.clone(),
            name: row.name.clone(),
            group: row.group.clone(),
            purpose: row.purpose.clone(),
            meaning: row.meaning(),
            work: Work::Skip {
                reason,
                host: None,
                port: match row.ports.as_slice() {
                    [only] => Some(only.number),
                    _ => None,
                },
            },
            transport: row.transport,
            protocol: row.ports.first().map_or(Protocol::Tcp, |port| port.protocol),
            service_tag: row.service_tag.clone(),
            direction: row.direction,
            resource_type: row.resource_type.clone(),
            requirement: row.requirement(),
            documented_required: row.documented_required,
            fallback: row.run == RunWhen::Fallback,
            request: row.request.clone(),
            expect_body: row.expect_body.clone(),
            redirects: row.redirects.clone(),
            accept_names: row.accept_names.clone(),
            trust: row.trust,
            must_resolve_to: None,
            gateway: None,
            origin: Origin::Catalogue,
            sources: row.sources.clone(),
        }
    }

    /// A check of `row` against one host and port.
    pub(super) fn of_row(row: &Endpoint, host: &Host, port: Port) -> Self {
        let request = row.requests.get(&host.name).or(row.request.as_ref()).cloned();
        Self {
            id: CheckId::new(&row.id, &host.name, port.number),
            name: host.name.clone(),
            work: Work::Probe(Target::new(&host.name, port.number)),
            protocol: port.protocol,
            origin: if row.run == RunWhen::Fallback { Origin::Fallback } else { host.origin },
            request,
            expect_body: row.expected_body(&host.name).map(str::to_owned),
            ..Self::without_target(row, SkipReason::NotCheckable)
        }
    }

    /// A check of an endpoint that the user named.
    pub(super) fn custom(endpoint: &CustomEndpoint) -> Self {
        Self {
            id: CheckId::new(CUSTOM, &endpoint.host, endpoint.port),
            name: endpoint.host.clone(),
            purpose: "given with --endpoint".to_owned(),
            work: Work::Probe(Target::new(&endpoint.host, endpoint.port)),
            transport: endpoint.transport.unwrap_or_else(|| endpoint.protocol.transport()),
            protocol: endpoint.protocol,
            requirement: endpoint.requirement,
            ..Self::without_row(CUSTOM, Role::Custom)
        }
    }

    /// A check that no row of the catalogue stands behind: optional, outbound, and against nothing yet.
    pub(super) fn without_row(endpoint: &str, role: Role) -> Self {
        Self {
            id: CheckId(endpoint.to_owned()),
            endpoint: endpoint.to_owned(),
            name: endpoint.to_owned(),
            group: endpoint.to_owned(),
            purpose: String::new(),
            meaning: Meaning::of_role(role),
            work: Work::skip(SkipReason::NotCheckable),
            transport: Transport::Tcp,
            protocol: Protocol::Tcp,
            service_tag: None,
            direction: Direction::Outbound,
            resource_type: None,
            requirement: Requirement::Optional,
            documented_required: false,
            fallback: false,
            request: None,
            expect_body: None,
            redirects: Vec::new(),
            accept_names: Vec::new(),
            trust: TrustPolicy::Private,
            must_resolve_to: None,
            gateway: None,
            origin: Origin::Flag,
            sources: Vec::new(),
        }
    }

    /// The same, and not probed where there is a reason for that.
    pub(super) fn skipped_for(self, reason: Option<SkipReason>) -> Self {
        match reason {
            Some(reason) => Self { work: self.work.skipped(reason), ..self },
            None => self,
        }
    }

    /// The DNS server that it is about, where its target is an address.
    #[must_use]
    pub fn dns_server(&self) -> Option<Server> {
        let ip: IpAddr = self.host()?.parse().ok()?;
        Some(SocketAddr::new(ip, self.port()?).into())
    }

    /// The target, where it is probed.
    #[must_use]
    pub const fn probed(&self) -> Option<&Target> {
        match &self.work {
            Work::Probe(target) => Some(target),
            Work::Skip { .. } => None,
        }
    }

    /// Why it is not probed, where it is not.
    #[must_use]
    pub const fn skip_reason(&self) -> Option<SkipReason> {
        match &self.work {
            Work::Probe(_) => None,
            Work::Skip { reason, .. } => Some(*reason),
        }
    }

    /// Host name or literal address, where one is known.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match &self.work {
            Work::Probe(target) => Some(&target.host),
            Work::Skip { host, .. } => host.as_deref(),
        }
    }

    /// The port, where there is one.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        match &self.work {
            Work::Probe(target) => Some(target.port),
            Work::Skip { port, .. } => *port,
        }
    }

    /// True where its failure does not make the verdict `unhealthy`.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.requirement == Requirement::Optional
    }

    /// True where a probe of either answers for both: they aim at one target in one way, whoever wants it and how much.
    pub(crate) fn aims_like(&self, other: &Self) -> bool {
        let aim = |check: &Self| {
            let Self {
                work, transport, protocol, request, expect_body, redirects, accept_names, trust, ..
            } = check.clone();
            let asked = (request, expect_body, redirects, accept_names);
            (check.id.clone(), work, transport, protocol, asked, trust, check.must_resolve_to)
        };
        aim(self) == aim(other)
    }

    /// What the row is.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.meaning.role
    }

    /// The flag that would give this check its name.
    #[must_use]
    pub fn naming_flag(&self) -> &'static str {
        self.meaning.named_by.unwrap_or(NamedBy::Region).as_str()
    }

    /// The service tag that a rule for it would name: what has none is on the internet.
    #[must_use]
    pub fn tag_or_internet(&self) -> &str {
        self.tag().unwrap_or("Internet")
    }

    /// The service tag without the note that a source prints beside it.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.service_tag.as_deref().map(|printed| printed.split(" (").next().unwrap_or(printed))
    }

    /// `host:port` for people; the endpoint's name where there is no host.
    #[must_use]
    pub fn target(&self) -> String {
        match (self.host(), self.port()) {
            (Some(host), Some(port)) if host.contains(':') => format!("[{host}]:{port}"),
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => self.name.clone(),
        }
    }
}
