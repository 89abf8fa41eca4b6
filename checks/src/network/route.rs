//! Which route a flow takes, and what becomes of it there.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::arrange;
use crate::network::assume::Assumption;
use crate::network::decision::{By, Fate};
use crate::network::derive::{Destination, Path, RouteSet};
use crate::network::known::Known;
use crate::network::routing::{NextHop, RouteSource};
use crate::network::side::End;
use crate::network::tags::{Relation, TagName};

/// The route of a flow.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    /// The route that decides; `None` where none holds the flow, or where it needs none.
    pub path: Option<&'a Path>,
    /// The prefix that matched, where it is not the one that the route is written with: an element of a tag's list.
    pub element: Option<IpNet>,
    /// What becomes of the flow.
    pub fate: Fate,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
}

impl<'a> Taken<'a> {
    const fn new(path: Option<&'a Path>, fate: Fate) -> Self {
        Self { path, element: None, fate, assumptions: Vec::new() }
    }

    fn on(path: &'a Path) -> Self {
        Self::new(Some(path), fate(path))
    }
}

/// What becomes of a flow on this route.
#[must_use]
pub fn fate(path: &Path) -> Fate {
    match &path.next_hop {
        None => Fate::Unknown(By::Partial),
        Some(NextHop::None) => Fate::Dropped,
        Some(NextHop::Appliance | NextHop::Other(_)) => Fate::Unknown(By::Appliance),
        Some(NextHop::Gateway) => Fate::Unknown(By::Gateway),
        Some(
            NextHop::VnetLocal
            | NextHop::Peering
            | NextHop::GlobalPeering
            | NextHop::ConnectedGroup
            | NextHop::Internet
            | NextHop::ServiceEndpoint
            | NextHop::InterfaceEndpoint,
        ) => Fate::Passes,
    }
}

impl RouteSet {
    /// The route to the other end of a flow, or of the replies to it.
    #[must_use]
    pub fn take(&self, end: &End, known: &Known) -> Taken<'_> {
        let taken = match end {
            End::Addresses(addresses, tag) => {
                let each = addresses.iter().map(|address| self.to_address(*address, tag.as_ref(), known));
                alike(each.collect())
            }
            End::Tag(TagName::VirtualNetwork) => self.to_network(known),
            End::Peers => match &known.subnet {
                Some(subnet) => self.to_area(&subnet.prefixes, known),
                None => Taken::new(None, Fate::Passes),
            },
            End::Tag(tag) => self.to_tag(tag, known),
            End::Internet => self.to_internet(known),
            End::Anywhere => self.to_anywhere(),
        };
        match self.anywhere() {
            Some(path) if taken.fate == Fate::Passes || taken.fate == Fate::Dropped => {
                Taken { path: taken.path.or(path), fate: Fate::Unknown(By::Partial), ..taken }
            }
            _ => taken,
        }
    }

    /// A route that could not be read leads anywhere; `Some(None)` where the list itself is cut.
    fn anywhere(&self) -> Option<Option<&Path>> {
        let unreadable = self.paths.iter().find(|path| path.destination == Destination::Anywhere);
        unreadable.map(Some).or_else(|| self.is_incomplete.then_some(None))
    }

    fn to_address(&self, address: IpAddr, tag: Option<&TagName>, known: &Known) -> Taken<'_> {
        let tag = tag.filter(|_| known.is_public(address));
        let holds = |path: &&Path| hold(path, address, tag, known);
        let endpoints = self.paths.iter().filter(|path| path.next_hop == Some(NextHop::ServiceEndpoint));
        let mut maybe: Vec<&Path> = Vec::new();
        let mut best: Option<(Rank, &Path, Option<IpNet>)> = None;
        for path in endpoints {
            match holds(&path) {
                Held::Yes(element) => return Taken { element, ..Taken::on(path) },
                Held::Perhaps => maybe.push(path),
                Held::No => {}
            }
        }
        let of_network = self.paths.iter().any(|path| is_system_network(path) && contains(path, address));
        for path in self.paths.iter().filter(|path| path.next_hop != Some(NextHop::ServiceEndpoint)) {
            if of_network && path.source == RouteSource::Bgp {
                continue;
            }
            match holds(&path) {
                Held::Yes(element) => {
                    let rank = rank(path, element);
                    if best.as_ref().is_none_or(|(before, _, _)| rank > *before) {
                        best = Some((rank, path, element));
                    }
                }
                Held::Perhaps => maybe.push(path),
                Held::No => {}
            }
        }
        let Some((_, path, element)) = best else { return Taken::new(None, Fate::Unknown(By::NoDocument)) };
        let mut taken = Taken { element, ..Taken::on(path) };
        if !self.is_network_known && path.source == RouteSource::System && !known.public.contains(address) {
            // Only the subnet itself is known to be local; what the network has beside it is not.
            let local = path.next_hop == Some(NextHop::VnetLocal);
            taken.fate = if local { taken.fate } else { Fate::Unknown(By::NoDocument) };
        }
        if maybe.iter().any(|path| fate(path) != taken.fate) {
            taken.fate = Fate::Unknown(By::UnknownTag);
        }
        taken
    }

    /// Prefixes whose addresses may go different ways: alike, or nobody can tell.
    fn to_area(&self, prefixes: &[IpNet], known: &Known) -> Taken<'_> {
        let cuts: Vec<IpNet> = self.paths.iter().filter_map(Path::prefix).collect();
        let set = crate::network::addresses::AddressSet::new(prefixes);
        let each = set.samples(&cuts).into_iter().map(|address| self.to_address(address, None, known));
        alike(each.collect())
    }

    fn to_network(&self, known: &Known) -> Taken<'_> {
        let own = self
            .paths
            .iter()
            .filter(|path| path.source == RouteSource::System && path.next_hop == Some(NextHop::VnetLocal));
        let own: Vec<IpNet> = own.filter_map(Path::prefix).collect();
        if own.is_empty() {
            Taken::new(None, Fate::Unknown(By::NoDocument))
        } else {
            self.to_area(&own, known)
        }
    }

    fn to_tag(&self, tag: &TagName, known: &Known) -> Taken<'_> {
        let mut assumptions = Vec::new();
        let mut partial: Vec<&Path> = Vec::new();
        let by_tag = self.paths.iter().filter(|path| matches!(path.destination, Destination::Tag(_)));
        let (endpoints, routes): (Vec<&Path>, Vec<&Path>) =
            by_tag.partition(|path| path.next_hop == Some(NextHop::ServiceEndpoint));
        let mut chosen = None;
        for path in endpoints.into_iter().chain(by_precision(routes)) {
            let Destination::Tag(named) = &path.destination else { continue };
            match known.relation(named, tag) {
                Relation::Whole => chosen = Some(path),
                Relation::OwnRegion => {
                    assumptions.push(Assumption::OwnRegionIsWhole(path.name.prefix.clone()));
                    chosen = Some(path);
                }
                Relation::Part | Relation::Unknown => partial.push(path),
                Relation::Disjoint => {}
            }
            if chosen.is_some() {
                break;
            }
        }
        if chosen.is_none() {
            chosen = self.endpoint_by_prefix(tag, known);
        }
        let by_tag = chosen.is_some();
        let mut taken = match chosen {
            Some(path) => Taken::on(path),
            None => self.to_default(known),
        };
        taken.assumptions = assumptions;
        if partial.iter().any(|path| fate(path) != taken.fate) {
            taken.fate = Fate::Unknown(By::Partial);
        }
        if taken.path.and_then(|path| path.next_hop.clone()) == Some(NextHop::ServiceEndpoint) {
            return taken;
        }
        match known.list(tag) {
            Some(list) => self.narrowed(taken, &list.prefixes, tag, known),
            None if by_tag => taken,
            None => self.narrower_unseen(taken),
        }
    }

    /// In effective routes a service endpoint is a route with all prefixes of its service and no word of its tag.
    fn endpoint_by_prefix(&self, tag: &TagName, known: &Known) -> Option<&Path> {
        let list = known.list(tag)?;
        let endpoints = || self.paths.iter().filter(|path| path.next_hop == Some(NextHop::ServiceEndpoint));
        let prefixes: Vec<IpNet> = endpoints().filter_map(Path::prefix).collect();
        let all = crate::network::addresses::AddressSet::new(&prefixes);
        let covered = !list.ipv4.is_empty() && all.covers(&list.ipv4);
        endpoints()
            .find(|path| covered && path.prefix().is_some_and(|prefix| list.prefixes.contains(&prefix)))
    }

    /// A host whose address nobody knows: decided only where every route decides alike.
    fn to_anywhere(&self) -> Taken<'_> {
        let mut all = alike(self.paths.iter().map(Taken::on).collect());
        let differs = self.paths.iter().any(|path| fate(path) != all.fate);
        if differs || all.fate != Fate::Passes {
            all = Taken::new(None, Fate::Unknown(By::NoDocument));
        }
        all
    }

    fn to_internet(&self, known: &Known) -> Taken<'_> {
        self.narrower_unseen(self.to_default(known))
    }

    /// The 0.0.0.0/0 route, or what stands in its place: routes that hold all that is public between them.
    fn to_default(&self, known: &Known) -> Taken<'_> {
        let defaults = self.paths.iter().filter(|path| path.is_default());
        let default = defaults.max_by(|a, b| rank(a, None).cmp(&rank(b, None)));
        let halves =
            || self.paths.iter().filter(|path| !path.is_default() && path.source != RouteSource::System);
        let prefixes: Vec<IpNet> = halves().filter_map(Path::prefix).collect();
        let held = crate::network::addresses::AddressSet::new(&prefixes);
        if held.covers(&known.public_ipv4) {
            let wide = halves().filter(|path| path.prefix().is_some_and(|prefix| prefix.prefix_len() <= 8));
            return alike(wide.map(Taken::on).collect());
        }
        default.map_or_else(|| Taken::new(None, Fate::Unknown(By::NoDocument)), Taken::on)
    }

    /// Routes within the tag that lead elsewhere: looked at address by address where the list is known.
    fn narrowed<'a>(
        &'a self,
        taken: Taken<'a>,
        prefixes: &[IpNet],
        tag: &TagName,
        known: &Known,
    ) -> Taken<'a> {
        let set = crate::network::addresses::AddressSet::new(prefixes);
        let narrow = |path: &&Path| {
            !path.is_default()
                && path
                    .prefix()
                    .is_some_and(|prefix| set.meets(&crate::network::addresses::AddressSet::new(&[prefix])))
        };
        let narrower: Vec<&Path> = self.paths.iter().filter(narrow).collect();
        if narrower.iter().all(|path| fate(path) == taken.fate) {
            return taken;
        }
        let cuts: Vec<IpNet> = narrower.iter().filter_map(|path| path.prefix()).collect();
        let each = set.samples(&cuts).into_iter().map(|address| self.to_address(address, Some(tag), known));
        let mut all = alike(each.collect());
        all.assumptions.extend(taken.assumptions);
        all
    }

    fn narrower_unseen<'a>(&'a self, mut taken: Taken<'a>) -> Taken<'a> {
        let said = self.narrower.lead_elsewhere(taken.fate, || self.narrower_than_all(taken.fate));
        if !said.is_empty() {
            taken.assumptions.push(Assumption::NarrowerRoutes(said));
        }
        taken
    }

    /// User routes to a part of what is public that do not end as `fate` does, by prefix.
    fn narrower_than_all(&self, other: Fate) -> Vec<String> {
        let user = self.paths.iter().filter(|path| {
            path.source == RouteSource::User
                && !path.is_default()
                && path.next_hop != Some(NextHop::ServiceEndpoint)
                && fate(path) != other
        });
        let public = crate::network::addresses::public();
        let is_public =
            |prefix: &IpNet| public.meets(&crate::network::addresses::AddressSet::new(&[*prefix]));
        let prefixes: BTreeSet<String> =
            user.filter_map(Path::prefix).filter(is_public).map(|prefix| prefix.to_string()).collect();
        prefixes.into_iter().collect()
    }
}

/// The worst of several where they end alike; where they do not, nobody can tell which one is taken.
fn alike(mut each: Vec<Taken<'_>>) -> Taken<'_> {
    let assumptions: Vec<Assumption> = each.iter().flat_map(|taken| taken.assumptions.clone()).collect();
    let differs = each.iter().any(|taken| each.first().is_some_and(|first| first.fate != taken.fate));
    let worst = (0..each.len()).max_by_key(|at| (each[*at].fate, usize::MAX - at));
    let Some(worst) = worst else { return Taken::new(None, Fate::Unknown(By::NoDocument)) };
    let mut taken = each.swap_remove(worst);
    taken.assumptions = assumptions;
    if differs && taken.fate == Fate::Dropped {
        taken.fate = Fate::Unknown(By::Partial);
    }
    taken
}

/// Whether a route holds an address, and by which element of a list.
enum Held {
    Yes(Option<IpNet>),
    Perhaps,
    No,
}

fn contains(path: &Path, address: IpAddr) -> bool {
    path.prefix().is_some_and(|prefix| prefix.contains(&address))
}

fn hold(path: &Path, address: IpAddr, flow: Option<&TagName>, known: &Known) -> Held {
    let tag = match &path.destination {
        Destination::Prefix(prefix) if prefix.contains(&address) => return Held::Yes(None),
        Destination::Prefix(_) | Destination::Anywhere => return Held::No,
        Destination::Tag(tag) => tag,
    };
    if let Some(list) = known.list(tag) {
        let longest =
            list.prefixes.iter().filter(|prefix| prefix.contains(&address)).max_by_key(|it| it.prefix_len());
        return match longest {
            Some(element) => Held::Yes(Some(*element)),
            None if list.incomplete => Held::Perhaps,
            None => Held::No,
        };
    }
    if !known.is_public(address) {
        return Held::No;
    }
    match flow.map(|flow| known.relation(tag, flow)) {
        Some(Relation::Whole | Relation::OwnRegion) => Held::Yes(None),
        Some(Relation::Disjoint) => Held::No,
        Some(Relation::Part | Relation::Unknown) | None => Held::Perhaps,
    }
}

/// The order of routes that hold an address: longest prefix, then who made it, then how exactly it names it, then its name.
type Rank = (u8, u8, u8, std::cmp::Reverse<String>);

fn rank(path: &Path, element: Option<IpNet>) -> Rank {
    let length = match path.prefix().or(element) {
        Some(prefix) => prefix.prefix_len(),
        // A tag whose list nobody gave is narrower than everything and no more is known.
        None => 1,
    };
    let made = match path.source {
        RouteSource::User => 2,
        RouteSource::Bgp => 1,
        RouteSource::System => 0,
    };
    (length, made, precision(path), std::cmp::Reverse(path.name.name.clone().unwrap_or_default()))
}

/// Of equal prefixes in a table: explicit, regional tag, tag, regional `AzureCloud`, `AzureCloud`.
fn precision(path: &Path) -> u8 {
    match &path.destination {
        Destination::Prefix(_) | Destination::Anywhere => 4,
        Destination::Tag(TagName::Service(service, region)) => match (service.as_str(), region) {
            ("azurecloud", None) => 0,
            ("azurecloud", Some(_)) => 1,
            (_, None) => 2,
            (_, Some(_)) => 3,
        },
        Destination::Tag(_) => 2,
    }
}

fn by_precision(mut paths: Vec<&Path>) -> Vec<&Path> {
    arrange::by_key(&mut paths, |path| (std::cmp::Reverse(precision(path)), path.name.clone()));
    paths
}

fn is_system_network(path: &Path) -> bool {
    let local = |hop: &NextHop| {
        matches!(
            hop,
            NextHop::VnetLocal | NextHop::Peering | NextHop::GlobalPeering | NextHop::ConnectedGroup
        )
    };
    path.source == RouteSource::System && path.next_hop.as_ref().is_some_and(local)
}
