//! Which failures get a second look: those that are few among their siblings, a sample of those that are many, and the
//! rest of these where the sample passed. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalogue::Transport;
use crate::outcome::{Cause, CauseClass, Outcome, Stage};
use crate::plan::Check;

/// How many failures of one kind are few, and how many of a larger kind make a sample.
const FEW: usize = 3;

/// How many of the refused connects of a port are looked at again at first: even where one of two is refused, hardly ever
/// all of these are once more.
const SOME: usize = 8;

/// Names without an answer of a server that answers others: the pace bounds how many are asked at once.
const NAMES: usize = 64;

/// Connections that took more than one socket, from which on a run has seen loss.
const LOSSES: usize = 2;

/// What was looked at again so far.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// How often each check was looked at again.
    counts: BTreeMap<usize, usize>,
}

/// The causes that a device on the way can bring about for some packets and not for others.
pub(super) const fn may_pass_later(cause: Cause) -> bool {
    use CauseClass::{Broken, Rejected, Silent, Stalled};
    matches!(cause.class(), Silent | Stalled | Broken | Rejected)
}

fn is_rejected(outcome: &Outcome) -> bool {
    outcome.cause().is_some_and(|cause| cause.class() == CauseClass::Rejected)
}

/// Silence on an open connection: the peer's answer may be too large for the path.
pub(super) fn is_stall(check: &Check, outcome: &Outcome) -> bool {
    let stalled = outcome.cause().is_some_and(|cause| cause.class() == CauseClass::Stalled);
    check.transport == Transport::Tcp && stalled
}

/// True where the peer was heard beyond the point at which silence ends a line.
pub(super) fn passes_a_stall(outcome: &Outcome) -> bool {
    outcome.is_success() || outcome.cause().is_some_and(|cause| !may_pass_later(cause))
}

impl Looks {
    /// The places of the checks to look at next.
    pub(super) fn next(&self, checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
        if self.counts.is_empty() {
            let chosen = [lost_servers, lost_names, silent_connects, spoiled, rejected];
            return chosen.map(|choose| choose(checks, outcomes)).concat();
        }
        self.rest(checks, outcomes)
    }

    /// Remembers what was looked at.
    pub(super) fn seen(&mut self, wave: &[usize]) {
        for place in wave {
            *self.counts.entry(*place).or_default() += 1;
        }
    }

    /// What failed as the recovered ones did, and has been looked at less often; in a run that sees loss also what was
    /// looked at in vain.
    fn rest(&self, checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
        let looked = |place: usize| self.counts.get(&place).copied().unwrap_or_default();
        let recovered = self
            .counts
            .keys()
            .filter(|place| outcomes[**place].recovered || outcomes[**place].needs_small_segments());
        let kinds: BTreeSet<Kind> =
            recovered.filter_map(|&place| first_kind(&checks[place], &outcomes[place])).collect();
        let lossy = sees_loss(outcomes);
        let again = if lossy { 2 } else { 0 };
        let silent: BTreeSet<usize> =
            if lossy { silent_connects(checks, outcomes).into_iter().collect() } else { BTreeSet::new() };
        (0..checks.len())
            .filter(|&place| !outcomes[place].needs_small_segments())
            .filter(|&place| {
                let kind = kind(&checks[place], &outcomes[place]);
                silent.contains(&place) || kind.is_some_and(|kind| kinds.contains(&kind))
            })
            .filter(|&place| looked(place) <= again)
            .collect()
    }
}

/// Failures that one device may have brought about: the stage and the kind of failure; for silent connects whatever the
/// port, since what minds their number minds all.
type Kind = (Stage, Cause);

fn kind(check: &Check, outcome: &Outcome) -> Option<Kind> {
    let failure = outcome.failure()?;
    let is_looked_at = may_pass_later(failure.cause) && check.transport != Transport::UdpTcp;
    is_looked_at.then_some((failure.stage, failure.cause))
}

/// The kind of the first failure of a check, whatever came after.
fn first_kind(check: &Check, outcome: &Outcome) -> Option<Kind> {
    if let Some(kind) = kind(check, outcome) {
        return Some(kind);
    }
    let failed = outcome.steps.iter().find(|step| step.cause.is_some_and(may_pass_later))?;
    Some((failed.stage, failed.cause?))
}

fn ended_with(cause: Cause) -> impl Fn(&Outcome) -> bool {
    move |outcome| outcome.cause() == Some(cause)
}

/// True for a run in which connections opened that took more than one socket.
fn sees_loss(outcomes: &[Outcome]) -> bool {
    let steps = outcomes.iter().flat_map(|outcome| &outcome.steps);
    let hedged = steps.filter(|step| {
        step.stage == Stage::Connect
            && step.cause.is_none()
            && step.attempts.is_some_and(|attempts| attempts > 1)
    });
    hedged.take(LOSSES).count() == LOSSES
        || outcomes.iter().filter(|outcome| outcome.recovered).count() >= LOSSES
}

/// Checks of DNS servers that got no answer although the server told the address of some name.
fn lost_servers(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let lost = ended_with(Cause::ExchangeTimeout);
    let answered = |check: &Check| {
        let server = check.dns_server();
        let told =
            outcomes.iter().filter_map(|outcome| outcome.evidence.dns.as_ref()).flat_map(|dns| &dns.servers);
        told.filter(|told| !told.addresses.is_empty()).any(|told| Some(told.server) == server)
    };
    let is_lost = |place: &usize| {
        let check = &checks[*place];
        check.transport == Transport::UdpTcp && lost(&outcomes[*place]) && answered(check)
    };
    (0..checks.len()).filter(is_lost).collect()
}

/// Checks whose name got no answer although a server answers other names.
fn lost_names(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let lost = ended_with(Cause::DnsTimeout);
    let answered = |outcome: &Outcome| {
        let dns = outcome.evidence.dns.as_ref();
        dns.is_some_and(|dns| dns.servers.iter().any(|told| !told.addresses.is_empty()))
    };
    let places = || (0..checks.len()).filter(|&place| lost(&outcomes[place]));
    if outcomes.iter().any(answered) { places().take(NAMES).collect() } else { Vec::new() }
}

/// Silent connects whose port works elsewhere: all where they are few or the run sees loss, else a sample of those
/// whose own tag and port passes too, which no rule explains.
fn silent_connects(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let timed_out = ended_with(Cause::ConnectTimeout);
    let count = |fits: &dyn Fn(&Check, &Outcome) -> bool| {
        checks.iter().zip(outcomes).filter(|(check, outcome)| fits(check, outcome)).count()
    };
    let works =
        |check: &Check| count(&|other, outcome| other.port() == check.port() && outcome.is_success()) > 0;
    let alike =
        |check: &Check, other: &Check| other.port() == check.port() && other.service_tag == check.service_tag;
    let blocked_with = |check: &Check| count(&|other, outcome| alike(check, other) && timed_out(outcome));
    let passes_with = |check: &Check| count(&|other, outcome| alike(check, other) && outcome.is_success());
    let lossy = sees_loss(outcomes);
    let is_silent = |place: &usize| timed_out(&outcomes[*place]) && (lossy || works(&checks[*place]));
    let silent: Vec<usize> = (0..checks.len()).filter(is_silent).collect();
    let lone: Vec<usize> =
        silent.iter().copied().filter(|&place| blocked_with(&checks[place]) <= 2).collect();
    let mixed: Vec<usize> = silent.iter().copied().filter(|&place| passes_with(&checks[place]) > 0).collect();
    if lossy {
        return lone.into_iter().chain(mixed).collect::<BTreeSet<usize>>().into_iter().collect();
    }
    if lone.len() <= FEW && !lone.is_empty() { lone } else { mixed.into_iter().take(FEW).collect() }
}

/// What opened and then failed, and datagrams without a reply: all of a kind that is few, a sample of one that is many.
fn spoiled(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    // Where nothing opens and nothing answers, silence is no chance.
    let passes = |(check, outcome): (&Arc<Check>, &Outcome)| {
        !check.role().is_platform() && (outcome.is_success() || outcome.evidence.peer.is_some())
    };
    if !checks.iter().zip(outcomes).any(passes) {
        return Vec::new();
    }
    let mut kinds: BTreeMap<(Kind, Option<u16>), Vec<usize>> = BTreeMap::new();
    for (place, (check, outcome)) in checks.iter().zip(outcomes).enumerate() {
        if let Some(kind) = kind(check, outcome).filter(|(stage, _)| *stage != Stage::Connect) {
            kinds.entry((kind, check.port())).or_default().push(place);
        }
    }
    kinds.into_values().flat_map(|places| places.into_iter().take(FEW)).collect()
}

/// Refused and rejected connects that no rule explains, since others of their tag and port pass, and lone ones whose port
/// works elsewhere: a sample of each port. One server of several behind an address, or a device that is short of
/// something, says no to some connections and not to others.
fn rejected(checks: &[Arc<Check>], outcomes: &[Outcome]) -> Vec<usize> {
    let opened = |fits: &dyn Fn(&Check) -> bool| {
        checks.iter().zip(outcomes).any(|(other, outcome)| fits(other) && outcome.is_success())
    };
    let mut by_port: BTreeMap<Option<u16>, Vec<usize>> = BTreeMap::new();
    for (place, (check, _)) in checks.iter().zip(outcomes).enumerate().filter(|(_, (_, it))| is_rejected(it))
    {
        if check.transport == Transport::Tcp {
            by_port.entry(check.port()).or_default().push(place);
        }
    }
    let mut chosen = Vec::new();
    for (port, places) in by_port {
        let is_lone = places.len() <= FEW && opened(&|other| other.port() == port);
        let alike = |place: &usize| {
            let tag = &checks[*place].service_tag;
            opened(&|other| other.port() == port && other.service_tag == *tag)
        };
        chosen.extend(places.into_iter().filter(|place| is_lone || alike(place)).take(SOME));
    }
    chosen
}
