//! AMQP 1.0: the protocol header, which the server must give back (OASIS AMQP 1.0, part 2, section 2.2).

use tokio::io::{AsyncRead, AsyncWrite};

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
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
    let [.., id, major, minor, revision] = answer[..] else {
        return Err(wire::unexpected("an AMQP header", &answer));
    };
    // A server that wants another layer answers with that layer's header: AMQP all the same, but no TLS to go on with.
    let agreed = answer == header(variant);
    if !agreed && (variant == Variant::Tls || !matches!(id, 0 | 2 | 3)) {
        return Err(wire::unexpected("the same AMQP header", &answer));
    }
    let evidence =
        ExchangeEvidence::new(Protocol::Amqp).with("amqpHeader", format!("{id}.{major}.{minor}.{revision}"));
    match agreed && variant == Variant::Sasl {
        // The header alone could be our own, sent back; what follows could not.
        true => mechanisms(stream).await.map(|names| evidence.with("saslMechanisms", names)),
        false => Ok(evidence),
    }
}

/// Bytes of the frame of mechanisms that are read at most.
const FRAME: usize = 4096;

/// Reads the frame in which the server lists its SASL mechanisms (part 5, section 5.3.3.1).
async fn mechanisms<S: AsyncRead + Unpin>(stream: &mut S) -> Result<String, Failure> {
    let head = wire::receive(stream, 8).await?;
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
    if !(8..=FRAME).contains(&length) || head[5] != 1 {
        return Err(wire::unexpected("a frame of SASL mechanisms", &head));
    }
    let body = wire::receive(stream, length - 8).await?;
    let is_list = body.starts_with(&[0x00, 0x53, 0x40]);
    if !is_list {
        return Err(wire::unexpected("a frame of SASL mechanisms", &body));
    }
    // The names are the only runs of capitals in the frame.
    let is_part =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let names = body[3..].split(|byte| !is_part(byte)).filter(|run| run.len() > 3);
    Ok(names.map(|run| String::from_utf8_lossy(run).into_owned()).collect::<Vec<_>>().join(" "))
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
    use crate::outcome::Cause;
    use crate::probe::wire::tests::answered;

    /// Header and mechanisms, laid out by hand from parts 1, 2 and 5 of the standard.
    const GREETING: [u8; 45] = *b"AMQP\x03\x01\x00\x00\x00\x00\x00\x25\x02\x01\x00\x00\
        \x00\x53\x40\xc0\x18\x01\xe0\x15\x02\xa3\x08EXTERNAL\x09ANONYMOUS";

    #[tokio::test]
    async fn an_echo_of_our_header_is_no_proof() {
        let echo = header(Variant::Sasl);
        let result = answered(&echo, async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeClosed);
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
        for length in 0..GREETING.len() {
            let cut = &GREETING[..length];
            let result = answered(cut, async |s| exchange(s, Variant::Sasl).await).await;
            assert_eq!(result.unwrap_err().cause, Cause::ExchangeClosed);
        }
        let result = answered(b"HTTP/1.1 400 Bad Request", async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }
}
