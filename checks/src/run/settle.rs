//! What can be said of a check only when all have ended. Pure.

use std::net::SocketAddr;

use crate::catalogue::Role;
use crate::outcome::{Outcome, SkipReason, Status};
use crate::plan::Check;
use crate::run::second_look::is_final;
use crate::run::stragglers::unheard;
use crate::run::{Clock, Run, siblings};

/// Settles what depends on other checks: a silent name server beside one that answers is optional; a check that exists
/// on Azure only is skipped elsewhere; silence beside a device that rejects is judged by its siblings; and the clock is
/// off by what the time servers say.
pub fn settle(run: &mut Run) {
    siblings::judge(run);
    let other_answers = |run: &Run, place: usize| {
        run.results().enumerate().any(|(other, (check, outcome))| {
            other != place && is_configured_server(check) && outcome.is_success()
        })
    };
    for place in 0..run.outcomes.len() {
        let check = &run.plan.checks[place];
        let failed = run.outcomes[place].failure().is_some();
        if failed && is_configured_server(check) && other_answers(run, place) {
            run.plan.checks[place].is_optional = true;
        } else if failed && is_azure_only(check) && !run.host.azure.detected {
            let reason = SkipReason::NoMetadataService;
            run.outcomes[place] = Outcome { status: Status::Skipped(reason), ..run.outcomes[place].clone() };
        }
    }
    run.host.clock = clock(run).or_else(|| run.host.clock.take());
}

/// True when nothing that ends later changes this outcome: every one of the `servers` was heard about its name, there is
/// no second look, and [`settle`] leaves it as it is.
#[must_use]
pub fn is_settled(servers: &[SocketAddr], check: &Check, outcome: &Outcome) -> bool {
    if outcome.evidence.dns.as_ref().is_some_and(|dns| unheard(servers, dns).next().is_some()) {
        return false;
    }
    outcome.failure().is_none()
        || !(outcome.cause().is_some_and(|cause| !is_final(cause))
            || is_configured_server(check)
            || is_azure_only(check))
}

/// A name server that this machine is configured to ask.
fn is_configured_server(check: &Check) -> bool {
    match check.role() {
        Role::NameServer => true,
        Role::AzureDns => !check.is_optional,
        _ => false,
    }
}

/// The metadata service, and the platform's resolver where it is asked for comparison only.
fn is_azure_only(check: &Check) -> bool {
    match check.role() {
        Role::Metadata => true,
        Role::AzureDns => check.is_optional,
        _ => false,
    }
}

/// What the time servers say; else the middle of what the web servers' `Date` fields say, which is good to a second.
#[must_use]
pub fn clock(run: &Run) -> Option<Clock> {
    let facts = |key: &'static str| {
        run.outcomes.iter().filter_map(move |outcome| outcome.evidence.exchange.as_ref()?.number(key))
    };
    if let Some(offset_ms) = facts("offsetMs").next() {
        return Some(Clock { offset_ms, source: "ntp".to_owned() });
    }
    let mut dates: Vec<f64> = facts("dateOffsetMs").collect();
    dates.sort_by(f64::total_cmp);
    let offset_ms = *dates.get(dates.len() / 2)?;
    Some(Clock { offset_ms, source: "http-date".to_owned() })
}
