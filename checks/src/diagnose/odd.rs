//! Single targets that answer, and not as they should, where nothing points to a device on the way.

use crate::catalogue::{Direction, TrustPolicy};
use crate::outcome::{Cause, Certificate};
use crate::plan::Check;
use crate::run::Run;

use super::answers::sign;
use super::view::{Seen, a_host_or_count, finding, hosts, ids, some_of};
use super::{Code, Confidence, Finding, Remedy, remedy};

/// What Azure runs itself; the rest is the customer's own.
fn is_azure(check: &Check) -> bool {
    check.endpoint != "custom" && check.direction != Direction::Inbound && check.trust == TrustPolicy::Public
}

fn first<'a>(group: &[Seen<'a>]) -> (&'a str, u16) {
    let check = group.first().map(|(check, _)| *check);
    let host = check.and_then(|check| check.host.as_deref());
    (remedy::host(host), check.and_then(|check| check.port).unwrap_or_default())
}

fn told(confidence: Confidence, title: String, detail: String, group: &[Seen<'_>], fix: Remedy) -> Finding {
    finding(Code::FirewallAnswersForTarget, confidence, title, detail, ids(group.iter().copied()), fix)
}

/// A certificate is out of its dates, or unusable, and the clock does not explain it.
pub fn certificate(run: &Run, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let fault = group.iter().find_map(fault).unwrap_or_default();
    let title = match names.len() {
        1 => format!("The certificate of {} {fault}.", some_of(&names)),
        _ => format!("The certificates of {} cannot be used: the first {fault}.", some_of(&names)),
    };
    let clock = match run.host.clock {
        Some(_) => "This machine's clock is right as far as others tell.",
        None => "Nobody told the time; other certificates would fail too if this machine's clock were off.",
    };
    let azure = group.iter().any(|(check, _)| is_azure(check));
    let reading = match azure {
        true => {
            "Azure renews its certificates in time, so that an old server or a device answers in its place."
        }
        false => "Whoever serves this name has to renew it.",
    };
    let detail = format!("{clock} {reading} A valid certificate at the same address would disprove it.");
    let (host, port) = first(group);
    let fix = Remedy {
        summary: match azure {
            true => "Compare the address with what 168.63.129.16 answers, and look at the certificate's issuer.",
            false => "Renew the certificate where the name is served; for a custom domain of the instance, in its custom \
                      domains or in Key Vault.",
        }
        .to_owned(),
        commands: vec![remedy::openssl(host, port), format!("dig +short {host}")],
        doc_url: None,
    };
    told(Confidence::Low, title, detail, group, fix)
}

/// `expired on 2026-05-01`
fn fault((_, outcome): &Seen<'_>) -> Option<String> {
    let leaf: Option<&Certificate> = outcome.evidence.tls.as_ref().and_then(|tls| tls.chain.first());
    let day = |time: &str| time.split('T').next().unwrap_or_default().to_owned();
    let failure = outcome.failure()?;
    Some(match (failure.cause, leaf) {
        (Cause::CertExpired, Some(leaf)) => format!("has expired (valid until {})", day(&leaf.not_after)),
        (Cause::CertExpired, None) => "has expired".to_owned(),
        (Cause::CertNotYetValid, Some(leaf)) => format!("is not valid before {}", day(&leaf.not_before)),
        (Cause::CertNotYetValid, None) => "is not valid yet".to_owned(),
        _ => format!("cannot be used ({})", failure.detail),
    })
}

/// The service itself says that it fails.
pub fn server_error(group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let status =
        group.iter().find_map(|(_, outcome)| outcome.evidence.exchange.as_ref()?.number("httpStatus"));
    let with = status.map_or_else(|| "a server error".to_owned(), |status| format!("HTTP {status:.0}"));
    let verbs = if names.len() == 1 { "is reached, and answers" } else { "are reached, and answer" };
    let title = format!("{} {verbs} with {with}.", some_of(&names));
    let detail = "The certificate was accepted, so that the network lets the connection through and the service's own front \
                  speaks; what stands behind it fails. Any answer below 500 would disprove it."
        .to_owned();
    let (host, port) = first(group);
    let fix = Remedy {
        summary: "Run again in some minutes. If it stays: for a service of Azure, look at Service Health for the region; for \
                  a name of your own, at what stands behind the gateway or proxy that answers."
            .to_owned(),
        commands: vec![remedy::curl("https", host, port)],
        doc_url: None,
    };
    told(Confidence::Low, title, detail, group, fix)
}

/// A time server that has no time itself.
pub fn unsynchronised(group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let title = format!("{} answers NTP and says that it has no time itself.", some_of(&names));
    let detail = "A public time server is synchronised; a local one that a firewall or router puts in its place may not be. \
                  An answer of a synchronised server would disprove it."
        .to_owned();
    let (host, port) = first(group);
    let fix = Remedy {
        summary: format!(
            "Let UDP {port} to this server out as it is, or name a time server that is synchronised."
        ),
        commands: vec![format!("chronyd -Q 'server {host} port {port} iburst'")],
        doc_url: None,
    };
    told(Confidence::Low, title, detail, group, fix)
}

/// What answers is not what the check expects, at a target of the customer's own or over UDP.
pub fn strange(port: u16, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let mut signs: Vec<String> = group.iter().map(|seen| sign(*seen)).collect();
    signs.sort_unstable();
    signs.dedup();
    let transport = group.first().map_or("tcp", |(check, _)| check.transport.as_str()).to_uppercase();
    let title = format!(
        "What answers {transport} {port} at {} is not what was expected: {}.",
        a_host_or_count(&names),
        signs.iter().take(2).cloned().collect::<Vec<_>>().join("; ")
    );
    let detail = format!(
        "Seen at {}. The address leads to another server, a device answers in its place, or the target speaks something \
         else than was asked for. The expected protocol and certificate would disprove it.",
        some_of(&names)
    );
    let (host, port) = first(group);
    let fix = Remedy {
        summary: "See at the address what listens there. If it is right, name its protocol: --endpoint HOST:PORT/PROTOCOL."
            .to_owned(),
        commands: vec![format!("dig +short {host}"), remedy::openssl(host, port)],
        doc_url: None,
    };
    told(Confidence::Low, title, detail, group, fix)
}
