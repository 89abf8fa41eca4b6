//! Opening TCP connections: hedged, and with every way to fail told apart.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};

use crate::arrange;
use crate::outcome::{Cause, Failure, Icmp, PeerEvidence, Stage};
use crate::probe::net::Net;
use crate::probe::socket::{self, Segments};

/// When a further SYN is sent on a fresh socket while others pass, counted from the first: a lost SYN would cost the
/// kernel's whole second, and a device that loses whole flows loses the kernel's repeats as well.
const HEDGE_DELAYS: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_millis(2500),
];

/// The part of the budget, in hundredths, that a connect has at least: two SYNs of the kernel in the usual 3.2 s, and more than
/// half a second for an answer to the second.
const LEAST: u32 = 50;

/// The largest segment, in bytes, that every path has to carry (RFC 9293: 536).
const SMALL: u32 = 536;

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
pub struct ConnectError {
    /// The cause.
    pub cause: Cause,
    /// What was seen.
    pub detail: String,
    /// The ICMP message behind it.
    pub icmp: Option<Icmp>,
    /// Sockets that were opened.
    pub attempts: u32,
}

impl From<&ConnectError> for Failure {
    fn from(refusal: &ConnectError) -> Self {
        Self::new(Stage::Connect, refusal.cause, refusal.detail.clone())
    }
}

/// Connects to `peer` within the connect budget: the first of the sockets to finish decides. Further sockets are spent
/// only while others pass: where nothing does, more packets tell nothing.
///
/// # Errors
/// Why nothing was opened; silence is [`Cause::ConnectTimeout`].
pub async fn dial(net: &Net, peer: SocketAddr, segments: Segments) -> Result<Dialled, ConnectError> {
    // The clock runs once there is a socket and the pace allows: a machine with few sockets is slower and fails nothing.
    let permit = net.socket_to(peer).await;
    let launched = net.pace().begin(|| launch(peer, segments)).await;
    let begun = Instant::now();
    net.traffic().begun(begun);
    let opened = Arc::new(AtomicU32::new(1));
    let mut sockets = JoinSet::new();
    sockets.spawn(async move { settle(launched?, peer, permit).await });
    for wake in Wakes::of(net, begun) {
        match (timeout_at(wake.at(), sockets.join_next()).await, wake) {
            (Ok(first), _) => {
                let attempts = opened.load(Ordering::Relaxed);
                return decided(first, attempts);
            }
            (Err(_), Wake::Hedge(_)) if net.traffic().passes(peer) => {
                let (net, opened) = (net.clone(), Arc::clone(&opened));
                sockets.spawn(async move { hedge(&net, peer, segments, &opened).await });
            }
            (Err(_), Wake::Early(_)) if !net.traffic().passes_at_all() => break,
            (Err(_), _) => {}
        }
    }
    let detail = format!("no answer within {} ms", begun.elapsed().as_millis());
    Err(refusal(Cause::ConnectTimeout, &detail, opened.load(Ordering::Relaxed)))
}

/// When a connect that is silent is thought about again.
#[derive(Debug, Clone, Copy)]
enum Wake {
    /// One more socket may help.
    Hedge(Instant),
    /// Where nothing passes in the whole run, what begins late need not have all its time: the first had it.
    Early(Instant),
    /// Its time is over.
    End(Instant),
}

struct Wakes;

impl Wakes {
    fn of(net: &Net, begun: Instant) -> Vec<Wake> {
        let budget = net.limits().connect;
        let end = begun + budget;
        let first = net.traffic().first_connect().unwrap_or(begun);
        let early = (begun + budget * LEAST / 100).max(first + budget);
        let hedges =
            HEDGE_DELAYS.into_iter().filter(|after| *after < budget).map(|after| Wake::Hedge(begun + after));
        let mut wakes: Vec<Wake> = hedges.chain([Wake::Early(early.min(end)), Wake::End(end)]).collect();
        arrange::by_key(&mut wakes, |wake| wake.at());
        wakes
    }
}

impl Wake {
    const fn at(self) -> Instant {
        match self {
            Self::Hedge(at) | Self::Early(at) | Self::End(at) => at,
        }
    }
}

/// What the first socket to finish says.
fn decided(
    first: Option<Result<Result<Dialled, ConnectError>, JoinError>>,
    attempts: u32,
) -> Result<Dialled, ConnectError> {
    match first {
        Some(Ok(Ok(dialled))) => Ok(Dialled { attempts, ..dialled }),
        Some(Ok(Err(refused))) => Err(ConnectError { attempts, ..refused }),
        Some(Err(_)) | None => Err(refusal(Cause::LocalResource, "the connect task ended early", 0)),
    }
}

/// One more socket, where this machine and the peer can bear it. One that cannot be afforded must not decide: the first
/// socket is still trying.
async fn hedge(
    net: &Net,
    peer: SocketAddr,
    segments: Segments,
    opened: &AtomicU32,
) -> Result<Dialled, ConnectError> {
    let Some(permit) = net.try_hedge_socket(peer) else { return std::future::pending().await };
    opened.fetch_add(1, Ordering::Relaxed);
    let launched = net.pace().begin(|| launch(peer, segments)).await;
    let decided = match launched {
        Ok(launched) => settle(launched, peer, permit).await,
        Err(refused) => Err(refused),
    };
    match decided {
        Err(refused) if refused.cause == Cause::LocalResource => std::future::pending().await,
        decided => decided,
    }
}

fn refusal(cause: Cause, detail: &str, attempts: u32) -> ConnectError {
    ConnectError { cause, detail: detail.to_owned(), icmp: None, attempts }
}

/// A connect that has begun: one socket, one SYN (and the kernel's own repeats of it).
struct Launched {
    socket: Socket,
    begun: io::Result<()>,
}

fn launch(peer: SocketAddr, segments: Segments) -> Result<Launched, ConnectError> {
    let socket = socket::open(peer, Type::STREAM).map_err(|error| unopened(&error))?;
    if segments == Segments::Small {
        socket.set_tcp_mss(SMALL).map_err(|error| unopened(&error))?;
    }
    let begun = socket.connect(&peer.into());
    Ok(Launched { socket, begun })
}

/// Waits for the end of a connect.
async fn settle(
    launched: Launched,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
) -> Result<Dialled, ConnectError> {
    let Launched { socket, begun } = launched;
    let stream = TcpStream::from_std(socket.into()).map_err(|error| unopened(&error))?;
    let was_reset = match finish(&stream, begun).await {
        Ok(()) => false,
        // The kernel says "refused" of a RST to the SYN; "reset" is said of a connection that was open.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => true,
        Err(error) => {
            let icmp = socket::icmp(&stream, peer);
            // An ICMP message about a packet after the handshake: the connection is open all the same.
            if icmp.is_some() || stream.peer_addr().is_err() {
                let local = stream.local_addr().ok().map(|local| local.ip());
                return Err(refused(&error, icmp, peer, local));
            }
            false
        }
    };
    socket::forgive_icmp(&stream, peer);
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

fn unopened(error: &io::Error) -> ConnectError {
    refusal(socket::cause_of_open(error), &error.to_string(), 1)
}

fn refused(
    error: &io::Error,
    icmp: Option<Icmp>,
    peer: SocketAddr,
    local: Option<std::net::IpAddr>,
) -> ConnectError {
    if let Some(own) = socket::own_refusal(icmp, peer) {
        return ConnectError { icmp, ..refusal(Cause::LocalResource, &own, 1) };
    }
    let cause = match icmp {
        None => socket::cause_unsent(error, peer),
        seen => socket::cause_of(error, seen, local),
    };
    let detail = match (icmp, cause) {
        (Some(icmp), Cause::ConnectRejected | Cause::ConnectTimeout) => socket::icmp_words(icmp, peer),
        (Some(_), _) => "the next hop does not answer ARP".to_owned(),
        (None, Cause::ConnectRefused) => "the connection was refused (RST)".to_owned(),
        (None, _) => error.to_string(),
    };
    let kept = icmp.filter(|_| matches!(cause, Cause::ConnectRejected | Cause::ConnectTimeout));
    ConnectError { cause, detail, icmp: kept, attempts: 1 }
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
        small_segments: false,
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
