//! Sentences that several formats share.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use apim_probe_checks::arrange;
use apim_probe_checks::catalogue::{self, Profile, Requirement, Role};
use apim_probe_checks::diagnose::{self, Finding, Instruction, Remedy, Seen, StepKind};
use apim_probe_checks::network::configuration::Basis;
use apim_probe_checks::network::decision::Decision;
use apim_probe_checks::outcome::{SkipReason, Stage, Status};
use apim_probe_checks::plan::{Check, CheckId};
use apim_probe_checks::report::{Report, Verdict};
use apim_probe_checks::run::{Run, RunKind};

use super::Verbosity;
use super::escape::display_safe;
use crate::time;

/// Consequences that a finding tells before it counts the rest.
const CONSEQUENCES: usize = 2;

/// What a reader must know of the subnet before the results mean anything.
pub(super) const fn subnet_note(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::PremiumV2 => Some(
            "Premium v2: the subnet is delegated and takes no VM. Run this in a twin subnet with the same rules, routes and DNS.",
        ),
        Profile::Classic | Profile::Workspace => None,
    }
}

/// What was checked: program, region, cloud, mode, DNS servers.
pub(super) fn scope(run: &Run) -> String {
    let instance = &run.plan.instance;
    let region = instance.region.as_deref().unwrap_or("unknown region");
    let dns = match run.host.dns_servers.as_slice() {
        _ if run.kind == RunKind::Review => String::new(),
        [] => ", no DNS server".to_owned(),
        servers => format!(", DNS {}", servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
    };
    let tool = env!("CARGO_PKG_VERSION");
    format!("apim-probe {tool} for {region}, {} cloud, {} mode{dns}", instance.cloud, instance.vnet_mode)
}

/// From where and when: machine, address, subnet, date and time, duration.
pub(super) fn vantage(run: &Run) -> String {
    if run.kind == RunKind::Review {
        return format!(
            "Judged from configuration alone, {}; no packet was sent",
            time::to_the_second(run.started_at)
        );
    }
    let (at, took) = (time::to_the_second(run.started_at), time::span(run.duration_ms));
    format!("Checked from {}, {at}, {took}", place(run))
}

/// The machine with its address and subnet.
pub(super) fn place(run: &Run) -> String {
    let host = run.host.hostname.as_deref().unwrap_or("this machine");
    let metadata = &run.host.azure.metadata;
    let address = metadata.private_addresses.first().or(run.host.addresses.first());
    match (address, metadata.subnets.first()) {
        (Some(address), Some(subnet)) => format!("{host} ({address} in {subnet})"),
        (Some(address), None) => format!("{host} ({address})"),
        (None, _) => host.to_owned(),
    }
}

/// Which run, and by which catalogue.
pub(super) fn identity(run: &Run) -> String {
    format!("Run {}, catalogue {} of {}", run.id, run.plan.catalogue_version, run.plan.catalogue_sourced_at)
}

/// How old a saved report is at `now`.
pub(super) fn age(run: &Run, now: SystemTime) -> String {
    match time::age(run.finished_at, now) {
        Some(age) => format!("This is a saved report, {age} old: the network may have changed since."),
        None => "This is a saved report, dated later than this machine's clock.".to_owned(),
    }
}

/// What was not run, and what would run more of it; `None` where everything was.
pub(super) fn not_run(report: &Report) -> Option<String> {
    let reasons = report.results().filter_map(|seen| match *seen.status() {
        Status::Skipped(reason) => Some((seen.check, reason)),
        _ => None,
    });
    let (mut total, mut more, mut options) = (0, 0, Vec::new());
    for (check, reason) in reasons {
        total += 1;
        let option = match reason {
            SkipReason::NoInstance => "--service",
            SkipReason::NameUnknown => check.naming_flag(),
            _ => continue,
        };
        more += 1;
        if !options.contains(&option) {
            options.push(option);
        }
    }
    let advice = match more {
        0 => String::new(),
        more => format!(" Add {} for {more} of them.", options.join(", ")),
    };
    (total > 0).then(|| format!("Not run: {total} (see plan -v).{advice}"))
}

/// How many checks a finding accounts for, by endpoint; those of the endpoints beyond `named` are counted. The numbers
/// add up. Empty where it accounts for none.
pub(super) fn affected(finding: &Finding, named: usize) -> String {
    let mut endpoints: Vec<(&str, usize)> = Vec::new();
    for id in &finding.affects {
        let endpoint = id.as_str().split('/').next().unwrap_or_default();
        match endpoints.iter_mut().find(|(known, _)| *known == endpoint) {
            Some((_, count)) => *count += 1,
            None => endpoints.push((endpoint, 1)),
        }
    }
    let (listed, rest) = endpoints.split_at(named.min(endpoints.len()));
    let listed = listed.iter().map(|(endpoint, count)| match count {
        1 => (*endpoint).to_owned(),
        count => format!("{endpoint} ({count})"),
    });
    let rest: usize = rest.iter().map(|(_, count)| count).sum();
    let more = (rest > 0).then(|| format!("{rest} more"));
    let words: Vec<String> = listed.chain(more).collect();
    match finding.affects.len() {
        0 => String::new(),
        count => format!("{} affected: {}.", plural(count, "check"), words.join(", ")),
    }
}

/// The one line that says how the run ended, with the exit code.
pub(super) fn verdict(report: &Report) -> String {
    format!("{} (exit {})", judged(report), report.summary.exit_code)
}

/// The same without the code, for programs that have codes of their own.
pub(super) fn judged(report: &Report) -> String {
    let summary = &report.summary;
    let (required, optional) = (summary.required, summary.optional);
    let interrupted = if report.run.interrupted { "interrupted; " } else { "" };
    let words = match summary.verdict {
        Verdict::Healthy => {
            format!("HEALTHY: {} required and {} optional checks passed", required.success, optional.success)
        }
        Verdict::Degraded if optional.failure + optional.undecided == 0 => {
            "DEGRADED: all checks passed, but DNS servers contradict each other".to_owned()
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
    let skipped =
        report.results().filter(|seen| !seen.is_optional() && *seen.status() == Status::Skipped(reason));
    skipped.count()
}

/// The flags that would name what is missing.
pub(super) fn missing_flags(report: &Report) -> Vec<&'static str> {
    let missing =
        |seen: Seen<'_>| !seen.is_optional() && *seen.status() == Status::Skipped(SkipReason::NameUnknown);
    let mut flags: Vec<&'static str> = Vec::new();
    for seen in report.results().filter(|seen| missing(*seen)) {
        if !flags.contains(&seen.check.naming_flag()) {
            flags.push(seen.check.naming_flag());
        }
    }
    flags
}

/// How a check ended, as `stage: cause`.
pub(super) fn ending(seen: Seen<'_>) -> String {
    if let Some(words) = configured(seen) {
        return words;
    }
    match seen.status() {
        Status::Success if seen.outcome.recovered => "passed on retry".to_owned(),
        Status::Success => "passed".to_owned(),
        Status::Failure(failure) | Status::Undecided(Some(failure)) => {
            format!("{}: {}", failure.stage, failure.cause)
        }
        Status::Undecided(None) => "not finished".to_owned(),
        Status::Skipped(reason) => format!("not run: {}", skip_words(*reason)),
    }
}

/// The same in as few words: most causes name their stage themselves.
pub(super) fn short_ending(seen: Seen<'_>) -> String {
    if let Some(words) = configured(seen) {
        return words;
    }
    match seen.status() {
        Status::Failure(failure) | Status::Undecided(Some(failure)) if !failure.cause.is_undecided() => {
            failure.cause.to_string()
        }
        Status::Skipped(reason) => skip_words(*reason).to_owned(),
        _ => ending(seen),
    }
}

/// What was seen, in words, safe to show.
pub(super) fn error(seen: Seen<'_>) -> Option<String> {
    if configured(seen).is_some() {
        return near_miss(seen);
    }
    match seen.status() {
        Status::Failure(failure) | Status::Undecided(Some(failure)) if !failure.detail.is_empty() => {
            Some(display_safe(&failure.detail))
        }
        _ => None,
    }
}

/// What configuration says of a check that no packet decided, safe to show: `denied by "DenyInternet" (200, nsg-apim)`.
pub(super) fn configured(seen: Seen<'_>) -> Option<String> {
    let of_setting = || seen.failure().filter(|failure| failure.stage == Stage::Configuration);
    let decided = seen.class.configuration.as_deref().map(Decision::sentence);
    let words = decided.or_else(|| of_setting().map(|failure| failure.detail.clone()));
    words.map(|words| display_safe(&words))
}

/// The rule that would have allowed a denied flow but for one field, safe to show.
pub(super) fn near_miss(seen: Seen<'_>) -> Option<String> {
    let near = seen.class.configuration.as_ref()?.near_miss.as_ref()?;
    Some(display_safe(&near.to_string()))
}

/// What configuration says of a failed check that packets decided, safe to show: the decision, and the rule that came close.
pub(super) fn beside_packets(report: &Report, seen: Seen<'_>) -> Vec<String> {
    let judgement = report.network.as_ref().map(|network| &network.judgement);
    let decision = judgement.and_then(|judgement| judgement.decision(&seen.check.id));
    let Some(decision) = decision.filter(|_| seen.was_probed() && seen.failure().is_some()) else {
        return Vec::new();
    };
    let said = format!("configuration: {}", decision.sentence());
    let near = decision.near_miss.as_ref().map(ToString::to_string);
    std::iter::once(said).chain(near).map(|line| display_safe(&line)).collect()
}

/// Parts that were passed over, and assumptions, which are named before the rest is counted.
const NAMED_PARTS: usize = 5;

/// What the decisions of configuration stand on, a line each; verbose names every document and part.
pub(super) fn basis(basis: &Basis, verbosity: Verbosity) -> Vec<String> {
    let all = verbosity == Verbosity::Verbose;
    let most = if all { usize::MAX } else { NAMED_PARTS };
    let mut lines = vec![format!("Configuration: {}", plural(basis.documents.len(), "document"))];
    if let Some(subnet) = &basis.subnet {
        let has = |what: &str, name: &Option<String>| match name {
            Some(name) => format!(", {what} {name}"),
            None => String::new(),
        };
        lines[0].push_str(&format!(
            "; subnet {} {}{}{}{}",
            subnet.name,
            subnet.prefixes.join(" "),
            has("group", &subnet.nsg),
            has("route table", &subnet.route_table),
            has("NAT gateway", &subnet.nat_gateway)
        ));
    }
    if all {
        lines.extend(basis.documents.iter().map(|one| {
            let name = if one.name.is_empty() { String::new() } else { format!(" {}", one.name) };
            format!("Read: {}{name} ({}{})", one.kind, one.place.file, pointed(&one.place.pointer))
        }));
    }
    lines.extend(basis.passed_over.iter().take(most).map(|part| {
        format!("Passed over: {}{}: {}", part.place.file, pointed(&part.place.pointer), part.reason)
    }));
    lines.extend(rest(basis.passed_over.len(), most, "more part", "passed over"));
    lines.extend(
        basis
            .refused
            .iter()
            .map(|one| format!("Not given by Azure: {} ({}): {}", one.kind, one.reason, one.action)),
    );
    lines.extend(basis.assumptions.iter().take(most).map(|one| format!("Assumed: {one}")));
    lines.extend(rest(basis.assumptions.len(), most, "more assumption", "made"));
    lines
}

fn pointed(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!("#{pointer}") }
}

fn rest(count: usize, most: usize, noun: &str, verb: &str) -> Option<String> {
    let rest = count.saturating_sub(most);
    (rest > 0).then(|| format!("And {} {verb} (-v lists all)", plural(rest, noun)))
}

/// What a skip reason means to a reader.
pub(super) const fn skip_words(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::NameUnknown => "name not known",
        SkipReason::NotDerivable => "only the platform knows its name",
        SkipReason::NoInstance => "no --service given",
        SkipReason::NoMetadataService => "not an Azure VM",
        SkipReason::SwitchedOff => "switched off",
        SkipReason::SameAsAzureDns => "dns-azure checks the same server",
        SkipReason::NoServer => "no DNS server configured",
        SkipReason::NotCheckable => "cannot be checked from a VM",
        SkipReason::Extended => "legacy or undocumented: run it with --only",
        SkipReason::ToolOnly => "not needed by API Management",
        SkipReason::SingleRegion => "no second location shown",
        SkipReason::NoManagedCertificate => "no managed certificate shown",
        SkipReason::NotPublished => "not published by the Application Gateway",
        SkipReason::NoIpv6 => "no IPv6 here",
    }
}

/// The root finding that accounts for a check.
pub(super) fn finding_of<'a>(report: &'a Report, check: &Check) -> Option<&'a Finding> {
    report.diagnosis.roots().find(|finding| finding.affects.contains(&check.id))
}

/// One half of the checks as a heading.
pub(super) const fn half(requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::Required => "Required",
        Requirement::Optional => "Optional",
    }
}

/// The required or the optional half of the checks, the worst first.
pub(super) fn worst_first(report: &Report, requirement: Requirement) -> Vec<Seen<'_>> {
    let mut results: Vec<Seen<'_>> =
        report.results().filter(|seen| seen.class.requirement == requirement).collect();
    arrange::by_key(&mut results, |seen| badness(*seen));
    results
}

const fn badness(seen: Seen<'_>) -> u8 {
    match *seen.status() {
        Status::Failure(_) => 0,
        Status::Undecided(_) => 1,
        Status::Success => 2,
        Status::Skipped(_) => 3,
    }
}

/// What a step is: `Look: which security rule decides`, `If it says Deny, change: allow it ahead of what denies`; the label
/// ends with its colon. `None` where the step before has said it.
pub(super) fn step_label(step: &Instruction) -> Option<(String, &str)> {
    let text = step.text.as_deref()?;
    let label = match (&step.when, step.kind) {
        (None, StepKind::Look) => "Look:".to_owned(),
        (None, StepKind::Change) => "Change:".to_owned(),
        (Some(when), kind) => format!("{when}, {kind}:"),
    };
    Some((label, text))
}

/// The steps as lines of plain text, each command behind its label.
pub(super) fn step_lines(remedy: &Remedy) -> Vec<String> {
    let lines = |step: &Instruction| {
        let label = step_label(step).map(|(label, text)| format!("{label} {text}"));
        label.into_iter().chain([step.command.clone()])
    };
    remedy.steps.iter().flat_map(lines).collect()
}

/// `1 check`, `2 checks`.
pub(super) fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// What a DNS server does that fails while names resolve without it.
const LATE_NAMES: &str =
    "Names wait for this server before they resolve otherwise, and fail where nothing else answers.";

/// What does not work because of the failed checks that a finding accounts for, in the catalogue's words: of the required
/// ones first, each sentence once, and the rest counted. `None` where none failed that the catalogue knows.
pub(super) fn impact(report: &Report, finding: &Finding) -> Option<String> {
    let affected: BTreeSet<&CheckId> = finding.affects.iter().collect();
    let failed = report.results().filter(|seen| seen.failure().is_some()).map(|seen| seen.check);
    let mut failed: Vec<&Check> = failed.filter(|check| affected.contains(&check.id)).collect();
    arrange::by_key(&mut failed, |check| check.is_optional());
    let resolves = || {
        report.results().any(|seen| {
            seen.outcome
                .evidence
                .dns
                .as_ref()
                .is_some_and(|dns| dns.server.is_some() && !dns.addresses.is_empty())
        })
    };
    let mut consequences: Vec<&str> = Vec::new();
    for row in failed.into_iter().filter_map(|check| catalogue::embedded().endpoint(&check.endpoint)) {
        let without = if row.role == Role::NameServer && resolves() { LATE_NAMES } else { &row.without };
        if !consequences.contains(&without) {
            consequences.push(without);
        }
    }
    let (told, rest) = consequences.split_at(CONSEQUENCES.min(consequences.len()));
    let rest = (!rest.is_empty()).then(|| format!("And {}.", plural(rest.len(), "more consequence")));
    let words: Vec<String> = told.iter().map(|&one| one.to_owned()).chain(rest).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What else can be said of checks, such as the path to them: each once, with the endpoints that it is said of.
pub(super) fn notes(report: &Report) -> BTreeMap<String, Vec<&str>> {
    let mut notes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for seen in report.results() {
        for note in diagnose::notes(seen, report.portal.as_ref()) {
            let names = notes.entry(note).or_default();
            if !names.contains(&seen.check.endpoint.as_str()) {
                names.push(&seen.check.endpoint);
            }
        }
    }
    notes.extend(machine_notes(report));
    notes
}

/// What this machine has and API Management's nodes have not: its proxy variables, once for each group that goes over HTTP,
/// and the lines of its hosts file.
pub(super) fn machine_notes(report: &Report) -> BTreeMap<String, Vec<&str>> {
    let mut notes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let proxy = diagnose::proxy_note(&report.run.host);
    for seen in report.results().filter(|seen| !matches!(seen.status(), Status::Skipped(_))) {
        let hosts_file = diagnose::hosts_file_note(seen).map(|note| (note, seen.check.endpoint.as_str()));
        let proxied = diagnose::is_proxied_elsewhere(seen.check).then_some(proxy.clone()).flatten();
        let proxy = proxied.map(|note| (note, seen.check.group.as_str()));
        for (note, whom) in hosts_file.into_iter().chain(proxy) {
            let names = notes.entry(note).or_default();
            if !names.contains(&whom) {
                names.push(whom);
            }
        }
    }
    notes
}

/// The sentence where there is no other type for code: what stands between backticks is quoted.
pub(super) fn quoted(text: &str) -> String {
    let piece = |piece| match piece {
        Piece::Code(word) => format!("\"{word}\""),
        Piece::Text(words) => words.to_owned(),
    };
    pieces(text).map(piece).collect()
}

/// A part of a sentence of ours.
pub(super) enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// What stands between two backticks: a name, a certificate's subject, a command.
    Code(&'a str),
}

/// The parts of a sentence; a backtick without its other half is text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((word, after)) = rest.strip_prefix('`').and_then(|after| after.split_once('`'))
            && !word.is_empty()
        {
            rest = after;
            return Some(Piece::Code(word));
        }
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find('`').map_or(rest.len(), |at| at + first);
        let (words, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(words))
    })
}
