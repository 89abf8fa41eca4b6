//! Asking Azure Resource Manager: paging, polling, retries, budgets. Every wait ends by the deadline.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use apim_probe_checks::network::DocumentKind as Kind;
use hyper::Method;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
    LOCATION,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};

use crate::address::Address;
use crate::bundle::{Document, Refusal};
use crate::call::call;
use crate::client::{self, Client, Response};
use crate::endpoint::Endpoint;
use crate::reason::{ArmError, Failure, Reason};
use crate::scrub::scrub;
use crate::token::{self, Identity, Token};

/// Requests of one estate: pages, polls and retries count too.
pub const MAX_REQUESTS: u32 = 80;

/// Bytes of one answer.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Bytes of all answers together.
const MAX_TOTAL: usize = 64 * 1024 * 1024;

/// Bytes of one answer's header.
const MAX_HEADER: usize = 64 * 1024;

/// Repetitions after 429 and 503.
const MAX_THROTTLED: u32 = 3;

/// Pages of one list.
const MAX_PAGES: usize = 20;

/// The pause before a poll where nothing is said, and where little time is left.
const POLL: Duration = Duration::from_secs(5);
const SHORT_POLL: Duration = Duration::from_secs(2);

/// Time left that is little.
const SHORT_OF_TIME: Duration = Duration::from_secs(15);

/// Words by which ARM says that the instance's management endpoint cannot be reached.
const MANAGEMENT_FAILED: [&str; 2] = ["3443", "ManagementApiRequestFailed"];

/// Where a new token comes from when the first is not accepted.
#[derive(Debug, Clone)]
pub(crate) enum Renewal {
    /// The metadata service, for this resource and identity.
    Metadata(String, Identity),
    /// Nowhere: it was given as a file.
    Never,
}

/// ARM, the token, and what has been spent.
pub(crate) struct Arm {
    client: Client,
    endpoint: Endpoint,
    deadline: Instant,
    renewal: Renewal,
    token: RefCell<Token>,
    renewed: Cell<bool>,
    requests: Rc<Cell<u32>>,
    bytes: Cell<usize>,
    /// Why nothing more is sent.
    ended: Cell<Option<Reason>>,
}

/// An answer of status 2xx.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Arm {
    pub(crate) fn new(
        client: Client,
        endpoint: Endpoint,
        token: Token,
        renewal: Renewal,
        deadline: Instant,
        requests: Rc<Cell<u32>>,
    ) -> Self {
        Self {
            client,
            endpoint,
            deadline,
            renewal,
            token: RefCell::new(token),
            renewed: Cell::new(false),
            requests,
            bytes: Cell::new(0),
            ended: Cell::new(None),
        }
    }

    /// Asks for a document at `path`, all its pages; or says why there is none.
    pub(crate) async fn document(&self, kind: Kind, path: &str) -> Result<Document, Refusal> {
        self.value(kind, path)
            .await
            .map(|body| document(kind, path, body))
            .map_err(|failure| refusal(kind, path, &failure))
    }

    /// The child of the instance, whose answer says only whether Azure reaches the instance's management endpoint.
    pub(crate) async fn control_plane(&self, service: &str) -> Result<Document, Refusal> {
        let path = format!("{service}/apis");
        let ended = match self.address(Kind::ControlPlane, &path, "&$top=1") {
            Ok(url) => self.send(&Method::GET, &url, None).await,
            Err(failure) => Err(failure),
        };
        match ended {
            Ok(answer) => Ok(document(Kind::ControlPlane, &path, json!({"status": answer.status}))),
            Err(failure) if failure.error.as_ref().is_some_and(is_management_failure) => {
                let code = failure.error.map(|error| management_code(&error)).unwrap_or_default();
                Ok(document(Kind::ControlPlane, &path, json!({"status": failure.status, "code": code})))
            }
            Err(failure) => Err(refusal(Kind::ControlPlane, &path, &failure)),
        }
    }

    async fn value(&self, kind: Kind, path: &str) -> Result<Value, Failure> {
        let url = self.address(kind, path, "")?;
        if !call(kind).is_post {
            return self.with_pages(self.polled(&Method::GET, &url, None).await?).await;
        }
        let mut answer = self.polled(&Method::POST, &url, None).await?;
        for _ in 1..MAX_PAGES {
            let Some(more) = answer.get("skipToken").and_then(Value::as_str).filter(|more| !more.is_empty())
            else {
                break;
            };
            let page = self.polled(&Method::POST, &url, Some(&json!({"skipToken": more}))).await?;
            join(&mut answer, page);
        }
        Ok(answer)
    }

    fn address(&self, kind: Kind, path: &str, query: &str) -> Result<Address, Failure> {
        let path = format!("{path}?api-version={}{query}", call(kind).version);
        self.endpoint.at(&path).ok_or(Failure::new(Reason::BadRequest))
    }

    /// A list with its further pages.
    async fn with_pages(&self, mut first: Value) -> Result<Value, Failure> {
        for _ in 1..MAX_PAGES {
            let Some(link) = next_link(&first) else { return Ok(first) };
            let url = self.endpoint.own(&link).ok_or(Failure::new(Reason::ForeignAddress))?;
            let page = self.polled(&Method::GET, &url, None).await?;
            join(&mut first, page);
        }
        Err(Failure::new(Reason::TooLarge))
    }

    /// A request to its result, however long it runs in Azure.
    async fn polled(&self, method: &Method, url: &Address, body: Option<&Value>) -> Result<Value, Failure> {
        let mut answer = self.send(method, url, body).await?;
        let address = |answer: &Answer, name: &str| -> Result<Option<Address>, Failure> {
            let Some(text) = answer.headers.get(name) else { return Ok(None) };
            let url = text.to_str().ok().and_then(|text| self.endpoint.own(text));
            url.map(Some).ok_or(Failure::new(Reason::ForeignAddress))
        };
        if answer.status != 202 {
            return parse(&answer.body);
        }
        let operation = address(&answer, "azure-asyncoperation")?;
        let mut location = address(&answer, LOCATION.as_str())?;
        if let Some(operation) = &operation {
            loop {
                self.pause(&answer.headers).await?;
                answer = self.send(&Method::GET, operation, None).await?;
                location = address(&answer, LOCATION.as_str())?.or(location);
                let state = parse(&answer.body)?;
                match state.get("status").and_then(Value::as_str).unwrap_or("InProgress") {
                    "Succeeded" => match &location {
                        Some(_) => break,
                        None => {
                            return Ok(state.pointer("/properties/output").cloned().unwrap_or(Value::Null));
                        }
                    },
                    "Failed" | "Canceled" => {
                        let error = Some(arm_error(&state));
                        return Err(Failure {
                            reason: Reason::BadRequest,
                            status: Some(answer.status),
                            error,
                        });
                    }
                    _ => {}
                }
            }
        }
        let location = location.ok_or(Failure::new(Reason::Unreadable))?;
        let mut is_first = operation.is_some();
        loop {
            // What has succeeded is there at once.
            if !std::mem::take(&mut is_first) {
                self.pause(&answer.headers).await?;
            }
            answer = self.send(&Method::GET, &location, None).await?;
            if answer.status != 202 {
                return parse(&answer.body);
            }
        }
    }

    /// Waits before a poll, as long as the answer says.
    async fn pause(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let usual = if left < SHORT_OF_TIME { SHORT_POLL } else { POLL };
        let said = headers.get("retry-after").and_then(|text| text.to_str().ok()?.trim().parse().ok());
        let pause = said.map_or(usual, Duration::from_secs);
        if pause >= left {
            return Err(Failure::new(Reason::Timeout));
        }
        sleep(pause).await;
        Ok(())
    }

    /// Sends a request until it has an answer of status 2xx, as often as documented.
    async fn send(&self, method: &Method, url: &Address, body: Option<&Value>) -> Result<Answer, Failure> {
        let (mut throttled, mut failed) = (0, 0);
        loop {
            let token = self.token.borrow().clone();
            let (failure, pause) = match self.once(method, url, body, &token).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let wait = match failure.status {
                Some(401) => {
                    self.renew(&token).await?;
                    continue;
                }
                Some(429 | 503) if throttled < MAX_THROTTLED => {
                    throttled += 1;
                    pause.unwrap_or_else(|| Duration::from_secs(1 << (throttled - 1)))
                }
                Some(500 | 502 | 504)
                    if failed == 0 && !failure.error.as_ref().is_some_and(is_management_failure) =>
                {
                    failed += 1;
                    Duration::from_secs(1)
                }
                _ => {
                    if failure.reason.ends_all() {
                        self.ended.set(Some(failure.reason));
                    }
                    return Err(failure);
                }
            };
            if Instant::now() + wait >= self.deadline {
                let reason = if matches!(failure.status, Some(429 | 503)) {
                    Reason::Throttled
                } else {
                    failure.reason
                };
                return Err(Failure { reason, ..failure });
            }
            sleep(wait).await;
        }
    }

    /// Asks for another token in place of one that was not accepted, once.
    async fn renew(&self, refused: &Token) -> Result<(), Failure> {
        let unauthorized = Failure { status: Some(401), ..Failure::new(Reason::Unauthorized) };
        let is_another = *self.token.borrow() != *refused;
        if is_another {
            return Ok(());
        }
        if let (Renewal::Metadata(resource, identity), false) = (&self.renewal, self.renewed.replace(true))
            && let Ok(token) = token::ask(resource, identity, self.deadline).await
        {
            self.token.replace(token);
            return Ok(());
        }
        self.ended.set(Some(Reason::Unauthorized));
        Err(unauthorized)
    }

    /// Sends one request. An error comes with the pause that it asks for.
    async fn once(
        &self,
        method: &Method,
        url: &Address,
        body: Option<&Value>,
        token: &Token,
    ) -> Result<Answer, (Failure, Option<Duration>)> {
        let plain = |reason| (Failure::new(reason), None);
        if let Some(reason) = self.ended.get() {
            return Err(plain(reason));
        }
        if self.requests.get() >= MAX_REQUESTS {
            return Err(plain(Reason::Budget));
        }
        if Instant::now() >= self.deadline {
            return Err(plain(Reason::Timeout));
        }
        self.requests.set(self.requests.get() + 1);
        let header = token.header().ok_or_else(|| plain(Reason::Unauthorized))?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, header);
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        } else if *method == Method::POST {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let sent = self.client.send(method, url.target(), headers, body);
        let response = match timeout_at(self.deadline, sent).await {
            Err(_) => return Err(plain(Reason::Timeout)),
            Ok(Err(reason)) => return Err(plain(reason)),
            Ok(Ok(response)) => response,
        };
        let pause = client::retry_after(&response);
        self.read(response).await.map_err(|failure| (failure, pause))
    }

    async fn read(&self, response: Response) -> Result<Answer, Failure> {
        let (status, headers) = (response.status, response.headers.clone());
        let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > MAX_HEADER {
            return Err(Failure { status: Some(status), ..Failure::new(Reason::TooLarge) });
        }
        if (300..400).contains(&status) {
            return Err(Failure { status: Some(status), ..Failure::new(Reason::ForeignAddress) });
        }
        let is_encoded = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
        if is_encoded {
            return Err(Failure { status: Some(status), ..Failure::new(Reason::Unreadable) });
        }
        let limit = MAX_BODY.min(MAX_TOTAL.saturating_sub(self.bytes.get()));
        let body = match timeout_at(self.deadline, self.client.body(response, limit)).await {
            Err(_) => return Err(Failure::new(Reason::Timeout)),
            Ok(Err(_)) => return Err(Failure { status: Some(status), ..Failure::new(Reason::Unreadable) }),
            Ok(Ok(None)) => return Err(Failure { status: Some(status), ..Failure::new(Reason::TooLarge) }),
            Ok(Ok(Some(body))) => body,
        };
        self.bytes.set(self.bytes.get() + body.len());
        // Nothing that repeats the token is kept.
        if self.token.borrow().is_in(&String::from_utf8_lossy(&body)) {
            return Err(Failure { status: Some(status), ..Failure::new(Reason::Unreadable) });
        }
        if (200..300).contains(&status) {
            return Ok(Answer { status, headers, body });
        }
        let error = serde_json::from_slice(&body).ok().map(|value| arm_error(&value));
        Err(Failure { reason: reason_of_status(status), status: Some(status), error })
    }
}

/// A document as it is kept: without what may be secret.
pub(crate) fn document(kind: Kind, path: &str, mut body: Value) -> Document {
    scrub(&mut body);
    Document {
        kind,
        id: path.to_owned(),
        api_version: call(kind).version,
        fetched_at: SystemTime::now(),
        body,
    }
}

fn refusal(kind: Kind, path: &str, failure: &Failure) -> Refusal {
    let action = failure.action().unwrap_or(call(kind).action);
    Refusal {
        kind,
        id: path.to_owned(),
        action: action.to_owned(),
        status: failure.status,
        reason: failure.reason,
    }
}

fn parse(body: &[u8]) -> Result<Value, Failure> {
    if body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|_| Failure::new(Reason::Unreadable))
}

fn next_link(value: &Value) -> Option<String> {
    value.get("nextLink")?.as_str().filter(|link| !link.is_empty()).map(str::to_owned)
}

/// Adds a page to the list before it: its entries, and where the next one is.
fn join(first: &mut Value, mut page: Value) {
    let more = page.get_mut("value").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    if let Some(list) = first.get_mut("value").and_then(Value::as_array_mut) {
        list.extend(more);
    }
    if let Some(object) = first.as_object_mut() {
        for key in ["nextLink", "skipToken"] {
            object.remove(key);
            if let Some(next) = page.get(key) {
                object.insert(key.to_owned(), next.clone());
            }
        }
    }
}

/// `{"error": {"code", "message"}}`, also without the outer key.
fn arm_error(value: &Value) -> ArmError {
    let inner = value.get("error").unwrap_or(value);
    let text = |key| inner.get(key).and_then(Value::as_str).unwrap_or_default();
    ArmError {
        code: text("code").chars().take(100).collect(),
        message: text("message").chars().take(2000).collect(),
    }
}

fn is_management_failure(error: &ArmError) -> bool {
    MANAGEMENT_FAILED.iter().any(|word| error.code.contains(word) || error.message.contains(word))
}

/// The code by which readers know the failure: of an error whose message alone names the port, with the port.
fn management_code(error: &ArmError) -> String {
    let is_known = MANAGEMENT_FAILED.iter().any(|word| error.code.contains(word));
    if is_known { error.code.clone() } else { format!("{} (3443)", error.code).trim().to_owned() }
}

const fn reason_of_status(status: u16) -> Reason {
    match status {
        401 => Reason::Unauthorized,
        403 => Reason::Forbidden,
        404 | 410 => Reason::NotFound,
        407 => Reason::Proxy,
        409 => Reason::Conflict,
        429 => Reason::Throttled,
        500.. => Reason::ServerError,
        _ => Reason::BadRequest,
    }
}
