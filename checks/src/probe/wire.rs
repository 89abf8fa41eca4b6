//! Reading and writing small binary protocols: what went wrong in one place, and quoting what came instead.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::outcome::{Cause, Failure, Stage};
use crate::probe::tls;

/// Bytes of a wrong answer that a detail quotes at most.
const QUOTED: usize = 32;

/// One function from an I/O error during an exchange to its cause.
pub(super) fn broken(error: &io::Error) -> Failure {
    if let Some(alert) = tls::late_alert(error) {
        return alert;
    }
    let (cause, words) = match error.kind() {
        // A RST after the peer's FIN is "broken pipe": the peer had closed, and answers what we still send.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            (Cause::ExchangeClosed, "the peer closed the connection")
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            (Cause::ExchangeReset, "the peer reset the connection")
        }
        io::ErrorKind::TimedOut => (Cause::ExchangeTimeout, "the connection timed out"),
        io::ErrorKind::InvalidData => {
            return Failure::new(Stage::Exchange, Cause::ExchangeUnexpected, error.to_string());
        }
        _ => return Failure::new(Stage::Exchange, Cause::ExchangeReset, error.to_string()),
    };
    Failure::new(Stage::Exchange, cause, words)
}

/// The failure of a peer that answered something else.
pub(super) fn unexpected(wanted: &str, got: &[u8]) -> Failure {
    let quoted: String =
        got.iter().take(QUOTED).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    Failure::new(
        Stage::Exchange,
        Cause::ExchangeUnexpected,
        format!("{wanted} was expected, \"{quoted}\" came"),
    )
}

/// Sends all of `bytes`.
///
/// # Errors
/// See [`broken`].
pub(super) async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Result<(), Failure> {
    stream.write_all(bytes).await.map_err(|error| broken(&error))?;
    stream.flush().await.map_err(|error| broken(&error))
}

/// Reads exactly `length` bytes, which the caller has bounded.
///
/// # Errors
/// See [`broken`].
pub(super) async fn receive<S: AsyncRead + Unpin>(stream: &mut S, length: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0_u8; length];
    stream.read_exact(&mut bytes).await.map_err(|error| broken(&error))?;
    Ok(bytes)
}

/// Reads until `length` bytes are there, or a prefix that cannot be right: a peer of another protocol may have sent
/// its greeting and now be waiting for ours.
///
/// # Errors
/// See [`broken`]; [`Cause::ExchangeUnexpected`] as soon as the bytes are not `magic`.
pub(super) async fn receive_starting<S: AsyncRead + Unpin>(
    stream: &mut S,
    magic: &[u8],
    length: usize,
    wanted: &str,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let mut chunk = vec![0_u8; length - bytes.len()];
        let read = stream.read(&mut chunk).await.map_err(|error| broken(&error))?;
        bytes.extend_from_slice(&chunk[..read]);
        let seen = bytes.len().min(magic.len());
        if bytes[..seen] != magic[..seen] {
            return Err(unexpected(wanted, &bytes));
        }
        if read == 0 {
            return Err(broken(&io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(bytes)
}

/// Reads one line of at most `most` bytes, without its end, whose first bytes must lie in `first`: a peer of another
/// protocol may never end its line.
///
/// # Errors
/// See [`broken`]; another beginning or a longer line is [`Cause::ExchangeUnexpected`].
pub(super) async fn receive_line<S: AsyncRead + Unpin>(
    stream: &mut S,
    first: &[u8],
    most: usize,
) -> Result<String, Failure> {
    let mut line = Vec::new();
    loop {
        let byte = stream.read_u8().await.map_err(|error| broken(&error))?;
        match byte {
            b'\n' => return Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()),
            _ if line.len() >= most => return Err(unexpected("a line", &line)),
            _ => line.push(byte),
        }
        if !first.contains(&line[0]) {
            return Err(unexpected("a line of the protocol", &line));
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use tokio::io::DuplexStream;

    use super::*;

    #[test]
    fn a_reset_after_the_peers_close_is_a_close() {
        let cause = |kind: io::ErrorKind| broken(&kind.into()).cause;
        assert_eq!(cause(io::ErrorKind::BrokenPipe), Cause::ExchangeClosed);
        assert_eq!(cause(io::ErrorKind::ConnectionReset), Cause::ExchangeReset);
    }

    /// Runs an exchange against a peer that has sent `bytes` and closed.
    pub(crate) async fn answered<T>(bytes: &[u8], talk: impl AsyncFnOnce(&mut DuplexStream) -> T) -> T {
        let (mut near, mut far) = tokio::io::duplex(8192);
        far.write_all(bytes).await.expect("the pipe is large enough");
        far.shutdown().await.expect("the pipe can be closed");
        talk(&mut near).await
    }
}
