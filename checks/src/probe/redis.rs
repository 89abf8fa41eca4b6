//! Redis: `PING`. A refusal because no password was sent proves the server as well as a `PONG` does.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
use crate::probe::wire;

/// Bytes of the reply that are read at most: the refusal of protected mode is one line of about 1,000.
const LINE: usize = 4096;

/// Characters of the reply that are kept.
const MAX_TEXT: usize = 200;

/// Sends `PING` and reads the reply.
///
/// # Errors
/// Why no Redis reply came.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    wire::send(stream, REQUEST).await?;
    let line = wire::receive_line(stream, b"+-", LINE).await?;
    read(&line).ok_or_else(|| wire::unexpected("a Redis reply", line.as_bytes()))
}

/// `PING` as an inline command, which every version understands.
pub const REQUEST: &[u8] = b"PING\r\n";

/// Reads a reply without its end; `None` where it is none. Any error that begins with a code in capitals is one.
#[must_use]
pub fn read(line: &str) -> Option<ExchangeEvidence> {
    let is_error = line
        .strip_prefix('-')
        .and_then(|error| error.split(' ').next())
        .is_some_and(|code| !code.is_empty() && code.chars().all(|c| c.is_ascii_uppercase()));
    let kept = || line.chars().take(MAX_TEXT).collect::<String>();
    (line == "+PONG" || is_error).then(|| ExchangeEvidence::new(Protocol::Redis).with("redisReply", kept()))
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

    /// As Redis 7.0 in protected mode: one line of some 1,000 bytes.
    #[tokio::test]
    async fn the_long_refusal_of_protected_mode_is_proof() {
        let denied = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is \
                      set for the default user. In this mode connections are only accepted from the loopback interface. ";
        let reply = format!("{denied}{}\r\n", "If you want to connect from external computers, ".repeat(15));
        let evidence = answered(reply.as_bytes(), async |s| exchange(s).await).await.unwrap();
        let kept = evidence.text("redisReply").unwrap();
        assert!(kept.starts_with("-DENIED Redis is running in protected mode") && kept.len() < 210, "{kept}");
    }

    #[tokio::test]
    async fn a_line_without_an_end_is_no_reply() {
        let endless = format!("-ERR {}", "x".repeat(5000));
        let result = answered(endless.as_bytes(), async |s| exchange(s).await).await;
        assert_eq!(result.unwrap_err().cause, Cause::ExchangeUnexpected);
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
