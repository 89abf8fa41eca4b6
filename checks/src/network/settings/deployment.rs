//! What the instance's own document or template asks for and Azure refuses, or takes and does not bring up: a table with its
//! sources. What is a property of the subnet stands with the subnet.

use crate::network::choose::Chosen;
use crate::network::resource::Field;
use crate::network::{PublicAddress, Service};

use super::{Gravity, Reason, ReasonCode, Use};

const TIERS: &str = "https://learn.microsoft.com/azure/api-management/api-management-features";
const CONCEPTS: &str = "https://learn.microsoft.com/azure/api-management/virtual-network-concepts";
const RESOURCES: &str =
    "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources";
const PRIVATE_ENDPOINT: &str = "https://learn.microsoft.com/azure/api-management/private-endpoint";
const INJECT_V2: &str = "https://learn.microsoft.com/azure/api-management/inject-vnet-v2";
const INTEGRATE: &str = "https://learn.microsoft.com/azure/api-management/integrate-vnet-outbound";
const ZONES: &str = "https://learn.microsoft.com/azure/reliability/reliability-api-management";

/// What is wrong, as a clause about the instance, what to do, and the values that are there and that are needed.
struct Fault {
    says: String,
    step: String,
    has: Option<String>,
    needs: Option<String>,
}

impl Fault {
    fn new(says: impl Into<String>, step: impl Into<String>) -> Self {
        Self { says: says.into(), step: step.into(), has: None, needs: None }
    }

    /// The same with what is there.
    fn having(self, has: impl Into<String>) -> Self {
        Self { has: Some(has.into()), ..self }
    }

    /// The same with what is needed.
    fn needing(self, needs: impl Into<String>) -> Self {
        Self { needs: Some(needs.into()), ..self }
    }
}

/// One row of the table: finds what is wrong.
type Row = fn(&Case<'_>) -> Option<Fault>;

/// The table.
const TABLE: &[(ReasonCode, Row, &str)] = &[
    (ReasonCode::TierWithoutNetwork, tier_without_network, TIERS),
    (ReasonCode::SubnetWithoutMode, subnet_without_mode, CONCEPTS),
    (ReasonCode::ModeWithoutSubnet, mode_without_subnet, CONCEPTS),
    (ReasonCode::IntegrationWithPrivateAddress, integration_with_private_address, INTEGRATE),
    (ReasonCode::PrivateEndpointWhenInternal, private_endpoint_when_internal, PRIVATE_ENDPOINT),
    (ReasonCode::PublicAccessAtCreation, closed_at_creation, PRIVATE_ENDPOINT),
    (ReasonCode::PublicAccessWhenInjected, closed_when_injected, INJECT_V2),
    (ReasonCode::ZonesOutsidePremium, zones_outside_premium, ZONES),
    (ReasonCode::PublicAddressKind, public_address_of_wrong_kind, RESOURCES),
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
    let reason = |(code, row, source): &(ReasonCode, Row, &'static str)| {
        let fault = row(&case)?;
        let said = (format!("The instance {name} {}.", fault.says), fault.step);
        let reason = Reason::new(*code, Gravity::Error, said, source).at(Some(&service.place));
        Some(reason.values(fault.has, fault.needs))
    };
    Some(TABLE.iter().filter_map(reason).collect())
}

fn is(text: Option<&str>, word: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn tier_without_network(case: &Case<'_>) -> Option<Fault> {
    let sku = case.sku?;
    (case.used == Use::None && case.has_subnet).then(|| {
        Fault::new(
            format!("is {sku} and names a subnet, and this tier cannot join a virtual network"),
            "Choose Developer, Premium, Standard v2 or Premium v2, or remove the subnet.",
        )
        .having(sku)
        .needing("Developer, Premium, StandardV2 or PremiumV2")
    })
}

fn subnet_without_mode(case: &Case<'_>) -> Option<Fault> {
    let is_none = is(case.mode, "none") || (case.service.planned && case.service.vnet_type.is_absent());
    (is_none && case.has_subnet && case.used != Use::None).then(|| {
        Fault::new(
            "names a subnet and has virtualNetworkType None, so that it stays outside of the network",
            "Set virtualNetworkType to Internal or External.",
        )
        .having("None")
        .needing("Internal or External")
    })
}

fn mode_without_subnet(case: &Case<'_>) -> Option<Fault> {
    let mode = case.mode.filter(|mode| !mode.eq_ignore_ascii_case("none"))?;
    case.service.primary.subnet.is_absent().then(|| {
        Fault::new(
            format!("has virtualNetworkType {mode} and names no subnet"),
            "Name the subnet in virtualNetworkConfiguration.",
        )
        .having(mode)
    })
}

fn integration_with_private_address(case: &Case<'_>) -> Option<Fault> {
    let address = case.service.primary.private_addresses.first()?;
    (case.used == Use::Integrated).then(|| {
        Fault::new(
            format!("is integrated with its network for outbound calls and lists the private address {address}, which only injection has"),
            "Make a new Premium v2 instance with injection where clients must come in privately: the way cannot be changed later.",
        )
        .having(address.to_string())
    })
}

fn private_endpoint_when_internal(case: &Case<'_>) -> Option<Fault> {
    let endpoints = &case.service.private_endpoints;
    let is_injected = matches!(case.used, Use::Classic | Use::Injected) && is(case.mode, "internal");
    (is_injected && !endpoints.is_empty()).then(|| {
        let endpoints = endpoints.join(", ");
        Fault::new(
            format!("is injected in internal mode and has the private endpoint {endpoints}, which Azure does not support there"),
            "Remove the private endpoint: clients reach the instance by its private address.",
        )
        .having(endpoints)
    })
}

fn is_closed(case: &Case<'_>) -> bool {
    is(case.service.public_network_access.given().map(String::as_str), "disabled")
}

fn closed_at_creation(case: &Case<'_>) -> Option<Fault> {
    (case.service.planned && is_closed(case)).then(|| {
        Fault::new(
            "is created with publicNetworkAccess Disabled, which Azure refuses before a private endpoint is approved",
            "Create it with publicNetworkAccess Enabled, add the private endpoint, then disable it.",
        )
        .having("Disabled")
        .needing("Enabled")
    })
}

fn closed_when_injected(case: &Case<'_>) -> Option<Fault> {
    (case.used == Use::Injected && is_closed(case) && !case.service.planned).then(|| {
        Fault::new(
            "is injected and has publicNetworkAccess Disabled, which an injected instance does not support",
            "Leave publicNetworkAccess Enabled: an injected instance has no public endpoint.",
        )
        .having("Disabled")
        .needing("Enabled")
    })
}

fn zones_outside_premium(case: &Case<'_>) -> Option<Fault> {
    let sku = case.sku.filter(|sku| !sku.to_ascii_lowercase().starts_with("premium"))?;
    let zones = case.service.locations().find_map(|at| at.zones.given().filter(|zones| !zones.is_empty()))?;
    let zones = zones.join(", ");
    let says = format!("is {sku} and asks for zones ({zones}), which only Premium has");
    Some(Fault::new(says, "Remove the zones, or choose Premium.").having(zones))
}

fn public_address_of_wrong_kind(case: &Case<'_>) -> Option<Fault> {
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
    let says = format!("uses the public IP address {name}, which is {faults}");
    let step = "Use a public IP address that is Standard, static and IPv4.";
    Some(Fault::new(says, step).having(faults).needing("Standard, static and IPv4"))
}
