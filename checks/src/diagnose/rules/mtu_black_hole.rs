//! Full-sized packets are lost on the way, and small ones pass.

use std::net::IpAddr;

use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::outcome::{Cause, Scope};

/// A stall that small segments do not meet.
pub(crate) const RULE: Rule = Rule { code: Code::MtuBlackHole, needs: &[Source::Run], find: black_hole };

fn black_hole(facts: &Facts<'_>) -> Vec<Finding> {
    let stalled: Group<'_> = facts.ended().filter(|seen| stalls(*seen)).collect();
    let proved: Group<'_> = stalled.each().filter(|seen| is_small(*seen)).collect();
    let Some(first) = proved.first() else { return Vec::new() };
    // One path leads to what is public, and each private address may have its own.
    let affected: Group<'_> = stalled
        .each()
        .filter(|seen| is_small(*seen) || proved.each().any(|known| shares_a_path(known, *seen)))
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
        some_of(&proved.hosts()),
    );
    let confidence = if proved.len() > 1 { Confidence::High } else { Confidence::Medium };
    let affects = affected.ids();
    vec![Finding::new(Code::MtuBlackHole, confidence, title, detail, affects, fix(address(*first)))]
}

fn stalls(seen: Seen<'_>) -> bool {
    let is_stall = matches!(seen.cause(), Some(Cause::TlsTimeout | Cause::ExchangeTimeout));
    seen.check.transport == Transport::Tcp && is_stall
}

fn is_small(seen: Seen<'_>) -> bool {
    seen.outcome.evidence.peer.as_ref().is_some_and(|peer| peer.small_segments)
}

fn address(seen: Seen<'_>) -> Option<IpAddr> {
    seen.outcome.evidence.peer.as_ref().map(|peer| peer.address)
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
