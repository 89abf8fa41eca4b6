//! A small Azure Resource Manager: one machine, its network, the instance in it; documented answers and faults.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

mod estate;

pub use estate::{Estate, GATEWAY, MACHINE, SERVICE, SUBSCRIPTION};

/// The token that the lab's metadata service gives, and that this ARM wants. No output may hold it.
pub const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJsYWIiOiJjYW5hcnkifQ.canary-token-of-the-lab";

/// A token that this ARM does not accept any more. No output may hold it either.
pub const STALE: &str = "eyJhbGciOiJub25lIn0.eyJsYWIiOiJjYW5hcnkifQ.canary-token-that-is-stale";

/// The file to which every request is noted, a line each, where one was named.
#[derive(Debug, Clone, Default)]
pub struct Log(Option<Arc<Path>>);

impl Log {
    /// The file that the environment of the lab names.
    #[must_use]
    pub fn of_environment() -> Self {
        Self(std::env::var_os("APIM_PROBE_LAB_LOG").map(|path| PathBuf::from(path).into()))
    }

    /// Adds a line. A log that cannot be written is missed by the test that reads it.
    pub fn note(&self, line: &str) {
        let Some(path) = &self.0 else { return };
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// How ARM misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArmFault {
    /// 401: the token is not accepted.
    Unauthorized,
    /// 403 that names the action of the first segment behind `providers`.
    Forbidden,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 410.
    Gone,
    /// 429 with a `Retry-After` beyond any patience.
    ThrottledLong,
    /// 429 with a short `Retry-After`, twice; then the answer.
    ThrottledTwice,
    /// 500.
    ServerError,
    /// 503 once; then the answer.
    UnavailableOnce,
    /// 202 that never ends.
    Accepted202,
    /// A body that ends in its middle.
    HalfBody,
    /// A body of 100 MiB.
    Huge,
    /// A redirect to another host.
    ForeignRedirect,
    /// 202 whose result is on another host.
    ForeignLocation,
    /// A list whose next page is on another host.
    ForeignPage,
    /// Never answers.
    Silent,
    /// An encoded body.
    Encoded,
    /// A body that is no JSON.
    NotJson,
    /// A body that repeats the token.
    Echo,
    /// A list without end.
    Endless,
    /// 500: the management endpoint cannot be reached on 3443.
    Management,
    /// 400 of a machine that is not running.
    NotRunning,
}

/// A fault at some paths.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmRule {
    /// A part of the path; empty means every one.
    #[serde(default)]
    pub at: String,
    /// How.
    pub fault: ArmFault,
}

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names of its fields, lower case.
    pub fields: Vec<String>,
}

/// ARM of the lab.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Where it can be found, for the addresses that it gives: `http://127.0.0.1:1234`.
    base: String,
    rules: Arc<[ArmRule]>,
    estate: Estate,
    asked: Arc<Mutex<Vec<Asked>>>,
    log: Log,
}

impl Arm {
    /// ARM at `base`, with faults.
    #[must_use]
    pub fn new(base: impl Into<String>, rules: Vec<ArmRule>) -> Self {
        Self {
            base: base.into(),
            rules: rules.into(),
            estate: Estate::default(),
            asked: Arc::default(),
            log: Log::of_environment(),
        }
    }

    /// The same with another estate.
    #[must_use]
    pub fn with(self, estate: Estate) -> Self {
        Self { estate, ..self }
    }

    /// Serves plain HTTP on a free port of 127.0.0.1 until the runtime ends.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(rules: Vec<ArmRule>) -> io::Result<(SocketAddr, Self)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let arm = Self::new(format!("http://{address}"), rules);
        let serving = arm.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let arm = serving.clone();
                tokio::spawn(async move { arm.serve(&mut stream).await });
            }
        });
        Ok((address, arm))
    }

    /// Everything that was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads one request and answers it.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut S) -> io::Result<()> {
        let head = read_head(stream).await?;
        self.answer(stream, &head).await
    }

    /// Answers the request whose head was read.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        head: &str,
    ) -> io::Result<()> {
        let mut words = head.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
        let fields: Vec<(String, String)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let place = path.split('?').next().unwrap_or(path);
        let seen = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let names = fields.iter().map(|(name, _)| name.clone()).collect();
            self.log.note(&format!("{method} {path}"));
            asked.push(Asked { method: method.to_owned(), path: path.to_owned(), fields: names });
            asked.iter().filter(|one| one.path.split('?').next() == Some(place)).count()
        };
        let token = fields.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str());
        let fault = self.rules.iter().find(|rule| path.contains(&rule.at)).map(|rule| rule.fault);
        if token != Some(&format!("Bearer {TOKEN}")) {
            return write(stream, &failed(401, "InvalidAuthenticationToken", "The access token is invalid."))
                .await;
        }
        match fault {
            Some(ArmFault::Silent) => std::future::pending().await,
            Some(ArmFault::Huge) => huge(stream).await,
            Some(fault) => match self.faulty(fault, place, seen) {
                Some(answer) => write(stream, &answer).await,
                None => write(stream, &self.usual(method, place, path)).await,
            },
            None => write(stream, &self.usual(method, place, path)).await,
        }
    }

    /// The answer of a fault; `None` where it has passed.
    fn faulty(&self, fault: ArmFault, place: &str, seen: usize) -> Option<Vec<u8>> {
        Some(match fault {
            ArmFault::Unauthorized => {
                failed(401, "InvalidAuthenticationToken", "The access token is invalid.")
            }
            ArmFault::Forbidden => failed(
                403,
                "AuthorizationFailed",
                &format!(
                    "The client 'x' with object id 'x' does not have authorization to perform action '{}' over scope '{place}' or the scope is invalid.",
                    estate::action(place)
                ),
            ),
            ArmFault::NotFound => failed(404, "ResourceNotFound", "The Resource was not found."),
            ArmFault::Conflict => {
                failed(409, "AnotherOperationInProgress", "Another operation is in progress.")
            }
            ArmFault::Gone => failed(410, "Gone", "The resource is gone."),
            ArmFault::ThrottledLong => throttled(86_400),
            ArmFault::ThrottledTwice if seen <= 2 => throttled(1),
            ArmFault::ServerError => failed(500, "InternalServerError", "An error has occurred."),
            ArmFault::UnavailableOnce if seen <= 1 => failed(503, "ServerBusy", "The server is busy."),
            ArmFault::ThrottledTwice | ArmFault::UnavailableOnce => return None,
            ArmFault::Accepted202 => self.accepted(&format!("{}/operations/never", self.base)),
            ArmFault::HalfBody => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"name\": \"ha".to_vec(),
            ArmFault::ForeignRedirect => {
                response(307, "Location: http://127.0.0.9:9/subscriptions\r\n", b"{}")
            }
            ArmFault::ForeignLocation => self.accepted("http://127.0.0.9:9/operations/1"),
            ArmFault::ForeignPage => {
                ok(&json!({"value": [], "nextLink": "http://127.0.0.9:9/subscriptions?page=2"}))
            }
            ArmFault::Encoded => response(200, "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00"),
            ArmFault::NotJson => response(200, "", b"<html>maintenance</html>"),
            ArmFault::Echo => ok(&json!({"properties": {"said": format!("Bearer {TOKEN}")}})),
            ArmFault::Endless => ok(
                &json!({"value": [{"name": "a"}], "nextLink": format!("{}{place}?page={seen}", self.base)}),
            ),
            ArmFault::Management => failed(
                500,
                "ManagementApiRequestFailed",
                "There was a failure while connecting to the management endpoint on port 3443.",
            ),
            ArmFault::NotRunning => {
                failed(400, "NetworkInterfaceNotInUse", "The network interface is not on a running machine.")
            }
            ArmFault::Silent | ArmFault::Huge => return None,
        })
    }

    fn usual(&self, method: &str, place: &str, path: &str) -> Vec<u8> {
        if let Some(of) = place.strip_prefix("/operations/status/") {
            let location = format!("{}/operations/result/{of}", self.base);
            return response(
                200,
                &format!("Location: {location}\r\nContent-Type: application/json\r\n"),
                br#"{"status": "Succeeded"}"#,
            );
        }
        if let Some(of) = place.strip_prefix("/operations/result/") {
            return ok(&self.estate.result(of));
        }
        if place == "/operations/never" {
            return self.accepted(&format!("{}/operations/never", self.base));
        }
        if method == "POST" {
            return match estate::posted(place) {
                Some(of) => {
                    let operation = format!("{}/operations/status/{of}", self.base);
                    let fields = format!("Azure-AsyncOperation: {operation}\r\nRetry-After: 0\r\n");
                    response(202, &fields, b"null")
                }
                None => failed(404, "ResourceNotFound", "The Resource was not found."),
            };
        }
        let page = if path.contains("page=2") { estate::Page::Second } else { estate::Page::First };
        match self.estate.got(place, page, &self.base) {
            Some(body) => ok(&body),
            None => failed(404, "ResourceNotFound", "The Resource was not found."),
        }
    }

    fn accepted(&self, location: &str) -> Vec<u8> {
        response(202, &format!("Location: {location}\r\nRetry-After: 1\r\n"), b"null")
    }
}

async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 65_536 {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await
}

/// 100 MiB, without saying so beforehand.
async fn huge<S: AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..100 {
        stream.write_all(b"100000\r\n").await?;
        stream.write_all(&chunk).await?;
        stream.write_all(b"\r\n").await?;
    }
    write(stream, b"0\r\n\r\n").await
}

fn response(status: u16, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Lab\r\nContent-Length: {length}\r\nConnection: close\r\n{fields}\r\n");
    [head.as_bytes(), body].concat()
}

fn ok(body: &Value) -> Vec<u8> {
    response(200, "Content-Type: application/json; charset=utf-8\r\n", body.to_string().as_bytes())
}

fn failed(status: u16, code: &str, message: &str) -> Vec<u8> {
    let body = json!({"error": {"code": code, "message": message}}).to_string();
    response(status, "Content-Type: application/json; charset=utf-8\r\n", body.as_bytes())
}

fn throttled(seconds: u32) -> Vec<u8> {
    let body = json!({"error": {"code": "TooManyRequests", "message": "Slow down."}}).to_string();
    response(429, &format!("Retry-After: {seconds}\r\n"), body.as_bytes())
}
