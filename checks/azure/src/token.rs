//! The access token: the machine's identity or a file, kept from every text that leaves the program.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apim_probe_checks::azure::IMDS;
use hyper::Method;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use serde_json::Value;
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout_at};

use crate::address::quoted;
use crate::client::{self, Client};
use crate::imds;

/// Bytes of an answer or a file that are read at most.
pub const MAX_BYTES: usize = 64 * 1024;

/// What the metadata service's documentation says to wait before each request.
const WAITS: [u64; 5] = [0, 2, 6, 14, 30];

/// A connect to the metadata service, which is on the VM's own host.
const CONNECT: Duration = Duration::from_secs(1);

/// One request for a token; the first one after boot may take a second.
const REQUEST: Duration = Duration::from_secs(10);

/// An access token. It can be sent, and not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Nobody answers at the metadata service's address.
    #[error("no metadata service answers")]
    NoService,
    /// It answers, and gives none.
    #[error("the metadata service gives no token: {0}")]
    Refused(String),
    /// It did not give one in time.
    #[error("the metadata service gave no token in time")]
    Late,
    /// The file holds none.
    #[error("it holds no access token")]
    NotToken,
    /// The file's token has expired.
    #[error("its token has expired")]
    Expired,
}

impl Token {
    fn new(text: &str) -> Option<Self> {
        let is_token = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self(text.to_owned()))
    }

    /// Reads the output of `az account get-access-token`, or a bare token.
    ///
    /// # Errors
    /// No token in it, or one that has expired at `now`.
    pub fn from_file(text: &str, now: SystemTime) -> Result<Self, TokenError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.starts_with(['{', '"']) {
            return Self::new(text).ok_or(TokenError::NotToken);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| TokenError::NotToken)?;
        let of_key = |key| value.get(key).and_then(Value::as_str);
        let token = value.as_str().or_else(|| of_key("accessToken")).or_else(|| of_key("access_token"));
        let token = token.and_then(Self::new).ok_or(TokenError::NotToken)?;
        if expiry(&value).is_some_and(|at| at < now) { Err(TokenError::Expired) } else { Ok(token) }
    }

    /// The header that carries it, marked so that no log shows it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// True where `text` holds it: nothing that does may be kept.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.0)
    }
}

/// `expires_on` in seconds since 1970; `expiresOn` is a local time without a zone and says so only roughly, so that it
/// counts when it is more than a day old.
fn expiry(value: &Value) -> Option<SystemTime> {
    let seconds = value.get("expires_on").and_then(|on| on.as_u64().or_else(|| on.as_str()?.parse().ok()));
    if let Some(seconds) = seconds {
        return UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    }
    let text = value.get("expiresOn")?.as_str()?;
    let at = humantime::parse_rfc3339_weak(text.get(..19)?).ok()?;
    at.checked_add(Duration::from_secs(24 * 3600))
}

/// Whose token is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Identity {
    /// The only one, or the machine's own.
    #[default]
    Default,
    /// The one with this client id.
    ClientId(String),
    /// The one with this resource id.
    ResourceId(String),
}

impl Identity {
    /// Reads `--identity`: a resource id begins with a slash.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with('/') {
            Self::ResourceId(text.to_owned())
        } else {
            Self::ClientId(text.to_owned())
        }
    }
}

/// Asks the metadata service for a token of `resource`, at most five times, until `deadline`.
///
/// # Errors
/// There is no service, no identity, or none in time.
pub async fn ask(resource: &str, identity: &Identity, deadline: Instant) -> Result<Token, TokenError> {
    let client = Client::metadata(IMDS.ip(), CONNECT).ok_or(TokenError::NoService)?;
    let mut target =
        format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={}", quoted(resource));
    match identity {
        Identity::Default => {}
        Identity::ClientId(id) => target.push_str(&format!("&client_id={}", quoted(id))),
        Identity::ResourceId(id) => target.push_str(&format!("&msi_res_id={}", quoted(id))),
    }
    let mut longer = Duration::ZERO;
    for wait in WAITS.map(Duration::from_secs) {
        let pause = wait.max(longer);
        if Instant::now() + pause >= deadline {
            break;
        }
        sleep(pause).await;
        let late = deadline.min(Instant::now() + REQUEST);
        let request = client.send(&Method::GET, &target, imds::headers(), Bytes::new());
        let response = match timeout_at(late, request).await {
            Err(_) if late == deadline => break,
            Err(_) | Ok(Err(_)) => return Err(TokenError::NoService),
            Ok(Ok(response)) => response,
        };
        let (status, pause) = (response.status, client::retry_after(&response));
        longer = pause.unwrap_or_default();
        let body = timeout_at(late, client.body(response, MAX_BYTES)).await;
        let Ok(Ok(Some(body))) = body else { break };
        match status {
            200 => {
                return answer(&body).ok_or_else(|| TokenError::Refused("an answer without a token".into()));
            }
            404 | 410 | 429 | 500..=599 => {}
            _ => return Err(TokenError::Refused(described(status, &body))),
        }
    }
    Err(TokenError::Late)
}

fn answer(body: &[u8]) -> Option<Token> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Token::new(value.get("access_token")?.as_str()?)
}

fn described(status: u16, body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = value.get("error_description").or_else(|| value.get("error")).and_then(Value::as_str);
    let text: String = text.unwrap_or("no reason given").chars().take(200).collect();
    format!("{} ({})", text.trim(), status)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJ0eXAi.canary-token.signature";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_file_holds_the_output_of_az_or_a_bare_token() {
        let read = |text: &str| Token::from_file(text, at(1_800_000_000));
        let token = Ok(Token(TOKEN.to_owned()));
        assert_eq!(read(&format!("{TOKEN}\n")), token);
        assert_eq!(read(&format!("\u{feff}\"{TOKEN}\"")), token);
        assert_eq!(read(&format!(r#"{{"accessToken":"{TOKEN}","expires_on":1800000001}}"#)), token);
        assert_eq!(read(&format!(r#"{{"access_token":"{TOKEN}","expires_on":"1900000000"}}"#)), token);
        assert_eq!(
            read(&format!(r#"{{"accessToken":"{TOKEN}","expires_on":1700000000}}"#)),
            Err(TokenError::Expired)
        );
        assert_eq!(
            read(&format!(r#"{{"accessToken":"{TOKEN}","expiresOn":"2020-01-01 10:00:00.000000"}}"#)),
            Err(TokenError::Expired)
        );
        for bad in [
            "",
            "{}",
            "short",
            "two words of text here",
            r#"{"accessToken":7}"#,
            "{",
            "a\u{0}bbbbbbbbbbbbbbbbbb",
        ] {
            assert_eq!(read(bad), Err(TokenError::NotToken), "{bad}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        let token = Token(TOKEN.to_owned());
        let header = token.header().unwrap();
        for text in [format!("{token:?}"), format!("{header:?}")] {
            assert!(!text.contains("canary"), "{text}");
        }
    }

    #[test]
    fn an_identity_is_named_by_client_or_resource_id() {
        assert_eq!(Identity::parse("/subscriptions/x"), Identity::ResourceId("/subscriptions/x".into()));
        assert_eq!(Identity::parse("1-2"), Identity::ClientId("1-2".into()));
    }
}
