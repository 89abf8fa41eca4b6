//! Checking a name server itself: over UDP, which proves it, and over TCP, which is stated.

use std::net::SocketAddr;

use hickory_proto::rr::{Name, RecordType};

use crate::catalogue::Protocol;
use crate::outcome::{Cause, ExchangeEvidence, Failure, Stage, fact};
use crate::probe::dns::answer::{Answer, QueryError};
use crate::probe::dns::query::{self, Ways};
use crate::probe::log::{Log, Note};
use crate::probe::net::Net;
use crate::probe::resolution::Detour;
use crate::probe::socket;

/// The name that is asked for: one that API Management needs in every cloud.
const NAME: &str = "login.microsoftonline.com.";

/// Asks `server` over UDP and over TCP at once. Any readable answer proves that it speaks DNS; a silent TCP port is
/// recorded and fails nothing, since only an answer that was cut would need it.
///
/// # Errors
/// Why UDP brought no answer.
///
/// # Panics
/// Never: the name is a constant that parses.
pub async fn check(net: &Net, server: SocketAddr, log: &mut Log) -> Result<(), Failure> {
    let name = Name::from_ascii(NAME).expect("a constant that parses");
    let begun = log.begin(Stage::Exchange, Note::of(server.ip()));
    let room = net.pace().question(server).await;
    let (udp, tcp) = tokio::join!(
        query::ask(net, server, (&name, RecordType::A), Ways::Udp, room),
        query::ask_over_tcp(net, server, &name, RecordType::A),
    );
    let result = judge(&udp);
    let icmp = udp.problem.as_ref().and_then(|problem| problem.icmp);
    let note = Note { attempts: Some(udp.attempts), icmp, ..Note::of(server.ip()) };
    log.record(Stage::Exchange, begun, note, result.as_ref().err());
    let tcp = match tcp {
        Ok(answer) => judge(&answer).map_or_else(|failure| failure.detail, |()| "answers".to_owned()),
        Err(problem) => problem.detail,
    };
    let rcode = udp.problem.as_ref().map_or("NOERROR", |problem| problem.cause.as_str());
    let mut evidence = ExchangeEvidence::new(Protocol::Dns).with("tcp", tcp);
    if result.is_ok() {
        evidence = evidence.with("answer", rcode);
        evidence = evidence.with("detour", udp.detour.map_or("", Detour::words));
    } else {
        evidence = evidence.with(fact::TRUNCATED, udp.truncated);
    }
    log.evidence.exchange = Some(evidence);
    result
}

fn judge(answer: &Answer) -> Result<(), Failure> {
    answer.problem.as_ref().map_or(Ok(()), refusal)
}

/// An rcode of any kind proves that a name server answers; everything else does not.
fn refusal(problem: &QueryError) -> Result<(), Failure> {
    let (stage, cause) = match problem.cause {
        Cause::DnsTimeout => (Stage::Exchange, Cause::ExchangeTimeout),
        Cause::DnsUnreachable if problem.icmp.is_some_and(socket::is_time_exceeded) => {
            (Stage::Connect, Cause::ConnectTimeout)
        }
        // Without a message nothing was sent.
        Cause::DnsUnreachable if problem.icmp.is_none() => (Stage::Connect, Cause::ConnectNoRoute),
        Cause::DnsUnreachable => (Stage::Connect, Cause::ConnectRejected),
        Cause::DnsMalformed => (Stage::Exchange, Cause::ExchangeUnexpected),
        Cause::LocalResource => (Stage::Connect, Cause::LocalResource),
        Cause::Deadline => (Stage::Exchange, Cause::Deadline),
        _ => return Ok(()),
    };
    Err(Failure::new(stage, cause, problem.detail.clone()))
}
