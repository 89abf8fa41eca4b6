//! Windows activation: a DCE/RPC bind to the KMS interface (MS-RPCE 2.2, C706 chapter 12). Nothing is activated.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
use crate::probe::wire;

/// 51c82175-844e-4750-b0d8-ec255555bc06, little-endian fields.
const KMS: [u8; 16] =
    [0x75, 0x21, 0xc8, 0x51, 0x4e, 0x84, 0x50, 0x47, 0xb0, 0xd8, 0xec, 0x25, 0x55, 0x55, 0xbc, 0x06];
/// 8a885d04-1ceb-11c9-9fe8-08002b104860: NDR, the transfer syntax.
const NDR: [u8; 16] =
    [0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60];
const HEADER: usize = 16;

/// Binds and reads the kind of the answer; its header is enough.
///
/// # Errors
/// Why no bind answer came.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    wire::send(stream, &request()).await?;
    let header = wire::receive_starting(stream, &[5, 0], HEADER, "a DCE/RPC bind answer").await?;
    let reply = match header[2] {
        12 => "bind-ack",
        13 => "bind-nak",
        _ => return Err(wire::unexpected("a DCE/RPC bind answer", &header)),
    };
    Ok(ExchangeEvidence::new(Protocol::Kms).with("rpcReply", reply))
}

/// The bind request: one context, KMS 1.0 over NDR 2.0.
#[must_use]
pub fn request() -> Vec<u8> {
    let context = [&[0, 0, 1, 0][..], &KMS, &[1, 0, 0, 0], &NDR, &[2, 0, 0, 0]].concat();
    let body = [&[0xd0, 0x16, 0xd0, 0x16, 0, 0, 0, 0, 1, 0, 0, 0][..], &context].concat();
    let length = u16::try_from(HEADER + body.len()).unwrap_or(0).to_le_bytes();
    // Version 5.0, bind, first and last fragment, little-endian, no authentication, call 1.
    let header = [5, 0, 11, 3, 0x10, 0, 0, 0, length[0], length[1], 0, 0, 1, 0, 0, 0];
    [&header[..], &body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Cause;
    use crate::probe::wire::tests::answered;

    const ACK: [u8; HEADER] = [5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0];

    #[tokio::test]
    async fn a_bind_ack_is_proof() {
        let evidence = answered(&ACK, async |s| exchange(s).await).await.unwrap();
        assert_eq!(evidence.text("rpcReply"), Some("bind-ack"));
    }

    #[tokio::test]
    async fn truncations_close_and_an_echo_does_not_pass() {
        for length in 0..HEADER {
            let result = answered(&ACK[..length], async |s| exchange(s).await).await;
            assert_eq!(result.unwrap_err().cause, Cause::ExchangeClosed, "{length}");
        }
        let result = answered(&request(), async |s| exchange(s).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
    }
}
