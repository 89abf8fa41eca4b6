//! One TCP service: accepts, misbehaves where it is told to, and speaks its protocol otherwise.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::arm::Arm;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::identity::Tokens;
use crate::{http, small, tds};

/// An alert that says which versions of TLS are not spoken: `protocol_version`.
pub(crate) const OLD_TLS: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 70];

/// What one address and port speaks.
#[derive(Debug, Clone)]
pub struct Service {
    /// Host name, the first that its certificate names.
    pub host: String,
    /// Protocol by the plan's word.
    pub protocol: String,
    /// Port of the plan, which tells AMQP's two forms apart.
    pub port: u16,
    /// How it misbehaves.
    pub fault: Fault,
    /// Its certificate.
    pub tls: Arc<ServerConfig>,
    /// DER bytes for downloads.
    pub der: Arc<[u8]>,
    /// What it answers as Azure's platform.
    pub platform: Platform,
    /// Connections so far.
    seen: Arc<AtomicUsize>,
}

/// What a service answers as Azure's platform.
#[derive(Debug, Clone, Default)]
pub enum Platform {
    /// It is none of it.
    #[default]
    None,
    /// The metadata service of a machine with identities.
    Metadata(Tokens),
    /// Azure Resource Manager.
    Arm(Arm),
}

impl Service {
    /// A service of `authority` for all of `hosts` at one address.
    ///
    /// # Errors
    /// A host that no certificate can name.
    pub fn new(
        authority: &Authority,
        hosts: &[&str],
        port: u16,
        protocol: &str,
        fault: Fault,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self {
            host: hosts.first().copied().unwrap_or_default().to_owned(),
            protocol: protocol.to_owned(),
            port,
            fault,
            tls: authority.server(hosts, fault)?,
            der: authority.root_der().into(),
            platform: Platform::None,
            seen: Arc::default(),
        })
    }

    /// Serves on a free port of 127.0.0.1 until the runtime ends; returns the address.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(self) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let service = self.clone();
                tokio::spawn(async move { service.serve(stream, peer).await });
            }
        });
        Ok(address)
    }

    /// Serves one connection.
    ///
    /// # Errors
    /// The connection ends early, which is the client's good right.
    pub async fn serve(&self, mut stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
        let is_first = self.seen.fetch_add(1, Ordering::Relaxed) == 0;
        match self.fault {
            Fault::SilentAtFirst if is_first => return hold(stream).await,
            Fault::ResetAtFirst if is_first => return reset(stream).await,
            Fault::CloseAtFirst if is_first => return read_some(&mut stream).await,
            Fault::Silent => return hold(stream).await,
            Fault::Reset => return reset(stream).await,
            Fault::Close => return read_some(&mut stream).await,
            Fault::Alert => return say(stream, &[0x15, 3, 3, 0, 2, 2, 40]).await,
            Fault::OldTls => return say(stream, &OLD_TLS).await,
            Fault::Plain => return say(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await,
            _ => {}
        }
        match self.protocol.as_str() {
            "http" | "crl" | "aia" | "ocsp" => self.http(&mut stream, peer).await,
            "tds" => tds::serve(stream, Arc::clone(&self.tls), self.fault).await,
            "smb" => small::smb(&mut stream).await,
            "smtp" => small::smtp(&mut stream).await,
            "kms" => small::kms(&mut stream).await,
            "tcp" => Ok(()),
            "amqp" if self.port == 5672 => {
                small::amqp(&mut stream).await?;
                let mut session = TlsAcceptor::from(Arc::clone(&self.tls)).accept(stream).await?;
                let _ = session.read(&mut [0_u8; 8]).await;
                Ok(())
            }
            _ => self.over_tls(stream, peer).await,
        }
    }

    async fn over_tls(&self, stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
        let mut session = TlsAcceptor::from(Arc::clone(&self.tls)).accept(stream).await?;
        if self.fault == Fault::ResetAfterTls {
            read_some(&mut session).await?;
            return reset_now(session.get_ref().0);
        }
        if let Platform::Arm(arm) = &self.platform {
            return arm.serve(&mut session).await;
        }
        match (self.protocol.as_str(), self.fault) {
            ("https", _) => self.http(&mut session, peer).await,
            (_, Fault::Garbage) => {
                session.write_all(b"this is another protocol\r\n").await?;
                session.shutdown().await
            }
            (_, Fault::SilentAfterTls) => std::future::pending().await,
            ("amqp", _) => small::amqp(&mut session).await,
            ("redis", _) => small::redis(&mut session).await,
            _ => session.read(&mut [0_u8; 8]).await.map(drop),
        }
    }

    async fn http<S>(&self, stream: &mut S, peer: SocketAddr) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let tokens = match &self.platform {
            Platform::Metadata(tokens) => Some(tokens),
            Platform::None | Platform::Arm(_) => None,
        };
        let asked = http::Asked {
            host: &self.host,
            protocol: &self.protocol,
            caller: peer.ip(),
            der: &self.der,
            tokens,
        };
        http::serve(stream, &asked, self.fault).await
    }
}

/// Reads the first bytes.
pub(crate) async fn read_some<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    stream.read(&mut [0_u8; 4096]).await.map(drop)
}

/// Reads until the client gives up.
pub(crate) async fn hold(mut stream: TcpStream) -> io::Result<()> {
    loop {
        if stream.read(&mut [0_u8; 4096]).await? == 0 {
            return Ok(());
        }
    }
}

/// Reads the first bytes and resets.
pub(crate) async fn reset(mut stream: TcpStream) -> io::Result<()> {
    read_some(&mut stream).await?;
    reset_now(&stream)
}

fn reset_now(stream: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO))
}

/// Reads the first bytes, answers with these, and closes.
pub(crate) async fn say(mut stream: TcpStream, bytes: &[u8]) -> io::Result<()> {
    read_some(&mut stream).await?;
    stream.write_all(bytes).await?;
    stream.shutdown().await
}
