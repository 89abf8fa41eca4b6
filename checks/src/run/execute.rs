//! A whole run: the checks of a plan from the first packet to the last, with its times.

use std::time::SystemTime;

use tokio::time::Instant;

use crate::limits::Limits;
use crate::plan::Plan;
use crate::probe::net::Net;
use crate::run::drive::{drive, without_resources};
use crate::run::event::Event;
use crate::run::{Host, Run, RunKind};

/// What is known of a run before its first packet, beside its plan.
#[derive(Debug, Clone)]
pub struct Header {
    /// Random id, 32 hex digits.
    pub id: String,
    /// When it began.
    pub started_at: SystemTime,
    /// The command line without the program's name.
    pub args: Vec<String>,
    /// The machine.
    pub host: Host,
}

/// Runs the checks of `plan` inside the limits of `net`, from whose start all times count. Never fails: a check that
/// fails is a result.
pub async fn run(plan: Plan, net: &Net, header: Header, mut observe: impl FnMut(Event<'_>)) -> Run {
    let mut run = blank(plan, net.limits(), header);
    observe(Event::Started(&run));
    (run.outcomes, run.interrupted) = drive(&run.plan, net, &mut observe).await;
    run.ends_now(net.started());
    run
}

/// A run that this machine's own limits forbid: nothing is sent, nothing is decided, and every check says why.
pub fn run_without_resources(
    plan: Plan,
    limits: Limits,
    header: Header,
    reason: &str,
    mut observe: impl FnMut(Event<'_>),
) -> Run {
    let mut run = blank(plan, limits, header);
    observe(Event::Started(&run));
    run.outcomes = without_resources(&run.plan, reason);
    run.results().for_each(|(check, outcome)| observe(Event::Final(check, outcome)));
    run
}

/// A run before its first packet.
pub(super) fn blank(plan: Plan, limits: Limits, header: Header) -> Run {
    let Header { id, started_at, args, host } = header;
    Run {
        kind: RunKind::Check,
        id,
        started_at,
        finished_at: started_at,
        duration_ms: 0.0,
        deadline_ms: limits.deadline.as_secs_f64() * 1000.0,
        interrupted: false,
        args,
        host,
        plan,
        outcomes: Vec::new(),
    }
}

impl Run {
    /// Sets the end of a run that began at `started`: what was done beside the checks may take longer than they.
    pub fn ends_now(&mut self, started: Instant) {
        self.finished_at = SystemTime::now();
        self.duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    }
}
