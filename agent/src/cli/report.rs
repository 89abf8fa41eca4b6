//! How the report is written, as it was typed.

use clap::{Args, ValueEnum};

use super::values::words;
use crate::render::format::Format;

/// How the report is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    /// How the report on stdout is written
    #[arg(short, long, default_value = "human", value_name = "F", value_parser = words(Format::ALL, Format::as_str))]
    pub format: Format,
    /// Also write format F (or the one of the file's ending) to PATH, framed where that is a serial console; may repeat
    #[arg(short, long, value_name = "[F=]PATH")]
    pub output: Vec<String>,
    /// Cut the human report to N bytes, the verdict last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub summary_bytes: Option<u32>,
    /// Exit 4 if only optional checks fail
    #[arg(long)]
    pub strict: bool,
    /// Exit 0 instead of 1, 3 and 4, for boot scripts
    #[arg(long)]
    pub exit_zero: bool,
    /// What is kept out of it.
    #[command(flatten)]
    pub redact: RedactArgs,
    /// When the human report is coloured
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,
    /// Only what is wrong
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every check with its stages
    #[arg(short, long)]
    pub verbose: bool,
}

/// What is kept out of a report.
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// What is taken out: `ids` (subscription and tenant ids, user names, query strings), or `names`, which also puts stable
    /// pseudonyms in place of host names, addresses and resource groups
    #[arg(long, value_enum, default_value = "ids", value_name = "WHAT", hide_possible_values = true)]
    pub redact: Redact,
    /// Keep subscription ids, user names and query strings
    #[arg(long, conflicts_with = "redact")]
    pub no_redact: bool,
}

/// What `--redact` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Redact {
    /// Ids, user names and query strings.
    Ids,
    /// Host names, addresses and resource groups too.
    Names,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
