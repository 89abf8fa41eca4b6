//! Where a packet went that did not arrive: source, destination, time and tries, as a firewall team asks for them.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use apim_probe_checks::catalogue::Transport;
use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::outcome::{Outcome, Stage, Step};
use apim_probe_checks::plan::{Check, CheckId};
use apim_probe_checks::run::Run;

use crate::time;

/// Tries of one kind from this machine to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    /// `TCP`, `UDP`, or `DNS` for a question about a name.
    pub transport: &'static str,
    /// This machine's address, with its port where a connection was open; `this machine` where nothing tells it.
    pub source: String,
    /// `address:port` of the peer or of the DNS server; the check's target where no address is known.
    pub destination: String,
    /// When the first try began.
    pub at: SystemTime,
    /// Packets or sockets spent.
    pub tries: u32,
}

impl Attempt {
    /// `TCP 10.0.1.4 -> 20.62.0.15:1433`.
    pub(super) fn flow(&self) -> String {
        format!("{} {} -> {}", self.transport, self.source, self.destination)
    }

    /// The flow without this machine's port, which changes with every connection.
    pub(super) fn short_flow(&self) -> String {
        let source = self
            .source
            .parse::<SocketAddr>()
            .map_or_else(|_| self.source.clone(), |local| local.ip().to_string());
        format!("{} {source} -> {}", self.transport, self.destination)
    }

    /// `3 tries`.
    pub(super) fn tried(&self) -> String {
        match self.tries {
            1 => "1 try".to_owned(),
            tries => format!("{tries} tries"),
        }
    }

    /// The flow with its tries and its date and time.
    pub(super) fn sentence(&self) -> String {
        format!("{}, {}, {}", self.flow(), self.tried(), time::readable(self.at))
    }
}

/// What was tried in vain for one check: an entry for each destination, in the order of the first try. Empty for a check
/// that was not run, or in which nothing failed.
pub(super) fn attempts(run: &Run, check: &Check, outcome: &Outcome) -> Vec<Attempt> {
    let stage = outcome.failure().map(|failure| failure.stage);
    let failed = |step: &&Step| step.cause.is_some() && stage.is_none_or(|stage| step.stage == stage);
    let failed = outcome.steps.iter().filter(failed);
    let Flows { mut attempts, .. } = failed.map(|step| attempt(run, check, outcome, step)).collect();
    // A report of another program may hold no steps; what configuration decided was not tried.
    let tried = stage.filter(|stage| *stage != Stage::Configuration);
    if let (Some(stage), true) = (tried, attempts.is_empty()) {
        let started = outcome.ended_at.checked_sub(span(outcome.duration_ms)).unwrap_or(outcome.ended_at);
        let destination = destination(check, outcome, stage, None);
        let source = source(run, outcome, &destination);
        attempts.push(Attempt {
            transport: transport(check, stage),
            source,
            destination,
            at: started,
            tries: 1,
        });
    }
    attempts
}

/// What was tried in vain for all checks of a finding; what goes to one destination is one entry.
pub(super) fn of_finding(run: &Run, finding: &Finding) -> Vec<Attempt> {
    let affected: BTreeSet<&CheckId> = finding.affects.iter().collect();
    let mut all = Flows::default();
    // Checks of one name share its questions.
    let mut counted = BTreeSet::new();
    for (check, outcome) in run.results().filter(|(check, _)| affected.contains(&check.id)) {
        let own = attempts(run, check, outcome).into_iter();
        own.filter(|attempt| {
            attempt.transport != "DNS" || counted.insert((attempt.destination.clone(), check.host()))
        })
        .for_each(|attempt| all.add(attempt));
    }
    all.attempts
}

/// Tries, those of one flow together, in the order in which the flows were first met.
#[derive(Debug, Default)]
struct Flows {
    attempts: Vec<Attempt>,
    places: HashMap<String, usize>,
}

impl Flows {
    fn add(&mut self, new: Attempt) {
        let place = *self.places.entry(new.flow()).or_insert(self.attempts.len());
        match self.attempts.get_mut(place) {
            Some(known) => {
                known.tries += new.tries;
                known.at = known.at.min(new.at);
            }
            None => self.attempts.push(new),
        }
    }
}

impl FromIterator<Attempt> for Flows {
    fn from_iter<I: IntoIterator<Item = Attempt>>(attempts: I) -> Self {
        let mut flows = Self::default();
        attempts.into_iter().for_each(|attempt| flows.add(attempt));
        flows
    }
}

fn attempt(run: &Run, check: &Check, outcome: &Outcome, step: &Step) -> Attempt {
    let destination = destination(check, outcome, step.stage, Some(step));
    Attempt {
        transport: transport(check, step.stage),
        source: source(run, outcome, &destination),
        destination,
        at: run.started_at.checked_add(span(step.start_ms)).unwrap_or(run.started_at),
        tries: step.attempts.unwrap_or(1),
    }
}

/// A duration out of a report, which may hold any number.
fn span(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}

fn transport(check: &Check, stage: Stage) -> &'static str {
    match (stage, check.transport) {
        (Stage::Resolve, _) => "DNS",
        (_, Transport::Udp | Transport::UdpTcp) => "UDP",
        (_, Transport::Tcp) => "TCP",
    }
}

fn destination(check: &Check, outcome: &Outcome, stage: Stage, step: Option<&Step>) -> String {
    let evidence = &outcome.evidence;
    if stage == Stage::Resolve {
        let asked = step.and_then(|step| step.server).or_else(|| evidence.dns.as_ref()?.server);
        return asked.map_or_else(|| check.target(), |asked| asked.to_string());
    }
    let peer = evidence.peer.as_ref();
    let resolved = evidence.dns.as_ref().and_then(|dns| dns.addresses.first());
    let address = step
        .and_then(|step| step.address)
        .or_else(|| peer.map(|peer| peer.address))
        .or_else(|| resolved.map(|address| address.ip));
    let port = peer.map(|peer| peer.port).or(check.port());
    match (address, port) {
        (Some(address), Some(port)) => SocketAddr::new(address, port).to_string(),
        (Some(address), None) => address.to_string(),
        (None, _) => check.target(),
    }
}

/// The local end: of this connection where one was open, else of any other connection of the run to the same kind of
/// address, else the machine's first address of that family.
fn source(run: &Run, outcome: &Outcome, destination: &str) -> String {
    let remote = destination.parse::<SocketAddr>().ok().map(|remote| remote.ip().to_canonical());
    let own = outcome.evidence.peer.as_ref().filter(|peer| Some(peer.address.to_canonical()) == remote);
    if let Some(local) = own.and_then(|peer| peer.local_address.clone()) {
        return local;
    }
    if let Some(loopback) = remote.filter(IpAddr::is_loopback) {
        return loopback.to_string();
    }
    let fits = |local: &IpAddr| {
        remote.is_none_or(|remote| local.is_ipv4() == remote.is_ipv4() && !local.is_loopback())
    };
    let used =
        run.outcomes.iter().filter_map(|outcome| outcome.evidence.peer.as_ref()?.local_address.as_deref());
    let used = used.filter_map(|local| local.parse::<SocketAddr>().ok()).map(|local| local.ip());
    let known = run.host.azure.metadata.private_addresses.iter().chain(&run.host.addresses);
    let known = known.filter_map(|address| address.parse::<IpAddr>().ok());
    let found = used.chain(known).find(fits);
    found.map_or_else(|| "this machine".to_owned(), |local| local.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(destination: &str, tries: u32, ms: u64) -> Attempt {
        Attempt {
            transport: "DNS",
            source: "10.0.1.4".to_owned(),
            destination: destination.to_owned(),
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(ms),
            tries,
        }
    }

    #[test]
    fn questions_of_many_checks_to_one_server_are_one_entry_from_the_first_try() {
        let tries = [to("10.0.2.4:53", 5, 40), to("10.0.2.5:53", 1, 3), to("10.0.2.4:53", 5, 20)];
        let Flows { attempts: all, .. } = tries.into_iter().collect();
        assert_eq!(all, [to("10.0.2.4:53", 10, 20), to("10.0.2.5:53", 1, 3)]);
        assert_eq!(
            all.iter().map(Attempt::sentence).collect::<Vec<_>>(),
            [
                "DNS 10.0.1.4 -> 10.0.2.4:53, 10 tries, 1970-01-01 00:00:00.020 UTC",
                "DNS 10.0.1.4 -> 10.0.2.5:53, 1 try, 1970-01-01 00:00:00.003 UTC"
            ]
        );
    }

    #[test]
    fn a_duration_that_no_clock_can_show_is_none() {
        assert_eq!([f64::NAN, f64::INFINITY, -1.0, 1e300].map(span), [Duration::ZERO; 4]);
        assert_eq!(span(1500.0), Duration::from_millis(1500));
    }
}
