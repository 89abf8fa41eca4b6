//! What a command sends, as the wire sees it: the packets of its network namespace, each with the kernel's time.

use std::io::{self, IoSliceMut};
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::cmsg_space;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use socket2::{Domain, Protocol, Socket, Type};

/// Every protocol, in the byte order of the network (`ETH_P_ALL`).
const ALL: u16 = 3;

/// How long the recorder waits for one more packet before it looks whether the command has ended.
const PATIENCE: Duration = Duration::from_millis(100);

/// Runs `command` and writes a line for each packet of interest that leaves or reaches this namespace meanwhile:
/// microseconds, `syn`, `question` or `answer`, and what tells the connection or the question from others. A SYN that the
/// kernel repeats has the same sequence number. Returns the exit code.
///
/// # Errors
/// The namespace gives no raw socket, the command cannot be started, or `file` not written.
pub fn record(file: &Path, command: &[String]) -> io::Result<u8> {
    let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(i32::from(ALL.to_be()))))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    let [program, arguments @ ..] = command else { return Err(io::ErrorKind::InvalidInput.into()) };
    let has_ended = AtomicBool::new(false);
    let (lines, status) = std::thread::scope(|scope| {
        let recorder = scope.spawn(|| packets(&socket, &has_ended));
        let status = Command::new(program).args(arguments).status();
        has_ended.store(true, Ordering::Relaxed);
        (recorder.join().unwrap_or_default(), status)
    });
    std::fs::write(file, lines)?;
    Ok(status?.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// The lines of all packets until the command has ended and nothing more comes.
fn packets(socket: &Socket, has_ended: &AtomicBool) -> String {
    let mut lines = String::new();
    let mut buffer = [0_u8; 2048];
    loop {
        match receive(socket, &mut buffer) {
            Ok((length, at)) => {
                if let Some(told) = told(&buffer[..length]) {
                    lines.push_str(&format!("{} {told}\n", at.as_micros()));
                }
            }
            Err(_) if has_ended.load(Ordering::Relaxed) => return lines,
            Err(_) => {}
        }
    }
}

fn receive(socket: &Socket, buffer: &mut [u8]) -> io::Result<(usize, Duration)> {
    let mut iov = [IoSliceMut::new(buffer)];
    let mut space = cmsg_space!(TimeSpec);
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut iov, Some(&mut space), MsgFlags::empty())?;
    let at = message.cmsgs()?.find_map(|part| match part {
        ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
        _ => None,
    });
    Ok((message.bytes, at.unwrap_or_default()))
}

/// What an IPv4 packet is, where it is of interest.
fn told(packet: &[u8]) -> Option<String> {
    let head = usize::from(packet.first().filter(|first| *first >> 4 == 4)? & 15) * 4;
    let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(packet.get(at..at + 4)?).ok()?));
    let (source, target) = (address(12)?, address(16)?);
    let body = packet.get(head..)?;
    let number = |at: usize| Some(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]));
    let (from, to) = (number(0)?, number(2)?);
    match packet.get(9)? {
        6 if body.get(13)? & 0x12 == 0x02 => {
            let sequence = u32::from_be_bytes(body.get(4..8)?.try_into().ok()?);
            Some(format!("syn {source}:{from}-{target}:{to}/{sequence}"))
        }
        17 if to == 53 => Some(format!("question {source}:{from}-{target}/{}", number(8)?)),
        17 if from == 53 => Some(format!("answer {target}:{to}-{source}/{}", number(8)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syns_questions_and_answers_are_told_from_all_else() {
        let packet = |protocol: u8, body: &[u8]| {
            let head =
                [&[0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 1, 4, 20, 60, 0, 1][..], body];
            told(&head.concat())
        };
        let tcp = |flags: u8| [0x9c, 0x40, 1, 187, 0, 0, 0, 7, 0, 0, 0, 0, 0x50, flags, 0, 0];
        assert_eq!(packet(6, &tcp(0x02)).as_deref(), Some("syn 10.0.1.4:40000-20.60.0.1:443/7"));
        assert_eq!(packet(6, &tcp(0x12)), None);
        let udp = [0x9c, 0x40, 0, 53, 0, 0, 0, 0, 1, 0];
        assert_eq!(packet(17, &udp).as_deref(), Some("question 10.0.1.4:40000-20.60.0.1/256"));
        assert_eq!((packet(17, &udp[..3]), told(&[])), (None, None));
    }
}
