//! Certificates that are expired, not valid yet, broken or for another name, under a clock that is right.

use crate::catalogue::Direction;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rules::firewall_answers_for_target::is_azure_service;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::Facts;
use crate::fix::step::{Look, look};
use crate::outcome::{Cause, Certificate};

/// A certificate is out of its dates, or unusable, and the clock does not explain it.
pub(crate) fn certificate(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let fault = group.each().find_map(|seen| fault(facts, seen)).unwrap_or_default();
    let title = match names.len() {
        1 => format!("The certificate of {} {fault}.", some_of(&names)),
        _ => format!("The certificates of {} cannot be used: the first {fault}.", some_of(&names)),
    };
    let clock = match facts.clock {
        Some(_) => "This machine's clock is right as far as others tell.",
        None => {
            "No time source answered; other certificates would fail too if this machine's clock were off."
        }
    };
    let azure = is_azure(group);
    let reading = if azure {
        "Azure renews its certificates in time: probably an old server or a device answers in its place."
    } else {
        "Whoever serves this name has to renew it."
    };
    let detail = format!("{clock} {reading}");
    let peer = remedy::first_peer(group);
    let mut steps = remedy::compare_addresses(&peer.host);
    steps.insert(0, look(Look::Certificates(peer)));
    let summary = if azure {
        "Compare the address with the answer of 168.63.129.16, and look at the certificate's issuer."
    } else {
        "Renew the certificate where the name is served; for a custom domain of the instance, in its custom domains or in \
             Key Vault."
    };
    let fix = remedy::advise(facts, summary, steps);
    Finding::new(Code::CertificateUnfit, Confidence::Low, title, detail, group.ids(), fix)
}

/// A valid certificate for other names than the host's.
pub(crate) fn misnamed(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let shows = if names.len() == 1 { "shows" } else { "show" };
    let named = match group.each().find_map(Seen::leaf) {
        Some(leaf) if leaf.dns_names.is_empty() => format!("`{}`", leaf.subject),
        Some(leaf) => some_of(&leaf.dns_names.iter().map(String::as_str).collect::<Vec<_>>()),
        None => "another name".to_owned(),
    };
    let title = format!("{} {shows} a certificate for {named}.", some_of(&names));
    let reached = group.each().flat_map(|seen| &seen.outcome.steps).find_map(|step| step.address);
    let place = reached.map_or_else(String::new, |address| format!(" that {address} shows"));
    let detail = format!(
        "The chain{place} is accepted, and the name is not in the certificate. A stale address, the default certificate of a \
         load balancer or a custom domain without a certificate of its own looks like this."
    );
    let peer = remedy::first_peer(group);
    let mut steps = remedy::compare_addresses(&peer.host);
    steps.insert(0, look(Look::Certificates(peer)));
    let summary = if is_azure(group) {
        "Compare the address with the answer of 168.63.129.16. If they differ, correct the record; if they agree, a device \
             on the path answers in the service's place: exempt this name on it."
    } else {
        "Install a certificate for this name where it is served (for a custom domain of the instance, in its custom \
             domains or in Key Vault), or correct the record if it leads elsewhere."
    };
    let fix = remedy::advise(facts, summary, steps);
    Finding::new(Code::CertificateUnfit, Confidence::Medium, title, detail, group.ids(), fix)
}

/// Azure itself serves one of the names.
fn is_azure(group: &Group<'_>) -> bool {
    group.each().any(|seen| is_azure_service(seen.check) && seen.check.direction != Direction::Inbound)
}

/// A chain whose server leaves out the certificate of a public authority.
pub(crate) fn incomplete(facts: &Facts<'_>, issuer: &str, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let does = if names.len() == 1 { "sends" } else { "send" };
    let title =
        format!("{} {does} a certificate chain without its intermediate, `{issuer}`.", some_of(&names));
    let detail = format!(
        "The certificate is signed by `{issuer}`, which is a public authority: it signs in accepted chains of this run, or is on \
         Azure's list. Nobody inspects; the server does not send the authority's own certificate, without which no client can \
         build the chain."
    );
    let peer = remedy::first_peer(group);
    let mut steps = remedy::compare_addresses(&peer.host);
    steps.insert(0, look(Look::Certificates(peer)));
    let summary = "Install the whole chain, intermediate included, where the name is served (a gateway, a reverse proxy, or the custom \
                   domain's PFX). For a service of Azure compare the address with the answer of 168.63.129.16: an old server or a \
                   device may answer in its place.";
    let fix = remedy::advise(facts, summary, steps);
    Finding::new(Code::CertificateUnfit, Confidence::Medium, title, detail, group.ids(), fix)
}

/// `has expired (valid until 2026-05-01)`; of a chain it names the certificate that is out of its dates.
fn fault(facts: &Facts<'_>, seen: Seen<'_>) -> Option<String> {
    let now = humantime::format_rfc3339_seconds(facts.started_at()).to_string();
    let chain = seen.outcome.evidence.tls.as_ref().map_or(&[][..], |tls| &tls.chain);
    let day = |time: &str| time.split('T').next().unwrap_or_default().to_owned();
    let failure = seen.failure()?;
    // Times of RFC 3339 in UTC have the order of their letters.
    let outside = |one: &&Certificate| match failure.cause {
        Cause::CertExpired => one.not_after < now,
        _ => one.not_before > now,
    };
    let late = chain.iter().find(outside).or(chain.first());
    let whose = match (late, chain.first()) {
        (Some(late), Some(leaf)) if late != leaf => {
            format!("is signed by a chain whose certificate `{}` ", late.subject)
        }
        _ => String::new(),
    };
    Some(match (failure.cause, late) {
        (Cause::CertExpired, Some(late)) => {
            format!("{whose}has expired (valid until {})", day(&late.not_after))
        }
        (Cause::CertExpired, None) => "has expired".to_owned(),
        (Cause::CertNotYetValid, Some(late)) => {
            format!("{whose}is not valid before {}", day(&late.not_before))
        }
        (Cause::CertNotYetValid, None) => "is not valid yet".to_owned(),
        _ => format!("cannot be used ({})", failure.detail),
    })
}
