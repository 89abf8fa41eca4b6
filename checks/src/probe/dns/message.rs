//! Questions and answers as bytes: what is asked, and what an answer says, every alias on the way kept. Pure.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use ring::rand::{SecureRandom, SystemRandom};

use crate::outcome::Cause;
use crate::probe::dns::answer::{Answer, QueryError};

/// UDP payload that we say we can take: the DNS Flag Day 2020 figure, which no path fragments.
const UDP_PAYLOAD: u16 = 1232;

/// Aliases that are followed at most, as a recursive resolver would.
pub const MAX_CNAMES: usize = 64;

/// How a question is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With EDNS, as resolvers ask today.
    Edns,
    /// As RFC 1035 has it: some devices drop what they do not know.
    Plain,
}

/// A question of its own random number.
///
/// # Errors
/// [`Cause::LocalResource`]: this machine gives no random numbers.
pub fn question(name: &Name, kind: RecordType, form: Form) -> Result<Message, QueryError> {
    // Not Message::query(), whose random numbers panic on a kernel without getrandom, older than Linux 3.17.
    let mut id = [0; 2];
    SystemRandom::new()
        .fill(&mut id)
        .map_err(|_| QueryError::new(Cause::LocalResource, "this machine gives no random numbers"))?;
    let mut message = Message::new(u16::from_ne_bytes(id), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name.clone(), kind));
    if form == Form::Edns {
        let mut options = Edns::new();
        options.set_max_payload(UDP_PAYLOAD);
        message.set_edns(options);
    }
    Ok(message)
}

/// The bytes of a question.
///
/// # Errors
/// [`Cause::DnsMalformed`]: the name has no wire form.
pub fn encode(question: &Message) -> Result<Vec<u8>, QueryError> {
    question
        .to_vec()
        .map_err(|error| QueryError::new(Cause::DnsMalformed, format!("the name cannot be asked: {error}")))
}

/// Reads a message; `None` when it answers another question.
pub fn read(bytes: &[u8], question: &Message) -> Option<Result<Message, QueryError>> {
    if bytes.len() < 3 || bytes[..2] != question.metadata.id.to_be_bytes() || bytes[2] & 0x80 == 0 {
        return None;
    }
    // The decoder takes memory for as many records as the head names: 3 MB for a head of 12 bytes that names 65,535.
    if least(bytes) > bytes.len() {
        return Some(Err(QueryError::new(
            Cause::DnsMalformed,
            "the answer is shorter than the records that it names",
        )));
    }
    match Message::from_vec(bytes) {
        Ok(reply) if reply.queries.is_empty() || reply.queries == question.queries => Some(Ok(reply)),
        Ok(_) => None,
        Err(error) => {
            Some(Err(QueryError::new(Cause::DnsMalformed, format!("the answer cannot be read: {error}"))))
        }
    }
}

/// Bytes that a message with so many questions and records has at least: a question 5, a record 11.
fn least(bytes: &[u8]) -> usize {
    let count = |at: usize| match bytes.get(at..at + 2) {
        Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
        _ => 0,
    };
    12 + 5 * count(4) + 11 * (count(6) + count(8) + count(10))
}

/// Walks the aliases of one message from `owner`, collects the addresses at their end, and returns that end. A loop ends
/// where it closes.
pub fn follow(message: &Message, asked: &Name, owner: &Name, answer: &mut Answer) -> Name {
    let mut owner = owner.clone();
    while let Some((target, ttl)) = alias_of(message, &owner) {
        let alias = target.to_ascii().trim_end_matches('.').to_owned();
        if answer.cnames.len() >= MAX_CNAMES || target == *asked || answer.cnames.contains(&alias) {
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

/// Why a message brought no address; `None` where it brought some.
pub fn judge(message: &Message, answer: &Answer) -> Option<QueryError> {
    let said = |cause| Some(QueryError::new(cause, format!("answered {}", message.metadata.response_code)));
    match message.metadata.response_code {
        ResponseCode::NoError if answer.addresses.is_empty() => {
            Some(QueryError::new(Cause::DnsNoRecords, "the name exists but has no such record"))
        }
        ResponseCode::NoError => None,
        ResponseCode::NXDomain => said(Cause::DnsNxdomain),
        ResponseCode::Refused => said(Cause::DnsRefused),
        _ => said(Cause::DnsServfail),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::CNAME;

    use super::*;

    /// Unbound 1.17: two aliases and the address at their end.
    const CAPTURED: [u8; 106] = [
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

    #[test]
    fn an_answer_that_names_more_records_than_it_can_hold_is_malformed_before_memory_is_taken() {
        let (_, question) = asked("many.azure.example.", RecordType::A, 0xb5a6);
        for at in [4, 6, 8, 10] {
            let mut bytes = CAPTURED;
            bytes[at..at + 2].copy_from_slice(&[0xff, 0xff]);
            let problem = read(&bytes, &question).unwrap().unwrap_err();
            assert_eq!(problem.cause, Cause::DnsMalformed);
            assert_eq!(problem.detail, "the answer is shorter than the records that it names");
        }
    }

    fn asked(name: &str, kind: RecordType, id: u16) -> (Name, Message) {
        let name = Name::from_ascii(name).unwrap();
        let mut question = question(&name, kind, Form::Edns).expect("random numbers");
        question.metadata.id = id;
        (name, question)
    }

    #[test]
    fn a_captured_answer_is_followed_through_its_aliases() {
        let (name, question) = asked("many.azure.example.", RecordType::A, 0xb5a6);
        let message = read(&CAPTURED, &question).unwrap().unwrap();
        let mut answer = Answer::default();
        follow(&message, &name, &name, &mut answer);
        assert_eq!(answer.addresses, [Ipv4Addr::new(20, 1, 0, 3)]);
        assert_eq!(answer.cnames, ["traffic.azure.example", "target.azure.example"]);
        assert_eq!((answer.ttl, judge(&message, &answer).is_none()), (Some(60), true));
    }

    #[test]
    fn a_chain_of_twenty_aliases_is_followed_to_its_end_and_an_endless_one_is_not() {
        let name = |turn: usize| Name::from_ascii(format!("alias{turn}.azure.example.")).unwrap();
        let chain = |length: usize| {
            let mut message = Message::query();
            let alias = |turn| Record::from_rdata(name(turn), 60, RData::CNAME(CNAME(name(turn + 1))));
            message.add_answers((0..length).map(alias));
            message.add_answer(Record::from_rdata(name(length), 60, RData::A(Ipv4Addr::LOCALHOST.into())));
            let mut answer = Answer::default();
            follow(&message, &name(0), &name(0), &mut answer);
            (answer.cnames.len(), answer.addresses.len())
        };
        assert_eq!([chain(20), chain(MAX_CNAMES), chain(1000)], [(20, 1), (MAX_CNAMES, 1), (MAX_CNAMES, 0)]);
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
        for length in 3..CAPTURED.len() {
            let result = read(&CAPTURED[..length], &question).expect("the id is ours");
            assert_eq!(result.unwrap_err().cause, Cause::DnsMalformed, "{length}");
        }
        for length in 0..3 {
            assert!(read(&CAPTURED[..length], &question).is_none());
        }
        let (_, other_id) = asked("many.azure.example.", RecordType::A, 0xb5a7);
        let (_, other_name) = asked("other.azure.example.", RecordType::A, 0xb5a6);
        assert!(read(&CAPTURED, &other_id).is_none() && read(&CAPTURED, &other_name).is_none());
        assert!(read(&encode(&question).unwrap(), &question).is_none(), "an echo is no answer");
    }
}
