//! Addresses of requests: a scheme, a host, a port, and what is asked for there.

use std::borrow::Cow;
use std::net::IpAddr;

use hyper::Uri;
use hyper::http::uri::{PathAndQuery, Scheme};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in no address as it is: ids of resources may have blanks and letters of any script.
const IN_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');

/// All but letters, digits and the marks that RFC 3986 leaves alone.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An absolute address of HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(Uri);

impl Address {
    /// Reads `https://host[:port][/path][?query]`; `None` for anything else, a user and a fragment included.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text: Cow<'_, str> = utf8_percent_encode(text, IN_PATH).into();
        let uri: Uri = text.parse().ok().filter(|_| !text.contains('#'))?;
        let is_http = matches!(uri.scheme()?.as_str(), "http" | "https");
        let (host, authority) = (uri.host()?, uri.authority()?);
        // A port that is none, or a user, stand beside the host in what is called the authority.
        let is_plain = match uri.port_u16() {
            Some(_) => authority.as_str().len() == host.len() + 1 + authority.port()?.as_str().len(),
            None => authority.as_str().len() == host.len(),
        };
        (is_http && is_plain && !host.is_empty()).then_some(Self(uri))
    }

    /// True for TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == Some(&Scheme::HTTPS)
    }

    /// The host in lower case, an IPv6 address without brackets.
    pub(crate) fn host(&self) -> String {
        self.0.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase()
    }

    /// The port, named or not.
    pub(crate) fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// The host and, where it is another than the scheme's own, the port.
    pub(crate) fn authority(&self) -> String {
        let host = self.host();
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        match (self.is_https(), self.port()) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// What is asked for: the path with its query.
    pub(crate) fn target(&self) -> &str {
        self.0.path_and_query().map_or("/", PathAndQuery::as_str)
    }

    /// True where both are answered by the same server: scheme, host and port.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        (self.is_https(), self.host(), self.port()) == (other.is_https(), other.host(), other.port())
    }

    /// True for this machine itself.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// A value of a query.
pub(crate) fn quoted(value: &str) -> String {
    utf8_percent_encode(value, IN_QUERY).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_it_was_given_and_what_cannot_stand_in_one_is_quoted() {
        for (text, host, port, target) in [
            ("https://a.example", "a.example", 443, "/"),
            ("HTTPS://A.Example:8443/x?y=%2F&z", "a.example", 8443, "/x?y=%2F&z"),
            ("http://[::1]:1//twice//", "::1", 1, "//twice//"),
            (
                "https://a.example/my group/Größe?a=b c",
                "a.example",
                443,
                "/my%20group/Gr%C3%B6%C3%9Fe?a=b%20c",
            ),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(
                (address.host().as_str(), address.port(), address.target()),
                (host, port, target),
                "{text}"
            );
        }
        for bad in [
            "",
            "a.example",
            "/x",
            "https://",
            "https://a:b@c.example",
            "https://c@d.example/",
            "https://a.example:99999",
            "https://a.example:",
            "https://a.example/#x",
            "ftp://a.example",
            "https://a b",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }
}
