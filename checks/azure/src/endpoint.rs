//! Where ARM is: a scheme, a host and a port, and nothing that is followed away from there.

use reqwest::Url;
use thiserror::Error;

/// Why an address cannot be ARM's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// Not an address.
    #[error("it is not a URL")]
    NotUrl,
    /// Neither https nor loopback.
    #[error("only https is spoken, but for http to a loopback address")]
    NotHttps,
    /// A user, a path, a query or a fragment.
    #[error("it has more than a scheme, a host and a port")]
    More,
}

/// ARM's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads `https://management.azure.com`.
    ///
    /// # Errors
    /// http to another host than loopback, or more than scheme, host and port.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text).map_err(|_| EndpointError::NotUrl)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(EndpointError::NotUrl)?;
        let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        let is_loopback = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
            return Err(EndpointError::NotHttps);
        }
        let has_more = url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some();
        if has_more { Err(EndpointError::More) } else { Ok(Self(url)) }
    }

    /// The address of a path with its query: `/subscriptions/…?api-version=…`.
    pub(crate) fn at(&self, path: &str) -> Option<Url> {
        self.own(&format!("{}{path}", self.0.as_str().trim_end_matches('/')))
    }

    /// An address that ARM gave, where it leads to ARM itself; as it was given, double slashes included.
    pub(crate) fn own(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let is_own = url.scheme() == self.0.scheme()
            && url.host_str() == self.0.host_str()
            && url.port_or_known_default() == self.0.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        is_own.then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback_and_nothing_behind_the_host() {
        for good in [
            "https://management.azure.com",
            "https://arm.local:8443/",
            "http://127.0.0.1:9000",
            "http://[::1]:1",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for (bad, error) in [
            ("management.azure.com", EndpointError::NotUrl),
            ("http://10.0.0.1", EndpointError::NotHttps),
            ("http://127.0.0.1.evil.example", EndpointError::NotHttps),
            ("ftp://127.0.0.1", EndpointError::NotHttps),
            ("https://a.example/x", EndpointError::More),
            ("https://a.example/?x", EndpointError::More),
            ("https://user@a.example", EndpointError::More),
        ] {
            assert_eq!(Endpoint::parse(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn an_address_on_another_host_port_or_scheme_is_foreign() {
        let arm = Endpoint::parse("https://management.azure.com").unwrap();
        assert!(arm.own("https://management.azure.com//subscriptions/x?y=1").is_some());
        assert!(arm.own("https://MANAGEMENT.azure.com:443/x").is_some());
        for foreign in [
            "http://management.azure.com/x",
            "https://management.azure.com:8443/x",
            "https://management.azure.com.evil.example/x",
            "https://management.azure.com@evil.example/x",
            "https://user@management.azure.com/x",
            "/relative",
        ] {
            assert!(arm.own(foreign).is_none(), "{foreign}");
        }
    }
}
