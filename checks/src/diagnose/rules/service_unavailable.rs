//! The service itself is reached, and says that it fails.

use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::seen::Group;
use crate::facts::Facts;
use crate::fix::step::{Look, look};
use crate::outcome::fact;

/// The service itself says that it fails.
pub(crate) fn server_error(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let status =
        group.each().find_map(|seen| seen.outcome.evidence.exchange.as_ref()?.number(fact::HTTP_STATUS));
    let with = status.map_or_else(|| "a server error".to_owned(), |status| format!("HTTP {status:.0}"));
    let verbs = if names.len() == 1 { "is reached and answers" } else { "are reached and answer" };
    let title = format!("{} {verbs} with {with}.", some_of(&names));
    let detail = "The certificate was accepted: the network lets the connection through, and what answers there fails."
        .to_owned();
    let peer = remedy::first_peer(group);
    let fix = remedy::advise(
        facts,
        "Run again in some minutes. If it stays: for a service of Azure, look at Service Health for the region; for a name of your own, \
         at what stands behind the gateway or proxy that answers.",
        vec![look(Look::Http { scheme: "https", peer })],
    );
    Finding::new(Code::ServiceUnavailable, Confidence::Low, title, detail, group.ids(), fix)
}

/// The service shows its own certificate, and ends the session with an alert.
pub(crate) fn refuses(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let verbs = if names.len() == 1 { "is reached and refuses" } else { "are reached and refuse" };
    let title = format!("{} {verbs} the TLS session with an alert.", some_of(&names));
    let said = group.each().find_map(|seen| seen.failure()).map_or("", |failure| &failure.detail);
    let detail = format!(
        "The certificate was shown and accepted before the alert ({said}): the network lets the connection through, and the \
         service itself refuses."
    );
    let summary = "Look at what the service allows: its firewall and network settings, the TLS versions that it takes, and the name that \
                   it serves. For a name of your own, look at what stands behind the gateway or proxy that answers.";
    let fix = remedy::advise(facts, summary, vec![look(Look::Certificates(remedy::first_peer(group)))]);
    Finding::new(Code::ServiceUnavailable, Confidence::Medium, title, detail, group.ids(), fix)
}

/// A time server that has no time itself.
pub(crate) fn unsynchronised(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let title = format!("{} answers NTP but is not synchronised.", some_of(&names));
    let detail = "A public time server is synchronised; a local one that a firewall or router puts in its place may not be."
        .to_owned();
    let peer = remedy::first_peer(group);
    let summary = format!(
        "Allow UDP {} to this server without interception, or name a time server that is synchronised.",
        peer.port
    );
    let fix = remedy::advise(facts, summary, vec![look(Look::Time(peer))]);
    Finding::new(Code::ServiceUnavailable, Confidence::Low, title, detail, group.ids(), fix)
}
