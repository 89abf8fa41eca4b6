//! TDS, the protocol of SQL Server: PRELOGIN, and TLS inside TDS packets. No login is ever tried.
//!
//! MS-TDS 2.2.6.5 describes PRELOGIN, 2.2.3.1 the packet header.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::catalogue::Protocol;
use crate::outcome::{ExchangeEvidence, Failure};
use crate::probe::wire;

const HEADER: usize = 8;
const PRELOGIN: u8 = 0x12;
const REPLY: u8 = 0x04;
const END_OF_MESSAGE: u8 = 0x01;

/// Status of every packet before the last.
const MORE_FOLLOWS: u8 = 0x00;

/// Bytes of a PRELOGIN answer that are read at most; real ones have under 100.
const LONGEST_REPLY: usize = 4096;

/// Bytes that one packet carries at most until a login agrees on another size.
const PACKET: usize = 4096 - HEADER;

/// Tokens of PRELOGIN options.
const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const TERMINATOR: u8 = 0xff;

/// Asks for the server's version and its encryption.
///
/// # Errors
/// Why no PRELOGIN answer came; a server without encryption is [`crate::outcome::Cause::ExchangeUnexpected`], since
/// Azure SQL always encrypts.
pub async fn prelogin<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
) -> Result<ExchangeEvidence, Failure> {
    wire::send(stream, &request()).await?;
    let header = wire::receive_starting(stream, &[REPLY], HEADER, "a TDS PRELOGIN answer").await?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if !(HEADER..=LONGEST_REPLY).contains(&length) {
        return Err(wire::unexpected("a TDS PRELOGIN answer", &header));
    }
    let body = wire::receive(stream, length - HEADER).await?;
    read(&body).ok_or_else(|| wire::unexpected("a TDS PRELOGIN answer with encryption", &body))
}

/// The PRELOGIN request: version 0, encryption on.
#[must_use]
pub fn request() -> Vec<u8> {
    // Two options of five bytes and the terminator, then their data.
    let offset = 11_u8;
    let options = [VERSION, 0, offset, 0, 6, ENCRYPTION, 0, offset + 6, 0, 1, TERMINATOR];
    let version = [0_u8; 6];
    let encrypt_on = [1_u8];
    packet(&[&options[..], &version, &encrypt_on].concat(), END_OF_MESSAGE)
}

fn packet(payload: &[u8], status: u8) -> Vec<u8> {
    let length = u16::try_from(HEADER + payload.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut bytes = vec![PRELOGIN, status, length[0], length[1], 0, 0, 1, 0];
    bytes.extend_from_slice(payload);
    bytes
}

/// Reads the body of a PRELOGIN answer; `None` where it is none, or offers no encryption.
#[must_use]
pub fn read(body: &[u8]) -> Option<ExchangeEvidence> {
    let mut evidence = ExchangeEvidence::new(Protocol::Tds);
    let mut encryption = None;
    for option in body.chunks(5) {
        if option[0] == TERMINATOR {
            break;
        }
        let [token, high, low, _, length] = *option else { return None };
        let start = usize::from(u16::from_be_bytes([high, low]));
        let data = body.get(start..start + usize::from(length))?;
        match (token, data) {
            (VERSION, [major, minor, build_high, build_low, ..]) => {
                let build = u16::from_be_bytes([*build_high, *build_low]);
                evidence = evidence.with("tdsVersion", format!("{major}.{minor}.{build}"));
            }
            (ENCRYPTION, [value, ..]) => encryption = Some(*value),
            _ => {}
        }
    }
    let word = match encryption? {
        0 => "login-only",
        1 => "on",
        3 => "required",
        _ => return None,
    };
    Some(evidence.with("encryption", word))
}

/// Bytes of one flight that are held at most until it is sent; real ones have under 10 KiB.
const FLIGHT: usize = 64 * 1024;

/// A stream that carries TLS inside TDS messages of type 0x12, as TDS 7.x does during the handshake: what is written
/// until the next flush or read is one message, cut into packets, the last of which is marked.
#[derive(Debug)]
pub struct TdsTls<S> {
    inner: S,
    /// Bytes of the packet that is being read which are still to come.
    left: usize,
    /// Header bytes read so far.
    header: Vec<u8>,
    /// Bytes of a flight that has not been closed.
    flight: Vec<u8>,
    /// Packets that are being written, and how much of them has been.
    outgoing: Vec<u8>,
    sent: usize,
}

impl<S> TdsTls<S> {
    /// Wraps a stream on which PRELOGIN has been answered.
    pub const fn new(inner: S) -> Self {
        Self { inner, left: 0, header: Vec::new(), flight: Vec::new(), outgoing: Vec::new(), sent: 0 }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TdsTls<S> {
    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.header.len() < HEADER {
            let mut bytes = [0_u8; HEADER];
            let mut buffer = ReadBuf::new(&mut bytes[..HEADER - self.header.len()]);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            self.header.extend_from_slice(buffer.filled());
        }
        let length = usize::from(u16::from_be_bytes([self.header[2], self.header[3]]));
        if !matches!(self.header[0], PRELOGIN | REPLY) || length < HEADER {
            let what = format!("TDS packet type {:#04x} during the handshake", self.header[0]);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, what)));
        }
        self.left = length - HEADER;
        self.header.clear();
        Poll::Ready(Ok(true))
    }

    /// Closes the flight and sends what is due.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let packets = self.flight.chunks(PACKET).count();
        for (place, chunk) in self.flight.chunks(PACKET).enumerate() {
            let is_last = place + 1 == packets;
            self.outgoing.extend(packet(chunk, if is_last { END_OF_MESSAGE } else { MORE_FOLLOWS }));
        }
        self.flight.clear();
        while self.sent < self.outgoing.len() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &self.outgoing[self.sent..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        self.outgoing.clear();
        self.sent = 0;
        Pin::new(&mut self.inner).poll_flush(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TdsTls<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        while self.left == 0 {
            if !ready!(self.poll_header(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
        let this = &mut *self;
        let room = this.left.min(buf.remaining());
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        this.left -= read;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TdsTls<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.flight.len() >= FLIGHT {
            ready!(self.poll_send(cx))?;
        }
        let taken = bytes.len().min(FLIGHT);
        self.flight.extend_from_slice(&bytes[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Cause;

    /// Laid out by hand from MS-TDS 4.2: version 12.0.2000, encryption on.
    const ANSWER: [u8; 26] = [
        0x04, 0x01, 0x00, 0x1a, 0, 0, 1, 0, // header
        0x00, 0x00, 0x0b, 0x00, 0x06, 0x01, 0x00, 0x11, 0x00, 0x01, 0xff, // options
        12, 0, 0x07, 0xd0, 0, 0, // version
        1, // encryption
    ];

    /// The connection pool of FreeTDS 1.3 to our own request: five options, an empty one among them, no encryption.
    const FREETDS: [u8; 43] = [
        0x04, 0x01, 0x00, 0x2b, 0, 0, 1, 0, // header
        0x00, 0x00, 0x1a, 0x00, 0x06, 0x01, 0x00, 0x20, 0x00, 0x01, 0x02, 0x00, 0x21, 0x00,
        0x01, // options
        0x03, 0x00, 0x22, 0x00, 0x00, 0x04, 0x00, 0x22, 0x00, 0x01, 0xff, // more options
        10, 0, 0x06, 0x40, 0, 0, // version
        2, 1, 0, // encryption, instance, multiple result sets
    ];

    #[tokio::test]
    async fn a_captured_answer_is_read_whatever_its_options() {
        assert_eq!(answered(&FREETDS).await.unwrap_err().cause, Cause::ExchangeUnexpected);
        for (byte, word) in [(0, "login-only"), (1, "on"), (3, "required")] {
            let mut encrypted = FREETDS;
            encrypted[40] = byte;
            let evidence = answered(&encrypted).await.unwrap();
            assert_eq!(evidence.text("tdsVersion"), Some("10.0.1600"));
            assert_eq!(evidence.text("encryption"), Some(word));
        }
    }

    async fn answered(bytes: &[u8]) -> Result<ExchangeEvidence, Failure> {
        let (mut near, mut far) = tokio::io::duplex(4096);
        tokio::io::AsyncWriteExt::write_all(&mut far, bytes).await.unwrap();
        tokio::io::AsyncWriteExt::shutdown(&mut far).await.unwrap();
        prelogin(&mut near).await
    }

    #[tokio::test]
    async fn a_prelogin_answer_tells_version_and_encryption() {
        let evidence = answered(&ANSWER).await.unwrap();
        assert_eq!(evidence.text("tdsVersion"), Some("12.0.2000"));
        assert_eq!(evidence.text("encryption"), Some("on"));
    }

    #[tokio::test]
    async fn every_truncation_is_closed_and_never_passes() {
        for length in 0..ANSWER.len() {
            assert_eq!(
                answered(&ANSWER[..length]).await.unwrap_err().cause,
                Cause::ExchangeClosed,
                "{length}"
            );
        }
    }

    #[tokio::test]
    async fn an_echo_and_another_protocol_are_unexpected() {
        for wrong in
            [request().as_slice(), b"220 mail.example ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"]
        {
            assert_eq!(answered(wrong).await.unwrap_err().cause, Cause::ExchangeUnexpected);
        }
    }

    #[tokio::test]
    async fn a_server_without_encryption_does_not_pass() {
        let mut plain = ANSWER;
        plain[25] = 2;
        assert_eq!(answered(&plain).await.unwrap_err().cause, Cause::ExchangeUnexpected);
    }

    #[tokio::test]
    async fn a_flight_is_one_message_cut_into_packets() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (near, mut far) = tokio::io::duplex(32_768);
        let mut tls = TdsTls::new(near);
        tls.write_all(&[1; 3000]).await.unwrap();
        tls.write_all(&[2; 3000]).await.unwrap();
        tls.flush().await.unwrap();
        let mut sent = vec![0_u8; 6000 + 2 * HEADER];
        far.read_exact(&mut sent).await.unwrap();
        assert_eq!(sent[..4], [PRELOGIN, 0, 0x10, 0x00]);
        assert_eq!(sent[4096..4098], [PRELOGIN, END_OF_MESSAGE]);
    }

    #[tokio::test]
    async fn packets_are_unwrapped_whatever_the_reader_takes() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (near, mut far) = tokio::io::duplex(32_768);
        far.write_all(&[packet(b"hello ", MORE_FOLLOWS), packet(b"world", END_OF_MESSAGE)].concat())
            .await
            .unwrap();
        let mut tls = TdsTls::new(near);
        let mut got = [0_u8; 11];
        for byte in got.chunks_mut(2) {
            tls.read_exact(byte).await.unwrap();
        }
        assert_eq!(&got, b"hello world");
    }
}
