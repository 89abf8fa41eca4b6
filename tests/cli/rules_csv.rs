//! `plan --format csv`: one row a rule, as spreadsheets and firewall teams read it.

use crate::{probe, stderr, stdout};

const HEADER: &str = "kind,name,direction,priority,access,protocol,source,destination,ports,description";

/// The records of RFC 4180.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => field.push(characters.next().expect("a quote")),
            ('"', _) => quoted = !quoted,
            (',', false) => record.push(std::mem::take(&mut field)),
            ('\r', false) => {}
            ('\n', false) => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            (c, _) => field.push(c),
        }
    }
    assert!(!quoted && record.is_empty() && field.is_empty(), "the last record has its end: {text}");
    all
}

fn rules(words: &[&str]) -> Vec<Vec<String>> {
    let output = probe(
        &[&["plan", "--region", "eastus2", "--dns-server", "10.0.2.4", "--format", "csv"], words].concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert_eq!(text.lines().next(), Some(HEADER), "{text}");
    assert!(text.lines().count() > 1 && text.matches("\r\n").count() == text.lines().count(), "{text}");
    let records = records(&text);
    assert!(records.iter().all(|record| record.len() == 10), "{text}");
    records[1..].to_vec()
}

/// Direction, protocol, source, destination, ports.
fn flows(rules: &[Vec<String>]) -> Vec<[&str; 5]> {
    rules.iter().map(|rule| [2, 5, 6, 7, 8].map(|column| rule[column].as_str())).collect()
}

#[test]
fn required_rules_are_one_a_tag_direction_and_transport() {
    let rules = rules(&[
        "--required-only",
        "--storage-account",
        "acct123",
        "--sql-server",
        "sql1",
        "--key-vault",
        "kv1",
    ]);
    let flows = flows(&rules);
    for flow in [
        ["Outbound", "TCP", "VirtualNetwork", "Storage", "443"],
        ["Outbound", "TCP", "VirtualNetwork", "Sql", "1433"],
        ["Outbound", "TCP", "VirtualNetwork", "AzureKeyVault", "443"],
        ["Outbound", "TCP", "VirtualNetwork", "Internet", "80"],
        ["Outbound", "UDP", "VirtualNetwork", "VirtualNetwork", "53"],
        ["Outbound", "TCP", "VirtualNetwork", "VirtualNetwork", "53"],
        ["Inbound", "TCP", "ApiManagement", "VirtualNetwork", "3443"],
        ["Inbound", "TCP", "AzureLoadBalancer", "VirtualNetwork", "6390"],
    ] {
        assert_eq!(flows.iter().filter(|known| **known == flow).count(), 1, "{flow:?} in {flows:#?}");
    }
    let sql = rules.iter().find(|rule| rule[7] == "Sql").expect("the rule");
    assert_eq!(
        sql[..5],
        ["security-rule", "Allow-Sql-1433-Outbound", "Outbound", "", "Allow"].map(str::to_owned)
    );
    assert!(
        sql[9].starts_with("required: ") && sql[9].ends_with("Hosts: sql1.database.windows.net"),
        "{}",
        sql[9]
    );
}

#[test]
fn inbound_rules_are_there_with_and_without_an_instance_and_names() {
    for words in [&[][..], &["--service", "contoso"], &["--required-only"], &["--vnet-mode", "external"]] {
        let rules = rules(words);
        let flows = flows(&rules);
        assert!(
            flows.contains(&["Inbound", "TCP", "ApiManagement", "VirtualNetwork", "3443"]),
            "{words:?} {flows:#?}"
        );
        assert!(
            flows.iter().any(|flow| flow[0] == "Inbound"
                && flow[2] == "AzureLoadBalancer"
                && flow[4].contains("6390")),
            "{flows:#?}"
        );
        // A rule is needed although nobody knows the names yet.
        assert!(
            flows.contains(&["Outbound", "TCP", "VirtualNetwork", "AzureKeyVault", "443"]),
            "{words:?} {flows:#?}"
        );
    }
}

#[test]
fn rules_have_names_of_their_own_and_no_platform_rule_is_asked_for() {
    let rules = rules(&["--service", "contoso", "--endpoint", "backend.contoso.com:8443"]);
    let mut names: Vec<String> = rules.iter().map(|rule| rule[1].to_lowercase()).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "{names:#?}");
    assert!(rules.iter().all(|rule| !rule[7].starts_with("AzurePlatform")), "{rules:#?}");
    assert!(
        flows(&rules).contains(&["Outbound", "TCP", "VirtualNetwork", "backend.contoso.com", "8443"]),
        "{rules:#?}"
    );
    assert!(rules.iter().all(|rule| !rule[8].is_empty()), "{rules:#?}");
}

#[test]
fn what_a_required_rule_opens_no_optional_one_repeats() {
    let rules = rules(&[]);
    for (place, rule) in rules.iter().enumerate() {
        let same = rules[..place].iter().filter(|other| other[2..8] == rule[2..8]);
        for port in rule[8].split(' ') {
            assert!(same.clone().all(|other| other[8].split(' ').all(|known| known != port)), "{rule:?}");
        }
    }
}
