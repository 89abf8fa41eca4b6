//! The DNS server of the world: it knows the hosts of the tests, and nothing else. The program asks DNS whatever the hosts
//! file says.

use std::net::UdpSocket;

use crate::world::{at, host};

/// Bytes of a DNS header.
const HEADER: usize = 12;

/// Answers on the address of the world's `resolv.conf` for as long as the tests run.
pub(crate) fn start() {
    let socket = UdpSocket::bind((at(255), 53)).expect("the address of the name server");
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            if let Some(answer) = answer(&buffer[..length]) {
                let _ = socket.send_to(&answer, from);
            }
        }
    });
}

/// The answer to one question: the address of a host, no record of another type, NXDOMAIN for another name.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let (name, end) = name(query)?;
    let question = query.get(HEADER..end + 4)?;
    let is_address = question.ends_with(&[0, 1, 0, 1]);
    let number = (1..=254_u8).find(|number| name.eq_ignore_ascii_case(&host(*number)));
    let (code, count) = match number {
        None => (3, 0),
        Some(_) => (0, u8::from(is_address)),
    };
    let mut answer = query.get(..2)?.to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    answer.extend(question);
    if let Some(number) = number.filter(|_| is_address) {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(at(number).octets());
    }
    Some(answer)
}

/// The name of the first question, and where it ends.
fn name(query: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut place = HEADER;
    loop {
        let length = usize::from(*query.get(place)?);
        place += 1;
        if length == 0 {
            return Some((labels.join("."), place));
        }
        labels.push(String::from_utf8_lossy(query.get(place..place + length)?).into_owned());
        place += length;
    }
}
