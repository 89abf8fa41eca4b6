//! What was seen: stages, steps, causes and evidence. Facts only, no judgement.

mod cause;
pub mod fact;

use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::arrange;
use crate::catalogue::{Protocol, words};
use crate::server::Server;

pub use cause::{Cause, CauseClass};

words! {
    /// The stages of a check, in the order in which they usually come.
    Stage {
        /// The name was asked for.
        Resolve = "resolve",
        /// A connection was opened.
        Connect = "connect",
        /// TLS was negotiated.
        Handshake = "handshake",
        /// The endpoint's own protocol was spoken.
        Exchange = "exchange",
        /// Exported configuration was judged in place of a probe.
        Configuration = "configuration",
    }
}

/// Why a stage failed: the cause, and what was seen in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stage that ended the check.
    pub stage: Stage,
    /// The cause.
    pub cause: Cause,
    /// What was seen, one line, as the peer or the system said it (not yet escaped).
    pub detail: String,
    /// The ICMP message behind it, where one was.
    pub icmp: Option<Icmp>,
}

impl Failure {
    /// A failure of `stage`.
    pub fn new(stage: Stage, cause: Cause, detail: impl Into<String>) -> Self {
        Self { stage, cause, detail: detail.into(), icmp: None }
    }
}

/// An ICMP message that answered one of our packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmp {
    /// ICMP (or ICMPv6) type.
    pub kind: u8,
    /// Code within the type.
    pub code: u8,
    /// The address of the hop that sent it, where the kernel tells.
    pub from: Option<IpAddr>,
}

impl Icmp {
    /// True for "network unreachable" and "host unreachable": a router knows no way to the address, or nobody has it. A rule
    /// that says no has messages of its own.
    #[must_use]
    pub const fn is_unreachable(self) -> bool {
        matches!(
            (self.from, self.kind, self.code),
            (Some(IpAddr::V4(_)), 3, 0 | 1 | 6 | 7) | (Some(IpAddr::V6(_)), 1, 0 | 3)
        )
    }
}

/// Puts steps into the order in which they began.
pub fn in_time_order(steps: &mut [Step]) {
    arrange::by(steps, |a, b| a.start_ms.total_cmp(&b.start_ms));
}

/// One thing that was tried, in time order, failures included.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The stage it belongs to.
    pub stage: Stage,
    /// Milliseconds from the start of the run.
    pub start_ms: f64,
    /// Milliseconds that it took.
    pub duration_ms: f64,
    /// Who was asked for the name.
    pub server: Option<Answerer>,
    /// The address that was tried.
    pub address: Option<IpAddr>,
    /// Packets or sockets spent on it, where more than one can be.
    pub attempts: Option<u32>,
    /// Why it failed; absent when it succeeded.
    pub cause: Option<Cause>,
    /// What was seen.
    pub detail: Option<String>,
    /// The ICMP message that ended it.
    pub icmp: Option<Icmp>,
    /// How far packets get, where nothing answered: one entry for each hop limit that was tried, in growing order.
    pub hops: Vec<Hop>,
}

/// What became of a packet with a small hop limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hop {
    /// The hop limit, from 1.
    pub ttl: u8,
    /// The device that said that the packet ends there; absent when none did.
    pub from: Option<IpAddr>,
    /// After how many milliseconds.
    pub rtt_ms: Option<f64>,
}

/// What was learned on the way, kept whether the check succeeded or not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// From name resolution.
    pub dns: Option<DnsEvidence>,
    /// From the connection that was used.
    pub peer: Option<PeerEvidence>,
    /// From the TLS handshake.
    pub tls: Option<TlsEvidence>,
    /// From the endpoint's own protocol.
    pub exchange: Option<ExchangeEvidence>,
}

words! {
    /// What kind of address an answer is.
    Scope {
        /// Reachable on the internet.
        Public = "public",
        /// RFC 1918, RFC 6598 or unique local.
        Private = "private",
        /// 127.0.0.0/8 or `::1`.
        Loopback = "loopback",
        /// 169.254.0.0/16 or fe80::/10.
        LinkLocal = "link-local",
        /// 0.0.0.0/8 or `::`.
        Unspecified = "unspecified",
    }
}

impl Scope {
    /// The scope of an address; an IPv4-mapped IPv6 address has that of the IPv4 address.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(v4) if v4.octets()[0] == 0 => Self::Unspecified,
            IpAddr::V4(v4) if v4.is_loopback() => Self::Loopback,
            IpAddr::V4(v4) if v4.is_link_local() => Self::LinkLocal,
            IpAddr::V4(v4) if v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64) => {
                Self::Private
            }
            IpAddr::V6(v6) if v6.is_unspecified() => Self::Unspecified,
            IpAddr::V6(v6) if v6.is_loopback() => Self::Loopback,
            IpAddr::V6(v6) if v6.is_unicast_link_local() => Self::LinkLocal,
            IpAddr::V6(v6) if v6.is_unique_local() => Self::Private,
            IpAddr::V4(_) | IpAddr::V6(_) => Self::Public,
        }
    }
}

/// An address of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// Its kind.
    pub scope: Scope,
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self { ip, scope: Scope::of(ip) }
    }
}

/// Who answers for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answerer {
    /// A DNS server.
    Server(Server),
    /// The hosts file of this machine.
    HostsFile,
}

/// `10.0.2.4:53`, or `hosts file`.
impl fmt::Display for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(server) => server.socket().fmt(f),
            Self::HostsFile => f.write_str("hosts file"),
        }
    }
}

/// What the name servers said about one name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DnsEvidence {
    /// The addresses that the check went on with.
    pub addresses: Vec<Address>,
    /// The chain of aliases, in order, without final dots.
    pub cnames: Vec<String>,
    /// Seconds for which the answer may be kept: the smallest of the chain.
    pub ttl: Option<u32>,
    /// Whose answer was used.
    pub server: Option<Answerer>,
    /// The chain goes through a `privatelink.` name.
    pub private_link: bool,
    /// Every server that was asked, 168.63.129.16 for comparison included.
    pub servers: Vec<ServerAnswer>,
    /// What the hosts file of this machine says, which API Management's nodes do not read. The servers decide.
    pub hosts_file: Vec<IpAddr>,
}

/// What one name server said about one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAnswer {
    /// The server.
    pub server: Server,
    /// Why it gave no address; absent when it gave some.
    pub cause: Option<Cause>,
    /// It truncated its answer over UDP (TC bit), so that the whole one had to be fetched over TCP.
    pub truncated: bool,
    /// The addresses it gave.
    pub addresses: Vec<IpAddr>,
}

/// The connection that the later stages used.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerEvidence {
    /// The peer's address.
    pub address: IpAddr,
    /// The peer's port.
    pub port: u16,
    /// Our address and port.
    pub local_address: Option<String>,
    /// Round-trip time as the kernel measured it, in milliseconds.
    pub rtt_ms: Option<f64>,
    /// Full-sized segments were lost on the way to it, and small ones passed.
    pub small_segments: bool,
}

words! {
    /// Where a certificate chain ends.
    Trust {
        /// In the public roots, bundled or of the catalogue's list.
        Public = "public",
        /// In this machine's own store only.
        Private = "private",
        /// In neither.
        Untrusted = "untrusted",
    }
}

/// What the TLS handshake showed.
#[derive(Debug, Clone, PartialEq)]
pub struct TlsEvidence {
    /// `TLS 1.2` or `TLS 1.3`; absent when the handshake did not get so far.
    pub version: Option<String>,
    /// Cipher suite by its IANA name.
    pub cipher: Option<String>,
    /// Application protocol that was agreed on.
    pub alpn: Option<String>,
    /// Where the chain ends; absent when no chain was shown.
    pub trust: Option<Trust>,
    /// The chain as the peer sent it, leaf first; at most 10.
    pub chain: Vec<Certificate>,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Subject as an RFC 4514-like string; empty, and absent from a report, where only the alternative names say it.
    pub subject: String,
    /// Issuer likewise.
    pub issuer: String,
    /// Start of validity, RFC 3339.
    pub not_before: String,
    /// End of validity, RFC 3339.
    pub not_after: String,
    /// SHA-256 of the DER bytes, lower-case hex.
    pub sha256: String,
    /// DNS names of the subject alternative name extension.
    pub dns_names: Vec<String>,
}

/// What the endpoint's own protocol said: `protocol` and whatever that protocol tells.
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeEvidence {
    /// The protocol that was spoken.
    pub protocol: Protocol,
    /// `httpStatus`, `server`, `tdsVersion`, `offsetMs` … as `docs/formats.md` lists them.
    pub facts: Map<String, Value>,
}

impl ExchangeEvidence {
    /// Evidence of `protocol` without facts yet.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, facts: Map::new() }
    }

    /// The same evidence with one more fact, unless it says nothing: an empty text, a number that is none.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() && value != "" {
            self.facts.insert(key.to_owned(), value);
        }
        self
    }

    /// A fact that is text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.facts.get(key).and_then(Value::as_str)
    }

    /// A fact that is `true`.
    #[must_use]
    pub fn holds(&self, key: &str) -> bool {
        self.facts.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// A fact that is a number.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        self.facts.get(key).and_then(Value::as_f64)
    }
}

words! {
    /// Why a check was not run.
    SkipReason {
        /// No flag, file or metadata gives the name.
        NameUnknown = "name-unknown",
        /// The name exists, but nothing outside the platform can derive it.
        NotDerivable = "not-derivable",
        /// Neither `--service` nor `--hostname` names the instance.
        NoInstance = "no-instance",
        /// There is no metadata service here: the check exists on Azure only.
        NoMetadataService = "no-metadata-service",
        /// Switched off with `--no-imds` or `--no-azure-dns`.
        SwitchedOff = "switched-off",
        /// 168.63.129.16 is the configured server, so `dns-azure` stands for it.
        SameAsAzureDns = "same-as-dns-azure",
        /// No name server is configured.
        NoServer = "no-server",
        /// Cannot be checked from a VM: the row explains.
        NotCheckable = "not-checkable",
        /// Seen in the field but undocumented, or legacy: run with `--only`.
        Extended = "extended",
        /// Needed by this tool's options only.
        ToolOnly = "tool-only",
        /// No document shows a location beside the first.
        SingleRegion = "single-region",
        /// No document shows a host name whose certificate the platform manages.
        NoManagedCertificate = "no-managed-certificate",
        /// The Application Gateway has no listener for the name: the endpoint is not published.
        NotPublished = "not-published",
        /// This machine has no IPv6.
        NoIpv6 = "no-ipv6",
    }
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Every stage succeeded.
    Success,
    /// A stage failed.
    Failure(Failure),
    /// Not run.
    Skipped(SkipReason),
    /// Neither: this machine's limits or the deadline came first; without a cause the run was interrupted.
    Undecided(Option<Failure>),
}

/// The facts of one check; the check itself stands at the same place in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Everything that was tried, in time order.
    pub steps: Vec<Step>,
    /// Everything that was learned.
    pub evidence: Evidence,
    /// It failed first and succeeded on the second look.
    pub recovered: bool,
    /// Milliseconds from the check's start to its end.
    pub duration_ms: f64,
    /// When it ended.
    pub ended_at: SystemTime,
}

impl Outcome {
    /// The outcome of a check that was not run.
    #[must_use]
    pub fn skipped(reason: SkipReason, at: SystemTime) -> Self {
        Self::bare(Status::Skipped(reason), at)
    }

    /// An outcome without steps or evidence.
    #[must_use]
    pub fn bare(status: Status, at: SystemTime) -> Self {
        Self {
            status,
            steps: Vec::new(),
            evidence: Evidence::default(),
            recovered: false,
            duration_ms: 0.0,
            ended_at: at,
        }
    }

    /// The failure, where the check failed.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.status {
            Status::Failure(failure) => Some(failure),
            Status::Success | Status::Skipped(_) | Status::Undecided(_) => None,
        }
    }

    /// The cause of the failure, where the check failed.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.failure().map(|failure| failure.cause)
    }

    /// True where full-sized segments stalled and small ones passed.
    #[must_use]
    pub fn needs_small_segments(&self) -> bool {
        self.evidence.peer.as_ref().is_some_and(|peer| peer.small_segments)
    }

    /// True when every stage succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == Status::Success
    }
}
