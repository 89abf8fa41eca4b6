//! HTTP clients: no redirect is followed, nothing is decompressed, every body has a bound.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, NoProxy, Response};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::resolve::Resolver;

/// A connect to ARM or to the proxy, TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// The proxy of the environment.
#[derive(Clone)]
pub struct Proxy {
    /// Its address; a user and a password in it are sent to it alone.
    pub url: String,
    /// Hosts that are asked without it, as curl reads `NO_PROXY`.
    pub exceptions: String,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("exceptions", &self.exceptions).finish_non_exhaustive()
    }
}

/// Why there is no client.
#[derive(Debug)]
pub(crate) enum ClientError {
    /// The proxy's address makes no sense, or wants TLS to the proxy itself.
    Proxy,
    /// The machine has no resources for one.
    Resources,
}

/// What every client of this crate has in common.
fn builder(roots: Arc<RootCertStore>) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("apim-probe/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .referer(false)
        .no_proxy()
        .tls_backend_preconfigured(tls(roots))
}

/// A client for the metadata service: plain HTTP to its literal address, never through a proxy.
///
/// # Errors
/// The machine has no resources for a client.
pub(crate) fn metadata(connect: Duration, total: Duration) -> reqwest::Result<Client> {
    builder(Arc::new(RootCertStore::empty())).connect_timeout(connect).timeout(total).build()
}

/// A client for ARM: over chains that end in `roots`, through `proxy` where there is one.
pub(crate) fn arm(
    roots: Arc<RootCertStore>,
    servers: &[SocketAddr],
    proxy: Option<&Proxy>,
) -> Result<Client, ClientError> {
    let mut builder = builder(roots).connect_timeout(CONNECT).dns_resolver(Resolver::new(servers));
    if let Some(Proxy { url, exceptions }) = proxy {
        let address = if url.contains("://") { url.clone() } else { format!("http://{url}") };
        if !address.starts_with("http://") {
            return Err(ClientError::Proxy);
        }
        let proxy = reqwest::Proxy::all(address).map_err(|_| ClientError::Proxy)?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(exceptions)));
    }
    builder.build().map_err(|_| ClientError::Resources)
}

fn tls(roots: Arc<RootCertStore>) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The body of an answer, up to `limit` bytes; `None` where there is more.
///
/// # Errors
/// The connection ended before the body did.
pub(crate) async fn body(mut response: Response, limit: usize) -> reqwest::Result<Option<Vec<u8>>> {
    let is_longer = |length: u64| usize::try_from(length).map_or(true, |length| length > limit);
    if response.content_length().is_some_and(is_longer) {
        return Ok(None);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// The pause that an answer asks for: seconds, or a date.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    let date = || httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok();
    text.parse().ok().map(Duration::from_secs).or_else(date)
}
