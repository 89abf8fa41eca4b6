//! What no pattern accounts for: a failure that stands alone comes under the finding that is nearest to its cause, and
//! never with more than medium confidence. With these every failed check has a root.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Direction;
use crate::outcome::Cause;
use crate::plan::CheckId;
use crate::run::Run;

use super::Finding;
use super::name_servers::server_of;
use super::rules::firewall_rejects::{Naysayer, naysayer, reject_finding};
use super::rules::{
    dns_not_forwarding, dns_server_silent, firewall_answers_for_target, names_missing, service_tag_blocked,
};
use super::silence::Allowance;
use super::view::{Seen, has_only_v6, is_lost, tag};

/// What failures have in common that come under one finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind<'a> {
    /// The name has no address here.
    Absent,
    /// The name has addresses of IPv6 only.
    OnlyV6,
    /// The server says nothing of use about the name.
    Mute(String),
    /// The server fails or refuses to resolve the name.
    Unresolved(String),
    /// The instance itself does not answer on a port.
    OwnSilent(u16),
    /// The platform's own services do not answer.
    Dropped(Allowance<'a>),
    /// Something says no to the platform's own services.
    Rejected(Naysayer),
    /// A certificate that nothing on the way explains.
    Certificate,
    /// The service is reached and fails.
    ServerError,
    /// The time server has no time.
    Unsynchronised,
    /// Something else than expected answers on a port.
    Strange(u16),
}

/// Findings for the failures that are in none of `found`.
pub fn unexplained(run: &Run, found: &[Finding]) -> Vec<Finding> {
    let told: BTreeSet<&CheckId> = found.iter().flat_map(|finding| &finding.affects).collect();
    let mut groups: BTreeMap<Kind<'_>, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in run.results().filter(|(check, _)| !told.contains(&check.id)) {
        if let Some(cause) = seen.1.failure().map(|failure| failure.cause) {
            groups.entry(kind(run, seen, cause)).or_default().push(seen);
        }
    }
    groups.into_iter().map(|(kind, group)| judged(run, &kind, &group)).collect()
}

fn kind<'a>(run: &Run, seen: Seen<'a>, cause: Cause) -> Kind<'a> {
    let (check, outcome) = seen;
    let port = check.port.unwrap_or_default();
    match cause {
        Cause::DnsNxdomain | Cause::DnsNoRecords => Kind::Absent,
        Cause::DnsTimeout | Cause::DnsUnreachable | Cause::DnsMalformed => {
            Kind::Mute(server_of(run, outcome))
        }
        Cause::DnsServfail | Cause::DnsRefused | Cause::DnsSinkhole => {
            Kind::Unresolved(server_of(run, outcome))
        }
        Cause::ConnectNoRoute if has_only_v6(outcome) => Kind::OnlyV6,
        _ if is_lost(check, outcome) => match check.direction {
            Direction::Inbound => Kind::OwnSilent(port),
            _ => Kind::Dropped((tag(check), port, check.transport)),
        },
        Cause::ConnectRefused | Cause::ConnectRejected => Kind::Rejected(naysayer(outcome)),
        Cause::CertExpired | Cause::CertNotYetValid | Cause::CertInvalid => Kind::Certificate,
        Cause::HttpError => Kind::ServerError,
        Cause::NtpUnsynchronised => Kind::Unsynchronised,
        _ => Kind::Strange(port),
    }
}

fn judged(run: &Run, kind: &Kind<'_>, group: &[Seen<'_>]) -> Finding {
    match kind {
        Kind::Absent => names_missing::absent(group),
        Kind::OnlyV6 => names_missing::only_v6(group),
        Kind::Mute(server) => dns_server_silent::mute(run, server, group),
        Kind::Unresolved(server) => dns_not_forwarding::unresolved(run, server, group),
        Kind::OwnSilent(port) => service_tag_blocked::own_silent(run, *port, group),
        Kind::Dropped(rule) => service_tag_blocked::dropped(*rule, group),
        Kind::Rejected(who) => reject_finding(*who, group),
        Kind::Certificate => firewall_answers_for_target::certificate(run, group),
        Kind::ServerError => firewall_answers_for_target::server_error(group),
        Kind::Unsynchronised => firewall_answers_for_target::unsynchronised(group),
        Kind::Strange(port) => firewall_answers_for_target::strange(*port, group),
    }
}
