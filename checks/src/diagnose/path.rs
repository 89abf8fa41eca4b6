//! Which way leads to a service that can be had in three ways: a private endpoint, a service endpoint, or in public.

use std::net::IpAddr;

use crate::outcome::{DnsEvidence, Outcome, Scope};
use crate::plan::Check;

use super::view::is_private;

/// Groups of the catalogue whose services take private endpoints and service endpoints.
const GROUPS: [&str; 4] = ["storage", "sql", "keyvault", "eventhub"];

/// The path in one sentence, from the answers of the name servers and, for Key Vault, from what the vault says of its
/// caller. `None` for other services, and where no name was resolved.
#[must_use]
pub fn path(check: &Check, outcome: &Outcome) -> Option<String> {
    let of_interest =
        GROUPS.iter().any(|group| check.group == *group || check.endpoint.starts_with(&format!("{group}-")));
    let dns = outcome.evidence.dns.as_ref().filter(|dns| of_interest && !dns.addresses.is_empty())?;
    Some(match (is_private(outcome), caller(outcome)) {
        (true, _) => private(dns),
        (false, Some(caller)) => by_caller(caller),
        (false, None) => public(dns),
    })
}

fn private(dns: &DnsEvidence) -> String {
    let address = dns.addresses.first().map(|address| address.ip.to_string()).unwrap_or_default();
    match dns.private_link {
        true => format!("path: private endpoint ({address}, through a privatelink name)"),
        false => format!(
            "path: private address {address} without a privatelink name: an endpoint with a zone of its own, or a hosts file"
        ),
    }
}

/// The caller's address as the vault sees it: behind a service endpoint it keeps its private one.
fn by_caller(caller: IpAddr) -> String {
    match Scope::of(caller) {
        Scope::Private => format!("path: service endpoint (the vault sees the private address {caller})"),
        _ => format!("path: public, without a service endpoint (the vault sees {caller})"),
    }
}

fn public(dns: &DnsEvidence) -> String {
    match dns.private_link {
        true => "path: public address behind a privatelink name: a private endpoint exists and its zone is not linked to \
                 this network"
            .to_owned(),
        false => "path: public address, directly or through a service endpoint: the answer does not tell which".to_owned(),
    }
}

/// `x-ms-keyvault-network-info: conn_type=Ipv4;addr=203.0.113.7;…`
fn caller(outcome: &Outcome) -> Option<IpAddr> {
    let told = outcome.evidence.exchange.as_ref()?.text("keyVaultNetworkInfo")?;
    told.split(';').find_map(|field| field.trim().strip_prefix("addr=")?.parse().ok())
}
