//! The instance's own names: what the two rules about their addresses share.

use std::net::IpAddr;

use crate::catalogue::Role;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::Facts;
use crate::fix::step::{Change, DnsQuestion, Look, change, look};
use crate::fix::{Fix, Record};
use crate::outcome::{Cause, Scope};

/// Where names lead in place of the instance's private address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Astray {
    /// To a public address.
    Public,
    /// To another address that is not theirs.
    Elsewhere,
}

impl Astray {
    fn of(seen: Seen<'_>) -> Self {
        match answer(seen).map(Scope::of) {
            Some(Scope::Public) => Self::Public,
            _ => Self::Elsewhere,
        }
    }
}

/// Own names that lead there.
pub(super) fn leading(facts: &Facts<'_>, there: Astray) -> Vec<Finding> {
    let astray: Group<'_> = facts
        .ended()
        .filter(|seen| {
            seen.cause() == Some(Cause::DnsWrongAddress) && seen.check.role() != Role::GatewayFront
        })
        .filter(|seen| Astray::of(*seen) == there)
        .collect();
    astray.first().map(|first| astray_finding(facts, &astray, answer(*first), there)).into_iter().collect()
}

/// The address to which the name resolved in place of the right one.
fn answer(seen: Seen<'_>) -> Option<IpAddr> {
    seen.addresses().find(|ip| Some(*ip) != seen.check.must_resolve_to)
}

fn astray_finding(facts: &Facts<'_>, astray: &Group<'_>, got: Option<IpAddr>, there: Astray) -> Finding {
    let names = astray.hosts();
    let address = astray.iter().find_map(|seen| seen.check.must_resolve_to);
    let wanted = address.map_or_else(|| "the instance's private address".to_owned(), |ip| ip.to_string());
    let got = got.map_or_else(|| "another address".to_owned(), |ip| ip.to_string());
    let (kind, code) = match there {
        Astray::Public => ("the public address", Code::OwnEndpointPublicAnswer),
        Astray::Elsewhere => ("the address", Code::OwnEndpointWrongAddress),
    };
    let title = format!("The instance's own names resolve to {kind} {got}, not to {wanted}.");
    let detail = format!(
        "In internal mode {} must resolve to {wanted} for everybody in the network; no public DNS has that record.",
        some_of(&names)
    );
    let fix = records(facts, &names, address);
    Finding::new(code, Confidence::High, title, detail, astray.ids(), fix)
}

/// A zone with one record for each name, and the line of a hosts file for a test.
pub(crate) fn records(facts: &Facts<'_>, names: &[&str], address: Option<IpAddr>) -> Remedy {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let first = names.first().cloned().unwrap_or_default();
    let mut steps = vec![
        look(Look::Zones),
        remedy::dig(&first, DnsQuestion::Addresses)
            .saying("what the configured servers answer for one of them"),
    ];
    let record = |host: &String| {
        let record = Record { host: host.clone(), description: String::new(), address };
        change(Change::Add(Fix::Record(record))).when("If it has no zone")
    };
    steps.extend(names.iter().map(record));
    steps.push(change(Change::HostsFile { names, address }));
    let summary = "Create a private DNS zone for each name (the parent name is reserved), link it to the network and give it a record \
                   with the private address.";
    remedy::advise(facts, summary, steps)
}
