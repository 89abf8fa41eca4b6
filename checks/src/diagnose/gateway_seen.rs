//! What packets tell of an Application Gateway: both sides of each endpoint's way, in the words that documents have for the same
//! mistakes.

use crate::catalogue::{Published, Role};
use crate::diagnose::seen::Seen;
use crate::facts::Facts;
use crate::network::publishing::reason::{Fault, FaultCode, name};
use crate::outcome::{Cause, fact};
use crate::plan::{CheckId, GatewayPath};
use crate::probe::tls;

/// All that is wrong with the way of one endpoint, or with the front end of the gateway as a whole.
#[derive(Debug)]
pub(super) struct Way {
    /// The endpoint; `None` for what concerns the whole gateway.
    pub endpoint: Option<Published>,
    /// The faults, each with its own step.
    pub faults: Vec<Fault>,
    /// Packets leave several faults open.
    pub is_open: bool,
    /// The failed checks that they account for.
    pub affects: Vec<CheckId>,
}

/// What is wrong with the gateway, as far as packets tell.
pub(super) fn ways(facts: &Facts<'_>) -> Vec<Way> {
    let fronts = failed(facts, Role::GatewayFront);
    let (whole, single): (Vec<Seen<'_>>, Vec<Seen<'_>>) =
        fronts.partition(|seen| of_front_end(*seen).is_some());
    let of_whole = whole.first().and_then(|first| of_front_end(*first)).map(|fault| Way {
        endpoint: None,
        faults: vec![fault],
        is_open: false,
        affects: whole.iter().map(|seen| seen.check.id.clone()).collect(),
    });
    let of_endpoints = Published::ALL.iter().filter_map(|endpoint| of_endpoint(facts, *endpoint, &single));
    of_whole.into_iter().chain(of_endpoints).collect()
}

/// The probe of the endpoint that stands behind a front end's 502, where that probe failed here as well.
pub(super) fn probe_behind<'a>(facts: &Facts<'a>, front: Seen<'a>) -> Option<Seen<'a>> {
    let is_502 = front.check.role() == Role::GatewayFront && front.cause() == Some(Cause::HttpError);
    let endpoint = front.check.meaning.publishes;
    failed(facts, Role::GatewayProbe).find(|probe| is_502 && probe.check.meaning.publishes == endpoint)
}

fn failed<'a>(facts: &Facts<'a>, role: Role) -> impl Iterator<Item = Seen<'a>> {
    facts.ended().filter(move |seen| seen.check.role() == role && seen.failure().is_some())
}

fn of_endpoint(facts: &Facts<'_>, endpoint: Published, fronts: &[Seen<'_>]) -> Option<Way> {
    let is_its = |seen: &Seen<'_>| seen.check.meaning.publishes == Some(endpoint);
    let probes: Vec<Seen<'_>> = failed(facts, Role::GatewayProbe).filter(is_its).collect();
    let fronts: Vec<Seen<'_>> = fronts.iter().copied().filter(is_its).collect();
    let mut way = Way { endpoint: Some(endpoint), faults: Vec::new(), is_open: false, affects: Vec::new() };
    for probe in &probes {
        if let Some(fault) = of_probe(facts, *probe) {
            way.add(fault);
            way.affects.extend(alike(facts, *probe));
        }
    }
    let is_known = !way.faults.is_empty();
    for front in &fronts {
        match of_client(*front) {
            Some(fault) => way.add(fault),
            None if front.cause() != Some(Cause::HttpError) || !is_own(*front) => continue,
            // A 502 follows from a probe that fails here as well.
            None if is_known => {}
            None if !probes.is_empty() => continue,
            None => {
                way.is_open = true;
                open(facts, endpoint, *front).into_iter().for_each(|fault| way.add(fault));
            }
        }
        way.affects.push(front.check.id.clone());
    }
    (!way.faults.is_empty()).then_some(way)
}

impl Way {
    /// One more fault, unless it is known.
    fn add(&mut self, fault: Fault) {
        if !self.faults.iter().any(|known| known.code == fault.code) {
            self.faults.push(fault);
        }
    }
}

/// True where the instance takes none of the versions of TLS that were offered.
fn refuses_versions(seen: Seen<'_>) -> bool {
    seen.failure().is_some_and(tls::refuses_versions)
}

/// The probe, and the instance's own endpoint of the same name that fails alike; what versions of TLS an instance takes is one
/// setting for all its names.
fn alike<'a>(facts: &Facts<'a>, probe: Seen<'a>) -> Vec<CheckId> {
    let is_first = probe.check.meaning.publishes == Some(Published::Gateway);
    let of_versions = |seen: &Seen<'_>| {
        is_first
            && seen.check.role() != Role::GatewayProbe
            && refuses_versions(probe)
            && refuses_versions(*seen)
    };
    let is_same =
        |seen: &Seen<'_>| (seen.host() == probe.host() && seen.cause() == probe.cause()) || of_versions(seen);
    let all = facts.ended().filter(|seen| seen.is_inbound() && is_same(seen));
    all.map(|seen| seen.check.id.clone()).collect()
}

/// True where the gateway itself answered.
fn is_own(seen: Seen<'_>) -> bool {
    let exchange = seen.outcome.evidence.exchange.as_ref();
    exchange.and_then(|exchange| exchange.text(fact::ANSWERED_BY)) == Some(fact::APPLICATION_GATEWAY)
}

fn status(seen: Seen<'_>) -> Option<f64> {
    seen.outcome.evidence.exchange.as_ref()?.number(fact::HTTP_STATUS)
}

/// What keeps every client from the gateway, whatever the host name.
fn of_front_end(seen: Seen<'_>) -> Option<Fault> {
    let Some(GatewayPath::Front { front, .. }) = &seen.check.gateway else { return None };
    let detail = seen.failure()?.detail.clone();
    let fault = match seen.cause()? {
        Cause::DnsWrongAddress => Fault::new(
            FaultCode::NameUnresolved,
            format!("The name of the Application Gateway, {front}, leads past it to the instance itself."),
            "Let the name lead to the front end of the gateway (A or CNAME), and not to the instance's private address.",
        ),
        Cause::DnsNxdomain | Cause::DnsNoRecords => Fault::new(
            FaultCode::NameUnresolved,
            format!("The name of the Application Gateway, {front}, has no address in this network."),
            "Give the name a record that leads to the front end of the gateway.",
        ),
        Cause::ConnectTimeout => Fault::new(
            FaultCode::SubnetClients,
            format!("The front end of the Application Gateway, {front}, does not answer on TCP 443."),
            "Let clients in on TCP 443 in the network security group of the gateway's subnet, and check that the gateway runs.",
        ),
        Cause::ConnectRefused => Fault::new(
            FaultCode::NotRunning,
            format!("The front end of the Application Gateway, {front}, refuses the connection on TCP 443."),
            "Check that the gateway runs, and that a listener and its rule have the port 443.",
        ),
        Cause::TlsNotTls | Cause::TlsAlert => Fault::new(
            FaultCode::ListenerProtocol,
            format!(
                "The front end of the Application Gateway, {front}, does not speak TLS 1.2 or 1.3 on TCP 443."
            ),
            "Set the listener on port 443 to HTTPS, with a TLS policy that takes TLS 1.2.",
        ),
        Cause::TlsClosed | Cause::TlsReset => Fault::new(
            FaultCode::ListenerSni,
            format!("The front end of the Application Gateway, {front}, ends the TLS handshake."),
            "Give each host name an HTTPS listener of its own, with a certificate for it.",
        ),
        _ => return None,
    };
    Some(fault.values(detail, format!("HTTPS on TCP 443 at {front}")))
}

/// Why the gateway's probe of this endpoint fails, where the gateway's own settings would repair or cause it.
fn of_probe(facts: &Facts<'_>, seen: Seen<'_>) -> Option<Fault> {
    let host = seen.host()?;
    let issuer =
        seen.outcome.evidence.tls.as_ref().and_then(|tls| tls.chain.last()).map(|last| last.issuer.clone());
    let others_pass = || {
        let at = |seen: &Seen<'_>| seen.outcome.evidence.peer.as_ref().map(|peer| peer.address);
        facts.ended().any(|other| other.is_success() && other.port() == 443 && at(&other) == at(&seen))
    };
    let detail = seen.failure()?.detail.clone();
    let of_host = |says: String| {
        let step = "Add the host name to the instance's custom domains with a certificate for it, or set a host that is one of them in probe and settings.";
        Fault::new(FaultCode::ProbeHost, says, step).values(detail.clone(), host.to_owned())
    };
    Some(match seen.cause()? {
        Cause::CertUntrusted => Fault::new(
            FaultCode::TrustedRoot,
            format!("The instance's certificate for {host} does not end in a public root: the gateway refuses it unless it holds that root."),
            "Add the root to the gateway's trusted root certificates, name it in the backend settings, and give it here with --trusted-root.",
        )
        .values(issuer, "a public root, or a trusted root certificate of the backend settings".to_owned()),
        Cause::CertNameMismatch => of_host(format!("The instance shows a certificate for another name than {host}.")),
        Cause::TlsClosed | Cause::TlsReset if others_pass() => {
            of_host(format!("The instance ends the TLS handshake for {host}, and not for other names: it is none of its host names."))
        }
        Cause::ExchangeUnexpected => Fault::new(
            FaultCode::ProbePath,
            format!("The instance does not answer the health page of {host} with 200 to 399: {detail}."),
            "Let the probe ask for a path that the instance answers, by the host name of the endpoint.",
        )
        .values(detail.clone(), "200-399".to_owned()),
        Cause::TlsNotTls | Cause::TlsAlert if others_pass() || refuses_versions(seen) => Fault::new(
            FaultCode::SettingsProtocol,
            format!("The instance does not speak TLS 1.2 or 1.3 as {host}."),
            "Let the instance take TLS 1.2 of its backend clients.",
        )
        .values(detail.clone(), "TLS 1.2".to_owned()),
        _ => return None,
    })
}

/// What the front end itself shows of this endpoint.
fn of_client(seen: Seen<'_>) -> Option<Fault> {
    let host = seen.host()?;
    let cause = seen.cause()?;
    let detail = seen.failure()?.detail.clone();
    let is_missing = is_own(seen) && status(seen) == Some(404.0);
    let fault = match cause {
        _ if is_missing => Fault::new(
            FaultCode::ListenerHost,
            format!("No listener or rule of the Application Gateway has the host name {host}."),
            "Add an HTTPS listener with this host name and a rule that leads to the instance.",
        ),
        Cause::CertUntrusted
        | Cause::CertNameMismatch
        | Cause::CertExpired
        | Cause::CertNotYetValid
        | Cause::CertInvalid => Fault::new(
            FaultCode::ListenerCertificate,
            format!("The certificate of the Application Gateway's listener does not fit {host}: {detail}."),
            "Give the listener a valid certificate for this host name from a CA that clients trust.",
        ),
        Cause::HttpBlocked if is_own(seen) => Fault::new(
            FaultCode::WafRules,
            format!("The web application firewall of the Application Gateway blocks {host}."),
            "Turn off the rules that the portal trips over (942200, 942260, 942370, 942430, 942440), or exclude what they match.",
        ),
        Cause::ExchangeUnexpected if !is_own(seen) => Fault::new(
            FaultCode::SettingsHost,
            format!(
                "The instance answers 404 behind the Application Gateway for {host}: it is sent another host name or path."
            ),
            "Set the endpoint's own host name in the backend settings, or leave the client's; not the pool's address.",
        ),
        Cause::HttpError if is_own(seen) && status(seen) == Some(504.0) => Fault::new(
            FaultCode::SettingsTimeout,
            format!("The Application Gateway gives up waiting for {host}."),
            "Set the request timeout of the backend settings to 180 seconds.",
        ),
        _ => return None,
    };
    Some(fault.values(detail, host.to_owned()))
}

/// What may be wrong where the gateway answers 502 and the instance answers its probe from here: packets cannot tell more.
fn open(facts: &Facts<'_>, endpoint: Published, front: Seen<'_>) -> Vec<Fault> {
    let host = front.host().unwrap_or_default();
    let probe = facts.ended().find(|seen| {
        seen.check.role() == Role::GatewayProbe && seen.check.meaning.publishes == Some(endpoint)
    });
    let is_private = probe.and_then(|seen| seen.outcome.evidence.tls.as_ref()?.trust)
        == Some(crate::outcome::Trust::Private);
    let values = |fault: Fault| fault.values("HTTP 502".to_owned(), host.to_owned());
    if is_private {
        let says = format!(
            "The Application Gateway answers 502 for the {}: the instance answers its probe from here over a private chain, whose root the gateway may not hold.",
            name(endpoint)
        );
        let step =
            "Add the root to the gateway's trusted root certificates and name it in the backend settings.";
        return vec![values(Fault::new(FaultCode::TrustedRoot, says, step))];
    }
    MAY_BE.iter().map(|(code, says, step)| values(Fault::new(*code, *says, *step))).collect()
}

/// What else a 502 may come from.
const MAY_BE: [(FaultCode, &str, &str); 6] = [
    (
        FaultCode::ProbeDefault,
        "The gateway's settings may name no probe: the default probe asks 127.0.0.1 for /.",
        "Give the backend settings a probe.",
    ),
    (
        FaultCode::ProbeHost,
        "Its probe may ask for another host.",
        "Give the probe the endpoint's own host name.",
    ),
    (
        FaultCode::ProbePath,
        "Its probe may ask for another path than the health page.",
        "Set the path of the probe to the endpoint's health page.",
    ),
    (
        FaultCode::SettingsHost,
        "Its settings may send another host name, as they do with the address of a pool.",
        "Set the endpoint's own host name in the backend settings.",
    ),
    (
        FaultCode::PoolAddress,
        "Its pool may hold another address than the instance's.",
        "Put the instance's private address into the pool.",
    ),
    (
        FaultCode::InstanceInbound,
        "The instance's subnet may not let the gateway's subnet in on TCP 443.",
        "Allow TCP 443 from the gateway's subnet in the network security group of the instance's subnet.",
    ),
];
