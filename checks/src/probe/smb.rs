//! SMB 2 and later: NEGOTIATE (MS-SMB2 2.2.3 and 2.2.4). No session is set up.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
use crate::probe::wire;

/// Dialects that are offered: 2.0.2, 2.1, 3.0, 3.0.2 and 3.1.1, which a storage account may be restricted to.
const DIALECTS: [u16; 5] = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];

/// Bytes of a reply that are read at most: the header and the fixed part of the body.
const REPLY: usize = 64 + 64;

/// Bytes of the shortest reply: the header and an error body (MS-SMB2 2.2.2).
const MIN_REPLY_BYTES: usize = 64 + 8;

const MAGIC: [u8; 4] = [0xfe, b'S', b'M', b'B'];

/// Negotiates a dialect.
///
/// # Errors
/// Why no SMB 2 reply came.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    wire::send(stream, &request()).await?;
    let frame = wire::receive_starting(stream, &[0], 4, "an SMB frame").await?;
    let length = usize::from(frame[1]) << 16 | usize::from(frame[2]) << 8 | usize::from(frame[3]);
    if length < MIN_REPLY_BYTES {
        return Err(wire::unexpected("an SMB 2 NEGOTIATE reply", &frame));
    }
    let reply = wire::receive_starting(stream, &MAGIC, length.min(REPLY), "an SMB 2 NEGOTIATE reply").await?;
    read(&reply).ok_or_else(|| wire::unexpected("an SMB 2 NEGOTIATE reply", &reply))
}

/// The NEGOTIATE request in its frame.
#[must_use]
pub fn request() -> Vec<u8> {
    let mut message = Vec::with_capacity(128);
    message.extend_from_slice(&MAGIC);
    message.extend_from_slice(&64_u16.to_le_bytes()); // size of the header
    message.resize(14, 0);
    message.extend_from_slice(&1_u16.to_le_bytes()); // one credit
    message.resize(64, 0); // command 0 is NEGOTIATE; no flags, no ids
    message.extend_from_slice(&36_u16.to_le_bytes()); // size of the body
    message.extend_from_slice(&u16::try_from(DIALECTS.len()).unwrap_or(0).to_le_bytes());
    message.extend_from_slice(&1_u16.to_le_bytes()); // signing enabled
    message.resize(64 + 12, 0);
    message.extend_from_slice(b"apim-probe-guid!"); // client GUID: any 16 bytes
    let after = 64 + 36 + 2 * DIALECTS.len();
    let contexts_at = after.next_multiple_of(8);
    message.extend_from_slice(&u32::try_from(contexts_at).unwrap_or(0).to_le_bytes());
    message.extend_from_slice(&[2, 0, 0, 0]); // two contexts
    DIALECTS.iter().for_each(|dialect| message.extend_from_slice(&dialect.to_le_bytes()));
    message.resize(contexts_at, 0);
    // Preauthentication integrity: one hash, SHA-512, a salt of 32 bytes.
    message.extend_from_slice(&[1, 0, 38, 0, 0, 0, 0, 0, 1, 0, 32, 0, 1, 0]);
    message.extend_from_slice(b"apim-probe: a salt of 32 bytes..");
    message.resize(message.len().next_multiple_of(8), 0);
    // Encryption: AES-128-GCM and AES-128-CCM.
    message.extend_from_slice(&[2, 0, 6, 0, 0, 0, 0, 0, 2, 0, 2, 0, 1, 0]);
    let length = u32::try_from(message.len()).unwrap_or(0).to_be_bytes();
    [&length[..], &message].concat()
}

/// Reads header and body of a reply; `None` where it is none. A server that agrees on no dialect proves SMB as well.
#[must_use]
pub fn read(reply: &[u8]) -> Option<ExchangeEvidence> {
    let word = |at: usize| reply.get(at..at + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    let is_reply = reply.get(16).is_some_and(|flags| flags & 1 == 1);
    if !reply.starts_with(&MAGIC) || !is_reply || word(12) != Some(0) {
        return None;
    }
    let evidence = ExchangeEvidence::new(Protocol::Smb);
    let status = u32::from_le_bytes(reply.get(8..12)?.try_into().ok()?);
    if status != 0 {
        return Some(evidence.with("smbStatus", format!("{status:#010x}")));
    }
    let name = match (word(64)?, word(68)?) {
        (65, 0x0202) => "2.0.2",
        (65, 0x0210) => "2.1",
        (65, 0x0300) => "3.0",
        (65, 0x0302) => "3.0.2",
        (65, 0x0311) => "3.1.1",
        _ => return None,
    };
    Some(evidence.with("smbDialect", name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Cause;
    use crate::probe::wire::tests::answered;

    /// Samba 4.17 to our own request: frame, header and fixed part of the body of 258 bytes.
    const SAMBA: [u8; 4 + REPLY] = [
        0, 0, 0, 0xfe, 0xfe, 0x53, 0x4d, 0x42, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0x41, 0, 1, 0, 0x11, 3, 1, 0, 0x76, 0x6d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        7, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 2, 0x22, 0xc2, 0xa5, 0x8e, 0x79, 0xdd, 1, 0,
        0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x4a, 0, 0xd0, 0, 0, 0,
    ];

    fn reply() -> Vec<u8> {
        SAMBA.to_vec()
    }

    #[tokio::test]
    async fn a_negotiate_reply_tells_the_dialect() {
        for (dialect, name) in [(0x0311_u16, "3.1.1"), (0x0302, "3.0.2"), (0x0202, "2.0.2")] {
            let mut reply = reply();
            reply[4 + 68..4 + 70].copy_from_slice(&dialect.to_le_bytes());
            let evidence = answered(&reply, async |s| exchange(s).await).await.unwrap();
            assert_eq!(evidence.text("smbDialect"), Some(name));
        }
    }

    #[tokio::test]
    async fn a_server_that_agrees_on_no_dialect_is_a_server() {
        let mut refusal = reply();
        refusal[3] = 73;
        refusal[4 + 8..4 + 12].copy_from_slice(&0xc000_00bb_u32.to_le_bytes());
        let evidence = answered(&refusal[..4 + 73], async |s| exchange(s).await).await.unwrap();
        assert_eq!(evidence.text("smbStatus"), Some("0xc00000bb"));
    }

    #[tokio::test]
    async fn truncations_close_and_an_echo_does_not_pass() {
        let whole = reply();
        for length in 0..whole.len() {
            let result = answered(&whole[..length], async |s| exchange(s).await).await;
            assert_eq!(result.unwrap_err().cause, Cause::ExchangeClosed, "{length}");
        }
        let mut echo = request();
        echo.resize(4 + REPLY, 0);
        echo[3] = 128;
        assert_eq!(
            answered(&echo, async |s| exchange(s).await).await.unwrap_err().cause,
            Cause::ExchangeUnexpected
        );
    }
}
