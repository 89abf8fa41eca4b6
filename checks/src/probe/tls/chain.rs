//! Judging a certificate chain: every fault found, the first in the contract's order named as the cause.

use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

use crate::catalogue::TrustPolicy;
use crate::outcome::{Cause, Certificate, Failure, Stage, TlsEvidence, Trust};
use crate::probe::tls::certificate;
use crate::probe::tls::roots::{Roots, sha256};

/// Certificates that a chain may have at most.
const MAX_CHAIN_CERTIFICATES: usize = 10;

/// What a peer's chain must show.
#[derive(Debug, Clone, Copy)]
pub struct ChainPolicy<'a> {
    /// The name that was asked for.
    pub host: &'a str,
    /// Domains whose names pass beside it.
    pub accept_names: &'a [String],
    /// Which roots pass.
    pub trust: TrustPolicy,
}

/// Where the chain ends, and why it does not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainVerdict {
    /// Where it ends.
    pub trust: Trust,
    /// The first fault in the contract's order, all of them in its detail.
    pub failure: Option<Failure>,
}

/// The evidence of a chain that has not been judged.
#[must_use]
pub fn unfinished(chain: &[CertificateDer<'_>]) -> TlsEvidence {
    TlsEvidence {
        version: None,
        cipher: None,
        alpn: None,
        trust: None,
        chain: chain.iter().take(MAX_CHAIN_CERTIFICATES).map(|der| describe(der)).collect(),
    }
}

fn describe(der: &CertificateDer<'_>) -> Certificate {
    let sha256 = sha256(der);
    let Some(parsed) = certificate::read(der) else {
        let unreadable = "unreadable certificate".to_owned();
        return Certificate {
            subject: unreadable.clone(),
            issuer: unreadable,
            not_before: String::new(),
            not_after: String::new(),
            sha256,
            dns_names: Vec::new(),
        };
    };
    Certificate {
        subject: certificate::name(parsed.subject()),
        issuer: certificate::name(parsed.issuer()),
        not_before: rfc3339(parsed.validity().not_before.timestamp()),
        not_after: rfc3339(parsed.validity().not_after.timestamp()),
        sha256,
        dns_names: certificate::dns_names(&parsed),
    }
}

fn rfc3339(seconds: i64) -> String {
    let at = u64::try_from(seconds).unwrap_or(0);
    humantime::format_rfc3339_seconds(
        std::time::UNIX_EPOCH + std::time::Duration::from_secs(at.min(253_402_300_799)),
    )
    .to_string()
}

/// Judges `chain`, leaf first, at the time `now`.
#[must_use]
pub fn judge(
    roots: &Roots,
    chain: &[CertificateDer<'_>],
    expected: ChainPolicy<'_>,
    now: UnixTime,
) -> ChainVerdict {
    let Some(leaf) = chain.first() else {
        return ChainVerdict {
            trust: Trust::Untrusted,
            failure: fault(&[(Cause::CertInvalid, "no certificate".into())]),
        };
    };
    let Ok(parsed) = ParsedCertificate::try_from(leaf) else {
        let faults = [(Cause::CertInvalid, "the certificate cannot be read".to_owned())];
        return ChainVerdict { trust: Trust::Untrusted, failure: fault(&faults) };
    };
    let mut faults = Vec::new();
    let path = path(roots, &parsed, chain, now);
    if !path.valid_now {
        faults.extend(validity_faults(chain, now));
    }
    if !passes(path.anchor, expected.trust) {
        faults.push((Cause::CertUntrusted, untrusted_words(path.anchor, chain)));
    }
    if !name_passes(&parsed, leaf, expected) {
        let names = describe(leaf).dns_names.join(", ");
        let names = if names.is_empty() { "no host name" } else { &names };
        faults.push((
            Cause::CertNameMismatch,
            format!("the certificate is for {names}, not for {}", expected.host),
        ));
    }
    if chain.len() > MAX_CHAIN_CERTIFICATES {
        faults.push((Cause::CertInvalid, format!("the chain has {} certificates", chain.len())));
    }
    if let Some(other) = path.other.filter(|_| faults.is_empty()) {
        faults.push((Cause::CertInvalid, other));
    }
    ChainVerdict { trust: path.anchor.trust(), failure: fault(&faults) }
}

/// The set of roots in which a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Public,
    /// Those that the user named.
    Named,
    /// This machine's own store.
    Machine,
    Nowhere,
}

impl Anchor {
    const fn trust(self) -> Trust {
        match self {
            Self::Public => Trust::Public,
            Self::Named | Self::Machine => Trust::Private,
            Self::Nowhere => Trust::Untrusted,
        }
    }
}

/// Where the chain ends, apart from dates and names.
struct Path {
    anchor: Anchor,
    valid_now: bool,
    other: Option<String>,
}

/// A fault of a certificate in words. What the library has no sentence for it prints as Rust data, of which the name says
/// enough: `UnsupportedCriticalExtension` is "unsupported critical extension".
#[must_use]
pub fn fault_words(fault: &CertificateError) -> String {
    let printed = match fault {
        CertificateError::Other(other) => other.to_string(),
        CertificateError::BadSignature => "BadSignature".to_owned(),
        other => other.to_string(),
    };
    let name = printed.split([' ', '{', '(']).next().unwrap_or_default();
    let is_data =
        name.chars().skip(1).any(|c| c.is_ascii_uppercase()) && name.chars().all(char::is_alphanumeric);
    let words = if is_data { spaced(name.trim_end_matches("Context")) } else { printed };
    format!("invalid certificate: {words}")
}

fn spaced(camel: &str) -> String {
    let mut words = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn words_of(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(fault) => fault_words(fault),
        other => other.to_string(),
    }
}

/// Tries the roots from the best to the least; a chain out of its dates is tried again inside them.
fn path(roots: &Roots, leaf: &ParsedCertificate<'_>, chain: &[CertificateDer<'_>], now: UnixTime) -> Path {
    let inside = inside_validity(chain);
    let attempt = |store: &RootCertStore| match verify(roots, store, leaf, chain, now) {
        Ok(()) => Ok(true),
        Err(error) => inside
            .filter(|_| is_about_dates(&error))
            .and_then(|inside| verify(roots, store, leaf, chain, inside).ok())
            .map(|()| false)
            .ok_or(error),
    };
    let error = match attempt(roots.public()) {
        Ok(valid_now) => return Path { anchor: Anchor::Public, valid_now, other: None },
        Err(error) => error,
    };
    let system = roots.system();
    if let Ok(valid_now) = attempt(&system.azure) {
        return Path { anchor: Anchor::Public, valid_now, other: None };
    }
    if let Ok(valid_now) = attempt(roots.named()) {
        return Path { anchor: Anchor::Named, valid_now, other: None };
    }
    if let Ok(valid_now) = attempt(&system.all) {
        return Path { anchor: Anchor::Machine, valid_now, other: None };
    }
    let dated = is_about_dates(&error);
    let unknown = matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer))
        || dated
        || self_signed(chain);
    if unknown {
        Path { anchor: Anchor::Nowhere, valid_now: validity_faults(chain, now).is_empty(), other: None }
    } else {
        Path { anchor: Anchor::Public, valid_now: true, other: Some(words_of(&error)) }
    }
}

fn verify(
    roots: &Roots,
    store: &RootCertStore,
    leaf: &ParsedCertificate<'_>,
    chain: &[CertificateDer<'_>],
    at: UnixTime,
) -> Result<(), Error> {
    let algorithms = roots.provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(leaf, store, &chain[1..], at, algorithms)
}

fn is_about_dates(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        )
    )
}

fn self_signed(chain: &[CertificateDer<'_>]) -> bool {
    chain.first().and_then(|leaf| certificate::read(leaf)).is_some_and(|leaf| leaf.subject() == leaf.issuer())
}

/// Seconds since 1970 from which and until which each certificate is valid.
fn validities<'a>(chain: &'a [CertificateDer<'_>]) -> impl Iterator<Item = (String, i64, i64)> + 'a {
    chain.iter().take(MAX_CHAIN_CERTIFICATES).filter_map(|der| {
        let parsed = certificate::read(der)?;
        let validity = parsed.validity();
        Some((
            certificate::name(parsed.subject()),
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        ))
    })
}

/// A moment at which every certificate of the chain is valid.
fn inside_validity(chain: &[CertificateDer<'_>]) -> Option<UnixTime> {
    let from = validities(chain).map(|(_, from, _)| from).max()?;
    let until = validities(chain).map(|(_, _, until)| until).min()?;
    let middle = u64::try_from(from.midpoint(until)).ok()?;
    (from <= until).then(|| UnixTime::since_unix_epoch(std::time::Duration::from_secs(middle)))
}

fn validity_faults(chain: &[CertificateDer<'_>], now: UnixTime) -> Vec<(Cause, String)> {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let early = validities(chain).filter(|(_, from, _)| *from > now).map(|(subject, from, _)| {
        (Cause::CertNotYetValid, format!("`{subject}` is not valid before {}", rfc3339(from)))
    });
    let late = validities(chain).filter(|(_, _, until)| *until < now).map(|(subject, _, until)| {
        (Cause::CertExpired, format!("`{subject}` expired at {}", rfc3339(until)))
    });
    early.chain(late).collect()
}

const fn passes(anchor: Anchor, policy: TrustPolicy) -> bool {
    match policy {
        TrustPolicy::Any => true,
        TrustPolicy::Private => !matches!(anchor, Anchor::Nowhere),
        TrustPolicy::AppGateway => matches!(anchor, Anchor::Public | Anchor::Named),
        TrustPolicy::Public => matches!(anchor, Anchor::Public),
    }
}

fn untrusted_words(anchor: Anchor, chain: &[CertificateDer<'_>]) -> String {
    let issuer = chain.last().map(|last| describe(last).issuer).unwrap_or_default();
    match anchor {
        Anchor::Machine => {
            format!("the chain ends in `{issuer}`, which only this machine's own store trusts")
        }
        Anchor::Named => format!("the chain ends in `{issuer}`, which was named with --trusted-root"),
        Anchor::Public | Anchor::Nowhere if self_signed(chain) && chain.len() == 1 => {
            "the certificate is self-signed".to_owned()
        }
        Anchor::Public | Anchor::Nowhere => format!("the chain ends in the private CA `{issuer}`"),
    }
}

fn name_passes(parsed: &ParsedCertificate<'_>, leaf: &CertificateDer<'_>, expected: ChainPolicy<'_>) -> bool {
    let host = expected.host.trim_end_matches('.');
    let matches = ServerName::try_from(host).is_ok_and(|name| verify_server_name(parsed, &name).is_ok());
    matches
        || describe(leaf)
            .dns_names
            .iter()
            .any(|name| expected.accept_names.iter().any(|domain| within(name, domain)))
}

/// True when `name` is `domain` or lies below it.
#[must_use]
pub fn within(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.to_ascii_lowercase(), domain.to_ascii_lowercase());
    name == domain || name.strip_suffix(&domain).is_some_and(|head| head.ends_with('.'))
}

/// The faults as one failure: the first in the contract's order is the cause, the detail lists all.
fn fault(faults: &[(Cause, String)]) -> Option<Failure> {
    const ORDER: [Cause; 5] = [
        Cause::CertNotYetValid,
        Cause::CertExpired,
        Cause::CertUntrusted,
        Cause::CertNameMismatch,
        Cause::CertInvalid,
    ];
    let cause = ORDER.into_iter().find(|cause| faults.iter().any(|(fault, _)| fault == cause))?;
    let detail = faults.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join("; ");
    Some(Failure::new(Stage::Handshake, cause, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_words_and_not_as_data() {
        let unsupported = CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![6, 9],
            supported_algorithms: Vec::new(),
        };
        for (fault, words) in [
            (CertificateError::BadSignature, "invalid certificate: bad signature"),
            (CertificateError::BadEncoding, "invalid certificate: bad encoding"),
            (unsupported, "invalid certificate: unsupported signature algorithm"),
        ] {
            assert_eq!(fault_words(&fault), words);
        }
    }
}
