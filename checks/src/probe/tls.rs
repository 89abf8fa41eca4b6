//! The TLS handshake: it always goes through, so that everything is learned; the chain is judged afterwards.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, Error, InvalidMessage,
    SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::outcome::{Cause, Failure, Stage, TlsEvidence};

mod certificate;
pub mod chain;
mod provider;
mod roots;

pub use provider::client;
pub use roots::Roots;

/// What a peer's certificate chain must pass.
pub use chain::ChainPolicy;

/// A handshake that went through, whatever its chain is worth.
#[derive(Debug)]
pub struct Session<S> {
    /// The encrypted stream.
    pub stream: TlsStream<S>,
    /// Version, cipher and chain.
    pub evidence: TlsEvidence,
}

/// What is left of a handshake that did not go through.
#[derive(Debug)]
pub struct HandshakeError {
    /// Why.
    pub failure: Failure,
    /// The chain, where the peer got so far as to show it.
    pub evidence: Option<TlsEvidence>,
    /// The same as it came.
    pub chain: Vec<CertificateDer<'static>>,
}

/// Negotiates TLS as a client of `host` and records what the peer shows. The chain is not judged here: the caller
/// does that with [`chain::judge`].
///
/// # Errors
/// Why there is no session, with the chain where one was shown.
pub async fn handshake<S>(
    roots: &Roots,
    host: &str,
    alpn: &[&str],
    stream: S,
) -> Result<Session<S>, HandshakeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let seen = Arc::new(OnceLock::new());
    let name =
        server_name(host).map_err(|failure| HandshakeError { failure, evidence: None, chain: Vec::new() })?;
    let connector = TlsConnector::from(Arc::new(config(roots, alpn, Arc::clone(&seen))));
    match connector.connect(name, stream).await {
        Ok(stream) => {
            let evidence = evidence_of(stream.get_ref().1, &seen);
            Ok(Session { stream, evidence })
        }
        Err(error) => {
            let evidence = seen.get().map(|chain| chain::unfinished(chain));
            let chain = seen.get().cloned().unwrap_or_default();
            Err(HandshakeError { failure: failure_of(&error), evidence, chain })
        }
    }
}

/// The chain that a session showed, as it came.
#[must_use]
pub fn peer_chain<S>(session: &Session<S>) -> Vec<CertificateDer<'static>> {
    session.stream.get_ref().1.peer_certificates().map(|chain| chain.to_vec()).unwrap_or_default()
}

fn server_name(host: &str) -> Result<ServerName<'static>, Failure> {
    ServerName::try_from(host.trim_end_matches('.').to_owned()).map_err(|_| {
        let detail = format!("`{host}` cannot stand in a certificate");
        Failure::new(Stage::Handshake, Cause::CertNameMismatch, detail)
    })
}

fn config(roots: &Roots, alpn: &[&str], seen: Arc<OnceLock<Vec<CertificateDer<'static>>>>) -> ClientConfig {
    let mut config = roots.client_config();
    let provider = Arc::clone(roots.provider());
    config.dangerous().set_certificate_verifier(Arc::new(Recorder { provider, seen }));
    // A resumed session would show no chain.
    config.resumption = Resumption::disabled();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

fn evidence_of(session: &ClientConnection, seen: &OnceLock<Vec<CertificateDer<'static>>>) -> TlsEvidence {
    let shown = seen.get().map_or(&[][..], Vec::as_slice);
    TlsEvidence {
        version: session.protocol_version().map(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
            rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
            other => format!("{other:?}"),
        }),
        cipher: session.negotiated_cipher_suite().map(|suite| iana_name(suite.suite())),
        alpn: session.alpn_protocol().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
        ..chain::unfinished(shown)
    }
}

/// rustls writes `TLS13_AES_…`; the registry and every other tool write `TLS_AES_…`.
fn iana_name(suite: rustls::CipherSuite) -> String {
    format!("{suite:?}").replacen("TLS13_", "TLS_", 1)
}

/// Why a handshake broke: one function from the error to the cause.
fn failure_of(error: &io::Error) -> Failure {
    let fail = |cause, detail: String| Failure::new(Stage::Handshake, cause, detail);
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => fail(cause_of(error), detail_of(error)),
        None => match error.kind() {
            // A RST after the peer's FIN is "broken pipe": the peer had closed, and answers what we still send.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                fail(Cause::TlsClosed, "the peer closed the connection during the handshake".to_owned())
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                fail(Cause::TlsReset, "the connection was reset during the handshake".to_owned())
            }
            io::ErrorKind::InvalidData => fail(Cause::TlsNotTls, error.to_string()),
            io::ErrorKind::TimedOut => fail(Cause::TlsTimeout, error.to_string()),
            _ => fail(Cause::TlsReset, error.to_string()),
        },
    }
}

/// Where a handshake stands that ends in this error. What we refuse for its version or its suites counts as an alert:
/// one side has said no.
fn cause_of(error: &Error) -> Cause {
    match error {
        Error::AlertReceived(_)
        | Error::PeerIncompatible(_)
        | Error::NoApplicationProtocol
        | Error::PeerMisbehaved(_) => Cause::TlsAlert,
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented | Error::UnsupportedNameType => {
            Cause::CertInvalid
        }
        Error::InvalidMessage(message) if is_too_large(message) => Cause::CertInvalid,
        _ => Cause::TlsNotTls,
    }
}

/// Only a chain makes a message of the handshake that large.
const fn is_too_large(message: &InvalidMessage) -> bool {
    matches!(message, InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge)
}

fn detail_of(error: &Error) -> String {
    match error {
        Error::InvalidMessage(message) if is_too_large(message) => {
            "the chain is larger than 64 KiB".to_owned()
        }
        Error::InvalidCertificate(fault) => chain::fault_words(fault),
        Error::AlertReceived(alert) => format!("the peer sent the alert {}", alert_name(*alert)),
        Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. } => {
            format!("the peer does not speak TLS ({error})")
        }
        other => other.to_string(),
    }
}

/// The alert that a read or a write failed with after our side of the handshake was done: with TLS 1.3 the peer
/// judges our side, such as a missing client certificate, only then.
#[must_use]
pub fn late_alert(error: &io::Error) -> Option<Failure> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    matches!(error, Error::AlertReceived(_))
        .then(|| Failure::new(Stage::Handshake, Cause::TlsAlert, detail_of(error)))
}

/// True for the alert of a service that wants a certificate of its client: it was reached, its chain was accepted, and
/// more than that no caller without a certificate sees.
#[must_use]
pub fn wants_certificate(failure: &Failure) -> bool {
    failure.cause == Cause::TlsAlert
        && failure.detail == detail_of(&Error::AlertReceived(AlertDescription::CertificateRequired))
}

/// True where the peer takes none of the versions of TLS that were offered.
#[must_use]
pub fn refuses_versions(failure: &Failure) -> bool {
    failure.cause == Cause::TlsAlert
        && failure.detail == detail_of(&Error::AlertReceived(AlertDescription::ProtocolVersion))
}

/// The name of an alert as the registry of TLS has it.
fn alert_name(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::UnrecognisedName => "unrecognized_name".to_owned(),
        AlertDescription::EncryptedClientHelloRequired => "ech_required".to_owned(),
        AlertDescription::Unknown(number) => number.to_string(),
        known => snake(&format!("{known:?}")),
    }
}

/// `HandshakeFailure` as RFC 8446 writes it: `handshake_failure`; `UnknownCA` is `unknown_ca`.
fn snake(camel: &str) -> String {
    let letters: Vec<char> = camel.chars().collect();
    let mut words = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let is_lower = |place: usize| letters.get(place).is_some_and(char::is_ascii_lowercase);
        let begins_word = place > 0 && (is_lower(place - 1) || is_lower(place + 1));
        if letter.is_ascii_uppercase() && begins_word {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// Keeps the chain and lets every certificate pass; signatures over the handshake are checked as ever.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    seen: Arc<OnceLock<Vec<CertificateDer<'static>>>>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(leaf).chain(intermediates).map(|one| one.clone().into_owned()).collect();
        let _ = self.seen.set(chain);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(alert: AlertDescription) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Error::AlertReceived(alert))
    }

    #[test]
    fn a_reset_after_the_peers_close_is_a_close() {
        let cause = |kind: io::ErrorKind| failure_of(&kind.into()).cause;
        assert_eq!(cause(io::ErrorKind::BrokenPipe), Cause::TlsClosed);
        assert_eq!(cause(io::ErrorKind::ConnectionReset), Cause::TlsReset);
    }

    #[test]
    fn a_chain_that_is_too_large_is_a_fault_of_the_certificate() {
        let error = Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge);
        assert_eq!(cause_of(&error), Cause::CertInvalid);
        assert_eq!(detail_of(&error), "the chain is larger than 64 KiB");
        assert_eq!(cause_of(&Error::InvalidMessage(InvalidMessage::InvalidContentType)), Cause::TlsNotTls);
    }

    #[test]
    fn alerts_are_named_as_the_standard_names_them() {
        for (alert, name) in [
            (AlertDescription::HandshakeFailure, "handshake_failure"),
            (AlertDescription::UnrecognisedName, "unrecognized_name"),
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::UnknownPSKIdentity, "unknown_psk_identity"),
            (AlertDescription::BadRecordMac, "bad_record_mac"),
            (AlertDescription::EncryptedClientHelloRequired, "ech_required"),
            (AlertDescription::NoApplicationProtocol, "no_application_protocol"),
            (AlertDescription::Unknown(200), "200"),
        ] {
            let failure = failure_of(&received(alert));
            assert_eq!(failure.cause, Cause::TlsAlert);
            assert_eq!(failure.detail, format!("the peer sent the alert {name}"));
        }
    }

    #[test]
    fn an_alert_after_our_side_of_the_handshake_still_belongs_to_it() {
        let failure = late_alert(&received(AlertDescription::CertificateRequired)).unwrap();
        assert_eq!((failure.stage, failure.cause), (Stage::Handshake, Cause::TlsAlert));
        assert_eq!(failure.detail, "the peer sent the alert certificate_required");
        assert_eq!(late_alert(&io::ErrorKind::ConnectionReset.into()), None);
    }
}
