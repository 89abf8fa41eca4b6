//! The clock: certificates that are out of their dates together, or a time server that disagrees.

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::count;
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::rules::tls_interception;
use crate::diagnose::seen::{Group, Seen};
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::outcome::Cause;

/// This clock is off.
pub(crate) const RULE: Rule = Rule { code: Code::ClockSkew, needs: &[Source::Run], find: skew };

/// Beyond this many milliseconds tokens and certificates fail: Kerberos and Entra ID allow five minutes.
const TOLERATED_MS: f64 = 300_000.0;

/// Certificates that must be out of their dates together before the clock is suspected without a time server's word.
const MIN_AGREEING: usize = 2;

fn skew(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(clock) = facts.clock else { return suspected(facts).into_iter().collect() };
    if clock.offset_ms.abs() <= TOLERATED_MS {
        return Vec::new();
    }
    let dated: Group<'_> = facts.ended().filter(|seen| is_dated(*seen, clock.offset_ms)).collect();
    let title = format!(
        "This machine's clock is {} {}.",
        span(clock.offset_ms),
        if clock.offset_ms > 0.0 { "behind" } else { "ahead" }
    );
    let detail = format!(
        "{}{}.",
        if clock.source == "ntp" {
            "A time server says so"
        } else {
            "The Date headers of several web servers agree"
        },
        match dated.len() {
            0 => "; no certificate fails for it yet, tokens do".to_owned(),
            1 => "; 1 certificate fails for its dates".to_owned(),
            many => format!("; {many} certificates fail for their dates"),
        }
    );
    vec![
        Finding::new(Code::ClockSkew, Confidence::High, title, detail, dated.ids(), set_it(facts))
            .into_risk(),
    ]
}

/// No time source answered, and certificates are out of their dates on the same side. Those of an inspecting device count
/// only where no other passes: they may well have run out alone.
fn suspected(facts: &Facts<'_>) -> Option<Finding> {
    let fine = facts.ended().filter(|seen| seen.outcome.evidence.tls.is_some() && seen.is_success()).count();
    let sides = [Cause::CertExpired, Cause::CertNotYetValid].map(|side| -> Group<'_> {
        let here = facts.ended().filter(|seen| seen.cause() == Some(side));
        here.filter(|seen| fine == 0 || !tls_interception::is_foreign(facts, *seen)).collect()
    });
    let dated =
        sides.into_iter().max_by_key(|dated| dated.len()).filter(|dated| dated.len() >= MIN_AGREEING)?;
    let failed = count(dated.len(), "certificate");
    let (title, detail, confidence) = match fine {
        0 => (
            "This machine's clock is probably off: every certificate is outside its validity period."
                .to_owned(),
            format!("{failed} failed for their dates and none passed; no time server answered."),
            Confidence::Medium,
        ),
        fine => (
            format!("This machine's clock may be off: {failed} are out of their dates together."),
            format!(
                "{} passed: they may be of another age, or the clock is right and those that failed are old. No time \
                 server answered.",
                count(fine, "other")
            ),
            Confidence::Low,
        ),
    };
    Some(Finding::new(Code::ClockSkew, confidence, title, detail, dated.ids(), set_it(facts)))
}

fn set_it(facts: &Facts<'_>) -> Remedy {
    let summary = "Set the clock, and let the time service use the host's clock (chrony with the PTP device that Azure gives its \
                   VMs). The instance's own nodes keep their own time.";
    let steps = vec![look(Look::Clock), change(Change::StepClock), change(Change::KeepClock)];
    remedy::advise(facts, summary, steps)
}

/// A clock that is behind finds certificates that are not valid yet; one that is ahead finds them expired.
fn is_dated(seen: Seen<'_>, offset: f64) -> bool {
    match seen.cause() {
        Some(Cause::CertNotYetValid) => offset > 0.0,
        Some(Cause::CertExpired) => offset < 0.0,
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
