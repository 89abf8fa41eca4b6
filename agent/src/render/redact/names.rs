//! `--redact names`: host names, addresses and resource groups replaced by pseudonyms that are the same in every format.
//!
//! A report is written as JSON, its words are replaced there, and it is read back and judged again: what the JSON report
//! holds is covered, whoever added it, and what comes out is a report that `explain` reads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use apim_probe_checks::catalogue::Catalogue;
use serde_json::{Map, Value};

use super::REDACTED;
use super::addresses::Addresses;

mod configuration;

/// Options whose values are paths of files, which often name people and projects.
const FILES: [&str; 6] =
    ["-o", "--output", "--from-network-status", "--public-roots", "--config", "--parameters"];

/// Keys whose text is the name of something: a host, a machine, a resource.
const NAMES: [(&str, &str); 14] = [
    ("host", "host"),
    ("hostname", "vm"),
    ("vmName", "vm"),
    ("service", "service"),
    ("resourceGroup", "resource-group"),
    ("redirectHost", "host"),
    ("cnames", "host"),
    ("dnsNames", "host"),
    ("searchDomains", "host"),
    ("nsg", "nsg"),
    ("routeTable", "route-table"),
    ("natGateway", "nat-gateway"),
    ("table", "route-table"),
    ("file", "file"),
];

/// Keys whose text is one of a closed list, or the program's own: what somebody called `public` or `rule` is not meant there.
const CLOSED: [&str; 34] = [
    "schemaVersion",
    "kind",
    "cloud",
    "region",
    "vnetMode",
    "profile",
    "verdict",
    "endpoint",
    "code",
    "severity",
    "confidence",
    "explains",
    "explainedBy",
    "status",
    "stage",
    "cause",
    "skipReason",
    "path",
    "origin",
    "transport",
    "protocol",
    "direction",
    "serviceTag",
    "trustPolicy",
    "trust",
    "scope",
    "decision",
    "by",
    "covers",
    "access",
    "source",
    "nextHop",
    "field",
    "other",
];

/// The same report document under pseudonyms.
pub(super) fn replace(catalogue: &Catalogue, document: &mut Value) {
    let mut names = Pseudonyms::new(catalogue, public_hosts(catalogue, document));
    // The targets first: theirs are the numbers that people see.
    let checks = document.get("checks").and_then(Value::as_array).into_iter().flatten();
    checks.filter_map(|check| check.get("host")?.as_str()).for_each(|host| names.learn(host, "host"));
    names.collect(document);
    names.walk(document);
}

/// The hosts of the document that the catalogue names for everybody, or for a region: their rows have no placeholder for a
/// name of the instance.
fn public_hosts(catalogue: &Catalogue, document: &Value) -> BTreeSet<String> {
    let clouds = catalogue.clouds.values();
    let is_shared = |id: &str| {
        let Some(row) = catalogue.endpoint(id) else { return false };
        let own = clouds.clone().filter_map(|cloud| cloud.hosts.get(id)).flatten();
        let mut templates = row.hosts.iter().chain(&row.probe_hosts).chain(own);
        templates
            .all(|host| placeholders(host).all(|word| word.starts_with("suffix.") || SHARED.contains(&word)))
    };
    let own = catalogue.clouds.values().flat_map(|cloud| cloud.hosts.values().flatten());
    let rows = catalogue.endpoints.iter().flat_map(|row| row.hosts.iter().chain(&row.probe_hosts));
    let literal = rows.chain(own).filter(|host| !host.contains(['{', '*'])).cloned();
    let checks = document.get("checks").and_then(Value::as_array).into_iter().flatten();
    let text = |check: &Value, key: &str| check.get(key).and_then(Value::as_str).map(str::to_ascii_lowercase);
    checks
        .filter(|check| text(check, "endpoint").is_some_and(|id| is_shared(&id)))
        .filter_map(|check| text(check, "host"))
        .chain(literal)
        .collect()
}

/// Placeholders of a host template that name no instance.
const SHARED: [&str; 5] = ["region", "sql_region", "cluster", "hash", "nn"];

/// The words in braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

/// Which word stands for which.
struct Pseudonyms<'a> {
    catalogue: &'a Catalogue,
    /// Hosts that are everybody's, or a whole region's.
    public: BTreeSet<String>,
    /// Whole names, in lower case where they have a dot.
    names: BTreeMap<String, String>,
    /// First labels of names under a cloud's suffix: accounts, servers, vaults.
    labels: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, u32>,
    addresses: Addresses,
}

impl<'a> Pseudonyms<'a> {
    fn new(catalogue: &'a Catalogue, public: BTreeSet<String>) -> Self {
        Self {
            catalogue,
            public,
            names: BTreeMap::new(),
            labels: BTreeMap::new(),
            counts: BTreeMap::new(),
            addresses: Addresses::default(),
        }
    }

    fn next(&mut self, kind: &'static str) -> String {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        format!("{kind}-{count}")
    }

    /// Learns every name of the document, in its order.
    fn collect(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                self.collect_args(map);
                self.collect_proxies(map);
                self.collect_issuers(map);
                map.get("configuration").into_iter().for_each(|value| self.collect_configuration(value));
                for (key, value) in map {
                    match NAMES.iter().find(|(known, _)| known == key) {
                        Some((_, kind)) => texts(value).for_each(|text| self.learn(text, kind)),
                        None => self.collect(value),
                    }
                    // What looks like a name may hold objects too: `host` is a key of the report itself.
                    if value.is_object() {
                        self.collect(value);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::String(text) => self.collect_resource_group(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Gives a name that somebody chose its pseudonym, unless it is a word of everybody's: a number, or a service tag.
    fn learn_own(&mut self, name: &str, kind: &'static str) {
        let is_number = name.chars().all(|c| c.is_ascii_digit());
        let mut tags = self.catalogue.endpoints.iter().flat_map(|row| row.rule_tags());
        let is_tag = tags.any(|tag| tag.eq_ignore_ascii_case(name));
        if !is_number && !is_tag {
            self.learn(name, kind);
        }
    }

    /// The resource group of a resource id, wherever one stands.
    fn collect_resource_group(&mut self, text: &str) {
        const WORD: &str = "/resourcegroups/";
        let lower = text.to_ascii_lowercase();
        for (at, _) in lower.match_indices(WORD) {
            let rest = &text[at + WORD.len()..];
            let end =
                rest.find(|c: char| !(c.is_alphanumeric() || "-_.()".contains(c))).unwrap_or(rest.len());
            self.learn(&rest[..end], "resource-group");
        }
    }

    /// Names that were typed and lead to no check.
    fn collect_args(&mut self, map: &Map<String, Value>) {
        let Some(Value::Array(args)) = map.get("args") else { return };
        let words: Vec<&str> = args.iter().filter_map(Value::as_str).collect();
        for (option, value) in typed(&words) {
            let kind = match option {
                "--storage-account" => "storage",
                "--sql-server" => "sql",
                "--key-vault" => "vault",
                "--event-hub" => "eventhub",
                "--redis" => "redis",
                "--service" => "service",
                "--hostname" => "host",
                "--endpoint" => "host",
                _ => continue,
            };
            let value = value.rsplit_once('=').map_or(value, |(_, name)| name);
            let value = value.split(',').next().unwrap_or(value).split('/').next().unwrap_or(value);
            let value = value.rsplit_once(':').map_or(value, |(host, _)| host);
            self.learn(value, kind);
        }
    }

    fn collect_proxies(&mut self, map: &Map<String, Value>) {
        let Some(Value::Object(proxies)) = map.get("proxy") else { return };
        for value in proxies.values().filter_map(Value::as_str) {
            for word in value.split([',', ' ']) {
                let host = word.rsplit("//").next().unwrap_or(word).rsplit('@').next().unwrap_or(word);
                let host = host.split([':', '/']).next().unwrap_or(host).trim_start_matches('.');
                self.learn(host, "host");
            }
        }
    }

    /// A CA that is not public is a company's.
    fn collect_issuers(&mut self, map: &Map<String, Value>) {
        let is_private = map.get("trust").is_some_and(|trust| trust != "public");
        let Some(Value::Array(chain)) = map.get("chain").filter(|_| is_private) else { return };
        for text in chain.iter().flat_map(|one| [one.get("subject"), one.get("issuer")]).flatten() {
            let Some(text) = text.as_str() else { continue };
            match common_name(text) {
                Some(name) if is_host(name) => self.learn(name, "host"),
                _ if !text.is_empty() && !self.names.contains_key(text) => {
                    let ca = self.next("ca");
                    self.names.insert(text.to_owned(), format!("CN={ca}"));
                    if let Some(name) = common_name(text) {
                        self.names.entry(name.to_owned()).or_insert(ca);
                    }
                }
                _ => {}
            }
        }
    }

    /// Gives a name its pseudonym, unless it is an address or everybody's.
    fn learn(&mut self, text: &str, kind: &'static str) {
        let name = text.trim_end_matches('.').trim_start_matches("*.");
        let is_bare = !name.contains('.');
        let name = if is_bare { name.to_owned() } else { name.to_ascii_lowercase() };
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if name.is_empty() || name == REDACTED || is_address || self.names.contains_key(&name) {
            return;
        }
        if let Some((label, kind)) = self.own_label(&name) {
            let label = label.filter(|_| !text.starts_with("*."));
            if let Some(label) = label.filter(|label| !self.labels.contains_key(*label)).map(str::to_owned) {
                let new = self.next(kind);
                self.labels.insert(label, new);
            }
            return;
        }
        if is_bare && matches!(kind, "storage" | "sql" | "vault" | "eventhub" | "redis" | "service") {
            if !self.labels.contains_key(&name) {
                let new = self.next(kind);
                self.labels.insert(name, new);
            }
        } else {
            let new = self.next(kind);
            let new = if is_bare { new } else { format!("{new}.example") };
            self.names.insert(name, new);
        }
    }

    /// For a name under a suffix of a cloud: its first label, unless the name is the service's itself, and the kind.
    fn own_label<'n>(&self, name: &'n str) -> Option<(Option<&'n str>, &'static str)> {
        if self.public.contains(name) {
            return Some((None, "host"));
        }
        let suffixes = self.catalogue.clouds.values().flat_map(|cloud| &cloud.suffixes);
        let (key, rest) = suffixes.into_iter().find_map(|(key, suffix)| {
            let rest = name.strip_suffix(suffix.as_str())?;
            (rest.is_empty() || rest.ends_with('.')).then_some((key, rest))
        })?;
        let kind = match key.as_str() {
            "storage" => "storage",
            "sql" => "sql",
            "keyvault" => "vault",
            "eventhub" => "eventhub",
            "redis" => "redis",
            _ => "service",
        };
        let label = rest.split('.').next().filter(|label| !label.is_empty());
        Some((label.filter(|label| !SERVICES.contains(label)), kind))
    }

    fn walk(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            Value::Object(map) => {
                // The sum of a public certificate leads to its names: it is in the public logs.
                map.remove("sha256");
                if let Some(Value::Array(args)) = map.get_mut("args") {
                    without_files(args);
                }
                // The group of a check is the catalogue's; that of a rule is somebody's.
                let is_check = map.contains_key("endpoint");
                let is_closed = |key: &str, value: &Value| {
                    key == "tool"
                        || (key == "group" && is_check)
                        || (CLOSED.contains(&key) && !value.is_object())
                };
                let open = map.iter_mut().filter(|(key, value)| !is_closed(key, value));
                open.for_each(|(_, value)| self.walk(value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The text with every word that has a pseudonym replaced.
    fn text(&mut self, text: &str) -> String {
        if let Some(whole) = self.names.get(text) {
            return whole.clone();
        }
        let mut new = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let colons =
                rest.find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, ':' | '.'))).unwrap_or(rest.len());
            // An IPv6 address is longer than the word that it begins with.
            if let Some(ip) =
                rest[..colons].parse::<IpAddr>().ok().filter(|ip| ip.is_ipv6() && colons > length)
            {
                new.push_str(&self.addresses.pseudonym(ip).to_string());
                rest = &rest[colons..];
            } else if length == 0 {
                new.push(c);
                rest = &rest[c.len_utf8()..];
            } else {
                new.push_str(&self.word(&rest[..length]));
                rest = &rest[length..];
            }
        }
        new
    }

    /// A word of a text: an address, a name, or a name under a cloud's suffix.
    fn word(&mut self, word: &str) -> String {
        let bare = word.trim_matches('.');
        let (start, rest) = word.split_once(bare).unwrap_or((word, ""));
        match self.name(bare) {
            Some(new) => format!("{start}{new}{rest}"),
            None => word.to_owned(),
        }
    }

    /// What stands for a word without the dots around it; `None` where it stands for itself.
    fn name(&mut self, bare: &str) -> Option<String> {
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Some(self.addresses.pseudonym(ip).to_string());
        }
        let lower = bare.to_ascii_lowercase();
        if let Some(name) = self.names.get(bare).or_else(|| self.names.get(&lower)) {
            return Some(name.clone());
        }
        match lower.split_once('.') {
            None => self.labels.get(&lower).cloned(),
            Some((first, rest)) => self.labels.get(first).map(|label| format!("{label}.{rest}")),
        }
    }
}

/// Labels before a cloud's suffix that name a service and nobody's account.
const SERVICES: [&str; 12] = [
    "blob",
    "table",
    "queue",
    "file",
    "dfs",
    "web",
    "store",
    "privatelink",
    "control",
    "management",
    "developer",
    "portal",
];

/// Every text of a value: itself, or the items of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let items = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(items)
}

/// Options of a command line with their values, written apart or joined by `=`.
fn typed<'w>(words: &[&'w str]) -> Vec<(&'w str, &'w str)> {
    let joined = words.iter().filter(|word| word.starts_with("--")).filter_map(|word| word.split_once('='));
    let apart = words.windows(2).filter(|pair| !pair[0].contains('=')).map(|pair| (pair[0], pair[1]));
    joined.chain(apart).collect()
}

/// Takes the paths of files out of a command line.
fn without_files(args: &mut [Value]) {
    let mut is_file = false;
    for arg in args {
        let Some(word) = arg.as_str() else { continue };
        let option = FILES.iter().find(|option| word.starts_with(&format!("{option}=")));
        let new = match option {
            _ if is_file => Some(REDACTED.to_owned()),
            Some(option) => Some(format!("{option}={REDACTED}")),
            None if word.starts_with("-o") && word.len() > 2 => Some(format!("-o{REDACTED}")),
            None => None,
        };
        is_file = !is_file && FILES.contains(&word);
        if let Some(new) = new {
            *arg = Value::String(new);
        }
    }
}

/// The common name of a distinguished name.
fn common_name(text: &str) -> Option<&str> {
    text.split(',').find_map(|part| part.trim().strip_prefix("CN="))
}

/// True for what looks like a host name: labels with a dot between them.
fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*'))
    };
    name.contains('.') && name.split('.').all(is_label)
}
