//! What the instance's own document or template asks for and Azure refuses, or takes and does not bring up: a table with its
//! sources. What is a property of the subnet stands with the subnet.

use crate::network::choose::Chosen;
use crate::network::resource::Field;
use crate::network::{PublicAddress, Service};

use super::{Cure, Gravity, Reason, Use};

const TIERS: &str = "https://learn.microsoft.com/azure/api-management/api-management-features";
const CONCEPTS: &str = "https://learn.microsoft.com/azure/api-management/virtual-network-concepts";
const RESOURCES: &str =
    "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources";
const PRIVATE_ENDPOINT: &str = "https://learn.microsoft.com/azure/api-management/private-endpoint";
const INJECT_V2: &str = "https://learn.microsoft.com/azure/api-management/inject-vnet-v2";
const INTEGRATE: &str = "https://learn.microsoft.com/azure/api-management/integrate-vnet-outbound";
const ZONES: &str = "https://learn.microsoft.com/azure/reliability/reliability-api-management";

/// One row of the table: what is wrong, as a clause about the instance, what to do, and who says so.
type Row = fn(&Case<'_>) -> Option<(String, String)>;

/// The table.
const TABLE: &[(Row, &str)] = &[
    (tier_without_network, TIERS),
    (subnet_without_mode, CONCEPTS),
    (mode_without_subnet, CONCEPTS),
    (integration_with_private_address, INTEGRATE),
    (private_endpoint_when_internal, PRIVATE_ENDPOINT),
    (closed_at_creation, PRIVATE_ENDPOINT),
    (closed_when_injected, INJECT_V2),
    (zones_outside_premium, ZONES),
    (public_address_of_wrong_kind, RESOURCES),
];

struct Case<'a> {
    service: &'a Service,
    sku: Option<&'a str>,
    mode: Option<&'a str>,
    used: Use,
    has_subnet: bool,
    addresses: Vec<&'a PublicAddress>,
}

/// What Azure refuses, or what comes up broken; `None` without a document of the instance.
pub(super) fn reasons(chosen: &Chosen<'_>, used: Use) -> Option<Vec<Reason>> {
    let service = chosen.service?;
    let own = |address: &&PublicAddress| {
        service.locations().any(|location| location.public_address_id.given() == Some(&address.id))
    };
    let case = Case {
        service,
        sku: service.sku.given().map(String::as_str),
        mode: service.vnet_type.given().map(String::as_str),
        used,
        has_subnet: matches!(service.primary.subnet, Field::Given(_)),
        addresses: chosen.network.public_addresses.iter().filter(own).collect(),
    };
    let name = service.id.name();
    let found = TABLE.iter().filter_map(|(row, source)| Some((row(&case)?, *source)));
    let reason = |((says, step), source): ((String, String), &'static str)| Reason {
        gravity: Gravity::Error,
        says: format!("The instance {name} {says}."),
        step,
        cure: Cure::Other,
        source: source.into(),
        place: Some(service.place.clone()),
    };
    Some(found.map(reason).collect())
}

fn is(text: Option<&str>, word: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn tier_without_network(case: &Case<'_>) -> Option<(String, String)> {
    let sku = case.sku?;
    (case.used == Use::None && case.has_subnet).then(|| {
        (
            format!("is {sku} and names a subnet, and this tier cannot join a virtual network"),
            "Choose Developer, Premium, Standard v2 or Premium v2, or remove the subnet.".to_owned(),
        )
    })
}

fn subnet_without_mode(case: &Case<'_>) -> Option<(String, String)> {
    let is_none = is(case.mode, "none") || (case.service.planned && case.service.vnet_type.is_absent());
    (is_none && case.has_subnet && case.used != Use::None).then(|| {
        (
            "names a subnet and has virtualNetworkType None, so that it stays outside of the network"
                .to_owned(),
            "Set virtualNetworkType to Internal or External.".to_owned(),
        )
    })
}

fn mode_without_subnet(case: &Case<'_>) -> Option<(String, String)> {
    let mode = case.mode.filter(|mode| !mode.eq_ignore_ascii_case("none"))?;
    case.service.primary.subnet.is_absent().then(|| {
        (
            format!("has virtualNetworkType {mode} and names no subnet"),
            "Name the subnet in virtualNetworkConfiguration.".to_owned(),
        )
    })
}

fn integration_with_private_address(case: &Case<'_>) -> Option<(String, String)> {
    let address = case.service.primary.private_addresses.first()?;
    (case.used == Use::Integrated).then(|| {
        (
            format!("is integrated with its network for outbound calls and lists the private address {address}, which only injection has"),
            "Make a new Premium v2 instance with injection where clients must come in privately: the way cannot be changed later.".to_owned(),
        )
    })
}

fn private_endpoint_when_internal(case: &Case<'_>) -> Option<(String, String)> {
    let endpoints = &case.service.private_endpoints;
    let is_injected = matches!(case.used, Use::Classic | Use::Injected) && is(case.mode, "internal");
    (is_injected && !endpoints.is_empty()).then(|| {
        (
            format!("is injected in internal mode and has the private endpoint {}, which Azure does not support there", endpoints.join(", ")),
            "Remove the private endpoint: clients reach the instance by its private address.".to_owned(),
        )
    })
}

fn is_closed(case: &Case<'_>) -> bool {
    is(case.service.public_network_access.given().map(String::as_str), "disabled")
}

fn closed_at_creation(case: &Case<'_>) -> Option<(String, String)> {
    (case.service.planned && is_closed(case)).then(|| {
        (
            "is created with publicNetworkAccess Disabled, which Azure refuses before a private endpoint is approved".to_owned(),
            "Create it with publicNetworkAccess Enabled, add the private endpoint, then disable it.".to_owned(),
        )
    })
}

fn closed_when_injected(case: &Case<'_>) -> Option<(String, String)> {
    (case.used == Use::Injected && is_closed(case) && !case.service.planned).then(|| {
        (
            "is injected and has publicNetworkAccess Disabled, which an injected instance does not support"
                .to_owned(),
            "Leave publicNetworkAccess Enabled: an injected instance has no public endpoint.".to_owned(),
        )
    })
}

fn zones_outside_premium(case: &Case<'_>) -> Option<(String, String)> {
    let sku = case.sku.filter(|sku| !sku.to_ascii_lowercase().starts_with("premium"))?;
    let zones = case.service.locations().find_map(|at| at.zones.given().filter(|zones| !zones.is_empty()))?;
    Some((
        format!("is {sku} and asks for zones ({}), which only Premium has", zones.join(", ")),
        "Remove the zones, or choose Premium.".to_owned(),
    ))
}

fn public_address_of_wrong_kind(case: &Case<'_>) -> Option<(String, String)> {
    let wrong = |address: &&PublicAddress| {
        let word = |field: &Field<String>, word: &str| is(field.given().map(String::as_str), word);
        let faults = [
            word(&address.sku, "basic").then_some("Basic"),
            word(&address.allocation, "dynamic").then_some("dynamic"),
            word(&address.version, "ipv6").then_some("IPv6"),
        ];
        let faults: Vec<&str> = faults.into_iter().flatten().collect();
        (!faults.is_empty()).then(|| (address.id.name().to_owned(), faults.join(" and ")))
    };
    let (name, faults) = case.addresses.iter().find_map(wrong)?;
    Some((
        format!("uses the public IP address {name}, which is {faults}"),
        "Use a public IP address that is Standard, static and IPv4.".to_owned(),
    ))
}
