//! Opening TCP connections: hedged, and with every way to fail told apart.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::Type;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::outcome::{Cause, Failure, Icmp, PeerEvidence, Stage};
use crate::probe::net::Net;
use crate::probe::socket;

/// When a further SYN is sent on a fresh socket. One lost SYN would otherwise cost the kernel's whole second.
const HEDGES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// A connection, and the socket permit that it lives under.
#[derive(Debug)]
pub struct Dialled {
    /// The connection.
    pub stream: Opened,
    /// Sockets that were opened for it.
    pub attempts: u32,
    _permit: OwnedSemaphorePermit,
}

/// An open connection. One that was reset before we looked at it was open none the less: the RST comes up where it is
/// first used.
#[derive(Debug)]
pub struct Opened {
    stream: TcpStream,
    was_reset: bool,
}

impl Opened {
    fn usable(&self) -> io::Result<()> {
        if self.was_reset { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Opened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.usable()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Opened {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.usable()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Why no connection could be opened.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The cause.
    pub cause: Cause,
    /// What was seen.
    pub detail: String,
    /// The ICMP message behind it.
    pub icmp: Option<Icmp>,
    /// Sockets that were opened.
    pub attempts: u32,
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        Self::new(Stage::Connect, refusal.cause, refusal.detail.clone())
    }
}

/// Connects to `peer` within the connect budget: the first of up to three sockets to finish decides.
///
/// # Errors
/// Why nothing was opened; silence is [`Cause::ConnectTimeout`].
pub async fn dial(net: &Net, peer: SocketAddr) -> Result<Dialled, Refusal> {
    let budget = net.limits().connect;
    // The clock runs once there is a socket: a machine with few of them is slower and fails nothing.
    let permit = net.socket_to(peer).await;
    let opened = Arc::new(AtomicU32::new(1));
    let mut sockets = JoinSet::new();
    sockets.spawn(connect(peer, permit));
    for delay in HEDGES.into_iter().filter(|delay| *delay < budget) {
        let (net, opened) = (net.clone(), Arc::clone(&opened));
        sockets.spawn(async move {
            sleep(delay).await;
            hedge(&net, peer, &opened).await
        });
    }
    let first = timeout(budget, sockets.join_next()).await;
    let attempts = opened.load(Ordering::Relaxed);
    match first {
        Ok(Some(Ok(Ok(dialled)))) => Ok(Dialled { attempts, ..dialled }),
        Ok(Some(Ok(Err(refused)))) => Err(Refusal { attempts, ..refused }),
        Ok(Some(Err(_)) | None) => Err(refusal(Cause::LocalResource, "the connect task ended early", 0)),
        Err(_) => {
            let detail = format!("no answer within {} ms", budget.as_millis());
            Err(refusal(Cause::ConnectTimeout, &detail, attempts))
        }
    }
}

/// One more socket, where this machine and the peer can bear it. One that cannot be afforded must not decide: the first
/// socket is still trying.
async fn hedge(net: &Net, peer: SocketAddr, opened: &AtomicU32) -> Result<Dialled, Refusal> {
    let Some(permit) = net.spare_socket(peer) else { return std::future::pending().await };
    opened.fetch_add(1, Ordering::Relaxed);
    match connect(peer, permit).await {
        Err(refused) if refused.cause == Cause::LocalResource => std::future::pending().await,
        decided => decided,
    }
}

fn refusal(cause: Cause, detail: &str, attempts: u32) -> Refusal {
    Refusal { cause, detail: detail.to_owned(), icmp: None, attempts }
}

/// One socket, one SYN (and the kernel's own repeats of it).
async fn connect(peer: SocketAddr, permit: OwnedSemaphorePermit) -> Result<Dialled, Refusal> {
    let socket = socket::open(peer, Type::STREAM).map_err(|error| unopened(&error))?;
    let begun = socket.connect(&peer.into());
    let stream = TcpStream::from_std(socket.into()).map_err(|error| unopened(&error))?;
    let was_reset = match finish(&stream, begun).await {
        Ok(()) => false,
        // The kernel says "refused" of a RST to the SYN; "reset" is said of a connection that was open.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => true,
        Err(error) => {
            let local = stream.local_addr().ok().map(|local| local.ip());
            return Err(refused(&error, socket::icmp(&stream, peer), peer, local));
        }
    };
    let _ = stream.set_nodelay(true);
    Ok(Dialled { stream: Opened { stream, was_reset }, attempts: 1, _permit: permit })
}

async fn finish(stream: &TcpStream, begun: io::Result<()>) -> io::Result<()> {
    match begun {
        Ok(()) => return Ok(()),
        Err(error) if error.raw_os_error() == Some(nix::errno::Errno::EINPROGRESS as i32) => {}
        Err(error) => return Err(error),
    }
    stream.writable().await?;
    stream.take_error()?.map_or(Ok(()), Err)
}

fn unopened(error: &io::Error) -> Refusal {
    refusal(socket::cause_of_open(error), &error.to_string(), 1)
}

fn refused(
    error: &io::Error,
    icmp: Option<Icmp>,
    peer: SocketAddr,
    local: Option<std::net::IpAddr>,
) -> Refusal {
    let cause = match icmp {
        None => socket::cause_unsent(error, peer),
        seen => socket::cause_of(error, seen, local),
    };
    let detail = match (icmp, cause) {
        (Some(icmp), Cause::ConnectRejected) => socket::icmp_words(icmp, peer),
        (Some(_), _) => "the next hop does not answer ARP".to_owned(),
        (None, Cause::ConnectRefused) => "the connection was refused (RST)".to_owned(),
        (None, _) => error.to_string(),
    };
    Refusal { cause, detail, icmp: icmp.filter(|_| cause == Cause::ConnectRejected), attempts: 1 }
}

/// What is known of an open connection.
#[must_use]
pub fn peer_evidence(opened: &Opened, peer: SocketAddr) -> PeerEvidence {
    let stream = &opened.stream;
    PeerEvidence {
        address: peer.ip(),
        port: peer.port(),
        local_address: stream.local_addr().ok().map(|local| local.to_string()),
        rtt_ms: rtt(stream),
    }
}

mod kernel {
    use nix::{getsockopt_impl, libc, sockopt_impl};

    sockopt_impl!(
        /// The kernel's own figures of a connection.
        TcpInfo, GetOnly, libc::IPPROTO_TCP, libc::TCP_INFO, libc::tcp_info
    );
}

/// Smoothed round-trip time as the kernel measured it, in milliseconds.
fn rtt(stream: &TcpStream) -> Option<f64> {
    let info = nix::sys::socket::getsockopt(stream, kernel::TcpInfo).ok()?;
    (info.tcpi_rtt > 0).then(|| f64::from(info.tcpi_rtt) / 1000.0)
}
