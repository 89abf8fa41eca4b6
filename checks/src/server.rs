//! A DNS server: one type from the command line to the report.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The port of DNS, which goes without saying.
const PORT: u16 = 53;

/// Address and port of a DNS server. People read and write it without the port where that is 53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server(SocketAddr);

impl Server {
    /// The server at `ip`, port 53.
    #[must_use]
    pub const fn at(ip: IpAddr) -> Self {
        Self(SocketAddr::new(ip, PORT))
    }

    /// Where it is asked; its text has the port in any case, as the evidence of a report has it.
    #[must_use]
    pub const fn socket(self) -> SocketAddr {
        self.0
    }

    /// Its address.
    #[must_use]
    pub const fn ip(self) -> IpAddr {
        self.0.ip()
    }

    /// Its port, from 1 where it was typed; a document may say 0.
    #[must_use]
    pub const fn port(self) -> u16 {
        self.0.port()
    }
}

impl From<SocketAddr> for Server {
    fn from(socket: SocketAddr) -> Self {
        Self(socket)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.port() == PORT { self.ip().fmt(f) } else { self.0.fmt(f) }
    }
}

/// The text is not an address, with or without a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an address, with or without a port: 10.0.2.4, 10.0.2.4:53 or [fd00::4]:53")]
pub struct ServerError;

impl FromStr for Server {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        let socket = text.parse().ok().or_else(|| Some(SocketAddr::new(bare.parse().ok()?, PORT)));
        socket.map(Self).ok_or(ServerError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_and_written_with_its_port_only_where_that_is_not_53() {
        for (text, shown, socket) in [
            ("10.0.2.4", "10.0.2.4", "10.0.2.4:53"),
            ("10.0.2.4:53", "10.0.2.4", "10.0.2.4:53"),
            ("10.0.2.4:5353", "10.0.2.4:5353", "10.0.2.4:5353"),
            ("fd00::4", "fd00::4", "[fd00::4]:53"),
            ("[fd00::4]", "fd00::4", "[fd00::4]:53"),
            ("[fd00::4]:5353", "[fd00::4]:5353", "[fd00::4]:5353"),
        ] {
            let server: Server = text.parse().unwrap();
            assert_eq!((server.to_string().as_str(), server.socket().to_string().as_str()), (shown, socket));
        }
        for text in ["", "dns.example", "10.0.2.4:", "10.0.2.4:99999", "hosts file"] {
            assert_eq!(text.parse::<Server>(), Err(ServerError), "{text}");
        }
    }
}
