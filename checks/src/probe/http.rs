//! HTTP/1.1 over whatever stream: one GET, a capped answer, and the judgement whether the real service gave it.

use std::borrow::Cow;
use std::io;
use std::time::SystemTime;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::catalogue::{Protocol, Role};
use crate::outcome::{Cause, ExchangeEvidence, Failure, Stage, fact};
use crate::plan::Check;
use crate::probe::ocsp;
use crate::probe::tls::{self, chain::within};

/// Bytes of an answer's header that are read at most.
const HEADER: usize = 16 * 1024;

/// Bytes of an answer's body that are read at most; what follows is not waited for.
const BODY: usize = 64 * 1024;

/// Where the metadata service of an Azure VM answers. It wants a header of its own, so that no redirect can reach it.
pub const METADATA_HOST: &str = "169.254.169.254";

/// An answer: the head, and the body up to 64 KiB.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields by lower-case name, values as text.
    headers: Vec<(String, String)>,
    /// The body's first bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// True for an HTML page, which neither a CRL nor a certificate nor a plain text is.
    #[must_use]
    pub fn is_page(&self) -> bool {
        let declared =
            self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        let start: Vec<u8> = self.body.iter().copied().skip_while(u8::is_ascii_whitespace).take(14).collect();
        let start = String::from_utf8_lossy(&start).to_ascii_lowercase();
        declared || start.starts_with("<!doctype html") || start.starts_with("<html")
    }

    /// The host of an absolute redirect.
    #[must_use]
    pub fn redirect_host(&self) -> Option<String> {
        if !(300..400).contains(&self.status) {
            return None;
        }
        self.header("location")?.parse::<hyper::Uri>().ok()?.host().map(str::to_owned)
    }
}

/// The path that a check asks for: the catalogue's, `/` where it names none; an OCSP question goes behind it.
#[must_use]
pub fn path(check: &Check) -> Cow<'_, str> {
    let base = check.request.as_deref().unwrap_or("/");
    match check.protocol {
        Protocol::Ocsp => ocsp::path(base).into(),
        _ => base.into(),
    }
}

/// Sends `GET path` to `host` over `stream` and reads the answer. No redirect is followed, nothing is decompressed,
/// no credential is sent.
///
/// # Errors
/// Why there is no complete answer. The caller bounds the time.
pub async fn get<S>(stream: S, host: &str, port: u16, path: &str) -> Result<Answer, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request(host, port, path)?;
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(HEADER).handshake(io).await.map_err(|error| failure_of(&error))?;
    let mut connection = std::pin::pin!(connection);
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|error| failure_of(&error))?;
        read(response).await
    };
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        // What ends the connection also cancels the exchange, which then knows no more than that.
        biased;
        ended = &mut connection => match ended {
            // The connection may end before the task that reads has seen the last bytes of the answer.
            Ok(()) => exchange.await,
            // The end of a connection that was reset fails as well, for another reason than the exchange.
            Err(error) if error.is_shutdown() => exchange.await,
            Err(error) => Err(failure_of(&error)),
        },
        answer = &mut exchange => answer,
    }
}

fn request(host: &str, port: u16, path: &str) -> Result<Request<Empty<Bytes>>, Failure> {
    let authority = match port {
        80 | 443 if !host.contains(':') => host.to_owned(),
        _ if host.contains(':') => format!("[{host}]:{port}"),
        _ => format!("{host}:{port}"),
    };
    let mut request = Request::get(path)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, concat!("apim-probe/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close");
    if host == METADATA_HOST {
        request = request.header("Metadata", "true");
    }
    request.body(Empty::new()).map_err(|error| {
        Failure::new(
            Stage::Exchange,
            Cause::ExchangeUnexpected,
            format!("the request cannot be made: {error}"),
        )
    })
}

async fn read(response: Response<Incoming>) -> Result<Answer, Failure> {
    let (head, mut incoming) = response.into_parts();
    let text =
        |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).chars().take(512).collect();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let mut body = Vec::new();
    while body.len() < BODY {
        match incoming.frame().await {
            None => break,
            Some(Ok(frame)) => body.extend_from_slice(frame.data_ref().map_or(&[], |data| data.as_ref())),
            Some(Err(error)) => return Err(failure_of(&error)),
        }
    }
    body.truncate(BODY);
    Ok(Answer { status: head.status.as_u16(), headers, body })
}

/// One function from hyper's error to the cause.
fn failure_of(error: &hyper::Error) -> Failure {
    let source = std::error::Error::source(error);
    // Bytes that come before the request is out cancel it; what they were stands behind.
    if let Some(behind) = source.and_then(|source| source.downcast_ref::<hyper::Error>()) {
        return failure_of(behind);
    }
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    if let Some(alert) = io.and_then(tls::late_alert) {
        return alert;
    }
    let cause = match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted) => Cause::ExchangeReset,
        Some(_) => Cause::ExchangeClosed,
        None if error.is_incomplete_message() || error.is_closed() || error.is_canceled() => {
            Cause::ExchangeClosed
        }
        None => Cause::ExchangeUnexpected,
    };
    let detail = match cause {
        Cause::ExchangeClosed => "the connection was closed before the HTTP answer was complete".to_owned(),
        Cause::ExchangeReset => "the connection was reset before the HTTP answer was complete".to_owned(),
        _ => format!("not an HTTP response: {error}"),
    };
    Failure::new(Stage::Exchange, cause, detail)
}

/// What the answer tells, whatever it is worth.
#[must_use]
pub fn evidence(protocol: Protocol, answer: &Answer, now: SystemTime) -> ExchangeEvidence {
    let mut evidence = ExchangeEvidence::new(protocol).with(fact::HTTP_STATUS, answer.status);
    let fields = [
        ("server", "server"),
        ("contentType", "content-type"),
        ("requestId", "x-ms-request-id"),
        (fact::KEY_VAULT_NETWORK_INFO, "x-ms-keyvault-network-info"),
        ("keyVaultServiceVersion", "x-ms-keyvault-service-version"),
    ];
    for (fact, field) in fields {
        if let Some(value) = answer.header(field) {
            evidence = evidence.with(fact, value);
        }
    }
    if let (Protocol::Ocsp, Some(status)) = (protocol, ocsp::status(&answer.body)) {
        evidence = evidence.with("ocspStatus", status);
    }
    if matches!(protocol, Protocol::Crl | Protocol::Aia) && !answer.body.is_empty() {
        evidence = evidence.with("firstBytes", first_bytes(&answer.body));
    }
    if let Some(host) = answer.redirect_host() {
        evidence = evidence.with("redirectHost", host);
    }
    if let Some(offset) = answer.header("date").and_then(|date| date_offset_ms(date, now)) {
        evidence = evidence.with(fact::DATE_OFFSET_MS, offset);
    }
    evidence
}

/// The first eight bytes in hex: what a list and a certificate begin with.
fn first_bytes(body: &[u8]) -> String {
    body.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The peer's clock minus ours in milliseconds, to the second that the header tells.
fn date_offset_ms(date: &str, now: SystemTime) -> Option<f64> {
    let theirs = httpdate::parse_http_date(date).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let ours = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(theirs.as_secs()).ok()? - i64::try_from(ours.as_secs()).ok()?;
    Some(f64::from(i32::try_from(seconds).ok()?) * 1000.0)
}

/// Whether the real service gave this answer.
///
/// # Errors
/// [`Cause::HttpBlocked`], [`Cause::HttpError`] or [`Cause::ExchangeUnexpected`].
pub fn judge(check: &Check, answer: &Answer) -> Result<(), Failure> {
    let fail = |cause, detail: String| Err(Failure::new(Stage::Exchange, cause, detail));
    match answer.status {
        407 => return fail(Cause::HttpBlocked, "a proxy asks for authentication (HTTP 407)".to_owned()),
        470 => return fail(Cause::HttpBlocked, "Azure Firewall denies the host name (HTTP 470)".to_owned()),
        511 => return fail(Cause::HttpBlocked, "the network asks for a login (HTTP 511)".to_owned()),
        status @ 500.. => return fail(Cause::HttpError, format!("the service answered HTTP {status}")),
        _ => {}
    }
    if check.protocol == Protocol::Https {
        return Ok(());
    }
    if let Some(host) = answer.redirect_host().filter(|host| !may_redirect(check, host)) {
        let detail = format!("HTTP {} sends the caller to {host}", answer.status);
        return fail(Cause::HttpBlocked, detail);
    }
    if is_expected(check, answer) {
        return Ok(());
    }
    let what = StatusCode::from_u16(answer.status)
        .map_or_else(|_| answer.status.to_string(), |code| code.to_string());
    if answer.is_page() {
        fail(Cause::HttpBlocked, format!("a web page (HTTP {what}) answers in place of the service"))
    } else {
        fail(Cause::ExchangeUnexpected, format!("HTTP {what} without the expected content"))
    }
}

fn may_redirect(check: &Check, host: &str) -> bool {
    let own = check.host().is_some_and(|own| own.eq_ignore_ascii_case(host));
    own || check.redirects.iter().any(|domain| within(host, domain))
}

/// On plain HTTP nothing proves who answers but what only the service sends: a status by itself never does.
fn is_expected(check: &Check, answer: &Answer) -> bool {
    let refuses =
        matches!(answer.status, 400 | 401 | 403 | 404 | 405) && !answer.is_page() && is_services_own(answer);
    let is_good = (200..300).contains(&answer.status);
    let der = is_good && answer.body.first() == Some(&0x30);
    match check.protocol {
        // A path may go out of use: the responder's own 404 proves it as well.
        Protocol::Crl | Protocol::Aia => der || refuses,
        Protocol::Ocsp => refuses || (is_good && ocsp::status(&answer.body).is_some()),
        _ => match &check.expect_body {
            Some(expected) => answer.body.starts_with(expected.as_bytes()),
            // What the user names may be anything, and nothing of the network stands before the platform's own addresses.
            None if matches!(check.role(), Role::Custom | Role::Metadata | Role::AgentChannel) => true,
            None => {
                let is_cabinet = is_good && answer.body.starts_with(b"MSCF");
                is_cabinet
                    || refuses
                    || (is_good && is_services_own(answer))
                    || answer.redirect_host().is_some()
            }
        },
    }
}

/// Header fields that Azure's services add.
const OWN_FIELDS: [&str; 2] = ["x-ms", "x-azure-ref"];

/// What the `Server` field of the services, and of the networks that deliver their files, says of itself.
const OWN_SERVERS: [&str; 6] =
    ["windows-azure", "microsoft-httpapi", "microsoft-azure", "ecacc", "ecs (", "akamai"];

/// What responders and the lists and certificates of authorities are declared as.
const OWN_TYPES: [&str; 5] = [
    "application/ocsp-response",
    "application/pkix-crl",
    "application/pkix-cert",
    "application/x-pkcs7-crl",
    "application/x-x509-ca-cert",
];

/// True for an answer that carries something which only the service sends.
fn is_services_own(answer: &Answer) -> bool {
    let says = |name: &str, words: &[&str]| {
        let value = answer.header(name).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| value.contains(word))
    };
    let has_field = |(name, _): &(String, String)| OWN_FIELDS.iter().any(|own| name.starts_with(own));
    answer.headers.iter().any(has_field) || says("server", &OWN_SERVERS) || says("content-type", &OWN_TYPES)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// nginx 1.22 to our own request: a text, a redirect to a login page, and its page for a missing file.
    const TEXT: &[u8] = b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 08:35:18 GMT\r\n\
        Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    const LOGIN: &[u8] = b"HTTP/1.1 302 Moved Temporarily\r\nServer: nginx/1.22.1\r\n\
        Date: Sat, 21 Nov 2026 08:35:18 GMT\r\nContent-Type: text/html\r\nContent-Length: 38\r\n\
        Connection: close\r\nLocation: http://login.elsewhere.example/\r\n\r\n<html>\r\n<head><title>302 Found</title>";
    const MISSING: &[u8] = b"HTTP/1.1 404 Not Found\r\nServer: nginx/1.22.1\r\n\
        Date: Sat, 21 Nov 2026 08:35:18 GMT\r\nContent-Type: text/html\r\nContent-Length: 42\r\n\
        Connection: close\r\n\r\n<html>\r\n<head><title>404 Not Found</title>";

    /// Asks a peer that reads the question, gives `bytes` back and closes.
    async fn of(bytes: &[u8]) -> Result<Answer, Failure> {
        let (near, mut far) = tokio::io::duplex(2 * HEADER);
        let bytes = bytes.to_vec();
        tokio::spawn(async move {
            let _asked = far.read(&mut [0; 1024]).await?;
            far.write_all(&bytes).await?;
            far.shutdown().await
        });
        get(near, "probe.example", 80, "/").await
    }

    #[tokio::test]
    async fn captured_answers_tell_who_gave_them() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_250_117);
        let answer = of(TEXT).await.unwrap();
        let seen = evidence(Protocol::Http, &answer, now);
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello"[..]));
        assert_eq!(seen.text("server"), Some("nginx/1.22.1"));
        assert_eq!(seen.number("dateOffsetMs"), Some(1000.0));
        let answer = of(LOGIN).await.unwrap();
        assert_eq!(answer.redirect_host().as_deref(), Some("login.elsewhere.example"));
        assert!(answer.is_page());
        let answer = of(MISSING).await.unwrap();
        assert_eq!((answer.status, answer.redirect_host(), answer.is_page()), (404, None, true));
    }

    #[tokio::test]
    async fn every_truncation_is_closed_and_another_protocol_unexpected() {
        for length in 0..TEXT.len() {
            assert_eq!(of(&TEXT[..length]).await.unwrap_err().cause, Cause::ExchangeClosed, "{length}");
        }
        for wrong in [&b"220 relay.example ESMTP Postfix\r\n"[..], b"-NOAUTH Authentication required.\r\n"] {
            assert_eq!(of(wrong).await.unwrap_err().cause, Cause::ExchangeUnexpected);
        }
    }

    #[tokio::test]
    async fn a_body_is_cut_at_its_cap_and_an_endless_head_is_no_answer() {
        let endless = [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[0x30; 2 * BODY]].concat();
        assert_eq!(of(&endless).await.unwrap().body.len(), BODY);
        let head = [&b"HTTP/1.1 200 OK\r\nx: "[..], &[b'x'; 2 * HEADER]].concat();
        assert_eq!(of(&head).await.unwrap_err().cause, Cause::ExchangeUnexpected);
    }
}
