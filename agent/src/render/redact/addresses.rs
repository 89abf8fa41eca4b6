//! Pseudonyms of addresses: stable within a report, of the same kind as the address that they stand for.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use apim_probe_checks::outcome::Scope;

/// The platform's own addresses, which are the same in every network.
const PLATFORM: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)), IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254))];

/// Private addresses stand in 10.254.0.0/15, which few networks use: a pseudonym is seen to be one.
const PRIVATE: [u8; 2] = [10, 254];

/// Ranges for documentation (RFC 5737): they stand for public addresses.
const DOCUMENTATION: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];

/// The pseudonyms that were given so far.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    given: BTreeMap<IpAddr, IpAddr>,
    /// Private networks of 256 addresses in the order in which they were seen, each with the number of its hosts.
    networks: Vec<([u8; 3], u8)>,
    public: u32,
    v6: u16,
}

impl Addresses {
    /// The pseudonym of an address: private for a private one, public for a public one. Addresses that share their first
    /// 24 bits share those of their pseudonyms. Loopback, unspecified and the platform's addresses stand for themselves.
    pub(super) fn pseudonym(&mut self, ip: IpAddr) -> IpAddr {
        let scope = Scope::of(ip);
        if PLATFORM.contains(&ip) || matches!(scope, Scope::Loopback | Scope::Unspecified) {
            return ip;
        }
        if let Some(known) = self.given.get(&ip) {
            return *known;
        }
        let new = match ip {
            IpAddr::V4(v4) if scope == Scope::Public => self.public(v4),
            IpAddr::V4(v4) => self.private(v4, scope),
            IpAddr::V6(_) => self.v6(scope),
        };
        self.given.insert(ip, new);
        new
    }

    fn public(&mut self, _: Ipv4Addr) -> IpAddr {
        let place = self.public;
        self.public += 1;
        let (range, host) = (place as usize / 254, place % 254 + 1);
        let v4 = match DOCUMENTATION.get(range) {
            Some([a, b, c]) => u32::from_be_bytes([*a, *b, *c, 0]) + host,
            // Beyond 762 addresses those for benchmarks (RFC 2544) go on.
            None => u32::from_be_bytes([198, 18, 0, 0]) + place % 0x0001_0000,
        };
        IpAddr::V4(v4.into())
    }

    fn private(&mut self, v4: Ipv4Addr, scope: Scope) -> IpAddr {
        let [a, b, c, host] = v4.octets();
        let place =
            self.networks.iter().position(|(network, _)| *network == [a, b, c]).unwrap_or_else(|| {
                self.networks.push(([a, b, c], 3));
                self.networks.len() - 1
            });
        // Azure keeps the first four addresses of a subnet; 0 is the network itself.
        let host = if host == 0 {
            0
        } else {
            self.networks[place].1 = self.networks[place].1.wrapping_add(1);
            self.networks[place].1
        };
        let [high, low] = u16::try_from(place).unwrap_or(u16::MAX).to_be_bytes();
        match scope {
            Scope::LinkLocal => IpAddr::V4(Ipv4Addr::new(169, 254, low, host)),
            _ => IpAddr::V4(Ipv4Addr::new(PRIVATE[0], PRIVATE[1] + high % 2, low, host)),
        }
    }

    fn v6(&mut self, scope: Scope) -> IpAddr {
        self.v6 += 1;
        let range = match scope {
            Scope::Private => [0xfd00, 0],
            Scope::LinkLocal => [0xfe80, 0],
            _ => [0x2001, 0xdb8],
        };
        IpAddr::V6(Ipv6Addr::new(range[0], range[1], 0, 0, 0, 0, 0, self.v6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_stable_and_of_the_same_kind() {
        let mut addresses = Addresses::default();
        let mut of = |text: &str| addresses.pseudonym(text.parse().expect("an address")).to_string();
        assert_eq!(
            [of("10.7.1.4"), of("10.7.1.0"), of("10.7.1.9"), of("10.7.1.4")],
            ["10.254.0.4", "10.254.0.0", "10.254.0.5", "10.254.0.4"]
        );
        assert_eq!([of("192.168.3.7"), of("100.64.0.1")], ["10.254.1.4", "10.254.2.4"]);
        assert_eq!(
            [of("20.62.0.15"), of("20.62.0.16"), of("20.62.0.15")],
            ["192.0.2.1", "192.0.2.2", "192.0.2.1"]
        );
        assert_eq!([of("fd12::9"), of("2603:1030::1")], ["fd00::1", "2001:db8::2"]);
        for platform in ["168.63.129.16", "169.254.169.254", "127.0.0.1", "::1", "0.0.0.0"] {
            assert_eq!(of(platform), platform);
        }
        let all: std::collections::BTreeSet<String> =
            (0..900u32).map(|n| of(&Ipv4Addr::from(0x1400_0000 + n).to_string())).collect();
        assert_eq!(all.len(), 900);
    }
}
