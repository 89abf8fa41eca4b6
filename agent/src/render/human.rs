//! The report for people: what is wrong first, then the fix, then every required check, the verdict last.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style as Ansi};
use apim_probe_checks::diagnose::{self, Finding, Severity};
use apim_probe_checks::outcome::{Outcome, SkipReason, Status};
use apim_probe_checks::plan::Check;
use apim_probe_checks::report::{Counts, Report, Verdict};

use super::{Style, Verbosity, phrases};

mod layout;
mod summary;

pub use summary::summary;

pub(super) use layout::{columns, command, elide, pad, wrap};

/// Checks that one finding names before it counts the rest.
const NAMED: usize = 4;

/// Columns of a check's name; a longer one takes from its target.
const NAME: usize = 20;

/// Columns that a target keeps, however long the name.
const TARGET: usize = 12;

/// The whole report.
#[must_use]
pub fn report(report: &Report, style: Style) -> String {
    let page = Page { report, style };
    let mut lines = Vec::new();
    let calm = matches!(report.summary.verdict, Verdict::Healthy);
    if style.verbosity > Verbosity::Quiet || !calm {
        lines.extend(page.header());
        let note = phrases::subnet_note(report.run.plan.instance.profile);
        lines.extend(note.into_iter().flat_map(|note| page.wrapped(note, "")));
        lines.extend(page.findings());
        lines.extend(page.section("Required", false));
        lines.extend(page.section("Optional", true));
        lines.extend(page.skipped());
        lines.extend(page.notes());
        lines.push(String::new());
    }
    lines.extend(page.verdict());
    lines.join("\n") + "\n"
}

struct Page<'a> {
    report: &'a Report,
    style: Style,
}

impl Page<'_> {
    fn paint(&self, text: &str, color: AnsiColor) -> String {
        match self.style.color {
            true => {
                let ansi = Ansi::new().fg_color(Some(color.into()));
                format!("{ansi}{text}{ansi:#}")
            }
            false => text.to_owned(),
        }
    }

    fn safe(&self, text: &str) -> String {
        self.style.shown(text)
    }

    /// A paragraph.
    fn wrapped(&self, text: &str, indent: &str) -> Vec<String> {
        wrap(&self.safe(text), self.style.width, indent)
    }

    fn bold(&self, text: &str) -> String {
        match self.style.color {
            true => {
                let ansi = Ansi::new().bold();
                format!("{ansi}{text}{ansi:#}")
            }
            false => text.to_owned(),
        }
    }

    fn mark(&self, outcome: &Outcome, optional: bool) -> String {
        let (pretty, plain, color) = match &outcome.status {
            Status::Success => ("✓", "+", AnsiColor::Green),
            Status::Failure(_) if optional => ("!", "!", AnsiColor::Yellow),
            Status::Failure(_) => ("✗", "x", AnsiColor::Red),
            Status::Undecided(_) => ("?", "?", AnsiColor::Yellow),
            Status::Skipped(_) => ("-", "-", AnsiColor::BrightBlack),
        };
        self.paint(if self.style.unicode { pretty } else { plain }, color)
    }

    fn header(&self) -> Vec<String> {
        let run = &self.report.run;
        let plan = &run.plan;
        let instance = &plan.instance;
        let tool = format!(
            "apim-probe {}, catalogue {} (sources of {})",
            env!("CARGO_PKG_VERSION"),
            plan.catalogue_version,
            plan.catalogue_sourced_at
        );
        let region = instance.region.as_deref().unwrap_or("region unknown");
        let dns = match run.host.dns_servers.as_slice() {
            [] => "no DNS server".to_owned(),
            servers => format!("DNS {}", servers.join(" ")),
        };
        let place = format!("{region}, {} cloud, {} mode, {dns}", instance.cloud, instance.vnet_mode);
        let host = run.host.hostname.as_deref().unwrap_or("this machine");
        let address = run.host.addresses.first().map(|address| format!(" ({address})")).unwrap_or_default();
        let from = format!("seen from {host}{address} in {:.1} s", run.duration_ms / 1000.0);
        let tool = self.wrapped(&tool, "").into_iter().map(|line| self.bold(&line));
        tool.chain(self.wrapped(&place, "")).chain(self.wrapped(&from, "")).collect()
    }

    fn findings(&self) -> Vec<String> {
        let wanted = |finding: &&Finding| {
            finding.severity != Severity::Info || self.style.verbosity == Verbosity::Verbose
        };
        let roots: Vec<&Finding> = self.report.diagnosis.roots().filter(wanted).collect();
        let told = |place: usize| self.finding_with(roots[place], self.advice(roots[place], &roots[..place]));
        (0..roots.len()).flat_map(told).collect()
    }

    /// What to do about a finding, unless one before it has said the same.
    fn advice(&self, finding: &Finding, before: &[&Finding]) -> Vec<String> {
        let said = |other: &&Finding| {
            other.remedy.summary == finding.remedy.summary && other.remedy.commands == finding.remedy.commands
        };
        match before.iter().any(said) {
            true => self.wrapped("Fix: the same as above.", "  "),
            false => [self.fix(finding), self.commands(finding)].concat(),
        }
    }

    /// What is wrong, behind an empty line.
    fn finding_title(&self, finding: &Finding) -> Vec<String> {
        let (pretty, plain, color) = match finding.severity {
            Severity::Error => ("✗", "x", AnsiColor::Red),
            Severity::Warning => ("!", "!", AnsiColor::Yellow),
            Severity::Info => ("i", "i", AnsiColor::Cyan),
        };
        let mark = self.paint(if self.style.unicode { pretty } else { plain }, color);
        let title = wrap(&self.safe(&finding.title), self.style.width - 2, "");
        let mut lines = vec![String::new()];
        for (place, line) in title.iter().enumerate() {
            let lead = if place == 0 { format!("{mark} ") } else { "  ".to_owned() };
            lines.push(format!("{lead}{}", self.bold(line)));
        }
        lines
    }

    fn finding(&self, finding: &Finding) -> Vec<String> {
        self.finding_with(finding, self.advice(finding, &[]))
    }

    fn finding_with(&self, finding: &Finding, advice: Vec<String>) -> Vec<String> {
        let mut lines = self.finding_title(finding);
        lines.extend(self.wrapped(&finding.detail, "  "));
        lines.extend(advice);
        lines.extend(self.wrapped(&self.affects(finding), "  "));
        lines
    }

    fn fix(&self, finding: &Finding) -> Vec<String> {
        self.wrapped(&format!("Fix: {}", finding.remedy.summary), "  ")
    }

    fn commands(&self, finding: &Finding) -> Vec<String> {
        let commands = finding.remedy.commands.iter();
        commands.flat_map(|line| command(&self.safe(line), self.style.width, "    ")).collect()
    }

    fn affects(&self, finding: &Finding) -> String {
        let mut endpoints: Vec<&str> = Vec::new();
        for id in &finding.affects {
            let endpoint = id.as_str().split('/').next().unwrap_or_default();
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
        }
        let named = endpoints.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let rest = endpoints.len().saturating_sub(NAMED);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let checks = if finding.affects.len() == 1 { "check" } else { "checks" };
        let explains = match finding.explains.len() {
            0 => String::new(),
            _ => {
                let codes: Vec<&str> = finding.explains.iter().map(|code| code.as_str()).collect();
                format!("; accounts for {}", codes.join(", "))
            }
        };
        match finding.affects.len() {
            0 => format!("({}, confidence {})", finding.code, finding.confidence),
            count => format!(
                "Affects {count} {checks}: {named}{more}{explains}. ({}, confidence {})",
                finding.code, finding.confidence
            ),
        }
    }

    /// One half of the checks, worst first. Optional ones that passed are counted, not listed.
    fn section(&self, title: &str, optional: bool) -> Vec<String> {
        let counts = if optional { self.report.summary.optional } else { self.report.summary.required };
        if counts.total == 0 {
            return Vec::new();
        }
        let results = phrases::worst_first(&self.report.run, optional);
        let accounted = match optional && self.style.verbosity != Verbosity::Verbose {
            true => results
                .iter()
                .filter(|(check, outcome)| outcome.failure().is_some() && self.is_accounted(check))
                .count(),
            false => 0,
        };
        let rows: Vec<(&Check, &Outcome)> =
            results.into_iter().filter(|(check, outcome)| self.is_listed(check, outcome)).collect();
        // A headline without rows stands close to what is before it: a healthy report fits one screen.
        let mut lines = if rows.is_empty() { Vec::new() } else { vec![String::new()] };
        let headline = self.wrapped(&headline(title, counts, accounted), "");
        lines.extend(headline.iter().map(|line| self.bold(line)));
        for (check, outcome) in rows {
            lines.push(self.row(check, outcome));
            if self.style.verbosity == Verbosity::Verbose {
                lines.extend(self.details(check, outcome));
            } else if !self.is_accounted(check) {
                lines.extend(self.unaccounted(check, outcome));
            }
        }
        lines
    }

    /// Whether a check has a row of its own.
    fn is_listed(&self, check: &Check, outcome: &Outcome) -> bool {
        let (optional, verbosity) = (check.is_optional, self.style.verbosity);
        verbosity == Verbosity::Verbose
            || match outcome.status {
                // Forty optional rows that one finding accounts for say nothing that the finding has not said.
                Status::Failure(_) => !optional || !self.is_accounted(check),
                Status::Undecided(_) => true,
                Status::Success => !optional && verbosity == Verbosity::Normal,
                Status::Skipped(reason) => !optional && reason == SkipReason::NameUnknown,
            }
    }

    fn is_accounted(&self, check: &Check) -> bool {
        self.report.diagnosis.roots().any(|finding| finding.affects.contains(&check.id))
    }

    fn row(&self, check: &Check, outcome: &Outcome) -> String {
        let mark = self.mark(outcome, check.is_optional);
        let fallback = if check.fallback { " (stands in)" } else { "" };
        let ending = match &outcome.status {
            Status::Success => format!("{} ms{fallback}", whole(outcome.duration_ms)),
            Status::Failure(_) | Status::Undecided(_) | Status::Skipped(_) => phrases::short_ending(outcome),
        };
        let ending = elide(&ending, self.style.width / 2);
        // Four columns before the name, one before the target, one before the ending.
        let room = self.style.width - 6 - columns(&ending);
        let name = self.safe(&check.endpoint);
        let wanted = columns(&name).max(NAME);
        // A narrow row says which check it is; where there is room for both, also its target.
        let reserved = if room < NAME + TARGET { 0 } else { TARGET };
        let name = pad(&name, wanted.min(room - reserved));
        let room = room - columns(&name);
        let target = match (&outcome.status, &check.host) {
            (Status::Skipped(_), None) => String::new(),
            _ => self.safe(&check.target()),
        };
        let target = pad(&target, room);
        let ending = match outcome.status {
            Status::Failure(_) if !check.is_optional => self.paint(&ending, AnsiColor::Red),
            Status::Failure(_) | Status::Undecided(_) => self.paint(&ending, AnsiColor::Yellow),
            Status::Success | Status::Skipped(_) => self.paint(&ending, AnsiColor::BrightBlack),
        };
        format!("  {mark} {name} {target} {ending}")
    }

    /// What was seen of a failure that no finding speaks of: the row alone would leave the reader without a lead.
    fn unaccounted(&self, check: &Check, outcome: &Outcome) -> Vec<String> {
        match phrases::error(outcome) {
            Some(error) => self.wrapped(&format!("{}: {error}", check.target()), "      "),
            None => Vec::new(),
        }
    }

    fn details(&self, check: &Check, outcome: &Outcome) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |text: String| lines.extend(self.wrapped(&text, "      "));
        let tag = check.service_tag.as_deref().unwrap_or("no service tag");
        say(format!("{}, {}, {tag}, from {}", check.target(), check.protocol, check.origin));
        say(check.purpose.clone());
        if let Some(error) = phrases::error(outcome) {
            say(error);
        }
        for step in &outcome.steps {
            let whom =
                step.server.clone().or_else(|| step.address.map(|ip| ip.to_string())).unwrap_or_default();
            let result = match (&step.cause, &step.detail) {
                (Some(cause), Some(detail)) => format!("{cause}: {detail}"),
                (Some(cause), None) => cause.to_string(),
                (None, _) => "ok".to_owned(),
            };
            let icmp = step.icmp.map_or_else(String::new, |icmp| {
                let from = icmp.from.map(|hop| format!(" from {hop}")).unwrap_or_default();
                format!(" (ICMP type {} code {}{from})", icmp.kind, icmp.code)
            });
            say(format!(
                "{} {whom} at {} ms, {} ms: {result}{icmp}",
                step.stage,
                whole(step.start_ms),
                tenths(step.duration_ms)
            ));
        }
        if let Some(dns) = outcome.evidence.dns.as_ref().filter(|dns| !dns.cnames.is_empty()) {
            say(format!("aliases {}", dns.cnames.join(" -> ")));
        }
        if let Some(tls) = &outcome.evidence.tls {
            let issuer = tls.chain.last().map(|last| last.issuer.as_str()).unwrap_or_default();
            let trust = tls.trust.map_or("not judged", |trust| trust.as_str());
            say(format!(
                "{} {}, chain {trust}, ends in {issuer}",
                tls.version.as_deref().unwrap_or("TLS"),
                tls.cipher.as_deref().unwrap_or_default()
            ));
        }
        diagnose::notes(check, outcome).into_iter().for_each(&mut say);
        lines
    }

    /// What was not run, counted by reason.
    fn skipped(&self) -> Vec<String> {
        if self.style.verbosity == Verbosity::Quiet {
            return Vec::new();
        }
        let mut reasons: BTreeMap<&'static str, usize> = BTreeMap::new();
        for (_, outcome) in self.report.run.results() {
            if let Status::Skipped(reason) = outcome.status {
                *reasons.entry(self.skip_words(reason)).or_default() += 1;
            }
        }
        if reasons.is_empty() {
            return Vec::new();
        }
        let words = reasons
            .iter()
            .map(|(reason, count)| format!("{count} ({reason})"))
            .collect::<Vec<_>>()
            .join(", ");
        self.wrapped(&format!("Not run: {words}."), "")
    }

    /// Why a check was not run; what no one can change is one reason unless all is asked for.
    fn skip_words(&self, reason: SkipReason) -> &'static str {
        match reason {
            SkipReason::Extended | SkipReason::ToolOnly | SkipReason::NotCheckable
                if self.style.verbosity != Verbosity::Verbose =>
            {
                "others, see -v"
            }
            reason => phrases::skip_words(reason),
        }
    }

    /// Findings that only inform, in one sentence each.
    fn notes(&self) -> Vec<String> {
        if self.style.verbosity != Verbosity::Normal {
            return Vec::new();
        }
        let infos = self.report.diagnosis.roots().filter(|finding| finding.severity == Severity::Info);
        infos.flat_map(|finding| self.wrapped(&format!("Note: {}", finding.title), "")).collect()
    }

    /// The last line; where it is too long for one, what comes last is what decides.
    fn verdict(&self) -> Vec<String> {
        let color = match self.report.summary.verdict {
            Verdict::Healthy => AnsiColor::Green,
            Verdict::Degraded | Verdict::Undecided => AnsiColor::Yellow,
            Verdict::Unhealthy => AnsiColor::Red,
        };
        self.wrapped(&phrases::verdict(self.report), "").iter().map(|line| self.paint(line, color)).collect()
    }
}

/// The counts of one half; `accounted` failures have no row, since a finding above has told of them.
fn headline(title: &str, counts: Counts, accounted: usize) -> String {
    let run = counts.total - counts.skipped;
    let mut words = format!("{title}: {} of {run} passed", counts.success);
    let failed = match accounted {
        0 => "failed".to_owned(),
        all if all == counts.failure as usize => "failed (see above)".to_owned(),
        some => format!("failed ({some} of them: see above)"),
    };
    for (count, what) in
        [(counts.failure, failed.as_str()), (counts.undecided, "undecided"), (counts.skipped, "not run")]
    {
        if count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    words
}

fn whole(ms: f64) -> String {
    format!("{ms:.0}")
}

fn tenths(ms: f64) -> String {
    format!("{ms:.1}")
}
