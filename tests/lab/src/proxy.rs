//! A forward proxy that opens tunnels to Azure Resource Manager, and to nothing else.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::arm::Log;
use crate::scenario::Tunnels;

/// Serves on `at` until the runtime ends; tunnels lead to `arm`, whatever host was named.
///
/// # Errors
/// The address is taken.
pub async fn start(at: SocketAddr, arm: SocketAddr, tunnels: Tunnels, log: Log) -> io::Result<()> {
    let listener = TcpListener::bind(at).await?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let log = log.clone();
            tokio::spawn(async move { tunnel(stream, arm, tunnels, &log).await });
        }
    });
    Ok(())
}

async fn tunnel(mut stream: TcpStream, arm: SocketAddr, tunnels: Tunnels, log: &Log) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head.lines().next().unwrap_or_default();
    log.note(line);
    // A token in the clear would be the proxy's to read.
    if head.to_ascii_lowercase().contains("\r\nauthorization:") {
        log.note("LEAK a token was shown to the proxy");
    }
    if tunnels == Tunnels::Refuses || !line.starts_with("CONNECT management.azure.com:443 ") {
        return stream
            .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            .await;
    }
    let mut there = TcpStream::connect(arm).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut there).await.map(drop)
}
