//! Sockets, and what the kernel says when one fails: errno, and the ICMP message behind it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, recvmsg, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};

use crate::outcome::{Cause, Icmp};

const ORIGIN_ICMP: u8 = 2;
const ORIGIN_ICMP6: u8 = 3;

/// How large the segments of a connection may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segments {
    /// As large as the path takes.
    Full,
    /// So small that no path loses them for their size.
    Small,
}

/// A socket that does not block and keeps the ICMP messages that answer it.
///
/// # Errors
/// What the kernel says: mostly that this machine has no descriptors left.
pub fn open(peer: SocketAddr, kind: Type) -> io::Result<Socket> {
    let protocol = if kind == Type::DGRAM { Protocol::UDP } else { Protocol::TCP };
    let socket = Socket::new(Domain::for_address(peer), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    keep_icmp(&socket, peer);
    Ok(socket)
}

/// Asks for the error queue; a kernel without it only costs us the ICMP details.
fn keep_icmp(socket: &Socket, peer: SocketAddr) {
    set_error_queue(socket, peer, ErrorQueue::Kept);
}

/// Takes ICMP messages about an open connection as every other program does: with the error queue on, one message of a
/// router whose routes change would end it.
pub fn forgive_icmp(socket: &impl AsFd, peer: SocketAddr) {
    set_error_queue(socket, peer, ErrorQueue::Off);
}

/// Whether the kernel keeps what answers a socket's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorQueue {
    Kept,
    Off,
}

fn set_error_queue(socket: &impl AsFd, peer: SocketAddr, queue: ErrorQueue) {
    let is_kept = queue == ErrorQueue::Kept;
    let _ = match peer {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &is_kept),
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &is_kept),
    };
}

/// The ICMP message at the head of the socket's error queue, if one is there. A true RST leaves the queue empty.
pub fn icmp(socket: &impl AsFd, peer: SocketAddr) -> Option<Icmp> {
    let fd = socket.as_fd().as_raw_fd();
    let mut buffer = [0_u8; 512];
    let mut iov = [io::IoSliceMut::new(&mut buffer)];
    let mut space = vec![0_u8; 512];
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    match peer {
        SocketAddr::V4(_) => {
            let message = recvmsg::<SockaddrIn>(fd, &mut iov, Some(&mut space), flags).ok()?;
            message.cmsgs().ok()?.find_map(|message| icmp_of(&message))
        }
        SocketAddr::V6(_) => {
            let message = recvmsg::<SockaddrIn6>(fd, &mut iov, Some(&mut space), flags).ok()?;
            message.cmsgs().ok()?.find_map(|message| icmp_of(&message))
        }
    }
}

fn icmp_of(message: &ControlMessageOwned) -> Option<Icmp> {
    match message {
        ControlMessageOwned::Ipv4RecvErr(error, from) if error.ee_origin == ORIGIN_ICMP => Some(Icmp {
            kind: error.ee_type,
            code: error.ee_code,
            from: from.map(|from| IpAddr::V4(u32::from_be(from.sin_addr.s_addr).into())),
        }),
        ControlMessageOwned::Ipv6RecvErr(error, from) if error.ee_origin == ORIGIN_ICMP6 => Some(Icmp {
            kind: error.ee_type,
            code: error.ee_code,
            from: from.map(|from| IpAddr::V6(from.sin6_addr.s6_addr.into())),
        }),
        _ => None,
    }
}

/// ICMP from one of this machine's own addresses about a packet to another: its own firewall said no. `None` where a
/// device or the target said it, and where the kernel reports a next hop that does not answer.
#[must_use]
pub fn own_refusal(icmp: Option<Icmp>, peer: SocketAddr) -> Option<String> {
    let icmp = icmp?;
    let from = icmp.from.filter(|from| *from != peer.ip() && is_own_address(*from))?;
    let what = icmp_words(icmp, peer);
    (!is_unanswered_arp(icmp))
        .then(|| format!("this machine's own firewall: {what}, and {from} is its own address"))
}

/// True where the kernel itself says, from one of this machine's addresses, that the next hop has no link address.
#[must_use]
pub fn is_unanswered_next_hop(icmp: Icmp, peer: SocketAddr) -> bool {
    is_unanswered_arp(icmp) && icmp.from.is_some_and(|from| from != peer.ip() && is_own_address(from))
}

/// True for an address of this machine: no other can be bound.
fn is_own_address(ip: IpAddr) -> bool {
    std::net::UdpSocket::bind((ip, 0)).is_ok()
}

/// True for a packet that ended on its way because it had passed too many devices: a loop, or a hop limit.
#[must_use]
pub fn is_time_exceeded(icmp: Icmp) -> bool {
    matches!((icmp.from, icmp.kind), (Some(IpAddr::V4(_)) | None, 11) | (Some(IpAddr::V6(_)), 3))
}

/// What an ICMP message says, in words.
#[must_use]
pub fn icmp_words(icmp: Icmp, peer: SocketAddr) -> String {
    let what = match (peer, icmp.kind, icmp.code) {
        (SocketAddr::V4(_), 3, 0) => "network unreachable",
        (SocketAddr::V4(_), 3, 1) => "host unreachable",
        (SocketAddr::V4(_), 3, 2) => "protocol unreachable",
        (SocketAddr::V4(_), 3, 3) | (SocketAddr::V6(_), 1, 4) => "port unreachable",
        (SocketAddr::V4(_), 3, 9) => "network prohibited",
        (SocketAddr::V4(_), 3, 10) => "host prohibited",
        (SocketAddr::V4(_), 3, 13) | (SocketAddr::V6(_), 1, 1) => "administratively prohibited",
        (SocketAddr::V4(_), 11, _) | (SocketAddr::V6(_), 3, _) => "time exceeded in transit",
        (SocketAddr::V6(_), 1, 0) => "no route",
        (SocketAddr::V6(_), 1, 3) => "address unreachable",
        (SocketAddr::V6(_), 1, 5 | 6) => "rejected by policy",
        _ => "unreachable",
    };
    match icmp.from {
        Some(from) => format!("ICMP {what} from {from} (type {}, code {})", icmp.kind, icmp.code),
        None => format!("ICMP {what} (type {}, code {})", icmp.kind, icmp.code),
    }
}

/// Why a connect or a send failed: one function from errno to cause. `icmp` is what the error queue held, `local`
/// our own address, from which the kernel itself reports an unanswered ARP.
#[must_use]
pub fn cause_of(error: &io::Error, icmp: Option<Icmp>, local: Option<IpAddr>) -> Cause {
    if is_local_limit(error) {
        return Cause::LocalResource;
    }
    match icmp {
        Some(icmp) if icmp.from == local && is_unanswered_arp(icmp) => Cause::ConnectNoRoute,
        Some(icmp) if is_time_exceeded(icmp) => Cause::ConnectTimeout,
        Some(_) => Cause::ConnectRejected,
        None => match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ECONNREFUSED) => Cause::ConnectRefused,
            Some(
                Errno::ENETUNREACH
                | Errno::EHOSTUNREACH
                | Errno::EACCES
                | Errno::EINVAL
                | Errno::ENETDOWN
                | Errno::EAFNOSUPPORT,
            ) => Cause::ConnectNoRoute,
            Some(Errno::ENOPROTOOPT | Errno::EPROTO) => Cause::ConnectRejected,
            _ => Cause::ConnectTimeout,
        },
    }
}

/// True for "host unreachable" (IPv4) and "address unreachable" (IPv6): what the kernel tells itself when the next hop
/// has no link address. A closed port of this very machine comes from its own address too, and is an answer.
const fn is_unanswered_arp(icmp: Icmp) -> bool {
    matches!((icmp.from, icmp.kind, icmp.code), (Some(IpAddr::V4(_)), 3, 1) | (Some(IpAddr::V6(_)), 1, 3))
}

/// Why a packet to `peer` could not be sent, when no ICMP message tells. Where IPv6 is switched off the kernel says that
/// there is no address, as it does when the ports are used up: a datagram socket, which sends nothing, tells which.
#[must_use]
pub fn cause_unsent(error: &io::Error, peer: SocketAddr) -> Cause {
    let no_address = |error: &io::Error| error.raw_os_error() == Some(Errno::EADDRNOTAVAIL as i32);
    if peer.is_ipv6() && no_address(error) {
        let routed = open(peer, Type::DGRAM).and_then(|socket| socket.connect(&peer.into()));
        if routed.is_err_and(|error| no_address(&error)) {
            return Cause::ConnectNoRoute;
        }
    }
    cause_of(error, None, None)
}

/// The cause of a socket that could not be opened: this machine's limits or rules, unless it lacks the address family.
#[must_use]
pub fn cause_of_open(error: &io::Error) -> Cause {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAFNOSUPPORT) => Cause::ConnectNoRoute,
        _ => Cause::LocalResource,
    }
}

/// True when the machine itself ran out of something or forbids it.
fn is_local_limit(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error().map(Errno::from_raw),
        Some(
            Errno::EMFILE
                | Errno::ENFILE
                | Errno::ENOBUFS
                | Errno::ENOMEM
                | Errno::EADDRNOTAVAIL
                | Errno::EADDRINUSE
                | Errno::EAGAIN
                | Errno::EPERM
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_this_machine_refuses_to_open_is_its_own_limit_and_a_missing_family_is_no_route() {
        let cause = |errno: Errno| cause_of_open(&io::Error::from_raw_os_error(errno as i32));
        for errno in
            [Errno::EMFILE, Errno::ENFILE, Errno::EACCES, Errno::EPERM, Errno::ENOMEM, Errno::ENOBUFS]
        {
            assert_eq!(cause(errno), Cause::LocalResource, "{errno}");
        }
        assert_eq!(cause(Errno::EAFNOSUPPORT), Cause::ConnectNoRoute);
    }

    #[test]
    fn used_up_ports_are_this_machines_limit_and_a_prohibiting_route_is_none() {
        let peer = ([127, 0, 0, 1], 443).into();
        let cause = |errno: Errno| cause_unsent(&io::Error::from_raw_os_error(errno as i32), peer);
        for errno in [Errno::EADDRNOTAVAIL, Errno::EADDRINUSE, Errno::EAGAIN, Errno::EPERM] {
            assert_eq!(cause(errno), Cause::LocalResource, "{errno}");
        }
        for errno in [Errno::EACCES, Errno::ENETUNREACH, Errno::EHOSTUNREACH] {
            assert_eq!(cause(errno), Cause::ConnectNoRoute, "{errno}");
        }
    }
}
