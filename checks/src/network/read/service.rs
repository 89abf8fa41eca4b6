//! Reads an API Management service, as ARM, `az` and Azure PowerShell write it.

use std::net::IpAddr;

use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::network::{Field, ResourceId, Service, ServiceHostname, ServiceLocation};

/// An API Management service.
pub(super) fn service<'a>(object: &Object<'a>, id: ResourceId, notes: &mut Notes<'a>) -> Service {
    let mut additional = Vec::new();
    let mut missing = None;
    for key in ["additionalLocations", "additionalRegions"] {
        let part = notes.each_object(object, key, |notes, one| additional.push(location(one, notes)));
        missing = missing.or(part);
    }
    Service {
        id,
        place: notes.place_of_object(object),
        planned: false,
        sku: sku(object, notes),
        primary: location(object, notes),
        vnet_type: either(object, &["virtualNetworkType", "vpnType"], notes),
        additional,
        additional_missing: missing,
        hostnames: hostnames(object, notes),
        provisioning_state: notes.text(object, "provisioningState"),
        target_state: notes.text(object, "targetProvisioningState"),
        public_network_access: notes.text(object, "publicNetworkAccess"),
        private_endpoints: private_endpoints(object, notes),
        custom_properties: custom_properties(object),
        created: notes.text(object, "createdAtUtc"),
    }
}

fn either<'a>(object: &Object<'a>, keys: &[&str], notes: &mut Notes<'a>) -> Field<String> {
    let key = keys.iter().find(|key| object.get(key).is_some());
    key.map_or(Field::Absent, |key| notes.text(object, key))
}

/// `sku` is an object everywhere but in Azure PowerShell.
fn sku<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Field<String> {
    match object.object("sku") {
        Some(inner) => notes.text(&inner, "name"),
        None => notes.text(object, "sku"),
    }
}

fn location<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> ServiceLocation {
    let units = match object.object("sku") {
        Some(inner) => notes.number(&inner, "capacity"),
        None => notes.number(object, "capacity"),
    };
    let url = ["gatewayRegionalUrl", "runtimeRegionalUrl"].into_iter().find_map(|key| object.text(key));
    ServiceLocation {
        location: notes.location(object, "location"),
        units,
        subnet: subnet(object, notes),
        private_addresses: addresses(object, "privateIPAddresses"),
        public_addresses: addresses(object, "publicIPAddresses"),
        public_address_id: notes.id(object, "publicIpAddressId"),
        nat_gateway_state: notes.text(object, "natGatewayState"),
        platform_version: notes.text(object, "platformVersion"),
        zones: zones(object, notes),
        regional_host: url.as_deref().and_then(host_of).map(str::to_owned),
        gateway_disabled: notes.boolean(object, "disableGateway"),
    }
}

fn zones<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Field<Vec<String>> {
    notes.texts(object, &["zones", "zone"])
}

fn subnet<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Field<ResourceId> {
    let node = ["virtualNetworkConfiguration", "virtualNetwork"].into_iter().find_map(|key| object.get(key));
    let Some(node) = node else { return Field::Absent };
    match node.object() {
        Some(inner) => notes.id(&inner, "subnetResourceId"),
        None => {
            notes.expected(&node, "an object with subnetResourceId");
            Field::Unreadable
        }
    }
}

/// Addresses; documents for the public mask them, and a masked one says nothing.
fn addresses(object: &Object<'_>, key: &str) -> Vec<IpAddr> {
    let nodes = object.get(key);
    let texts = nodes.iter().flat_map(Node::list).filter_map(|node| node.string());
    texts.filter_map(|text| text.split('/').next()?.trim().parse().ok()).take(256).collect()
}

/// The host of a URL, or the text itself where it is none.
#[must_use]
pub(super) fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':', '?']).next().filter(|host| !host.is_empty())
}

/// Host names: one list in ARM, one key a kind in Azure PowerShell.
fn hostnames<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Vec<ServiceHostname> {
    const BY_KEY: [(&str, &str); 6] = [
        ("hostnameConfigurations", ""),
        ("proxyCustomHostnameConfiguration", "Proxy"),
        ("portalCustomHostnameConfiguration", "Portal"),
        ("developerPortalHostnameConfiguration", "DeveloperPortal"),
        ("managementCustomHostnameConfiguration", "Management"),
        ("scmCustomHostnameConfiguration", "Scm"),
    ];
    let mut found: Vec<ServiceHostname> = Vec::new();
    for (key, kind) in BY_KEY {
        notes.each_object(object, key, |notes, one| {
            let read = hostname(one, kind, notes);
            if !read.name.is_empty() && !found.contains(&read) {
                found.push(read);
            }
        });
    }
    found
}

fn hostname<'a>(object: &Object<'a>, kind: &str, notes: &mut Notes<'a>) -> ServiceHostname {
    let written = ["type", "hostnameType"].into_iter().find_map(|key| object.text(key));
    let name = ["hostName", "hostname"].into_iter().find_map(|key| object.text(key)).unwrap_or_default();
    ServiceHostname {
        kind: written.map_or_else(|| kind.to_owned(), std::borrow::Cow::into_owned),
        name: name.trim_end_matches('.').to_ascii_lowercase(),
        certificate_source: notes.text(object, "certificateSource"),
        key_vault: object.text("keyVaultId").map(std::borrow::Cow::into_owned),
        expires: object.object("certificate").and_then(|certificate| day(&certificate.text("expiry")?)),
    }
}

/// The day of a time of RFC 3339; `None` for a time in other words.
fn day(time: &str) -> Option<String> {
    let day = time.get(..10)?;
    humantime::parse_rfc3339(&format!("{day}T00:00:00Z")).ok()?;
    Some(day.to_owned())
}

fn private_endpoints<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Vec<String> {
    let mut names = Vec::new();
    notes.each_object(object, "privateEndpointConnections", |_, one| {
        names.push(one.text("name").unwrap_or_default().into_owned());
    });
    names
}

fn custom_properties(object: &Object<'_>) -> Vec<(String, String)> {
    let Some(properties) = object.object("customProperties") else { return Vec::new() };
    let texts =
        properties.members().filter_map(|(key, node)| Some((key.to_owned(), node.text()?.into_owned())));
    texts.take(256).collect()
}
