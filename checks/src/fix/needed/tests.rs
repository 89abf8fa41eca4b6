//! What the instance needs, for every cloud and mode.

use std::collections::BTreeSet;

use super::*;

fn wishes() -> Wishes {
    Wishes {
        // The gateway's parts belong to another subnet and are written only where they are named.
        parts: Part::ALL.iter().copied().filter(|part| *part != Part::Gateway).collect(),
        required_only: false,
        forced_tunnel: None,
        regional_tags: false,
        regions: Vec::new(),
        strict_deny: false,
        beside_documents: false,
        priority: 100,
    }
}

fn rules(instance: &Instance, wishes: &Wishes) -> Vec<SecurityRule> {
    let fixes = needed(crate::catalogue::embedded(), instance, wishes).unwrap();
    let rule = |fix| if let Fix::SecurityRule(rule) = fix { Some(rule) } else { None };
    fixes.into_iter().filter_map(rule).collect()
}

fn named<'a>(rules: &'a [SecurityRule], name: &str) -> &'a SecurityRule {
    rules.iter().find(|rule| rule.name == name).unwrap_or_else(|| {
        panic!("{name} is not among {:?}", rules.iter().map(|rule| &rule.name).collect::<Vec<_>>())
    })
}

#[test]
fn a_tag_and_direction_and_transport_have_one_rule_with_all_their_ports() {
    let rules = rules(&Instance::default(), &wishes());
    assert_eq!(named(&rules, "Allow-Sql-Outbound").port_words(), ["1433", "11000-11999"]);
    assert_eq!(named(&rules, "Allow-ApiManagement-Inbound").port_words(), ["3443"]);
    assert_eq!(named(&rules, "Allow-VirtualNetwork-Udp-Inbound").port_words(), ["4290"]);
    assert!(named(&rules, "Allow-Internet-Outbound").port_words().contains(&"80".to_owned()));
    let keys: BTreeSet<_> =
        rules.iter().map(|rule| (rule.direction, &rule.source, &rule.destination, rule.protocol)).collect();
    assert_eq!(keys.len(), rules.len());
}

#[test]
fn every_profile_mode_and_cloud_has_valid_rules() {
    for cloud in ["public", "usgov", "china"] {
        for &vnet_mode in VnetMode::ALL {
            for &profile in Profile::ALL {
                let instance =
                    Instance { cloud: cloud.to_owned(), vnet_mode, profile, ..Instance::default() };
                for strict_deny in [false, true] {
                    valid(&rules(&instance, &Wishes { strict_deny, ..wishes() }));
                }
            }
        }
    }
}

#[track_caller]
fn valid(rules: &[SecurityRule]) {
    let names: BTreeSet<String> = rules.iter().map(|rule| rule.name.to_ascii_lowercase()).collect();
    assert_eq!(names.len(), rules.len(), "{rules:?}");
    let priorities: BTreeSet<u16> = rules.iter().map(|rule| rule.priority.unwrap()).collect();
    assert_eq!(priorities.len(), rules.len());
    assert!(priorities.iter().all(|priority| (100..=4096).contains(priority)));
    for rule in rules {
        let text = &rule.description;
        assert!(!text.is_empty() && text.len() <= super::super::MAX_DESCRIPTION, "{text}");
        assert!(rule.access == Access::Deny || text.contains("Source: "), "{text}");
        assert!(rule.access == Access::Deny || !rule.ports.is_empty(), "{rule:?}");
    }
}

#[test]
fn strict_rules_end_with_a_deny_both_ways() {
    let rules = rules(&Instance::default(), &Wishes { strict_deny: true, ..wishes() });
    let last: Vec<_> = rules.iter().rev().take(2).map(|rule| (rule.name.as_str(), rule.priority)).collect();
    assert_eq!(last, [("Deny-All-Outbound", Some(4096)), ("Deny-All-Inbound", Some(4095))]);
    assert_eq!(named(&rules, "Allow-AzurePlatformLKM-Outbound").port_words(), ["1688"]);
    assert!(
        rules
            .iter()
            .any(|rule| rule.direction == Way::Inbound && rule.port_words().contains(&"443".to_owned()))
    );
}

#[test]
fn required_only_leaves_out_what_is_optional() {
    let rules = rules(&Instance::default(), &Wishes { required_only: true, ..wishes() });
    assert_eq!(named(&rules, "Allow-Sql-Outbound").port_words(), ["1433"]);
    assert!(!rules.iter().any(|rule| rule.name.contains("AzureActiveDirectory")));
}

#[test]
fn tags_of_a_region_include_the_storage_of_the_primary_one() {
    let regions = vec!["eastus2".to_owned(), "westeurope".to_owned()];
    let rules = rules(&Instance::default(), &Wishes { regional_tags: true, regions, ..wishes() });
    for name in
        ["Allow-Storage-EastUS2-Outbound", "Allow-Storage-WestEurope-Outbound", "Allow-Sql-EastUS2-Outbound"]
    {
        named(&rules, name);
    }
    assert!(!rules.iter().any(|rule| rule.name == "Allow-Storage-Outbound"));
}

#[test]
fn known_dns_servers_take_the_place_of_the_network() {
    let dns_servers = vec!["10.0.2.4:53".parse().unwrap(), "10.0.2.5:53".parse().unwrap()];
    let rules = rules(&Instance { dns_servers, ..Instance::default() }, &wishes());
    assert_eq!(named(&rules, "Allow-Dns-Udp-Outbound").destination.words(), ["10.0.2.4/32", "10.0.2.5/32"]);
    assert_eq!(named(&rules, "Allow-Dns-Outbound").port_words(), ["53"]);
}

#[test]
fn forced_tunneling_needs_the_way_back_and_the_service_endpoints() {
    let tunnel = Some("10.0.0.4".parse().unwrap());
    let fixes = |cloud: &str| {
        let instance = Instance { cloud: cloud.to_owned(), ..Instance::default() };
        needed(crate::catalogue::embedded(), &instance, &Wishes { forced_tunnel: tunnel, ..wishes() })
            .unwrap()
    };
    let back = |fixes: &[Fix]| {
        fixes.iter().any(|fix| matches!(fix, Fix::Route(route) if route.prefix == "ApiManagement"))
    };
    assert!(back(&fixes("public")));
    assert!(!back(&fixes("china")), "routes cannot take the tag there");
    assert!(fixes("public").iter().any(|fix| matches!(fix, Fix::ServiceEndpoints(all) if all.len() == 4)));
}

#[test]
fn rules_that_do_not_fit_are_counted() {
    let wishes = Wishes { priority: 4090, ..wishes() };
    assert!(needed(crate::catalogue::embedded(), &Instance::default(), &wishes).is_err());
    let wishes = Wishes { priority: 4040, ..wishes };
    valid(&rules(&Instance::default(), &wishes));
}
