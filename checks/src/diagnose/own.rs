//! The instance's own names, which must lead to its private address in internal mode.

use std::net::IpAddr;

use crate::outcome::{Cause, Scope};
use crate::run::Run;

use super::view::{Seen, finding, hosts, ids, run_checks, some_of};
use super::{Code, Confidence, Finding, Remedy, Rule, remedy};

/// They lead to a public address.
pub const PUBLIC_ANSWER: Rule = Rule { code: Code::OwnEndpointPublicAnswer, find: public_answer };
/// They lead to another private address.
pub const WRONG_ADDRESS: Rule = Rule { code: Code::OwnEndpointWrongAddress, find: wrong_address };

fn public_answer(run: &Run) -> Vec<Finding> {
    of_scope(run, true)
}

fn wrong_address(run: &Run) -> Vec<Finding> {
    of_scope(run, false)
}

fn of_scope(run: &Run, public: bool) -> Vec<Finding> {
    let astray: Vec<Seen<'_>> = run_checks(run)
        .filter(|(_, outcome)| outcome.cause() == Some(Cause::DnsWrongAddress))
        .filter(|seen| (answer(*seen).map(Scope::of) == Some(Scope::Public)) == public)
        .collect();
    match (astray.first().copied(), astray.first().and_then(|(check, _)| check.must_resolve_to)) {
        (Some(first), Some(wanted)) => vec![astray_finding(&astray, answer(first), wanted, public)],
        _ => Vec::new(),
    }
}

/// The address to which the name resolved in place of the right one.
fn answer((check, outcome): Seen<'_>) -> Option<IpAddr> {
    let dns = outcome.evidence.dns.as_ref()?;
    dns.addresses.iter().map(|address| address.ip).find(|ip| Some(*ip) != check.must_resolve_to)
}

fn astray_finding(astray: &[Seen<'_>], got: Option<IpAddr>, wanted: IpAddr, public: bool) -> Finding {
    let names = hosts(astray.iter().copied());
    let got = got.map_or_else(|| "another address".to_owned(), |ip| ip.to_string());
    let kind = if public { "the public address" } else { "the address" };
    let title = format!("The instance's own names resolve to {kind} {got}, not to {wanted}.");
    let detail = format!(
        "In internal mode {} must resolve to {wanted} for everybody in the network; no public DNS has that record.",
        some_of(&names)
    );
    let mut commands: Vec<String> = Vec::new();
    let safe: Vec<&str> = names.iter().map(|name| remedy::host(Some(name))).collect();
    for name in &safe {
        commands.push(format!(
            "az network private-dns zone create --resource-group <RESOURCE_GROUP> --name {name}"
        ));
        commands.push(format!(
            "az network private-dns record-set a add-record --resource-group <RESOURCE_GROUP> --zone-name {name} \
             --record-set-name @ --ipv4-address {wanted}"
        ));
    }
    commands
        .extend(names.iter().map(|name| format!("echo '{wanted} {name}' | sudo tee --append /etc/hosts")));
    let fix = Remedy {
        summary: "Create a private DNS zone for each name (the parent name is reserved) with a record for the private \
                  address and link it to the network; lines in a hosts file do for a test."
            .to_owned(),
        commands,
        doc_url: None,
    };
    let code = if public { Code::OwnEndpointPublicAnswer } else { Code::OwnEndpointWrongAddress };
    finding(code, Confidence::High, title, detail, ids(astray.iter().copied()), fix)
}
