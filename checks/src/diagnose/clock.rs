//! The clock: certificates that are out of their dates together, or a time server that disagrees.

use crate::outcome::{Cause, Outcome};
use crate::run::Run;

use super::view::{Seen, count, finding, ids, risk, run_checks};
use super::{Code, Confidence, Finding, Remedy, Rule};

/// This clock is off.
pub const SKEW: Rule = Rule { code: Code::ClockSkew, find: skew };

/// Beyond this many milliseconds tokens and certificates fail: Kerberos and Entra ID allow five minutes.
const TOLERATED_MS: f64 = 300_000.0;

/// Certificates that must be out of their dates together before the clock is suspected without a time server's word.
const TOGETHER: usize = 2;

fn skew(run: &Run) -> Vec<Finding> {
    let offset = run.host.clock.as_ref().map(|clock| clock.offset_ms);
    let dated: Vec<Seen<'_>> = run_checks(run).filter(|(_, outcome)| is_dated(outcome, offset)).collect();
    let off = offset.filter(|offset| offset.abs() > TOLERATED_MS);
    let fine =
        run_checks(run).filter(|(_, outcome)| outcome.evidence.tls.is_some() && outcome.is_success()).count();
    let together = offset.is_none() && dated.len() >= TOGETHER && fine == 0;
    if off.is_none() && !together {
        return Vec::new();
    }
    let source = run.host.clock.as_ref().map_or("", |clock| clock.source.as_str());
    let (title, detail, confidence) = match off {
        Some(offset) => (
            format!(
                "This machine's clock is {} {}.",
                span(offset),
                if offset > 0.0 { "behind" } else { "ahead" }
            ),
            format!(
                "{} says so{}. A second time source that agrees with this clock would disprove it.",
                if source == "ntp" { "A time server" } else { "The Date of several web servers" },
                match dated.len() {
                    0 => "; no certificate fails for it yet, tokens do".to_owned(),
                    1 => "; 1 certificate fails for its dates".to_owned(),
                    many => format!("; {many} certificates fail for their dates"),
                }
            ),
            Confidence::High,
        ),
        None => (
            "This machine's clock is probably off: every certificate is out of its dates.".to_owned(),
            format!(
                "{} failed for their dates and none passed; no time server answered. The right time on this machine would \
                 disprove it.",
                count(dated.len(), "certificate")
            ),
            Confidence::Medium,
        ),
    };
    let fix = Remedy {
        summary: "Set the clock, and let the time service use the host's clock (chrony with the PTP device that Azure \
                  gives its VMs). The instance's own nodes keep their own time."
            .to_owned(),
        commands: vec!["chronyc tracking".to_owned(), "timedatectl set-ntp true".to_owned()],
        doc_url: None,
    };
    vec![risk(finding(Code::ClockSkew, confidence, title, detail, ids(dated), fix))]
}

/// A clock that is behind finds certificates that are not valid yet; one that is ahead finds them expired.
fn is_dated(outcome: &Outcome, offset: Option<f64>) -> bool {
    match outcome.cause() {
        Some(Cause::CertNotYetValid) => offset.is_none_or(|offset| offset > 0.0),
        Some(Cause::CertExpired) => offset.is_none_or(|offset| offset < 0.0),
        _ => false,
    }
}

fn span(offset_ms: f64) -> String {
    let minutes = offset_ms.abs() / 60_000.0;
    if minutes < 120.0 {
        format!("{minutes:.0} minutes")
    } else if minutes < 2880.0 {
        format!("{:.0} hours", minutes / 60.0)
    } else {
        format!("{:.0} days", minutes / 1440.0)
    }
}
