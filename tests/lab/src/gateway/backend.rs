//! The gateway as a client of its pool: TLS with a name and roots that are accepted, and one GET.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::authority::Authority;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Bytes of an answer that are passed on at most.
const ANSWER: u64 = 64 * 1024;

/// The roots that backend settings accept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trusts {
    /// The public ones.
    #[default]
    Public,
    /// The company's own, as a trusted root certificate.
    Company,
}

/// A server of a pool.
pub(super) struct Backend {
    address: SocketAddr,
    tls: TlsConnector,
}

impl Backend {
    /// The server at `address`, whose chain must end in what is trusted.
    ///
    /// # Errors
    /// A root that cannot be read.
    pub(super) fn new(authority: &Authority, address: SocketAddr, trusts: Trusts) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.root_der().to_vec()))?;
        if trusts == Trusts::Company {
            roots.add(CertificateDer::from(authority.company_der().to_vec()))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { address, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// What the server answers to `GET path` of `host`, which is its name in TLS and in HTTP.
    ///
    /// # Errors
    /// There is no answer.
    pub(super) async fn get(&self, host: &str, path: &str) -> io::Result<Vec<u8>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TcpStream::connect(self.address).await?;
        let mut session = self.tls.connect(name, stream).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        session.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        session.take(ANSWER).read_to_end(&mut answer).await?;
        Ok(answer)
    }
}
