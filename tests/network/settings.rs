//! Settings: each reason with a network that has it, and its neighbour that has not.

use apim_probe_checks::catalogue::{Profile, VnetMode};
use apim_probe_checks::network::choose::{Chosen, Wish};
use apim_probe_checks::network::judge::Judge;
use apim_probe_checks::network::settings::{Gravity, Setting, SettingId, Surroundings, settings};
use apim_probe_checks::network::{
    Field, Location, Network, NetworkInterface, NextHop, PrivateZone, PublicAddress, RecordSet, ResourceId,
    Route, RouteTable, Routed, Service, ServiceHostname, ServiceLocation, Subnet, VirtualNetwork, ZoneLink,
};
use apim_probe_checks::portal::NetworkStatus;

const SUBSCRIPTION: &str = "/subscriptions/one/resourceGroups/net/providers";

pub(crate) fn id(path: &str) -> ResourceId {
    ResourceId(format!("{SUBSCRIPTION}/{path}"))
}

pub(crate) fn text(word: &str) -> Field<String> {
    Field::Given(word.to_owned())
}

fn vnet_id() -> ResourceId {
    id("Microsoft.Network/virtualNetworks/hub")
}

fn subnet_id() -> ResourceId {
    ResourceId(format!("{}/subnets/apim", vnet_id()))
}

/// A classic internal Premium instance with one unit in a fitting subnet.
fn good() -> Network {
    let group = id("Microsoft.Network/networkSecurityGroups/nsg");
    Network {
        subnets: vec![Subnet {
            id: subnet_id(),
            prefixes: Field::Given(vec!["10.1.1.0/28".parse().expect("a prefix")]),
            group: Field::Given(group.clone()),
            ..Subnet::default()
        }],
        groups: vec![apim_probe_checks::network::SecurityGroup { id: group, ..Default::default() }],
        virtual_networks: vec![VirtualNetwork {
            id: vnet_id(),
            location: Field::Given(Location::new("West Europe")),
            address_space: Field::Given(vec!["10.1.0.0/16".parse().expect("a prefix")]),
            ..VirtualNetwork::default()
        }],
        services: vec![Service {
            id: id("Microsoft.ApiManagement/service/shop"),
            sku: text("Premium"),
            vnet_type: text("Internal"),
            provisioning_state: text("Succeeded"),
            created: text("2026-01-01T00:00:00Z"),
            primary: ServiceLocation {
                location: Field::Given(Location::new("westeurope")),
                subnet: Field::Given(subnet_id()),
                units: Field::Given(1),
                ..ServiceLocation::default()
            },
            ..Service::default()
        }],
        ..Network::default()
    }
}

pub(crate) fn judged<'a>(network: &Network, adjust: impl Fn(&mut Surroundings<'a>)) -> Vec<Setting> {
    let chosen = Chosen::new(network, Wish::default()).expect("one subnet");
    static HOSTS: std::sync::LazyLock<[String; 1]> =
        std::sync::LazyLock::new(|| ["shop.azure-api.net".to_owned()]);
    let mut around = Surroundings {
        cloud: "public",
        profile: Profile::Classic,
        mode: VnetMode::Internal,
        machine_dns: &[],
        hosts: HOSTS.as_slice(),
        private_ip: "10.1.1.5".parse().ok(),
        is_management_failing: false,
        // 25 November 2026.
        now: std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_795_564_800),
    };
    adjust(&mut around);
    settings(&chosen, &Judge::new(&chosen, None), &around)
}

/// The reasons of one setting.
fn reasons(network: &Network, wanted: SettingId) -> Vec<String> {
    let setting = judged(network, |_| {}).into_iter().find(|setting| setting.id == wanted);
    let setting = setting.unwrap_or_else(|| panic!("{wanted} is not judged"));
    setting.reasons.into_iter().map(|reason| reason.says).collect()
}

/// Exactly one reason, which says this.
#[track_caller]
fn says(network: &Network, wanted: SettingId, part: &str) {
    let reasons = reasons(network, wanted);
    assert!(
        reasons.len() == 1 && reasons[0].contains(part),
        "expected one reason with `{part}`, got {reasons:?}"
    );
}

#[track_caller]
fn fits(network: &Network, wanted: SettingId) {
    assert_eq!(reasons(network, wanted), Vec::<String>::new());
}

pub(crate) fn with(change: impl Fn(&mut Network)) -> Network {
    let mut network = good();
    change(&mut network);
    network
}

#[test]
fn a_good_network_fits_in_every_setting() {
    for setting in judged(&good(), |_| {}) {
        assert!(!setting.fails(), "{setting:?}");
        assert_eq!(setting.gravity(), None, "{setting:?}");
    }
}

#[test]
fn a_setting_is_judged_only_where_its_document_was_given() {
    let only_group = Network { groups: good().groups, ..Network::default() };
    let ids: Vec<SettingId> = judged(&only_group, |_| {}).into_iter().map(|setting| setting.id).collect();
    assert_eq!(ids, [SettingId::Nsg]);
}

#[test]
fn the_size_that_units_and_mode_need() {
    let sized = |prefix: &str, units: u32, sku: &str, mode: &str| {
        with(|network| {
            network.subnets[0].prefixes = Field::Given(vec![prefix.parse().expect("a prefix")]);
            network.services[0].primary.units = Field::Given(units);
            network.services[0].sku = text(sku);
            network.services[0].vnet_type = text(mode);
        })
    };
    // Microsoft's own table for internal Premium: /29 1 unit, /28 5, /27 13.
    fits(&sized("10.1.1.0/29", 1, "Premium", "Internal"), SettingId::Subnet);
    says(
        &sized("10.1.1.0/29", 2, "Premium", "Internal"),
        SettingId::Subnet,
        "too small: 10.1.1.0/29 has 8 addresses",
    );
    fits(&sized("10.1.1.0/28", 5, "Premium", "Internal"), SettingId::Subnet);
    says(&sized("10.1.1.0/28", 6, "Premium", "Internal"), SettingId::Subnet, "too small");
    fits(&sized("10.1.1.0/27", 13, "Premium", "Internal"), SettingId::Subnet);
    fits(&sized("10.1.1.0/29", 1, "Developer", "Internal"), SettingId::Subnet);
    says(
        &sized("10.1.1.0/30", 1, "Developer", "External"),
        SettingId::Subnet,
        "has 4 addresses, and 1 unit needs 6",
    );
    let v2 = reasons(&sized("10.1.1.0/28", 1, "StandardV2", "External"), SettingId::Subnet);
    assert!(v2.len() == 2 && v2[1].contains("needs a /27"), "all reasons at once: {v2:?}");
}

/// What was typed counts where no document gives the mode: internal mode takes one address more.
#[test]
fn the_size_follows_the_mode_that_was_typed() {
    let network = with(|network| {
        network.subnets[0].prefixes = Field::Given(vec!["10.1.1.0/29".parse().expect("a prefix")]);
        network.services[0].vnet_type = Field::Absent;
        // 5, and one for each of Developer's units.
        network.services[0].sku = text("Developer");
        network.services[0].primary.units = Field::Given(3);
    });
    let needs = |mode| {
        let found = judged(&network, |around| around.mode = mode);
        let subnet = found.into_iter().find(|setting| setting.id == SettingId::Subnet).expect("judged");
        subnet.reasons.first().and_then(|reason| reason.needs.clone())
    };
    assert_eq!(needs(VnetMode::External), None);
    assert_eq!(needs(VnetMode::Internal).as_deref(), Some("9"));
}

#[test]
fn the_delegation_that_the_tier_needs() {
    let delegated = |sku: &str, mode: &str, service: Option<&str>| {
        with(|network| {
            network.subnets[0].prefixes = Field::Given(vec!["10.1.1.0/24".parse().expect("a prefix")]);
            network.subnets[0].delegations = service.map(|service| vec![service.to_owned()]).into();
            network.services[0].sku = text(sku);
            network.services[0].vnet_type = text(mode);
        })
    };
    let (farms, hosting) = ("Microsoft.Web/serverFarms", "Microsoft.Web/hostingEnvironments");
    says(&delegated("Premium", "Internal", Some(farms)), SettingId::Subnet, "must not be delegated");
    fits(&delegated("PremiumV2", "Internal", Some(hosting)), SettingId::Subnet);
    says(
        &delegated("PremiumV2", "Internal", Some(farms)),
        SettingId::Subnet,
        "this tier needs Microsoft.Web/hostingEnvironments",
    );
    fits(&delegated("PremiumV2", "External", Some("microsoft.web/serverfarms")), SettingId::Subnet);
    says(
        &delegated("StandardV2", "External", Some(hosting)),
        SettingId::Subnet,
        "this tier needs Microsoft.Web/serverFarms",
    );
    says(&delegated("StandardV2", "External", None), SettingId::Subnet, "is not delegated");
}

#[test]
fn neighbours_where_the_subnet_must_be_dedicated() {
    let nic = || vec![id("Microsoft.Network/networkInterfaces/vm-nic/ipConfigurations/one")];
    let shared = with(|network| network.subnets[0].ip_configurations = Field::Given(nic()));
    fits(&shared, SettingId::Subnet);
    let v2 = with(|network| {
        network.subnets[0].prefixes = Field::Given(vec!["10.1.1.0/24".parse().expect("a prefix")]);
        network.subnets[0].delegations = Field::Given(vec!["Microsoft.Web/serverFarms".into()]);
        network.subnets[0].ip_configurations = Field::Given(nic());
        network.services[0].sku = text("StandardV2");
        network.services[0].vnet_type = text("External");
    });
    says(&v2, SettingId::Subnet, "is used by others (vm-nic)");
}

#[test]
fn a_subnet_that_others_fill() {
    let taken = |count: usize| {
        let one = |at: usize| id(&format!("Microsoft.Network/networkInterfaces/n{at}/ipConfigurations/c"));
        with(|network| network.subnets[0].ip_configurations = Field::Given((0..count).map(one).collect()))
    };
    fits(&taken(10), SettingId::Subnet);
    says(&taken(11), SettingId::Subnet, "is full: 11 of its 11 usable addresses");
}

#[test]
fn another_region_or_subscription() {
    let elsewhere =
        with(|network| network.virtual_networks[0].location = Field::Given(Location::new("northeurope")));
    says(&elsewhere, SettingId::Subnet, "is in northeurope, and the instance is in westeurope");
    let foreign = with(|network| {
        network.services[0].id =
            ResourceId("/subscriptions/two/resourceGroups/g/providers/x/service/shop".into());
    });
    says(&foreign, SettingId::Subnet, "another subscription");
}

#[test]
fn a_subnet_without_a_group() {
    let bare = with(|network| network.subnets[0].group = Field::Absent);
    let bare = Network { groups: Vec::new(), ..bare };
    says(&bare, SettingId::Nsg, "has no network security group");
}

#[test]
fn what_azure_refuses_of_an_instance() {
    let changed = |change: &dyn Fn(&mut Service)| with(|network| change(&mut network.services[0]));
    let refuse =
        |part: &str, change: &dyn Fn(&mut Service)| says(&changed(change), SettingId::Deployment, part);
    refuse("is Basic and names a subnet", &|service| service.sku = text("Basic"));
    refuse("virtualNetworkType None", &|service| service.vnet_type = text("None"));
    refuse("names no subnet", &|service| service.primary.subnet = Field::Absent);
    refuse("the private endpoint pe", &|service| service.private_endpoints = vec!["pe".into()]);
    refuse("publicNetworkAccess Disabled, which Azure refuses", &|service| {
        service.planned = true;
        service.public_network_access = text("Disabled");
    });
    refuse("is injected and has publicNetworkAccess Disabled", &|service| {
        service.sku = text("PremiumV2");
        service.public_network_access = text("Disabled");
    });
    refuse("is Developer and asks for zones (1, 2)", &|service| {
        service.sku = text("Developer");
        service.primary.zones = Field::Given(vec!["1".into(), "2".into()]);
    });
    refuse("lists the private address 10.1.1.9", &|service| {
        service.sku = text("StandardV2");
        service.vnet_type = text("External");
        service.primary.private_addresses = vec!["10.1.1.9".parse().expect("an address")];
    });
    let zoned = changed(&|service| service.primary.zones = Field::Given(vec!["1".into()]));
    fits(&zoned, SettingId::Deployment);
}

#[test]
fn a_public_address_of_the_wrong_kind() {
    let of_kind = |sku: &str, allocation: &str| {
        with(|network| {
            let pip = id("Microsoft.Network/publicIPAddresses/pip");
            network.services[0].primary.public_address_id = Field::Given(pip.clone());
            let address = PublicAddress {
                id: pip,
                sku: text(sku),
                allocation: text(allocation),
                ..PublicAddress::default()
            };
            network.public_addresses = vec![address];
        })
    };
    fits(&of_kind("Standard", "Static"), SettingId::Deployment);
    says(&of_kind("Basic", "Dynamic"), SettingId::Deployment, "pip, which is Basic and dynamic");
}

#[test]
fn the_state_of_the_instance() {
    let gravity = |change: &dyn Fn(&mut Service)| {
        let network = with(|network| change(&mut network.services[0]));
        let found = judged(&network, |_| {}).into_iter().find(|setting| setting.id == SettingId::Instance);
        found.and_then(|setting| setting.gravity())
    };
    assert_eq!(gravity(&|service| service.provisioning_state = text("Failed")), Some(Gravity::Error));
    assert_eq!(gravity(&|service| service.provisioning_state = text("Activating")), Some(Gravity::Warning));
    assert_eq!(gravity(&|service| service.primary.platform_version = text("stv1")), Some(Gravity::Error));
    assert_eq!(gravity(&|service| service.primary.platform_version = text("stv2.1")), None);
    assert_eq!(gravity(&|service| service.created = text("2023-04-01T00:00:00Z")), Some(Gravity::Info));
    assert_eq!(gravity(&|service| service.created = text("2026-01-01T00:00:00Z")), None);
    // Of an instance whose age no document tells nobody knows that it never had the connectivity.
    assert_eq!(gravity(&|service| service.created = Field::Absent), Some(Gravity::Info));
    let off = "Microsoft.WindowsAzure.ApiManagement.Gateway.ManagedIdentity.DisableOverPrivilegedAccess";
    assert_eq!(
        gravity(&|service| {
            service.created = text("2023-04-01T00:00:00Z");
            service.custom_properties = vec![(off.to_owned(), "True".to_owned())];
        }),
        None
    );
    let managed = || ServiceHostname {
        kind: "Proxy".into(),
        name: "api.example.org".into(),
        certificate_source: text("Managed"),
        key_vault: None,
        expires: None,
    };
    assert_eq!(gravity(&|service| service.hostnames = vec![managed()]), Some(Gravity::Info));
    for (source, expires, expected) in [
        ("KeyVault", "2026-11-24", Some(Gravity::Warning)),
        ("Custom", "2026-11-25", Some(Gravity::Info)),
        ("Custom", "2026-12-25", Some(Gravity::Info)),
        ("Custom", "2026-12-26", None),
        ("BuiltIn", "2026-11-24", None),
    ] {
        let host = || ServiceHostname {
            certificate_source: text(source),
            expires: Some(expires.to_owned()),
            ..managed()
        };
        assert_eq!(gravity(&|service| service.hostnames = vec![host()]), expected, "{source} {expires}");
    }
}

#[test]
fn dns_servers_of_network_instance_and_machine() {
    let status = |servers: &[&str]| NetworkStatus {
        location: Some("West Europe".into()),
        dns_servers: servers.iter().map(|server| server.parse().unwrap()).collect(),
        entries: Vec::new(),
    };
    let custom = |network: &mut Network| {
        network.virtual_networks[0].dns_servers = Field::Given(vec![
            "10.1.0.4".parse().expect("an address"),
            "10.1.0.5".parse().expect("an address"),
        ]);
    };
    fits(&with(|network| network.network_status = vec![status(&["168.63.129.16"])]), SettingId::Dns);
    let stale = with(|network| {
        custom(network);
        network.network_status = vec![status(&["168.63.129.16"])];
    });
    says(&stale, SettingId::Dns, "the instance has not taken them over");
    let turned = with(|network| {
        custom(network);
        network.network_status = vec![status(&["10.1.0.5", "10.1.0.4"])];
    });
    fits(&turned, SettingId::Dns);
    let machine = ["10.9.9.9".parse().expect("an address")];
    let found = judged(&good(), |around| around.machine_dns = &machine);
    let dns = found.iter().find(|setting| setting.id == SettingId::Dns).expect("judged");
    assert_eq!(dns.reasons[0].gravity, Gravity::Info, "{dns:?}");
    assert!(!dns.fails() && dns.reasons[0].says.contains("This machine asks 10.9.9.9"), "{dns:?}");
}

/// An interface's own list comes before the network's, for the machine alone.
#[test]
fn dns_servers_of_an_interface_are_those_of_its_machine() {
    let ip = |text: &str| text.parse::<std::net::IpAddr>().expect("an address");
    let own = with(|network| {
        network.interfaces = vec![NetworkInterface {
            id: id("Microsoft.Network/networkInterfaces/nic-vm"),
            subnets: vec![subnet_id()],
            dns_servers: vec![ip("10.9.9.9")],
            ..NetworkInterface::default()
        }];
    });
    let says = |machine: &'static [std::net::IpAddr]| -> Vec<String> {
        let found = judged(&own, |around| around.machine_dns = machine);
        let dns = found.into_iter().find(|setting| setting.id == SettingId::Dns).expect("judged");
        assert!(dns.reasons.iter().all(|reason| reason.gravity == Gravity::Info) && !dns.fails());
        dns.reasons.into_iter().map(|reason| format!("{} {}", reason.says, reason.step)).collect()
    };
    const OWN: [std::net::IpAddr; 1] = [std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 9, 9, 9))];
    const AZURE: [std::net::IpAddr; 1] = [std::net::IpAddr::V4(std::net::Ipv4Addr::new(168, 63, 129, 16))];
    let [asked] = &says(&OWN)[..] else { panic!("one reason") };
    assert!(
        asked.contains("which its interface nic-vm names") && asked.contains("Remove the DNS servers"),
        "{asked}"
    );
    let [stale] = &says(&AZURE)[..] else { panic!("one reason") };
    assert!(stale.contains("its interface nic-vm names 10.9.9.9") && stale.contains("Renew"), "{stale}");
    assert_eq!(says(&[]), Vec::<String>::new());
}

#[test]
fn the_list_of_an_interface_is_what_azure_applied_else_its_own() {
    let read = |dns: &str| {
        let mut reader = apim_probe_checks::network::read::Reader::default();
        let document = format!(
            r#"{{"name": "nic", "id": "{}", "type": "Microsoft.Network/networkInterfaces", "properties": {{"ipConfigurations": [], "dnsSettings": {dns}}}}}"#,
            id("Microsoft.Network/networkInterfaces/nic")
        );
        reader.add("nic.json", document.into_bytes()).expect("an interface");
        let servers = reader.end().expect("a network").interfaces[0].dns_servers.clone();
        servers.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(read(r#"{"dnsServers": ["10.0.0.4"], "appliedDnsServers": []}"#), ["10.0.0.4"]);
    assert_eq!(
        read(r#"{"dnsServers": ["10.0.0.4"], "appliedDnsServers": ["10.0.0.4", "10.0.0.5"]}"#),
        ["10.0.0.4", "10.0.0.5"]
    );
    assert!(read(r#"{"dnsServers": [], "appliedDnsServers": []}"#).is_empty());
}

#[test]
fn zone_link_and_record_of_the_instance() {
    let zone_id = || id("Microsoft.Network/privateDnsZones/azure-api.net");
    let zone = |link: Option<ResourceId>, record: Option<(&str, &str)>| {
        with(|network| {
            network.zones = vec![PrivateZone { id: zone_id(), ..PrivateZone::default() }];
            network.zone_links = link
                .iter()
                .map(|to| ZoneLink {
                    id: ResourceId(format!("{}/virtualNetworkLinks/l", zone_id())),
                    virtual_network: Field::Given(to.clone()),
                    ..ZoneLink::default()
                })
                .collect();
            network.record_sets = record
                .iter()
                .map(|(name, address)| RecordSet {
                    id: ResourceId(format!("{}/A/{name}", zone_id())),
                    name: (*name).to_owned(),
                    kind: "A".into(),
                    addresses: vec![address.parse().expect("an address")],
                    ..RecordSet::default()
                })
                .collect();
        })
    };
    let host = "shop.azure-api.net";
    fits(&zone(Some(vnet_id()), Some((host, "10.1.1.5"))), SettingId::Dns);
    fits(&zone(None, None), SettingId::Dns);
    says(
        &zone(Some(id("x/virtualNetworks/other")), Some((host, "10.1.1.5"))),
        SettingId::Dns,
        "is not linked",
    );
    says(
        &zone(None, Some(("other.azure-api.net", "10.1.1.5"))),
        SettingId::Dns,
        "no record for shop.azure-api.net",
    );
    says(
        &zone(None, Some((host, "10.1.1.99"))),
        SettingId::Dns,
        "with 10.1.1.99, and the instance has 10.1.1.5",
    );
    fits(&zone(None, Some(("*.azure-api.net", "10.1.1.5"))), SettingId::Dns);
}

#[test]
fn the_route_back_to_the_control_plane() {
    let route = |name: &str, to: &str, hop: NextHop| Route {
        name: Some(name.to_owned()),
        destinations: vec![Routed::read(to)],
        next_hop: Field::Given(hop),
        ..Route::default()
    };
    let routed = |routes: Vec<Route>| {
        with(|network| {
            let table = id("Microsoft.Network/routeTables/rt");
            network.subnets[0].route_table = Field::Given(table.clone());
            network.route_tables =
                vec![RouteTable { id: table, routes: routes.clone(), ..RouteTable::default() }];
        })
    };
    let egress = || route("egress", "0.0.0.0/0", NextHop::Appliance);
    let tunnelled = routed(vec![egress()]);
    says(&tunnelled, SettingId::ManagementRoute, "The default route egress leads to an appliance");
    fits(
        &routed(vec![egress(), route("back", "ApiManagement", NextHop::Internet)]),
        SettingId::ManagementRoute,
    );
    fits(&routed(vec![route("out", "0.0.0.0/0", NextHop::Internet)]), SettingId::ManagementRoute);
    let gravity = |network: &Network, cloud: &'static str, failing: bool| {
        let found = judged(network, |around| {
            around.cloud = cloud;
            around.is_management_failing = failing;
        });
        found
            .into_iter()
            .find(|setting| setting.id == SettingId::ManagementRoute)
            .and_then(|setting| setting.gravity())
    };
    assert_eq!(gravity(&tunnelled, "public", false), Some(Gravity::Warning));
    assert_eq!(gravity(&tunnelled, "public", true), Some(Gravity::Error));
    assert_eq!(gravity(&tunnelled, "china", false), Some(Gravity::Info));
    let with_host = routed(vec![egress(), route("one", "139.217.0.1/32", NextHop::Internet)]);
    assert_eq!(gravity(&with_host, "china", false), None);
    assert_eq!(gravity(&with_host, "public", false), Some(Gravity::Warning));
}
