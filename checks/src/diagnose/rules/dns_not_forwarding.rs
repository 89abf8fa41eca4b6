//! Name servers that answer, and do not know Azure's names.

use std::collections::{BTreeMap, BTreeSet};

use crate::azure;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::name_servers::{
    SINKHOLE, by_azure, dead_servers, is_negative_answer, is_sinkholed, is_unusable, look_at_both, refusal,
    refusal_words, resolves_any, subject,
};
use crate::diagnose::phrases::{count, some_of};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::outcome::{Cause, Stage};
use crate::plan::Origin;
use crate::server::Server;

/// A custom server does not know Azure's names.
pub(crate) const RULE: Rule =
    Rule { code: Code::DnsNotForwarding, needs: &[Source::Run], find: not_forwarding };

/// Names that must fail together where 168.63.129.16 was not there to compare with.
const MIN_AGREEING: usize = 2;

/// What a server does with names that it should hand on, and whether 168.63.129.16 knows them.
#[derive(Default)]
struct NegativeAnswers<'a> {
    known: Group<'a>,
    unknown: Group<'a>,
    answers: BTreeSet<&'static str>,
}

impl NegativeAnswers<'_> {
    /// All of them are addresses that lead nowhere, as a filter gives them.
    fn are_sunk(&self) -> bool {
        self.answers.len() == 1 && self.answers.contains(SINKHOLE)
    }
}

fn not_forwarding(facts: &Facts<'_>) -> Vec<Finding> {
    let dead: BTreeSet<Server> = dead_servers(facts).into_iter().map(|(server, _)| server).collect();
    let mut by_server: BTreeMap<Server, NegativeAnswers<'_>> = BTreeMap::new();
    for seen in facts.seen().filter(|seen| is_unresolved(*seen)) {
        let refusal = seen
            .answers()
            .filter(|answer| answer.server != azure::DNS && !dead.contains(&answer.server))
            .find_map(|answer| Some((answer.server, refusal(answer)?)));
        let Some((server, words)) = refusal else { continue };
        let refusals = by_server.entry(server).or_default();
        match by_azure(std::iter::once(seen)) {
            // No server knows the name: none is to blame.
            Some(azures) if is_negative_answer(azures.cause) || azures.addresses.iter().any(is_sinkholed) => {
                continue;
            }
            Some(azures) if !azures.addresses.is_empty() => refusals.known.push(seen),
            // Silence and garbage alone are those of a server that does not answer.
            _ if is_unusable(seen.cause()) => continue,
            _ => refusals.unknown.push(seen),
        }
        refusals.answers.insert(words);
    }
    by_server.into_iter().filter_map(|(server, refusals)| judged(facts, server, &refusals)).collect()
}

fn is_unresolved(seen: Seen<'_>) -> bool {
    seen.failure()
        .is_some_and(|failure| failure.stage == Stage::Resolve && failure.cause != Cause::DnsWrongAddress)
}

fn judged(facts: &Facts<'_>, server: Server, refusals: &NegativeAnswers<'_>) -> Option<Finding> {
    let listed = refusals.unknown.each().filter(|seen| {
        !seen.is_absence() || !matches!(seen.check.origin, Origin::Flag | Origin::NetworkStatus)
    });
    // A name that a filter sends to 0.0.0.0 exists; every other refusal may be true of a single name.
    let guess =
        refusals.answers.contains(SINKHOLE) || listed.collect::<Group<'_>>().hosts().len() >= MIN_AGREEING;
    (guess || !refusals.known.is_empty()).then(|| refusing(facts, server, refusals))
}

fn refusing(facts: &Facts<'_>, server: Server, refusals: &NegativeAnswers<'_>) -> Finding {
    let NegativeAnswers { known, unknown, .. } = refusals;
    let group: Group<'_> = known.each().chain(unknown.each()).collect();
    let names = group.hosts();
    let sunk = refusals.are_sunk();
    let partly = known.is_empty() && resolves_any(facts, server);
    let azure_names = if let [name] = names[..] { name.to_owned() } else { count(names.len(), "Azure name") };
    let title = match (sunk, partly) {
        (true, _) => format!("DNS server {server} answers {SINKHOLE} for {azure_names}, as a filter does."),
        (_, true) => {
            format!("DNS server {server} does not resolve {azure_names}, though it resolves others.")
        }
        _ => format!("DNS server {server} does not forward Azure names: {}.", failing(names.len())),
    };
    let detail = comparison(refusals, &names);
    let filter = match (sunk, names.len()) {
        (false, _) => "",
        (true, 1) => "Take this name off the filter's block list. ",
        (true, _) => "Take these names off the filter's block list. ",
    };
    let summary = format!(
        "{filter}Add a default or conditional forwarder on {server} to 168.63.129.16 (from inside Azure; from elsewhere to a \
         DNS Private Resolver), then apply the network configuration of existing instances: they keep the old answers until \
         then."
    );
    let mut steps = look_at_both(Some(server), names.first().copied());
    steps.push(remedy::apply_network_configuration());
    let fix = remedy::advise(facts, summary, steps);
    let confidence = match (known.is_empty(), partly && !sunk) {
        (false, _) => Confidence::High,
        (true, false) => Confidence::Medium,
        (true, true) => Confidence::Low,
    };
    Finding::new(Code::DnsNotForwarding, confidence, title, detail, group.ids(), fix)
}

/// What the server answers, beside what 168.63.129.16 does.
fn comparison(refusals: &NegativeAnswers<'_>, names: &[&str]) -> String {
    let said = refusals.answers.iter().copied().collect::<Vec<_>>().join(", ");
    let (what, it) = match names.len() {
        1 if refusals.are_sunk() => (String::new(), "it"),
        _ => (format!("For {} it answers with {said}. ", some_of(names)), "the same"),
    };
    if refusals.known.is_empty() {
        format!("{what}168.63.129.16 could not be asked for comparison.")
    } else {
        format!("{what}Azure DNS (168.63.129.16) has an address for {it}, so the record exists.")
    }
}

fn failing(number: usize) -> String {
    let names = count(number, "name");
    if number == 1 { format!("{names} fails") } else { format!("{names} fail") }
}

/// A server fails for single names, and nothing shows that 168.63.129.16 resolves them.
pub(crate) fn unresolved(facts: &Facts<'_>, server: Option<Server>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let said = group.each().find_map(|seen| refusal_words(seen.cause()?)).unwrap_or("an error");
    let others = if server.is_some_and(|server| resolves_any(facts, server)) {
        ", though it resolves others"
    } else {
        ""
    };
    let title = match server {
        None => format!("No DNS server resolves {}: the answer is {said}.", some_of(&names)),
        Some(_) => format!("{} answers {said} for {}{others}.", subject(server), some_of(&names)),
    };
    let detail = match by_azure(group.each()).filter(|_| server != Some(azure::DNS)) {
        Some(_) => {
            "168.63.129.16 has no address either: a zone or a forwarding rule of the network for this domain is \
             broken, or the domain's own servers are."
        }
        None => "What the server forwards this domain to fails or refuses, or the domain's own servers do.",
    };
    let advice =
        "Find out which zone or forwarding rule of the network covers the domain, and where it leads.";
    let mut steps = look_at_both(server, names.first().copied());
    steps.push(look(Look::Zones));
    let fix = remedy::advise(facts, advice, steps);
    Finding::new(Code::DnsNotForwarding, Confidence::Low, title, detail.to_owned(), group.ids(), fix)
}
