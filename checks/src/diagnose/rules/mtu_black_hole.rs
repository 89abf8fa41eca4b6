//! Full-sized packets are lost on the way, and small ones pass.

use std::net::IpAddr;

use crate::catalogue::Transport;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::outcome::{Cause, Scope};

/// A stall that small segments do not meet.
pub(crate) const RULE: Rule = Rule { code: Code::MtuBlackHole, needs: &[Source::Run], find: black_hole };

fn black_hole(facts: &Facts<'_>) -> Vec<Finding> {
    let stalled: Group<'_> = facts.ended().filter(|seen| stalls(*seen)).collect();
    let proved: Group<'_> = stalled.each().filter(|seen| seen.outcome.needs_small_segments()).collect();
    let Some(first) = proved.first() else { return Vec::new() };
    // One path leads to what is public, and each private address may have its own.
    let affected: Group<'_> = stalled
        .each()
        .filter(|seen| {
            seen.outcome.needs_small_segments() || proved.each().any(|known| shares_a_path(known, *seen))
        })
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
         tunnel or gateway with a smaller MTU drops large packets, and its ICMP \"fragmentation needed\" does not come back.",
        count(affected.len(), "connection"),
        proved.len(),
        some_of(&proved.hosts()),
    );
    let confidence = if proved.len() > 1 { Confidence::High } else { Confidence::Medium };
    let affects = affected.ids();
    vec![Finding::new(Code::MtuBlackHole, confidence, title, detail, affects, fix(facts, address(*first)))]
}

fn stalls(seen: Seen<'_>) -> bool {
    let is_stall = matches!(seen.cause(), Some(Cause::TlsTimeout | Cause::ExchangeTimeout));
    seen.check.transport == Transport::Tcp && is_stall
}

fn address(seen: Seen<'_>) -> Option<IpAddr> {
    seen.outcome.evidence.peer.as_ref().map(|peer| peer.address)
}

fn shares_a_path(one: Seen<'_>, other: Seen<'_>) -> bool {
    let is_public = |seen| address(seen).is_some_and(|ip| Scope::of(ip) == Scope::Public);
    is_public(one) && is_public(other)
}

fn fix(facts: &Facts<'_>, address: Option<IpAddr>) -> Remedy {
    let summary = "Find the largest packet that passes (lower 1472 until the ping is answered). Then clamp the MSS on the tunnel, \
                   VPN gateway or appliance to that size minus 40, or lower the MTU of the tunnel's interface, and let ICMP \
                   type 3 code 4 through.";
    remedy::advise(facts, summary, vec![look(Look::FullPing(address)), change(Change::ClampSegments)])
}
