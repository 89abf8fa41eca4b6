//! Documents of every kind and dialect, each read for what it says.

use std::fs;
use std::path::{Path, PathBuf};

use apim_probe_checks::network::assume::Assumption;
use apim_probe_checks::network::choose::{Chosen, Group, Wish};
use apim_probe_checks::network::gateway::Exempt;
use apim_probe_checks::network::read::{ReadError, Reader};
use apim_probe_checks::network::{
    Access, Address, DocumentKind as Kind, Field, Network, NextHop, RouteSource, RouteState, Routed,
    SecurityRule, Way,
};

/// The file of this name among the documents.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/network/documents")).join(name)
}

/// Everything that these documents say together.
#[track_caller]
pub(crate) fn read(names: &[&str]) -> Network {
    try_read(names).unwrap_or_else(|error| panic!("{error}"))
}

/// The same where it may fail.
pub(crate) fn try_read(names: &[&str]) -> Result<Network, ReadError> {
    let mut reader = Reader::default();
    for name in names {
        reader.add(name, fs::read(file(name)).unwrap_or_else(|error| panic!("{name}: {error}")))?;
    }
    reader.end()
}

/// What a text says as a document.
pub(crate) fn text(text: &str) -> Result<Network, ReadError> {
    let mut reader = Reader::default();
    reader.add("-", text.as_bytes().to_vec())?;
    reader.end()
}

const KINDS: &[(&str, &[Kind])] = &[
    ("admin-rules.rest.json", &[Kind::AdminRules]),
    ("apim.az.json", &[Kind::Service]),
    ("apim.powershell.json", &[Kind::Service]),
    ("apim.rest.json", &[Kind::Service]),
    ("application-gateway.rest.json", &[Kind::ApplicationGateway]),
    ("backend-health.az.json", &[Kind::BackendHealth]),
    (
        "bundle.json",
        &[
            Kind::Subnet,
            Kind::VirtualNetwork,
            Kind::EffectiveSecurityRules,
            Kind::AdminRules,
            Kind::Service,
            Kind::NetworkStatus,
            Kind::ControlPlane,
        ],
    ),
    ("connection-troubleshoot.rest.json", &[Kind::Verdict]),
    ("effective-routes.powershell.json", &[Kind::EffectiveRoutes]),
    ("effective-routes.rest.json", &[Kind::EffectiveRoutes]),
    ("effective-rules.az-old.json", &[Kind::EffectiveSecurityRules]),
    ("effective-rules.bare.json", &[Kind::EffectiveSecurityRules]),
    ("effective-rules.none.json", &[Kind::EffectiveSecurityRules]),
    ("effective-rules.powershell.json", &[Kind::EffectiveSecurityRules]),
    ("effective-rules.rest.json", &[Kind::EffectiveSecurityRules; 3]),
    ("effective-rules.view-2017.json", &[Kind::EffectiveSecurityRules]),
    ("error.rest.json", &[Kind::Error]),
    ("firewall-rules.rest.json", &[Kind::FirewallRules]),
    ("nat-gateway.rest.json", &[Kind::NatGateway]),
    ("network-status.location.json", &[Kind::NetworkStatus]),
    ("network-status.rest.json", &[Kind::NetworkStatus]),
    ("nic.rest.json", &[Kind::NetworkInterface]),
    ("nsg-rules.az.json", &[Kind::SecurityGroup]),
    ("nsg.az.json", &[Kind::SecurityGroup]),
    ("nsg.powershell-cut.json", &[Kind::SecurityGroup]),
    ("nsg.powershell-generic.json", &[Kind::SecurityGroup]),
    ("nsg.powershell.json", &[Kind::SecurityGroup]),
    ("nsg.rest.json", &[Kind::SecurityGroup]),
    ("outbound-dependencies.rest.json", &[Kind::OutboundDependencies]),
    ("private-dns-link.rest.json", &[Kind::ZoneLink]),
    ("private-dns-records.rest.json", &[Kind::RecordSet; 2]),
    ("private-dns-zone.rest.json", &[Kind::PrivateZone]),
    ("public-ip.rest.json", &[Kind::PublicAddress]),
    ("resources.graph.json", &[Kind::SecurityGroup, Kind::RouteTable]),
    ("route-table.az.json", &[Kind::RouteTable]),
    ("route-table.rest.json", &[Kind::RouteTable]),
    ("service-tags.api.json", &[Kind::ServiceTags]),
    ("service-tags.weekly.json", &[Kind::ServiceTags]),
    ("subnet.rest.json", &[Kind::Subnet]),
    ("subnets.az.json", &[Kind::Subnet]),
    ("virtual-machine.rest.json", &[Kind::VirtualMachine]),
    ("vnet.powershell.json", &[Kind::VirtualNetwork]),
    ("vnet.rest.json", &[Kind::VirtualNetwork]),
];

#[test]
fn the_kind_of_every_document_is_told_by_its_shape() {
    for (name, kinds) in KINDS {
        let found: Vec<Kind> = read(&[name]).documents.iter().map(|document| document.kind).collect();
        assert_eq!(found, *kinds, "{name}");
    }
    let tested: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    let files = fs::read_dir(file("")).unwrap().filter_map(Result::ok);
    for name in files.map(|entry| entry.file_name().to_string_lossy().into_owned()) {
        let elsewhere = name.starts_with("template.") || name.starts_with("terraform.");
        assert!(elsewhere || tested.contains(&name.as_str()), "{name} is not tested");
    }
}

/// A rule in a line: what the dialects must agree on.
fn line(rule: &SecurityRule) -> String {
    let addresses = |side: &apim_probe_checks::network::Side| {
        side.addresses
            .iter()
            .map(|one| one.to_string().replace("0.0.0.0/0", "*"))
            .collect::<Vec<_>>()
            .join("+")
    };
    let ports: Vec<String> = rule
        .destination
        .ports
        .iter()
        .filter_map(|ports| ports.range)
        .map(|range| range.to_string())
        .collect();
    format!(
        "{} {} {} {} {} {}>{}:{}",
        rule.priority.given().expect("readable"),
        rule.name,
        rule.direction.given().expect("readable"),
        rule.access.given().expect("readable"),
        rule.protocol.given().expect("readable"),
        addresses(&rule.source),
        addresses(&rule.destination),
        ports.join("+"),
    )
}

const RULES: [&str; 3] = [
    "100 AllowManagement inbound Allow Tcp ApiManagement>VirtualNetwork:3443",
    "200 AllowStores outbound Allow Tcp VirtualNetwork>Storage:443+445",
    "300 DenyInternet outbound Deny * *>Internet:0-65535",
];

#[test]
fn every_dialect_of_a_security_group_says_the_same() {
    for name in [
        "nsg.rest.json",
        "nsg.az.json",
        "nsg.powershell.json",
        "nsg.powershell-generic.json",
        "nsg-rules.az.json",
    ] {
        let network = read(&[name]);
        let [group] = network.groups.as_slice() else { panic!("{name}: {:?}", network.groups) };
        assert_eq!(group.id.name(), "nsg-apim", "{name}");
        let written = group.rules.iter().filter(|rule| rule.priority.given() < Some(&65_000));
        assert_eq!(written.map(line).collect::<Vec<_>>(), RULES, "{name}");
        assert!(group.rules_missing.is_none() && network.passed_over.is_empty(), "{name}: {network:?}");
    }
    let subnets = |name| read(&[name]).groups[0].subnets.clone();
    assert_eq!(subnets("nsg.rest.json"), subnets("nsg.powershell.json"));
    assert_eq!(subnets("nsg.rest.json"), subnets("nsg.az.json"));
}

#[test]
fn every_dialect_of_effective_rules_says_the_same() {
    for name in [
        "effective-rules.rest.json",
        "effective-rules.az-old.json",
        "effective-rules.bare.json",
        "effective-rules.powershell.json",
    ] {
        let network = read(&[name]);
        let groups = network.effective_groups.unwrap();
        assert_eq!(groups[0].rules.iter().map(line).collect::<Vec<_>>(), RULES, "{name}");
        let expanded = groups[0].rules[1].destination.expanded.as_ref().unwrap();
        assert_eq!(expanded.len(), 2, "{name}");
        assert_eq!(groups[0].rules[0].destination.expanded, None, "{name}");
        assert_eq!(groups[0].association.subnet.is_none(), name.contains("bare"), "{name}");
    }
}

#[test]
fn elements_of_effective_rules_are_told_apart_by_what_they_are_attached_to() {
    let network = read(&["effective-rules.rest.json"]);
    let groups = network.effective_groups.unwrap();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[1].association.interface.as_ref().unwrap().name(), "nic-probe");
    assert_eq!(network.admin_rules[0].rules[0].name, "DenyInternet");
    assert_eq!(read(&["effective-rules.none.json"]).effective_groups, Some(Vec::new()));
    let view = read(&["effective-rules.view-2017.json"]).effective_groups.unwrap();
    assert_eq!(
        view.iter().map(|group| group.association.subnet.is_some()).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn a_group_that_powershell_cut_off_has_rules_that_nobody_saw() {
    let network = read(&["nsg.powershell-cut.json"]);
    assert!(network.groups[0].rules_missing.is_some());
    assert!(network.groups[0].rules.is_empty());
    let [first, ..] = network.passed_over.as_slice() else { panic!() };
    assert_eq!(first.place.pointer, "/SecurityRules/0");
    assert_eq!(first.place.line, Some(3));
    assert!(first.reason.contains("-Depth 20"), "{}", first.reason);
}

#[test]
fn routes_are_read_as_written_and_as_applied() {
    for name in ["effective-routes.rest.json", "effective-routes.powershell.json"] {
        let network = read(&[name]);
        let routes = &network.effective_routes[0].routes;
        let sources: Vec<_> = routes.iter().map(|route| *route.source.given().unwrap()).collect();
        let expected = [
            RouteSource::System,
            RouteSource::System,
            RouteSource::User,
            RouteSource::System,
            RouteSource::Bgp,
        ];
        assert_eq!(sources, expected, "{name}");
        assert_eq!(routes[1].state, Field::Given(RouteState::Invalid), "{name}");
        assert_eq!(routes[2].next_hop, Field::Given(NextHop::Appliance), "{name}");
        assert_eq!(routes[2].addresses.len(), 1, "{name}");
        assert_eq!(routes[3].destinations.len(), 2, "{name}");
        assert!(network.effective_routes[0].routes_missing.is_none(), "{name}");
    }
    for name in ["route-table.rest.json", "route-table.az.json"] {
        let table = read(&[name]).route_tables.remove(0);
        assert_eq!(table.disable_bgp_propagation, Field::Given(true), "{name}");
        assert_eq!(table.routes[1].destinations, [Routed::Tag("ApiManagement".into())], "{name}");
        assert_eq!(table.routes[1].name.as_deref(), Some("management"), "{name}");
    }
}

#[test]
fn a_list_with_another_page_is_not_whole() {
    let text_of = |name| fs::read_to_string(file(name)).unwrap();
    let admin = text_of("admin-rules.rest.json").replace("\"skipToken\": \"\"", "\"skipToken\": \"more\"");
    assert!(text(&admin).unwrap().admin_rules[0].rules_missing.is_some());
    assert!(read(&["admin-rules.rest.json"]).admin_rules[0].rules_missing.is_none());
    let routes =
        text_of("effective-routes.rest.json").replace("null", "\"https://management.azure.com/next\"");
    assert!(text(&routes).unwrap().effective_routes[0].routes_missing.is_some());
}

#[test]
fn subnets_and_networks_say_what_hangs_on_them() {
    for name in ["subnet.rest.json", "subnets.az.json", "vnet.rest.json"] {
        let subnet = read(&[name]).subnets.remove(0);
        assert_eq!(subnet.prefixes.given().unwrap()[0].to_string(), "10.40.1.0/27", "{name}");
        assert_eq!(subnet.group.given().unwrap().name(), "nsg-apim", "{name}");
        assert_eq!(subnet.route_table.given().unwrap().name(), "rt-apim", "{name}");
        assert_eq!(subnet.nat_gateway.given().unwrap().name(), "nat-lab", "{name}");
        assert_eq!(subnet.service_endpoints[0].locations, ["westeurope", "northeurope"], "{name}");
        assert_eq!(subnet.delegations.given().unwrap(), &["Microsoft.Web/serverFarms"], "{name}");
        assert_eq!(subnet.default_outbound_access, Field::Given(false), "{name}");
        assert_eq!(subnet.ip_configurations.given().unwrap().len(), 1, "{name}");
    }
    for name in ["vnet.rest.json", "vnet.powershell.json"] {
        let network = read(&[name]).virtual_networks.remove(0);
        assert_eq!(network.dns_servers.given().unwrap().len(), 2, "{name}");
        assert_eq!(network.address_space.given().unwrap()[0].to_string(), "10.40.0.0/16", "{name}");
        assert_eq!(network.location.given().unwrap().id(), "westeurope", "{name}");
    }
    let peering = read(&["vnet.rest.json"]).virtual_networks.remove(0).peerings.remove(0);
    assert_eq!(peering.remote_space[0].to_string(), "10.50.0.0/16");
    assert_eq!(read(&["vnet.rest.json"]).subnets.len(), 2);
}

#[test]
fn the_service_is_read_in_each_dialect() {
    let service = |name| read(&[name]).services.remove(0);
    for name in ["apim.rest.json", "apim.az.json", "apim.powershell.json"] {
        let service = service(name);
        assert_eq!(service.id.name(), "contoso-lab", "{name}");
        assert_eq!(service.primary.subnet.given().unwrap().name(), "snet-apim", "{name}");
        assert_eq!(service.primary.location.given().unwrap().id(), "westeurope", "{name}");
        assert_eq!(service.primary.public_addresses.len(), 1, "{name}");
        assert!(service.primary.units.given().is_some(), "{name}");
        assert!(!service.planned, "{name}");
    }
    let rest = service("apim.rest.json");
    assert_eq!(rest.sku, Field::Given("Premium".into()));
    assert_eq!(rest.vnet_type, Field::Given("Internal".into()));
    assert_eq!(service("apim.powershell.json").vnet_type, rest.vnet_type);
    assert_eq!(service("apim.powershell.json").sku, rest.sku);
    assert_eq!(rest.hostnames[1].name, "api.contoso.example");
    assert_eq!(service("apim.powershell.json").hostnames[0].kind, "Proxy");
    // Masked addresses say nothing.
    assert!(rest.additional[0].private_addresses.is_empty());
    assert_eq!(
        rest.primary.regional_host.as_deref(),
        Some("contoso-lab-westeurope-01.regional.azure-api.net")
    );
    assert_eq!(rest.custom_properties, [("Example.Property".into(), "True".into())]);
}

#[test]
fn what_the_instance_says_of_its_connections_is_kept() {
    for name in ["network-status.rest.json", "network-status.location.json"] {
        let status = read(&[name]).network_status.remove(0);
        assert_eq!(status.entries[0].name, "labstore1.blob.core.windows.net", "{name}");
    }
    let hosts = read(&["outbound-dependencies.rest.json"]).dependencies;
    let hosts: Vec<_> = hosts.iter().map(|one| (one.host.as_str(), one.port)).collect();
    let hub = "lab-eh.servicebus.windows.net";
    assert_eq!(hosts, [("lab-sql.database.windows.net", 1433), (hub, 443), (hub, 5671)]);
}

#[test]
fn zones_records_tags_and_gateways_are_read() {
    let network =
        read(&["private-dns-link.rest.json", "private-dns-records.rest.json", "private-dns-zone.rest.json"]);
    assert_eq!(network.zones[0].id.name(), "privatelink.blob.core.windows.net");
    assert_eq!(network.zone_links[0].virtual_network.given().unwrap().name(), "vnet-lab");
    assert_eq!(network.record_sets[0].name, "labstore1.privatelink.blob.core.windows.net");
    assert_eq!(network.record_sets[0].addresses[0].to_string(), "10.40.5.6");
    assert_eq!(network.record_sets[1].kind, "CNAME");
    assert_eq!(network.record_sets[1].name, "www.privatelink.blob.core.windows.net");
    let tags = read(&["service-tags.weekly.json"]).service_tags.remove(0);
    assert_eq!(tags.change_number, Some(400));
    assert_eq!(tags.tag("STORAGE").unwrap().prefixes.len(), 2);
    assert_eq!(read(&["service-tags.api.json"]).service_tags[0].change_number, Some(77));
    let network = read(&["application-gateway.rest.json", "backend-health.az.json"]);
    let gateway = &network.gateways[0];
    assert_eq!(gateway.pools[0].targets.given().unwrap()[..], ["api.contoso.example", "10.40.1.5"]);
    assert_eq!(gateway.rules[0].pool.given(), Some(&gateway.pools[0].id));
    assert_eq!(gateway.firewall.as_ref().unwrap().exempt, [Exempt::Rule(942_200), Exempt::Rule(942_260)]);
    assert_eq!(network.backend_health[0].health, Field::Given("Unhealthy".into()));
}

#[test]
fn a_bundle_holds_documents_refusals_and_azures_own_call() {
    let network = read(&["bundle.json"]);
    assert_eq!(network.effective_groups, Some(Vec::new()));
    assert_eq!(network.admin_rules[0].virtual_network.as_ref().unwrap().name(), "vnet-lab");
    assert_eq!(network.admin_rules[0].rules[0].collection.as_deref(), Some("perimeter"));
    assert_eq!(network.control_plane.as_ref().map(|it| it.status), Some(500));
    assert_eq!(network.refused[0].reason, "forbidden");
    // The subnet stands in it by itself and in its network.
    assert_eq!(network.subnets.iter().filter(|subnet| subnet.id.name() == "snet-apim").count(), 1);
    assert_eq!(network.passed_over, []);
    assert_eq!(network.services[0].place.pointer, "/documents/4/body");
}

/// What Azure applies to the interface of a machine in another subnet: no group at all, and a route that drops everything.
#[test]
fn effective_rules_and_routes_of_a_machine_in_another_subnet_say_nothing_of_the_chosen_one() {
    let bundle = |subnet: &str| {
        let network = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network";
        let nic = format!("{network}/networkInterfaces/nic");
        let subnet = format!("{network}/virtualNetworks/vnet/subnets/{subnet}");
        let apim = format!("{network}/virtualNetworks/vnet/subnets/apim");
        let group = format!("{network}/networkSecurityGroups/nsg");
        text(&format!(
            r#"{{"bundleVersion": "1.0", "documents": [
            {{"kind": "network-interface", "id": "{nic}", "body": {{"id": "{nic}", "properties": {{"ipConfigurations": [
              {{"properties": {{"privateIPAddress": "10.0.7.4", "subnet": {{"id": "{subnet}"}}}}}}]}}}}}},
            {{"kind": "subnet", "id": "{apim}", "body": {{"id": "{apim}", "properties": {{"addressPrefix": "10.0.0.0/24",
              "networkSecurityGroup": {{"id": "{group}"}}}}}}}},
            {{"kind": "network-security-group", "id": "{group}", "body": {{"id": "{group}", "properties": {{"securityRules": []}}}}}},
            {{"kind": "effective-security-rules", "id": "{nic}/effectiveNetworkSecurityGroups", "body": {{"value": []}}}},
            {{"kind": "effective-routes", "id": "{nic}/effectiveRouteTable", "body": {{"value": [
              {{"source": "User", "state": "Active", "addressPrefix": ["0.0.0.0/0"], "nextHopType": "None"}}]}}}}]}}"#
        ))
        .unwrap()
    };
    let wish = Wish { subnet: Some("apim"), ..Wish::default() };
    let (here, there) = (bundle("apim"), bundle("jump"));
    let same = Chosen::new(&here, wish).unwrap();
    assert!(same.effective_routes.is_some() && matches!(same.group, Group::Nothing), "{same:?}");
    let other = Chosen::new(&there, wish).unwrap();
    assert!(other.effective_routes.is_none() && matches!(other.group, Group::Written(_)), "{other:?}");
    assert_eq!(other.assumptions, [Assumption::MachineElsewhere("jump".to_owned())]);
}

#[test]
fn documents_of_one_resource_are_merged_or_name_both_files() {
    let network = read(&["nsg.rest.json", "nsg.az.json", "nsg-rules.az.json"]);
    assert_eq!(network.groups.len(), 1);
    assert_eq!(network.documents.len(), 3);
    let merged = read(&["vnet.powershell.json", "subnet.rest.json"]);
    assert_eq!(merged.subnets.len(), 1);
    assert_eq!(merged.subnets[0].route_table.given().unwrap().name(), "rt-apim");
    let error = try_read(&["apim.rest.json", "apim.az.json"]).unwrap_err();
    assert!(error.to_string().contains("`apim.rest.json` and `apim.az.json`"), "{error}");

    let changed = fs::read_to_string(file("nsg.rest.json")).unwrap().replace("3443", "3442");
    let mut reader = Reader::default();
    reader.add("new.json", fs::read(file("nsg.rest.json")).unwrap()).unwrap();
    reader.add("old.json", changed.into_bytes()).unwrap();
    let error = reader.end().unwrap_err().to_string();
    assert!(error.contains("`new.json` and `old.json` disagree on the rules of `nsg-apim`"), "{error}");
}

#[test]
fn places_have_the_line_of_the_name() {
    let network = read(&["nsg.rest.json"]);
    let text = fs::read_to_string(file("nsg.rest.json")).unwrap();
    for rule in &network.groups[0].rules {
        let line = rule.place.line.unwrap() as usize;
        assert!(text.lines().nth(line - 1).unwrap().contains(&rule.name), "{rule:?}");
    }
    assert_eq!(network.groups[0].rules[0].place.pointer, "/properties/securityRules/0");
}

#[test]
fn several_documents_stand_one_after_the_other() {
    let both =
        [fs::read(file("nsg.rest.json")).unwrap(), fs::read(file("route-table.az.json")).unwrap()].concat();
    let network = text(&String::from_utf8(both).unwrap()).unwrap();
    assert_eq!(network.route_tables[0].routes[0].place.pointer, "/1/routes/0");
    assert_eq!(network.groups.len(), 1);
}

#[test]
fn what_is_of_no_known_kind_is_named_by_its_keys() {
    for (document, expected) in [
        (r#"{"dependencies":{"left-pad":"1"},"name":"x"}"#, "`dependencies`, `name`"),
        (r#"[{"a":1}]"#, "first entry are `a`"),
        ("{}", "an empty object"),
        ("7", "a number"),
    ] {
        let error = text(document).unwrap_err();
        assert!(matches!(error, ReadError::Unknown { .. }), "{document}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().contains("effective-security-rules"), "{}", error.hint());
    }
}

/// A rule or a route that lacks what it needs is said, not only in doubt.
#[test]
fn what_a_rule_or_a_route_lacks_is_passed_over() {
    let group = r#"{"id": "/g/networkSecurityGroups/g", "type": "Microsoft.Network/networkSecurityGroups", "properties": {"securityRules": [
        {"name": "Odd", "properties": {"direction": "Outbound", "access": "Deny", "priority": 100, "protocol": "Weird",
            "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "Sql"}},
        {"name": "Ping", "properties": {"direction": "Outbound", "access": "Deny", "priority": 110, "protocol": "Icmp",
            "sourceAddressPrefix": "*", "destinationAddressPrefix": "Sql"}}]}}"#;
    let table = r#"{"id": "/g/routeTables/t", "type": "Microsoft.Network/routeTables", "properties": {"routes": [
        {"name": "r", "properties": {"addressPrefix": "0.0.0.0/0"}}]}}"#;
    let mut reader = Reader::default();
    for (name, text) in [("group.json", group), ("table.json", table)] {
        reader.add(name, text.into()).expect("it is read");
    }
    let network = reader.end().expect("it is read");
    let said: Vec<(&str, &str)> =
        network.passed_over.iter().map(|it| (it.place.pointer.as_str(), it.reason.as_str())).collect();
    assert_eq!(
        said,
        [
            ("/properties/securityRules/0/properties/protocol", "expected a protocol, got `Weird`"),
            ("/properties/securityRules/0", "the rule has no destination port"),
            ("/properties/routes/0", "the route has no next hop"),
        ]
    );
}

#[test]
fn a_part_that_cannot_be_read_is_passed_over_and_the_rest_is_read() {
    let document = r#"{"id":"/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/g","securityRules":[
        {"name":"a","access":"Perhaps","direction":"Inbound","priority":100,"protocol":"Tcp","sourceAddressPrefix":"10.0.0.300","destinationAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"443"},
        {"name":"b","access":"Deny","direction":"Outbound","priority":"200","protocol":"Tcp","sourceAddressPrefix":"*","destinationAddressPrefix":{"x":1},"sourcePortRange":"*","destinationPortRange":443}]}"#;
    let network = text(document).unwrap();
    let [a, b] = network.groups[0].rules.as_slice() else { panic!() };
    assert_eq!((a.access, a.direction), (Field::Unreadable, Field::Given(Way::Inbound)));
    assert_eq!(a.source.addresses[0].address, Address::Unreadable);
    assert_eq!((b.access, b.priority), (Field::Given(Access::Deny), Field::Given(200)));
    assert_eq!(b.destination.addresses[0].address, Address::Unreadable);
    assert_eq!(b.destination.ports[0].range.unwrap().first, 443);
    let places: Vec<&str> = network.passed_over.iter().map(|one| one.place.pointer.as_str()).collect();
    let expected = [
        "/securityRules/0/access",
        "/securityRules/0/sourceAddressPrefix",
        "/securityRules/1/destinationAddressPrefix",
    ];
    assert_eq!(places, expected);
}
