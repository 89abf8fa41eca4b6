//! Every remedy can be pasted: its commands are whole, `az` knows them, and what is not known is a placeholder.

use std::collections::BTreeSet;

use apim_probe_checks::diagnose::{Code, Finding};

use crate::cases;

/// Sub-commands of `az` that remedies use, each with the parameters that it cannot do without.
const AZ: &[(&str, &[&str])] = &[
    ("apim apply-network-updates", &["--resource-group", "--name"]),
    ("apim show", &["--resource-group", "--name"]),
    ("monitor metrics list", &["--resource", "--resource-group", "--resource-type"]),
    (
        "network firewall policy rule-collection-group collection add-filter-collection",
        &[
            "--resource-group",
            "--policy-name",
            "--rule-collection-group-name",
            "--name",
            "--collection-priority",
            "--action",
            "--rule-name",
            "--rule-type",
            "--source-addresses",
        ],
    ),
    ("network nic list", &["--query"]),
    ("network nic list-effective-nsg", &["--resource-group", "--name"]),
    ("network nic show-effective-route-table", &["--resource-group", "--name"]),
    ("network nsg rule create", &["--resource-group", "--nsg-name", "--name", "--priority"]),
    (
        "network private-dns link vnet create",
        &["--resource-group", "--zone-name", "--name", "--virtual-network", "--registration-enabled"],
    ),
    ("network private-dns link vnet list", &["--resource-group", "--zone-name"]),
    (
        "network private-dns record-set a add-record",
        &["--resource-group", "--zone-name", "--record-set-name", "--ipv4-address"],
    ),
    ("network private-dns zone list", &[]),
    ("network private-dns zone create", &["--resource-group", "--name"]),
    (
        "network route-table route create",
        &["--resource-group", "--route-table-name", "--name", "--address-prefix", "--next-hop-type"],
    ),
    ("network vnet show", &["--resource-group", "--name"]),
    ("network vnet subnet update", &["--resource-group", "--vnet-name", "--name"]),
    ("rest", &["--method", "--url", "--output-file"]),
];

/// Parameters of an NSG rule: without one of them `az` takes a default that allows too much or the wrong way.
const NSG_RULE: [&str; 7] = [
    "--direction",
    "--access",
    "--protocol",
    "--source-address-prefixes",
    "--source-port-ranges",
    "--destination-address-prefixes",
    "--destination-port-ranges",
];

/// Other programs that remedies call.
const PROGRAMS: [&str; 19] = [
    "apim-probe",
    "chronyc",
    "chronyd",
    "curl",
    "dig",
    "iptables",
    "echo",
    "for",
    "do",
    "done",
    "ip",
    "openssl",
    "printf",
    "ping",
    "sleep",
    "sudo",
    "tail",
    "timedatectl",
    "ulimit",
];

fn findings() -> Vec<Finding> {
    let judged = cases().into_iter().flat_map(|case| {
        let run = case.network.sources();
        crate::judged(run).findings
    });
    judged.collect()
}

/// The simple commands of a line: what stands between `;`, `&&` and `|`.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(line).unwrap_or_else(|| panic!("quotes are not balanced: {line}"));
    let mut commands = vec![Vec::new()];
    for word in words {
        let end = word.ends_with(';');
        match word.as_str() {
            "&&" | "|" => commands.push(Vec::new()),
            "do" if commands.last().unwrap().is_empty() => commands.push(vec![]),
            word => {
                commands.last_mut().unwrap().push(word.trim_end_matches(';').to_owned());
                if end {
                    commands.push(Vec::new());
                }
            }
        }
    }
    commands.retain(|words| !words.is_empty());
    commands
}

/// What an Azure Firewall knows by name is HTTP and nothing else; the rest goes by address and port.
fn check_firewall_rule(parameters: &[String], line: &str) {
    let value =
        |option: &str| parameters.iter().skip_while(|word| *word != option).nth(1).map(String::as_str);
    match value("--rule-type") {
        Some("ApplicationRule") => {
            let (protocol, port) =
                value("--protocols").and_then(|what| what.split_once('=')).unwrap_or_default();
            let is_http = protocol == "Http" || (protocol == "Https" && ["443", "1886"].contains(&port));
            assert!(is_http && value("--target-fqdns").is_some(), "no HTTP: {line}");
        }
        Some("NetworkRule") => {
            for option in ["--ip-protocols", "--destination-addresses", "--destination-ports"] {
                assert!(value(option).is_some(), "no {option}: {line}");
            }
        }
        other => panic!("rule type {other:?}: {line}"),
    }
}

fn check_az(words: &[String], line: &str) {
    let typed = words[1..].join(" ");
    let known = AZ.iter().filter(|(name, _)| typed.starts_with(&format!("{name} ")) || typed == *name);
    let (name, required) =
        known.max_by_key(|(name, _)| name.len()).unwrap_or_else(|| panic!("unknown: {line}"));
    let parameters = &words[1 + name.split(' ').count()..];
    let more: &[&str] = if *name == "network nsg rule create" { &NSG_RULE } else { &[] };
    if name.ends_with("add-filter-collection") {
        check_firewall_rule(parameters, line);
    }
    for parameter in required.iter().chain(more) {
        let place = parameters.iter().position(|word| word == parameter);
        let place = place.unwrap_or_else(|| panic!("no {parameter}: {line}"));
        let value =
            parameters.get(place + 1).unwrap_or_else(|| panic!("{parameter} without a value: {line}"));
        assert!(!value.starts_with("--") && !value.is_empty(), "{parameter} without a value: {line}");
    }
    let flags: Vec<&String> = parameters.iter().filter(|word| word.starts_with("--")).collect();
    let distinct: BTreeSet<&&String> = flags.iter().collect();
    assert_eq!(flags.len(), distinct.len(), "a parameter stands twice: {line}");
    assert!(parameters[0].starts_with("--"), "a word that belongs to nothing: {line}");
}

/// `<RESOURCE_GROUP>` and the like: capital letters and underscores.
fn check_placeholders(line: &str) {
    for rest in line.split('<').skip(1) {
        let Some((name, _)) = rest.split_once('>') else {
            assert!(rest.starts_with("/dev/null"), "half a placeholder: {line}");
            continue;
        };
        let fine = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        assert!(fine, "an odd placeholder `{name}`: {line}");
    }
}

#[test]
fn every_command_of_every_remedy_can_be_pasted() {
    let mut used = BTreeSet::new();
    for finding in findings() {
        assert!(!finding.remedy.commands.is_empty(), "{} has no command", finding.code);
        for line in &finding.remedy.commands {
            assert!(!line.contains("  ") && !line.contains('\n'), "{line}");
            check_placeholders(line);
            for words in simple_commands(line) {
                match words[0].as_str() {
                    "az" => check_az(&words, line),
                    program => assert!(PROGRAMS.contains(&program), "unknown program `{program}`: {line}"),
                }
                used.insert(finding.code);
            }
        }
    }
    let packets = Code::ALL.iter().filter(|code| !code.is_of_configuration()).count();
    assert_eq!(used.len(), packets, "{used:?}");
}

#[test]
fn every_finding_is_told_in_sentences() {
    for finding in findings() {
        for text in [&finding.title, &finding.detail, &finding.remedy.summary] {
            assert!(
                text.ends_with('.') && !text.contains("  ") && !text.contains(" ."),
                "{}: {text}",
                finding.code
            );
        }
        assert!(!finding.title.trim_end_matches('.').contains(". "), "two sentences: {}", finding.title);
        // The project has no home yet: nobody else's place is linked.
        assert_eq!(finding.remedy.doc_url, None, "{}", finding.code);
    }
}

#[test]
fn what_the_run_knows_is_filled_in() {
    let commands: Vec<String> = findings().into_iter().flat_map(|finding| finding.remedy.commands).collect();
    let has = |words: &str| commands.iter().any(|line| line.contains(words));
    for words in [
        "--destination-address-prefixes Sql --destination-port-ranges 1433",
        "--destination-address-prefixes AzureMonitor --destination-port-ranges 1886",
        "--protocol Udp",
        "--service-endpoints Microsoft.KeyVault",
        "--address-prefix ApiManagement --next-hop-type Internet",
        "--zone-name privatelink.blob.core.windows.net --record-set-name apimst",
        "--target-fqdns apikv.vault.azure.net",
        "privateIPAddress=='10.1.0.5'",
        "--rule-type NetworkRule --source-addresses <SUBNET_PREFIX> --ip-protocols UDP",
        "--ip-protocols TCP --destination-addresses EventHub --destination-ports 5671",
        "dig @10.0.2.4 ",
        "--ipv4-address 10.0.0.5",
        "--source-address-prefixes ApiManagement --source-port-ranges '*' --destination-address-prefixes VirtualNetwork \
         --destination-port-ranges 3443",
        "https://shoebox2.monitor.azure.com:1886/",
    ] {
        assert!(has(words), "no command with `{words}`");
    }
}
