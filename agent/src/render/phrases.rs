//! Sentences that several formats share.

use apim_probe_checks::catalogue::Profile;
use apim_probe_checks::outcome::{Outcome, SkipReason, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::{Report, Verdict};
use apim_probe_checks::run::Run;

use super::escape::display_safe;

/// What a reader must know of the subnet before the results mean anything.
pub const fn subnet_note(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::PremiumV2 => Some(
            "Premium v2: the subnet is delegated and takes no VM. Run this in a twin subnet with the same rules, routes and DNS.",
        ),
        Profile::Classic | Profile::Workspace => None,
    }
}

/// The one line that says how the run ended, with the exit code.
pub fn verdict(report: &Report) -> String {
    format!("{} (exit {})", judged(report), report.summary.exit_code)
}

/// The same without the code, for programs that have codes of their own.
pub fn judged(report: &Report) -> String {
    let summary = &report.summary;
    let (required, optional) = (summary.required, summary.optional);
    let interrupted = if report.run.interrupted { "interrupted; " } else { "" };
    let words = match summary.verdict {
        Verdict::Healthy => {
            format!("HEALTHY: {} required and {} optional checks passed", required.success, optional.success)
        }
        Verdict::Degraded => format!(
            "DEGRADED: all {} required checks passed, {} of {} optional did not",
            required.success,
            optional.failure + optional.undecided,
            optional.total - optional.skipped
        ),
        Verdict::Unhealthy => {
            let run = required.total - required.skipped;
            format!("UNHEALTHY: {} of {run} required checks failed", required.failure)
        }
        Verdict::Undecided => {
            let flags = missing_flags(report);
            let undecided = required.undecided as usize;
            let open = undecided + count(report, SkipReason::NameUnknown);
            match (report.run.interrupted || flags.is_empty(), undecided) {
                (true, _) => format!("UNDECIDED: {} could not be decided", plural(open, "required check")),
                (false, 0) => format!("UNDECIDED: add {}", flags.join(" ")),
                (false, _) => format!("UNDECIDED: {undecided} not decided; add {}", flags.join(" ")),
            }
        }
    };
    format!("{interrupted}{words}")
}

fn count(report: &Report, reason: SkipReason) -> usize {
    let skipped = report
        .run
        .results()
        .filter(|(check, outcome)| !check.is_optional && outcome.status == Status::Skipped(reason));
    skipped.count()
}

/// The flags that would name what is missing.
pub fn missing_flags(report: &Report) -> Vec<&'static str> {
    let missing = |check: &Check, outcome: &Outcome| {
        !check.is_optional && outcome.status == Status::Skipped(SkipReason::NameUnknown)
    };
    let mut flags: Vec<&'static str> = Vec::new();
    for (check, _) in report.run.results().filter(|(check, outcome)| missing(check, outcome)) {
        if !flags.contains(&check.naming_flag()) {
            flags.push(check.naming_flag());
        }
    }
    flags
}

/// How a check ended, as `stage: cause`.
pub fn ending(outcome: &Outcome) -> String {
    match &outcome.status {
        Status::Success if outcome.recovered => "passed on the second look".to_owned(),
        Status::Success => "passed".to_owned(),
        Status::Failure(failure) | Status::Undecided(Some(failure)) => {
            format!("{}: {}", failure.stage, failure.cause)
        }
        Status::Undecided(None) => "not finished".to_owned(),
        Status::Skipped(reason) => format!("skipped: {reason}"),
    }
}

/// The same in as few words: most causes name their stage themselves.
pub fn short_ending(outcome: &Outcome) -> String {
    match &outcome.status {
        Status::Failure(failure) | Status::Undecided(Some(failure)) if !failure.cause.is_undecided() => {
            failure.cause.to_string()
        }
        Status::Skipped(reason) => skip_words(*reason).to_owned(),
        _ => ending(outcome),
    }
}

/// What was seen, in words, safe to show.
pub fn error(outcome: &Outcome) -> Option<String> {
    match &outcome.status {
        Status::Failure(failure) | Status::Undecided(Some(failure)) if !failure.detail.is_empty() => {
            Some(display_safe(&failure.detail))
        }
        _ => None,
    }
}

/// What a skip reason means to a reader.
pub const fn skip_words(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::NameUnknown => "name not known",
        SkipReason::NotDerivable => "name known to the platform only",
        SkipReason::NoInstance => "no --service given",
        SkipReason::NoMetadataService => "not an Azure VM",
        SkipReason::SwitchedOff => "switched off",
        SkipReason::SameAsAzureDns => "see dns-azure",
        SkipReason::NoServer => "no name server configured",
        SkipReason::NotCheckable => "cannot be checked from a VM",
        SkipReason::Extended => "legacy or undocumented, run with --only",
        SkipReason::ToolOnly => "not needed by API Management",
        SkipReason::NoIpv6 => "no IPv6 here",
    }
}

/// The required or the optional half of the checks, the worst first.
pub fn worst_first(run: &Run, optional: bool) -> Vec<(&Check, &Outcome)> {
    let mut results: Vec<(&Check, &Outcome)> =
        run.results().filter(|(check, _)| check.is_optional == optional).collect();
    results.sort_by_key(|(_, outcome)| badness(outcome));
    results
}

const fn badness(outcome: &Outcome) -> u8 {
    match outcome.status {
        Status::Failure(_) => 0,
        Status::Undecided(_) => 1,
        Status::Success => 2,
        Status::Skipped(_) => 3,
    }
}

/// `1 check`, `2 checks`.
pub fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
