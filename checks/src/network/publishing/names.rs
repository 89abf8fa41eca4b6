//! The names and addresses under which an instance serves, by endpoint.

use std::net::IpAddr;

use crate::catalogue::{Catalogue, Published, VnetMode};
use crate::instance::{HostnameKind, Instance};
use crate::network::choose::Chosen;

/// What an instance answers to.
#[derive(Debug, Clone, Default)]
pub struct OwnNames {
    /// Names in lower case; those of what is not published (Git, configuration) have no endpoint.
    names: Vec<(String, Option<Published>)>,
    /// Its addresses; empty where no document gives one.
    pub addresses: Vec<IpAddr>,
    /// `.azure-api.net` in the cloud of the instance.
    default_domain: String,
}

impl OwnNames {
    /// The names of the instance, of which options and documents were made; `None` where there are none.
    #[must_use]
    pub fn new(chosen: &Chosen<'_>, instance: &Instance, catalogue: &Catalogue) -> Option<Self> {
        let mut own = Self::of(instance, catalogue);
        if let Some(service) = chosen.service {
            for hostname in &service.hostnames {
                own.add(&hostname.name, of_word(&hostname.kind));
            }
            for location in service.locations() {
                own.addresses.extend(&location.private_addresses);
                if instance.vnet_mode == VnetMode::External {
                    own.addresses.extend(&location.public_addresses);
                }
                location.regional_host.iter().for_each(|host| own.add(host, Some(Published::Gateway)));
            }
        }
        own.addresses.sort_unstable();
        own.addresses.dedup();
        (!own.names.is_empty() || !own.addresses.is_empty()).then_some(own)
    }

    /// The names that follow from what is known of the instance.
    #[must_use]
    pub fn of(instance: &Instance, catalogue: &Catalogue) -> Self {
        let suffix = catalogue.clouds.get(&instance.cloud).and_then(|cloud| cloud.suffixes.get("apim"));
        let mut own = Self {
            default_domain: suffix.map(|suffix| format!(".{suffix}")).unwrap_or_default(),
            ..Self::default()
        };
        if let Some(name) = instance.service.as_deref().and_then(|name| name.split('.').next()) {
            own.add_defaults(name);
        }
        for (kind, name) in &instance.hostnames {
            own.add(name, of_kind(*kind));
        }
        own.addresses.extend(instance.private_ip);
        own
    }

    /// The names that Azure gives every instance.
    fn add_defaults(&mut self, service: &str) {
        let domain = self.default_domain.clone();
        let kinds = [
            ("", Some(Published::Gateway)),
            (".portal", Some(Published::Portal)),
            (".developer", Some(Published::Portal)),
            (".management", Some(Published::Management)),
            (".scm", None),
            (".configuration", None),
        ];
        for (kind, endpoint) in kinds {
            self.add(&format!("{service}{kind}{domain}"), endpoint);
        }
    }

    fn add(&mut self, name: &str, endpoint: Option<Published>) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if !name.is_empty() && !self.names.iter().any(|(known, _)| *known == name) {
            self.names.push((name, endpoint));
        }
    }

    /// True for a name of the instance.
    #[must_use]
    pub fn has(&self, host: &str) -> bool {
        self.names.iter().any(|(name, _)| is_same(name, host))
    }

    /// The endpoint of a name; `None` for a foreign one, and for one of what is not published.
    #[must_use]
    pub fn endpoint(&self, host: &str) -> Option<Published> {
        self.names.iter().find(|(name, _)| is_same(name, host)).and_then(|(_, endpoint)| *endpoint)
    }

    /// The names of an endpoint, those of the customer's own first.
    #[must_use]
    pub fn names_of(&self, endpoint: Published) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .names
            .iter()
            .filter(|(_, of)| *of == Some(endpoint))
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_by_key(|name| self.is_default(name));
        names
    }

    /// The names of the customer's own that `*.contoso.com` matches, each with its endpoint.
    pub fn matched<'a>(&'a self, pattern: &str) -> impl Iterator<Item = (&'a str, Published)> + use<'a> {
        let pattern = pattern.to_ascii_lowercase();
        let named = self.names.iter().filter_map(|(name, endpoint)| Some((name.as_str(), (*endpoint)?)));
        named.filter(move |(name, _)| matches(&pattern, name))
    }

    /// True for a name under Azure's own domain of instances.
    #[must_use]
    pub fn is_default(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        !self.default_domain.is_empty() && host.ends_with(&self.default_domain)
    }

    /// The own name that somebody may have meant by a misspelt one: one letter more, less or other, or two neighbours swapped.
    #[must_use]
    pub fn misspelt(&self, host: &str) -> Option<&str> {
        let host = host.to_ascii_lowercase();
        let near = |(name, _): &&(String, Option<Published>)| strsim::osa_distance(name, &host) == 1;
        self.names.iter().find(near).map(|(name, _)| name.as_str())
    }
}

/// The endpoint of a kind of custom domain.
#[must_use]
pub const fn of_kind(kind: HostnameKind) -> Option<Published> {
    match kind {
        HostnameKind::Gateway => Some(Published::Gateway),
        HostnameKind::Portal | HostnameKind::Developer => Some(Published::Portal),
        HostnameKind::Management => Some(Published::Management),
        HostnameKind::Scm => None,
    }
}

/// The endpoint of a kind of host name as documents write it.
fn of_word(written: &str) -> Option<Published> {
    match written.to_ascii_lowercase().as_str() {
        "proxy" => Some(Published::Gateway),
        "portal" | "developerportal" => Some(Published::Portal),
        "management" => Some(Published::Management),
        _ => None,
    }
}

fn is_same(name: &str, host: &str) -> bool {
    host.trim_end_matches('.').eq_ignore_ascii_case(name)
}

/// True where a listener's host, in which `*` and `?` stand for what may be there, takes requests for `name`.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    matches_bytes(pattern.as_bytes(), name.as_bytes())
}

fn matches_bytes(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut star, mut back) = (0, None, 0);
    let mut place = 0;
    while place < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some(at);
                back = place;
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some(star) = star else { return false };
                back += 1;
                at = star + 1;
                place = back;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters_and_a_mark_for_one() {
        assert!(matches("*.contoso.example", "api.contoso.example"));
        assert!(matches("api.contoso.example", "API.contoso.example"));
        assert!(matches("a?i.*.example", "api.contoso.example"));
        assert!(!matches("*.contoso.example", "contoso.example"));
        assert!(!matches("*.contoso.example", "api.contoso.example.org"));
        assert!(!matches("?.contoso.example", "api.contoso.example"));
    }
}
