//! How a question travels: datagrams, whose answers may come late or never, and a stream.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RecordType};
use socket2::Type;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use crate::outcome::Cause;
use crate::probe::dns::answer::QueryError;
use crate::probe::dns::message::{self, Form};
use crate::probe::net::Net;
use crate::probe::resolution::Detour;
use crate::probe::{socket, tcp};

/// How long TCP has at least, once it is turned to.
const LEAST: Duration = Duration::from_secs(1);

/// A reply, and what it had to be asked by where that was not the usual way.
type Reply = (Message, Option<Detour>);

/// What one server is asked: the records of a kind that a name has.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) net: &'a Net,
    pub(super) server: SocketAddr,
    pub(super) name: &'a Name,
    pub(super) kind: RecordType,
}

/// The datagrams that one question is asked by: one socket, on which an answer to any of them is heard.
pub(super) struct Datagrams {
    server: SocketAddr,
    socket: UdpSocket,
    edns: Message,
    plain: Message,
    _permit: OwnedSemaphorePermit,
}

impl Datagrams {
    /// Opens the socket, once this machine has one to spare.
    ///
    /// # Errors
    /// This machine gives no socket, or the name cannot be asked for.
    pub(super) async fn open(question: Question<'_>) -> Result<Self, QueryError> {
        let Question { net, server, name, kind } = question;
        let edns = message::question(name, kind, Form::Edns)?;
        let plain = message::question(name, kind, Form::Plain)?;
        let permit = net.socket().await;
        let socket = connected(server).map_err(|error| QueryError::of_io(&error, None, server))?;
        Ok(Self { server, socket, edns, plain, _permit: permit })
    }

    /// Sends the question and waits for an answer to it, or to an earlier one, until `until`.
    ///
    /// # Errors
    /// The server is unreachable, or its answer cannot be read.
    pub(super) async fn ask(&mut self, form: Form, until: Instant) -> Result<Option<Reply>, QueryError> {
        let question = if form == Form::Edns { &self.edns } else { &self.plain };
        let bytes = message::encode(question)?;
        if let Err(error) = self.socket.send(&bytes).await {
            return Err(self.broken(&error));
        }
        self.hear(until).await
    }

    /// Waits for an answer to what was asked.
    ///
    /// # Errors
    /// The server is unreachable, or its answer cannot be read.
    pub(super) async fn hear(&mut self, until: Instant) -> Result<Option<Reply>, QueryError> {
        match timeout_at(until, self.reply()).await {
            Ok(Ok(reply)) => reply.map(Some),
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => Ok(None),
        }
    }

    /// The same beside a question over TCP: the first to answer counts, and a failure of TCP alone is none.
    ///
    /// # Errors
    /// The server is unreachable, or its answer cannot be read.
    pub(super) async fn hear_beside(
        &mut self,
        stream: impl Future<Output = Result<Message, QueryError>>,
        until: Instant,
    ) -> Result<Option<Reply>, QueryError> {
        tokio::select! {
            heard = self.hear(until + LEAST) => return heard,
            answered = stream => {
                if let Ok(message) = answered {
                    return Ok(Some((message, Some(Detour::OverTcp))));
                }
            }
        }
        self.hear(until).await
    }

    fn broken(&self, error: &io::Error) -> QueryError {
        QueryError::of_io(error, socket::icmp(&self.socket, self.server), self.server)
    }

    /// The reply to one of the questions; what answers another is passed over.
    async fn reply(&self) -> io::Result<Result<Reply, QueryError>> {
        let mut buffer = vec![0_u8; 4096];
        loop {
            let length = self.socket.recv(&mut buffer).await?;
            if let Some(reply) = message::read(&buffer[..length], &self.edns) {
                return Ok(reply.map(|reply| (reply, None)));
            }
            if let Some(reply) = message::read(&buffer[..length], &self.plain) {
                return Ok(reply.map(|reply| (reply, Some(Detour::WithoutEdns))));
            }
        }
    }
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

/// The same question over TCP; the cause of a cut answer is that of this attempt.
///
/// # Errors
/// Why there is no readable answer; silence is [`Cause::DnsTimeout`].
pub(super) async fn over_tcp(asked: Question<'_>, end: Instant) -> Result<Message, QueryError> {
    let Question { net, server, name, kind } = asked;
    let question = message::question(name, kind, Form::Edns)?;
    let bytes = message::encode(&question)?;
    let left = end.saturating_duration_since(Instant::now()).max(LEAST);
    let unreachable = |error: io::Error| QueryError::new(Cause::DnsUnreachable, format!("over TCP: {error}"));
    let talk = async {
        let mut dialled = match tcp::dial(net, server, socket::Segments::Full).await {
            Ok(dialled) => dialled,
            Err(refusal) => return Err(QueryError { icmp: refusal.icmp, ..of_refusal(&refusal) }),
        };
        let stream = &mut dialled.stream;
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
        stream.write_all(&[&length, bytes.as_slice()].concat()).await.map_err(unreachable)?;
        let size = stream.read_u16().await.map_err(unreachable)?;
        let mut reply = vec![0_u8; usize::from(size)];
        stream.read_exact(&mut reply).await.map_err(unreachable)?;
        let wrong = || QueryError::new(Cause::DnsMalformed, "over TCP: the answer is to another question");
        message::read(&reply, &question).unwrap_or_else(|| Err(wrong()))
    };
    timeout(left, talk)
        .await
        .unwrap_or_else(|_| Err(QueryError::new(Cause::DnsTimeout, "over TCP: no answer in time")))
}

fn of_refusal(refusal: &tcp::ConnectError) -> QueryError {
    let cause = match refusal.cause {
        Cause::ConnectTimeout => Cause::DnsTimeout,
        Cause::LocalResource => Cause::LocalResource,
        _ => Cause::DnsUnreachable,
    };
    QueryError::new(cause, format!("over TCP: {}", refusal.detail))
}
