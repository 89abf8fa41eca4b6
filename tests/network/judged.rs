//! The report of a run that is made up, judged beside a network.

use std::time::SystemTime;

use apim_probe_checks::facts::Sources;
use apim_probe_checks::network::Network;
use apim_probe_checks::network::configuration::{Choice, Configuration};
use apim_probe_checks::network::told::Disagreement;
use apim_probe_checks::outcome::Outcome;
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::{ExitPolicy, Report};
use apim_probe_checks::run::{Host, Run, RunKind};

/// When every such run begins and ends.
pub(crate) const AT: SystemTime = SystemTime::UNIX_EPOCH;

/// The report of a plan whose checks end so, on a machine of which nothing is known; else why the network cannot be judged.
pub(crate) fn report(
    network: &Network,
    (kind, plan): (RunKind, Plan),
    outcome: impl Fn(&Check) -> Outcome,
    typed: Vec<Disagreement>,
) -> Result<Report, String> {
    let run = Run {
        kind,
        id: "0".repeat(32),
        started_at: AT,
        finished_at: AT,
        duration_ms: 0.0,
        deadline_ms: 0.0,
        interrupted: false,
        args: Vec::new(),
        outcomes: plan.checks.iter().map(outcome).collect(),
        plan,
        host: Host::default(),
    };
    let judged = Configuration::judge(network, &Choice::default(), &run, None, typed);
    let network = Some(judged.map_err(|error| error.to_string())?);
    Ok(Report::new(Sources { network, ..run.into() }, ExitPolicy::default()))
}
