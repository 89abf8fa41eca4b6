//! From a report to bytes: one format, one small renderer, all over the same [`Report`].

use std::time::SystemTime;

use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::diff::Comparison;
use apim_probe_checks::plan::Plan;
use apim_probe_checks::report::Report;

use crate::cli::{PlanFormat, ReportArgs, When};
use crate::console;
use crate::error::UserError;
use crate::host::{self, Environment};
use crate::render::redact::{Clean, Redaction};
use crate::time::rfc3339;

mod diff;
pub mod escape;
mod evidence;
pub mod format;
mod html;
pub mod human;
pub mod json;
pub mod jsonl;
mod junit;
mod markdown;
mod nagios;
mod network_status;
mod openmetrics;
pub mod overview;
mod phrases;
pub mod plain_text;
mod plan;
pub mod redact;
mod sarif;
mod tap;

pub use format::Format;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only what is wrong.
    Quiet,
    /// What is wrong, and every required check.
    Normal,
    /// Every check with its stages.
    Verbose,
}

impl Verbosity {
    /// What `-q` and `-v` ask for.
    const fn of(args: &ReportArgs) -> Self {
        if args.quiet {
            Self::Quiet
        } else if args.verbose {
            Self::Verbose
        } else {
            Self::Normal
        }
    }
}

/// Whether long names may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Never: what is written to a file or a pipe is searched and pasted.
    Whole,
    /// In rows of checks that passed, and by the width of the screen.
    Fitted,
}

/// How the human report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colours.
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// Symbols beyond ASCII.
    pub unicode: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// Whether long names may be cut.
    pub names: Names,
}

impl Style {
    /// Columns below which a row cannot name anything.
    pub const NARROWEST: usize = 40;

    /// Columns beyond which a paragraph is hard to read.
    pub const WIDEST: usize = 120;

    /// Other people's text as this style can show it: nothing unsafe, and where it knows ASCII only, every other character
    /// by its number. Done before anything is measured.
    #[must_use]
    pub fn shown(self, text: &str) -> String {
        let safe = escape::display_safe(text);
        if self.unicode { safe } else { escape::ascii(&safe) }
    }

    /// The style of a file: no colour, paragraphs of 80 columns, every name whole.
    #[must_use]
    pub const fn file() -> Self {
        Self { color: false, width: 80, unicode: true, verbosity: Verbosity::Normal, names: Names::Whole }
    }

    /// The style that flags and environment ask for.
    #[must_use]
    pub fn new(color: When, verbosity: Verbosity) -> Self {
        let env = Environment::read();
        let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stdout());
        let color = match color {
            When::Always => true,
            When::Never => false,
            When::Auto if env.no_color => false,
            When::Auto => env.force_color || (is_terminal && !env.is_dumb && !env.color_off),
        };
        let names = if is_terminal { Names::Fitted } else { Names::Whole };
        Self { color, width: terminal_width(), unicode: env.is_utf8, verbosity, names }
    }
}

/// Columns of the terminal on stdout, within what can be laid out and what can be read; 80 where there is none.
fn terminal_width() -> usize {
    let stdout = std::io::stdout();
    let known = std::io::IsTerminal::is_terminal(&stdout).then(|| terminal_size::terminal_size_of(&stdout));
    known.flatten().map_or(80, |(width, _)| usize::from(width.0).clamp(Style::NARROWEST, Style::WIDEST))
}

/// Everything that a renderer may know beside the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// The look of the human report.
    pub style: Style,
    /// What is kept out of the report.
    pub redact: Redaction,
    /// Optional failures count.
    pub strict: bool,
    /// The human report's last bytes only.
    pub summary_bytes: Option<usize>,
    /// When a saved report is read; `None` for one that was just made.
    pub read_at: Option<SystemTime>,
}

impl Options {
    /// Reads the flags.
    ///
    /// # Errors
    /// Flags that do not go together.
    pub fn of(args: &ReportArgs) -> Result<Self, UserError> {
        let format = args.format;
        if args.summary_bytes.is_some() && format != Format::Human {
            let error = UserError::new(format!("--summary-bytes does not go with --format {}", args.format));
            return Err(error.hint("it cuts the human report; write the other format with --output"));
        }
        Ok(Self {
            format,
            style: Style::new(args.color, Verbosity::of(args)),
            redact: Redaction::of(&args.redact),
            strict: args.strict,
            summary_bytes: args.summary_bytes.and_then(|bytes| usize::try_from(bytes).ok()),
            read_at: None,
        })
    }
}

/// A rendered report, piece by piece: one in JSON is never in memory as a whole.
pub type Pieces<'a> = Box<dyn Iterator<Item = String> + 'a>;

/// Renders a report.
#[must_use]
pub fn render<'a>(report: &'a Clean, options: &Options) -> Pieces<'a> {
    let whole = match options.format {
        Format::Json => return Box::new(json::pieces(report)),
        Format::Jsonl => return Box::new(jsonl::lines(report)),
        Format::NetworkStatus => return Box::new(network_status::pieces(report)),
        Format::Html => return html::render(report, options.read_at),
        Format::Human => match options.summary_bytes {
            Some(bytes) => human::summary(report, options.style, bytes),
            None => human::report(report, options.style, options.read_at),
        },
        Format::Markdown => markdown::render(report, options.read_at),
        Format::Junit => junit::render(report, options),
        Format::Tap => tap::render(report),
        Format::Sarif => sarif::render(report, &host::working_folder()),
        Format::Nagios => nagios::render(report),
        Format::OpenMetrics => openmetrics::render(report),
    };
    Box::new(std::iter::once(whole))
}

/// What a report is written to beside stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A file: no colour, every name whole, all that was asked for.
    File,
    /// A character device: framed.
    Console,
}

/// Renders a report for an output: the whole of it, whatever is cut from what goes to stdout.
#[must_use]
pub fn render_to<'a>(medium: Medium, report: &'a Clean, options: &Options) -> Pieces<'a> {
    let verbosity = options.style.verbosity.max(Verbosity::Normal);
    let style = Style { verbosity, ..Style::file() };
    let options = &Options { style, summary_bytes: None, ..*options };
    match medium {
        Medium::File => render(report, options),
        Medium::Console => Box::new(std::iter::once(framed(report, options))),
    }
}

/// The report in lines that survive a serial console: first as text, unless it is JSON, then for programs.
fn framed(report: &Clean, options: &Options) -> String {
    let style = Style { width: console::ROOM, unicode: false, ..options.style };
    let text = match options.format {
        Format::Json | Format::Jsonl => String::new(),
        _ => escape::ascii(&render(report, &Options { style, ..*options }).collect::<String>()),
    };
    console::frame(&report.run.id, &text, &json::to_line(report))
}

/// Renders what changed between two reports, which must be [`Clean`]: Markdown, JSON, else for people.
#[must_use]
pub fn render_comparison(
    reports: (&Report, &Report),
    comparison: &Comparison<'_>,
    format: Format,
    style: Style,
) -> String {
    match format {
        Format::Json => diff::json(reports, comparison),
        Format::Markdown => diff::markdown(reports, comparison),
        _ => diff::human(reports, comparison, style),
    }
}

/// The findings alone, as the human report tells them, each behind an empty line; the report must be [`Clean`].
#[must_use]
pub fn findings(report: &Report, style: Style) -> String {
    human::findings(report, style)
}

/// The verdict in one line.
#[must_use]
pub fn verdict(report: &Report) -> String {
    escape::display_safe(&phrases::verdict(report))
}

/// The same with the time at which the run ended, and a newline.
#[must_use]
pub fn verdict_line(report: &Report) -> String {
    format!("{}  {}\n", rfc3339(report.run.finished_at), verdict(report))
}

/// How a check ends now, beside how it ended `before`, with the time; and its ending alone.
#[must_use]
pub fn change_line(report: &Report, seen: Seen<'_>, before: Option<&str>, style: Style) -> (String, String) {
    let ending = phrases::short_ending(seen);
    let target =
        if seen.check.host().is_some() { format!(" {}", seen.check.target()) } else { String::new() };
    let name = style.shown(&format!("{}{target}", seen.check.endpoint));
    let before = before.map_or_else(String::new, |before| format!("{before} -> "));
    let line = format!("{}  {name}: {before}{ending}\n", rfc3339(report.run.finished_at));
    (line, ending)
}

/// Renders a plan.
#[must_use]
pub fn render_plan(catalogue: &Catalogue, plan: &Plan, format: PlanFormat, style: Style) -> String {
    match format {
        PlanFormat::Human => plan::human(catalogue, plan, style),
        PlanFormat::Json => json::plan_to_json(catalogue, plan),
        PlanFormat::Markdown => plan::markdown(catalogue, plan),
        PlanFormat::Csv => plan::csv(catalogue, plan),
    }
}
