//! Sets of addresses by exact arithmetic on intervals, both families.

use std::net::{IpAddr, Ipv4Addr};

use crate::arrange;
use ipnet::IpNet;

/// A set of addresses: disjoint closed intervals of each family, in order, never touching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: Vec<Interval>,
    v6: Vec<Interval>,
}

type Interval = (u128, u128);

impl AddressSet {
    /// The union of prefixes.
    #[must_use]
    pub fn new<'a>(prefixes: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for prefix in prefixes {
            let interval = (number(prefix.network()), number(prefix.broadcast()));
            if prefix.addr().is_ipv4() { v4.push(interval) } else { v6.push(interval) }
        }
        Self { v4: joined(v4), v6: joined(v6) }
    }

    /// The union of prefixes that are written as text in this program.
    pub(super) fn literal(prefixes: &[&str]) -> Self {
        let read: Vec<IpNet> = prefixes.iter().filter_map(|text| text.parse().ok()).collect();
        Self::new(&read)
    }

    /// True where there is no address in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// True where the address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let value = number(address);
        holds(if address.is_ipv4() { &self.v4 } else { &self.v6 }, (value, value))
    }

    /// True where all of `other` is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.v4.iter().all(|interval| holds(&self.v4, *interval))
            && other.v6.iter().all(|interval| holds(&self.v6, *interval))
    }

    /// True where the two have an address in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        meet(&self.v4, &other.v4) || meet(&self.v6, &other.v6)
    }

    /// Both together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let both = |a: &[Interval], b: &[Interval]| joined(a.iter().chain(b).copied().collect());
        Self { v4: both(&self.v4, &other.v4), v6: both(&self.v6, &other.v6) }
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self { v4: minus(&self.v4, &other.v4), v6: minus(&self.v6, &other.v6) }
    }

    /// The IPv4 addresses alone.
    #[must_use]
    pub fn ipv4(&self) -> Self {
        Self { v4: self.v4.clone(), v6: Vec::new() }
    }

    /// One address of each run between the borders of `cuts`: where nothing changes but at those borders, these speak for all.
    #[must_use]
    pub fn samples(&self, cuts: &[IpNet]) -> Vec<IpAddr> {
        let mut borders: Vec<u128> = Vec::new();
        for cut in cuts.iter().filter(|cut| cut.addr().is_ipv4()) {
            borders.extend([number(cut.network()), number(cut.broadcast()) + 1]);
        }
        arrange::by(&mut borders, Ord::cmp);
        borders.dedup();
        let mut samples = Vec::new();
        for (first, last) in &self.v4 {
            samples.push(*first);
            let from = borders.partition_point(|border| border <= first);
            samples.extend(borders[from..].iter().take_while(|border| *border <= last));
        }
        let address = |value: u128| u32::try_from(value).ok().map(|value| IpAddr::V4(Ipv4Addr::from(value)));
        samples.into_iter().filter_map(address).collect()
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn joined(mut intervals: Vec<Interval>) -> Vec<Interval> {
    arrange::by(&mut intervals, Ord::cmp);
    let mut result: Vec<Interval> = Vec::with_capacity(intervals.len());
    for (first, last) in intervals {
        match result.last_mut() {
            Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
            _ => result.push((first, last)),
        }
    }
    result.shrink_to_fit();
    result
}

fn holds(set: &[Interval], (first, last): Interval) -> bool {
    let at = set.partition_point(|interval| interval.1 < first);
    set.get(at).is_some_and(|interval| interval.0 <= first && last <= interval.1)
}

fn meet(a: &[Interval], b: &[Interval]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter().any(|(first, last)| {
        let at = many.partition_point(|interval| interval.1 < *first);
        many.get(at).is_some_and(|interval| interval.0 <= *last)
    })
}

fn minus(from: &[Interval], taken: &[Interval]) -> Vec<Interval> {
    let mut rest = Vec::new();
    for (first, last) in from {
        let mut next = Some(*first);
        let at = taken.partition_point(|interval| interval.1 < *first);
        for (start, end) in taken[at..].iter().take_while(|interval| interval.0 <= *last) {
            let Some(from) = next else { break };
            if from < *start {
                rest.push((from, start - 1));
            }
            next = end.checked_add(1).filter(|next| next <= last);
        }
        if let Some(from) = next {
            rest.push((from, *last));
        }
    }
    rest
}

/// What is not public: the ranges that `Internet` never holds.
pub(super) const NOT_PUBLIC: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "168.63.129.16/32",
    "::/3",
    "4000::/2",
    "8000::/1",
];

/// Every public address: all of IPv4 but what is not public, and IPv6's global unicast, 2000::/3.
#[must_use]
pub fn public() -> AddressSet {
    AddressSet::literal(&["0.0.0.0/0", "::/0"]).without(&AddressSet::literal(NOT_PUBLIC))
}

/// The fifth address of the first IPv4 prefix: Azure keeps the first four of a subnet for itself.
#[must_use]
pub fn first_usable(prefixes: &[IpNet]) -> Option<IpAddr> {
    let first = prefixes.iter().find(|prefix| prefix.addr().is_ipv4())?;
    let usable = u32::try_from(number(first.network())).ok()?.checked_add(4)?;
    let address = IpAddr::V4(Ipv4Addr::from(usable));
    first.contains(&address).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(prefixes: &[&str]) -> AddressSet {
        AddressSet::literal(prefixes)
    }

    #[test]
    fn two_halves_are_everything() {
        assert!(set(&["0.0.0.0/1", "128.0.0.0/1"]).covers(&set(&["0.0.0.0/0"])));
        assert!(!set(&["0.0.0.0/1"]).covers(&set(&["0.0.0.0/0"])));
        assert!(!set(&["0.0.0.0/0"]).covers(&set(&["2001:db8::/32"])));
    }

    #[test]
    fn what_is_taken_away_is_gone_and_the_rest_stays() {
        let rest = set(&["10.0.0.0/24"]).without(&set(&["10.0.0.64/26"]));
        assert_eq!(rest, set(&["10.0.0.0/26", "10.0.0.128/25"]));
        assert!(set(&["10.0.0.0/24"]).without(&set(&["10.0.0.0/8"])).is_empty());
    }

    #[test]
    fn private_and_platform_addresses_are_not_public() {
        let public = public();
        for address in ["10.1.2.3", "168.63.129.16", "100.64.0.1", "fd00::1", "224.0.0.1"] {
            assert!(!public.contains(address.parse().unwrap()), "{address}");
        }
        for address in ["168.63.129.17", "20.1.2.3", "2603:1030::1", "223.255.255.255"] {
            assert!(public.contains(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_first_usable_address_is_the_fifth() {
        assert_eq!(first_usable(&["10.0.1.0/24".parse().unwrap()]), Some("10.0.1.4".parse().unwrap()));
        assert_eq!(first_usable(&["10.0.1.0/30".parse().unwrap()]), None);
    }

    fn prefix() -> impl Strategy<Value = IpNet> {
        (any::<u32>(), 0_u8..=32).prop_map(|(address, length)| {
            IpNet::new(IpAddr::V4(Ipv4Addr::from(address)), length).unwrap().trunc()
        })
    }

    proptest! {
        #[test]
        fn a_set_holds_what_one_of_its_prefixes_holds(
            prefixes in prop::collection::vec(prefix(), 0..8),
            address in any::<u32>(),
        ) {
            let address = IpAddr::V4(Ipv4Addr::from(address));
            let expected = prefixes.iter().any(|prefix| prefix.contains(&address));
            prop_assert_eq!(AddressSet::new(&prefixes).contains(address), expected);
        }

        #[test]
        fn splitting_a_prefix_changes_nothing(prefixes in prop::collection::vec(prefix(), 1..6)) {
            let mut split = prefixes.clone();
            let last = split.pop().unwrap();
            match last.subnets((last.prefix_len() + 1).min(32)) {
                Ok(halves) => split.extend(halves),
                Err(_) => split.push(last),
            }
            prop_assert_eq!(AddressSet::new(&prefixes), AddressSet::new(&split));
        }

        #[test]
        fn taking_away_and_joining_again_gives_the_union(
            a in prop::collection::vec(prefix(), 0..6),
            b in prop::collection::vec(prefix(), 0..6),
        ) {
            let (a, b) = (AddressSet::new(&a), AddressSet::new(&b));
            prop_assert_eq!(a.without(&b).union(&b), a.union(&b));
            prop_assert!(!a.without(&b).meets(&b));
            prop_assert!(a.union(&b).covers(&a));
        }
    }
}
