//! What `-v` adds to a row: each stage with its time, and what was learned of the peer.

use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::outcome::{Status, Step, TlsEvidence};
use apim_probe_checks::plan::Check;

use super::{Page, wrap};
use crate::render::{Verbosity, phrases};
use crate::time;

impl Page<'_> {
    /// One line for a check that passed and was not remarkable, a line a step for any other.
    pub(super) fn details(&self, seen: Seen<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if matches!(*seen.status(), Status::Skipped(_)) {
            return lines;
        }
        let mut say = |text: String| lines.extend(wrap(&self.safe(&text), self.style, "      "));
        let tag = seen.check.tag().map_or_else(String::new, |tag| format!(", service tag {tag}"));
        let is_calm = seen.is_success() && seen.outcome.steps.iter().all(|step| step.cause.is_none());
        if is_calm {
            let address = seen.outcome.evidence.peer.as_ref().map(|peer| format!(" at {}", peer.address));
            let steps: Vec<String> = seen.outcome.steps.iter().map(passed).collect();
            say(format!("{}{}{tag}: {}", seen.check.protocol, address.unwrap_or_default(), steps.join(", ")));
        } else {
            say(format!("{}{tag}: {}", seen.check.protocol, seen.check.purpose));
            seen.outcome.steps.iter().for_each(|step| say(tried(seen.check, step)));
        }
        if let Some(dns) = seen.outcome.evidence.dns.as_ref().filter(|dns| !dns.cnames.is_empty()) {
            say(format!("CNAME {}", dns.cnames.join(" -> ")));
        }
        let told = if is_calm { trust } else { certificate };
        seen.outcome.evidence.tls.iter().for_each(|tls| say(told(tls)));
        lines
    }

    /// What can be said of several checks, once.
    pub(super) fn shared_notes(&self) -> Vec<String> {
        if self.style.verbosity != Verbosity::Verbose {
            return Vec::new();
        }
        let notes = phrases::notes(self.report);
        notes
            .iter()
            .flat_map(|(note, names)| self.wrapped(&format!("{}: {note}", names.join(", ")), ""))
            .collect()
    }
}

/// `connect 1 ms`.
fn passed(step: &Step) -> String {
    format!("{} {}", step.stage, time::span(step.duration_ms))
}

/// `+10 ms connect 20.62.0.15:1433, 3.2 s, 3 tries: connect-timeout, no answer within 3200 ms`.
fn tried(check: &Check, step: &Step) -> String {
    let port = check.port().filter(|_| step.address.is_some() && step.server.is_none());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let whom = whom(step).map(|whom| format!(" {whom}{port}")).unwrap_or_default();
    let tries =
        step.attempts.filter(|tries| *tries > 1).map(|tries| format!(", {tries} tries")).unwrap_or_default();
    let result = match (&step.cause, &step.detail) {
        (Some(cause), Some(detail)) => format!("{cause}, {detail}"),
        (Some(cause), None) => cause.to_string(),
        (None, _) => "ok".to_owned(),
    };
    let icmp = step.icmp.map_or_else(String::new, |icmp| {
        let from = icmp.from.map(|hop| format!(" from {hop}")).unwrap_or_default();
        format!(" (ICMP type {} code {}{from})", icmp.kind, icmp.code)
    });
    let (start, took) = (time::span(step.start_ms), time::span(step.duration_ms));
    format!("+{start} {}{whom}, {took}{tries}: {result}{icmp}", step.stage)
}

/// Who was asked: the DNS server, or the address.
fn whom(step: &Step) -> Option<String> {
    let address = step.address.map(|ip| if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() });
    step.server.map(|asked| asked.to_string()).or(address)
}

/// The certificate of a check that passed: who vouches for it.
fn trust(tls: &TlsEvidence) -> String {
    let version = tls.version.as_deref().unwrap_or("TLS");
    let trust = tls.trust.map_or("not judged", |trust| trust.as_str());
    let issuer = tls.chain.last().map(|last| format!(", issued by {}", last.issuer)).unwrap_or_default();
    format!("{version}, chain {trust}{issuer}")
}

fn certificate(tls: &TlsEvidence) -> String {
    let version = tls.version.as_deref().unwrap_or("TLS");
    let cipher = tls.cipher.as_deref().map(|cipher| format!(" {cipher}")).unwrap_or_default();
    let Some(leaf) = tls.chain.first() else { return format!("{version}{cipher}, no certificate") };
    let trust = tls.trust.map_or("not judged", |trust| trust.as_str());
    let issuer = tls.chain.last().map(|last| last.issuer.as_str()).unwrap_or_default();
    format!(
        "{version}{cipher}, certificate {} until {}, chain {trust}, issued by {issuer}",
        leaf.subject, leaf.not_after
    )
}
