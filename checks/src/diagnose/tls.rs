//! TLS that is opened on the way: chains that end in somebody's own authority.

use std::collections::BTreeMap;

use crate::catalogue::TrustPolicy;
use crate::outcome::{Certificate, Trust};
use crate::plan::Check;
use crate::run::Run;

use super::view::{Seen, count, finding, hosts, ids, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// One finding an issuer.
pub const INTERCEPTION: Rule = Rule { code: Code::TlsInterception, find: interception };

fn interception(run: &Run) -> Vec<Finding> {
    let mut by_issuer: BTreeMap<&str, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in run_checks(run).filter(|(check, _)| check.trust == TrustPolicy::Public) {
        if let Some(issuer) = foreign_issuer(seen) {
            by_issuer.entry(issuer).or_default().push(seen);
        }
    }
    by_issuer.into_iter().map(|(issuer, group)| interception_finding(issuer, &group)).collect()
}

/// The authority in which a chain ends that should have ended in a public root. A certificate that signs itself is a
/// wrong server, not an inspecting one.
fn foreign_issuer<'a>((check, outcome): Seen<'a>) -> Option<&'a str> {
    let tls = outcome.evidence.tls.as_ref()?;
    let is_foreign =
        matches!(tls.trust, Some(Trust::Private | Trust::Untrusted)) && outcome.failure().is_some();
    let (leaf, last) = (tls.chain.first()?, tls.chain.last()?);
    (is_foreign && !signs_itself(leaf) && names_host(leaf, check)).then_some(last.issuer.as_str())
}

fn signs_itself(leaf: &Certificate) -> bool {
    leaf.subject == leaf.issuer
}

/// An inspecting device writes a certificate for the very name that was asked for.
fn names_host(leaf: &Certificate, check: &Check) -> bool {
    let host = check.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    let rest = host.split_once('.').map(|(_, rest)| rest);
    let fits = |name: &String| {
        let name = name.to_ascii_lowercase();
        name == host || (name.strip_prefix("*.").is_some_and(|domain| Some(domain) == rest))
    };
    leaf.dns_names.is_empty() || leaf.dns_names.iter().any(fits)
}

fn interception_finding(issuer: &str, group: &[Seen<'_>]) -> Finding {
    let names = hosts(group.iter().copied());
    let trusted_here = group.iter().any(|(_, outcome)| {
        outcome.evidence.tls.as_ref().is_some_and(|tls| tls.trust == Some(Trust::Private))
    });
    let title = format!("TLS is inspected on the way: {} signed by `{issuer}`.", certificates(names.len()));
    let detail = format!(
        "The chains of {} end in an authority that is no public root{}. API Management does not trust it and fails. A \
         chain to DigiCert or Microsoft from this subnet would disprove it.",
        some_of(&names),
        if trusted_here { ", although this machine trusts it" } else { "" }
    );
    let fix = Remedy {
        summary: format!(
            "Exempt these names from TLS inspection on the device whose authority is `{issuer}`; service endpoints keep \
             Storage, SQL, Key Vault and Event Hubs off it altogether."
        ),
        commands: vec![format!(
            "openssl s_client -connect {0}:443 -servername {0} -showcerts </dev/null",
            remedy::host(names.first().copied())
        )],
        doc_url: None,
    };
    let confidence = if names.len() > 1 { Confidence::High } else { Confidence::Medium };
    finding(Code::TlsInterception, confidence, title, detail, ids(group.iter().copied()), fix)
}

fn certificates(number: usize) -> String {
    if number == 1 { "1 certificate is".to_owned() } else { format!("{} are", count(number, "certificate")) }
}
