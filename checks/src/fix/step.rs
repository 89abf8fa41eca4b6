//! The steps of a remedy as data: looks, which change nothing, and changes. Pure.

use std::net::{IpAddr, SocketAddr};

use super::gateway::{PartChange, PartKind, Publication};
use super::{Fix, RuleChange, Scope};
use crate::network::Way;
use crate::plan::flow::Carrier;
use crate::server::Server;

/// One step: what is done, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// When it is to be done, as the start of a sentence: `If it says Deny`; `None` for always.
    pub when: Option<String>,
    /// What it tells or brings about, without a full stop.
    pub text: Option<String>,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Reads.
    Look(Look),
    /// Writes.
    Change(Change),
}

/// A look at Azure, at the network or at this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Which security rule decides a flow of this machine.
    IpFlow(FlowEnds),
    /// Where Azure's routes lead a packet of this machine.
    NextHop {
        /// This machine's address.
        from: Option<IpAddr>,
        /// Where it goes.
        to: Option<IpAddr>,
    },
    /// The rules in force at this machine's interface, each with its expanded tags.
    EffectiveRules,
    /// The routes in force at this machine's interface.
    EffectiveRoutes,
    /// What the subnet has: way out, route table, group, service endpoints, delegation.
    Subnet,
    /// One rule of a group: the subnet's, or another by its name.
    Rule {
        /// The group; `None` for the subnet's.
        group: Option<String>,
        /// The rule.
        name: String,
    },
    /// Every rule of the subnet's group, Azure's own among them.
    Rules,
    /// The routes of the subnet's table.
    Routes,
    /// The security admin rules that hold for the network.
    AdminRules,
    /// The DNS servers of the virtual network.
    DnsServers,
    /// Which network interface has a private address.
    InterfaceWith(Option<IpAddr>),
    /// The private DNS zones of the subscription.
    Zones,
    /// The networks that a private DNS zone is linked to.
    ZoneLinks(String),
    /// State, SKU and network of the instance.
    Instance,
    /// The portal's NetworkStatus, as a file.
    NetworkStatus,
    /// How far the SNAT ports of an Azure Firewall are used up.
    SnatPorts,
    /// What a DNS server answers.
    Dns {
        /// `None` for the configured ones.
        server: Option<Server>,
        /// The name.
        name: String,
        /// Asked over TCP alone, once, with a short time-out, and so on.
        how: DnsQuestion,
    },
    /// The certificates that a server shows.
    Certificates(Peer),
    /// What answers HTTP.
    Http {
        /// `http` or `https`.
        scheme: &'static str,
        /// The server.
        peer: Peer,
    },
    /// The time that a server tells.
    Time(Peer),
    /// The time that this machine's own service keeps.
    Clock,
    /// The metadata service.
    Metadata,
    /// A ping of full-sized packets.
    FullPing(Option<IpAddr>),
    /// This machine's own routing table.
    LocalRoutes,
    /// The firewall of this machine.
    MachineRules,
    /// The same in the words of iptables.
    MachineTables,
    /// The resolver that runs on this machine.
    Resolver,
    /// One part of an Application Gateway.
    GatewayPart {
        /// The gateway.
        at: Gateway,
        /// What the part is.
        kind: PartKind,
        /// Its name.
        name: String,
    },
    /// What an Application Gateway says of its servers.
    GatewayHealth(Gateway),
    /// A run of this program, by what stands behind its name.
    Probe(Vec<String>),
    /// Several short runs of this program.
    ProbeAgain,
}

/// How a DNS server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsQuestion {
    /// The addresses alone.
    Addresses,
    /// The whole answer.
    Whole,
    /// Addresses of both families.
    BothFamilies,
    /// Once, with a short time-out.
    Once,
    /// Once over TCP, with a short time-out.
    OnceOverTcp,
    /// With the time that it took.
    Timed,
}

/// A server by the name and the port that were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// An Application Gateway by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its name.
    pub name: String,
    /// Its resource group, where a document tells it.
    pub group: Option<String>,
}

/// Both ends of a flow of this machine; what is not known is left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowEnds {
    /// Seen from this machine.
    pub direction: Way,
    /// TCP or UDP.
    pub transport: Carrier,
    /// This machine's address.
    pub local: Option<IpAddr>,
    /// The other end with the port of the service.
    pub remote: Option<SocketAddr>,
}

/// A change of Azure's configuration, of a device, or of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// What `rules` writes as well.
    Add(Fix),
    /// Service endpoints beside those that the subnet has, which a query fills in: Azure replaces the list.
    AddServiceEndpoints(Vec<String>),
    /// One field of a rule.
    Rule(RuleChange),
    /// A route is taken out of the subnet's table.
    DeleteRoute(String),
    /// A group is made and attached to the subnet.
    AttachGroup,
    /// A NAT gateway is attached to the subnet.
    AttachNatGateway,
    /// The instance takes over the network's DNS servers.
    ApplyNetworkConfiguration,
    /// A record in a private zone.
    ZoneRecord {
        /// The zone.
        zone: String,
        /// Its resource group, where a document tells it.
        group: Option<String>,
        /// The name in it.
        name: String,
        /// `None` for that of a private endpoint.
        address: Option<IpAddr>,
    },
    /// A link of a private zone to a network.
    ZoneLink {
        /// The zone.
        zone: String,
        /// Its resource group, where a document tells it.
        group: Option<String>,
        /// The network, where a document tells it.
        network: Option<String>,
    },
    /// A change of another group or table than the subnet's, with their names.
    Elsewhere(Box<(Self, Scope)>),
    /// Fields of a part of an Application Gateway.
    GatewayPart {
        /// The gateway.
        at: Gateway,
        /// The part and its fields.
        change: PartChange,
    },
    /// A health probe, and the settings that are to use it.
    GatewayProbe {
        /// The gateway.
        at: Gateway,
        /// What the probe asks.
        probe: Box<Publication>,
        /// The settings.
        settings: String,
    },
    /// An Application Gateway that is stopped is started.
    GatewayStart(Gateway),
    /// Lines of this machine's hosts file, for a test.
    HostsFile {
        /// The names.
        names: Vec<String>,
        /// Their address.
        address: Option<IpAddr>,
    },
    /// The clock of this machine is set once.
    StepClock,
    /// The clock of this machine is kept from now on.
    KeepClock,
    /// The segments of connections through a Linux router are made to fit.
    ClampSegments,
    /// More open files for the runs of this shell.
    OpenFiles,
    /// The resolver of this machine is started again.
    RestartResolver,
}

/// What a step belongs to: the resource whose names its command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The subnet's security group.
    Rules,
    /// The subnet's route table.
    Routes,
    /// The subnet and its network.
    Subnet,
    /// This machine.
    Machine,
    /// The API Management instance.
    Instance,
    /// Something whose names no document gives.
    Other,
}

impl Proposal {
    /// The same step under a condition.
    #[must_use]
    pub fn when(self, condition: impl Into<String>) -> Self {
        Self { when: Some(condition.into()), ..self }
    }

    /// The same step with other words than the usual ones.
    #[must_use]
    pub fn saying(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }
}

/// A look, in its usual words.
#[must_use]
pub fn look(look: Look) -> Proposal {
    Proposal { when: None, text: Some(look.words().to_owned()), action: Action::Look(look) }
}

/// A change, in its usual words.
#[must_use]
pub fn change(change: Change) -> Proposal {
    Proposal { when: None, text: change.words().map(str::to_owned), action: Action::Change(change) }
}

impl Look {
    /// What it tells.
    const fn words(&self) -> &'static str {
        match self {
            Self::IpFlow(_) => "which security rule decides",
            Self::NextHop { .. } => "where the route leads",
            Self::EffectiveRules => "the security rules in force at this machine",
            Self::EffectiveRoutes => "the routes in force at this machine",
            Self::Subnet => "way out, routes, group and service endpoints of the subnet",
            Self::Rule { .. } => "the rule as it is",
            Self::Rules => "the rules of the group, Azure's own among them",
            Self::Routes => "the routes of the table",
            Self::AdminRules => "the security admin rules of the network",
            Self::DnsServers => "the DNS servers of the virtual network (none: Azure DNS)",
            Self::InterfaceWith(_) => "which resource owns the address",
            Self::Zones => "the private DNS zones",
            Self::ZoneLinks(_) => "the networks that the zone is linked to",
            Self::Instance => "state, SKU and network of the instance",
            Self::NetworkStatus => "what the instance itself sees",
            Self::SnatPorts => "whether the firewall's SNAT ports are used up",
            Self::Dns { .. } => "what DNS answers",
            Self::Certificates(_) => "which certificates are shown",
            Self::Http { .. } => "who answers",
            Self::Time(_) => "the time that the server tells",
            Self::Clock => "how far the clock is off",
            Self::Metadata => "whether the metadata service answers",
            Self::FullPing(_) => "whether full-sized packets pass (no answer at all tells nothing)",
            Self::LocalRoutes => "this machine's own routes",
            Self::MachineRules => "this machine's own firewall",
            Self::MachineTables => "the same, where iptables wrote it",
            Self::Resolver => "whether this machine's resolver runs",
            Self::GatewayPart { .. } => "the part of the gateway as it is",
            Self::GatewayHealth(_) => "what the gateway says of its servers now",
            Self::Probe(_) | Self::ProbeAgain => "run again",
        }
    }

    /// What it belongs to.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        match self {
            Self::IpFlow(_)
            | Self::NextHop { .. }
            | Self::EffectiveRules
            | Self::EffectiveRoutes
            | Self::Rule { group: Some(_), .. } => Owner::Machine,
            Self::Rule { group: None, .. } | Self::Rules => Owner::Rules,
            Self::Routes => Owner::Routes,
            Self::Subnet | Self::AdminRules | Self::DnsServers => Owner::Subnet,
            Self::Instance | Self::NetworkStatus => Owner::Instance,
            _ => Owner::Other,
        }
    }
}

impl Change {
    /// What it brings about, where the command does not say it.
    const fn words(&self) -> Option<&'static str> {
        match self {
            Self::Add(Fix::SecurityRule(_)) => Some("allow it ahead of what denies"),
            Self::Add(Fix::Route(_)) => Some("route it straight out"),
            Self::Add(Fix::ServiceEndpoints(_)) | Self::AddServiceEndpoints(_) => {
                Some("add service endpoints; the command replaces the list and names the present ones too")
            }
            Self::Add(Fix::Firewall(_)) => {
                Some("on an Azure Firewall policy; any other firewall needs the same rule")
            }
            Self::Add(Fix::Publication(_)) => {
                Some("publish the endpoint: a probe, settings, a listener and a rule")
            }
            Self::Add(Fix::Record(_)) => Some("a zone of its own for the name, its link and its record"),
            Self::Rule(_) => Some("this field is all that is wrong"),
            Self::Elsewhere(what) => what.0.words(),
            Self::ZoneLink { .. } => Some("link the zone"),
            Self::GatewayPart { .. } => Some("set what the instance needs"),
            Self::GatewayProbe { .. } => Some("make a probe of the health page, and let the settings use it"),
            Self::GatewayStart(_) => Some("start the gateway"),
            Self::DeleteRoute(_) => Some("remove the route"),
            Self::AttachGroup => Some("make the group, give it its rules, then attach it"),
            Self::AttachNatGateway => Some("give the subnet a way out"),
            Self::ApplyNetworkConfiguration => {
                Some("the instance takes over the network's DNS servers; its units restart one by one")
            }
            Self::ZoneRecord { .. } => Some("add the record"),
            Self::HostsFile { .. } => Some("on this machine alone, for a test"),
            Self::StepClock => Some("set the clock now"),
            Self::KeepClock => Some("keep it right"),
            Self::ClampSegments => Some("on a Linux router or VPN gateway on the path"),
            Self::RestartResolver => Some("start the resolver again"),
            Self::OpenFiles => Some("more files for this shell, then run again"),
        }
    }

    /// What it belongs to.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        match self {
            Self::Add(Fix::SecurityRule(_)) | Self::Rule(_) => Owner::Rules,
            Self::Add(Fix::Route(_)) | Self::DeleteRoute(_) => Owner::Routes,
            Self::Add(Fix::ServiceEndpoints(_) | Fix::Record(_))
            | Self::AddServiceEndpoints(_)
            | Self::AttachGroup
            | Self::AttachNatGateway => Owner::Subnet,
            Self::ApplyNetworkConfiguration => Owner::Instance,
            _ => Owner::Other,
        }
    }
}

impl Action {
    /// What it belongs to.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        match self {
            Self::Look(look) => look.owner(),
            Self::Change(change) => change.owner(),
        }
    }
}
