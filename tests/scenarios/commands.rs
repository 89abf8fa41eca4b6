//! What every command of a remedy is held to, whatever finding it belongs to: `az` knows it with each of its options, it opens
//! no more than it must, and a look comes before a change.

use std::collections::BTreeSet;

use apim_probe_checks::diagnose::{Finding, Instruction, StepKind};

/// A sub-command of `az`: options that it cannot do without, and others that it takes.
type Command = (&'static str, &'static [&'static str], &'static [&'static str]);

const AZ: &[Command] = &[
    ("apim apply-network-updates", &["--resource-group", "--name"], &[]),
    ("apim show", &["--resource-group", "--name"], &["--query"]),
    ("network application-gateway show-backend-health", &["--resource-group", "--name"], &[]),
    (
        "monitor metrics list",
        &["--resource", "--resource-group", "--resource-type", "--metrics"],
        &["--interval", "--output"],
    ),
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
        &[
            "--protocols",
            "--target-fqdns",
            "--ip-protocols",
            "--destination-addresses",
            "--destination-ports",
        ],
    ),
    (
        "network manager list-effective-security-admin-rule",
        &["--resource-group", "--virtual-network-name"],
        &[],
    ),
    ("network nic list", &["--query"], &["--output"]),
    ("network nic list-effective-nsg", &["--resource-group", "--name"], &[]),
    ("network nic show-effective-route-table", &["--resource-group", "--name"], &["--output"]),
    ("network nsg create", &["--resource-group", "--name"], &[]),
    ("network nat gateway create", &["--resource-group", "--name"], &["--public-ip-addresses"]),
    ("network public-ip create", &["--resource-group", "--name"], &["--sku"]),
    // Without one of these `az` takes a default that allows too much or the wrong way; the source port is any by default.
    (
        "network nsg rule create",
        &[
            "--resource-group",
            "--nsg-name",
            "--name",
            "--priority",
            "--direction",
            "--access",
            "--protocol",
            "--source-address-prefixes",
            "--destination-address-prefixes",
            "--destination-port-ranges",
        ],
        &["--description"],
    ),
    ("network nsg rule list", &["--resource-group", "--nsg-name"], &["--include-default", "--output"]),
    ("network nsg rule show", &["--resource-group", "--nsg-name", "--name"], &[]),
    (
        "network nsg rule update",
        &["--resource-group", "--nsg-name", "--name"],
        &[
            "--priority",
            "--access",
            "--protocol",
            "--source-address-prefixes",
            "--destination-address-prefixes",
            "--destination-port-ranges",
        ],
    ),
    (
        "network private-dns link vnet create",
        &["--resource-group", "--zone-name", "--name", "--virtual-network", "--registration-enabled"],
        &[],
    ),
    ("network private-dns link vnet list", &["--resource-group", "--zone-name"], &["--output"]),
    (
        "network private-dns record-set a add-record",
        &["--resource-group", "--zone-name", "--record-set-name", "--ipv4-address"],
        &[],
    ),
    ("network private-dns zone list", &[], &["--query", "--output"]),
    ("network private-dns zone create", &["--resource-group", "--name"], &[]),
    (
        "network route-table route create",
        &["--resource-group", "--route-table-name", "--name", "--address-prefix", "--next-hop-type"],
        &["--next-hop-ip-address"],
    ),
    ("network route-table route delete", &["--resource-group", "--route-table-name", "--name"], &[]),
    ("network route-table route list", &["--resource-group", "--route-table-name"], &["--output"]),
    ("network vnet show", &["--resource-group", "--name"], &["--query"]),
    ("network vnet subnet show", &["--resource-group", "--vnet-name", "--name"], &["--query", "--output"]),
    (
        "network vnet subnet update",
        &["--resource-group", "--vnet-name", "--name"],
        &["--service-endpoints", "--nat-gateway", "--network-security-group"],
    ),
    ("network watcher show-next-hop", &["--resource-group", "--vm", "--source-ip", "--dest-ip"], &[]),
    (
        "network watcher test-ip-flow",
        &["--resource-group", "--vm", "--direction", "--protocol", "--local", "--remote"],
        &[],
    ),
    ("rest", &["--method", "--url", "--output-file"], &[]),
];

/// Options that take no value.
const FLAGS: [&str; 1] = ["--include-default"];

/// Other programs that remedies call.
const PROGRAMS: [&str; 20] = [
    "apim-probe",
    "chronyc",
    "chronyd",
    "curl",
    "dig",
    "iptables",
    "for",
    "do",
    "done",
    "ip",
    "openssl",
    "printf",
    "resolvectl",
    "ping",
    "sleep",
    "sudo",
    "tail",
    "timedatectl",
    "ulimit",
    "tee",
];

/// What may be left open, since neither packets nor documents tell it.
const PLACEHOLDERS: &[&str] = &[
    "ADDRESS",
    "DNS_SERVER",
    "EVENT_HUB",
    "FIREWALL",
    "FIREWALL_POLICY",
    "FREE_PRIORITY",
    "GATEWAY_NAME",
    "HOST",
    "KEY_VAULT",
    "NAT_GATEWAY",
    "NSG_NAME",
    "PORT",
    "PRIVATE_ENDPOINT_IP",
    "PRIVATE_IP",
    "RECORD",
    "REDIS",
    "REGION",
    "RESOURCE_GROUP",
    "ROUTE_TABLE",
    "RULE_COLLECTION_GROUP",
    "SERVICE",
    "SQL_SERVER",
    "STORAGE_ACCOUNT",
    "SUBNET_NAME",
    "SUBNET_PREFIX",
    "VM_IP",
    "VM_NAME",
    "VM_NIC",
    "VNET_NAME",
    "ZONE",
];

/// Every fault of a finding's steps.
pub(crate) fn faults(finding: &Finding) -> Vec<String> {
    let steps = &finding.remedy.steps;
    let mut faults = Vec::new();
    if steps.is_empty() {
        faults.push("it has no step".to_owned());
    }
    if steps.first().is_some_and(|step| step.kind == StepKind::Change && step.command.starts_with("az ")) {
        faults.push(format!("a change comes before any look: {}", steps[0].command));
    }
    if steps.first().is_some_and(|step| step.text.is_none()) {
        faults.push("nothing says what the first step is for".to_owned());
    }
    for step in steps {
        faults.extend(of_step(step).into_iter().map(|fault| format!("{fault}: {}", step.command)));
    }
    let commands: BTreeSet<&str> = finding.remedy.commands().collect();
    if commands.len() != steps.len() {
        faults.push("a command stands twice".to_owned());
    }
    faults.into_iter().map(|fault| format!("{}: {fault}", finding.code)).collect()
}

fn of_step(step: &Instruction) -> Vec<String> {
    let line = step.command.as_str();
    let mut faults: Vec<String> = placeholders(line).collect();
    if line.contains("  ") || line.contains('\n') {
        faults.push("blanks or line breaks".to_owned());
    }
    if [&step.when, &step.text].into_iter().flatten().any(|text| text.ends_with('.') || text.is_empty()) {
        faults.push("words that end like a sentence".to_owned());
    }
    let replaces = step.text.as_deref().is_some_and(|text| text.contains("replaces the list"));
    if line.contains("--service-endpoints") && !replaces {
        faults.push("it does not say that it replaces a list".to_owned());
    }
    for words in simple_commands(line) {
        let changes =
            ["create", "update", "delete", "add-record", "add-filter-collection", "apply-network-updates"];
        let writes = words[0] == "az" && words.iter().any(|word| changes.contains(&word.as_str()));
        if writes && step.kind == StepKind::Look {
            faults.push("a look that changes something".to_owned());
        }
        match words[0].as_str() {
            "az" => faults.extend(of_az(&words)),
            program if PROGRAMS.contains(&program) => {}
            program => faults.push(format!("unknown program `{program}`")),
        }
    }
    faults
}

/// `<RESOURCE_GROUP>` and the like, of a closed list.
fn placeholders(line: &str) -> impl Iterator<Item = String> {
    line.split('<').skip(1).filter(|rest| !rest.starts_with("/dev/null")).filter_map(|rest| {
        let name = rest.split('>').next().unwrap_or_default();
        (!PLACEHOLDERS.contains(&name)).then(|| format!("an odd placeholder `{name}`"))
    })
}

/// The simple commands of a line: what stands between `;`, `&&` and `|`, and what `$(…)` runs.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(line).unwrap_or_else(|| panic!("quotes are not balanced: {line}"));
    let (mut ended, mut open) = (Vec::new(), vec![Vec::new()]);
    for word in words {
        if let Some(first) = word.strip_prefix("$(") {
            open.push(vec![first.to_owned()]);
            continue;
        }
        match word.as_str() {
            "&&" | "|" => ended.push(std::mem::take(open.last_mut().expect("one is open"))),
            "do" if open.last().is_some_and(Vec::is_empty) => {}
            word => {
                let is_nested = open.len() > 1 && word.ends_with(')');
                let bare = if is_nested { word.trim_end_matches(')') } else { word.trim_end_matches(';') };
                open.last_mut().expect("one is open").push(bare.to_owned());
                if is_nested {
                    ended.push(open.pop().expect("one is open"));
                    open.last_mut().expect("one is open").push("(what it says)".to_owned());
                } else if word.ends_with(';') {
                    ended.push(std::mem::take(open.last_mut().expect("one is open")));
                }
            }
        }
    }
    ended.extend(open);
    ended.retain(|words| !words.is_empty());
    ended
}

fn of_az(words: &[String]) -> Vec<String> {
    let typed = words[1..].join(" ");
    let known = AZ.iter().filter(|(name, ..)| typed.starts_with(&format!("{name} ")) || typed == *name);
    let Some((name, required, others)) = known.max_by_key(|(name, ..)| name.len()) else {
        return vec!["unknown to az".to_owned()];
    };
    let parameters = &words[1 + name.split(' ').count()..];
    let mut faults = Vec::new();
    let options: Vec<(&str, Vec<&str>)> = options(parameters);
    for option in *required {
        if !options.iter().any(|(name, _)| name == option) {
            faults.push(format!("no {option}"));
        }
    }
    let mut names = BTreeSet::new();
    for (option, values) in &options {
        if !required.contains(option) && !others.contains(option) {
            faults.push(format!("{option} is not an option of it"));
        }
        if !names.insert(*option) {
            faults.push(format!("{option} stands twice"));
        }
        if values.is_empty() != FLAGS.contains(option) {
            faults.push(format!("{option} has {} values", values.len()));
        }
        if values.iter().any(|value| value.contains('*')) {
            faults.push(format!("{option} opens everything"));
        }
        let is_end =
            ["--source-address-prefixes", "--destination-address-prefixes", "--destination-addresses"];
        let is_tag = |value: &str| value.starts_with(|first: char| first.is_ascii_alphabetic());
        if is_end.contains(option) && values.iter().any(|value| is_tag(value)) && values.len() != 1 {
            faults.push(format!("{option} names more than one tag"));
        }
    }
    if name.ends_with("add-filter-collection") {
        faults.extend(of_firewall_rule(&options));
    }
    faults
}

/// Each option with its values; words before the first option are one without a name.
fn options(parameters: &[String]) -> Vec<(&str, Vec<&str>)> {
    let mut options: Vec<(&str, Vec<&str>)> = Vec::new();
    for word in parameters {
        match options.last_mut() {
            _ if word.starts_with("--") => options.push((word, Vec::new())),
            Some((_, values)) => values.push(word),
            None => options.push((word, Vec::new())),
        }
    }
    options
}

/// What an Azure Firewall knows by name is HTTP and nothing else; the rest goes by tag or address and port.
fn of_firewall_rule(options: &[(&str, Vec<&str>)]) -> Vec<String> {
    let value = |option: &str| {
        options.iter().find(|(name, _)| *name == option).and_then(|(_, values)| values.first().copied())
    };
    let needed: &[&str] = match value("--rule-type") {
        Some("ApplicationRule") => &["--protocols", "--target-fqdns"],
        Some("NetworkRule") => &["--ip-protocols", "--destination-addresses", "--destination-ports"],
        other => return vec![format!("rule type {other:?}")],
    };
    let mut faults: Vec<String> =
        needed.iter().filter(|option| value(option).is_none()).map(|option| format!("no {option}")).collect();
    if let Some((protocol, port)) = value("--protocols").and_then(|what| what.split_once('=')) {
        let is_http = protocol == "Http" || (protocol == "Https" && ["443", "1886"].contains(&port));
        if !is_http {
            faults.push(format!("{protocol}={port} is not HTTP"));
        }
    }
    faults
}
