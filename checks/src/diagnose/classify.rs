//! What the judgement thinks of each check, beside what was seen of it: whether it counts, how it ended as far as all
//! others tell, and whose rejection it is. Derived from the facts alone, so that a saved run is classed like a live one.

use std::net::IpAddr;

use crate::arrange;
use crate::catalogue::{Published, Requirement, Role};
use crate::diagnose::inferred_rejections::{Inferred, inferred_rejections};
use crate::diagnose::rejected_by::RejectedBy;
use crate::network::ControlPlane;
use crate::network::configuration::is_decided_by_configuration;
use crate::network::decision::Decision;
use crate::network::judgement::Judgement;
use crate::outcome::{ExchangeEvidence, Failure, Outcome, SkipReason, Stage, Status, fact};
use crate::plan::{Check, Plan};
use crate::run::{Clock, Host, Run, RunKind};

/// What the judgement thinks of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Whether it counts.
    pub requirement: Requirement,
    /// How it ended, in the light of all other checks.
    pub status: Status,
    /// Who is taken to have rejected it, although its own packets got no answer.
    pub rejected_by: Option<RejectedBy>,
    /// What configuration says, where it decides the check in place of a packet.
    pub configuration: Option<Box<Decision>>,
    /// Azure's own call, where it decides the check in place of a packet.
    pub azures_call: Option<ControlPlane>,
}

impl Class {
    /// What can be said of a check without looking at any other.
    #[must_use]
    pub fn alone(check: &Check, outcome: &Outcome) -> Self {
        Self {
            requirement: check.requirement,
            status: outcome.status.clone(),
            rejected_by: None,
            configuration: None,
            azures_call: None,
        }
    }

    /// True where its failure does not make the verdict `unhealthy`.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.requirement == Requirement::Optional
    }

    /// The failure, where the check failed.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.status {
            Status::Failure(failure) => Some(failure),
            Status::Success | Status::Skipped(_) | Status::Undecided(_) => None,
        }
    }
}

/// The class of every check of a run, in its order. A silent name server beside one that answers is optional; a check that
/// exists on Azure only is skipped elsewhere; silence beside a device that rejects is that device's rejection.
#[must_use]
pub fn classify(run: &Run, network: Option<&Judgement>) -> Vec<Class> {
    let mut inferred = inferred_rejections(run);
    let mut classes: Vec<Class> =
        (0..run.results().count()).map(|place| beside_others(run, place, inferred.remove(&place))).collect();
    if let Some(network) = network {
        settle(&mut classes, run, network);
    }
    classes
}

/// The class of the check at this place by what is known of a run that goes on; configuration is not looked at.
///
/// # Panics
/// The run has no such check, or no outcome of it.
#[must_use]
pub fn classify_at(run: &Run, place: usize) -> Class {
    beside_others(run, place, inferred_rejections(run).remove(&place))
}

fn beside_others(run: &Run, place: usize, inferred: Option<Inferred>) -> Class {
    let (check, outcome) = (&run.plan.checks[place], &run.outcomes[place]);
    let mut class = Class::alone(check, outcome);
    if let Some(inferred) = inferred {
        class.status = Status::Failure(inferred.failure());
        class.rejected_by = Some(inferred.by);
    }
    if class.failure().is_none() {
        return class;
    }
    if is_configured_server(&run.plan, check) {
        let mut servers = run.results().filter(|(check, _)| is_configured_server(&run.plan, check));
        if servers.any(|(_, outcome)| outcome.is_success()) {
            class.requirement = Requirement::Optional;
        }
    } else if is_unpublished(check, outcome) {
        class.status = Status::Skipped(SkipReason::NotPublished);
    } else if is_azure_only(check) && !run.host.azure.detected {
        class.status = Status::Skipped(SkipReason::NoMetadataService);
    }
    class
}

/// What no packet decided ends as configuration says; what Azure tried itself, as that ended.
fn settle(classes: &mut [Class], run: &Run, network: &Judgement) {
    for (class, check) in classes.iter_mut().zip(&run.plan.checks) {
        if let Some((call, status)) = network.azures_call(check).and_then(|it| Some((it, it.ending()?))) {
            class.status = status;
            class.azures_call = Some(call.clone());
            continue;
        }
        // Beside packets, what Azure refused to show neither passes nor fails, nor does it leave the verdict open.
        let is_withheld = run.kind == RunKind::Check && network.is_withheld(check);
        let is_open = matches!(&class.status, Status::Skipped(reason) if is_decided_by_configuration(*reason))
            && !is_withheld;
        // A report that was read back has the status already, and no step that led to it.
        let is_told = matches!(&class.failure(), Some(failure) if failure.stage == Stage::Configuration);
        if let Some(status) = network.status(check).filter(|_| is_open || is_told) {
            class.status = status;
            class.configuration = network.decision(&check.id).cloned().map(Box::new);
        }
    }
}

/// A name server that this machine is configured to ask: 168.63.129.16 may be asked for comparison alone.
#[must_use]
pub fn is_configured_server(plan: &Plan, check: &Check) -> bool {
    let server = check.host().and_then(|host| host.parse::<IpAddr>().ok());
    let is_listed = || plan.instance.dns_servers.iter().any(|known| Some(known.ip()) == server);
    match check.role() {
        Role::NameServer => true,
        Role::AzureDns => is_listed(),
        _ => false,
    }
}

/// The metadata service, and the platform's resolver where it is asked for comparison only.
fn is_azure_only(check: &Check) -> bool {
    matches!(check.role(), Role::Metadata | Role::AzureDns)
}

/// A portal or management endpoint for which an Application Gateway has no listener: nobody said that it is to be published.
fn is_unpublished(check: &Check, outcome: &Outcome) -> bool {
    let may_be_private =
        check.role() == Role::GatewayFront && check.meaning.publishes != Some(Published::Gateway);
    let answered = outcome.evidence.exchange.as_ref();
    let is_missing = |exchange: &ExchangeEvidence| {
        exchange.text(fact::ANSWERED_BY) == Some(fact::APPLICATION_GATEWAY)
            && exchange.number(fact::HTTP_STATUS) == Some(404.0)
    };
    may_be_private && answered.is_some_and(is_missing)
}

/// How far this machine's clock is off: what the time servers say; else the middle of what the web servers' `Date` fields
/// say, which is good to a second; else what the host says of itself, in a saved report without the evidence.
#[must_use]
pub fn clock(outcomes: &[Outcome], host: &Host) -> Option<Clock> {
    let facts = |key: &'static str| {
        outcomes.iter().filter_map(move |outcome| outcome.evidence.exchange.as_ref()?.number(key))
    };
    if let Some(offset_ms) = facts(fact::OFFSET_MS).next() {
        return Some(Clock { offset_ms, source: "ntp".to_owned() });
    }
    let mut dates: Vec<f64> = facts(fact::DATE_OFFSET_MS).collect();
    arrange::by(&mut dates, f64::total_cmp);
    let middle = dates.get(dates.len() / 2);
    middle
        .map(|offset_ms| Clock { offset_ms: *offset_ms, source: "http-date".to_owned() })
        .or(host.clock.clone())
}
