//! What a report says although it leaves the key out: reports of older minor versions have fewer keys, other writers
//! leave out what is empty or false, and all of them leave out what is not known.

use std::net::IpAddr;

use apim_probe_checks::catalogue::{CUSTOM, Catalogue, Role, TrustPolicy};
use apim_probe_checks::outcome::{Address, Answerer, DnsEvidence, ServerAnswer, Stage, Step};
use apim_probe_checks::plan::Origin;
use serde_json::Value;

use super::document::RunDoc;
use super::document::check::PlannedDoc;
use super::document::host::AzureDoc;

/// `null` says as little as an absent key.
pub(super) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The end of a run: that of its last check, else its start.
pub(super) fn finished_at(run: &RunDoc, mut checks: impl Iterator<Item = Value>) -> String {
    // Times of RFC 3339 in UTC have the order of their letters.
    let mut last = || {
        let time = |check: Value| check["lastUpdated"].as_str().map(str::to_owned);
        checks.by_ref().filter_map(time).max()
    };
    run.finished_at.clone().or_else(&mut last).unwrap_or_else(|| run.started_at.clone())
}

/// Whether the metadata service was asked and answered: its answer, its check and the command line tell.
pub(super) fn metadata_service(
    known: &Catalogue,
    azure: &mut AzureDoc,
    run: &RunDoc,
    mut checks: impl Iterator<Item = Value>,
) {
    if azure.asked.is_some() && azure.detected.is_some() {
        return;
    }
    let is_metadata = |check: &Value| {
        check["endpoint"].as_str().is_some_and(|endpoint| known.meaning(endpoint).role == Role::Metadata)
    };
    let check = checks.find(is_metadata);
    let is = |key: &str, word: &str| check.as_ref().is_some_and(|check| check[key] == word);
    let is_switched_off = is("skipReason", "switched-off") || run.args.iter().any(|arg| arg == "--no-imds");
    azure.asked.get_or_insert(azure.detected.is_some() && !is_switched_off);
    azure.detected.get_or_insert(azure.metadata.region.is_some() || is("status", "success"));
}

/// What people call the target.
pub(super) fn name(planned: &PlannedDoc) -> String {
    let host = planned.host.clone().filter(|host| !host.is_empty());
    host.unwrap_or_else(|| planned.endpoint.clone())
}

/// The group of a row is how its id begins.
pub(super) fn group(endpoint: &str) -> String {
    endpoint.split('-').next().unwrap_or_default().to_owned()
}

/// The evidence about a name that the steps hold too: what each DNS server said, and the addresses that were tried.
pub(super) fn dns_evidence(host: Option<&str>, steps: &[Step]) -> Option<DnsEvidence> {
    let is_address = host.is_none_or(|host| host.parse::<IpAddr>().is_ok());
    if is_address || steps.is_empty() {
        return None;
    }
    let mut tried: Vec<IpAddr> = Vec::new();
    for ip in steps.iter().filter_map(|step| step.address) {
        if !tried.contains(&ip) {
            tried.push(ip);
        }
    }
    let asked = steps.iter().filter(|step| step.stage == Stage::Resolve);
    let answer = |step: &Step| {
        let Some(Answerer::Server(server)) = step.server else { return None };
        let addresses = if step.cause.is_some() { Vec::new() } else { tried.clone() };
        Some(ServerAnswer { server, cause: step.cause, truncated: false, addresses })
    };
    let servers = asked.filter_map(answer).collect();
    let addresses = tried.iter().copied().map(Address::from).collect();
    Some(DnsEvidence { addresses, servers, ..DnsEvidence::default() })
}

/// The chains that pass are those of the row; what the customer runs, or has a name of his own for, may have a private one.
pub(super) fn trust(known: &Catalogue, planned: &PlannedDoc) -> TrustPolicy {
    let host = planned.host.as_deref().unwrap_or_default();
    let own_domain = planned.direction == "inbound" && !host.contains(".azure-api.");
    match known.endpoint(&planned.endpoint) {
        _ if own_domain || planned.endpoint == CUSTOM => TrustPolicy::Private,
        Some(row) => row.trust,
        None => TrustPolicy::Public,
    }
}

/// A host that the catalogue does not list for its row was given with a flag.
pub(super) fn origin(known: &Catalogue, planned: &PlannedDoc) -> Origin {
    let host = planned.host.as_deref().unwrap_or_default();
    let row = known.endpoint(&planned.endpoint);
    let is_listed = row.is_none_or(|row| known.hosts_of(row).iter().any(|listed| listed == host));
    match known.meaning(&planned.endpoint).role {
        _ if planned.fallback => Origin::Fallback,
        Role::NameServer => Origin::System,
        Role::Custom => Origin::Flag,
        _ if is_listed || host.is_empty() => Origin::Catalogue,
        _ => Origin::Flag,
    }
}
