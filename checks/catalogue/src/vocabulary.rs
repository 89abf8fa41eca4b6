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
    /// Which certificate chains an endpoint may show.
    TrustPolicy {
        /// The chain must end in a public root.
        Public = "public",
        /// A chain that ends in this machine's own store passes too, and is stated.
        Private = "private",
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
