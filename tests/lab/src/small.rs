//! Small protocols: AMQP, Redis, SMB, SMTP and Windows activation, as far as a greeting goes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Gives the AMQP header back, as a server that agrees does.
///
/// # Errors
/// The connection ends.
pub async fn amqp<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut header = [0_u8; 8];
    stream.read_exact(&mut header).await?;
    stream.write_all(&header).await?;
    if header[4] == 3 {
        stream.write_all(MECHANISMS).await?;
    }
    stream.flush().await
}

/// A frame that lists EXTERNAL and ANONYMOUS (AMQP 1.0, part 5, section 5.3.3.1).
const MECHANISMS: &[u8] =
    b"\x00\x00\x00\x25\x02\x01\x00\x00\x00\x53\x40\xc0\x18\x01\xe0\x15\x02\xa3\x08EXTERNAL\x09ANONYMOUS";

/// Asks for a password, as a cache does that has one.
///
/// # Errors
/// The connection ends.
pub async fn redis<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut command = [0_u8; 64];
    let _ = stream.read(&mut command).await?;
    stream.write_all(b"-NOAUTH Authentication required.\r\n").await?;
    stream.flush().await
}

/// Agrees on SMB 3.0.2.
///
/// # Errors
/// The connection ends.
pub async fn smb<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut frame = [0_u8; 4];
    stream.read_exact(&mut frame).await?;
    let length = usize::from(frame[2]) << 8 | usize::from(frame[3]);
    let mut request = vec![0_u8; length.min(4096)];
    stream.read_exact(&mut request).await?;
    let mut reply = vec![0_u8; 128];
    reply[..4].copy_from_slice(b"\xfeSMB");
    reply[4] = 64;
    reply[16] = 1;
    reply[64] = 65;
    reply[68..70].copy_from_slice(&0x0302_u16.to_le_bytes());
    stream.write_all(&[&[0, 0, 0, 128][..], &reply].concat()).await
}

/// Greets and says goodbye.
///
/// # Errors
/// The connection ends.
pub async fn smtp<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    stream.write_all(b"220 relay.lab ESMTP ready\r\n").await?;
    let mut command = [0_u8; 64];
    let _ = stream.read(&mut command).await?;
    stream.write_all(b"221 goodbye\r\n").await
}

/// Acknowledges a DCE/RPC bind.
///
/// # Errors
/// The connection ends.
pub async fn kms<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut header = [0_u8; 16];
    stream.read_exact(&mut header).await?;
    let mut ack = [0_u8; 60];
    ack[..16].copy_from_slice(&[5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0]);
    stream.write_all(&ack).await
}
