//! How far packets get that nobody answers: the connect is repeated with growing hop limits, and the devices on the way
//! say where each packet ended. Needs no privilege: the kernel keeps their ICMP messages for the socket.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use nix::errno::Errno;
use socket2::{Socket, Type};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::outcome::Hop;
use crate::probe::log::millis;
use crate::probe::net::Net;
use crate::probe::socket;

/// Hop limits that are tried at most.
const HOPS: u8 = 16;

/// How long the answer of a device is waited for.
const REPLY_TIMEOUT: Duration = Duration::from_millis(150);

/// Hop limits without an answer after the last device that gave one, after which nothing more is to be learned.
const SILENT: usize = 4;

/// Follows the packets to `peer` until nothing more answers, the peer itself does, or `end` comes. One hop limit after
/// the other, from one source port: one flow, as every device counts it, and one connection to the peer.
pub async fn walk(net: &Net, peer: SocketAddr, end: Instant) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    let mut source = None;
    for ttl in 1..=HOPS {
        let silent = hops.iter().rev().take_while(|hop| hop.from.is_none()).count();
        if silent >= SILENT || Instant::now() >= end {
            break;
        }
        let Some(permit) = net.spare_permit() else { break };
        let Some(socket) = open(peer, ttl, source) else { break };
        let begun = net.pace().begin(|| has_begun(&socket.connect(&peer.into()))).await;
        let sent = Instant::now();
        source = source.or_else(|| socket.local_addr().ok()?.as_socket());
        if !begun {
            break;
        }
        let hop = answer(socket, peer, ttl, sent, end.min(sent + REPLY_TIMEOUT)).await;
        drop(permit);
        let is_peer = hop.from == Some(peer.ip());
        hops.push(hop);
        if is_peer {
            break;
        }
    }
    // What lies behind the last device that answered is told once.
    let known = hops.iter().rposition(|hop| hop.from.is_some()).map_or(0, |place| place + 2);
    hops.truncate(known);
    hops
}

/// True where the connect goes on: a socket that does not block says so in this way.
fn has_begun(connected: &io::Result<()>) -> bool {
    let in_progress = |error: &io::Error| error.raw_os_error() == Some(Errno::EINPROGRESS as i32);
    connected.as_ref().err().is_none_or(in_progress)
}

fn open(peer: SocketAddr, ttl: u8, source: Option<SocketAddr>) -> Option<Socket> {
    let socket = socket::open(peer, Type::STREAM).ok()?;
    match peer {
        SocketAddr::V4(_) => socket.set_ttl_v4(ttl.into()).ok()?,
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(ttl.into()).ok()?,
    }
    if let Some(source) = source {
        socket.set_reuse_address(true).ok()?;
        socket.bind(&source.into()).ok()?;
    }
    Some(socket)
}

/// What came back to one packet: an ICMP message of a device, or the peer's own answer.
async fn answer(socket: Socket, peer: SocketAddr, ttl: u8, sent: Instant, until: Instant) -> Hop {
    let silent = Hop { ttl, from: None, rtt_ms: None };
    let Ok(stream) = TcpStream::from_std(socket.into()) else { return silent };
    if timeout_at(until, stream.writable()).await.is_err() {
        return silent;
    }
    let from = match stream.take_error() {
        Ok(None) => Some(peer.ip()),
        Ok(Some(error))
            if error.kind() == io::ErrorKind::ConnectionRefused && socket::icmp(&stream, peer).is_none() =>
        {
            Some(peer.ip())
        }
        _ => socket::icmp(&stream, peer).and_then(|icmp| icmp.from),
    };
    let rtt_ms = from.map(|_| millis(sent, Instant::now()));
    Hop { ttl, from, rtt_ms }
}

/// Flows that are followed at most.
const FLOWS: usize = 3;

/// How long a connect has been silent before its packets are followed: the kernel has sent a second one by then.
const FOLLOWED_AFTER: Duration = Duration::from_millis(1200);

/// Follows a few of the connects that are silent, while they are waited for: it delays nothing.
pub async fn follow(net: &Net) -> Vec<(SocketAddr, Vec<Hop>)> {
    let asked = Instant::now();
    let Some(first) = first_connect(net).await else { return Vec::new() };
    // Checks that join a run later have their own patience.
    let first = first.max(asked);
    sleep_until(first + FOLLOWED_AFTER).await;
    let end = (first + net.limits().connect).min(net.deadline());
    let walks = net.traffic().to_follow(FLOWS).into_iter().map(|peer| {
        let net = net.clone();
        async move { (peer, walk(&net, peer, end).await) }
    });
    let mut walking: tokio::task::JoinSet<_> = tokio::task::JoinSet::new();
    for walk in walks {
        walking.spawn(walk);
    }
    walking.join_all().await
}

/// When the first connect of the run began; `None` where none does by the deadline.
async fn first_connect(net: &Net) -> Option<Instant> {
    while Instant::now() < net.deadline() {
        if let Some(first) = net.traffic().first_connect() {
            return Some(first);
        }
        sleep_until(Instant::now() + FOLLOWED_AFTER / 12).await;
    }
    None
}
