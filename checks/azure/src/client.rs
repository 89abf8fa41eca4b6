//! HTTP clients: no redirect is followed, nothing is decompressed, every body has a bound.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};

/// What every client of this crate has in common.
fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("apim-probe/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .pool_max_idle_per_host(1)
        .referer(false)
}

/// A client for the metadata service: plain HTTP to its literal address, never through a proxy.
///
/// # Errors
/// The machine has no resources for a client.
pub(crate) fn metadata(connect: Duration, total: Duration) -> reqwest::Result<Client> {
    builder().no_proxy().connect_timeout(connect).timeout(total).tls_backend_preconfigured(no_tls()).build()
}

/// The body of an answer, up to `limit` bytes; `None` where there is more.
///
/// # Errors
/// The connection ended before the body did.
pub(crate) async fn body(mut response: Response, limit: usize) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// A configuration that trusts nobody: this client speaks plain HTTP.
fn no_tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
