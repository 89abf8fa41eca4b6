//! Reads private DNS zones, their links and their records.

use std::net::IpAddr;

use crate::network::read::json::Object;
use crate::network::read::notes::Notes;
use crate::network::{PrivateZone, RecordSet, ResourceId, ZoneLink};

/// A private DNS zone.
pub(super) fn zone<'a>(object: &Object<'a>, id: ResourceId, notes: &Notes<'a>) -> PrivateZone {
    PrivateZone { id, place: notes.place_of_object(object) }
}

/// A link of a zone to a virtual network.
pub(super) fn link<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> ZoneLink {
    let flat = object.get("virtualNetworkId").is_some();
    ZoneLink {
        id,
        place: notes.place_of_object(object),
        virtual_network: notes.id(object, if flat { "virtualNetworkId" } else { "virtualNetwork" }),
        state: notes.text(object, "virtualNetworkLinkState"),
        resolution_policy: notes.text(object, "resolutionPolicy"),
    }
}

/// A record set of a zone; `id` ends in the zone, the type and the relative name.
pub(super) fn record_set<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> RecordSet {
    let kind = kind_of(object, &id);
    let name = object.text("fqdn").map_or_else(|| full_name(object, &id), std::borrow::Cow::into_owned);
    let mut addresses = Vec::new();
    for (list, key) in
        [("aRecords", "ipv4Address"), ("aaaaRecords", "ipv6Address"), ("records", "ipv4Address")]
    {
        notes.each_object(object, list, |notes, one| {
            let read = notes.field(one, key, "an address", |node| node.string()?.parse::<IpAddr>().ok());
            addresses.extend(read.given().copied());
        });
    }
    let cname = object.object("cnameRecord").and_then(|record| record.text("cname"));
    RecordSet {
        id,
        place: notes.place_of_object(object),
        name: name.trim_end_matches('.').to_ascii_lowercase(),
        kind,
        addresses,
        cname: cname.map(|name| name.trim_end_matches('.').to_ascii_lowercase()),
    }
}

/// `A`, `AAAA` or `CNAME`: the last part of the type, else of the id the part before the name.
fn kind_of(object: &Object<'_>, id: &ResourceId) -> String {
    let written = object.own("type").and_then(|node| node.string());
    let of_type = written.as_deref().and_then(|written| written.rsplit('/').next());
    of_type.or_else(|| id.as_str().rsplit('/').nth(1)).unwrap_or_default().to_ascii_uppercase()
}

fn full_name(object: &Object<'_>, id: &ResourceId) -> String {
    let relative = object.text("name").unwrap_or_default();
    let relative = relative.rsplit('/').next().unwrap_or_default();
    let zone = id.segment("privateDnsZones").unwrap_or_default();
    if relative == "@" { zone.to_owned() } else { format!("{relative}.{zone}") }
}
