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
