//! One question to one name server: UDP first, TCP when the answer is cut, and every alias on the way kept.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use ring::rand::{SecureRandom, SystemRandom};
use socket2::Type;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout, timeout_at};

use crate::outcome::{Cause, Icmp};
use crate::probe::net::Net;
use crate::probe::{socket, tcp};

/// When a question is sent again, counted from the first time.
const RESEND: [Duration; 4] = [
    Duration::from_millis(350),
    Duration::from_millis(900),
    Duration::from_millis(1500),
    Duration::from_millis(2200),
];

/// UDP payload that we say we can take: the DNS Flag Day 2020 figure, which no path fragments.
const UDP_PAYLOAD: u16 = 1232;

/// Aliases that are followed at most, as a recursive resolver would.
const ALIASES: usize = 16;

/// What a server said about a name and one record type.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Addresses at the end of the chain.
    pub addresses: Vec<IpAddr>,
    /// The chain of aliases.
    pub cnames: Vec<String>,
    /// Smallest TTL of the chain, in seconds.
    pub ttl: Option<u32>,
    /// Why there are no addresses.
    pub problem: Option<Problem>,
    /// Datagrams sent.
    pub attempts: u32,
}

/// Why a server's answer is of no use.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The cause.
    pub cause: Cause,
    /// What was seen.
    pub detail: String,
    /// The ICMP message behind it.
    pub icmp: Option<Icmp>,
}

impl Problem {
    fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: detail.into(), icmp: None }
    }

    fn of_io(error: &io::Error, icmp: Option<Icmp>, server: SocketAddr) -> Self {
        let cause = match socket::cause_unsent(error, server) {
            Cause::LocalResource => Cause::LocalResource,
            _ => Cause::DnsUnreachable,
        };
        let detail = icmp.map_or_else(|| error.to_string(), |icmp| socket::icmp_words(icmp, server));
        Self { cause, detail, icmp }
    }
}

/// Asks `server` for the `kind` records of `name`, follows aliases, and keeps what was learned on the way, also where
/// the run's deadline comes first.
pub async fn ask(net: &Net, server: SocketAddr, name: &Name, kind: RecordType) -> Answer {
    let mut answer = Answer::default();
    let asked = pursue(net, server, name, kind, &mut answer);
    if timeout_at(net.deadline(), asked).await.is_err() {
        answer.problem = Some(too_late());
    }
    answer
}

fn too_late() -> Problem {
    Problem::new(Cause::Deadline, "the run's deadline came first")
}

async fn pursue(net: &Net, server: SocketAddr, name: &Name, kind: RecordType, answer: &mut Answer) {
    let end = Instant::now() + net.limits().resolve;
    let mut owner = name.clone();
    loop {
        let message = match exchange(net, server, &owner, kind, end, &mut answer.attempts).await {
            Ok(message) => message,
            Err(problem) => {
                answer.problem = Some(problem);
                return;
            }
        };
        let next = follow(&message, name, &owner, answer);
        answer.problem = judge(&message, answer);
        let unfinished = answer.addresses.is_empty()
            && next != owner
            && message.metadata.response_code == ResponseCode::NoError;
        if !unfinished || answer.cnames.len() >= ALIASES {
            return;
        }
        owner = next;
    }
}

/// Walks the aliases of one message from `owner`, collects the addresses at their end, and returns that end. A loop ends
/// where it closes.
fn follow(message: &Message, asked: &Name, owner: &Name, answer: &mut Answer) -> Name {
    let mut owner = owner.clone();
    while let Some((target, ttl)) = alias_of(message, &owner) {
        let alias = target.to_ascii().trim_end_matches('.').to_owned();
        if answer.cnames.len() >= ALIASES || target == *asked || answer.cnames.contains(&alias) {
            break;
        }
        answer.cnames.push(alias);
        answer.ttl = Some(answer.ttl.map_or(ttl, |least| least.min(ttl)));
        owner = target;
    }
    for record in message.answers.iter().filter(|record| record.name == owner) {
        if let Some(ip) = record.data.ip_addr() {
            answer.ttl = Some(answer.ttl.map_or(record.ttl, |least| least.min(record.ttl)));
            answer.addresses.push(ip);
        }
    }
    owner
}

fn alias_of(message: &Message, owner: &Name) -> Option<(Name, u32)> {
    message.answers.iter().find_map(|record| match &record.data {
        RData::CNAME(target) if record.name == *owner => Some((target.0.clone(), record.ttl)),
        _ => None,
    })
}

fn judge(message: &Message, answer: &Answer) -> Option<Problem> {
    let said = |cause| Some(Problem::new(cause, format!("answered {}", message.metadata.response_code)));
    match message.metadata.response_code {
        ResponseCode::NoError if answer.addresses.is_empty() => {
            Some(Problem::new(Cause::DnsNoRecords, "the name exists but has no such record"))
        }
        ResponseCode::NoError => None,
        ResponseCode::NXDomain => said(Cause::DnsNxdomain),
        ResponseCode::Refused => said(Cause::DnsRefused),
        _ => said(Cause::DnsServfail),
    }
}

async fn exchange(
    net: &Net,
    server: SocketAddr,
    name: &Name,
    kind: RecordType,
    end: Instant,
    attempts: &mut u32,
) -> Result<Message, Problem> {
    let mut question = question(name, kind, true)?;
    let mut reply = over_udp(net, server, &question, end, attempts).await?;
    if reply.metadata.response_code == ResponseCode::FormErr {
        // An old server that does not know EDNS: ask as RFC 1035 did.
        question = self::question(name, kind, false)?;
        reply = over_udp(net, server, &question, end, attempts).await?;
    }
    if reply.metadata.truncation {
        reply = over_tcp(net, server, &question, end).await?;
    }
    Ok(reply)
}

fn question(name: &Name, kind: RecordType, edns: bool) -> Result<Message, Problem> {
    // Not Message::query(), whose random numbers panic on a kernel without getrandom, older than Linux 3.17.
    let mut id = [0; 2];
    SystemRandom::new()
        .fill(&mut id)
        .map_err(|_| Problem::new(Cause::LocalResource, "this machine gives no random numbers"))?;
    let mut message = Message::new(u16::from_ne_bytes(id), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name.clone(), kind));
    if edns {
        let mut options = Edns::new();
        options.set_max_payload(UDP_PAYLOAD);
        message.set_edns(options);
    }
    Ok(message)
}

fn encode(question: &Message) -> Result<Vec<u8>, Problem> {
    question
        .to_vec()
        .map_err(|error| Problem::new(Cause::DnsMalformed, format!("the name cannot be asked: {error}")))
}

/// One question over UDP, sent again until `end`; replies to other questions are no replies.
async fn over_udp(
    net: &Net,
    server: SocketAddr,
    question: &Message,
    end: Instant,
    attempts: &mut u32,
) -> Result<Message, Problem> {
    let bytes = encode(question)?;
    // The clock runs once there is a socket: a machine with few of them is slower and fails nothing.
    let asked = Instant::now();
    let _permit = net.socket().await;
    let end = end + asked.elapsed();
    let failed = |error: &io::Error| Problem::of_io(error, None, server);
    let socket = connected(server).map_err(|error| failed(&error))?;
    let begun = Instant::now();
    let resend = RESEND.iter().map(|after| begun + *after).filter(|at| *at < end);
    for wait in resend.chain([end]) {
        *attempts += 1;
        if let Err(error) = socket.send(&bytes).await {
            return Err(Problem::of_io(&error, socket::icmp(&socket, server), server));
        }
        match timeout_at(wait, reply_to(&socket, question)).await {
            Ok(Ok(reply)) => return reply,
            Ok(Err(error)) => return Err(Problem::of_io(&error, socket::icmp(&socket, server), server)),
            Err(_) => {}
        }
    }
    Err(Problem::new(Cause::DnsTimeout, format!("no answer to {attempts} queries")))
}

/// A UDP socket connected to `peer`, so that the kernel tells what answered it.
///
/// # Errors
/// What the kernel says.
pub fn connected(peer: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket::open(peer, Type::DGRAM)?;
    socket.connect(&peer.into())?;
    UdpSocket::from_std(socket.into())
}

/// The reply to `question`; what answers another question is passed over.
async fn reply_to(socket: &UdpSocket, question: &Message) -> io::Result<Result<Message, Problem>> {
    let mut buffer = vec![0_u8; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(reply) = read(&buffer[..length], question) {
            return Ok(reply);
        }
    }
}

/// Reads a message; `None` when it answers another question.
fn read(bytes: &[u8], question: &Message) -> Option<Result<Message, Problem>> {
    if bytes.len() < 3 || bytes[..2] != question.metadata.id.to_be_bytes() || bytes[2] & 0x80 == 0 {
        return None;
    }
    match Message::from_vec(bytes) {
        Ok(reply) if reply.queries.is_empty() || reply.queries == question.queries => Some(Ok(reply)),
        Ok(_) => None,
        Err(error) => {
            Some(Err(Problem::new(Cause::DnsMalformed, format!("the answer cannot be read: {error}"))))
        }
    }
}

/// Asks `server` over TCP alone, for the check of the server itself.
///
/// # Errors
/// Why TCP brought no readable answer.
pub async fn ask_over_tcp(
    net: &Net,
    server: SocketAddr,
    name: &Name,
    kind: RecordType,
) -> Result<Answer, Problem> {
    let question = question(name, kind, true)?;
    let asked = over_tcp(net, server, &question, Instant::now() + net.limits().resolve);
    let message = timeout_at(net.deadline(), asked).await.unwrap_or_else(|_| Err(too_late()))?;
    let mut answer = Answer::default();
    follow(&message, name, name, &mut answer);
    answer.problem = judge(&message, &answer);
    Ok(answer)
}

/// The same question over TCP; the cause of a cut answer is that of this attempt.
async fn over_tcp(
    net: &Net,
    server: SocketAddr,
    question: &Message,
    end: Instant,
) -> Result<Message, Problem> {
    let bytes = encode(question)?;
    let left = end.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
    let unreachable = |detail: String| Problem::new(Cause::DnsUnreachable, format!("over TCP: {detail}"));
    let talk = async {
        let mut dialled = match tcp::dial(net, server).await {
            Ok(dialled) => dialled,
            Err(refusal) => return Err(Problem { icmp: refusal.icmp, ..of_refusal(&refusal) }),
        };
        let stream = &mut dialled.stream;
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
        stream
            .write_all(&[&length, bytes.as_slice()].concat())
            .await
            .map_err(|e| unreachable(e.to_string()))?;
        let size = stream.read_u16().await.map_err(|e| unreachable(e.to_string()))?;
        let mut reply = vec![0_u8; usize::from(size)];
        stream.read_exact(&mut reply).await.map_err(|e| unreachable(e.to_string()))?;
        let wrong = || Problem::new(Cause::DnsMalformed, "over TCP: the answer is to another question");
        read(&reply, question).unwrap_or_else(|| Err(wrong()))
    };
    timeout(left, talk)
        .await
        .unwrap_or_else(|_| Err(Problem::new(Cause::DnsTimeout, "over TCP: no answer in time")))
}

fn of_refusal(refusal: &tcp::Refusal) -> Problem {
    let cause = match refusal.cause {
        Cause::ConnectTimeout => Cause::DnsTimeout,
        Cause::LocalResource => Cause::LocalResource,
        _ => Cause::DnsUnreachable,
    };
    Problem::new(cause, format!("over TCP: {}", refusal.detail))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    /// Unbound 1.17: two aliases and the address at their end.
    const ALIASES: [u8; 106] = [
        0xb5, 0xa6, 0x85, 0x80, 0x00, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x04, 0x6d, 0x61, 0x6e, 0x79,
        0x05, 0x61, 0x7a, 0x75, 0x72, 0x65, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00, 0x00, 0x01,
        0x00, 0x01, 0xc0, 0x0c, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x0a, 0x07, 0x74, 0x72,
        0x61, 0x66, 0x66, 0x69, 0x63, 0xc0, 0x11, 0xc0, 0x30, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c,
        0x00, 0x09, 0x06, 0x74, 0x61, 0x72, 0x67, 0x65, 0x74, 0xc0, 0x11, 0xc0, 0x46, 0x00, 0x01, 0x00, 0x01,
        0x00, 0x00, 0x00, 0x3c, 0x00, 0x04, 0x14, 0x01, 0x00, 0x03, 0x00, 0x00, 0x29, 0x04, 0xd0, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00,
    ];

    /// Unbound 1.17: an answer that does not fit into 1,232 bytes.
    const CUT: [u8; 47] = [
        0x94, 0xd8, 0x87, 0x80, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x04, 0x6c, 0x6f, 0x6e, 0x67,
        0x05, 0x61, 0x7a, 0x75, 0x72, 0x65, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00, 0x00, 0x01,
        0x00, 0x01, 0x00, 0x00, 0x29, 0x04, 0xd0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ];

    /// Unbound 1.17: the name exists, without an IPv6 address.
    const EMPTY: [u8; 88] = [
        0xc9, 0xbd, 0x85, 0x80, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x04, 0x6c, 0x6f, 0x6e, 0x67,
        0x05, 0x61, 0x7a, 0x75, 0x72, 0x65, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00, 0x00, 0x1c,
        0x00, 0x01, 0xc0, 0x11, 0x00, 0x06, 0x00, 0x01, 0x00, 0x00, 0x00, 0x05, 0x00, 0x1d, 0x02, 0x6e, 0x73,
        0xc0, 0x11, 0x01, 0x68, 0xc0, 0x11, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
        0x03, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x29, 0x04, 0xd0, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00,
    ];

    fn asked(name: &str, kind: RecordType, id: u16) -> (Name, Message) {
        let name = Name::from_ascii(name).unwrap();
        let mut question = question(&name, kind, true).expect("random numbers");
        question.metadata.id = id;
        (name, question)
    }

    #[test]
    fn a_captured_answer_is_followed_through_its_aliases() {
        let (name, question) = asked("many.azure.example.", RecordType::A, 0xb5a6);
        let message = read(&ALIASES, &question).unwrap().unwrap();
        let mut answer = Answer::default();
        follow(&message, &name, &name, &mut answer);
        assert_eq!(answer.addresses, [Ipv4Addr::new(20, 1, 0, 3)]);
        assert_eq!(answer.cnames, ["traffic.azure.example", "target.azure.example"]);
        assert_eq!((answer.ttl, judge(&message, &answer).is_none()), (Some(60), true));
    }

    #[test]
    fn captured_answers_that_are_cut_or_empty_are_known_as_such() {
        let (_, question) = asked("long.azure.example.", RecordType::A, 0x94d8);
        assert!(read(&CUT, &question).unwrap().unwrap().metadata.truncation);
        let (name, question) = asked("long.azure.example.", RecordType::AAAA, 0xc9bd);
        let message = read(&EMPTY, &question).unwrap().unwrap();
        let mut answer = Answer::default();
        follow(&message, &name, &name, &mut answer);
        assert_eq!(judge(&message, &answer).map(|problem| problem.cause), Some(Cause::DnsNoRecords));
    }

    #[test]
    fn truncations_are_malformed_and_other_questions_are_passed_over() {
        let (_, question) = asked("many.azure.example.", RecordType::A, 0xb5a6);
        for length in 3..ALIASES.len() {
            let result = read(&ALIASES[..length], &question).expect("the id is ours");
            assert_eq!(result.unwrap_err().cause, Cause::DnsMalformed, "{length}");
        }
        for length in 0..3 {
            assert!(read(&ALIASES[..length], &question).is_none());
        }
        let (_, other_id) = asked("many.azure.example.", RecordType::A, 0xb5a7);
        let (_, other_name) = asked("other.azure.example.", RecordType::A, 0xb5a6);
        assert!(read(&ALIASES, &other_id).is_none() && read(&ALIASES, &other_name).is_none());
        assert!(read(&encode(&question).unwrap(), &question).is_none(), "an echo is no answer");
    }
}
