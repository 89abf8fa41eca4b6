//! SQL Server's front: PRELOGIN, and TLS inside TDS packets.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::TlsAcceptor;

use crate::fault::Fault;

/// Version 12.0.2000, encryption on: laid out from MS-TDS 2.2.6.5.
const ANSWER: [u8; 26] = [
    0x04, 0x01, 0x00, 0x1a, 0, 0, 1, 0, 0x00, 0x00, 0x0b, 0x00, 0x06, 0x01, 0x00, 0x11, 0x00, 0x01, 0xff, 12,
    0, 0x07, 0xd0, 0, 0, 1,
];

/// Answers PRELOGIN and negotiates TLS inside TDS.
///
/// # Errors
/// The connection ends, or the peer does not speak TDS.
pub async fn serve<S>(mut stream: S, tls: Arc<ServerConfig>, fault: Fault) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut header = [0_u8; 8];
    stream.read_exact(&mut header).await?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] != 0x12 || length < 8 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0_u8; length - 8];
    stream.read_exact(&mut body).await?;
    let mut answer = ANSWER;
    if fault == Fault::NoEncryption {
        answer[25] = 2;
    }
    stream.write_all(&answer).await?;
    if fault == Fault::SilentAfterPrelogin {
        std::future::pending::<()>().await;
    }
    let mut session = TlsAcceptor::from(tls).accept(Packets::new(stream)).await?;
    let _ = session.read(&mut [0_u8; 16]).await;
    Ok(())
}

/// Bytes inside TDS packets of type 0x12.
struct Packets<S> {
    inner: S,
    header: Vec<u8>,
    left: usize,
    outgoing: Vec<u8>,
}

impl<S> Packets<S> {
    const fn new(inner: S) -> Self {
        Self { inner, header: Vec::new(), left: 0, outgoing: Vec::new() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Packets<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.left == 0 {
            let mut byte = [0_u8; 1];
            let mut one = ReadBuf::new(&mut byte);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut one))?;
            if one.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.header.extend_from_slice(one.filled());
            if this.header.len() == 8 {
                this.left =
                    usize::from(u16::from_be_bytes([this.header[2], this.header[3]])).saturating_sub(8);
                this.header.clear();
            }
        }
        let mut chunk = vec![0_u8; this.left.min(buf.remaining())];
        let mut part = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
        this.left -= part.filled().len();
        buf.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Packets<S> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        for chunk in bytes.chunks(4088) {
            let length = u16::try_from(chunk.len() + 8).unwrap_or(u16::MAX).to_be_bytes();
            self.outgoing.extend_from_slice(&[0x12, 1, length[0], length[1], 0, 0, 1, 0]);
            self.outgoing.extend_from_slice(chunk);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.is_empty() {
            let this = &mut *self;
            let written = ready!(Pin::new(&mut this.inner).poll_write(cx, &this.outgoing))?;
            this.outgoing.drain(..written);
        }
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
