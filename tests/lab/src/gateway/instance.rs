//! The instance behind a gateway: it answers by host name alone, each endpoint on its own paths.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustls::ServerConfig;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::kind::{Kind, field};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::http::{read_head, response};
use crate::service::{OLD_TLS, hold, read_some, reset, say};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The names that every instance has.
pub(super) const DEFAULT_NAMES: [&str; 6] = [
    "contoso.azure-api.net",
    "contoso.portal.azure-api.net",
    "contoso.developer.azure-api.net",
    "contoso.management.azure-api.net",
    "contoso.configuration.azure-api.net",
    "contoso.scm.azure-api.net",
];

/// An instance in internal mode.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Instance {
    /// Its private address.
    pub address: IpAddr,
    /// Custom domains whose certificates come from the company's own CA.
    pub private: Vec<Kind>,
    /// How it misbehaves for every host.
    pub fault: Fault,
    /// Custom domains that it does not have.
    pub lacks: Vec<Kind>,
    /// Endpoints that answer 503.
    pub unavailable: Vec<Kind>,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::new(10, 0, 2, 10)),
            private: Vec::new(),
            fault: Fault::None,
            lacks: Vec::new(),
            unavailable: Vec::new(),
        }
    }
}

/// An instance that listens.
#[derive(Clone)]
pub(crate) struct InstanceServer {
    names: Arc<HashMap<String, Arc<ServerConfig>>>,
    fault: Fault,
    unavailable: Arc<[Kind]>,
}

impl InstanceServer {
    /// The server of an instance.
    ///
    /// # Errors
    /// A certificate cannot be made.
    pub(super) fn new(authority: &Authority, instance: &Instance) -> Result<Self, Error> {
        let custom = Kind::ALL.into_iter().filter(|kind| !instance.lacks.contains(kind));
        let custom = custom.map(|kind| {
            if instance.private.contains(&kind) {
                (kind.host(), Fault::Inspected)
            } else {
                (kind.host(), Fault::None)
            }
        });
        let default = DEFAULT_NAMES.into_iter().map(|name| (name, Fault::None));
        let names = custom
            .chain(default)
            .map(|(name, fault)| Ok((name.to_owned(), authority.server(&[name], fault)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            names: Arc::new(names),
            fault: instance.fault,
            unavailable: instance.unavailable.as_slice().into(),
        })
    }

    /// Serves one connection.
    ///
    /// # Errors
    /// The connection ends early.
    pub(super) async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        match self.fault {
            Fault::Silent => return hold(stream).await,
            Fault::Reset => return reset(stream).await,
            Fault::Close => return read_some(&mut stream).await,
            Fault::Plain => return say(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await,
            Fault::OldTls => return say(stream, &OLD_TLS).await,
            _ => {}
        }
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
        // Without a name that is its own, by address alone, an instance closes the connection.
        let config = hello.client_hello().server_name().and_then(|name| self.names.get(name)).cloned();
        let Some(config) = config else { return Ok(()) };
        let mut session = hello.into_stream(config).await?;
        let head = read_head(&mut session).await?;
        session.write_all(&self.answer(&head)).await?;
        session.shutdown().await
    }

    fn answer(&self, head: &str) -> Vec<u8> {
        let path = head.split(' ').nth(1).unwrap_or("/");
        let host = field(head, "host").unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let kind = self.names.contains_key(host).then(|| kind_of(host));
        let is_there = match kind {
            Some(Kind::Gateway) => {
                ["/status-0123456789abcdef", "/internal-status-0123456789abcdef"].contains(&path)
            }
            Some(Kind::Portal) => ["/signin", "/internal-status-0123456789abcdef"].contains(&path),
            Some(Kind::Management) => path == "/ServiceStatus",
            None => false,
        };
        if kind.is_some_and(|kind| self.unavailable.contains(&kind)) {
            return response(503, "", b"");
        }
        if is_there {
            response(200, "Content-Type: text/plain\r\n", b"Service Operational")
        } else {
            response(
                404,
                "Content-Type: application/json\r\n",
                br#"{"statusCode":404,"message":"Resource not found"}"#,
            )
        }
    }
}

/// The endpoint of a name.
fn kind_of(host: &str) -> Kind {
    if host.contains("management.") {
        Kind::Management
    } else if host.contains("portal.") || host.contains("developer.") {
        Kind::Portal
    } else {
        Kind::Gateway
    }
}
