//! Causes: why a stage failed, and what kind of failure that is. What distinguishes causes is decided here, in matches without `_`.

use crate::catalogue::words;
use crate::outcome::Stage;

words! {
    /// Why a stage failed. Closed: scripts match on these words.
    Cause {
        /// No name server answered.
        DnsTimeout = "dns-timeout",
        /// The name server's port or address is unreachable.
        DnsUnreachable = "dns-unreachable",
        /// The name does not exist.
        DnsNxdomain = "dns-nxdomain",
        /// The name exists and has no address.
        DnsNoRecords = "dns-no-records",
        /// The name server failed.
        DnsServfail = "dns-servfail",
        /// The name server refused.
        DnsRefused = "dns-refused",
        /// The answer could not be read.
        DnsMalformed = "dns-malformed",
        /// The answer was 0.0.0.0/8, `::` or loopback.
        DnsSinkhole = "dns-sinkhole",
        /// An own endpoint resolved to another address than the private one.
        DnsWrongAddress = "dns-wrong-address",
        /// Nothing came back.
        ConnectTimeout = "connect-timeout",
        /// RST to the SYN.
        ConnectRefused = "connect-refused",
        /// ICMP said prohibited or unreachable.
        ConnectRejected = "connect-rejected",
        /// This machine has no route.
        ConnectNoRoute = "connect-no-route",
        /// Silence after the ClientHello.
        TlsTimeout = "tls-timeout",
        /// RST after the ClientHello.
        TlsReset = "tls-reset",
        /// FIN after the ClientHello.
        TlsClosed = "tls-closed",
        /// The peer sent an alert.
        TlsAlert = "tls-alert",
        /// The peer does not speak TLS.
        TlsNotTls = "tls-not-tls",
        /// The chain does not end in an accepted root.
        CertUntrusted = "cert-untrusted",
        /// The certificate is for other names.
        CertNameMismatch = "cert-name-mismatch",
        /// A certificate of the chain has expired.
        CertExpired = "cert-expired",
        /// A certificate of the chain is not valid yet.
        CertNotYetValid = "cert-not-yet-valid",
        /// The certificate is unusable for another reason.
        CertInvalid = "cert-invalid",
        /// Silence where the protocol's answer was due.
        ExchangeTimeout = "exchange-timeout",
        /// RST where the protocol's answer was due.
        ExchangeReset = "exchange-reset",
        /// FIN where the protocol's answer was due.
        ExchangeClosed = "exchange-closed",
        /// The peer does not speak the protocol.
        ExchangeUnexpected = "exchange-unexpected",
        /// A proxy or a block page answered.
        HttpBlocked = "http-blocked",
        /// The service answered 5xx.
        HttpError = "http-error",
        /// The time server is not synchronised.
        NtpUnsynchronised = "ntp-unsynchronised",
        /// Azure's own call to the instance's management endpoint failed.
        ControlPlaneUnreachable = "control-plane-unreachable",
        /// A rule of the subnet's security group denies it.
        RuleDenies = "rule-denies",
        /// A security admin rule denies it.
        AdminRuleDenies = "admin-rule-denies",
        /// A route drops it.
        RouteDrops = "route-drops",
        /// A setting is not what the platform needs.
        SettingWrong = "setting-wrong",
        /// Sockets, memory or permissions of this machine.
        LocalResource = "local-resource",
        /// The run's deadline came first.
        Deadline = "deadline",
    }
}

/// What kind of failure a cause is, for what treats several causes alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseClass {
    /// The DNS server gave no answer.
    DnsSilent,
    /// The DNS server says that the name, or its address, does not exist.
    DnsAbsent,
    /// The DNS server answered with an error, or with bytes that are not DNS.
    DnsError,
    /// The name has an address, and it is wrong.
    DnsWrong,
    /// Nothing came back to the first packet.
    Silent,
    /// A RST or an ICMP message came back to it.
    Rejected,
    /// Nothing could be sent.
    NoRoute,
    /// Nothing came back on an open connection, or to a datagram.
    Stalled,
    /// The open connection was reset or closed.
    Broken,
    /// The peer speaks otherwise than the service would.
    Strange,
    /// The certificate does not pass.
    Certificate,
    /// The peer speaks the protocol and says that it cannot, or may not, do its work.
    Answered,
    /// Azure tried itself, and says that it failed.
    Told,
    /// Nothing was sent: exported configuration says that it cannot work.
    Configured,
    /// This machine or the deadline ended the check: nothing is known of the endpoint.
    Local,
}

impl Cause {
    /// What kind of failure it is.
    #[must_use]
    pub const fn class(self) -> CauseClass {
        match self {
            Self::DnsTimeout | Self::DnsUnreachable => CauseClass::DnsSilent,
            Self::DnsNxdomain | Self::DnsNoRecords => CauseClass::DnsAbsent,
            Self::DnsServfail | Self::DnsRefused | Self::DnsMalformed => CauseClass::DnsError,
            Self::DnsSinkhole | Self::DnsWrongAddress => CauseClass::DnsWrong,
            Self::ConnectTimeout => CauseClass::Silent,
            Self::ConnectRefused | Self::ConnectRejected => CauseClass::Rejected,
            Self::ConnectNoRoute => CauseClass::NoRoute,
            Self::TlsTimeout | Self::ExchangeTimeout => CauseClass::Stalled,
            Self::TlsReset | Self::TlsClosed | Self::ExchangeReset | Self::ExchangeClosed => {
                CauseClass::Broken
            }
            Self::TlsAlert | Self::TlsNotTls | Self::ExchangeUnexpected => CauseClass::Strange,
            Self::CertUntrusted
            | Self::CertNameMismatch
            | Self::CertExpired
            | Self::CertNotYetValid
            | Self::CertInvalid => CauseClass::Certificate,
            Self::HttpBlocked | Self::HttpError | Self::NtpUnsynchronised => CauseClass::Answered,
            Self::ControlPlaneUnreachable => CauseClass::Told,
            Self::RuleDenies | Self::AdminRuleDenies | Self::RouteDrops | Self::SettingWrong => {
                CauseClass::Configured
            }
            Self::LocalResource | Self::Deadline => CauseClass::Local,
        }
    }

    /// The stage that it usually ends: for reports that do not say.
    #[must_use]
    pub const fn stage(self) -> Stage {
        match self.class() {
            CauseClass::DnsSilent | CauseClass::DnsAbsent | CauseClass::DnsError | CauseClass::DnsWrong => {
                Stage::Resolve
            }
            CauseClass::Silent | CauseClass::Rejected | CauseClass::NoRoute | CauseClass::Local => {
                Stage::Connect
            }
            CauseClass::Certificate => Stage::Handshake,
            CauseClass::Answered | CauseClass::Told => Stage::Exchange,
            CauseClass::Configured => Stage::Configuration,
            CauseClass::Stalled | CauseClass::Broken | CauseClass::Strange => match self {
                Self::TlsTimeout | Self::TlsReset | Self::TlsClosed | Self::TlsAlert | Self::TlsNotTls => {
                    Stage::Handshake
                }
                _ => Stage::Exchange,
            },
        }
    }

    /// True where the cause says nothing about the endpoint, so that the check is `undecided` and not failed.
    #[must_use]
    pub const fn is_undecided(self) -> bool {
        matches!(self.class(), CauseClass::Local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_of_a_cause_is_how_its_word_begins() {
        for cause in Cause::ALL.iter().filter(|cause| cause.class() != CauseClass::Configured) {
            let stage = match cause.as_str().split('-').next() {
                Some("dns") => Stage::Resolve,
                Some("connect" | "local" | "deadline") => Stage::Connect,
                Some("tls" | "cert") => Stage::Handshake,
                _ => Stage::Exchange,
            };
            assert_eq!(cause.stage(), stage, "{cause}");
        }
    }
}
