//! A device that takes only so many new connections.

use crate::diagnose::arrivals::limited;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};

/// Connects failed by the order of their start.
pub(crate) const RULE: Rule = Rule { code: Code::RateLimited, needs: &[Source::Run], find: rate_limited };

fn rate_limited(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(limited) = limited(facts) else { return Vec::new() };
    let (passed, held) = limited.checks.clone().partition(|seen| seen.outcome.recovered);
    let title = format!(
        "A device on the way limits new connections: {} of one run got through, later ones did not.",
        limited.prompt
    );
    let after = match passed.len() {
        0 => "None passed when repeated slowly, so the limit lasts: a ban of this machine's address, or a full table.".to_owned(),
        number => format!("{number} of them passed when repeated slowly."),
    };
    let detail = format!(
        "From {:.0} ms after the start on, {} of different service tags and ports did not open ({}), while those before did \
         at once. {after} No rule about a tag, port or host does that.",
        limited.from_ms,
        count(limited.checks.len(), "connection"),
        some_of(&limited.checks.hosts()),
    );
    let confidence = if passed.len() > held.len() { Confidence::High } else { Confidence::Medium };
    let affects = limited.checks.ids();
    vec![Finding::new(Code::RateLimited, confidence, title, detail, affects, fix(facts)).into_risk()]
}

fn fix(facts: &Facts<'_>) -> Remedy {
    let slowly = ["check", "--concurrency", "4", "--deadline", "120s"].map(str::to_owned).to_vec();
    let summary = "Look at the firewall's or appliance's limit of new connections for one source address, its connection table and its SNAT \
                   ports. API Management opens many connections at once when it starts.";
    let steps = vec![
        look(Look::SnatPorts),
        look(Look::Probe(slowly)).saying("run again slowly, to see what else is blocked"),
    ];
    remedy::advise(facts, summary, steps)
}
