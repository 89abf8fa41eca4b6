//! A name server over UDP and TCP, with faults by name.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::{Instant, sleep};

use crate::fault::DnsFault;

/// What a name server knows.
#[derive(Debug, Clone, Default)]
pub struct Zone {
    /// Addresses by lower-case name without the final dot.
    pub names: HashMap<String, Vec<IpAddr>>,
    /// Faults of single names.
    pub faults: HashMap<String, DnsFault>,
    /// A fault of the whole server.
    pub fault: DnsFault,
    /// What the server remembers of the questions before.
    pub memory: Arc<Mutex<Memory>>,
}

/// What a server remembers.
#[derive(Debug, Default)]
pub struct Memory {
    /// Questions that were asked before.
    asked: HashSet<(String, RecordType)>,
    /// Answers in the second that has begun there.
    second: Option<(Instant, u32)>,
}

impl Memory {
    /// True for one of the first answers of a second.
    fn may_answer(&mut self) -> bool {
        let now = Instant::now();
        let (begun, given) =
            self.second.filter(|(begun, _)| now < *begun + Duration::from_secs(1)).unwrap_or((now, 0));
        self.second = Some((begun, given + 1));
        given < LIMIT
    }
}

const TTL: u32 = 60;

/// How late a slow server answers, and a very slow one.
const SLOW: Duration = Duration::from_millis(400);
const VERY_SLOW: Duration = Duration::from_millis(1200);

/// Answers that a limited server gives in a second.
const LIMIT: u32 = 20;

/// How long a server is silent that is so at first.
const FIRST: Duration = Duration::from_secs(2);

/// Serves `zone` on `address` over UDP and TCP until the task is dropped; returns the bound address.
///
/// # Errors
/// The address cannot be bound.
pub async fn start(address: SocketAddr, zone: Zone) -> io::Result<SocketAddr> {
    let zone = Arc::new(zone);
    let (udp, tcp) = bind(address).await?;
    let bound = udp.local_addr()?;
    tokio::spawn(serve_udp(udp, Arc::clone(&zone)));
    if zone.fault != DnsFault::TruncatedNoTcp {
        tokio::spawn(serve_tcp(tcp, zone));
    }
    Ok(bound)
}

/// Serves `zone` on `address` over UDP alone; returns the bound address.
///
/// # Errors
/// The address cannot be bound.
pub async fn start_udp(address: SocketAddr, zone: Zone) -> io::Result<SocketAddr> {
    let udp = UdpSocket::bind(address).await?;
    let bound = udp.local_addr()?;
    tokio::spawn(serve_udp(udp, Arc::new(zone)));
    Ok(bound)
}

/// The same port for both: a free UDP port may be taken for TCP, so an unspecified one is tried a few times.
async fn bind(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    for _ in 0..16 {
        let udp = UdpSocket::bind(address).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if address.port() != 0 => return Err(error),
            Err(_) => {}
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

async fn serve_udp(socket: UdpSocket, zone: Arc<Zone>) {
    let (socket, begun) = (Arc::new(socket), Instant::now());
    let mut buffer = vec![0_u8; 4096];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let Some(reply) = answer(&zone, &buffer[..length], Way::Udp, begun.elapsed()) else { continue };
        let (socket, late) = (Arc::clone(&socket), lateness(zone.fault));
        tokio::spawn(async move {
            sleep(late).await;
            let _ = socket.send_to(&reply, peer).await;
        });
    }
}

const fn lateness(fault: DnsFault) -> Duration {
    match fault {
        DnsFault::Slow => SLOW,
        DnsFault::VerySlow | DnsFault::LateNxdomain => VERY_SLOW,
        _ => Duration::ZERO,
    }
}

async fn serve_tcp(listener: TcpListener, zone: Arc<Zone>) {
    let begun = Instant::now();
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        let zone = Arc::clone(&zone);
        tokio::spawn(async move {
            while let Ok(length) = stream.read_u16().await {
                let mut query = vec![0_u8; usize::from(length)];
                if stream.read_exact(&mut query).await.is_err() {
                    return;
                }
                let Some(reply) = answer(&zone, &query, Way::Tcp, begun.elapsed()) else { continue };
                let length = u16::try_from(reply.len()).unwrap_or(u16::MAX).to_be_bytes();
                if stream.write_all(&[&length[..], &reply].concat()).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// How a question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Udp,
    Tcp,
}

/// The bytes of the answer; none where the server stays silent. `age` is how long the server is there.
fn answer(zone: &Zone, query: &[u8], way: Way, age: Duration) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).ok()?;
    let question = query.queries.first()?.clone();
    let name = question.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let fault = match zone.fault {
        DnsFault::None => zone.faults.get(&name).copied().unwrap_or_default(),
        whole => whole,
    };
    let mut reply = query.clone().into_response();
    reply.metadata.recursion_available = true;
    let mut memory = zone.memory.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = memory.asked.insert((name.clone(), question.query_type()));
    match fault {
        DnsFault::Limited if !memory.may_answer() => return None,
        DnsFault::ServfailAtFirst if is_new => reply.metadata.response_code = ResponseCode::ServFail,
        DnsFault::DropsEdns if query.edns.is_some() => return None,
        DnsFault::LosesLong if way == Way::Udp && query.edns.is_some() => return None,
        DnsFault::LosesLong if way == Way::Udp => reply.metadata.truncation = true,
        DnsFault::TcpOnly if way == Way::Udp => return None,
        DnsFault::Silent => return None,
        DnsFault::SilentA if question.query_type() == RecordType::A => return None,
        DnsFault::SilentAaaa if question.query_type() == RecordType::AAAA => return None,
        DnsFault::Malformed => {
            return Some([&query.metadata.id.to_be_bytes()[..], &[0x81, 0x80, 0xff, 0xff]].concat());
        }
        DnsFault::WrongId => reply.metadata.id = reply.metadata.id.wrapping_add(1),
        DnsFault::Nxdomain | DnsFault::LateNxdomain => reply.metadata.response_code = ResponseCode::NXDomain,
        DnsFault::Servfail => reply.metadata.response_code = ResponseCode::ServFail,
        DnsFault::Refused => reply.metadata.response_code = ResponseCode::Refused,
        DnsFault::SilentAtFirst if age < FIRST => return None,
        DnsFault::Truncated | DnsFault::TruncatedNoTcp if way == Way::Udp => reply.metadata.truncation = true,
        DnsFault::PrivateLinkGone => {
            let alias = private_link(&name);
            reply.add_answer(Record::from_rdata(question.name().clone(), TTL, RData::CNAME(CNAME(alias))));
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        DnsFault::PrivateLink => {
            let alias = private_link(&name);
            let link = RData::CNAME(CNAME(alias.clone()));
            reply.add_answer(Record::from_rdata(question.name().clone(), TTL, link));
            records(zone, (&name, &alias), question.query_type(), &mut reply);
        }
        DnsFault::Sinkhole if question.query_type() == RecordType::A => {
            reply.add_answer(Record::from_rdata(
                question.name().clone(),
                TTL,
                RData::A(A(Ipv4Addr::UNSPECIFIED)),
            ));
        }
        DnsFault::NoRecords | DnsFault::Sinkhole => {}
        _ => records(zone, (&name, question.name()), question.query_type(), &mut reply),
    }
    reply.to_vec().ok()
}

/// The addresses of `name`, as records of `owner`: the name itself or the alias that it leads to.
fn records(zone: &Zone, (name, owner): (&str, &Name), wanted: RecordType, reply: &mut Message) {
    let Some(addresses) = zone.names.get(name) else {
        reply.metadata.response_code = ResponseCode::NXDomain;
        return;
    };
    for address in addresses {
        let data = match (address, wanted) {
            (IpAddr::V4(v4), RecordType::A) => RData::A(A(*v4)),
            (IpAddr::V6(v6), RecordType::AAAA) => RData::AAAA(AAAA(*v6)),
            _ => continue,
        };
        reply.add_answer(Record::from_rdata(owner.clone(), TTL, data));
    }
}

/// `a.blob.core.windows.net` as Private Link names it: `a.privatelink.blob.core.windows.net`.
fn private_link(name: &str) -> Name {
    let alias = match name.split_once('.') {
        Some((first, rest)) => format!("{first}.privatelink.{rest}."),
        None => format!("{name}.privatelink.example."),
    };
    Name::from_ascii(alias).unwrap_or_else(|_| Name::root())
}
