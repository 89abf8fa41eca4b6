//! Windows activation: a DCE/RPC bind to the KMS interface (MS-RPCE 2.2, C706 chapter 12). Nothing is activated.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

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

/// Bytes of an answer that are read at most; real ones have 60.
const MAX_REPLY_BYTES: usize = 512;

/// How long the rest of an answer is waited for, whose header is proof already.
const RPC_TIMEOUT: Duration = Duration::from_millis(500);

/// Binds and reads the answer; its header is enough.
///
/// # Errors
/// Why no bind answer came.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    wire::send(stream, &request()).await?;
    let header = wire::receive_starting(stream, &[5, 0], HEADER, "a DCE/RPC bind answer").await?;
    let evidence = read(&header).ok_or_else(|| wire::unexpected("a DCE/RPC bind answer", &header))?;
    let length = usize::from(u16::from_le_bytes([header[8], header[9]])).clamp(HEADER, MAX_REPLY_BYTES);
    let body = timeout(RPC_TIMEOUT, wire::receive(stream, length - HEADER)).await;
    match body.ok().and_then(Result::ok).as_deref().and_then(interface) {
        Some(interface) => Ok(evidence.with("kmsInterface", interface)),
        None => Ok(evidence),
    }
}

/// Reads the header of a bind answer; `None` where it is none.
#[must_use]
pub fn read(header: &[u8]) -> Option<ExchangeEvidence> {
    let reply = match header {
        [5, 0, 12, ..] => "bind-ack",
        [5, 0, 13, ..] => "bind-nak",
        _ => return None,
    };
    Some(ExchangeEvidence::new(Protocol::Kms).with("rpcReply", reply))
}

/// Whether the body of an acknowledgement grants the KMS interface, or knows of RPC but not of KMS.
#[must_use]
pub fn interface(body: &[u8]) -> Option<&'static str> {
    // Sizes and group, then the secondary address with its length, padded to four bytes, then the results.
    let address = usize::from(u16::from_le_bytes(body.get(8..10)?.try_into().ok()?));
    let results = (10 + address).next_multiple_of(4);
    match body.get(results..results + 6)? {
        [0, ..] => None,
        [_, _, _, _, 0, 0] => Some("accepted"),
        _ => Some("refused"),
    }
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

    /// The endpoint mapper of Samba 4.17, which acknowledges the bind and does not know the interface.
    const ACK: [u8; 60] = [
        5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0, 0xd0, 0x16, 0xd0, 0x16, 0xf3, 0x7e, 0, 0, 4, 0,
        0x31, 0x33, 0x35, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0,
    ];

    #[tokio::test]
    async fn a_bind_ack_is_proof_and_tells_whether_the_interface_is_known() {
        let evidence = answered(&ACK, async |s| exchange(s).await).await.unwrap();
        assert_eq!(
            (evidence.text("rpcReply"), evidence.text("kmsInterface")),
            (Some("bind-ack"), Some("refused"))
        );
        let mut granted = ACK;
        granted[36..40].fill(0);
        let evidence = answered(&granted, async |s| exchange(s).await).await.unwrap();
        assert_eq!(evidence.text("kmsInterface"), Some("accepted"));
    }

    #[tokio::test]
    async fn the_header_alone_is_proof() {
        for length in HEADER..ACK.len() {
            let evidence = answered(&ACK[..length], async |s| exchange(s).await).await.unwrap();
            assert_eq!((evidence.text("rpcReply"), evidence.text("kmsInterface")), (Some("bind-ack"), None));
        }
        assert!((0..44).all(|length| interface(&ACK[HEADER..][..length]).is_none_or(|_| length >= 22)));
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
