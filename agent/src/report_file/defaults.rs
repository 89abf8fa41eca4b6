//! What it means when a saved report leaves a key out: reports of older minor versions have fewer keys, other writers
//! leave out what is empty or false, and all of them leave out what is not known.

use std::net::{IpAddr, SocketAddr};

use apim_probe_checks::catalogue::{self, Catalogue, TrustPolicy};
use apim_probe_checks::outcome::{Cause, Scope, Stage};
use apim_probe_checks::plan::Origin;
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// Puts in what the keys that are absent mean. What cannot be left out stays absent, and is found missing later.
pub fn complete(report: &mut Value) {
    drop_nulls(report);
    let Value::Object(report) = report else { return };
    let checks = report.get("checks").and_then(Value::as_array).cloned().unwrap_or_default();
    complete_run(object(report, "run"), &checks);
    complete_host(report, &checks);
    let profile = complete_instance(object(report, "instance"));
    fill(
        object(report, "catalogue"),
        json!({"version": "unknown", "sourcedAt": "unknown", "profile": profile}),
    );
    let ended = report["run"]["finishedAt"].clone();
    let mut known = None;
    for check in report.get_mut("checks").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(check) = check {
            complete_check(check, &ended);
            if !check.contains_key("trustPolicy") || !check.contains_key("origin") {
                let known = known.get_or_insert_with(catalogue::embedded);
                let told = json!({"trustPolicy": trust(known, check), "origin": origin(known, check)});
                fill(Some(check), told);
            }
        }
    }
}

/// `null` says as little as an absent key.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The object under a key, made where there is none; what is no object is left for the reader to refuse.
fn object<'a>(parent: &'a mut Object, key: &str) -> Option<&'a mut Object> {
    parent.entry(key).or_insert_with(|| json!({})).as_object_mut()
}

/// Puts the keys of `defaults` where they are absent.
fn fill(target: Option<&mut Object>, defaults: Value) {
    if let (Some(target), Value::Object(defaults)) = (target, defaults) {
        for (key, value) in defaults {
            target.entry(key).or_insert(value);
        }
    }
}

fn complete_run(run: Option<&mut Object>, checks: &[Value]) {
    let Some(run) = run else { return };
    // Times of RFC 3339 in UTC have the order of their letters.
    let last = checks.iter().filter_map(|check| check["lastUpdated"].as_str()).max();
    let ended = last.or_else(|| run.get("startedAt")?.as_str()).map(str::to_owned);
    fill(
        Some(run),
        json!({"id": "unknown", "durationMs": 0.0, "deadlineMs": 0.0, "interrupted": false, "args": []}),
    );
    if let Some(ended) = ended {
        run.entry("finishedAt").or_insert_with(|| ended.into());
    }
}

/// Whether the metadata service was asked: its answer, its check and the command line tell.
fn complete_host(report: &mut Object, checks: &[Value]) {
    let args = report["run"]["args"].as_array().cloned().unwrap_or_default();
    let check = checks.iter().find(|check| check["endpoint"] == "imds");
    let is = |key: &str, word: &str| check.is_some_and(|check| check[key] == word);
    let Some(host) = object(report, "host") else { return };
    let Some(azure) = object(host, "azure") else { return };
    let told = azure.contains_key("detected");
    let switched_off = is("skipReason", "switched-off") || args.iter().any(|arg| arg == "--no-imds");
    let detected = azure.contains_key("region") || is("status", "success");
    fill(Some(azure), json!({"detected": detected, "asked": told && !switched_off}));
    if let Some(clock) = host.get_mut("clock") {
        fill(clock.as_object_mut(), json!({"source": "ntp"}));
    }
}

fn complete_instance(instance: Option<&mut Object>) -> Value {
    let Some(instance) = instance else { return json!("classic") };
    fill(Some(instance), json!({"cloud": "public", "vnetMode": "internal", "profile": "classic"}));
    instance["profile"].clone()
}

fn complete_check(check: &mut Object, ended: &Value) {
    let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default();
    let (protocol, endpoint) = (text("protocol"), text("endpoint"));
    let transport = match protocol {
        "ntp" => "udp",
        "dns" => "udp+tcp",
        _ => "tcp",
    };
    let name = [text("host"), endpoint].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let defaults = json!({
        "name": name,
        "group": endpoint.split('-').next(),
        "transport": transport,
        "direction": "outbound",
        "isOptional": false,
        "documentedRequired": false,
        "fallback": false,
        "recovered": false,
        "durationMs": 0.0,
        "lastUpdated": ended,
        "steps": [],
    });
    let (protocol, stage) = (protocol.to_owned(), Cause::parse(text("cause")).map(stage_of));
    fill(Some(check), defaults);
    if let Some(stage) = stage {
        fill(Some(check), json!({"stage": stage}));
    }
    for step in check.get_mut("steps").and_then(Value::as_array_mut).into_iter().flatten() {
        fill(step.as_object_mut(), json!({"startMs": 0.0, "durationMs": 0.0}));
        with_port(step.get_mut("server"));
    }
    let seen = seen_in_steps(check);
    if let Some(evidence) = object(check, "evidence") {
        complete_evidence(evidence, &protocol);
        fill(Some(evidence), seen);
    }
}

/// The evidence that the steps hold too: what each name server said, and the addresses that were tried.
fn seen_in_steps(check: &Object) -> Value {
    let is_address =
        check.get("host").and_then(Value::as_str).is_none_or(|host| host.parse::<IpAddr>().is_ok());
    let steps = check.get("steps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if is_address || steps.is_empty() {
        return json!({});
    }
    let mut tried: Vec<IpAddr> = Vec::new();
    for ip in steps.iter().filter_map(|step| step["address"].as_str()?.parse().ok()) {
        if !tried.contains(&ip) {
            tried.push(ip);
        }
    }
    let asked = steps.iter().filter(|step| step["stage"] == "resolve" && step["server"].is_string());
    let servers: Vec<Value> = asked
        .map(|step| match step.get("cause") {
            Some(cause) => json!({"server": step["server"], "cause": cause, "addresses": []}),
            None => json!({"server": step["server"], "addresses": tried}),
        })
        .collect();
    let addresses: Vec<Value> = tried.iter().map(|ip| json!({"ip": ip, "scope": Scope::of(*ip)})).collect();
    json!({"dns": {"addresses": addresses, "cnames": [], "privateLink": false, "servers": servers}})
}

/// The stage at which a cause usually ends a check.
fn stage_of(cause: Cause) -> Stage {
    match cause.as_str().split('-').next() {
        Some("dns") => Stage::Resolve,
        Some("connect" | "local" | "deadline") => Stage::Connect,
        Some("tls" | "cert") => Stage::Handshake,
        _ => Stage::Exchange,
    }
}

fn complete_evidence(evidence: &mut Object, protocol: &str) {
    if let Some(Value::Object(dns)) = evidence.get_mut("dns") {
        complete_dns(dns);
    }
    if let Some(Value::Object(tls)) = evidence.get_mut("tls") {
        fill(Some(tls), json!({"chain": []}));
        for one in tls.get_mut("chain").and_then(Value::as_array_mut).into_iter().flatten() {
            fill(one.as_object_mut(), json!({"dnsNames": []}));
        }
    }
    if let Some(Value::Object(exchange)) = evidence.get_mut("exchange") {
        fill(Some(exchange), json!({"protocol": protocol}));
    }
}

fn complete_dns(dns: &mut Object) {
    fill(Some(dns), json!({"addresses": [], "cnames": [], "servers": []}));
    let is_linked = |alias: &Value| alias.as_str().is_some_and(|alias| alias.contains("privatelink."));
    let linked = dns["cnames"].as_array().is_some_and(|aliases| aliases.iter().any(is_linked));
    fill(Some(dns), json!({"privateLink": linked}));
    with_port(dns.get_mut("server"));
    for address in dns.get_mut("addresses").and_then(Value::as_array_mut).into_iter().flatten() {
        let scope = address["ip"].as_str().and_then(|ip| ip.parse().ok()).map(Scope::of);
        fill(address.as_object_mut(), json!({"scope": scope}));
    }
    for server in dns.get_mut("servers").and_then(Value::as_array_mut).into_iter().flatten() {
        fill(server.as_object_mut(), json!({"addresses": []}));
        with_port(server.get_mut("server"));
    }
}

/// A name server is known by its address and port; 53 goes without saying.
fn with_port(server: Option<&mut Value>) {
    if let Some(text) = server
        && let Some(Ok(ip)) = text.as_str().map(str::parse)
    {
        *text = SocketAddr::new(ip, 53).to_string().into();
    }
}

/// The chains that pass are those of the row; what the customer runs, or has a name of his own for, may have a private one.
fn trust(known: &Catalogue, check: &Object) -> TrustPolicy {
    let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default();
    let own_domain = text("direction") == "inbound" && !text("host").contains(".azure-api.");
    match known.endpoint(text("endpoint")) {
        _ if own_domain || text("endpoint") == "custom" => TrustPolicy::Private,
        Some(row) => row.trust,
        None => TrustPolicy::Public,
    }
}

/// A host that the catalogue does not list for its row was given with a flag.
fn origin(known: &Catalogue, check: &Object) -> Origin {
    let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default();
    let row = known.endpoint(text("endpoint"));
    let is_listed = row.is_none_or(|row| known.hosts_of(row).iter().any(|host| host == text("host")));
    match text("endpoint") {
        _ if check.get("fallback") == Some(&Value::Bool(true)) => Origin::Fallback,
        "dns-vnet" => Origin::System,
        "custom" => Origin::Flag,
        _ if is_listed || text("host").is_empty() => Origin::Catalogue,
        _ => Origin::Flag,
    }
}
