//! The closed lists of words that a row is written in.

use crate::words;

words! {
    /// What is spoken on a port. A closed list: `probe.rs` matches it in one place.
    Protocol {
        /// HTTP over TLS.
        Https = "https",
        /// Plain HTTP.
        Http = "http",
        /// A certificate revocation list over plain HTTP.
        Crl = "crl",
        /// An issuer's certificate over plain HTTP.
        Aia = "aia",
        /// An OCSP responder over plain HTTP.
        Ocsp = "ocsp",
        /// SQL Server's tabular data stream, with TLS inside it.
        Tds = "tds",
        /// AMQP 1.0, over TLS on 5671, with TLS in band on 5672.
        Amqp = "amqp",
        /// Redis over TLS.
        Redis = "redis",
        /// SMB 2 and later.
        Smb = "smb",
        /// A mail relay's banner.
        Smtp = "smtp",
        /// Network time.
        Ntp = "ntp",
        /// Windows activation.
        Kms = "kms",
        /// A name server, over UDP and TCP.
        Dns = "dns",
        /// A TLS handshake and nothing after it.
        Tls = "tls",
        /// A TCP connect and nothing after it: proves little, and the report says so.
        Tcp = "tcp",
    }
}

impl Protocol {
    /// What carries it.
    #[must_use]
    pub const fn transport(self) -> Transport {
        match self {
            Self::Ntp => Transport::Udp,
            Self::Dns => Transport::UdpTcp,
            Self::Https
            | Self::Http
            | Self::Crl
            | Self::Aia
            | Self::Ocsp
            | Self::Tds
            | Self::Amqp
            | Self::Redis
            | Self::Smb
            | Self::Smtp
            | Self::Kms
            | Self::Tls
            | Self::Tcp => Transport::Tcp,
        }
    }

    /// True for what an application rule of a firewall can tell by name: the Host header, or the name in the TLS handshake.
    #[must_use]
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Https) || self.is_plain_http()
    }

    /// True for what is asked over HTTP without TLS.
    #[must_use]
    pub const fn is_plain_http(self) -> bool {
        matches!(self, Self::Http | Self::Crl | Self::Aia | Self::Ocsp)
    }
}

words! {
    /// Transport of an endpoint.
    Transport {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
        /// Both are asked (name servers).
        UdpTcp = "udp+tcp",
    }
}

words! {
    /// Who opens the connection, seen from the subnet of API Management.
    Direction {
        /// From the subnet.
        Outbound = "outbound",
        /// Into the subnet.
        Inbound = "inbound",
        /// Both.
        Both = "both",
    }
}

words! {
    /// Mode of the virtual network integration.
    VnetMode {
        /// Gateway reachable from the network only.
        Internal = "internal",
        /// Gateway reachable from the internet.
        External = "external",
    }
}

words! {
    /// Which kind of API Management the catalogue is read for.
    Profile {
        /// Developer and Premium on the stv2 platform.
        Classic = "classic",
        /// Premium v2 with network injection.
        PremiumV2 = "premium-v2",
        /// A workspace gateway.
        Workspace = "workspace",
    }
}

words! {
    /// When a row is run.
    RunWhen {
        /// Always; where a name is missing it is `skipped`, `name-unknown`.
        Always = "always",
        /// Only while the rows it stands in for have no names.
        Fallback = "fallback",
        /// Only when the instance itself is known (`--service`, `--hostname`).
        Service = "service",
        /// Only where an Application Gateway is named: without one the row is neither run nor listed.
        Gateway = "gateway",
        /// Seen in the field but not documented, or legacy: only with `--only`.
        Extended = "extended",
        /// Needed by this tool's optional features only, never by API Management: only with `--only`.
        Tool = "tool",
        /// Cannot be checked from a VM: listed and explained.
        Info = "info",
        /// History: neither run nor listed, only explained, or run with `--only`.
        Off = "off",
    }
}

words! {
    /// What a row is, where the checks or the rules treat it otherwise than a service that API Management calls.
    Role {
        /// A service that the instance calls or is called by.
        Service = "service",
        /// A DNS server that this machine is configured to ask.
        NameServer = "name-server",
        /// Azure's own DNS server, 168.63.129.16.
        AzureDns = "azure-dns",
        /// The instance metadata service, 169.254.169.254.
        Metadata = "metadata",
        /// The channel between the platform and this machine's agent.
        AgentChannel = "agent-channel",
        /// The instance's gateway: its custom domains belong here.
        OwnGateway = "own-gateway",
        /// The instance's legacy portal likewise.
        OwnPortal = "own-portal",
        /// The instance's developer portal likewise.
        OwnDeveloperPortal = "own-developer-portal",
        /// The instance's management endpoint likewise.
        OwnManagement = "own-management",
        /// The management endpoint as Azure itself calls it.
        ControlPlane = "control-plane",
        /// The instance's Git repository likewise.
        OwnScm = "own-scm",
        /// The instance's configuration endpoint for self-hosted gateways.
        OwnConfiguration = "own-configuration",
        /// What an Application Gateway asks the instance: its health probe.
        GatewayProbe = "gateway-probe",
        /// What clients ask an Application Gateway in front of the instance.
        GatewayFront = "gateway-front",
        /// No row: an endpoint that the user named, or a name that only the portal knows.
        Custom = "custom",
        /// No row: a setting of subnet, network or instance that exported configuration decides.
        Setting = "setting",
    }
}

/// Whose an endpoint is.
enum Owner {
    Platform,
    Instance,
    Other,
}

impl Role {
    /// True for DNS servers and for what the platform offers to every machine: rules of their own judge these.
    #[must_use]
    pub const fn is_platform(self) -> bool {
        matches!(self.owner(), Owner::Platform)
    }

    /// True for an endpoint of the instance itself, the one that Azure manages it by included.
    #[must_use]
    pub const fn is_own(self) -> bool {
        matches!(self.owner(), Owner::Instance)
    }

    const fn owner(self) -> Owner {
        match self {
            Self::NameServer | Self::AzureDns | Self::Metadata | Self::AgentChannel => Owner::Platform,
            Self::OwnGateway
            | Self::OwnPortal
            | Self::OwnDeveloperPortal
            | Self::OwnManagement
            | Self::ControlPlane
            | Self::OwnScm
            | Self::OwnConfiguration => Owner::Instance,
            Self::Service | Self::GatewayProbe | Self::GatewayFront | Self::Custom | Self::Setting => {
                Owner::Other
            }
        }
    }

    pub(crate) const fn service() -> Self {
        Self::Service
    }
}

words! {
    /// An endpoint of the instance that an Application Gateway in front of it publishes.
    Published {
        /// The gateway: API calls.
        Gateway = "gateway",
        /// The developer portal, the legacy one included.
        Portal = "portal",
        /// The management endpoint.
        Management = "management",
    }
}

words! {
    /// Whether a failure makes the verdict `unhealthy`.
    Requirement {
        /// It does.
        Required = "required",
        /// It makes it `degraded`.
        Optional = "optional",
    }
}

words! {
    /// What a document must show of the instance for a row to apply.
    Condition {
        /// A location beside the first.
        AdditionalLocation = "additional-location",
        /// A host name whose certificate the platform manages.
        ManagedCertificate = "managed-certificate",
    }
}

words! {
    /// The flag that gives a row its names.
    NamedBy {
        /// Storage accounts.
        StorageAccount = "--storage-account",
        /// SQL servers.
        SqlServer = "--sql-server",
        /// Key vaults.
        KeyVault = "--key-vault",
        /// Event Hubs namespaces.
        EventHub = "--event-hub",
        /// Redis caches.
        Redis = "--redis",
        /// The region.
        Region = "--region",
        /// The instance.
        Service = "--service",
        /// The instance's private address.
        PrivateIp = "--private-ip",
        /// The instance's custom domains.
        Hostname = "--hostname",
    }
}

words! {
    /// Which certificate chains an endpoint may show.
    TrustPolicy {
        /// The chain must end in a public root.
        Public = "public",
        /// A chain that ends in this machine's own store passes too, and is stated.
        Private = "private",
        /// What an Application Gateway accepts of its backend: public roots, and those named with `--trusted-root`.
        AppGateway = "app-gateway",
        /// Any chain passes: the service uses a Microsoft-internal PKI.
        Any = "any",
    }
}

impl TrustPolicy {
    /// What a row asks for that says nothing about it.
    pub(crate) const fn public_roots_only() -> Self {
        Self::Public
    }
}

impl Protocol {
    /// What is spoken on a well-known port; TLS elsewhere.
    #[must_use]
    pub const fn of_port(port: u16) -> Self {
        match port {
            443 => Self::Https,
            80 => Self::Http,
            1433 => Self::Tds,
            5671 | 5672 => Self::Amqp,
            445 => Self::Smb,
            25 | 587 | 25028 => Self::Smtp,
            6380 | 10000 => Self::Redis,
            123 => Self::Ntp,
            53 => Self::Dns,
            1688 => Self::Kms,
            _ => Self::Tls,
        }
    }
}
