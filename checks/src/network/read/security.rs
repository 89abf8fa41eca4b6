//! Reads security rules: of a group as written, as Azure applies them, and of a network manager.

use crate::network::read::json::{Node, Object};
use crate::network::read::notes::{MOST_COMPARED, Notes};
use crate::network::{
    Access, Address, AdminRules, Association, Criterion, EffectiveGroup, Field, Place, Ports, ResourceId,
    RuleProtocol, SecurityGroup, SecurityRule, Side, Way,
};

/// A group as written.
pub(super) fn group<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> SecurityGroup {
    let mut group = SecurityGroup { id, place: notes.place_of_object(object), ..SecurityGroup::default() };
    for key in ["securityRules", "defaultSecurityRules"] {
        let missing = notes.each_object(object, key, |notes, one| group.rules.push(rule(one, notes)));
        group.rules_missing = group.rules_missing.or(missing);
    }
    group.subnets = notes.ids(object, "subnets");
    group.interfaces = notes.ids(object, "networkInterfaces");
    group
}

/// What one object of effective rules holds.
#[derive(Default)]
pub(super) struct Effective {
    /// Rules of the subnet's or the interface's group.
    pub groups: Vec<EffectiveGroup>,
    /// Rules of a network manager.
    pub admin: Vec<AdminRules>,
}

/// An element of effective rules: one group with what it is attached to, or the old view of an interface.
pub(super) fn effective<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Effective {
    if let Some(view) = object.object("securityRuleAssociations") {
        return old_view(&view, notes);
    }
    let mut rules = Vec::new();
    let missing =
        notes.each_object(object, "effectiveSecurityRules", |notes, one| rules.push(rule(one, notes)));
    let association = object.object("association").map(|it| association(&it, notes)).unwrap_or_default();
    let place = notes.place_of_object(object);
    let alone = association.subnet.is_none() && association.interface.is_none();
    if association.manager.is_some() && alone {
        let admin = AdminRules { place, virtual_network: None, rules, rules_missing: missing };
        return Effective { admin: vec![admin], ..Effective::default() };
    }
    let id = notes.id(object, "networkSecurityGroup").given().cloned();
    let group = EffectiveGroup { id, place, association, rules, rules_missing: missing };
    Effective { groups: vec![group], ..Effective::default() }
}

fn association<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Association {
    let mut id = |key| notes.id(object, key).given().cloned();
    Association { subnet: id("subnet"), interface: id("networkInterface"), manager: id("networkManager") }
}

/// The security group view of 2017: rules by what they are attached to, and default rules of both.
fn old_view<'a>(view: &Object<'a>, notes: &mut Notes<'a>) -> Effective {
    let mut groups = Vec::new();
    for (key, is_subnet) in [("subnetAssociation", true), ("networkInterfaceAssociation", false)] {
        let Some(part) = view.object(key) else { continue };
        let mut rules = Vec::new();
        let mut add = |from: &Object<'a>, key: &str, notes: &mut Notes<'a>| {
            notes.each_object(from, key, |notes, one| rules.push(rule(one, notes)))
        };
        let written = add(&part, "securityRules", notes);
        let missing = written.or(add(view, "defaultSecurityRules", notes));
        let id = notes.id(view, key).given().cloned();
        let association = if is_subnet {
            Association { subnet: id, ..Association::default() }
        } else {
            Association { interface: id, ..Association::default() }
        };
        let place = notes.place_of_object(&part);
        groups.push(EffectiveGroup { id: None, place, association, rules, rules_missing: missing });
    }
    Effective { groups, ..Effective::default() }
}

/// Admin rules that Azure lists for a virtual network.
pub(super) fn admin_rule<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> SecurityRule {
    let id = object.own("id").and_then(|id| id.string()).map(|id| ResourceId(id.into_owned()));
    let of_id = |kind| id.as_ref().and_then(|id| id.segment(kind)).map(str::to_owned);
    SecurityRule {
        name: object
            .text("name")
            .map(|name| bare_name(&name).to_owned())
            .or_else(|| of_id("rules"))
            .unwrap_or_default(),
        collection: of_id("ruleCollections"),
        ..rule(object, notes)
    }
}

/// A rule of any dialect.
pub(super) fn rule<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> SecurityRule {
    let name = object.text("name").unwrap_or_default();
    let rule = SecurityRule {
        name: bare_name(&name).to_owned(),
        collection: None,
        place: notes.place_of_object(object),
        direction: notes.field(object, "direction", "Inbound or Outbound", direction),
        access: notes.field(object, "access", "Allow or Deny", access),
        priority: notes.number(object, "priority"),
        protocol: notes.field(object, "protocol", "a protocol", |node| RuleProtocol::read(&node.text()?)),
        protocol_written: object.text("protocol").unwrap_or_default().into_owned(),
        source: side(object, notes, &SOURCE),
        destination: side(object, notes, &DESTINATION),
    };
    let is_open = |side: &Side| side.addresses.is_empty() && side.application_groups.is_empty();
    let lacks = [
        ("direction", rule.direction.is_absent()),
        ("access", rule.access.is_absent()),
        ("priority", rule.priority.is_absent()),
        ("protocol", rule.protocol.is_absent()),
        ("source", is_open(&rule.source)),
        ("source port", rule.source.ports.is_empty()),
        ("destination", is_open(&rule.destination)),
        ("destination port", rule.destination.ports.is_empty()),
    ];
    let lacks: Vec<&str> = lacks.iter().filter(|(_, lacks)| *lacks).map(|(what, _)| *what).collect();
    // A rule for ICMP has no ports.
    if !lacks.is_empty() && rule.protocol != Field::Given(RuleProtocol::Other) {
        notes.pass_object(object, format!("the rule has no {}", lacks.join(", no ")));
    }
    rule
}

/// The name without what Azure puts before it, which differs from answer to answer.
#[must_use]
pub(super) fn bare_name(name: &str) -> &str {
    let prefixes = ["securityRules/", "defaultSecurityRules/", "UserRule_", "DefaultRule_"];
    prefixes.into_iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

fn direction(node: &Node<'_>) -> Option<Way> {
    Way::parse(&node.string()?.to_ascii_lowercase())
}

fn access(node: &Node<'_>) -> Option<Access> {
    let word = node.string()?;
    Access::ALL.iter().copied().find(|access| access.as_str().eq_ignore_ascii_case(&word))
}

/// Keys of one side of a rule, in all dialects.
struct Keys {
    addresses: [&'static str; 2],
    expanded: [&'static str; 2],
    ports: [&'static str; 2],
    groups: [&'static str; 2],
    admin: &'static str,
}

const SOURCE: Keys = Keys {
    addresses: ["sourceAddressPrefix", "sourceAddressPrefixes"],
    expanded: ["expandedSourceAddressPrefix", "expandedSourceAddressPrefixes"],
    ports: ["sourcePortRange", "sourcePortRanges"],
    groups: ["sourceApplicationSecurityGroups", "source_application_security_group_ids"],
    admin: "sources",
};

const DESTINATION: Keys = Keys {
    addresses: ["destinationAddressPrefix", "destinationAddressPrefixes"],
    expanded: ["expandedDestinationAddressPrefix", "expandedDestinationAddressPrefixes"],
    ports: ["destinationPortRange", "destinationPortRanges"],
    groups: ["destinationApplicationSecurityGroups", "destination_application_security_group_ids"],
    admin: "destinations",
};

fn side<'a>(object: &Object<'a>, notes: &mut Notes<'a>, keys: &Keys) -> Side {
    let mut addresses = Vec::<Criterion>::new();
    let mut add = |text: &str| {
        let criterion = Criterion::read(text);
        let is_read = criterion.address != Address::Unreadable;
        // Azure prints singular and plural keys with the same content.
        if addresses.len() > MOST_COMPARED || !addresses.contains(&criterion) {
            addresses.push(criterion);
        }
        is_read
    };
    let what = "a prefix or a service tag";
    let mut missing = notes.each_text(object, &keys.addresses, what, &mut add);
    let admin = notes.each_object(object, keys.admin, |notes, one| {
        let part = notes.each_text(one, &["addressPrefix"], what, &mut add);
        missing = missing.take().or(part);
    });
    note_unread(&mut addresses, missing.or(admin).as_ref());
    addresses.shrink_to_fit();
    Side {
        addresses,
        expanded: expanded(object, notes, keys),
        application_groups: keys.groups.iter().flat_map(|key| notes.ids(object, key)).collect(),
        ports: ports(object, notes, keys),
    }
}

/// What was there and is no text at all covers nobody knows what, like an address that cannot be read.
fn note_unread(addresses: &mut Vec<Criterion>, missing: Option<&Place>) {
    let is_noted = addresses.iter().any(|one| one.address == Address::Unreadable);
    if missing.is_some() && !is_noted {
        addresses.push(Criterion::unreadable());
    }
}

fn expanded<'a>(object: &Object<'a>, notes: &mut Notes<'a>, keys: &Keys) -> Option<Vec<ipnet::IpNet>> {
    match notes.prefixes(object, &keys.expanded) {
        Field::Given(mut prefixes) => {
            prefixes.shrink_to_fit();
            Some(prefixes)
        }
        Field::Absent | Field::Unreadable => None,
    }
}

fn ports<'a>(object: &Object<'a>, notes: &mut Notes<'a>, keys: &Keys) -> Vec<Ports> {
    let mut ports = Vec::<Ports>::new();
    let missing = notes.each_text(object, &keys.ports, "a port or a range", |text| {
        let read = Ports::read(text);
        let is_read = read.range.is_some();
        if ports.len() > MOST_COMPARED || !ports.contains(&read) {
            ports.push(read);
        }
        is_read
    });
    if missing.is_some() && ports.iter().all(|one| one.range.is_some()) {
        ports.push(Ports { written: String::new(), range: None });
    }
    ports.shrink_to_fit();
    ports
}
