//! TLS that is opened on the way: chains that end in somebody's own authority.

use std::collections::BTreeMap;

use crate::catalogue::TrustPolicy;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::{a_host_or_count, count, seen_at, some_of};
use crate::diagnose::public_issuers::missing_issuer;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{DnsQuestion, Look, look};
use crate::outcome::{Cause, Certificate, Trust};
use crate::plan::Check;

/// One finding an issuer.
pub(crate) const RULE: Rule = Rule { code: Code::TlsInterception, needs: &[Source::Run], find: interception };

fn interception(facts: &Facts<'_>) -> Vec<Finding> {
    let groups = by_issuer(facts).into_iter();
    groups.map(|(issuer, group)| interception_finding(facts, issuer, &group)).collect()
}

/// The checks whose TLS a device opens on the way.
pub(crate) fn inspected_checks<'a>(facts: &Facts<'a>) -> Group<'a> {
    by_issuer(facts).into_values().flat_map(|group| group.to_vec()).collect()
}

fn by_issuer<'a>(facts: &Facts<'a>) -> BTreeMap<&'a str, Group<'a>> {
    let mut by_issuer: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    let (public, others): (Vec<_>, Vec<_>) =
        facts.ended().partition(|seen| seen.check.trust == TrustPolicy::Public);
    for seen in public {
        if let Some(issuer) = foreign_issuer(facts, seen) {
            by_issuer.entry(issuer).or_default().push(seen);
        }
    }
    // Where a private chain may pass, one that fails is the device's only if the device shows itself elsewhere.
    for seen in others {
        if let Some(group) = foreign_issuer(facts, seen).and_then(|issuer| by_issuer.get_mut(issuer)) {
            group.push(seen);
        }
    }
    by_issuer
}

/// True where the chain ends in somebody's own authority.
pub(crate) fn is_foreign(facts: &Facts<'_>, seen: Seen<'_>) -> bool {
    foreign_issuer(facts, seen).is_some()
}

/// True where the certificate does not pass and is not even for the host: somebody shows his own.
pub(crate) fn is_box(seen: Seen<'_>) -> bool {
    let fails = matches!(seen.cause(), Some(Cause::CertUntrusted | Cause::CertNameMismatch));
    fails && seen.leaf().is_some_and(|leaf| !names_host(seen.check, leaf))
}

/// The authority in which a chain ends that should have ended in a public root. A self-signed certificate is a
/// wrong server, not an inspecting one; a chain that lacks a public authority is its server's fault.
fn foreign_issuer<'a>(facts: &Facts<'_>, seen: Seen<'a>) -> Option<&'a str> {
    let tls = seen.outcome.evidence.tls.as_ref()?;
    let is_foreign = matches!(tls.trust, Some(Trust::Private | Trust::Untrusted)) && seen.failure().is_some();
    let (leaf, last) = (tls.chain.first()?, tls.chain.last()?);
    (is_foreign && !signs_itself(leaf) && missing_issuer(facts, seen).is_none())
        .then_some(last.issuer.as_str())
}

fn signs_itself(leaf: &Certificate) -> bool {
    leaf.subject == leaf.issuer
}

/// An inspecting device writes a certificate for the very name that was asked for; a box that answers for all shows its
/// own.
fn names_host(check: &Check, leaf: &Certificate) -> bool {
    let host = check.host().unwrap_or_default().to_ascii_lowercase();
    let rest = host.split_once('.').map(|(_, rest)| rest);
    let fits = |name: &String| {
        let name = name.to_ascii_lowercase();
        name == host || (name.strip_prefix("*.").is_some_and(|domain| Some(domain) == rest))
    };
    leaf.dns_names.is_empty() || leaf.dns_names.iter().any(fits)
}

fn interception_finding(facts: &Facts<'_>, issuer: &str, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let inspects = group.each().any(|seen| seen.leaf().is_none_or(|leaf| names_host(seen.check, leaf)));
    let (title, detail) =
        if inspects { inspected(issuer, group, &names) } else { answered_for(issuer, group, &names) };
    let lead = if inspects {
        ""
    } else {
        "Find out whose address the name leads to, and correct the record if it is stale. "
    };
    let peer = remedy::first_peer(group);
    let summary =
        format!("{lead}Exempt these names from TLS inspection on the device whose CA is `{issuer}`.");
    let mut steps = Vec::new();
    if !inspects {
        steps.push(remedy::dig(&peer.host, DnsQuestion::Addresses));
    }
    steps.extend([
        look(Look::Certificates(peer)),
        remedy::next_hop(facts, group.first().copied()).saying("which device is on the route"),
        remedy::service_endpoints().saying(
            "keep Storage, SQL, Key Vault and Event Hubs off the device (the command replaces the list and names the present ones)",
        ),
    ]);
    let fix = remedy::advise(facts, summary, steps);
    let confidence = if inspects && names.len() > 1 { Confidence::High } else { Confidence::Medium };
    Finding::new(Code::TlsInterception, confidence, title, detail, group.ids(), fix)
}

fn inspected(issuer: &str, group: &Group<'_>, names: &[&str]) -> (String, String) {
    let trusted_here = group
        .each()
        .any(|seen| seen.outcome.evidence.tls.as_ref().is_some_and(|tls| tls.trust == Some(Trust::Private)));
    let title = format!("TLS is inspected on the way: {} signed by `{issuer}`.", certificates(names.len()));
    let detail = format!(
        "The chains of {} end in a private CA{}. API Management does not trust it and fails.",
        some_of(names),
        if trusted_here { ", although this machine trusts it" } else { "" }
    );
    (title, detail)
}

/// A certificate of a private authority, and for another name: no inspection of this name, but somebody in its place.
fn answered_for(issuer: &str, group: &Group<'_>, names: &[&str]) -> (String, String) {
    let shown = group.each().filter_map(Seen::leaf).find_map(|leaf| leaf.dns_names.first());
    let title = format!(
        "A device answers TLS in place of {} with a certificate for `{}`, signed by `{issuer}`.",
        a_host_or_count(names),
        shown.map_or("another name", String::as_str)
    );
    let detail = format!(
        "{}The certificate is neither for the name nor from a public root. A filter that shows its own page looks like \
         this; so does a wrong server where the address is stale.",
        seen_at(names)
    );
    (title, detail)
}

fn certificates(number: usize) -> String {
    if number == 1 { "1 certificate is".to_owned() } else { format!("{} are", count(number, "certificate")) }
}
