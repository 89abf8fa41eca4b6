//! Six runs, made by hand: healthy, degraded, unhealthy, undecided, hostile and interrupted.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use apim_probe_checks::catalogue::{self, Direction, Protocol, Requirement, Transport, TrustPolicy};
use apim_probe_checks::diagnose::{Instruction, StepKind};
use apim_probe_checks::instance::{Instance, Metadata};
use apim_probe_checks::outcome::Answerer;
use apim_probe_checks::outcome::{
    Cause, Certificate, DnsEvidence, Evidence, ExchangeEvidence, Failure, Icmp, Outcome, PeerEvidence,
    ServerAnswer, SkipReason, Stage, Status, Step, TlsEvidence, Trust,
};
use apim_probe_checks::plan::{Check, CheckId, Origin, Plan, Target, Work};
use apim_probe_checks::report::{ExitPolicy, Report};
use apim_probe_checks::run::{Azure, Clock, Host, Run, RunKind};
use apim_probe_checks::server::Server;

/// A subscription id that no report may show.
pub(crate) const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";

type Row = (Check, Outcome);

/// Every report with its name.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    let judged = |rows| Report::new(run(rows), ExitPolicy::default());
    let mut interrupted =
        run(vec![passed(storage()), (sql(), Outcome::bare(Status::Undecided(None), at(400)))]);
    interrupted.interrupted = true;
    let signal = ExitPolicy { strict: false, signal: Some(15) };
    vec![
        ("healthy", judged(healthy_rows())),
        ("degraded", judged(degraded_rows())),
        ("unhealthy", judged(unhealthy_rows())),
        ("undecided", judged(undecided_rows())),
        (
            "hostile",
            hostile(
                "\u{1b}[2J\r\n\u{202e}\u{200b}|`<b>]]>\"'&::error::x =cmd ##vso[task.complete] www.evil.example @team #\\\u{9b}\u{2028}",
            ),
        ),
        ("interrupted", Report::new(interrupted, signal)),
    ]
}

/// The report with this name.
pub(crate) fn named(name: &str) -> Report {
    let found = all().into_iter().find(|(other, _)| *other == name);
    found.map(|(_, report)| report).expect("one of the six reports")
}

fn healthy_rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [storage(), sql(), vault(), monitor()].into_iter().map(passed).collect();
    rows.extend([crl(), ntp(), mail()].into_iter().map(passed));
    rows.push(skipped(own(), SkipReason::NoInstance));
    rows
}

fn degraded_rows() -> Vec<Row> {
    let mut rows = healthy_rows();
    rows.retain(|(check, _)| check.endpoint != "smtp-relay");
    rows.push(failed(mail(), Stage::Connect, Cause::ConnectTimeout, "no answer to 3 SYN packets in 3200 ms"));
    rows
}

fn unhealthy_rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [storage(), vault(), monitor(), crl(), ntp()].into_iter().map(passed).collect();
    rows.insert(
        1,
        failed(sql(), Stage::Connect, Cause::ConnectTimeout, "no answer to 3 SYN packets in 3200 ms"),
    );
    let mut rejected = failed(mail(), Stage::Connect, Cause::ConnectRejected, "communication prohibited");
    if let Some(step) = rejected.1.steps.last_mut() {
        step.icmp = Some(Icmp { kind: 3, code: 13, from: Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 4))) });
    }
    rows.push(rejected);
    rows
}

fn undecided_rows() -> Vec<Row> {
    let nameless = |check: Check| {
        let id = CheckId(check.endpoint.clone());
        let work = Work::Skip { reason: SkipReason::NameUnknown, host: None, port: check.port() };
        skipped(Check { id, work, ..check }, SkipReason::NameUnknown)
    };
    let mut rows = vec![nameless(storage()), nameless(vault()), passed(monitor()), passed(crl())];
    rows.push(passed(Check {
        fallback: true,
        origin: Origin::Fallback,
        endpoint: "sql-regional-gateway".into(),
        ..sql()
    }));
    rows
}

/// A run in which everything that a remote side, a file or a user may say is `text`.
pub(crate) fn hostile(text: &str) -> Report {
    let mut rows = vec![passed(storage()), passed(monitor()), passed(crl())];
    rows.insert(1, failed(sql(), Stage::Handshake, Cause::CertUntrusted, text));
    for (check, outcome) in &mut rows {
        check.name = format!("n{text}");
        let port = check.port().unwrap_or(0);
        check.work = Work::Probe(Target::new(format!("h{text}.example"), port));
        check.id = CheckId(format!("{}/{text}:{port}", check.endpoint));
        check.purpose = text.to_owned();
        check.service_tag = Some(text.to_owned());
        check.resource_type = Some(text.to_owned());
        fill(outcome, text);
    }
    if let Some((check, _)) = rows.last_mut() {
        check.endpoint = format!("e{text}");
    }
    let mut run = run(rows);
    run.args = vec![text.to_owned()];
    run.host.hostname = Some(text.to_owned());
    run.host.os = Some(text.to_owned());
    run.host.search_domains = vec![text.to_owned()];
    run.host.proxy.insert("https_proxy".to_owned(), text.to_owned());
    run.plan.instance.service = Some(text.to_owned());
    let mut report = Report::new(run, ExitPolicy::default());
    for finding in &mut report.diagnosis.findings {
        finding.title.push_str(text);
        finding.detail.push_str(text);
        finding.remedy.summary.push_str(text);
        finding.remedy.steps.push(Instruction {
            kind: StepKind::Look,
            when: Some(text.to_owned()),
            text: Some(text.to_owned()),
            command: format!("echo {text}"),
        });
    }
    report
}

fn fill(outcome: &mut Outcome, text: &str) {
    for step in &mut outcome.steps {
        step.detail = Some(text.to_owned());
    }
    if let Some(dns) = &mut outcome.evidence.dns {
        dns.cnames = vec![text.to_owned()];
    }
    if let Some(tls) = &mut outcome.evidence.tls {
        tls.chain = vec![certificate(text, text)];
        tls.cipher = Some(text.to_owned());
    }
    if let Some(exchange) = &mut outcome.evidence.exchange {
        exchange.facts.insert("server".to_owned(), text.into());
    }
}

/// A run of these checks.
pub(crate) fn run(rows: Vec<Row>) -> Run {
    let (checks, outcomes) = rows.into_iter().unzip();
    let metadata = Metadata {
        cloud: Some("AzurePublicCloud".into()),
        region: Some("eastus2".into()),
        subscription_id: Some(SUBSCRIPTION.into()),
        resource_group: Some("rg-canary".into()),
        vm_name: Some("probe-vm".into()),
        private_addresses: vec!["10.0.1.4".into()],
        subnets: vec!["10.0.1.0/24".into()],
    };
    let instance = Instance {
        region: Some("eastus2".into()),
        dns_servers: vec!["10.0.2.4:53".parse().unwrap()],
        metadata: Some(metadata.clone()),
        metadata_asked: true,
        ..Instance::default()
    };
    Run {
        kind: RunKind::Check,
        id: "0123456789abcdef0123456789abcdef".into(),
        started_at: at(0),
        finished_at: at(3412),
        duration_ms: 3412.25,
        deadline_ms: 10_000.0,
        interrupted: false,
        args: vec!["check".into(), "--region".into(), "eastus2".into()],
        plan: Plan {
            catalogue_version: "2026.11.1".into(),
            catalogue_sourced_at: "2026-11-20".into(),
            instance,
            checks,
        },
        outcomes,
        host: Host {
            hostname: Some("probe-vm".into()),
            os: Some("Ubuntu 24.04.1 LTS".into()),
            kernel: Some("6.8.0-1018-azure".into()),
            azure: Azure { detected: true, asked: true, metadata },
            addresses: vec!["10.0.1.4".into()],
            dns_servers: vec!["10.0.2.4".parse().unwrap()],
            clock: Some(Clock { offset_ms: 12.5, source: "ntp".into() }),
            ..Host::default()
        },
    }
}

fn storage() -> Check {
    check("storage-blob", "apimstab12cd34ef56gh78ij.blob.core.windows.net", 443, Protocol::Https, "Storage")
}
fn sql() -> Check {
    check("sql-database", "apirpsqlab12cd34ef56gh78ij90kl.database.windows.net", 1433, Protocol::Tds, "Sql")
}
fn vault() -> Check {
    check("keyvault-apim", "apikv-ab12cd34ef56gh78ij.vault.azure.net", 443, Protocol::Https, "AzureKeyVault")
}
fn monitor() -> Check {
    check("monitor-metrics", "eastus2.prod.microsoftmetrics.com", 443, Protocol::Https, "AzureMonitor")
}
fn crl() -> Check {
    optional(check("crl-digicert", "crl3.digicert.com", 80, Protocol::Crl, "Internet"))
}
fn ntp() -> Check {
    optional(check("ntp", "time.windows.com", 123, Protocol::Ntp, "Internet"))
}
fn mail() -> Check {
    optional(check("smtp-relay", "smtpi-co1.msn.com", 25028, Protocol::Smtp, "Internet"))
}
fn own() -> Check {
    let check = check("own-gateway", "", 443, Protocol::Https, "VirtualNetwork");
    let work = Work::Skip { reason: SkipReason::NoInstance, host: None, port: Some(443) };
    Check { work, id: CheckId("own-gateway".into()), ..check }
}

fn optional(check: Check) -> Check {
    Check { requirement: Requirement::Optional, documented_required: false, ..check }
}

fn check(endpoint: &str, host: &str, port: u16, protocol: Protocol, tag: &str) -> Check {
    Check {
        id: CheckId(format!("{endpoint}/{host}:{port}")),
        endpoint: endpoint.into(),
        name: if host.is_empty() { endpoint.into() } else { host.into() },
        group: endpoint.split('-').next().unwrap_or_default().into(),
        purpose: format!("What {endpoint} is for."),
        meaning: catalogue::embedded().meaning(endpoint),
        work: Work::Probe(Target::new(host, port)),
        transport: if protocol == Protocol::Ntp { Transport::Udp } else { Transport::Tcp },
        protocol,
        service_tag: Some(tag.into()),
        direction: Direction::Outbound,
        resource_type: (endpoint == "sql-database").then(|| "SQLDatabase".into()),
        requirement: Requirement::Required,
        documented_required: true,
        fallback: false,
        request: None,
        expect_body: None,
        redirects: Vec::new(),
        accept_names: Vec::new(),
        trust: TrustPolicy::Public,
        must_resolve_to: None,
        gateway: None,
        origin: Origin::Catalogue,
        sources: vec!["S1".into()],
    }
}

fn skipped(mut check: Check, reason: SkipReason) -> Row {
    check.work = check.work.skipped(reason);
    (check, Outcome::skipped(reason, at(0)))
}

fn passed(check: Check) -> Row {
    let stages = match check.protocol {
        Protocol::Https | Protocol::Tds => Stage::ALL,
        Protocol::Ntp => &[Stage::Resolve, Stage::Exchange],
        _ => &[Stage::Resolve, Stage::Connect, Stage::Exchange],
    };
    let steps: Vec<Step> = (0_u8..).zip(stages).map(|(place, stage)| step(place, *stage)).collect();
    let evidence = evidence(&check);
    let outcome = Outcome { steps, evidence, duration_ms: 41.5, ..Outcome::bare(Status::Success, at(45)) };
    (check, outcome)
}

fn failed(check: Check, stage: Stage, cause: Cause, detail: &str) -> Row {
    let (check, outcome) = passed(check);
    let mut steps: Vec<Step> = outcome.steps.into_iter().take_while(|step| step.stage <= stage).collect();
    if let Some(step) = steps.last_mut() {
        step.cause = Some(cause);
        step.duration_ms = 3200.0;
        step.detail = Some(detail.into());
        step.attempts = Some(3);
    }
    let mut evidence = outcome.evidence;
    evidence.exchange = None;
    if stage < Stage::Handshake {
        evidence.tls = None;
        evidence.peer = None;
    }
    let status = Status::Failure(Failure::new(stage, cause, detail));
    (check, Outcome { steps, evidence, duration_ms: 3212.0, ..Outcome::bare(status, at(3300)) })
}

fn step(place: u8, stage: Stage) -> Step {
    Step {
        stage,
        start_ms: 2.0 + f64::from(place) * 10.0,
        duration_ms: 9.5,
        server: (stage == Stage::Resolve).then(|| Answerer::Server("10.0.2.4".parse().unwrap())),
        address: (stage != Stage::Resolve).then_some(IpAddr::V4(Ipv4Addr::new(20, 60, 0, 1))),
        attempts: None,
        cause: None,
        detail: None,
        icmp: None,
        hops: Vec::new(),
    }
}

fn evidence(check: &Check) -> Evidence {
    let ip = IpAddr::V4(Ipv4Addr::new(20, 60, 0, 1));
    let server: Server = "10.0.2.4".parse().unwrap();
    let answer = ServerAnswer { server, cause: None, truncated: false, addresses: vec![ip] };
    let is_tls = matches!(check.protocol, Protocol::Https | Protocol::Tds);
    Evidence {
        dns: Some(DnsEvidence {
            addresses: vec![ip.into()],
            cnames: vec!["front.store.core.windows.net".into()],
            ttl: Some(60),
            server: Some(Answerer::Server("10.0.2.4".parse().unwrap())),
            private_link: false,
            servers: vec![answer],
            hosts_file: Vec::new(),
        }),
        peer: Some(PeerEvidence {
            address: ip,
            port: check.port().unwrap_or(0),
            local_address: Some("10.0.1.4:40112".to_owned()),
            rtt_ms: Some(1.25),
            small_segments: false,
        }),
        tls: is_tls.then(|| TlsEvidence {
            version: Some("TLS 1.3".into()),
            cipher: Some("TLS13_AES_256_GCM_SHA384".into()),
            alpn: None,
            trust: Some(Trust::Public),
            chain: vec![certificate("CN=*.windows.net", "CN=DigiCert Global Root G2")],
        }),
        exchange: Some(ExchangeEvidence::new(check.protocol).with("httpStatus", 400)),
    }
}

fn certificate(subject: &str, issuer: &str) -> Certificate {
    Certificate {
        subject: subject.into(),
        issuer: issuer.into(),
        not_before: "2026-06-01T00:00:00Z".into(),
        not_after: "2027-06-01T00:00:00Z".into(),
        sha256: "ab".repeat(32),
        dns_names: vec![subject.into()],
    }
}

/// Milliseconds after the start of every run.
fn at(ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_200_000_000 + ms)
}
