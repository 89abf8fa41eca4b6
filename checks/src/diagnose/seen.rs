//! A check as the rules see it: what was planned, what was seen, and how it is classed; and several of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::Deref;

use crate::catalogue::{Direction, Role, Transport};
use crate::diagnose::classify::Class;
use crate::outcome::{
    Cause, Certificate, DnsEvidence, Failure, Icmp, Outcome, Scope, ServerAnswer, Stage, Status, Step,
};
use crate::plan::{Check, CheckId};

/// What a security rule lets through: service tag, port and transport.
pub type Allowance<'a> = (&'a str, u16, Transport);

/// One check with what was seen of it and how it is classed. Failure and cause are those of the class.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// What was planned.
    pub check: &'a Check,
    /// What was seen.
    pub outcome: &'a Outcome,
    /// What the judgement thinks of it.
    pub class: &'a Class,
}

impl<'a> Seen<'a> {
    /// How it ended.
    #[must_use]
    pub const fn status(self) -> &'a Status {
        &self.class.status
    }

    /// The failure, where it failed.
    #[must_use]
    pub const fn failure(self) -> Option<&'a Failure> {
        self.class.failure()
    }

    /// The cause of the failure, where it failed.
    #[must_use]
    pub fn cause(self) -> Option<Cause> {
        self.failure().map(|failure| failure.cause)
    }

    /// True where every stage succeeded.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self.status(), Status::Success)
    }

    /// True where its failure does not make the verdict `unhealthy`.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self.class.is_optional()
    }

    /// True where it was run to an end.
    pub(crate) fn is_ended(self) -> bool {
        matches!(self.status(), Status::Success | Status::Failure(_))
    }

    /// True where packets were sent for it: what configuration decided alone has no steps.
    #[must_use]
    pub fn was_probed(self) -> bool {
        !self.outcome.steps.is_empty()
    }

    /// The host, where it has one.
    pub(crate) fn host(self) -> Option<&'a str> {
        self.check.host()
    }

    /// The port; 0 where it has none.
    pub(crate) fn port(self) -> u16 {
        self.check.port().unwrap_or_default()
    }

    /// The service tag that a rule for it would name: what has none is on the internet.
    pub(crate) fn tag(self) -> &'a str {
        self.check.tag_or_internet()
    }

    /// The rule that it needs.
    pub(crate) fn allowance(self) -> Option<Allowance<'a>> {
        Some((self.tag(), self.check.port()?, self.check.transport))
    }

    /// A flow into the subnet: the instance's own endpoints.
    pub(crate) fn is_inbound(self) -> bool {
        self.check.direction == Direction::Inbound
    }

    /// Name servers and the machine's own platform, which rules of their own judge.
    pub(crate) fn is_platform(self) -> bool {
        self.check.role().is_platform()
    }

    /// True where it leaves the subnet towards a service: neither a name server, nor the machine's own platform, nor the
    /// instance itself.
    pub(crate) fn is_outbound(self) -> bool {
        let is_gateway = self.check.role() == Role::GatewayFront;
        !self.is_inbound()
            && !self.is_platform()
            && !is_gateway
            && !self.is_private()
            && self.literal().is_none()
    }

    /// The evidence of name resolution.
    pub(crate) fn dns(self) -> Option<&'a DnsEvidence> {
        self.outcome.evidence.dns.as_ref()
    }

    /// What every server that was asked said of the name.
    pub(crate) fn answers(self) -> impl Iterator<Item = &'a ServerAnswer> {
        self.dns().into_iter().flat_map(|dns| &dns.servers)
    }

    /// The addresses that the check went on with.
    pub(crate) fn addresses(self) -> impl Iterator<Item = IpAddr> + 'a {
        self.dns().into_iter().flat_map(|dns| &dns.addresses).map(|address| address.ip)
    }

    /// True where it went to private addresses only.
    pub(crate) fn is_private(self) -> bool {
        let mut addresses = self.addresses().peekable();
        addresses.peek().is_some() && addresses.all(|ip| Scope::of(ip) == Scope::Private)
    }

    /// The private address that was given in place of a name.
    pub(crate) fn literal(self) -> Option<IpAddr> {
        let given = self.host()?.parse().ok();
        given.filter(|ip| Scope::of(*ip) == Scope::Private)
    }

    /// Nothing came back: neither to a SYN nor to a datagram.
    pub(crate) fn is_silent(self) -> bool {
        match self.cause() {
            Some(Cause::ConnectTimeout) => true,
            Some(Cause::ExchangeTimeout) => self.check.transport == Transport::Udp,
            _ => false,
        }
    }

    /// The name has addresses, and all are of IPv6.
    pub(crate) fn has_only_v6(self) -> bool {
        let mut addresses = self.addresses().peekable();
        addresses.peek().is_some() && addresses.all(|ip| ip.is_ipv6())
    }

    /// No route leads there, although this machine speaks that family of addresses.
    pub(crate) fn is_routeless(self) -> bool {
        self.cause() == Some(Cause::ConnectNoRoute) && !self.has_only_v6()
    }

    /// A router on the way says that nobody has the address, or that it knows no way there: nothing answers, as in silence.
    pub(crate) fn is_unreachable(self) -> bool {
        let says_so = |step: &Step| {
            step.address != step.icmp.and_then(|icmp| icmp.from)
                && step.icmp.is_some_and(Icmp::is_unreachable)
        };
        self.cause() == Some(Cause::ConnectRejected) && self.outcome.steps.iter().any(says_so)
    }

    /// Nothing came back, or nothing could be sent.
    pub(crate) fn is_lost(self) -> bool {
        self.is_silent() || self.is_routeless()
    }

    /// True where some connection was opened, or some datagram answered.
    pub(crate) fn got_through(self) -> bool {
        let opened =
            self.outcome.steps.iter().any(|step| step.stage == Stage::Connect && step.cause.is_none());
        opened || self.is_success() || self.cause() == Some(Cause::NtpUnsynchronised)
    }

    /// True where it got beyond its name.
    pub(crate) fn was_tried(self) -> bool {
        self.failure()
            .is_none_or(|failure| failure.stage != Stage::Resolve && failure.cause != Cause::LocalResource)
    }

    /// The name does not exist, or has no address: true of a name that was typed wrong, and not of a published one.
    pub(crate) fn is_absence(self) -> bool {
        matches!(self.cause(), Some(Cause::DnsNxdomain | Cause::DnsNoRecords))
    }

    /// The server's own certificate.
    pub(crate) fn leaf(self) -> Option<&'a Certificate> {
        self.outcome.evidence.tls.as_ref()?.chain.first()
    }
}

/// Several checks, in the order of the plan.
#[derive(Debug, Clone, Default)]
pub struct Group<'a>(Vec<Seen<'a>>);

impl<'a> Group<'a> {
    /// One more.
    pub(crate) fn push(&mut self, seen: Seen<'a>) {
        self.0.push(seen);
    }

    /// Only those that `keep` says.
    pub(crate) fn retain(&mut self, keep: impl Fn(Seen<'a>) -> bool) {
        self.0.retain(|seen| keep(*seen));
    }

    /// Those that `is_first` says, and the others.
    pub(crate) fn partition(self, is_first: impl Fn(Seen<'a>) -> bool) -> (Self, Self) {
        let (first, others) = self.0.into_iter().partition(|seen| is_first(*seen));
        (Self(first), Self(others))
    }

    /// Each of them.
    pub(crate) fn each(&self) -> impl Iterator<Item = Seen<'a>> + Clone {
        self.0.iter().copied()
    }

    /// Their ids.
    pub(crate) fn ids(&self) -> Vec<CheckId> {
        self.each().map(|seen| seen.check.id.clone()).collect()
    }

    /// Their distinct hosts, in the order in which they stand.
    pub(crate) fn hosts(&self) -> Vec<&'a str> {
        let mut known = BTreeSet::new();
        self.each().filter_map(Seen::host).filter(|host| known.insert(*host)).collect()
    }

    /// Their ports.
    pub(crate) fn ports(&self) -> BTreeSet<u16> {
        self.each().filter_map(|seen| seen.check.port()).collect()
    }

    /// Nothing came back from any of them.
    pub(crate) fn is_lost(&self) -> bool {
        self.each().all(Seen::is_lost)
    }

    /// By what `key` says of them; those without a key are left out.
    pub(crate) fn by<K: Ord>(
        seen: impl Iterator<Item = Seen<'a>>,
        key: impl Fn(Seen<'a>) -> Option<K>,
    ) -> BTreeMap<K, Self> {
        let mut groups: BTreeMap<K, Self> = BTreeMap::new();
        for seen in seen {
            if let Some(key) = key(seen) {
                groups.entry(key).or_default().push(seen);
            }
        }
        groups
    }
}

impl<'a> Deref for Group<'a> {
    type Target = [Seen<'a>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a> FromIterator<Seen<'a>> for Group<'a> {
    fn from_iter<I: IntoIterator<Item = Seen<'a>>>(seen: I) -> Self {
        Self(seen.into_iter().collect())
    }
}
