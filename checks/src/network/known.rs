//! What is known of addresses and tags where a flow is judged: lists, the network's own space, and what `Internet` means.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::network::addresses::{AddressSet, public};
use crate::network::tags::{Relation, TagName};
use crate::network::{ServiceTags, azure};

/// What is known of addresses and tags.
#[derive(Debug, Clone)]
pub struct Known {
    /// The subnet: its prefixes, where a document gives them.
    pub subnet: Option<Area>,
    /// Its first usable address.
    pub first_usable: Option<AddressSet>,
    /// What `VirtualNetwork` holds as far as the documents show.
    pub virtual_network: AddressSet,
    /// The network's own and peered address space, where a network document gives it.
    pub space: Option<AddressSet>,
    /// A network document or effective routes were given: what is private and not in `virtual_network` is outside of it.
    pub is_network_known: bool,
    /// Every public address.
    pub public: AddressSet,
    /// Of these, IPv4.
    pub public_ipv4: AddressSet,
    /// `Internet` without an expanded list.
    pub internet: AddressSet,
    /// Of these, IPv4.
    pub internet_ipv4: AddressSet,
    /// Prefixes of the tags that lists give, by their key.
    pub lists: BTreeMap<String, List>,
    /// The instance's region, as an ARM id.
    pub region: Option<String>,
}

/// A set of addresses and the prefixes that make it.
#[derive(Debug, Clone, Default)]
pub struct Area {
    /// As written.
    pub prefixes: Vec<IpNet>,
    /// The set.
    pub set: AddressSet,
}

/// The prefixes of a tag.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// As listed.
    pub prefixes: Vec<IpNet>,
    /// The set.
    pub set: AddressSet,
    /// Of these, IPv4: the nodes of API Management have no other.
    pub ipv4: AddressSet,
    /// An entry could not be read.
    pub incomplete: bool,
}

impl Area {
    /// The area of prefixes.
    #[must_use]
    pub fn new(prefixes: &[IpNet]) -> Self {
        Self { prefixes: prefixes.to_vec(), set: AddressSet::new(prefixes) }
    }
}

impl Known {
    /// Nothing but what holds everywhere.
    #[must_use]
    pub fn nothing() -> Self {
        let public = public();
        Self {
            subnet: None,
            first_usable: None,
            virtual_network: AddressSet::new(&[IpNet::from(azure::DNS)]),
            space: None,
            is_network_known: false,
            internet_ipv4: public.ipv4(),
            internet: public.clone(),
            public_ipv4: public.ipv4(),
            public,
            lists: BTreeMap::new(),
            region: None,
        }
    }

    /// Takes the prefixes of `names` out of the lists; of two lists that have a tag the first one counts.
    pub fn add_lists<'a>(&mut self, lists: &[ServiceTags], names: impl Iterator<Item = &'a TagName>) {
        for name in names {
            let key = name.key();
            if self.lists.contains_key(&key) {
                continue;
            }
            if let Some(tag) = lists.iter().find_map(|list| list.tag(&key)) {
                let set = AddressSet::new(&tag.prefixes);
                let list = List {
                    prefixes: tag.prefixes.clone(),
                    ipv4: set.ipv4(),
                    set,
                    incomplete: tag.incomplete,
                };
                self.lists.insert(key, list);
            }
        }
    }

    /// The prefixes of a tag, where a list has them.
    #[must_use]
    pub fn list(&self, tag: &TagName) -> Option<&List> {
        self.lists.get(&tag.key())
    }

    /// What the tag of a rule or route says of a flow's tag.
    #[must_use]
    pub fn relation(&self, rule: &TagName, flow: &TagName) -> Relation {
        rule.relation_to(flow, self.region.as_deref())
    }

    /// True for a public address that is not in the network's own or peered space.
    #[must_use]
    pub fn is_public(&self, address: IpAddr) -> bool {
        self.public.contains(address) && !self.space.as_ref().is_some_and(|space| space.contains(address))
    }
}
