//! Network time (RFC 5905): one client packet, and a reply that must be an answer to it.

use std::io;
use std::time::{Duration, SystemTime};

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::catalogue::Protocol;
use crate::outcome::{Cause, ExchangeEvidence, Failure, Stage, fact};
use crate::probe::socket;

const SIZE: usize = 48;
/// Leap 0, version 4, mode 3 (client).
const CLIENT: u8 = 0x23;
/// Seconds from 1900 to 1970.
const ERA: u64 = 2_208_988_800;
/// When the question is asked again.
const RESEND: [Duration; 2] = [Duration::from_millis(700), Duration::from_millis(1600)];

/// What a packet turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// No answer to our question: it is passed over.
    Ignored,
    /// The server's time.
    Time(ExchangeEvidence),
    /// The server answers but has no time to give.
    Unsynchronised(String),
}

/// Asks the server at the other end of a connected socket. The caller bounds the time.
///
/// # Errors
/// [`Cause::NtpUnsynchronised`], or what the kernel says about the socket.
pub async fn exchange(socket: &UdpSocket) -> Result<ExchangeEvidence, Failure> {
    let begun = Instant::now();
    for resend in RESEND.into_iter().chain([Duration::from_secs(3600)]) {
        let sent = SystemTime::now();
        let stamp = timestamp(sent);
        socket.send(&request(stamp)).await.map_err(|error| failed(socket, &error))?;
        match timeout_at(begun + resend, reply(socket, stamp, sent)).await {
            Ok(answer) => return answer,
            Err(_) => continue,
        }
    }
    Err(Failure::new(Stage::Exchange, Cause::ExchangeTimeout, "no valid reply"))
}

async fn reply(socket: &UdpSocket, stamp: u64, sent: SystemTime) -> Result<ExchangeEvidence, Failure> {
    let mut buffer = [0_u8; 1024];
    loop {
        let length = socket.recv(&mut buffer).await.map_err(|error| failed(socket, &error))?;
        match read(&buffer[..length], stamp, sent, SystemTime::now()) {
            Reading::Ignored => {}
            Reading::Time(evidence) => return Ok(evidence),
            Reading::Unsynchronised(why) => {
                return Err(Failure::new(Stage::Exchange, Cause::NtpUnsynchronised, why));
            }
        }
    }
}

/// What the kernel says; the error queue tells an ICMP message of a device on the way from a missing route.
fn failed(socket: &UdpSocket, error: &io::Error) -> Failure {
    let peer = socket.peer_addr().ok();
    let local = socket.local_addr().ok().map(|local| local.ip());
    let icmp = peer.and_then(|peer| socket::icmp(socket, peer));
    let cause = match socket::cause_of(error, icmp, local) {
        // The kernel reports an ICMP port-unreachable on UDP as a refusal.
        Cause::ConnectRefused => Cause::ConnectRejected,
        cause => cause,
    };
    let detail =
        peer.zip(icmp).map_or_else(|| error.to_string(), |(peer, icmp)| socket::icmp_words(icmp, peer));
    Failure { icmp, ..Failure::new(Stage::Connect, cause, detail) }
}

/// A client packet whose transmit time is `stamp`.
#[must_use]
pub fn request(stamp: u64) -> [u8; SIZE] {
    let mut packet = [0_u8; SIZE];
    packet[0] = CLIENT;
    packet[40..].copy_from_slice(&stamp.to_be_bytes());
    packet
}

/// Seconds since 1900 and their fractions, as NTP writes them; eras wrap around.
fn timestamp(at: SystemTime) -> u64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs().wrapping_add(ERA) << 32;
    seconds | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000)
}

/// Reads a reply to the packet that carried `stamp`, sent at `sent` and answered at `received` by our clock.
#[must_use]
pub fn read(packet: &[u8], stamp: u64, sent: SystemTime, received: SystemTime) -> Reading {
    let field =
        |at: usize| packet.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    let (Some(origin), Some(arrived), Some(left)) = (field(24), field(32), field(40)) else {
        return Reading::Ignored;
    };
    let (leap, mode, stratum) = (packet[0] >> 6, packet[0] & 7, packet[1]);
    if mode != 4 || origin != stamp || left == 0 {
        return Reading::Ignored;
    }
    let reference = &packet[12..16];
    // A kiss names its reason in ASCII; a server that has found no time yet has stratum 0 and no reference.
    if stratum == 0 && reference[0].is_ascii_graphic() {
        let code: String = reference.iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
        return Reading::Unsynchronised(format!("the server answers with the kiss code {code}"));
    }
    if leap == 3 || stratum == 0 || stratum >= 16 {
        return Reading::Unsynchronised(format!(
            "the server is not synchronised (stratum {stratum}, leap {leap})"
        ));
    }
    // Some servers leave the time of arrival out.
    let arrived = if arrived == 0 { left } else { arrived };
    let there = difference_ms(arrived, timestamp(sent));
    let back = difference_ms(left, timestamp(received));
    let round_trip = difference_ms(timestamp(received), timestamp(sent)) - difference_ms(left, arrived);
    Reading::Time(
        ExchangeEvidence::new(Protocol::Ntp)
            .with("ntpStratum", stratum)
            .with(fact::OFFSET_MS, rounded(f64::midpoint(there, back)))
            .with("roundTripMs", rounded(round_trip.max(0.0))),
    )
}

/// `a - b` in milliseconds; the nearest way round where an era ends between them.
fn difference_ms(a: u64, b: u64) -> f64 {
    let ticks = a.wrapping_sub(b).cast_signed();
    let seconds = i32::try_from(ticks >> 32).unwrap_or(0);
    let fraction = u32::try_from(ticks & 0xffff_ffff).unwrap_or(0);
    f64::from(seconds) * 1000.0 + f64::from(fraction) * 1000.0 / 4_294_967_296.0
}

fn rounded(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(stamp: u64, server: SystemTime) -> Vec<u8> {
        let mut packet = vec![0_u8; SIZE];
        packet[0] = 0x24;
        packet[1] = 2;
        packet[24..32].copy_from_slice(&stamp.to_be_bytes());
        packet[32..40].copy_from_slice(&timestamp(server).to_be_bytes());
        packet[40..48].copy_from_slice(&timestamp(server).to_be_bytes());
        packet
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_offset_is_true_time_minus_this_clock() {
        let (ours, theirs) = (at(1_800_000_000), at(1_800_000_600));
        let Reading::Time(evidence) = read(&answer(timestamp(ours), theirs), timestamp(ours), ours, ours)
        else {
            panic!("a valid reply");
        };
        assert_eq!(evidence.number("offsetMs"), Some(600_000.0));
        assert_eq!(evidence.number("ntpStratum"), Some(2.0));
    }

    #[test]
    fn the_end_of_the_era_in_2036_changes_nothing() {
        let (ours, theirs) = (at(2_085_978_495), at(2_085_978_497));
        let Reading::Time(evidence) = read(&answer(timestamp(ours), theirs), timestamp(ours), ours, ours)
        else {
            panic!("a valid reply");
        };
        assert_eq!(evidence.number("offsetMs"), Some(2000.0));
    }

    #[test]
    fn another_origin_an_echo_and_a_short_packet_are_no_replies() {
        let now = at(1_800_000_000);
        let stamp = timestamp(now);
        assert_eq!(read(&answer(stamp + 1, now), stamp, now, now), Reading::Ignored);
        assert_eq!(read(&request(stamp), stamp, now, now), Reading::Ignored);
        let whole = answer(stamp, now);
        for length in 0..SIZE {
            assert_eq!(read(&whole[..length], stamp, now, now), Reading::Ignored);
        }
    }

    /// chrony 4.3 as a stratum 5 server of its own clock, to the question that carried the stamp in it.
    const CHRONY: [u8; SIZE] = [
        0x24, 0x05, 0x00, 0xe6, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x7f, 0x01, 0x01, 0xee, 0xab, 0xce, 0x91, 0xc9,
        0x51, 0xa8, 0xea, 0xee, 0xab, 0xce, 0x93, 0x4c, 0xdd, 0xc8, 0x0f, 0xee, 0xab, 0xce, 0x93, 0x4c, 0xf3,
        0x99, 0x7b, 0xee, 0xab, 0xce, 0x93, 0x4c, 0xfc, 0x52, 0x6a,
    ];

    /// chrony 4.3 that has found no time yet: leap 3, stratum 0 and no reference at all.
    const ADRIFT: [u8; SIZE] = [
        0xe4, 0x00, 0x00, 0xe6, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0xee, 0xab, 0xce, 0x93, 0x78, 0xc3, 0xbd, 0xd1, 0xee, 0xab, 0xce, 0x93, 0x78, 0xd5, 0x9d, 0x39,
        0xee, 0xab, 0xce, 0x93, 0x78, 0xe9, 0x5e, 0x0c,
    ];

    #[test]
    fn captured_replies_of_a_real_server_are_read() {
        let stamp = 0xeeab_ce93_4cdd_c80f;
        let sent = at(1_795_248_147) + Duration::from_micros(300_259);
        let Reading::Time(evidence) = read(&CHRONY, stamp, sent, sent + Duration::from_millis(1)) else {
            panic!("a valid reply");
        };
        assert_eq!(evidence.number("ntpStratum"), Some(5.0));
        assert!(evidence.number("offsetMs").is_some_and(|offset| offset.abs() < 1.0), "{evidence:?}");
        let adrift = read(&ADRIFT, 0xeeab_ce93_78c3_bdd1, sent, sent);
        let Reading::Unsynchronised(why) = adrift else { panic!("{adrift:?}") };
        assert_eq!(why, "the server is not synchronised (stratum 0, leap 3)");
    }

    #[test]
    fn a_kiss_of_death_and_an_unsynchronised_server_give_no_time() {
        let now = at(1_800_000_000);
        let stamp = timestamp(now);
        let mut kiss = answer(stamp, now);
        kiss[1] = 0;
        kiss[12..16].copy_from_slice(b"RATE");
        assert!(matches!(read(&kiss, stamp, now, now), Reading::Unsynchronised(why) if why.contains("RATE")));
        let mut adrift = answer(stamp, now);
        adrift[0] |= 0xc0;
        assert!(matches!(read(&adrift, stamp, now, now), Reading::Unsynchronised(_)));
    }
}
