//! From an address to a stream on which HTTP is spoken: DNS, TCP, the proxy's tunnel, TLS.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use apim_probe_checks::probe::dns;
use apim_probe_checks::server::Server;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::address::Address;
use crate::proxy::Relay;
use crate::reason::Reason;

/// A name's answer, retries and a second server included.
const NAME: Duration = Duration::from_secs(5);

/// Bytes of what a proxy answers, up to the blank line.
const HEAD: usize = 8 * 1024;

/// A connection, whatever it is made of.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How a server is come to.
pub(crate) struct Route {
    /// The server.
    pub(crate) address: Address,
    /// DNS servers, in order; the hosts file is not read.
    pub(crate) servers: Vec<Server>,
    /// The proxy that opens a tunnel to it.
    pub(crate) relay: Option<Relay>,
    /// TLS with the roots that count; `None` for plain HTTP.
    pub(crate) tls: Option<TlsConnector>,
    /// The time for one connection, TLS included.
    pub(crate) time: Duration,
}

impl Route {
    /// Connects.
    ///
    /// # Errors
    /// [`Reason::Timeout`], [`Reason::Unreachable`], [`Reason::Proxy`] or [`Reason::Untrusted`].
    pub(crate) async fn connect(&self) -> Result<Box<dyn Stream>, Reason> {
        let until = Instant::now() + self.time;
        timeout_at(until, self.connect_until(until)).await.unwrap_or(Err(Reason::Timeout))
    }

    async fn connect_until(&self, until: Instant) -> Result<Box<dyn Stream>, Reason> {
        let stream = match &self.relay {
            None => self.dial(&self.address, until).await?,
            Some(relay) => {
                let unless_late = |reason| if reason == Reason::Timeout { reason } else { Reason::Proxy };
                let mut stream = self.dial(&relay.address, until).await.map_err(unless_late)?;
                tunnel(&mut stream, &self.address, relay).await.map_err(|_| Reason::Proxy)?;
                stream
            }
        };
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        let name = ServerName::try_from(self.address.host()).map_err(|_| Reason::Unreachable)?;
        let stream = tls.connect(name, stream).await.map_err(|error| reason_of(&error))?;
        Ok(Box::new(stream))
    }

    /// A TCP connection to the first address that takes one; each has its share of the time that is left.
    async fn dial(&self, place: &Address, until: Instant) -> Result<TcpStream, Reason> {
        let addresses = self.resolve(&place.host()).await?;
        let mut reason = Reason::Unreachable;
        for (tried, ip) in addresses.iter().enumerate() {
            let left = until.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
            let connecting = TcpStream::connect(SocketAddr::new(*ip, place.port()));
            reason = match timeout_at(Instant::now() + share, connecting).await {
                Ok(Ok(stream)) => {
                    // Requests are written whole: waiting for more of one only delays it.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(_)) => Reason::Unreachable,
                Err(_) => Reason::Timeout,
            };
        }
        Err(reason)
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Reason> {
        if let Ok(ip) = host.parse() {
            return Ok(vec![ip]);
        }
        // RFC 6761: the name is this machine, whatever a DNS server says.
        if host == "localhost" {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        dns::lookup(&self.servers, host, NAME).await.map_err(|_| Reason::Unreachable)
    }
}

/// Asks a proxy for a tunnel.
async fn tunnel(stream: &mut TcpStream, to: &Address, relay: &Relay) -> io::Result<()> {
    let host = to.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let place = format!("{host}:{}", to.port());
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
    if let Some(authorization) = &relay.authorization {
        request.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    // Byte by byte: what follows the blank line belongs to TLS.
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD {
        head.push(stream.read_u8().await?);
    }
    let is_open =
        head.starts_with(b"HTTP/1.") && head.get(8..10) == Some(b" 2") && head.ends_with(b"\r\n\r\n");
    if is_open { Ok(()) } else { Err(io::ErrorKind::ConnectionRefused.into()) }
}

/// Why a handshake, or a stream that was open, failed.
pub(crate) fn reason_of(error: &io::Error) -> Reason {
    if is_of_tls(error) { Reason::Untrusted } else { Reason::Unreachable }
}

/// True where TLS is behind an error: what an I/O error holds is no source of it.
pub(crate) fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || held.is_some_and(|held| is_of_tls(held))
}
