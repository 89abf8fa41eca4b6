//! What no pattern accounts for: a failure that stands alone comes under the finding that is nearest to its cause, and
//! never with more than medium confidence. With these every failed check has a root.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnose::finding::Finding;
use crate::diagnose::gateway_seen::probe_behind;
use crate::diagnose::name_servers::server_of;
use crate::diagnose::public_issuers::missing_issuer;
use crate::diagnose::rejected_by::RejectedBy;
use crate::diagnose::rules::firewall_answers_for_target::refuses_itself;
use crate::diagnose::rules::firewall_rejects::{reject_finding, rejected_by};
use crate::diagnose::rules::{
    address_refuses, certificate_unfit, dns_not_forwarding, dns_server_silent, firewall_answers_for_target,
    names_missing, names_not_found, own_endpoint_silent, service_tag_blocked, service_unavailable,
};
use crate::diagnose::seen::{Allowance, Group, Seen};
use crate::facts::Facts;
use crate::outcome::{Cause, Stage};
use crate::plan::CheckId;
use crate::server::Server;

/// What failures have in common that come under one finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Residual<'a> {
    /// The name has no address here.
    Absent,
    /// The name has addresses of IPv6 only.
    OnlyV6,
    /// The server says nothing of use about the name.
    Mute(Option<Server>),
    /// The server fails or refuses to resolve the name.
    Unresolved(Option<Server>),
    /// The instance itself does not answer on a port.
    OwnSilent(u16),
    /// The platform's own services do not answer.
    Dropped(Allowance<'a>),
    /// Something says no to the platform's own services.
    Rejected(Option<RejectedBy>),
    /// A certificate that nothing on the way explains.
    Certificate,
    /// The certificate with this subject, for another name.
    Misnamed(&'a str),
    /// A chain that lacks the certificate of a public authority.
    Incomplete(&'a str),
    /// The service shows its certificate and refuses the session.
    Refused,
    /// The service is reached and fails.
    ServerError,
    /// The time server has no time.
    Unsynchronised,
    /// Something else than expected answers on a port.
    Strange(u16),
}

/// Findings for the failures that are in none of `found`.
pub(super) fn unexplained(facts: &Facts<'_>, found: &[Finding]) -> Vec<Finding> {
    let told: BTreeSet<&CheckId> = found.iter().flat_map(|finding| &finding.affects).collect();
    let mut groups: BTreeMap<Residual<'_>, Group<'_>> = BTreeMap::new();
    for seen in facts.seen().filter(|seen| !told.contains(&seen.check.id)) {
        let of_configuration = seen.failure().is_some_and(|failure| failure.stage == Stage::Configuration);
        if let Some(cause) = seen.cause().filter(|_| !of_configuration) {
            groups.entry(kind(facts, seen, cause)).or_default().push(seen);
        }
    }
    groups.into_iter().map(|(kind, group)| judged(facts, &kind, &group)).collect()
}

fn kind<'a>(facts: &Facts<'a>, seen: Seen<'a>, cause: Cause) -> Residual<'a> {
    // A gateway's 502 follows from what its probe meets.
    if let Some(probe) = probe_behind(facts, seen)
        && let Some(cause) = probe.cause()
    {
        return kind(facts, probe, cause);
    }
    let port = seen.port();
    match cause {
        Cause::DnsNxdomain | Cause::DnsNoRecords => Residual::Absent,
        Cause::DnsTimeout | Cause::DnsUnreachable | Cause::DnsMalformed => {
            Residual::Mute(server_of(facts, seen))
        }
        Cause::DnsServfail | Cause::DnsRefused | Cause::DnsSinkhole => {
            Residual::Unresolved(server_of(facts, seen))
        }
        Cause::ConnectNoRoute if seen.has_only_v6() => Residual::OnlyV6,
        _ if seen.is_lost() && seen.is_inbound() => Residual::OwnSilent(port),
        _ if seen.is_lost() => Residual::Dropped((seen.tag(), port, seen.check.transport)),
        Cause::ConnectRefused | Cause::ConnectRejected => Residual::Rejected(rejected_by(seen)),
        Cause::CertExpired | Cause::CertNotYetValid | Cause::CertInvalid => Residual::Certificate,
        Cause::CertNameMismatch => Residual::Misnamed(seen.leaf().map_or("", |leaf| leaf.subject.as_str())),
        Cause::CertUntrusted if missing_issuer(facts, seen).is_some() => {
            Residual::Incomplete(missing_issuer(facts, seen).unwrap_or_default())
        }
        Cause::TlsAlert if refuses_itself(seen) => Residual::Refused,
        Cause::HttpError => Residual::ServerError,
        Cause::NtpUnsynchronised => Residual::Unsynchronised,
        _ => Residual::Strange(port),
    }
}

fn judged(facts: &Facts<'_>, kind: &Residual<'_>, group: &Group<'_>) -> Finding {
    match kind {
        Residual::Absent => names_not_found::not_found(facts, group),
        Residual::OnlyV6 => names_missing::only_v6(facts, group),
        Residual::Mute(server) => dns_server_silent::mute(facts, *server, group),
        Residual::Unresolved(server) => dns_not_forwarding::unresolved(facts, *server, group),
        Residual::OwnSilent(port) => own_endpoint_silent::at_public_address(facts, *port, group),
        Residual::Dropped(rule) => service_tag_blocked::dropped(facts, *rule, group),
        Residual::Rejected(Some(who)) => reject_finding(facts, *who, group),
        Residual::Rejected(None) => address_refuses::refusing(facts, group),
        Residual::Certificate => certificate_unfit::certificate(facts, group),
        Residual::Misnamed(_) => certificate_unfit::misnamed(facts, group),
        Residual::Incomplete(issuer) => certificate_unfit::incomplete(facts, issuer, group),
        Residual::Refused => service_unavailable::refuses(facts, group),
        Residual::ServerError => service_unavailable::server_error(facts, group),
        Residual::Unsynchronised => service_unavailable::unsynchronised(facts, group),
        Residual::Strange(port) => firewall_answers_for_target::strange(facts, *port, group),
    }
}
