//! `rules`: what it writes in each language, and what it refuses.

use serde_json::Value;

use crate::{probe, refused, stderr, stdout};

fn rules(args: &[&str]) -> String {
    let output = probe(&[&["rules"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
    stdout(&output)
}

const LANGUAGES: [&str; 7] = ["az", "bicep", "terraform", "arm", "azure-firewall", "csv", "markdown"];

#[test]
fn every_language_is_written_the_same_twice() {
    for language in LANGUAGES {
        let once = rules(&["--as", language, "--forced-tunnel", "10.0.0.4", "--strict-deny"]);
        assert_eq!(once, rules(&["--as", language, "--forced-tunnel", "10.0.0.4", "--strict-deny"]));
        assert!(once.ends_with('\n') && once.len() > 200, "{language}: {once}");
    }
}

#[test]
fn only_az_has_placeholders() {
    for language in LANGUAGES {
        let text = rules(&["--as", language]);
        assert_eq!(text.contains("<RESOURCE_GROUP>"), language == "az", "{language}");
        assert_eq!(text.contains('<'), language == "az", "{language}");
    }
}

#[test]
fn a_part_alone_can_be_asked_for() {
    let csv = |part: &str| {
        rules(&["--as", "csv", "--only-part", part, "--forced-tunnel", "10.0.0.4", "--service", "contoso"])
    };
    let kinds = |part: &str| -> Vec<String> {
        let mut kinds: Vec<String> =
            csv(part).lines().skip(1).filter_map(|line| line.split(',').next().map(str::to_owned)).collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds("outbound"), ["security-rule"]);
    assert!(csv("inbound").lines().skip(1).all(|line| line.contains(",Inbound,")));
    assert_eq!(kinds("routes"), ["route"]);
    assert_eq!(kinds("endpoints"), ["service-endpoint"]);
    assert_eq!(kinds("dns"), ["dns-record"]);
}

#[test]
fn an_arm_template_opens_the_control_plane_to_its_tag() {
    let template: Value = serde_json::from_str(&rules(&["--as", "arm", "--region", "eastus2"])).unwrap();
    let rules = template["resources"][0]["properties"]["securityRules"].as_array().unwrap();
    let control = rules.iter().find(|rule| rule["properties"]["destinationPortRange"] == "3443").unwrap();
    assert_eq!(control["properties"]["sourceAddressPrefix"], "ApiManagement");
    assert_eq!(template["parameters"]["location"]["defaultValue"], "eastus2");
}

#[test]
fn tags_of_a_region_need_the_region() {
    refused(&["rules", "--as", "az", "--regional-tags"], "--region");
    let text = rules(&["--as", "az", "--regional-tags", "--region", "eastus2"]);
    assert!(text.contains(" Storage.EastUS2 ") && !text.contains(" Storage "), "{text}");
}

#[test]
fn bad_options_are_one_error_and_one_hint() {
    refused(&["rules"], "--as");
    refused(&["rules", "--as", "yaml"], "yaml");
    refused(&["rules", "--as", "az", "--priority", "99"], "99");
    refused(&["rules", "--as", "az", "--priority", "4090"], "4090");
    refused(&["rules", "--as", "az", "--only-part", "everything"], "everything");
    refused(&["rules", "--as", "az", "--forced-tunnel", "fw.example"], "fw.example");
}

#[test]
fn nothing_needed_is_said_and_nothing_is_printed() {
    for part in ["routes", "endpoints"] {
        let output = probe(&["rules", "--as", "arm", "--only-part", part]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
        assert!(stderr(&output).contains("--forced-tunnel"), "{}", stderr(&output));
    }
    let output = probe(&["rules", "--as", "csv", "--only-part", "dns"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    assert!(stderr(&output).contains("--service"), "{}", stderr(&output));
}

#[test]
fn with_configuration_only_what_is_missing_is_written_ahead_of_what_denies() {
    let folder = std::env::temp_dir().join(format!("apim-probe-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let rule = |name: &str,
                priority: u16,
                direction: &str,
                access: &str,
                [source, destination, port]: [&str; 3]| {
        serde_json::json!({"name": name, "properties": {"priority": priority, "direction": direction, "access": access,
            "protocol": "*", "sourcePortRange": "*", "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination, "destinationPortRange": port}})
    };
    let group = |rules: Vec<Value>| {
        let id = "/subscriptions/0/resourceGroups/rg-shop/providers/Microsoft.Network/networkSecurityGroups/nsg-shop";
        let group = serde_json::json!({"name": "nsg-shop", "id": id, "type": "Microsoft.Network/networkSecurityGroups",
            "location": "eastus2", "properties": {"securityRules": rules}});
        let file = folder.join("nsg.json");
        std::fs::write(&file, group.to_string()).unwrap();
        file.to_string_lossy().into_owned()
    };
    let control = rule("Control", 100, "Inbound", "Allow", ["ApiManagement", "VirtualNetwork", "3443"]);
    let deny = rule("NoSql", 300, "Outbound", "Deny", ["*", "Sql", "*"]);
    let file = group(vec![control.clone(), deny]);
    let text = rules(&["--as", "az", "--required-only", "--config", &file]);
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["--resource-group rg-shop ", "--nsg-name nsg-shop ", " Sql ", " 1433 "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let priority = text.split("--priority ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(priority.parse::<u16>().unwrap() < 300, "{text}");
    let file = group(vec![
        control.clone(),
        rule("NoNames", 400, "Outbound", "Deny", ["*", "AzurePlatformDNS", "*"]),
    ]);
    let text = rules(&["--as", "az", "--required-only", "--config", &file]);
    assert!(
        text.lines().count() == 2 && text.lines().all(|line| line.contains(" AzurePlatformDNS ")),
        "{text}"
    );
    let file = group(vec![control]);
    let output = probe(&["rules", "--as", "az", "--config", &file]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{}", stderr(&output));
    assert!(stderr(&output).contains("nothing is missing"), "{}", stderr(&output));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A network whose parts are in different resource groups, under forced tunneling, with a NAT gateway.
fn spread_network(folder: &std::path::Path) -> String {
    let id = |group: &str, path: &str| {
        format!("/subscriptions/0/resourceGroups/{group}/providers/Microsoft.Network/{path}")
    };
    let group = id("rg-rules", "networkSecurityGroups/nsg-shop");
    let table = id("rg-routes", "routeTables/rt-shop");
    let subnet = id("rg-net", "virtualNetworks/vnet-shop/subnets/snet-shop");
    let documents = serde_json::json!({"value": [
        {"id": group, "name": "nsg-shop", "type": "Microsoft.Network/networkSecurityGroups", "location": "eastus2",
         "properties": {"securityRules": [{"name": "None", "properties": {"priority": 900, "direction": "Inbound",
            "access": "Deny", "protocol": "*", "sourcePortRange": "*", "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": "*"}}]}},
        {"id": table, "name": "rt-shop", "type": "Microsoft.Network/routeTables", "location": "eastus2",
         "properties": {"routes": [{"name": "all", "properties": {"addressPrefix": "0.0.0.0/0",
            "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.60.9.4"}}]}},
        {"id": subnet, "name": "snet-shop", "type": "Microsoft.Network/virtualNetworks/subnets",
         "properties": {"addressPrefix": "10.60.1.0/24", "networkSecurityGroup": {"id": group},
            "routeTable": {"id": table}, "natGateway": {"id": id("rg-net", "natGateways/nat-shop")},
            "defaultOutboundAccess": false}},
    ]});
    let file = folder.join("network.json");
    std::fs::write(&file, documents.to_string()).expect("a file");
    file.to_string_lossy().into_owned()
}

#[test]
fn what_the_subnet_has_is_kept_and_each_part_goes_to_its_resource_group() {
    let folder = std::env::temp_dir().join(format!("apim-probe-rules-spread-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = spread_network(&folder);
    let of = |language: &str, part: &str| rules(&["--as", language, "--config", &file, "--only-part", part]);
    for (part, group) in [("inbound", "rg-rules"), ("routes", "rg-routes"), ("endpoints", "rg-net")] {
        let text = of("az", part);
        assert!(
            !text.is_empty() && text.lines().all(|line| line.contains(&format!("--resource-group {group} "))),
            "{text}"
        );
        assert!(of("terraform", part).contains(&format!("\"{group}\"")), "{part}");
    }
    let template: Value =
        serde_json::from_str(&rules(&["--as", "arm", "--config", &file])).expect("a template");
    let resources = template["resources"].as_array().expect("resources");
    // A template may depend only on what it makes.
    assert!(
        resources.iter().all(|one| one["dependsOn"].as_array().is_none_or(Vec::is_empty)),
        "{template:#}"
    );
    let subnet = resources.iter().find(|one| one["type"] == "Microsoft.Network/virtualNetworks/subnets");
    let subnet = subnet.expect("the subnet").to_string();
    let bicep = of("bicep", "endpoints");
    for kept in ["networkSecurityGroup", "routeTable", "natGateway", "'nat-shop'", "defaultOutboundAccess"] {
        assert!(subnet.contains(kept) && bicep.contains(kept), "{kept}: {subnet} {bicep}");
    }
    for group in ["'rg-rules'", "'rg-routes'"] {
        assert!(subnet.contains(group) && bicep.contains(group), "{group}: {subnet} {bicep}");
    }
    let output = probe(&["rules", "--as", "azure-firewall", "--config", &file, "--only-part", "endpoints"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "no empty template");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
