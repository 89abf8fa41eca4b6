//! Tokens of the metadata service: which identities the machine has, and how the service misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::json;

use crate::arm::{STALE, TOKEN};

/// The identities of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identities {
    /// Its own alone.
    #[default]
    System,
    /// One that was assigned by a user.
    User,
    /// Two that were assigned, and none of its own.
    Several,
    /// None.
    None,
}

/// How a request for a token ends in place of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenFault {
    /// 404: the service is being updated.
    NotFound,
    /// 410: it will be back within 70 seconds.
    Gone,
    /// 429 with a `Retry-After` of one second.
    Throttled,
    /// 500.
    ServerError,
    /// A token that Azure Resource Manager does not accept any more.
    Stale,
    /// 200 without a token.
    Empty,
    /// Never answers.
    Silent,
}

/// The client id by which the lab's assigned identity can be asked for.
pub const CLIENT_ID: &str = "66666666-7777-8888-9999-000000000000";

/// The token service.
#[derive(Debug, Clone)]
pub struct Tokens {
    identities: Identities,
    faults: Arc<[TokenFault]>,
    lasting: Option<TokenFault>,
    asked: Arc<AtomicUsize>,
}

impl Tokens {
    /// A service whose first answers are `faults`, and all further ones `lasting` where there is one.
    #[must_use]
    pub fn new(identities: Identities, faults: Vec<TokenFault>, lasting: Option<TokenFault>) -> Self {
        Self { identities, faults: faults.into(), lasting, asked: Arc::default() }
    }

    /// Status, fields and body of the answer to a request; `None` where there is none.
    #[must_use]
    pub fn answer(&self, request: &str) -> Option<(u16, &'static str, String)> {
        let lower = request.to_ascii_lowercase();
        let refused = |code: &str, words: &str| {
            Some((400, "", json!({"error": code, "error_description": words}).to_string()))
        };
        if !lower.contains("\r\nmetadata: true\r\n") || lower.contains("\r\nx-forwarded-for:") {
            return refused("bad_request_102", "Required metadata header not specified");
        }
        if !lower.contains("resource=https%3a%2f%2fmanagement.azure.com%2f") {
            return refused("invalid_resource", "The resource principal was not found in the tenant");
        }
        let place = self.asked.fetch_add(1, Ordering::Relaxed);
        let fault = self.faults.get(place).or(self.lasting.as_ref());
        match fault {
            Some(TokenFault::Silent) => return None,
            Some(TokenFault::NotFound) => return Some((404, "", "{}".to_owned())),
            Some(TokenFault::Gone) => return Some((410, "", "{}".to_owned())),
            Some(TokenFault::Throttled) => return Some((429, "Retry-After: 1\r\n", "{}".to_owned())),
            Some(TokenFault::ServerError) => return Some((500, "", "{}".to_owned())),
            Some(TokenFault::Empty) => return Some((200, "", "{}".to_owned())),
            Some(TokenFault::Stale) => return Some((200, "", token(STALE))),
            None => {}
        }
        let named = lower.contains(&format!("client_id={CLIENT_ID}")) || lower.contains("msi_res_id=");
        let is_known = match self.identities {
            Identities::System => !named,
            Identities::User => true,
            Identities::Several => named,
            Identities::None => false,
        };
        match (is_known, self.identities) {
            (true, _) => Some((200, "", token(TOKEN))),
            (false, Identities::Several) => refused(
                "invalid_request",
                "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
            ),
            (false, _) => refused("invalid_request", "Identity not found"),
        }
    }
}

fn token(text: &str) -> String {
    json!({"access_token": text, "refresh_token": "", "expires_in": "3599", "expires_on": "1795600000",
        "not_before": "1795500000", "resource": "https://management.azure.com/", "token_type": "Bearer"})
    .to_string()
}
