//! Full-sized packets are lost on the way, and small ones pass.

use std::net::IpAddr;

use crate::catalogue::Transport;
use crate::outcome::{Cause, Scope};
use crate::run::Run;

use crate::diagnose::view::{Seen, count, finding, hosts, ids, run_checks, some_of};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule};

/// A stall that small segments do not meet.
pub const RULE: Rule = Rule { code: Code::MtuBlackHole, find: black_hole };

fn black_hole(run: &Run) -> Vec<Finding> {
    let stalled: Vec<Seen<'_>> = run_checks(run).filter(|seen| stalls(*seen)).collect();
    let proved: Vec<Seen<'_>> = stalled.iter().copied().filter(|seen| is_small(*seen)).collect();
    let Some(first) = proved.first() else { return Vec::new() };
    // One path leads to what is public, and each private address may have its own.
    let affected: Vec<Seen<'_>> = stalled
        .iter()
        .copied()
        .filter(|seen| is_small(*seen) || proved.iter().any(|known| shares_a_path(*known, *seen)))
        .collect();
    let title = format!(
        "Large packets are lost on the way (path MTU black hole): {} until segments are small.",
        match affected.len() {
            1 => "1 connection stalls".to_owned(),
            number => format!("{number} connections stall"),
        }
    );
    let detail = format!(
        "{} opened, and then no full-sized answer arrived; {} of them went on at once with segments of 536 bytes, twice ({}). A \
         tunnel or gateway with a smaller MTU drops large packets, and its ICMP \"fragmentation needed\" does not come back. \
         A ping of 1500 bytes that is answered would disprove it.",
        count(affected.len(), "connection"),
        proved.len(),
        some_of(&hosts(proved.iter().copied())),
    );
    let confidence = if proved.len() > 1 { Confidence::High } else { Confidence::Medium };
    let affects = ids(affected.iter().copied());
    vec![finding(Code::MtuBlackHole, confidence, title, detail, affects, fix(address(*first)))]
}

fn stalls((check, outcome): Seen<'_>) -> bool {
    let is_stall = matches!(outcome.cause(), Some(Cause::TlsTimeout | Cause::ExchangeTimeout));
    check.transport == Transport::Tcp && is_stall
}

fn is_small((_, outcome): Seen<'_>) -> bool {
    outcome.evidence.peer.as_ref().is_some_and(|peer| peer.small_segments)
}

fn address((_, outcome): Seen<'_>) -> Option<IpAddr> {
    outcome.evidence.peer.as_ref().map(|peer| peer.address)
}

fn shares_a_path(one: Seen<'_>, other: Seen<'_>) -> bool {
    let is_public = |seen| address(seen).is_some_and(|ip| Scope::of(ip) == Scope::Public);
    is_public(one) && is_public(other)
}

fn fix(address: Option<IpAddr>) -> Remedy {
    let address = address.map_or_else(|| "<ADDRESS>".to_owned(), |address| address.to_string());
    Remedy {
        summary: "Find the largest packet that passes (the first command; lower 1472 until it answers; a target that answers no \
                  ping tells nothing). Then clamp the MSS on the tunnel, VPN gateway or appliance to that size minus 40, or \
                  lower the MTU of the tunnel's interface, and let ICMP type 3 code 4 through."
            .to_owned(),
        commands: vec![
            format!("ping -c 3 -M do -s 1472 {address}"),
            "sudo iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu".to_owned(),
        ],
        doc_url: None,
    }
}
