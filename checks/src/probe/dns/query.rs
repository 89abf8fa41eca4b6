//! One question to one DNS server: over UDP with EDNS, again after growing pauses, without EDNS, and at last over TCP,
//! before the server is called silent or failing.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::outcome::Cause;
use crate::probe::dns::answer::{Answer, QueryError};
use crate::probe::dns::message::{self, Form, MAX_CNAMES};
use crate::probe::dns::transport::{Datagrams, Question, over_tcp};
use crate::probe::net::Net;
use crate::probe::pace::Room;
use crate::probe::resolution::Detour;

/// The time that one server has for one question, and how the tries are spread over it.
struct Schedule {
    begun: Instant,
    time: Duration,
}

impl Schedule {
    /// When the server's time is over.
    fn end(&self) -> Instant {
        self.begun + self.time
    }

    /// So many hundredths of the time that the tries are spread over.
    fn of_spread(&self, hundredths: u32) -> Duration {
        self.time.min(SPREAD) * hundredths / 100
    }

    /// When the try at this place of [`TRIES`] is over: the next begins, or the time ends.
    fn until_after(&self, turn: usize) -> Instant {
        TRIES.get(turn + 1).map_or_else(|| self.end(), |(next, _)| self.begun + self.of_spread(*next))
    }

    /// Room for the next try of a question that gave its own up to others: what it waits for them is not its own time.
    async fn queue(&mut self, question: Question<'_>) -> Room {
        let queued = Instant::now();
        let room = question.net.pace().question(question.server).await;
        self.begun += queued.elapsed();
        room
    }
}

/// Which ways of asking count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ways {
    /// All: the answer matters.
    All,
    /// Datagrams alone: the way to the server is what is looked at.
    Udp,
}

/// One try to get an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    Datagram(Form),
    Stream,
}

/// The longest time that the tries are spread over: one that has more is not asked more slowly.
const SPREAD: Duration = Duration::from_secs(3);

/// The tries, and when each begins, in hundredths of the time that a server has (3 s): after 0, 0.35, 0.9, 1.5 and 2.2 s.
const TRIES: [(u32, Try); 5] = [
    (0, Try::Datagram(Form::Edns)),
    (12, Try::Datagram(Form::Edns)),
    (30, Try::Datagram(Form::Edns)),
    (50, Try::Datagram(Form::Plain)),
    (73, Try::Stream),
];

/// How long a server that failed is left alone before it is asked again, in hundredths of its time.
const PAUSE: u32 = 13;

/// How long a question takes whose refusal is as good as silence.
const LONG: Duration = Duration::from_secs(1);

/// Asks `server` for the `kind` records of `name`, follows aliases, and keeps what was learned on the way, also where
/// the run's deadline comes first. `room` is the question's, and others' while a server that failed is left alone.
pub async fn ask(
    net: &Net,
    server: SocketAddr,
    (name, kind): (&Name, RecordType),
    ways: Ways,
    room: Room,
) -> Answer {
    let mut answer = Answer::default();
    if ways == Ways::All
        && let Some(asked) = net.traffic().silent(server)
    {
        let detail =
            format!("{server} has answered none of {asked} other questions, so this one was not sent");
        answer.problem = Some(QueryError::new(Cause::DnsTimeout, detail));
        return answer;
    }
    net.traffic().asked(server);
    let asked_at = Instant::now();
    let asked = pursue(net, server, (name, kind), ways, room, &mut answer);
    if timeout_at(net.deadline(), asked).await.is_err() {
        answer.problem = Some(QueryError::too_late());
    }
    match answer.problem.as_ref().map(|problem| problem.cause) {
        Some(Cause::DnsTimeout) => net.traffic().unanswered(server),
        // The kernel needs three seconds to know that a next hop does not answer: nobody else has to find that out.
        Some(Cause::DnsUnreachable) if asked_at.elapsed() >= LONG => net.traffic().unanswered(server),
        Some(Cause::Deadline | Cause::DnsUnreachable | Cause::LocalResource) => {}
        _ => net.traffic().answered(server, answer.detour),
    }
    answer
}

async fn pursue(
    net: &Net,
    server: SocketAddr,
    (name, kind): (&Name, RecordType),
    ways: Ways,
    room: Room,
    answer: &mut Answer,
) {
    let mut owner = name.clone();
    let mut room = Some(room);
    loop {
        let message =
            match exchange(Question { net, server, name: &owner, kind }, ways, &mut room, answer).await {
                Ok(message) => message,
                Err(problem) => {
                    answer.problem = Some(problem);
                    return;
                }
            };
        let next = message::follow(&message, name, &owner, answer);
        answer.problem = message::judge(&message, answer);
        let unfinished = answer.addresses.is_empty()
            && next != owner
            && message.metadata.response_code == ResponseCode::NoError;
        if !unfinished || answer.cnames.len() >= MAX_CNAMES {
            return;
        }
        owner = next;
    }
}

/// One message for one question, by whatever way it comes.
async fn exchange(
    question: Question<'_>,
    ways: Ways,
    room: &mut Option<Room>,
    answer: &mut Answer,
) -> Result<Message, QueryError> {
    let mut schedule = Schedule { begun: Instant::now(), time: question.net.limits().resolve };
    let known = question.net.traffic().detour(question.server);
    if known == Some(Detour::OverTcp) && ways == Ways::All {
        answer.detour = known;
        return over_tcp(question, schedule.end()).await;
    }
    let form = if known == Some(Detour::WithoutEdns) { Form::Plain } else { Form::Edns };
    let reply = ask_again(question, form, ways, &mut schedule, room, answer).await?;
    if reply.metadata.truncation {
        answer.truncated = true;
        return over_tcp(question, schedule.end()).await;
    }
    Ok(reply)
}

/// The first reply to a question that is asked again on a [`Schedule`]. A server that fails is asked again after a pause, as
/// one that is silent is.
async fn ask_again(
    question: Question<'_>,
    mut form: Form,
    ways: Ways,
    schedule: &mut Schedule,
    room: &mut Option<Room>,
    answer: &mut Answer,
) -> Result<Message, QueryError> {
    let Question { net, server, .. } = question;
    let mut datagrams = Datagrams::open(question).await?;
    let (mut failed, mut failures) = (None::<Message>, 0);
    for (turn, (_, step)) in TRIES.iter().enumerate() {
        if turn > 0 && ways == Ways::All && failed.is_none() && net.traffic().silent(server).is_some() {
            break;
        }
        let until = schedule.until_after(turn);
        let reply = match step {
            // What failed twice with EDNS is asked without.
            Try::Datagram(Form::Edns) if failures > 1 && form == Form::Edns => continue,
            Try::Datagram(wanted) => {
                form = if form == Form::Plain { form } else { *wanted };
                answer.attempts += 1;
                datagrams.ask(form, until).await?
            }
            Try::Stream if ways == Ways::Udp => datagrams.hear(until).await?,
            Try::Stream => {
                answer.attempts += 1;
                datagrams.hear_beside(over_tcp(question, until), until).await?
            }
        };
        let Some((reply, came_over)) = reply else { continue };
        match reply.metadata.response_code {
            _ if reply.metadata.truncation => {
                answer.detour = answer.detour.or(came_over);
                return Ok(reply);
            }
            ResponseCode::ServFail => {
                failures += 1;
                failed = Some(reply);
                if turn + 1 < TRIES.len() {
                    *room = None;
                    sleep_until(until.min(Instant::now() + schedule.of_spread(PAUSE))).await;
                    *room = Some(schedule.queue(question).await);
                }
            }
            ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS if form == Form::Edns => {
                // An old server that does not know EDNS: asked at once as RFC 1035 did.
                form = Form::Plain;
                failed = Some(reply);
            }
            _ => {
                answer.detour = answer.detour.or(came_over.filter(|_| failed.is_none() || failures > 1));
                return Ok(reply);
            }
        }
    }
    failed.ok_or_else(|| QueryError::new(Cause::DnsTimeout, silence_words(ways, answer.attempts)))
}

fn silence_words(ways: Ways, attempts: u32) -> String {
    match ways {
        Ways::All => {
            format!("no answer to {attempts} questions, with and without EDNS, over UDP and over TCP")
        }
        Ways::Udp => format!("no answer to {attempts} questions over UDP, with and without EDNS"),
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
) -> Result<Answer, QueryError> {
    let asked = over_tcp(Question { net, server, name, kind }, Instant::now() + net.limits().resolve);
    let message = timeout_at(net.deadline(), asked).await.unwrap_or_else(|_| Err(QueryError::too_late()))?;
    let mut answer = Answer::default();
    message::follow(&message, name, name, &mut answer);
    answer.problem = message::judge(&message, &answer);
    Ok(answer)
}
