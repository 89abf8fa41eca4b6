//! What may be wrong with an Application Gateway in front of an instance: closed lists of reasons, which documents and packets
//! share, so that one mistake has one code wherever it is found.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::catalogue::{Published, words};
use crate::network::resource::{Place, ResourceId};
use crate::network::security::PortRange;
use crate::network::settings::Gravity;

words! {
    /// Why a gateway does not publish an endpoint of the instance (`gateway-unfit`).
    FaultCode {
        /// The settings name no probe: the default one asks for `127.0.0.1` and `/`.
        ProbeDefault = "probe-default",
        /// The probe asks for a host that is none of the endpoint's.
        ProbeHost = "probe-host",
        /// The probe asks for another path than the endpoint's health page.
        ProbePath = "probe-path",
        /// The probe speaks HTTP where the settings speak HTTPS.
        ProbeProtocol = "probe-protocol",
        /// The probe asks on a port on which the instance does not serve.
        ProbePort = "probe-port",
        /// The probe does not take the answer that a healthy instance gives.
        ProbeMatch = "probe-match",
        /// The probe gives up or comes back at odd times.
        ProbeTiming = "probe-timing",
        /// The settings speak HTTP to the instance.
        SettingsProtocol = "settings-protocol",
        /// The settings name a port on which the instance does not serve.
        SettingsPort = "settings-port",
        /// The host that reaches the instance is none of its names.
        SettingsHost = "settings-host",
        /// The host is taken from a pool that holds addresses.
        SettingsPickHost = "settings-pick-host",
        /// Requests are cut off sooner than the instance answers them.
        SettingsTimeout = "settings-timeout",
        /// The gateway does not trust the root of the instance's certificate.
        TrustedRoot = "trusted-root",
        /// The listener takes plain HTTP.
        ListenerProtocol = "listener-protocol",
        /// The listener's host is none of the instance's names.
        ListenerHost = "listener-host",
        /// The listener does not tell host names apart in the TLS handshake.
        ListenerSni = "listener-sni",
        /// The listener's certificate is missing or does not fit its host.
        ListenerCertificate = "listener-certificate",
        /// No rule takes the listener's requests.
        RuleMissing = "rule-missing",
        /// The rule leads elsewhere than to the endpoint.
        RuleTarget = "rule-target",
        /// An earlier rule takes the requests.
        RuleOrder = "rule-order",
        /// The pool has no server.
        PoolEmpty = "pool-empty",
        /// The pool holds an address that is none of the instance's.
        PoolAddress = "pool-address",
        /// The pool holds a name that does not lead to the instance.
        PoolName = "pool-name",
        /// The gateway's network cannot resolve a name of the pool.
        NameUnresolved = "name-unresolved",
        /// The web application firewall blocks what the portal sends.
        WafRules = "waf-rules",
        /// The gateway's subnet does not let Azure's management in.
        SubnetInbound = "subnet-inbound",
        /// The gateway's subnet does not let clients in.
        SubnetClients = "subnet-clients",
        /// The gateway's subnet does not let Azure's load balancer in.
        SubnetHealth = "subnet-health",
        /// The gateway's subnet does not let the gateway out.
        SubnetOutbound = "subnet-outbound",
        /// A route takes the gateway's traffic away.
        SubnetRoute = "subnet-route",
        /// The gateway's subnet is too small, delegated, or used by others.
        SubnetShared = "subnet-shared",
        /// The instance's subnet does not let the gateway in.
        InstanceInbound = "instance-inbound",
        /// The gateway does not run.
        NotRunning = "not-running",
    }
}

impl FaultCode {
    /// The codes under which packets show this mistake, where they cannot tell it from its neighbours.
    #[must_use]
    pub const fn shows(self) -> &'static [Self] {
        match self {
            Self::ListenerHost | Self::RuleMissing | Self::RuleTarget | Self::RuleOrder => {
                &[Self::ListenerHost, Self::ListenerCertificate, Self::SettingsHost]
            }
            Self::ListenerSni => &[Self::ListenerSni, Self::ListenerCertificate],
            Self::ListenerCertificate => &[Self::ListenerCertificate, Self::ListenerSni],
            Self::ListenerProtocol => &[Self::ListenerProtocol, Self::NotRunning],
            Self::NotRunning => &[Self::NotRunning, Self::SubnetClients],
            Self::SubnetClients | Self::SubnetInbound | Self::SubnetRoute => &[Self::SubnetClients],
            Self::SettingsHost | Self::SettingsPickHost | Self::PoolAddress | Self::PoolName => {
                &[Self::SettingsHost]
            }
            Self::ProbeHost => &[Self::ProbeHost],
            Self::ProbePath => &[Self::ProbePath],
            Self::SettingsProtocol => &[Self::SettingsProtocol],
            Self::SettingsTimeout => &[Self::SettingsTimeout],
            Self::TrustedRoot => &[Self::TrustedRoot],
            Self::NameUnresolved => &[Self::NameUnresolved],
            Self::WafRules => &[Self::WafRules],
            Self::InstanceInbound => &[Self::InstanceInbound],
            // What stops requests behind the front end is a 502 to a client, whatever it is.
            Self::ProbeDefault
            | Self::ProbeProtocol
            | Self::ProbePort
            | Self::ProbeMatch
            | Self::ProbeTiming
            | Self::SettingsPort
            | Self::PoolEmpty
            | Self::SubnetHealth
            | Self::SubnetOutbound
            | Self::SubnetShared => &[],
        }
    }
}

words! {
    /// Why a gateway calls a server unhealthy (`gateway-backend-unhealthy`).
    HealthCode {
        /// No answer in time.
        Timeout = "timeout",
        /// The name could not be resolved.
        Dns = "dns",
        /// The connection could not be opened.
        Connect = "connect",
        /// Another status than the probe takes.
        Status = "status",
        /// Another body than the probe takes.
        Body = "body",
        /// The certificate is for another name.
        CertificateName = "certificate-name",
        /// The certificate is out of its dates.
        CertificateExpired = "certificate-expired",
        /// The chain is not complete or not in order.
        CertificateChain = "certificate-chain",
        /// The chain ends in a root that is not trusted.
        CertificateRoot = "certificate-root",
        /// Azure could not retrieve the health.
        Unknown = "unknown",
        /// Something else.
        Other = "other",
    }
}

/// One reason, with its own step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub code: FaultCode,
    /// How much it weighs.
    pub gravity: Gravity,
    /// What is wrong: one sentence with the values that the document or the packets have.
    pub says: String,
    /// What to do: one sentence.
    pub step: String,
    /// Name of the part of the gateway that has it, `probe-api`; of a rule or route where a subnet has it.
    pub part: Option<String>,
    /// What it has.
    pub has: Option<String>,
    /// What it needs.
    pub needs: Option<String>,
    /// Where it stands.
    pub place: Option<Place>,
    /// What takes it away.
    pub cure: Option<Cure>,
}

/// What takes a fault away: the data that steps are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// A probe of the health page.
    Probe {
        /// The host that it asks for.
        host: String,
    },
    /// Values of the fault's part: options of the Azure CLI without dashes, each with its value; lists with commas.
    Set(Vec<(String, String)>),
    /// A route of the fault's subnet.
    Route {
        /// Its name.
        name: String,
        /// The prefix that has to lead to the Internet; the route has to go where there is none.
        prefix: Option<String>,
    },
    /// A link of a private zone to the gateway's network.
    Link {
        /// The zone.
        zone: ResourceId,
    },
    /// A record of the instance in a private zone.
    Record {
        /// The zone.
        zone: ResourceId,
        /// The name that needs it.
        host: String,
        /// The address that it has to hold, where it is known.
        address: Option<IpAddr>,
    },
    /// A rule of the gateway's subnet, or of the instance's for `instance-inbound`.
    Rule {
        /// Who is at the other end: a service tag, or a word for the prefixes.
        peer: String,
        /// The prefixes at the other end; none where `peer` is a tag.
        prefixes: Vec<IpNet>,
        /// The ports to be let through.
        ports: PortRange,
        /// The priority of the rule that denies, where it has one.
        denier: Option<u32>,
    },
}

impl Cure {
    /// Values of the fault's part.
    #[must_use]
    pub fn set(values: &[(&str, &str)]) -> Self {
        Self::Set(values.iter().map(|(option, value)| ((*option).to_owned(), (*value).to_owned())).collect())
    }
}

impl Fault {
    /// A fault that stops every request, without values yet.
    #[must_use]
    pub fn new(code: FaultCode, says: impl Into<String>, step: impl Into<String>) -> Self {
        Self {
            code,
            gravity: Gravity::Error,
            says: says.into(),
            step: step.into(),
            part: None,
            has: None,
            needs: None,
            place: None,
            cure: None,
        }
    }

    /// The same with what takes it away.
    #[must_use]
    pub fn cured_by(self, cure: Cure) -> Self {
        Self { cure: Some(cure), ..self }
    }

    /// The same with another weight.
    #[must_use]
    pub fn weighing(self, gravity: Gravity) -> Self {
        Self { gravity, ..self }
    }

    /// The same with what is there and what is needed.
    #[must_use]
    pub fn values(self, has: impl Into<Option<String>>, needs: impl Into<Option<String>>) -> Self {
        Self { has: has.into(), needs: needs.into(), ..self }
    }

    /// The same with the part that has it, and where that stands.
    #[must_use]
    pub fn of_part(self, name: &str, place: &Place) -> Self {
        let place = (!place.file.is_empty()).then(|| place.clone());
        Self { part: Some(name.to_owned()), place, ..self }
    }
}

/// Faults by which no answer of the instance arrives.
const UNREACHED: &[FaultCode] = &[
    FaultCode::InstanceInbound,
    FaultCode::SubnetOutbound,
    FaultCode::SubnetRoute,
    FaultCode::PoolAddress,
    FaultCode::PoolName,
    FaultCode::ProbeTiming,
    FaultCode::ProbePort,
    FaultCode::SettingsPort,
];

/// Faults by which a connection is refused or leads to a server that speaks something else.
const REFUSED: &[FaultCode] = &[
    FaultCode::InstanceInbound,
    FaultCode::SubnetOutbound,
    FaultCode::SubnetRoute,
    FaultCode::PoolAddress,
    FaultCode::PoolName,
    FaultCode::ProbePort,
    FaultCode::SettingsPort,
    FaultCode::SettingsProtocol,
    FaultCode::ProbeProtocol,
];

/// Faults by which the instance, or another server, answers with a status that the probe does not accept.
const ANSWERED_OTHERWISE: &[FaultCode] = &[
    FaultCode::ProbeDefault,
    FaultCode::ProbeHost,
    FaultCode::ProbePath,
    FaultCode::ProbeMatch,
    FaultCode::ProbeProtocol,
    FaultCode::SettingsProtocol,
    FaultCode::SettingsHost,
    FaultCode::SettingsPickHost,
    FaultCode::PoolAddress,
    FaultCode::PoolName,
    FaultCode::RuleTarget,
];

/// Faults by which a certificate for another name is shown.
const OTHER_NAME: &[FaultCode] = &[
    FaultCode::ProbeDefault,
    FaultCode::ProbeHost,
    FaultCode::SettingsHost,
    FaultCode::SettingsPickHost,
    FaultCode::RuleTarget,
    FaultCode::PoolAddress,
    FaultCode::PoolName,
];

impl HealthCode {
    /// The faults of a gateway that account for this word of its health.
    #[must_use]
    pub const fn causes(self) -> &'static [FaultCode] {
        use FaultCode as F;
        match self {
            Self::Timeout => UNREACHED,
            Self::Dns => &[F::PoolName, F::NameUnresolved],
            Self::Connect => REFUSED,
            Self::Status => ANSWERED_OTHERWISE,
            Self::Body => &[F::ProbeMatch, F::ProbePath, F::ProbeDefault],
            Self::CertificateName => OTHER_NAME,
            Self::CertificateRoot | Self::CertificateChain => &[F::TrustedRoot],
            Self::CertificateExpired | Self::Other => &[],
            Self::Unknown => &[
                F::SubnetInbound,
                F::SubnetRoute,
                F::SubnetOutbound,
                F::SubnetHealth,
                F::PoolName,
                F::NameUnresolved,
                F::NotRunning,
            ],
        }
    }
}

/// Paths of an endpoint's health page, that of the documents first.
#[must_use]
pub const fn health_paths(endpoint: Published) -> &'static [&'static str] {
    match endpoint {
        Published::Gateway => &["/status-0123456789abcdef"],
        Published::Portal => &["/internal-status-0123456789abcdef", "/signin"],
        Published::Management => &["/ServiceStatus"],
    }
}

/// The endpoint as a sentence names it.
#[must_use]
pub const fn name(endpoint: Published) -> &'static str {
    match endpoint {
        Published::Gateway => "API gateway",
        Published::Portal => "developer portal",
        Published::Management => "management endpoint",
    }
}
