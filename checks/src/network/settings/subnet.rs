//! What is a property of the subnet: size, delegation, sharing, region, subscription.

use crate::catalogue::VnetMode;
use crate::network::choose::Chosen;
use crate::network::resource::{Field, ResourceId};
use crate::network::{Service, Subnet};

use super::{Gravity, Reason, ReasonCode, Use};

const CLASSIC: &str = "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources";
const INJECTED: &str = "https://learn.microsoft.com/azure/api-management/inject-vnet-v2";
const INTEGRATED: &str = "https://learn.microsoft.com/azure/api-management/integrate-vnet-outbound";
const WORKSPACE: &str =
    "https://learn.microsoft.com/azure/api-management/virtual-network-workspaces-resources";

/// Addresses of a subnet that Azure keeps for itself.
const RESERVED: u64 = 5;

/// The longest prefix of a subnet of v2 and workspace gateways.
const LONGEST_V2: u8 = 27;

/// Where the subnet does not fit; `None` without a document of it, or for a tier that knows no network.
pub(super) fn reasons(chosen: &Chosen<'_>, used: Use, mode: VnetMode) -> Option<Vec<Reason>> {
    let subnet = chosen.subnet?;
    if used == Use::None {
        return None;
    }
    let name = subnet.id.name();
    let reason = |fault: Fault| {
        let said = (format!("The subnet {name} {}.", fault.says), fault.step);
        Reason::new(fault.code, Gravity::Error, said, source(used))
            .at(Some(&subnet.place))
            .values(fault.has, fault.needs)
    };
    let found = [
        delegation(subnet, used),
        size(chosen, subnet, (used, mode)),
        full(subnet, used),
        neighbours(subnet, used),
        region(chosen, subnet),
        subscription(chosen.service, &subnet.id),
    ];
    Some(found.into_iter().flatten().map(reason).collect())
}

const fn source(used: Use) -> &'static str {
    match used {
        Use::Classic | Use::None => CLASSIC,
        Use::Injected => INJECTED,
        Use::Integrated => INTEGRATED,
        Use::Workspace(_) => WORKSPACE,
    }
}

/// What is wrong with the subnet.
struct Fault {
    code: ReasonCode,
    /// The rest of a sentence about the subnet.
    says: String,
    /// What to do.
    step: String,
    has: Option<String>,
    needs: Option<String>,
}

impl Fault {
    fn new(code: ReasonCode, says: String, step: impl Into<String>) -> Self {
        Self { code, says, step: step.into(), has: None, needs: None }
    }

    /// The same with what is there and what is needed.
    fn values(self, has: &impl ToString, needs: Option<String>) -> Self {
        Self { has: Some(has.to_string()), needs, ..self }
    }
}

fn delegation(subnet: &Subnet, used: Use) -> Option<Fault> {
    let delegated: &[String] = match &subnet.delegations {
        Field::Given(services) => services,
        Field::Absent => &[],
        Field::Unreadable => return None,
    };
    match (used.delegation(), delegated) {
        (None, []) => None,
        (None, services) => {
            let services = services.join(", ");
            let says =
                format!("is delegated to {services}, and the subnet of this tier must not be delegated");
            let step = "Remove the delegation, or choose a subnet without one.";
            Some(Fault::new(ReasonCode::DelegationPresent, says, step).values(&services, None))
        }
        (Some(needed), services) if services.iter().any(|service| service.eq_ignore_ascii_case(needed)) => {
            None
        }
        (Some(needed), []) => {
            let says = format!("is not delegated, and this tier needs a delegation to {needed}");
            let fault =
                Fault::new(ReasonCode::DelegationMissing, says, format!("Delegate the subnet to {needed}."));
            Some(Fault { needs: Some(needed.to_owned()), ..fault })
        }
        (Some(needed), services) => {
            let services = services.join(", ");
            let says = format!("is delegated to {services}, and this tier needs {needed}");
            let step = format!("Delegate the subnet to {needed} in place of {services}.");
            let fault = Fault::new(ReasonCode::DelegationMissing, says, step);
            Some(fault.values(&services, Some(needed.to_owned())))
        }
    }
}

fn size(chosen: &Chosen<'_>, subnet: &Subnet, (used, typed): (Use, VnetMode)) -> Option<Fault> {
    let prefixes = subnet.prefixes.given()?;
    let ipv4 = || prefixes.iter().filter(|prefix| prefix.addr().is_ipv4());
    let shown = || ipv4().map(ToString::to_string).collect::<Vec<String>>().join(", ");
    let widest = ipv4().map(ipnet::IpNet::prefix_len).min()?;
    if used != Use::Classic {
        return (widest > LONGEST_V2).then(|| {
            let says = format!("is too small: {}, and this tier needs a /27 or a larger one", shown());
            let step = "Choose a subnet of /27 or larger; /24 is recommended.";
            let fault = Fault::new(ReasonCode::SubnetTooSmall, says, step);
            fault.values(&format!("/{widest}"), Some(format!("/{LONGEST_V2}")))
        });
    }
    let units = chosen.location.and_then(|location| location.units.given()).copied().unwrap_or(1);
    let sku = chosen.service.and_then(|service| service.sku.given());
    let is_developer = sku.is_some_and(|sku| sku.eq_ignore_ascii_case("developer"));
    let mode = chosen.service.and_then(|service| service.vnet_type.given());
    let is_internal = mode.map_or(typed == VnetMode::Internal, |mode| mode.eq_ignore_ascii_case("internal"));
    let a_unit = if is_developer { 1 } else { 2 };
    let needed = RESERVED + u64::from(units) * a_unit + u64::from(is_internal);
    let has = addresses(subnet)?;
    (has < needed).then(|| {
        let verb = if units == 1 { "unit needs" } else { "units need" };
        let says = format!(
            "is too small: {} has {has} addresses, and {units} {verb} {needed} with the {RESERVED} that Azure keeps",
            shown()
        );
        let step = format!("Choose a subnet with at least {needed} addresses, or fewer units.");
        Fault::new(ReasonCode::SubnetTooSmall, says, step).values(&has, Some(needed.to_string()))
    })
}

/// IPv4 addresses of the subnet.
fn addresses(subnet: &Subnet) -> Option<u64> {
    let prefixes = subnet.prefixes.given()?;
    let ipv4 = prefixes.iter().filter(|prefix| prefix.addr().is_ipv4());
    Some(ipv4.map(|prefix| 1_u64 << (32 - u32::from(prefix.prefix_len()))).sum())
}

/// What others use counts only where it fills the subnet alone.
fn full(subnet: &Subnet, used: Use) -> Option<Fault> {
    let taken = u64::try_from(subnet.ip_configurations.given()?.len()).ok()?;
    let has = addresses(subnet)?;
    (used == Use::Classic && has > RESERVED && taken >= has - RESERVED).then(|| {
        let usable = has - RESERVED;
        let says = format!("is full: {taken} of its {usable} usable addresses are taken");
        let fault = Fault::new(ReasonCode::SubnetFull, says, "Free addresses, or choose a larger subnet.");
        fault.values(&taken, Some(format!("< {usable}")))
    })
}

/// v2 and workspace gateways share their subnet with nobody.
fn neighbours(subnet: &Subnet, used: Use) -> Option<Fault> {
    if used == Use::Classic {
        return None;
    }
    let machines = subnet.ip_configurations.given().map(Vec::as_slice).unwrap_or_default();
    let other = |id: &&ResourceId| {
        ["networkInterfaces", "loadBalancers", "applicationGateways"]
            .iter()
            .any(|kind| id.segment(kind).is_some())
    };
    let mut names: Vec<String> = machines.iter().filter(other).filter_map(owner).collect();
    names.extend(subnet.private_endpoints.iter().map(|id| id.name().to_owned()));
    let links = subnet.association_links.iter().chain(&subnet.navigation_links);
    names.extend(links.filter(|kind| !is_own_link(kind)).cloned());
    names.sort();
    names.dedup();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        let says = format!("is used by others ({names}), and this tier needs it for itself");
        let fault = Fault::new(ReasonCode::SubnetShared, says, "Give the instance a subnet of its own.");
        fault.values(&names, None)
    })
}

/// Links that the platform leaves for API Management itself.
fn is_own_link(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.starts_with("microsoft.web/") || kind.starts_with("microsoft.apimanagement/")
}

/// Name of the resource that an IP configuration belongs to.
fn owner(id: &ResourceId) -> Option<String> {
    id.parent().map(|resource| resource.name().to_owned())
}

fn region(chosen: &Chosen<'_>, subnet: &Subnet) -> Option<Fault> {
    let network = chosen.virtual_network?.location.given()?;
    let location = chosen.location.filter(|location| location.subnet.given() == Some(&subnet.id))?;
    let instance = location.location.given()?;
    (network != instance).then(|| {
        let says = format!("is in {network}, and the instance is in {instance}");
        let step = format!("Use a virtual network in {instance}.");
        Fault::new(ReasonCode::RegionDiffers, says, step).values(network, Some(instance.to_string()))
    })
}

fn subscription(service: Option<&Service>, subnet: &ResourceId) -> Option<Fault> {
    let instance = service?.id.segment("subscriptions")?;
    let network = subnet.segment("subscriptions")?;
    // Ids of subscriptions are no values to show.
    (!instance.eq_ignore_ascii_case(network)).then(|| {
        let says = "is in another subscription than the instance".to_owned();
        let step = "Use a virtual network in the instance's own subscription.";
        Fault::new(ReasonCode::SubscriptionDiffers, says, step)
    })
}
