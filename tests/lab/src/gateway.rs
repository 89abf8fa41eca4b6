//! An Application Gateway in front of an instance: listeners, health probes, routing and its own pages, with faults as data.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::gateway::backend::{Backend, Trusts};
use crate::gateway::kind::field;
use crate::http::{read_head, response};
use crate::service::{OLD_TLS, hold, reset, say};

mod backend;
mod instance;
mod kind;

use instance::InstanceServer;

pub use instance::Instance;
pub use kind::Kind;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long the gateway waits for its backend before it answers 504.
const BACKEND: Duration = Duration::from_secs(2);

/// The gateway's own name.
const NAME_OF_GATEWAY: &str = "agw.contoso.example";

/// What a gateway says of itself in `Server`, and on its pages.
const NAME: &str = "Microsoft-Azure-Application-Gateway/v2";

/// A gateway and the instance behind it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gateway {
    /// Address of the front end.
    pub address: IpAddr,
    /// Where the gateway's own name leads, `agw.contoso.example`, if not to its front end.
    pub leads_to: Option<IpAddr>,
    /// What listens there in place of a gateway, for every host.
    pub fault: Fault,
    /// The instance.
    pub instance: Instance,
    /// What is special about the way of an endpoint; one without an entry is published as the documentation says.
    pub site: Vec<Site>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::new(10, 0, 2, 20)),
            leads_to: None,
            fault: Fault::None,
            instance: Instance::default(),
            site: Vec::new(),
        }
    }
}

/// The way of one endpoint through the gateway: listener, rule, settings, probe and pool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The endpoint.
    pub kind: Kind,
    /// No listener has its host name.
    #[serde(default)]
    pub unpublished: bool,
    /// The listener's certificate.
    #[serde(default)]
    pub certificate: Fault,
    /// The web application firewall blocks what is asked.
    #[serde(default)]
    pub blocked: bool,
    /// Host and path of the probe, where they are not the documented ones.
    pub probe_host: Option<String>,
    /// See `probe_host`.
    pub probe_path: Option<String>,
    /// The address in the pool, where it is not the instance's.
    pub pool: Option<IpAddr>,
    /// The host name of the settings, where it is not the client's.
    pub sends_host: Option<String>,
    /// The roots that the settings accept.
    #[serde(default)]
    pub trusts: Trusts,
    /// Where the host's name leads, if not to the gateway.
    pub leads_to: Option<IpAddr>,
}

impl Site {
    fn documented(kind: Kind) -> Self {
        Self {
            kind,
            unpublished: false,
            certificate: Fault::None,
            blocked: false,
            probe_host: None,
            probe_path: None,
            pool: None,
            sends_host: None,
            trusts: Trusts::default(),
            leads_to: None,
        }
    }
}

impl Gateway {
    /// The way of each endpoint.
    fn sites(&self) -> impl Iterator<Item = Site> {
        let given = |kind| self.site.iter().find(|site| site.kind == kind).cloned();
        Kind::ALL.into_iter().map(move |kind| given(kind).unwrap_or_else(|| Site::documented(kind)))
    }

    /// The options that tell `check` of the gateway and its instance.
    pub fn check_options(&self) -> Vec<String> {
        let private_ip = self.instance.address.to_string();
        let given =
            [("--service", "contoso"), ("--private-ip", &private_ip), ("--app-gateway", NAME_OF_GATEWAY)];
        let given = given.into_iter().flat_map(|(option, value)| [option.to_owned(), value.to_owned()]);
        let domain = |kind: Kind| ["--hostname".to_owned(), format!("{}={}", kind.word(), kind.host())];
        given.chain(Kind::ALL.into_iter().flat_map(domain)).collect()
    }

    /// Every name of gateway and instance, and where it leads.
    pub fn names(&self) -> impl Iterator<Item = (String, IpAddr)> {
        let own = std::iter::once((NAME_OF_GATEWAY.to_owned(), self.leads_to.unwrap_or(self.address)));
        let sites = self
            .sites()
            .map(|site| (site.kind.host().to_owned(), site.leads_to.unwrap_or(self.address)))
            .collect::<Vec<_>>();
        let default = instance::DEFAULT_NAMES.iter().map(|name| ((*name).to_owned(), self.instance.address));
        own.chain(sites).chain(default)
    }
}

/// A gateway that listens.
#[derive(Clone)]
pub(crate) struct GatewayServer {
    sites: Arc<[Published]>,
    fault: Fault,
}

/// One listener with all that stands behind it.
struct Published {
    site: Site,
    host: &'static str,
    tls: Arc<ServerConfig>,
    backend: Backend,
}

impl GatewayServer {
    /// The server of a gateway.
    ///
    /// # Errors
    /// A certificate cannot be made.
    fn new(authority: &Authority, gateway: &Gateway) -> Result<Self, Error> {
        let published = |site: Site| {
            let host = site.kind.host();
            let address = site.pool.unwrap_or(gateway.instance.address);
            let backend = Backend::new(authority, SocketAddr::new(address, 443), site.trusts)?;
            let tls = authority.server(&[host], site.certificate)?;
            Ok::<_, Error>(Published { site, host, tls, backend })
        };
        let sites = gateway.sites().filter(|site| !site.unpublished).map(published);
        Ok(Self { sites: sites.collect::<Result<_, _>>()?, fault: gateway.fault })
    }

    /// Serves one connection.
    ///
    /// # Errors
    /// The connection ends early.
    async fn serve(&self, stream: TcpStream) -> io::Result<()> {
        match self.fault {
            Fault::Silent => return hold(stream).await,
            Fault::Reset => return reset(stream).await,
            Fault::Plain => return say(stream, &page(400, "Bad Request")).await,
            Fault::OldTls => return say(stream, &OLD_TLS).await,
            _ => {}
        }
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
        let asked = hello.client_hello().server_name().map(str::to_owned);
        // A name without a listener gets the certificate of the first one.
        let named = self.sites.iter().find(|one| Some(one.host) == asked.as_deref());
        let Some(shown) = named.or_else(|| self.sites.first()) else { return Ok(()) };
        let mut session = hello.into_stream(Arc::clone(&shown.tls)).await?;
        let head = read_head(&mut session).await?;
        let answer = self.answer(&head).await;
        session.write_all(&answer).await?;
        TlsStream::shutdown(&mut session).await
    }

    async fn answer(&self, head: &str) -> Vec<u8> {
        let path = head.split(' ').nth(1).unwrap_or("/");
        let host = field(head, "host").unwrap_or_default();
        let Some(found) = self.sites.iter().find(|one| one.host == host) else {
            return page(404, "Not Found");
        };
        if found.site.blocked {
            return page(403, "Forbidden");
        }
        let Published { site, backend, .. } = found;
        let probe_host = site.probe_host.as_deref().unwrap_or(found.host);
        let probe_path = site.probe_path.as_deref().unwrap_or(site.kind.path());
        if !is_healthy(timeout(BACKEND, backend.get(probe_host, probe_path)).await) {
            return page(502, "Bad Gateway");
        }
        let host = site.sends_host.as_deref().unwrap_or(found.host);
        match timeout(BACKEND, backend.get(host, path)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => page(502, "Bad Gateway"),
            Err(_) => page(504, "Gateway Time-out"),
        }
    }
}

/// True for what a probe accepts: 200 to 399.
fn is_healthy<E>(answer: Result<io::Result<Vec<u8>>, E>) -> bool {
    let Ok(Ok(answer)) = answer else { return false };
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|word| word.parse::<u16>().ok());
    status.is_some_and(|status| (200..400).contains(&status))
}

/// One of the gateway's own pages.
fn page(status: u16, reason: &str) -> Vec<u8> {
    let body = format!(
        "<html><head><title>{status} {reason}</title></head><body><h1>{status} {reason}</h1>{NAME}</body></html>"
    );
    response(status, &format!("Server: {NAME}\r\nContent-Type: text/html\r\n"), body.as_bytes())
}

/// The servers of a gateway and its instance, by address and port.
///
/// # Errors
/// A certificate cannot be made.
pub(crate) fn servers(
    authority: &Authority,
    gateway: &Gateway,
) -> Result<HashMap<SocketAddr, Server>, Error> {
    let front = Server::Gateway(GatewayServer::new(authority, gateway)?);
    let instance = Server::Instance(InstanceServer::new(authority, &gateway.instance)?);
    let at = gateway.instance.address;
    Ok(HashMap::from([
        (SocketAddr::new(gateway.address, 443), front),
        (SocketAddr::new(at, 443), instance.clone()),
        (SocketAddr::new(at, 3443), instance),
    ]))
}

/// One of the two.
#[derive(Clone)]
pub(crate) enum Server {
    /// The gateway.
    Gateway(GatewayServer),
    /// The instance behind it.
    Instance(InstanceServer),
}

impl Server {
    /// Serves one connection.
    ///
    /// # Errors
    /// The connection ends early.
    pub(crate) async fn serve(&self, stream: TcpStream) -> io::Result<()> {
        match self {
            Self::Gateway(gateway) => gateway.serve(stream).await,
            Self::Instance(instance) => instance.serve(stream).await,
        }
    }
}
