//! Connects in the order in which they began: whether those that failed are the late ones, or those that chance hit. A
//! rule about a tag, a port or a host does neither. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::arrange;
use crate::catalogue::Transport;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::Facts;
use crate::outcome::{Cause, CauseClass, Stage, Step};
use crate::plan::CheckId;

/// Connects that must have begun, and that must have been held up, before their order tells anything.
const MIN_ARRIVALS: usize = 12;
const MIN_HELD: usize = 4;

/// Milliseconds after which an answer came only to a packet that was sent again.
const PROMPT_MS: f64 = 240.0;

/// Milliseconds before the first connect that was held up, in which open connections may be held up as well.
const STALL_WINDOW_MS: f64 = 500.0;

/// The share of lost sockets from which on a run sees loss, and the odds below which silence is no chance any more.
const MIN_LOSS: f64 = 0.1;
const MIN_ODDS: f64 = 0.02;

/// Checks of a port that must have been refused first and opened later before a refusal on that port may be chance.
const MIN_LUCKY: usize = 2;

/// The first connect of a check.
struct Arrival<'a> {
    seen: Seen<'a>,
    at: f64,
    /// Nothing answered its first packet, or something said no to it.
    is_held: bool,
    /// None of its packets opened anything.
    has_failed: bool,
}

/// What of a run failed by the order in which it began.
pub(super) struct Limited<'a> {
    /// Connects that began before, and were answered at once.
    pub prompt: usize,
    /// Milliseconds from the start of the run at which the device took no more.
    pub from_ms: f64,
    /// The checks that it held up, recovered ones included.
    pub checks: Group<'a>,
}

/// What a device does with a connection that it does not take: it drops it, or says no.
const fn is_turned_away(cause: Cause) -> bool {
    matches!(cause.class(), CauseClass::Silent | CauseClass::Rejected)
}

fn connects<'a>(seen: Seen<'a>) -> impl Iterator<Item = &'a Step> {
    seen.outcome.steps.iter().filter(|step| step.stage == Stage::Connect)
}

fn arrivals<'a>(facts: &Facts<'a>) -> Vec<Arrival<'a>> {
    let tried = facts.outbound().filter(|seen| seen.check.transport == Transport::Tcp && seen.was_tried());
    let mut arrivals: Vec<Arrival<'_>> = tried
        .filter_map(|seen| {
            let first = connects(seen).min_by(|a, b| a.start_ms.total_cmp(&b.start_ms))?;
            let has_failed = first.cause.is_some_and(is_turned_away);
            let is_hedged = first.attempts.is_some_and(|attempts| attempts > 1);
            let is_held = has_failed || (is_hedged && first.duration_ms >= PROMPT_MS);
            Some(Arrival { seen, at: first.start_ms, is_held, has_failed })
        })
        .collect();
    arrange::by(&mut arrivals, |a, b| a.at.total_cmp(&b.at));
    arrivals
}

/// The checks that a device held up for coming late: hardly one before that moment, hardly none after it, across tags
/// and ports. `None` where their order tells nothing, or nothing failed of it.
pub(super) fn limited<'a>(facts: &Facts<'a>) -> Option<Limited<'a>> {
    let arrivals = arrivals(facts);
    let held = arrivals.iter().filter(|arrival| arrival.is_held).count();
    if arrivals.len() < MIN_ARRIVALS || held < MIN_HELD {
        return None;
    }
    let (cut, misfits) = best_cut(&arrivals);
    let (before, after) = arrivals.split_at(cut);
    if misfits * 8 > arrivals.len()
        || before.len() < MIN_HELD
        || after.len() < MIN_HELD
        || mixed(&arrivals) < 2
    {
        return None;
    }
    if after.iter().filter(|arrival| arrival.has_failed).count() < MIN_HELD {
        return None;
    }
    let from_ms = after.first()?.at;
    let late: Vec<Seen<'_>> =
        after.iter().filter(|arrival| arrival.is_held).map(|arrival| arrival.seen).collect();
    let checks: Vec<Seen<'_>> = late.into_iter().filter(|seen| counts(&arrivals, *seen)).collect();
    let stalled = facts.outbound().filter(|seen| stalls_after(*seen, from_ms - STALL_WINDOW_MS));
    let alone = stall_alone(&arrivals);
    // Where small segments pass, a stall is the path's, whenever it began.
    let is_path = facts.outbound().any(|seen| seen.outcome.needs_small_segments());
    let stalled = stalled.filter(|seen| !is_path && !alone.contains(&route(*seen)));
    let known: BTreeSet<&CheckId> = checks.iter().map(|seen| &seen.check.id).collect();
    let stalled: Vec<Seen<'_>> = stalled.filter(|seen| !known.contains(&seen.check.id)).collect();
    let checks: Group<'_> = checks.iter().copied().chain(stalled).collect();
    (checks.len() >= MIN_HELD).then_some(Limited { prompt: before.len(), from_ms, checks })
}

/// Where a cut in the order tells best who was held up, and how many stand on its wrong side.
fn best_cut(arrivals: &[Arrival<'_>]) -> (usize, usize) {
    let wrong = |cut: usize| {
        let early = arrivals[..cut].iter().filter(|arrival| arrival.is_held).count();
        early + arrivals[cut..].iter().filter(|arrival| !arrival.is_held).count()
    };
    (0..=arrivals.len()).map(|cut| (cut, wrong(cut))).min_by_key(|(_, wrong)| *wrong).unwrap_or_default()
}

type Route<'a> = (&'a str, Option<u16>);

fn route<'a>(seen: Seen<'a>) -> Route<'a> {
    (seen.tag(), seen.check.port())
}

/// Tags and ports of which some connects were held up and others were not.
fn mixed(arrivals: &[Arrival<'_>]) -> usize {
    let mut groups: BTreeMap<Route<'_>, BTreeSet<bool>> = BTreeMap::new();
    for arrival in arrivals {
        groups.entry(route(arrival.seen)).or_default().insert(arrival.is_held);
    }
    groups.values().filter(|kinds| kinds.len() == 2).count()
}

/// True for a check that failed or recovered; where others recovered, one whose tag and port passes nowhere is a rule's.
fn counts(arrivals: &[Arrival<'_>], seen: Seen<'_>) -> bool {
    let lifted = arrivals.iter().any(|arrival| arrival.seen.outcome.recovered);
    let passes = || arrivals.iter().any(|other| route(other.seen) == route(seen) && other.seen.got_through());
    seen.outcome.recovered || (seen.cause().is_some_and(is_turned_away) && (!lifted || passes()))
}

/// Tags and ports to which no connection goes on, where more than half of those to other tags on the same port do.
fn stall_alone<'a>(arrivals: &[Arrival<'a>]) -> BTreeSet<Route<'a>> {
    let mut routes: BTreeMap<Route<'a>, (usize, usize)> = BTreeMap::new();
    for arrival in arrivals {
        let (going_on, all) = routes.entry(route(arrival.seen)).or_default();
        *going_on += usize::from(arrival.seen.is_success());
        *all += 1;
    }
    let is_alone = |own: &Route<'a>| {
        let others = routes.iter().filter(|(other, _)| other.1 == own.1 && *other != own);
        let (going_on, all) = others.fold((0, 0), |(on, all), (_, one)| (on + one.0, all + one.1));
        going_on * 2 > all
    };
    routes.iter().filter(|(own, ends)| ends.0 == 0 && is_alone(own)).map(|(own, _)| *own).collect()
}

/// Silence on a connection that was open when the device took no more.
fn stalls_after(seen: Seen<'_>, from_ms: f64) -> bool {
    let is_stall = matches!(seen.cause(), Some(Cause::TlsTimeout | Cause::ExchangeTimeout));
    let last = seen.outcome.steps.iter().rfind(|step| step.cause.is_some());
    seen.check.transport == Transport::Tcp && is_stall && last.is_some_and(|step| step.start_ms >= from_ms)
}

/// The silent checks of a run that sees loss whose silence is no more than that: as many sockets as they had are all lost
/// somewhere among as many checks, with better odds than one in fifty. Where nothing passes of a tag and port, the sockets
/// of all its checks count together: one rule may drop them. What a device held up for coming late tells nothing of
/// chance: where one limits, what its limit does not explain is no luck.
pub(super) fn lost_by_chance<'a>(facts: &Facts<'a>) -> Group<'a> {
    if limited(facts).is_some() {
        return Group::default();
    }
    let tried: Vec<Seen<'_>> =
        facts.outbound().filter(|seen| seen.check.transport == Transport::Tcp && seen.was_tried()).collect();
    let opened = || tried.iter().flat_map(|seen| connects(*seen)).filter(|step| step.cause.is_none());
    let hedged = opened().filter(|step| step.attempts.is_some_and(|attempts| attempts > 1)).count();
    let (loss, error) = loss_of(&tried);
    if loss < MIN_LOSS || hedged < MIN_HELD {
        return Group::default();
    }
    let number = f64::from(u32::try_from(tried.len()).unwrap_or(u32::MAX));
    let spent = |seen: Seen<'_>| connects(seen).map(sockets).sum::<u32>();
    let mut unlucky = Group::default();
    for group in Group::by(tried.into_iter(), |seen| Some(route(seen))).values() {
        let passes = group.each().any(Seen::got_through);
        let together = group.each().map(spent).sum::<u32>();
        // An ICMP message says what became of the packet.
        let is_silent = |seen: &Seen<'_>| {
            seen.cause() == Some(Cause::ConnectTimeout) && connects(*seen).all(|step| step.icmp.is_none())
        };
        for seen in group.each().filter(is_silent) {
            let lost = if passes { spent(seen) } else { together };
            if number * (loss + error).powi(i32::try_from(lost).unwrap_or(i32::MAX)) >= MIN_ODDS {
                unlucky.push(seen);
            }
        }
    }
    unlucky
}

fn sockets(step: &Step) -> u32 {
    step.attempts.unwrap_or(1)
}

/// The share of sockets that were lost on the way to what opened in the end, and the standard error of that share: of few
/// dozen sockets it is no more than a guess. What never opened may be blocked and tells nothing of loss.
fn loss_of(tried: &[Seen<'_>]) -> (f64, f64) {
    let (mut opened, mut all) = (0.0, 0.0);
    for seen in tried {
        for step in connects(*seen).filter(|step| step.cause.is_none() || seen.outcome.recovered) {
            opened += f64::from(u8::from(step.cause.is_none()));
            all += f64::from(sockets(step));
        }
    }
    if all > 0.0 {
        let loss = 1.0 - opened / all;
        (loss, (loss * (1.0 - loss) / all).sqrt())
    } else {
        (0.0, 0.0)
    }
}

/// The refused checks of a port, or the rejected ones, at which others were so first and opened later: as many tries as
/// they had all fail somewhere among as many checks, with better odds than one in fifty.
pub(super) fn refused_by_chance<'a>(facts: &Facts<'a>) -> Group<'a> {
    let tcp = facts.outbound().filter(|seen| seen.check.transport == Transport::Tcp && seen.was_tried());
    let by_port = Group::by(tcp, |seen| seen.check.port());
    let answers = [Cause::ConnectRefused, Cause::ConnectRejected];
    let mut unlucky = Group::default();
    for (group, no) in by_port.values().flat_map(|group| answers.map(|no| (group, no))) {
        let is_no = |step: &&Step| step.cause == Some(no);
        let opens_later = |step: &Step, seen: Seen<'_>| {
            connects(seen).any(|later| later.cause.is_none() && later.address == step.address)
        };
        let is_lucky = |seen: &Seen<'_>| connects(*seen).any(|step| is_no(&step) && opens_later(step, *seen));
        if group.each().filter(is_lucky).count() < MIN_LUCKY {
            continue;
        }
        let count = |steps: usize| f64::from(u32::try_from(steps).unwrap_or(u32::MAX));
        let tries = || group.each().flat_map(connects);
        let odds = count(tries().filter(is_no).count()) / count(tries().count());
        for seen in group.each().filter(|seen| seen.cause() == Some(no)) {
            let spent = count(connects(seen).count());
            if count(group.len()) * odds.powf(spent) >= MIN_ODDS {
                unlucky.push(seen);
            }
        }
    }
    unlucky
}
