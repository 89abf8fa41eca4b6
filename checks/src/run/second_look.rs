//! The second look: what fails alone, by chance, or for being the first is looked at again, slowly and after a pause,
//! before anything is said of it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::limits::Limits;
use crate::outcome::{Cause, Outcome, Status};
use crate::plan::Check;
use crate::probe::net::Net;
use crate::probe::socket::Segments;
use crate::probe::{self, Job};

mod choose;

use choose::Looks;

/// How often what failed is thought about again at most: a sample, the rest where the sample passed, and what is left.
const WAVES: usize = 3;

/// How long the connects of a wave have together: a black hole must be decided within five seconds of the start.
const SECOND_LOOK: Duration = Duration::from_millis(1600);

/// How far apart the looks of each wave begin at most, and how long the starts of a wave take together: a sample is slow,
/// the rest is not to outlast the run, and what is left after that has met a device that minds how many come at once.
const GAPS: [(Duration, Duration); WAVES] = [
    (Duration::from_millis(250), Duration::from_millis(700)),
    (Duration::from_millis(60), Duration::from_millis(1500)),
    (Duration::from_millis(120), Duration::from_millis(2000)),
];

/// What a wave must have left of the run, so that its looks can end.
const LEAST: Duration = Duration::from_millis(1200);

/// What is left between the end of the last look and that of the run.
const SLACK: Duration = Duration::from_millis(200);

/// Looks again at what may have failed by chance. Each look is added to the record of its check.
pub(super) async fn look_again(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome]) {
    let mut looks = Looks::default();
    for (gap, together) in GAPS {
        let wave = looks.next(checks, outcomes);
        if wave.is_empty() || net.deadline() < Instant::now() + LEAST {
            return;
        }
        let number = u32::try_from(wave.len()).unwrap_or(u32::MAX);
        // Late looks follow each other faster: one too close is better than none.
        let left = net.deadline().saturating_duration_since(Instant::now() + LEAST);
        let gap = gap.min(together.min(left) / number);
        look_at(net, checks, outcomes, &wave, gap).await;
        looks.seen(&wave);
    }
}

async fn look_at(net: &Net, checks: &[Arc<Check>], outcomes: &mut [Outcome], wave: &[usize], gap: Duration) {
    let begun = Instant::now();
    let last = net.deadline() - LEAST;
    let is_proved = outcomes.iter().any(Outcome::needs_small_segments);
    let mut looking = JoinSet::new();
    for (turn, &place) in (0_u32..).zip(wave) {
        let at = begun + gap * turn;
        if at > last {
            break;
        }
        let spent = (gap * turn).min(SECOND_LOOK / 3);
        let net = net.with_limits(second_limits(net, at, SECOND_LOOK - spent));
        let (check, first) = (Arc::clone(&checks[place]), outcomes[place].clone());
        let Some(job) = Job::of(&check) else { continue };
        looking.spawn(async move {
            sleep_until(at).await;
            let second = if is_proved && choose::is_stall(&check, &first) {
                look_small(&net, &job, &first).await
            } else {
                look(&net, &job, &first).await
            };
            (place, second)
        });
    }
    while let Some(looked) = looking.join_next().await {
        if let Ok((place, second)) = looked {
            amend(&mut outcomes[place], second);
        }
    }
}

/// What a second look brought.
struct Second {
    outcome: Outcome,
    /// What the same with small segments brought, where full-sized ones stalled again.
    small: Option<Outcome>,
}

/// The stages from where the first look ended: a name without an address is asked for again. A stall is looked at with
/// small segments beside full-sized ones, and once more where only the small ones pass.
async fn look(net: &Net, job: &Job, first: &Outcome) -> Second {
    let addresses = tried(first);
    if addresses.is_empty() {
        net.invalidate(job.host());
        return Second { outcome: probe::probe(net, job).await, small: None };
    }
    if !choose::is_stall(job.check(), first) {
        return Second { outcome: probe::second_look(net, job, addresses).await, small: None };
    }
    let (full, small) = look_both(net, job, &addresses).await;
    if !(choose::is_stall(job.check(), &full) && choose::passes_a_stall(&small)) {
        return Second { outcome: full, small: None };
    }
    let (again, small) = look_both(net, job, &addresses).await;
    let is_confirmed = choose::is_stall(job.check(), &again) && choose::passes_a_stall(&small);
    let outcome = if again.is_success() { again } else { full };
    Second { outcome, small: is_confirmed.then_some(small) }
}

/// A stall beside others that only full-sized segments met: small ones alone tell whether it is one of them.
async fn look_small(net: &Net, job: &Job, first: &Outcome) -> Second {
    let small = probe::second_look(&net.with_segments(Segments::Small), job, tried(first)).await;
    if choose::passes_a_stall(&small) {
        return Second { outcome: Outcome::bare(first.status.clone(), small.ended_at), small: Some(small) };
    }
    Second { outcome: small, small: None }
}

async fn look_both(net: &Net, job: &Job, addresses: &[IpAddr]) -> (Outcome, Outcome) {
    let small = net.with_segments(Segments::Small);
    tokio::join!(
        probe::second_look(net, job, addresses.to_vec()),
        probe::second_look(&small, job, addresses.to_vec()),
    )
}

/// The bounds of a second look that begins at `at`: what connects has a little time for the rest of its line. A stall is looked
/// at twice, and late in the run both must still end.
fn second_limits(net: &Net, at: Instant, first: Duration) -> Limits {
    let limits = net.limits();
    let left = net.deadline().saturating_duration_since(at);
    let rest = SECOND_LOOK.min(left.saturating_sub(SLACK) / 2).max(LEAST / 2);
    Limits {
        resolve: limits.resolve,
        connect: first.min(limits.connect),
        handshake: rest.min(limits.handshake),
        exchange: rest.min(limits.exchange),
        ..limits
    }
}

/// The addresses that a check tried to connect to.
fn tried(outcome: &Outcome) -> Vec<IpAddr> {
    let addresses: BTreeSet<IpAddr> = outcome.steps.iter().filter_map(|step| step.address).collect();
    addresses.into_iter().collect()
}

/// Adds the second look to the record; a success there is the check's, and said to be one.
fn amend(first: &mut Outcome, second: Second) {
    let Second { outcome: second, small } = second;
    first.duration_ms += second.duration_ms;
    first.ended_at = second.ended_at;
    let recovered = second.is_success();
    first.steps.extend(second.steps);
    if recovered {
        let dns = first.evidence.dns.take();
        first.evidence = second.evidence;
        first.evidence.dns = first.evidence.dns.take().or(dns);
        first.status = Status::Success;
        first.recovered = true;
    } else if let Some(small) = small {
        first.ended_at = small.ended_at;
        let noted = small.steps.into_iter().map(|mut step| {
            step.detail.get_or_insert_with(|| "with segments of at most 536 bytes".to_owned());
            step
        });
        first.steps.extend(noted);
        if let Some(peer) = &mut first.evidence.peer {
            peer.small_segments = true;
        }
    }
}

/// True where nothing that ends later changes a failure of `check` with this cause: there is no second look at it. A
/// refusal is looked at again only where another check of its port may pass.
pub(super) fn is_final(check: &Check, cause: Cause, checks: &[Arc<Check>]) -> bool {
    match cause {
        Cause::DnsTimeout => false,
        Cause::ConnectRefused | Cause::ConnectRejected => {
            !checks.iter().any(|other| other.port() == check.port() && other.id != check.id)
        }
        _ => !choose::may_pass_later(cause),
    }
}
