//! Silence beside a device that rejects: routers limit their ICMP messages (Linux: six at once, then one a second for
//! each sender), so that of forty rejected connections most look dropped. Those are taken to be rejected too, unless they
//! asked when the device's rate limit was not exhausted.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Transport;
use crate::diagnose::rejected_by::{self, RejectedBy, rejected_connect};
use crate::outcome::{Cause, Failure, Outcome, Scope, Stage, Step};
use crate::plan::Check;
use crate::run::Run;

/// Milliseconds by which a rejection lags behind the device's fastest once packets before it went unanswered: the first
/// hedge is sent after 250.
const ICMP_DELAY_THRESHOLD_MS: f64 = 200.0;

/// Milliseconds after which a limited device can send a message again, with some room.
const ICMP_REFILL_MS: f64 = 1100.0;

/// Milliseconds after the start of a connect at which its first socket has surely repeated its SYN.
const SYN_RETRY_MS: f64 = 3000.0;

/// Milliseconds that the answer to a SYN needs.
const REPLY_ALLOWANCE_MS: f64 = 100.0;

/// A route as far as one machine can tell: the port, and the kind of address.
type Route = (u16, Scope);

/// What one device rejected.
#[derive(Default)]
struct Rejections {
    /// The route of each, and after how many milliseconds.
    seen: Vec<(Route, f64)>,
    /// When its last message came, in milliseconds from the start of the run.
    last: f64,
}

/// A rejection that was not seen itself.
pub(super) struct Inferred {
    /// Who rejects others like it.
    pub by: RejectedBy,
    detail: String,
}

impl Inferred {
    /// The failure that it stands for.
    pub(super) fn failure(&self) -> Failure {
        Failure::new(Stage::Connect, Cause::ConnectRejected, self.detail.clone())
    }
}

/// Silent connects, and silent datagrams where nothing passes, whose siblings were rejected by a device that limits its
/// messages; by their place in the plan.
pub(super) fn inferred_rejections(run: &Run) -> BTreeMap<usize, Inferred> {
    let devices = limited_devices(run);
    if devices.is_empty() {
        return BTreeMap::new();
    }
    let passes = |transport: Transport| {
        run.results().any(|(check, outcome)| {
            check.transport == transport && !check.role().is_platform() && outcome.is_success()
        })
    };
    let something_opens = passes(Transport::Tcp);
    let something_passes = something_opens || passes(Transport::Udp);
    // A target that answers on a port beside others that reject in their own name: those are no one device.
    let answered: BTreeSet<Route> = run
        .results()
        .filter(|(_, outcome)| outcome.evidence.peer.is_some())
        .filter_map(|(check, outcome)| route(check, outcome))
        .collect();
    let mut inferred = BTreeMap::new();
    for (place, (check, outcome)) in run.results().enumerate() {
        // A lost datagram looks the same as one that is rejected: it is the device's only where nothing at all passes.
        let is_lost = is_lost_datagram(check, outcome) && !something_passes;
        if outcome.cause() != Some(Cause::ConnectTimeout) && !is_lost {
            continue;
        }
        let Some(route) = route(check, outcome) else { continue };
        let busy = devices.iter().filter(|(by, rejections)| {
            !asked_in_vain(outcome, rejections.last)
                && (**by != RejectedBy::Targets || !answered.contains(&route))
        });
        let on_route =
            |rejections: &Rejections| rejections.seen.iter().filter(|(other, _)| *other == route).count();
        let by = busy.filter_map(|(device, rejections)| {
            // Rejections on other ports tell only where nothing opens at all.
            let tells = |(other, _): &&(Route, f64)| !something_opens || *other == route;
            let telling: Vec<(Route, f64)> = rejections.seen.iter().filter(tells).copied().collect();
            let detail = inferred_detail(*device, &telling, route)?;
            Some(((on_route(rejections), rejections.seen.len()), Inferred { by: *device, detail }))
        });
        // Of several devices the one that rejects most on this very route.
        inferred.extend(by.max_by_key(|(weight, _)| *weight).map(|(_, by)| (place, by)));
    }
    inferred
}

/// Devices that rejected something, and left packets unanswered before they did.
fn limited_devices(run: &Run) -> BTreeMap<RejectedBy, Rejections> {
    let mut devices: BTreeMap<RejectedBy, Rejections> = BTreeMap::new();
    for (check, outcome) in run.results().filter(|(check, _)| check.transport == Transport::Tcp) {
        let Some((device, after)) = rejection(outcome) else { continue };
        if let Some(route) = route(check, outcome) {
            devices.entry(device).or_default().seen.push((route, after));
        }
    }
    // Targets that reject in their own name are one device already where two do.
    devices.retain(|by, rejections| {
        is_limited(rejections) || (*by == RejectedBy::Targets && rejections.seen.len() > 1)
    });
    for (device, rejections) in &mut devices {
        rejections.last = last_message(run, *device);
    }
    devices
}

/// When the last message of a device came.
fn last_message(run: &Run, device: RejectedBy) -> f64 {
    let steps = run.outcomes.iter().flat_map(|outcome| &outcome.steps);
    let messages = steps.filter(|step| rejected_by::sender(step) == Some(device));
    messages.map(|step| step.start_ms + step.duration_ms).fold(0.0, f64::max)
}

/// True for a silent connect that asked when the device had said nothing for so long that it could have spoken again: it
/// did not see the packet.
fn asked_in_vain(outcome: &Outcome, last: f64) -> bool {
    let silent = outcome.steps.iter().filter(|step| step.cause == Some(Cause::ConnectTimeout));
    let asked = silent.filter(|step| step.duration_ms >= REPLY_ALLOWANCE_MS).map(|step| {
        let again = step.duration_ms >= SYN_RETRY_MS + REPLY_ALLOWANCE_MS;
        step.start_ms + if again { SYN_RETRY_MS } else { 0.0 }
    });
    asked.fold(0.0, f64::max) >= last + ICMP_REFILL_MS
}

/// Who rejected a connect, and after how long.
fn rejection(outcome: &Outcome) -> Option<(RejectedBy, f64)> {
    let step = rejected_connect(outcome)?;
    Some((rejected_by::sender(step)?, step.duration_ms))
}

fn route(check: &Check, outcome: &Outcome) -> Option<Route> {
    let stage = if check.transport == Transport::Udp { Stage::Exchange } else { Stage::Connect };
    let tried = |step: &&Step| step.stage == stage;
    let address = outcome.steps.iter().rfind(tried)?.address?;
    Some((check.port()?, Scope::of(address)))
}

fn is_lost_datagram(check: &Check, outcome: &Outcome) -> bool {
    check.transport == Transport::Udp
        && !check.role().is_platform()
        && outcome.cause() == Some(Cause::ExchangeTimeout)
}

/// True for a device that left packets unanswered before it answered: one that is not limited answers the first.
fn is_limited(rejections: &Rejections) -> bool {
    let times = || rejections.seen.iter().map(|(_, after)| *after);
    let fastest = times().fold(f64::INFINITY, f64::min);
    times().any(|after| after - fastest >= ICMP_DELAY_THRESHOLD_MS)
}

/// Why a silent connect counts as rejected by `device`: it rejects others on this route, or on others where those tell.
fn inferred_detail(device: RejectedBy, seen: &[(Route, f64)], route: Route) -> Option<String> {
    let (port, scope) = route;
    let here = seen.iter().filter(|(other, _)| *other == route).count();
    let alike = seen.iter().filter(|((_, other), _)| *other == scope).count();
    let siblings = match here {
        0 if alike > 0 => format!("{alike} on other ports, and nothing opens"),
        0 => return None,
        here => format!("{here} on port {port}"),
    };
    let who = match device {
        RejectedBy::Device(address) => address.to_string(),
        RejectedBy::Targets | RejectedBy::Reset => "a device that writes as the target".to_owned(),
    };
    Some(format!(
        "no reply seen; inferred from other checks: {who} rejects {siblings} and rate-limits its ICMP replies"
    ))
}
