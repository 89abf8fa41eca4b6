//! The shape of the portal's NetworkStatus: seven keys an entry and the DNS servers, for one location.

use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::outcome::Status;
use apim_probe_checks::report::Report;
use serde_json::{Value, json};

use super::json::lines;
use super::phrases;
use crate::time::rfc3339;

/// The list of entries, as it stands in a document that has none.
const EMPTY: &str = "\"connectivityStatus\": []";

/// The report as NetworkStatus, piece by piece. What was not run is left out; what was not decided is `initializing`.
pub(super) fn pieces(report: &Report) -> impl Iterator<Item = String> {
    let run = &report.run;
    let servers: Vec<String> =
        run.plan.instance.dns_servers.iter().map(|server| server.ip().to_string()).collect();
    let location = run.plan.instance.region.as_deref().unwrap_or("unknown");
    let document = json!([{
        "location": location,
        "networkStatus": { "dnsServers": servers, "connectivityStatus": [] },
    }]);
    let document = lines(&document, 0) + "\n";
    let (head, tail) = document.split_once(EMPTY).unwrap_or((&document, ""));
    let (head, tail) = (format!("{head}{}", &EMPTY[..EMPTY.len() - 1]), tail.to_owned());
    let mut entries = report.results().filter_map(entry).peekable();
    let tail = format!("{}]{tail}", if entries.peek().is_some() { "\n      " } else { "" });
    let entries = entries
        .enumerate()
        .map(|(place, entry)| format!("{}\n        {}", if place == 0 { "" } else { "," }, lines(&entry, 4)));
    std::iter::once(head).chain(entries).chain([tail])
}

fn entry(seen: Seen<'_>) -> Option<Value> {
    let status = match *seen.status() {
        Status::Success => "success",
        Status::Failure(_) => "failure",
        Status::Undecided(_) => "initializing",
        Status::Skipped(_) => return None,
    };
    let at = rfc3339(seen.outcome.ended_at);
    let error = match (seen.status(), phrases::error(seen)) {
        (Status::Failure(failure), Some(detail)) => format!("{}: {detail}", failure.cause),
        (Status::Failure(failure), None) => failure.cause.to_string(),
        _ => String::new(),
    };
    Some(json!({
        "name": seen.check.name,
        "status": status,
        "error": error,
        "lastUpdated": at,
        "lastStatusChange": at,
        "resourceType": seen.check.resource_type.as_deref().unwrap_or(&seen.check.group),
        "isOptional": seen.is_optional(),
    }))
}
