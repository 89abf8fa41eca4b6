//! Answers on both sides of an Application Gateway: what its health probe accepts of the instance, and who it is that answers a
//! client at its front end.

use crate::outcome::{Cause, Evidence, ExchangeEvidence, Failure, Stage, fact};
use crate::plan::{Check, GatewayPath};
use crate::probe::http::Answer;

/// Status codes that a health probe accepts which says nothing else.
const ACCEPTED: std::ops::RangeInclusive<u16> = 200..=399;

/// What an Application Gateway calls itself in `Server`, and on its own pages.
const OWN_NAME: &str = "microsoft-azure-application-gateway";

/// Whether the answer is what the check of a gateway is to bring; `None` for every other check.
#[must_use]
pub fn judge(check: &Check, answer: &Answer) -> Option<Result<(), Failure>> {
    match check.gateway.as_ref()? {
        // The other path is asked for next, and decides.
        GatewayPath::Probe { or_request: Some(_), .. } if answer.status == 404 => Some(Ok(())),
        GatewayPath::Probe { .. } => Some(judge_probe(check, answer.status)),
        GatewayPath::Front { .. } => judge_front(answer),
        GatewayPath::Published { .. } => None,
    }
}

fn fail(cause: Cause, detail: String) -> Result<(), Failure> {
    Err(Failure::new(Stage::Exchange, cause, detail))
}

fn judge_probe(check: &Check, status: u16) -> Result<(), Failure> {
    if ACCEPTED.contains(&status) {
        return Ok(());
    }
    let path = check.request.as_deref().unwrap_or("/");
    let detail = format!("HTTP {status} for {path}, where a health probe accepts 200 to 399");
    fail(if status >= 500 { Cause::HttpError } else { Cause::ExchangeUnexpected }, detail)
}

/// The gateway's own pages are told apart from what the instance answers through it; what says nothing of the gateway is judged
/// as any answer is.
fn judge_front(answer: &Answer) -> Option<Result<(), Failure>> {
    let status = answer.status;
    if !is_own(answer) {
        let detail =
            "the instance behind the gateway answers HTTP 404: it does not know the host name or the path";
        return (status == 404).then(|| fail(Cause::ExchangeUnexpected, detail.to_owned()));
    }
    let own = |what: &str| format!("the Application Gateway itself answers HTTP {status}: {what}");
    Some(match status {
        403 => fail(Cause::HttpBlocked, own("its web application firewall blocks the request")),
        404 => fail(Cause::ExchangeUnexpected, own("no listener or rule has this host name")),
        502 => fail(Cause::HttpError, own("no server of the backend pool is healthy")),
        504 => fail(Cause::HttpError, own("the backend did not answer in time")),
        500.. => fail(Cause::HttpError, own("the request did not reach the instance")),
        400..500 => fail(Cause::ExchangeUnexpected, own("the request did not reach the instance")),
        _ => Ok(()),
    })
}

/// True for an answer of the gateway itself.
fn is_own(answer: &Answer) -> bool {
    let server = answer.header("server").unwrap_or_default().to_ascii_lowercase();
    let says = || String::from_utf8_lossy(&answer.body).to_ascii_lowercase().contains(OWN_NAME);
    server.contains(OWN_NAME) || (answer.is_page() && says())
}

/// The evidence with who answered, and which path was asked for, where a gateway is in the way.
#[must_use]
pub fn noted(check: &Check, answer: &Answer, evidence: ExchangeEvidence) -> ExchangeEvidence {
    let Some(path) = &check.gateway else { return evidence };
    let evidence =
        if is_own(answer) { evidence.with(fact::ANSWERED_BY, fact::APPLICATION_GATEWAY) } else { evidence };
    match path {
        GatewayPath::Probe { .. } => evidence.with(fact::PATH, check.request.as_deref().unwrap_or("/")),
        GatewayPath::Front { .. } | GatewayPath::Published { .. } => evidence,
    }
}

/// The check with its other path, where the first one was answered with 404.
#[must_use]
pub fn other_request(check: &Check, evidence: &Evidence) -> Option<Check> {
    let Some(GatewayPath::Probe { address, or_request: Some(other) }) = &check.gateway else { return None };
    let is_missing = evidence.exchange.as_ref()?.number(fact::HTTP_STATUS) == Some(404.0);
    let path = GatewayPath::Probe { address: *address, or_request: None };
    is_missing.then(|| Check { request: Some(other.clone()), gateway: Some(path), ..check.clone() })
}
