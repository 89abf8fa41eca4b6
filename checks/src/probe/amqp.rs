//! AMQP 1.0: the protocol header, which the server must give back (OASIS AMQP 1.0, part 2, section 2.2).

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::catalogue::Protocol;
use crate::outcome::{Cause, ExchangeEvidence, Failure};
use crate::probe::wire;

/// Which layer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// SASL, inside TLS (port 5671).
    Sasl,
    /// TLS, in band (port 5672).
    Tls,
}

/// Sends the header of `variant` and reads the server's.
///
/// # Errors
/// Why no AMQP header came back.
pub async fn exchange<S>(stream: &mut S, variant: Variant) -> Result<ExchangeEvidence, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    wire::send(stream, &header(variant)).await?;
    let answer = wire::receive_starting(stream, b"AMQP", 8, "an AMQP header").await?;
    let evidence = read(&answer, variant).ok_or_else(|| wire::unexpected("an AMQP 1.0 header", &answer))?;
    let agreed = answer == header(variant);
    if !agreed || variant == Variant::Tls {
        return Ok(evidence);
    }
    // A broker lists its mechanisms at once; one that waits for us has proved itself by its header and its certificate.
    match timeout(SASL_TIMEOUT, mechanisms(stream)).await {
        Ok(Ok(names)) => Ok(evidence.with("saslMechanisms", names)),
        Ok(Err(failure)) if failure.cause == Cause::ExchangeUnexpected => Err(failure),
        Ok(Err(_)) | Err(_) => Ok(evidence),
    }
}

/// Reads the header of a server that was asked for `variant`; `None` where it is none of AMQP 1.0.
///
/// A server that wants another layer answers with that layer's header: AMQP all the same, but where TLS was asked for,
/// there is none to go on with.
#[must_use]
pub fn read(answer: &[u8], variant: Variant) -> Option<ExchangeEvidence> {
    let [b'A', b'M', b'Q', b'P', id, 1, 0, 0] = *answer else { return None };
    let accepted = match variant {
        Variant::Tls => id == 2,
        Variant::Sasl => matches!(id, 0 | 2 | 3),
    };
    accepted.then(|| ExchangeEvidence::new(Protocol::Amqp).with("amqpHeader", format!("{id}.1.0.0")))
}

/// How long the list of mechanisms is waited for.
const SASL_TIMEOUT: Duration = Duration::from_millis(500);

/// Bytes of the frame of mechanisms that are read at most.
const FRAME: usize = 4096;

/// Reads the frame in which the server lists its SASL mechanisms (part 5, section 5.3.3.1).
async fn mechanisms<S: AsyncRead + Unpin>(stream: &mut S) -> Result<String, Failure> {
    let wrong = |bytes: &[u8]| wire::unexpected("a frame of SASL mechanisms", bytes);
    let head = wire::receive(stream, 8).await?;
    let length = body_length(&head).ok_or_else(|| wrong(&head))?;
    let body = wire::receive(stream, length).await?;
    names(&body).ok_or_else(|| wrong(&body))
}

/// Bytes behind the header of a SASL frame (part 2, section 2.3); `None` where it is none, or longer than 4 KiB.
#[must_use]
pub fn body_length(head: &[u8]) -> Option<usize> {
    let [a, b, c, d, _, 1, ..] = *head else { return None };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    (8..=FRAME).contains(&length).then(|| length - 8)
}

/// The names of the mechanisms in a frame's body, separated by spaces; `None` where it lists none.
#[must_use]
pub fn names(body: &[u8]) -> Option<String> {
    let list = body.strip_prefix(&[0x00, 0x53, 0x40])?;
    // The names are the only runs of capitals in the frame.
    let is_part =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let names = list.split(|byte| !is_part(byte)).filter(|run| run.len() > 3);
    Some(names.map(|run| String::from_utf8_lossy(run).into_owned()).collect::<Vec<_>>().join(" "))
}

/// The eight bytes of a protocol header.
#[must_use]
pub fn header(variant: Variant) -> [u8; 8] {
    let id = match variant {
        Variant::Sasl => 3,
        Variant::Tls => 2,
    };
    [b'A', b'M', b'Q', b'P', id, 1, 0, 0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::wire::tests::answered;

    /// Header and mechanisms, laid out by hand from parts 1, 2 and 5 of the standard.
    const GREETING: [u8; 45] = *b"AMQP\x03\x01\x00\x00\x00\x00\x00\x25\x02\x01\x00\x00\
        \x00\x53\x40\xc0\x18\x01\xe0\x15\x02\xa3\x08EXTERNAL\x09ANONYMOUS";

    /// RabbitMQ 3.10, which writes its names as 32-bit symbols and Azure's as 8-bit ones.
    const RABBITMQ: [u8; 60] =
        *b"AMQP\x03\x01\x00\x00\x00\x00\x00\x34\x02\x01\x00\x00\x00\x53\x40\xc0\x27\x01\xe0\x24\x03\xb3\
        \x00\x00\x00\x09ANONYMOUS\x00\x00\x00\x08AMQPLAIN\x00\x00\x00\x05PLAIN";

    #[tokio::test]
    async fn a_real_broker_lists_its_mechanisms() {
        let evidence = answered(&RABBITMQ, async |s| exchange(s, Variant::Sasl).await).await.unwrap();
        assert_eq!(evidence.text("amqpHeader"), Some("3.1.0.0"));
        assert_eq!(evidence.text("saslMechanisms"), Some("ANONYMOUS AMQPLAIN PLAIN"));
    }

    #[tokio::test]
    async fn an_older_amqp_is_another_protocol() {
        // RabbitMQ without its plugin for AMQP 1.0.
        let result = answered(b"AMQP\x00\x00\x09\x01", async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }

    #[tokio::test]
    async fn a_broker_that_lists_no_mechanisms_has_given_its_header() {
        let result = answered(&GREETING[..8], async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap().text("saslMechanisms"), None);
    }

    #[tokio::test]
    async fn other_bytes_behind_the_header_do_not_pass() {
        let echo = [&header(Variant::Sasl)[..], b"HTTP/1.1 400 Bad Request"].concat();
        let result = answered(&echo, async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }

    #[tokio::test]
    async fn the_same_header_back_is_proof() {
        let result = answered(&GREETING, async |s| exchange(s, Variant::Sasl).await).await;
        let evidence = result.unwrap();
        assert_eq!(evidence.text("amqpHeader"), Some("3.1.0.0"));
        assert_eq!(evidence.text("saslMechanisms"), Some("EXTERNAL ANONYMOUS"));
    }

    #[tokio::test]
    async fn in_band_tls_needs_the_tls_header() {
        let result = answered(b"AMQP\x00\x01\x00\x00", async |s| exchange(s, Variant::Tls).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }

    #[tokio::test]
    async fn a_cut_header_is_closed_and_another_protocol_unexpected() {
        for length in 0..8 {
            let cut = &GREETING[..length];
            let result = answered(cut, async |s| exchange(s, Variant::Sasl).await).await;
            assert_eq!(result.unwrap_err().cause, Cause::ExchangeClosed);
        }
        let result = answered(b"HTTP/1.1 400 Bad Request", async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }
}
