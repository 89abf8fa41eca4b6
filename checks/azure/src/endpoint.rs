//! Where ARM is: a scheme, a host and a port, and nothing that is followed away from there.

use thiserror::Error;

use crate::address::Address;

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
pub struct Endpoint(Address);

impl Endpoint {
    /// Reads `https://management.azure.com`.
    ///
    /// # Errors
    /// http to another host than loopback, or more than scheme, host and port.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let (_, rest) = text.split_once("://").ok_or(EndpointError::NotUrl)?;
        if rest.trim_end_matches('/').contains(['/', '?', '#', '@']) {
            return Err(EndpointError::More);
        }
        let Some(address) = Address::parse(text) else {
            let is_http =
                ["http", "https"].into_iter().any(|scheme| text.starts_with(&format!("{scheme}://")));
            return Err(if is_http { EndpointError::NotUrl } else { EndpointError::NotHttps });
        };
        let is_safe = address.is_https() || address.is_loopback();
        if is_safe { Ok(Self(address)) } else { Err(EndpointError::NotHttps) }
    }

    /// The address itself.
    pub(crate) fn address(&self) -> &Address {
        &self.0
    }

    /// The address of a path with its query: `/subscriptions/…?api-version=…`.
    pub(crate) fn at(&self, path: &str) -> Option<Address> {
        let scheme = if self.0.is_https() { "https" } else { "http" };
        Address::parse(&format!("{scheme}://{}{path}", self.0.authority()))
    }

    /// An address that ARM gave, where it leads to ARM itself; as it was given, double slashes included.
    pub(crate) fn own(&self, text: &str) -> Option<Address> {
        Address::parse(text).filter(|address| address.is_beside(&self.0))
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
