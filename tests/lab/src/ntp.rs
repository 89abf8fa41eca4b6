//! A time server.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use tokio::net::UdpSocket;

use crate::fault::Fault;

/// Serves the time on `address` until the task is dropped; returns the bound address.
///
/// # Errors
/// The address cannot be bound.
pub async fn start(address: SocketAddr, fault: Fault) -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind(address).await?;
    let bound = socket.local_addr()?;
    tokio::spawn(async move {
        let mut buffer = [0_u8; 128];
        loop {
            let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
            if let Some(reply) = reply(&buffer[..length], fault) {
                let _ = socket.send_to(&reply, peer).await;
            }
        }
    });
    Ok(bound)
}

fn reply(query: &[u8], fault: Fault) -> Option<[u8; 48]> {
    if fault == Fault::Silent || query.len() < 48 {
        return None;
    }
    let ahead = Duration::from_secs(match fault {
        Fault::HourAhead => 3600,
        Fault::MonthAhead => 30 * 24 * 3600,
        _ => 0,
    });
    let now = stamp(SystemTime::now() + ahead).to_be_bytes();
    let mut reply = [0_u8; 48];
    reply[0] = 0x24;
    reply[1] = if fault == Fault::Kiss { 0 } else { 2 };
    reply[12..16].copy_from_slice(if fault == Fault::Kiss { b"RATE" } else { b"LAB\0" });
    reply[24..32].copy_from_slice(&query[40..48]);
    if fault == Fault::WrongOrigin {
        reply[24] ^= 0xff;
    }
    reply[32..40].copy_from_slice(&now);
    reply[40..48].copy_from_slice(&now);
    Some(reply)
}

fn stamp(at: SystemTime) -> u64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    ((since.as_secs() + 2_208_988_800) << 32) | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000)
}
