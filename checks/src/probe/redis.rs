//! Redis: `PING`. A refusal for want of a password proves the server as well as a `PONG` does.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
use crate::probe::wire;

/// Bytes of the reply that are read at most.
const LINE: usize = 512;

/// Sends `PING` and reads the reply.
///
/// # Errors
/// Why no Redis reply came.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    wire::send(stream, b"PING\r\n").await?;
    let line = wire::receive_line(stream, b"+-", LINE).await?;
    let is_error = line
        .strip_prefix('-')
        .and_then(|error| error.split(' ').next())
        .is_some_and(|code| !code.is_empty() && code.chars().all(|c| c.is_ascii_uppercase()));
    if line != "+PONG" && !is_error {
        return Err(wire::unexpected("a Redis reply", line.as_bytes()));
    }
    Ok(ExchangeEvidence::new(Protocol::Redis).with("redisReply", line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Cause;
    use crate::probe::wire::tests::answered;

    #[tokio::test]
    async fn pong_and_noauth_are_proof() {
        for reply in ["+PONG\r\n", "-NOAUTH Authentication required.\r\n"] {
            let evidence = answered(reply.as_bytes(), async |s| exchange(s).await).await.unwrap();
            assert_eq!(evidence.text("redisReply"), Some(reply.trim_end()));
        }
    }

    #[tokio::test]
    async fn an_echo_a_banner_and_silence_do_not_pass() {
        for (reply, cause) in [
            (&b"PING\r\n"[..], Cause::ExchangeUnexpected),
            (b"220 mail.example\r\n", Cause::ExchangeUnexpected),
            (b"- \r\n", Cause::ExchangeUnexpected),
            (b"+PON", Cause::ExchangeClosed),
            (b"", Cause::ExchangeClosed),
        ] {
            assert_eq!(answered(reply, async |s| exchange(s).await).await.unwrap_err().cause, cause);
        }
    }
}
