//! SMTP: the banner, then `QUIT` (RFC 5321).

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
use crate::probe::wire;

/// Bytes of a line, and lines of a banner, that are read at most.
const LINE: usize = 512;
const LINES: u32 = 32;

/// How long the rest of a banner is waited for: some relays show the first line and let strangers wait for the last.
const BANNER_TIMEOUT: Duration = Duration::from_secs(1);

/// Reads the banner and sends QUIT.
///
/// # Errors
/// Why no banner came; a relay that says 4xx or 5xx at once is [`crate::outcome::Cause::ExchangeUnexpected`].
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    let banner = wire::receive_line(stream, b"2345", LINE).await?;
    if let Ok(rest) = timeout(BANNER_TIMEOUT, rest(stream, &banner)).await {
        rest?;
        // Taking leave is a courtesy: a relay that is gone by then has been proved. One that still lets us wait must
        // not be spoken to.
        let _ = wire::send(stream, b"QUIT\r\n").await;
    }
    Ok(ExchangeEvidence::new(Protocol::Smtp).with("smtpBanner", banner))
}

/// Reads the lines behind the first one, up to the last.
async fn rest<S: AsyncRead + Unpin>(stream: &mut S, first: &str) -> Result<(), Failure> {
    let mut line = first.to_owned();
    for lines in 1.. {
        match read(&line) {
            Line::More if lines < LINES => line = wire::receive_line(stream, b"2", LINE).await?,
            Line::Last => break,
            Line::More | Line::Other => return Err(wire::unexpected("a 220 banner", line.as_bytes())),
        }
    }
    Ok(())
}

/// What a line is in a banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Others follow.
    More,
    /// The last one.
    Last,
    /// No line of a banner.
    Other,
}

/// Reads a line without its end (RFC 5321, section 4.2.1).
#[must_use]
pub fn read(line: &str) -> Line {
    match line.as_bytes() {
        b"220" | [b'2', b'2', b'0', b' ', ..] => Line::Last,
        [b'2', b'2', b'0', b'-', ..] => Line::More,
        _ => Line::Other,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::outcome::Cause;
    use crate::probe::wire::tests::answered;

    #[tokio::test]
    async fn a_banner_of_one_or_more_lines_is_proof() {
        // The first is Postfix 3.7.
        for banner in ["220 relay.example ESMTP Postfix\r\n", "220-mail.example\r\n220 ready\r\n", "220\r\n"]
        {
            assert!(answered(banner.as_bytes(), async |s| exchange(s).await).await.is_ok(), "{banner}");
        }
    }

    #[tokio::test]
    async fn a_first_line_whose_last_lets_us_wait_is_proof_and_is_not_answered() {
        let (mut near, mut far) = tokio::io::duplex(64);
        far.write_all(b"220-relay.example ESMTP Postfix\r\n").await.unwrap();
        let evidence = exchange(&mut near).await.unwrap();
        assert_eq!(evidence.text("smtpBanner"), Some("220-relay.example ESMTP Postfix"));
        drop(near);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0, "nothing was said");
    }

    #[tokio::test]
    async fn a_refusal_garbage_and_silence_do_not_pass() {
        for (reply, cause) in [
            // Postfix 3.7 that refuses the client at once.
            (
                &b"554 5.7.1 <unknown[20.1.0.7]>: Client host rejected: Access denied\r\n"[..],
                Cause::ExchangeUnexpected,
            ),
            (b"\xff\xfe\r\n", Cause::ExchangeUnexpected),
            (b"220-only the start\r\n", Cause::ExchangeClosed),
            (b"", Cause::ExchangeClosed),
        ] {
            assert_eq!(answered(reply, async |s| exchange(s).await).await.unwrap_err().cause, cause);
        }
    }
}
