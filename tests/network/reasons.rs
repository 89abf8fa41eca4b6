//! The reasons of `subnet-unfit` and `deployment-unfit`, each with a network that has it: its word and its values.

use apim_probe_checks::network::settings::{ReasonCode, SettingId};
use apim_probe_checks::network::{Field, Location, Network, PublicAddress, ResourceId, Service, Subnet};

use crate::settings::{id, judged, text, with};

/// A network, which setting of it does not fit, and why: code, what is there, what is needed.
type Told = (Network, SettingId, ReasonCode, Option<&'static str>, Option<&'static str>);

fn told_of_subnets() -> Vec<Told> {
    use ReasonCode as Code;
    let (farms, hosting) = ("Microsoft.Web/serverFarms", "Microsoft.Web/hostingEnvironments");
    let classic = |change: &dyn Fn(&mut Subnet)| with(|network| change(&mut network.subnets[0]));
    let v2 = |change: &dyn Fn(&mut Subnet)| {
        with(|network| {
            network.subnets[0].prefixes = Field::Given(vec!["10.1.1.0/24".parse().expect("a prefix")]);
            network.subnets[0].delegations = Field::Given(vec![farms.into()]);
            network.services[0].sku = text("StandardV2");
            network.services[0].vnet_type = text("External");
            change(&mut network.subnets[0]);
        })
    };
    let prefix = |prefix: &str| Field::Given(vec![prefix.parse().expect("a prefix")]);
    let owned = |count: usize| {
        let one = |at: usize| id(&format!("Microsoft.Network/networkInterfaces/n{at}/ipConfigurations/c"));
        Field::Given((0..count).map(one).collect())
    };
    let elsewhere =
        with(|network| network.virtual_networks[0].location = Field::Given(Location::new("northeurope")));
    let foreign = with(|network| {
        network.services[0].id = ResourceId("/subscriptions/two/resourceGroups/g/x/shop".into());
    });
    let delegated = classic(&|subnet| subnet.delegations = Field::Given(vec![farms.into()]));
    let mut told = vec![
        (delegated, Code::DelegationPresent, Some(farms), None),
        (v2(&|it| it.delegations = Field::Absent), Code::DelegationMissing, None, Some(farms)),
        (
            v2(&|it| it.delegations = Field::Given(vec![hosting.into()])),
            Code::DelegationMissing,
            Some(hosting),
            Some(farms),
        ),
        (classic(&|it| it.prefixes = prefix("10.1.1.0/30")), Code::SubnetTooSmall, Some("4"), Some("8")),
        (v2(&|it| it.prefixes = prefix("10.1.1.0/28")), Code::SubnetTooSmall, Some("/28"), Some("/27")),
        (classic(&|it| it.ip_configurations = owned(11)), Code::SubnetFull, Some("11"), Some("< 11")),
        (v2(&|it| it.ip_configurations = owned(1)), Code::SubnetShared, Some("n0"), None),
    ];
    told.push((elsewhere, Code::RegionDiffers, Some("northeurope"), Some("westeurope")));
    told.push((foreign, Code::SubscriptionDiffers, None, None));
    told.into_iter()
        .map(|(network, code, has, needs)| (network, SettingId::Subnet, code, has, needs))
        .collect()
}

fn told_of_instances() -> Vec<Told> {
    use ReasonCode as Code;
    let of = |change: &dyn Fn(&mut Service)| with(|network| change(&mut network.services[0]));
    let basic = of(&|it| it.sku = text("Basic"));
    let outside = of(&|it| it.vnet_type = text("None"));
    let nowhere = of(&|it| it.primary.subnet = Field::Absent);
    let integrated = of(&|it| {
        it.sku = text("StandardV2");
        it.vnet_type = text("External");
        it.primary.private_addresses = vec!["10.1.1.9".parse().expect("an address")];
    });
    let private = of(&|it| it.private_endpoints = vec!["pe".into()]);
    let closed = of(&|it| {
        it.planned = true;
        it.public_network_access = text("Disabled");
    });
    let injected = of(&|it| {
        it.sku = text("PremiumV2");
        it.public_network_access = text("Disabled");
    });
    let zoned = of(&|it| {
        it.sku = text("Developer");
        it.primary.zones = Field::Given(vec!["1".into(), "2".into()]);
    });
    let address = with(|network| {
        let pip = id("Microsoft.Network/publicIPAddresses/pip");
        network.services[0].primary.public_address_id = Field::Given(pip.clone());
        network.public_addresses =
            vec![PublicAddress { id: pip, sku: text("Basic"), ..PublicAddress::default() }];
    });
    let tiers = "Developer, Premium, StandardV2 or PremiumV2";
    let told = [
        (basic, Code::TierWithoutNetwork, Some("Basic"), Some(tiers)),
        (outside, Code::SubnetWithoutMode, Some("None"), Some("Internal or External")),
        (nowhere, Code::ModeWithoutSubnet, Some("Internal"), None),
        (integrated, Code::IntegrationWithPrivateAddress, Some("10.1.1.9"), None),
        (private, Code::PrivateEndpointWhenInternal, Some("pe"), None),
        (closed, Code::PublicAccessAtCreation, Some("Disabled"), Some("Enabled")),
        (injected, Code::PublicAccessWhenInjected, Some("Disabled"), Some("Enabled")),
        (zoned, Code::ZonesOutsidePremium, Some("1, 2"), None),
        (address, Code::PublicAddressKind, Some("Basic"), Some("Standard, static and IPv4")),
    ];
    told.into_iter()
        .map(|(network, code, has, needs)| (network, SettingId::Deployment, code, has, needs))
        .collect()
}

/// Each reason has its word, and the values that are there and that are needed; the page of the finding lists the word.
#[test]
fn every_reason_of_subnet_and_deployment_has_its_code_and_values() {
    let pages = [
        (SettingId::Subnet, include_str!("../../docs/findings/subnet-unfit.md")),
        (SettingId::Deployment, include_str!("../../docs/findings/deployment-unfit.md")),
    ];
    for (network, id, code, has, needs) in told_of_subnets().into_iter().chain(told_of_instances()) {
        let found = judged(&network, |_| {}).into_iter().find(|setting| setting.id == id).expect("judged");
        let reason = found.reasons.iter().find(|reason| reason.code == code);
        let reason = reason.unwrap_or_else(|| panic!("expected {code}, got {found:?}"));
        assert_eq!((reason.has.as_deref(), reason.needs.as_deref()), (has, needs), "{code}");
        let page = pages.iter().find(|(of, _)| *of == id).map(|(_, page)| *page).expect("a page");
        assert!(page.contains(&format!("* `{code}`")), "the page of {id} says nothing of {code}");
    }
}
