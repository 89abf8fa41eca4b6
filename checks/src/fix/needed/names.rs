//! The instance's own names, which the network's DNS has to know in internal mode.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, Direction};
use crate::fix::{Record, description};
use crate::instance::Instance;
use crate::plan::{Check, Plan};

/// One record a name; empty where neither the service nor a custom domain is known.
pub fn records(catalogue: &Catalogue, instance: &Instance) -> Vec<Record> {
    let Ok(plan) = Plan::new(catalogue, instance) else { return Vec::new() };
    let own = plan.checks.iter().filter(|check| check.direction == Direction::Inbound);
    let mut seen = BTreeSet::new();
    let mut records = Vec::new();
    for check in own {
        let Some(host) = check.host().filter(|host| is_name(host)) else { continue };
        if seen.insert(host.to_owned()) {
            records.push(Record {
                host: host.to_owned(),
                description: description(&format!("{}: its private address", row_name(catalogue, check))),
                address: instance.private_ip,
            });
        }
    }
    records
}

/// What the endpoint is called.
fn row_name(catalogue: &Catalogue, check: &Check) -> String {
    catalogue.endpoint(&check.endpoint).map_or_else(|| check.name.clone(), |row| row.name.clone())
}

/// A host name and no address.
fn is_name(host: &str) -> bool {
    host.contains('.') && host.parse::<std::net::IpAddr>().is_err()
}
