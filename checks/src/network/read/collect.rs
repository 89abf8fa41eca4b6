//! Takes values of any shape apart into the resources of the model.

mod bundle;

use crate::network::estate::Peering;
use crate::network::read::json::{Node, Object};
use crate::network::read::kind::{self, Part, Shape};
use crate::network::read::merge::{Loose, Whole};
use crate::network::read::notes::Notes;
use crate::network::read::planned::Known;
use crate::network::read::{
    MOST_RULES, ReadError, estate, gateway, merge, portal, routing, security, service, tags, zones,
};
use crate::network::{
    AdminRules, Document, DocumentKind as Kind, EffectiveGroup, EffectiveRoutes, Network, PassedOver, Place,
    ResourceId, Route, SecurityRule, ServiceTags,
};

/// Everything that was read so far.
#[derive(Debug, Default)]
pub struct Collector {
    network: Network,
    /// Rules of groups that stand alone, with the id of their group and whether they are all of its rules.
    rules: Vec<Loose<SecurityRule>>,
    /// Routes of tables likewise.
    routes: Vec<Loose<Route>>,
    /// Links that occupy a subnet.
    links: Vec<(ResourceId, String)>,
    /// Peerings that stand alone, with the id of their network.
    peerings: Vec<(ResourceId, Peering)>,
    /// Lists around the one that is being read.
    depth: u32,
}

/// Lists inside of lists that are followed; real documents have one or two.
const DEEPEST: u32 = 8;

/// Parts of one list, to be put together at its end.
#[derive(Default)]
struct Parts {
    effective_rules: Vec<SecurityRule>,
    effective_routes: Vec<Route>,
    admin_rules: Vec<SecurityRule>,
    tags: ServiceTags,
    outbound: bool,
    /// The resource of which parts were found, and its kind.
    of: Option<(Kind, ResourceId)>,
    place: Option<Place>,
}

impl Collector {
    /// Reads a value: a resource, an answer, a list of either, a bundle. False where it is nothing that is known.
    pub fn value<'a>(&mut self, node: &Node<'a>, notes: &mut Notes<'a>) -> bool {
        match node.object() {
            Some(object) => self.object(&object, notes),
            None if node.shape() == "a list" => self.list(node, None, notes),
            None => false,
        }
    }

    fn object<'a>(&mut self, object: &Object<'a>, notes: &mut Notes<'a>) -> bool {
        match kind::of(object) {
            Some(Shape::Document(kind)) => self.resource(kind, object, None, notes),
            Some(Shape::Part(part)) => {
                let mut parts = Parts::default();
                self.part(part, object, Whole::No, &mut parts, notes);
                self.put_together(parts, None, notes);
            }
            Some(Shape::List(key)) => match object.members().find(|(name, _)| name.eq_ignore_ascii_case(key))
            {
                Some((_, list)) => return self.list(&list, Some(object), notes),
                None => return false,
            },
            Some(Shape::Bundle) => self.bundle(object, notes),
            Some(Shape::Error) => self.error(object, notes),
            Some(Shape::Token) => {
                self.document(Kind::Token, "", notes.place_of_object(object));
                notes.pass(
                    &object.to_node(),
                    "an access token or secret, and no configuration: keep it out of files",
                );
            }
            Some(Shape::Parameters) => {
                notes.pass(&object.to_node(), "values for an ARM template: give this file with --parameters");
            }
            Some(Shape::Template | Shape::Terraform) => {
                notes.pass(&object.to_node(), "a template inside of another document");
            }
            None => return false,
        }
        true
    }

    fn error<'a>(&mut self, object: &Object<'a>, notes: &mut Notes<'a>) {
        let inner = object.object("error");
        let code = inner.and_then(|inner| inner.text("code")).or_else(|| object.text("error"));
        let code = code.unwrap_or_default();
        self.document(Kind::Error, &code, notes.place_of_object(object));
        notes.pass(&object.to_node(), format!("Azure answered with the error {code} and no document"));
    }

    /// A list, bare or inside of `around`.
    fn list<'a>(&mut self, list: &Node<'a>, around: Option<&Object<'a>>, notes: &mut Notes<'a>) -> bool {
        let Some(items) = list.items() else { return false };
        if self.depth >= DEEPEST {
            notes.pass(list, "nested too deep");
            return true;
        }
        self.depth += 1;
        let (mut parts, mut known, mut count) = (Parts::default(), 0, 0_usize);
        for item in items {
            count += 1;
            let object = item.object();
            match object.as_ref().map(|object| (object, kind::of(object))) {
                Some((object, Some(Shape::Part(part)))) => {
                    self.part(part, object, Whole::Yes, &mut parts, notes);
                    known += 1;
                }
                Some((object, _)) if self.object(object, notes) => known += 1,
                _ => notes.pass(&item, "an entry of no known kind"),
            }
        }
        self.depth -= 1;
        if count == 0 {
            return self.empty(list, around, notes);
        }
        self.put_together(parts, around, notes);
        known > 0
    }

    /// Azure answers `{"value": []}` where no group is attached; an empty list of anything else says nothing.
    fn empty<'a>(&mut self, list: &Node<'a>, around: Option<&Object<'a>>, notes: &mut Notes<'a>) -> bool {
        let is_answer = around.is_some_and(|around| {
            around.keys().all(|key| {
                ["value", "networkSecurityGroups", "nextLink", "Count"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(key))
            })
        });
        if is_answer {
            self.document(Kind::EffectiveSecurityRules, "", notes.place(list));
            self.network.effective_groups.get_or_insert_default();
        } else {
            notes.pass(list, "an empty list does not say of what");
        }
        true
    }

    fn part<'a>(
        &mut self,
        part: Part,
        object: &Object<'a>,
        whole: Whole,
        parts: &mut Parts,
        notes: &mut Notes<'a>,
    ) {
        let id = id_of(object);
        let place = notes.place_of_object(object);
        match part {
            Part::SecurityRule => {
                let group = id.and_then(|id| id.parent()).unwrap_or_default();
                self.rules.push((group.clone(), security::rule(object, notes), whole));
                parts.of = Some((Kind::SecurityGroup, group));
            }
            Part::Route => {
                let table = id.and_then(|id| id.parent()).unwrap_or_default();
                parts.of = Some((Kind::RouteTable, table.clone()));
                self.routes.push((table, routing::written(object, notes), whole));
            }
            Part::EffectiveRule => parts.effective_rules.push(security::rule(object, notes)),
            Part::EffectiveRoute => parts.effective_routes.push(routing::effective(object, notes)),
            Part::AdminRule => parts.admin_rules.push(security::admin_rule(object, notes)),
            Part::ServiceTag => tags::insert(&mut parts.tags.tags, object, notes),
            Part::OutboundCategory => {
                self.network.dependencies.extend(portal::dependencies(object, notes));
                parts.outbound = true;
            }
            Part::SubnetLink => {
                let subnet = id.and_then(|id| id.parent()).unwrap_or_default();
                self.links.extend(estate::link(object, notes).map(|kind| (subnet, kind)));
                self.document(Kind::Subnet, &object.text("name").unwrap_or_default(), place.clone());
            }
        }
        parts.place.get_or_insert(place);
    }

    /// Parts of one list are one answer.
    fn put_together<'a>(&mut self, parts: Parts, around: Option<&Object<'a>>, notes: &mut Notes<'a>) {
        let first = parts.place.unwrap_or_default();
        let place = around.map_or(first, |around| notes.place_of_object(around));
        let more = ["nextLink", "skipToken", "$skipToken"];
        let cut = around.and_then(|around| more.iter().find_map(|key| around.get(key)));
        let missing = cut.map(|node| {
            notes.pass(&node, "the list goes on: fetch its other pages too");
            notes.place(&node)
        });
        let network = &mut self.network;
        let mut kinds = Vec::new();
        if !parts.effective_rules.is_empty() {
            let (rules, place) = (parts.effective_rules, place.clone());
            let group =
                EffectiveGroup { rules, place, rules_missing: missing.clone(), ..EffectiveGroup::default() };
            network.effective_groups.get_or_insert_default().push(group);
            kinds.push(Kind::EffectiveSecurityRules);
        }
        if !parts.effective_routes.is_empty() {
            let (routes, place) = (parts.effective_routes, place.clone());
            network.effective_routes.push(EffectiveRoutes { place, routes, routes_missing: missing.clone() });
            kinds.push(Kind::EffectiveRoutes);
        }
        if !parts.admin_rules.is_empty() {
            let (rules, place) = (parts.admin_rules, place.clone());
            network.admin_rules.push(AdminRules {
                place,
                virtual_network: None,
                rules,
                rules_missing: missing,
            });
            kinds.push(Kind::AdminRules);
        }
        if !parts.tags.tags.is_empty() {
            network.service_tags.push(ServiceTags { place: place.clone(), ..parts.tags });
            kinds.push(Kind::ServiceTags);
        }
        kinds.extend(parts.outbound.then_some(Kind::OutboundDependencies));
        if let Some((kind, id)) = parts.of {
            self.document(kind, id.name(), place.clone());
        }
        kinds.into_iter().for_each(|kind| self.document(kind, "", place.clone()));
    }

    /// Reads a resource or an answer whose kind is known. `id` where the document does not say it itself.
    pub fn resource<'a>(
        &mut self,
        kind: Kind,
        object: &Object<'a>,
        id: Option<ResourceId>,
        notes: &mut Notes<'a>,
    ) {
        let id = id.or_else(|| id_of(object)).unwrap_or_else(|| made_up(kind, object));
        let name = if id.name().is_empty() {
            object.text("name").unwrap_or_default().into_owned()
        } else {
            id.name().to_owned()
        };
        self.document(kind, &name, notes.place_of_object(object));
        let network = &mut self.network;
        match kind {
            Kind::SecurityGroup => network.groups.push(security::group(object, id, notes)),
            Kind::RouteTable => network.route_tables.push(routing::table(object, id, notes)),
            Kind::Subnet => network.subnets.push(estate::subnet(object, id, notes)),
            Kind::VirtualNetwork => self.virtual_network(object, id, notes),
            Kind::NetworkInterface => network.interfaces.push(estate::interface(object, id, notes)),
            Kind::NatGateway => network.nat_gateways.push(estate::nat_gateway(object, id, notes)),
            Kind::PublicAddress => network.public_addresses.push(estate::public_address(object, id, notes)),
            Kind::Service => network.services.push(service::service(object, id, notes)),
            Kind::PrivateZone => network.zones.push(zones::zone(object, id, notes)),
            Kind::ZoneLink => network.zone_links.push(zones::link(object, id, notes)),
            Kind::RecordSet => network.record_sets.push(zones::record_set(object, id, notes)),
            Kind::ServiceTags => network.service_tags.push(tags::list(object, notes)),
            Kind::EffectiveSecurityRules => {
                let read = security::effective(object, notes);
                network.effective_groups.get_or_insert_default().extend(read.groups);
                network.admin_rules.extend(read.admin);
            }
            Kind::NetworkStatus => self.network.network_status.extend(portal::status(object, notes)),
            Kind::ApplicationGateway => network.gateways.push(gateway::gateway(object, id, notes)),
            Kind::FirewallPolicy => network.firewall_policies.push(gateway::policy(object, id, notes)),
            Kind::BackendHealth => network.backend_health.extend(gateway::health(object, notes)),
            // Lists of parts, and what is read for what it is alone.
            Kind::EffectiveRoutes
            | Kind::AdminRules
            | Kind::OutboundDependencies
            | Kind::VirtualMachine
            | Kind::ControlPlane
            | Kind::FirewallRules
            | Kind::Verdict
            | Kind::Error
            | Kind::Token => {}
        }
    }

    fn virtual_network<'a>(&mut self, object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) {
        let network = &mut self.network;
        notes.each_object(object, "subnets", |notes, one| {
            let name = one.text("name").unwrap_or_default();
            let inner = id_of(one).unwrap_or_else(|| ResourceId(format!("{id}/subnets/{name}")));
            network.subnets.push(estate::subnet(one, inner, notes));
        });
        network.virtual_networks.push(estate::virtual_network(object, id, notes));
    }

    /// Lists a document.
    pub fn document(&mut self, kind: Kind, name: &str, place: Place) {
        self.network.documents.push(Document { kind, name: name.to_owned(), place });
    }

    /// Adds what the notes on a file say.
    pub fn passed_over(&mut self, parts: Vec<PassedOver>) {
        self.network.passed_over.extend(parts);
    }

    /// Reads a rule of this group that stands alone.
    pub fn rule_of<'a>(&mut self, group: ResourceId, rule: &Object<'a>, notes: &mut Notes<'a>) {
        let mut rule = security::rule(rule, notes);
        rule.name = last_segment(&rule.name);
        self.document(Kind::SecurityGroup, &format!("{}/{}", group.name(), rule.name), rule.place.clone());
        self.rules.push((group, rule, Whole::No));
    }

    /// Reads a rule of this group that stands in the resource itself.
    pub fn inline_rule<'a>(&mut self, group: &ResourceId, rule: &Object<'a>, notes: &mut Notes<'a>) {
        self.rules.push((group.clone(), security::rule(rule, notes), Whole::Yes));
    }

    /// Reads a route of this table that stands in the resource itself.
    pub fn inline_route<'a>(&mut self, table: &ResourceId, route: &Object<'a>, notes: &mut Notes<'a>) {
        self.routes.push((table.clone(), routing::written(route, notes), Whole::Yes));
    }

    /// Reads a route of this table that stands alone.
    pub fn route_of<'a>(&mut self, table: ResourceId, route: &Object<'a>, notes: &mut Notes<'a>) {
        let mut route = routing::written(route, notes);
        route.name = route.name.as_deref().map(last_segment);
        let name = format!("{}/{}", table.name(), route.name.as_deref().unwrap_or_default());
        self.document(Kind::RouteTable, &name, route.place.clone());
        self.routes.push((table, route, Whole::No));
    }

    /// Reads a peering of this network that stands alone.
    pub fn peering_of<'a>(&mut self, network: ResourceId, peering: &Object<'a>, notes: &mut Notes<'a>) {
        self.peerings.push((network, estate::peering(peering, notes)));
    }

    /// What was read so far, for readers that put resources together themselves.
    pub fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// The limit that is passed, if one is.
    #[must_use]
    pub fn exceeded(&self) -> Option<&'static str> {
        let network = &self.network;
        let effective = network.effective_groups.iter().flatten().map(|group| group.rules.len());
        let written = network.groups.iter().map(|group| group.rules.len());
        let admin = network.admin_rules.iter().map(|list| list.rules.len());
        let rules = effective.chain(written).chain(admin).sum::<usize>() + self.rules.len();
        let tables = network.route_tables.iter().map(|table| table.routes.len());
        let routes =
            network.effective_routes.iter().map(|list| list.routes.len()).chain(tables).sum::<usize>()
                + self.routes.len();
        if rules > MOST_RULES {
            Some("20,000 rules")
        } else if routes > MOST_RULES {
            Some("20,000 routes")
        } else {
            None
        }
    }

    /// Puts parts to their resources, and makes the documents of one resource one.
    ///
    /// # Errors
    /// Two documents of one resource that contradict each other.
    pub fn end(mut self) -> Result<Network, ReadError> {
        self.complete_ids();
        let network = &mut self.network;
        merge::resources(network)?;
        merge::rules(network, self.rules)?;
        merge::routes(network, self.routes)?;
        for (id, peering) in self.peerings {
            let known = network.virtual_networks.iter_mut().find(|one| one.id == id);
            if let Some(known) = known.filter(|one| one.peerings.iter().all(|it| it.name != peering.name)) {
                known.peerings.push(peering);
            }
        }
        for (id, kind) in self.links {
            let subnet = network.subnets.iter_mut().find(|subnet| subnet.id == id);
            if let Some(subnet) = subnet.filter(|subnet| !subnet.association_links.contains(&kind)) {
                subnet.association_links.push(kind);
            }
        }
        Ok(self.network)
    }

    fn complete_ids(&mut self) {
        let known = Known::new(&mut self.network);
        known.complete_all(&mut self.network);
        let parts = self.rules.iter_mut().map(|part| &mut part.0);
        let parts = parts.chain(self.routes.iter_mut().map(|part| &mut part.0));
        let parts = parts.chain(self.links.iter_mut().map(|part| &mut part.0));
        parts.chain(self.peerings.iter_mut().map(|part| &mut part.0)).for_each(|id| known.complete(id));
    }
}

/// Templates name a child `group/rule`.
fn last_segment(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

/// The id that a document says.
pub fn id_of(object: &Object<'_>) -> Option<ResourceId> {
    let id = ["id", "resourceId"].into_iter().find_map(|key| object.own(key)?.string())?;
    id.starts_with('/').then(|| ResourceId(id.into_owned()))
}

/// An id for a resource whose document has none.
fn made_up(kind: Kind, object: &Object<'_>) -> ResourceId {
    let name = object.text("name").unwrap_or_default();
    let of = match kind {
        Kind::SecurityGroup => "Microsoft.Network/networkSecurityGroups",
        Kind::RouteTable => "Microsoft.Network/routeTables",
        Kind::VirtualNetwork => "Microsoft.Network/virtualNetworks",
        Kind::Subnet => "Microsoft.Network/virtualNetworks/unknown/subnets",
        Kind::NetworkInterface => "Microsoft.Network/networkInterfaces",
        Kind::NatGateway => "Microsoft.Network/natGateways",
        Kind::PublicAddress => "Microsoft.Network/publicIPAddresses",
        Kind::Service => "Microsoft.ApiManagement/service",
        Kind::PrivateZone => "Microsoft.Network/privateDnsZones",
        _ => return ResourceId::default(),
    };
    if name.is_empty() { ResourceId::default() } else { ResourceId(format!("/providers/{of}/{name}")) }
}

/// The virtual network that a list of admin rules was asked of: `{vnetId}/listNetworkManager…`.
fn network_of(asked: &ResourceId) -> Option<ResourceId> {
    let (network, _) = asked.as_str().rsplit_once('/')?;
    network.to_ascii_lowercase().contains("/virtualnetworks/").then(|| ResourceId(network.to_owned()))
}
