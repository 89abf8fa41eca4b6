//! The short-hand: `endpoint host:port[/udp] word … = outcome word …`, one line a check.
//!
//! Left of `=`: `tag=`, `optional`, `inbound`, `fallback`, `given` (in a flag), `trust=`, `must=IP`, `portal=success`, `portal=failure@20m` (told 20 minutes ago). Right: `ok`, `recovered`,
//! a cause, `skipped:REASON` or `undecided[:CAUSE]`, then `a=IP,…`, `cname=…`, `issuer=…`, `leaf=NAME`, `selfsigned`,
//! `trust=…`, `icmp=IP`, `at=MS` (when the connect began), `tries=N` (its sockets), `took=MS` (how long it took), `small` (small segments passed), `refused` (a first look that was), `after=MS` (how long the last step took), `dead=IP`, `server=IP:CAUSE` or `server=IP:ADDRESS`,
//! and `fact=KEY:VALUE` of the exchange.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use apim_probe_checks::catalogue::{self, Direction, Protocol, Requirement, Transport, TrustPolicy};
use apim_probe_checks::facts::Sources;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::outcome::{
    Address, Cause, Certificate, DnsEvidence, Evidence, ExchangeEvidence, Failure, Icmp, Outcome,
    PeerEvidence, ServerAnswer, SkipReason, Stage, Status, Step, TlsEvidence, Trust,
};
use apim_probe_checks::plan::{Check, CheckId, Origin, Plan, Target, Work};
use apim_probe_checks::portal::{NetworkStatusEntry, Portal};
use apim_probe_checks::run::{Azure, Clock, Host, Run, RunKind};
use apim_probe_checks::server::Server;
use serde::Deserialize;

/// A healthy network; a case says what differs.
const BASE: &str = include_str!("base.toml");

/// What a case says of its network.
#[derive(Deserialize)]
pub(super) struct Network {
    /// Lines that replace those of the same id in the base, or come after them.
    #[serde(default)]
    checks: Vec<String>,
    /// The outcome of every base check but the name server's.
    all: Option<String>,
    /// Leave the base out.
    #[serde(default)]
    bare: bool,
    /// Configured name servers.
    dns: Option<Vec<String>>,
    /// `clock.offsetMs` of the machine.
    clock: Option<f64>,
    /// The DNS servers that NetworkStatus lists.
    #[serde(default)]
    portal_dns: Vec<String>,
    /// The metadata service did not answer.
    #[serde(default)]
    outside: bool,
}

#[derive(Deserialize)]
struct Base {
    checks: Vec<String>,
}

/// The lines of the healthy network.
pub(super) fn base() -> Vec<String> {
    toml::from_str::<Base>(BASE).unwrap().checks
}

impl Network {
    /// What was recorded.
    pub(super) fn sources(&self) -> Sources {
        let lines = self.lines();
        let entries = lines.iter().filter_map(|line| Some((read(line).0.id, entry(halves(line).0)?)));
        let entries: BTreeMap<CheckId, NetworkStatusEntry> = entries.collect();
        let is_told = !entries.is_empty() || !self.portal_dns.is_empty();
        let portal = Portal { location: None, dns_servers: servers(&self.portal_dns), entries };
        Sources { run: self.run(), network: None, portal: is_told.then_some(portal) }
    }

    /// The line of every check.
    fn lines(&self) -> Vec<String> {
        let mut lines = if self.bare { Vec::new() } else { base() };
        if let Some(all) = &self.all {
            lines.iter_mut().filter(|line| !line.starts_with("dns-")).for_each(|line| {
                *line = format!("{} = {all}", halves(line).0);
            });
        }
        for line in &self.checks {
            let id = read(line).0.id;
            match lines.iter_mut().find(|known| read(known).0.id == id) {
                Some(place) => place.clone_from(line),
                None => lines.push(line.clone()),
            }
        }
        lines
    }

    /// The run that was recorded.
    pub(super) fn run(&self) -> Run {
        let results = self.lines().iter().map(|line| read(line)).collect();
        let dns = servers(self.dns.as_deref().unwrap_or(&["10.0.2.4".to_owned()]));
        let clock = self.clock.map(|offset_ms| Clock { offset_ms, source: "ntp".to_owned() });
        let azure = Azure { detected: !self.outside, asked: true, ..Azure::default() };
        let addresses = vec!["10.0.1.4".to_owned()];
        run_of(results, Host { addresses, dns_servers: dns, azure, clock, ..Host::default() })
    }
}

fn servers(named: &[String]) -> Vec<Server> {
    named.iter().map(|server| server.parse().unwrap()).collect()
}

/// A finished run of these checks.
pub(super) fn run_of(results: Vec<(Check, Outcome)>, host: Host) -> Run {
    let (checks, outcomes) = results.into_iter().unzip();
    let instance = Instance { dns_servers: host.dns_servers.clone(), ..Instance::default() };
    Run {
        kind: RunKind::Check,
        id: "0".repeat(32),
        started_at: begun(),
        finished_at: begun() + Duration::from_secs(4),
        duration_ms: 4000.0,
        deadline_ms: 10_000.0,
        interrupted: false,
        args: Vec::new(),
        plan: Plan {
            catalogue_version: "test".to_owned(),
            catalogue_sourced_at: "2026-01-01".to_owned(),
            instance,
            checks,
        },
        outcomes,
        host,
    }
}

fn halves(line: &str) -> (&str, &str) {
    line.split_once(" = ").unwrap_or_else(|| panic!("no outcome in `{line}`"))
}

/// When every run began.
fn begun() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// A check and its outcome.
pub(super) fn read(line: &str) -> (Check, Outcome) {
    let (left, right) = halves(line);
    let (check, mut outcome) = (check(left), outcome(right));
    let is_literal = check.host().is_some_and(|host| host.parse::<IpAddr>().is_ok());
    // No name server is asked for a literal address.
    outcome.evidence.dns = outcome.evidence.dns.filter(|_| !is_literal);
    if check.transport == Transport::Udp {
        outcome.steps.retain(|step| step.stage != Stage::Connect || step.cause.is_some());
    }
    (check, outcome)
}

fn value<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

fn group(endpoint: &str) -> &str {
    match endpoint {
        "dns-vnet" | "dns-azure" | "imds" | "arm" => "platform",
        other => other.split('-').next().unwrap(),
    }
}

fn check(left: &str) -> Check {
    let words: Vec<&str> = left.split_whitespace().collect();
    let endpoint = words[0];
    let (target, transport) = match words[1].strip_suffix("/udp") {
        Some(target) => (target, Transport::Udp),
        None => (words[1], Transport::Tcp),
    };
    let (host, port) = target.rsplit_once(':').unwrap();
    let is_inbound = words.contains(&"inbound");
    Check {
        id: CheckId(format!("{endpoint}/{target}")),
        endpoint: endpoint.to_owned(),
        name: host.to_owned(),
        group: group(endpoint).to_owned(),
        purpose: String::new(),
        meaning: catalogue::embedded().meaning(endpoint),
        work: Work::Probe(Target::new(host, port.parse().unwrap())),
        transport,
        protocol: protocol(port.parse().unwrap()),
        service_tag: value(&words, "tag").map(str::to_owned),
        direction: if is_inbound { Direction::Inbound } else { Direction::Outbound },
        resource_type: None,
        requirement: if words.contains(&"optional") { Requirement::Optional } else { Requirement::Required },
        documented_required: false,
        fallback: words.contains(&"fallback"),
        request: None,
        expect_body: None,
        redirects: Vec::new(),
        accept_names: Vec::new(),
        trust: value(&words, "trust").map_or(TrustPolicy::Public, |word| TrustPolicy::parse(word).unwrap()),
        must_resolve_to: value(&words, "must").map(|ip| ip.parse().unwrap()),
        gateway: None,
        origin: if words.contains(&"given") { Origin::Flag } else { Origin::Catalogue },
        sources: Vec::new(),
    }
}

/// What the portal said of a check.
fn entry(left: &str) -> Option<NetworkStatusEntry> {
    let words: Vec<&str> = left.split_whitespace().collect();
    let (host, _) = words[1].rsplit_once(':').unwrap();
    let (status, age) = value(&words, "portal").map(|word| word.split_once('@').unwrap_or((word, "")))?;
    Some(NetworkStatusEntry {
        name: host.to_owned(),
        status: status.to_owned(),
        error: String::new(),
        last_updated: humantime::parse_duration(age)
            .map_or_else(|_| String::new(), |age| humantime::format_rfc3339_nanos(begun() - age).to_string()),
        last_status_change: String::new(),
        resource_type: "External".to_owned(),
        is_optional: None,
    })
}

/// What is usually spoken on a port.
const fn protocol(port: u16) -> Protocol {
    match port {
        53 => Protocol::Dns,
        80 => Protocol::Http,
        123 => Protocol::Ntp,
        443 => Protocol::Https,
        445 => Protocol::Smb,
        1433 => Protocol::Tds,
        5671 | 5672 => Protocol::Amqp,
        25028 => Protocol::Smtp,
        _ => Protocol::Tls,
    }
}

fn status(word: &str) -> Status {
    let failure = |cause: &str| {
        let cause = Cause::parse(cause).unwrap_or_else(|| panic!("no cause `{cause}`"));
        Failure::new(cause.stage(), cause, "recorded")
    };
    match word.split_once(':') {
        Some(("skipped", reason)) => Status::Skipped(SkipReason::parse(reason).unwrap()),
        Some(("undecided", cause)) => Status::Undecided(Some(failure(cause))),
        _ if word == "ok" || word == "recovered" => Status::Success,
        _ if word == "undecided" => Status::Undecided(None),
        _ => Status::Failure(failure(word)),
    }
}

fn outcome(right: &str) -> Outcome {
    let words: Vec<&str> = right.split_whitespace().collect();
    let status = status(words[0]);
    let dns = dns_evidence(&words, &status);
    let address = dns.as_ref().and_then(|dns| dns.addresses.first()).map(|address| address.ip);
    let peer = |address| PeerEvidence {
        address,
        port: 443,
        local_address: None,
        rtt_ms: Some(2.0),
        small_segments: words.contains(&"small"),
    };
    let steps = steps(&words, &status, address);
    let connected = steps.iter().any(|step| step.stage == Stage::Connect && step.cause.is_none());
    Outcome {
        evidence: Evidence {
            peer: address.filter(|_| connected).map(peer),
            tls: tls_evidence(&words, &status),
            dns,
            exchange: exchange(&words),
        },
        steps,
        recovered: words[0] == "recovered",
        duration_ms: 10.0,
        ..Outcome::bare(status, SystemTime::UNIX_EPOCH)
    }
}

/// What the name servers said: a public address unless the words or the failure say otherwise.
fn dns_evidence(words: &[&str], status: &Status) -> Option<DnsEvidence> {
    if matches!(status, Status::Skipped(_)) {
        return None;
    }
    let unresolved = matches!(status, Status::Failure(failure) if failure.stage == Stage::Resolve);
    let list = |key| value(words, key).map(|list| list.split(',').collect::<Vec<_>>());
    let usual = if unresolved { Vec::new() } else { vec!["20.60.0.1"] };
    let addresses: Vec<Address> =
        list("a").unwrap_or(usual).iter().map(|ip| Address::from(ip.parse::<IpAddr>().unwrap())).collect();
    let cnames: Vec<String> = list("cname").unwrap_or_default().into_iter().map(str::to_owned).collect();
    let servers = words.iter().filter_map(|word| word.strip_prefix("server=")).map(answer).collect();
    let private_link = cnames.iter().any(|name| name.contains("privatelink."));
    Some(DnsEvidence { addresses, cnames, private_link, servers, ..DnsEvidence::default() })
}

fn answer(text: &str) -> ServerAnswer {
    let (server, said) = text.split_once(':').unwrap();
    let (said, truncated) = said.strip_suffix("/truncated").map_or((said, false), |said| (said, true));
    ServerAnswer {
        server: server.parse().unwrap(),
        cause: Cause::parse(said),
        truncated,
        addresses: said.parse().into_iter().collect(),
    }
}

fn exchange(words: &[&str]) -> Option<ExchangeEvidence> {
    let facts: Vec<(&str, &str)> =
        words.iter().filter_map(|word| word.strip_prefix("fact=")?.split_once(':')).collect();
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap_or_else(|_| text.into());
    let empty = ExchangeEvidence::new(Protocol::Https);
    let told = |evidence: ExchangeEvidence, (key, text): &(&str, &str)| evidence.with(key, read(text));
    (!facts.is_empty()).then(|| facts.iter().fold(empty, told))
}

fn tls_evidence(words: &[&str], status: &Status) -> Option<TlsEvidence> {
    let on_certificate =
        matches!(status, Status::Failure(failure) if failure.cause.as_str().starts_with("cert-"));
    let trust = value(words, "trust").map(|word| Trust::parse(word).unwrap());
    if !on_certificate && trust.is_none() && *status != Status::Success {
        return None;
    }
    let leaf = value(words, "leaf");
    let subject = format!("CN={}", leaf.unwrap_or("asked"));
    let issuer = match value(words, "issuer") {
        _ if words.contains(&"selfsigned") => subject.clone(),
        Some(issuer) => format!("CN={issuer}"),
        None => "CN=DigiCert Global Root G2".to_owned(),
    };
    let certificate = Certificate {
        subject,
        issuer,
        not_before: "2025-01-01T00:00:00Z".to_owned(),
        not_after: "2027-01-01T00:00:00Z".to_owned(),
        sha256: "0".repeat(64),
        dns_names: leaf.map(str::to_owned).into_iter().collect(),
    };
    let trust = trust.or(Some(Trust::Public));
    Some(TlsEvidence { version: None, cipher: None, alpn: None, trust, chain: vec![certificate] })
}

/// When the connects began, how long they took and how many sockets they were given.
fn time_connects(words: &[&str], steps: &mut [Step]) {
    let number = |key| value(words, key).map(|word| word.parse::<f64>().unwrap());
    for step in steps.iter_mut().filter(|step| step.stage == Stage::Connect) {
        step.start_ms = number("at").unwrap_or(step.start_ms);
        step.duration_ms = number("took").unwrap_or(step.duration_ms);
        step.attempts = value(words, "tries").map(|word| word.parse().unwrap());
    }
}

fn steps(words: &[&str], status: &Status, address: Option<IpAddr>) -> Vec<Step> {
    let step = |stage, cause, address, icmp| Step {
        stage,
        start_ms: 1.0,
        duration_ms: 1.0,
        server: None,
        address,
        attempts: None,
        cause,
        detail: cause.map(|_| "recorded".to_owned()),
        icmp,
        hops: Vec::new(),
    };
    let icmp = value(words, "icmp").map(|from| Icmp { kind: 3, code: 13, from: from.parse().ok() });
    let dead = value(words, "dead")
        .map(|ip| step(Stage::Connect, Some(Cause::ConnectTimeout), ip.parse().ok(), None));
    let mut steps: Vec<Step> = dead.into_iter().collect();
    match status {
        Status::Success => steps.push(step(Stage::Connect, None, address, None)),
        Status::Failure(failure) => {
            if !matches!(failure.stage, Stage::Resolve | Stage::Connect) {
                steps.push(step(Stage::Connect, None, address, None));
            }
            steps.push(step(failure.stage, Some(failure.cause), address, icmp));
        }
        Status::Skipped(_) | Status::Undecided(_) => {}
    }
    time_connects(words, &mut steps);
    if words[0] == "recovered" || words.contains(&"refused") {
        // The first look, which failed.
        let cause = if words.contains(&"refused") { Cause::ConnectRefused } else { Cause::ConnectTimeout };
        let failed = step(Stage::Connect, Some(cause), address, None);
        let mut first = vec![failed];
        time_connects(words, &mut first);
        steps.iter_mut().for_each(|step| step.start_ms += 4000.0);
        steps = [first, steps].concat();
    }
    if let (Some(last), Some(after)) = (steps.last_mut(), value(words, "after")) {
        last.duration_ms = after.parse().unwrap();
    }
    steps
}
