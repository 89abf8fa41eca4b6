//! Authorities that are known to be public, and chains that only lack such a one: their server leaves a certificate out, and
//! nobody inspects. Pure.

use crate::catalogue;
use crate::diagnose::seen::Seen;
use crate::facts::Facts;
use crate::outcome::{Cause, Trust};

/// The public authority whose certificate a refused chain lacks at its end: one that an accepted chain of this run shows, or
/// that the catalogue lists.
pub(crate) fn missing_issuer<'a>(facts: &Facts<'_>, seen: Seen<'a>) -> Option<&'a str> {
    let tls = seen.outcome.evidence.tls.as_ref().filter(|_| seen.cause() == Some(Cause::CertUntrusted))?;
    let last = tls.chain.last().filter(|last| last.subject != last.issuer)?;
    (is_listed(&last.issuer) || is_accepted(facts, &last.issuer)).then_some(last.issuer.as_str())
}

/// True for the name of an authority in the catalogue.
fn is_listed(issuer: &str) -> bool {
    let name = common_name(issuer);
    let known = catalogue::embedded();
    let listed = known.issuers.iter().map(|one| &one.name);
    listed.chain(known.subordinates.iter().map(|one| &one.name)).any(|listed| listed == name)
}

/// `Contoso CA` of `C=US, O=Contoso, CN=Contoso CA`; the text itself where it has no common name.
fn common_name(issuer: &str) -> &str {
    issuer.rsplit_once("CN=").map_or(issuer, |(_, name)| name.split(',').next().unwrap_or(name)).trim()
}

/// True for an authority that signs in a chain of this run which ends in a public root.
fn is_accepted(facts: &Facts<'_>, issuer: &str) -> bool {
    let public = facts.ended().filter_map(|seen| seen.outcome.evidence.tls.as_ref());
    let mut chains = public.filter(|tls| tls.trust == Some(Trust::Public));
    chains.any(|tls| tls.chain.iter().any(|one| one.issuer == issuer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_are_known_by_their_common_names() {
        assert!(is_listed("C=US, O=Microsoft Corporation, CN=Microsoft Azure RSA TLS Issuing CA 04"));
        assert!(is_listed("CN=DigiCert Global Root G2, O=DigiCert Inc, C=US"));
        assert!(!is_listed("CN=Contoso Microsoft Azure RSA TLS Issuing CA 04"));
        assert_eq!(common_name("O=Contoso"), "O=Contoso");
    }
}
