//! The proxy of the environment: where it is, what it is told of us, and for which hosts it is not asked.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;

use crate::address::Address;

/// The proxy of the environment.
#[derive(Clone)]
pub struct Proxy {
    /// Its address; a user and a password in it are sent to it alone.
    pub url: String,
    /// Hosts that are asked without it, as curl reads `NO_PROXY`.
    pub exceptions: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("exceptions", &self.exceptions).finish_non_exhaustive()
    }
}

/// A proxy's address read: where tunnels are asked for, and by whom.
#[derive(Clone)]
pub(crate) struct Relay {
    /// Where it listens.
    pub(crate) address: Address,
    /// `Basic …`, where its address names a user.
    pub(crate) authorization: Option<String>,
}

impl Proxy {
    /// Where tunnels are asked for; `None` where the address makes no sense, or wants TLS to the proxy itself.
    pub(crate) fn relay(&self) -> Option<Relay> {
        let rest = match self.url.split_once("://") {
            Some((scheme, rest)) => scheme.eq_ignore_ascii_case("http").then_some(rest)?,
            None => &self.url,
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let (user, place) =
            authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
        let authorization = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            let plain =
                [percent_decode_str(name).collect(), vec![b':'], percent_decode_str(password).collect()];
            format!("Basic {}", STANDARD.encode(plain.concat()))
        });
        Some(Relay { address: Address::parse(&format!("http://{place}"))?, authorization })
    }

    /// True for a host that is asked without the proxy: named itself, by a domain above it, by its address or a prefix, or
    /// with all others by `*`.
    pub(crate) fn excepts(&self, host: &str) -> bool {
        let ip = host.parse::<IpAddr>().ok();
        let words = self.exceptions.split([',', ' ', '\t']).map(|word| word.trim_matches(['[', ']']));
        words.filter(|word| !word.is_empty()).any(|word| match ip {
            _ if word == "*" => true,
            Some(ip) => {
                word.parse::<IpAddr>().is_ok_and(|named| named == ip)
                    || word.parse::<IpNet>().is_ok_and(|prefix| prefix.contains(&ip))
            }
            None => {
                let domain = word.trim_matches('.').to_ascii_lowercase();
                host.strip_suffix(&domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(url: &str) -> Option<(String, u16, Option<String>)> {
        let relay = Proxy { url: url.to_owned(), exceptions: String::new() }.relay()?;
        Some((relay.address.host(), relay.address.port(), relay.authorization))
    }

    #[test]
    fn the_address_of_a_proxy_may_lack_the_scheme_and_hold_a_user() {
        assert_eq!(relay("http://10.0.2.8:3128/"), Some(("10.0.2.8".into(), 3128, None)));
        assert_eq!(relay("proxy.example"), Some(("proxy.example".into(), 80, None)));
        // printf 'a@b:p:%' | base64
        let told = Some("Basic YUBiOnA6JQ==".to_owned());
        assert_eq!(relay("http://a%40b:p:%25@[fd00::1]:8080"), Some(("fd00::1".into(), 8080, told)));
        for bad in
            ["https://proxy.example", "socks5://proxy.example:1080", "", "http://", "http://proxy.example:x"]
        {
            assert_eq!(relay(bad), None, "{bad}");
        }
    }

    #[test]
    fn exceptions_are_read_as_curl_reads_them() {
        for (exceptions, host, is_one) in [
            ("*", "management.azure.com", true),
            (".azure.com", "management.azure.com", true),
            ("azure.com", "management.azure.com", true),
            ("a.example, AZURE.com.", "management.azure.com", true),
            ("management.azure.com", "management.azure.com", true),
            ("zure.com", "management.azure.com", false),
            ("management.azure.com.evil.example", "management.azure.com", false),
            ("", "management.azure.com", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.30", "10.1.2.3", false),
            ("2.3", "10.1.2.3", false),
            ("[fd00::1]", "fd00::1", true),
        ] {
            let proxy = Proxy { url: String::new(), exceptions: exceptions.to_owned() };
            assert_eq!(proxy.excepts(host), is_one, "{exceptions} {host}");
        }
    }
}
