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
    Ok(ExchangeEvidence::new(Protocol::Amqp).with("amqpHeader", format!("{id}.{major}.{minor}.{revision}")))
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

    #[tokio::test]
    async fn the_same_header_back_is_proof() {
        let result = answered(b"AMQP\x03\x01\x00\x00", async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap().text("amqpHeader"), Some("3.1.0.0"));
    }

    #[tokio::test]
    async fn in_band_tls_needs_the_tls_header() {
        let result = answered(b"AMQP\x00\x01\x00\x00", async |s| exchange(s, Variant::Tls).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }

    #[tokio::test]
    async fn a_cut_header_is_closed_and_another_protocol_unexpected() {
        for length in 0..8 {
            let cut = &b"AMQP\x03\x01\x00\x00"[..length];
            let result = answered(cut, async |s| exchange(s, Variant::Sasl).await).await;
            assert_eq!(result.unwrap_err().cause, Cause::ExchangeClosed);
        }
        let result = answered(b"HTTP/1.1 400 Bad Request", async |s| exchange(s, Variant::Sasl).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }
}
