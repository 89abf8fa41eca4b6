//! How much of an end of a flow a side of a rule holds.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::network::addresses::AddressSet;
use crate::network::assume::Assumption;
use crate::network::azure;
use crate::network::decision::By;
use crate::network::known::Known;
use crate::network::security::{Address, Side};
use crate::network::tags::{Relation, TagName};
use crate::plan::flow::NearEnd;

/// How much of a flow, or of one end of it, a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// All of it.
    All,
    /// A part, or nobody knows.
    Part(Doubt),
    /// Nothing.
    Nothing,
}

/// Why a cover is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A part is held, or the rule could not be read whole.
    Partial,
    /// Nobody knows what the tag holds.
    UnknownTag,
    /// Nobody knows where the other end is.
    NoDocument,
}

impl Doubt {
    /// The word of the report.
    #[must_use]
    pub const fn by(self) -> By {
        match self {
            Self::Partial => By::Partial,
            Self::UnknownTag => By::UnknownTag,
            Self::NoDocument => By::NoDocument,
        }
    }
}

impl Cover {
    /// Of two conditions that must both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::All, rest) => rest,
            (part, _) => part,
        }
    }

    /// Of two entries of one list.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nothing, rest) => rest,
            (part, _) => part,
        }
    }

    /// Of two members of one end, each held to its own extent.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Part(doubt), _) | (_, Self::Part(doubt)) => Self::Part(doubt),
            (one, other) if one == other => one,
            _ => Self::Part(Doubt::Partial),
        }
    }

    /// How much of `whole` `held` holds.
    #[must_use]
    pub fn of(held: &AddressSet, whole: &AddressSet) -> Self {
        if held.covers(whole) {
            Self::All
        } else if held.meets(whole) {
            Self::Part(Doubt::Partial)
        } else {
            Self::Nothing
        }
    }
}

/// The end of a flow that is not the subnet, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Addresses, and the tag that public ones have.
    Addresses(Vec<IpAddr>, Option<TagName>),
    /// A service tag.
    Tag(TagName),
    /// The subnet itself.
    Peers,
    /// Somewhere in the internet.
    Internet,
    /// Anywhere at all.
    Anywhere,
}

/// One side of a rule, read.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    any: bool,
    is_everything: bool,
    prefixes: AddressSet,
    tags: Vec<(TagName, String)>,
    expanded: Option<AddressSet>,
    has_application_group: bool,
    is_unreadable: bool,
}

impl Terms {
    /// Reads a side.
    #[must_use]
    pub fn new(side: &Side) -> Self {
        let mut terms = Self {
            has_application_group: !side.application_groups.is_empty(),
            is_unreadable: side.addresses.is_empty() && side.application_groups.is_empty(),
            expanded: side.expanded.as_ref().map(AddressSet::new),
            ..Self::default()
        };
        let mut prefixes: Vec<IpNet> = Vec::new();
        for criterion in &side.addresses {
            match &criterion.address {
                Address::Any => terms.any = true,
                Address::Prefix(prefix) => prefixes.push(*prefix),
                Address::Tag(tag) => terms.tags.push((TagName::read(tag), tag.clone())),
                Address::Unreadable => terms.is_unreadable = true,
            }
        }
        terms.tags.shrink_to_fit();
        terms.prefixes = AddressSet::new(&prefixes);
        terms.is_everything = terms.any || terms.prefixes.covers(&AddressSet::literal(&["0.0.0.0/0"]));
        terms
    }

    /// The tags of the side.
    pub fn tags(&self) -> impl Iterator<Item = &TagName> {
        self.tags.iter().map(|(tag, _)| tag)
    }

    /// True where the side names this tag.
    #[must_use]
    pub fn names(&self, tag: &TagName) -> bool {
        self.tags().any(|named| named == tag)
    }

    /// True where a prefix that is not everything holds the address.
    #[must_use]
    pub fn names_address(&self, address: IpAddr) -> bool {
        self.prefixes.contains(address) && !self.is_everything
    }

    /// How much of the near end the side holds.
    #[must_use]
    pub fn near(&self, end: NearEnd, known: &Known) -> Cover {
        if self.has_application_group && self.tags.is_empty() && self.prefixes.is_empty() {
            return Cover::Nothing;
        }
        if self.is_everything || self.names(&TagName::VirtualNetwork) {
            return Cover::All;
        }
        let whole = match end {
            NearEnd::Subnet => known.subnet.as_ref().map(|subnet| &subnet.set),
            NearEnd::FirstUsable => known.first_usable.as_ref(),
        };
        let Some(whole) = whole else { return Cover::Part(Doubt::Partial) };
        let mut held = Cow::Borrowed(&self.prefixes);
        if let Some(expanded) = self.expanded.as_ref().filter(|_| !self.tags.is_empty()) {
            held = add(&held, expanded);
        }
        for list in self.tags().filter_map(|tag| known.list(tag)) {
            held = add(&held, &list.set);
        }
        let unreadable = if self.is_unreadable { Cover::Part(Doubt::Partial) } else { Cover::Nothing };
        Cover::of(&held, whole).or(unreadable)
    }

    /// How much of the other end the side holds, and what was taken for granted in saying so.
    #[must_use]
    pub fn far(&self, end: &End, known: &Known, assumed: &mut Vec<Assumption>) -> Cover {
        if self.any {
            return Cover::All;
        }
        let readable = match end {
            End::Addresses(addresses, tag) => {
                let each =
                    addresses.iter().map(|address| self.address(*address, tag.as_ref(), known, assumed));
                each.reduce(Cover::with).unwrap_or(Cover::Part(Doubt::Partial))
            }
            End::Tag(TagName::VirtualNetwork) => self.whole_network(known),
            End::Tag(tag) => self.tag(tag, known, assumed),
            End::Peers => self.peers(known),
            End::Internet => self.internet(known, assumed),
            End::Anywhere if self.is_everything => Cover::All,
            End::Anywhere => Cover::Part(Doubt::NoDocument),
        };
        let unreadable = if self.is_unreadable { Cover::Part(Doubt::Partial) } else { Cover::Nothing };
        readable.or(unreadable)
    }

    fn address(
        &self,
        address: IpAddr,
        tag: Option<&TagName>,
        known: &Known,
        assumed: &mut Vec<Assumption>,
    ) -> Cover {
        if self.prefixes.contains(address) {
            return Cover::All;
        }
        let mut cover = Cover::Nothing;
        for (rule, written) in &self.tags {
            cover = cover.or(self.tag_of_address(rule, written, address, tag, known, assumed));
        }
        if self.has_application_group {
            cover = cover.or(match &self.expanded {
                Some(expanded) if expanded.contains(address) => Cover::All,
                // Nobody knows which machines are in it; the platform's own addresses are no machines.
                None if !known.is_public(address) && address != azure::DNS && address != azure::IMDS => {
                    Cover::Part(Doubt::UnknownTag)
                }
                _ => Cover::Nothing,
            });
        }
        cover
    }

    fn tag_of_address(
        &self,
        rule: &TagName,
        written: &str,
        address: IpAddr,
        flow: Option<&TagName>,
        known: &Known,
        assumed: &mut Vec<Assumption>,
    ) -> Cover {
        let list = known.list(rule);
        let held = self.expanded.as_ref().or(list.map(|list| &list.set));
        // A private address leaves the row's tag behind: its private endpoint is in no list.
        let flow = flow.filter(|_| known.is_public(address));
        if let Some(held) = held {
            if held.contains(address) {
                return Cover::All;
            }
            if self.expanded.is_none() && list.is_some_and(|list| list.incomplete) {
                return Cover::Part(Doubt::UnknownTag);
            }
            if flow.is_some_and(|flow| known.relation(rule, flow) == Relation::Whole) {
                assumed.push(Assumption::ListWins(written.to_owned(), address));
            }
            return Cover::Nothing;
        }
        match rule {
            TagName::Internet if known.internet.contains(address) => {
                assumed.push(Assumption::InternetApproximate);
                Cover::All
            }
            TagName::VirtualNetwork if known.virtual_network.contains(address) => Cover::All,
            TagName::VirtualNetwork if !known.is_network_known && !known.is_public(address) => {
                Cover::Part(Doubt::UnknownTag)
            }
            TagName::LoadBalancer if address == azure::DNS => Cover::All,
            TagName::Service(..) if known.is_public(address) => match flow {
                Some(flow) => by_name(known.relation(rule, flow), written, assumed),
                None => Cover::Part(Doubt::UnknownTag),
            },
            _ => Cover::Nothing,
        }
    }

    fn tag(&self, flow: &TagName, known: &Known, assumed: &mut Vec<Assumption>) -> Cover {
        let list = known.list(flow).filter(|list| !list.incomplete);
        let mut held = Cow::Borrowed(&self.prefixes);
        let mut named = Cover::Nothing;
        for (rule, written) in &self.tags {
            let set = self.expanded.as_ref().or_else(|| known.list(rule).map(|list| &list.set));
            match (known.relation(rule, flow), set) {
                (_, set) if *rule == TagName::VirtualNetwork => {
                    held = add(&held, set.unwrap_or(&known.virtual_network));
                }
                (Relation::Part | Relation::Unknown, Some(set)) if list.is_some() => held = add(&held, set),
                (relation, _) => named = named.or(by_name(relation, written, assumed)),
            }
        }
        let by_prefix = match list {
            Some(list) => Cover::of(&held, &list.ipv4),
            None if held.covers(&known.public_ipv4) => Cover::All,
            // The nodes have IPv4 addresses alone: an IPv6 prefix holds nothing of what they call.
            None if held.meets(&known.public_ipv4) => Cover::Part(Doubt::Partial),
            None => Cover::Nothing,
        };
        named.or(by_prefix)
    }

    fn internet(&self, known: &Known, assumed: &mut Vec<Assumption>) -> Cover {
        let mut held = Cow::Borrowed(&self.prefixes);
        let mut named = Cover::Nothing;
        for (rule, written) in &self.tags {
            match rule {
                TagName::VirtualNetwork => {
                    held = add(&held, self.expanded.as_ref().unwrap_or(&known.virtual_network));
                }
                TagName::Internet => named = Cover::All,
                rule => named = named.or(by_name(known.relation(rule, &TagName::Internet), written, assumed)),
            }
        }
        // What is public of the network's own space is no part of the internet.
        named.or(Cover::of(&held, &known.internet_ipv4))
    }

    fn peers(&self, known: &Known) -> Cover {
        if self.names(&TagName::VirtualNetwork) || self.is_everything {
            return Cover::All;
        }
        match &known.subnet {
            Some(subnet) => Cover::of(&self.prefixes, &subnet.set),
            None if self.prefixes.is_empty() => Cover::Nothing,
            None => Cover::Part(Doubt::Partial),
        }
    }

    fn whole_network(&self, known: &Known) -> Cover {
        if self.names(&TagName::VirtualNetwork) || self.is_everything {
            return Cover::All;
        }
        let grouped =
            if self.has_application_group { Cover::Part(Doubt::UnknownTag) } else { Cover::Nothing };
        let by_prefix = match &known.space {
            Some(space) => Cover::of(&self.prefixes, space),
            None if self.prefixes.is_empty() || known.public.covers(&self.prefixes) => Cover::Nothing,
            None => Cover::Part(Doubt::Partial),
        };
        by_prefix.or(grouped)
    }
}

fn add<'a>(held: &AddressSet, more: &AddressSet) -> Cow<'a, AddressSet> {
    Cow::Owned(held.union(more))
}

fn by_name(relation: Relation, written: &str, assumed: &mut Vec<Assumption>) -> Cover {
    match relation {
        Relation::Whole => Cover::All,
        Relation::OwnRegion => {
            assumed.push(Assumption::OwnRegionIsWhole(written.to_owned()));
            Cover::All
        }
        Relation::Part => Cover::Part(Doubt::Partial),
        Relation::Unknown => Cover::Part(Doubt::UnknownTag),
        Relation::Disjoint => Cover::Nothing,
    }
}
