//! The commands, and how usage errors end the program.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use apim_probe_checks::verdict;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::{Cli, Command};
use crate::error::UserError;
use crate::stdout::write_out;

mod check;
mod diff;
mod explain;
mod generate;
mod plan;
mod topic;
mod wait;

/// Runs what was typed.
///
/// # Errors
/// What the user can do something about; nothing was run then.
pub fn run(typed: Cli, args: &[OsString], out: &mut dyn Write) -> Result<u8, UserError> {
    match typed.command {
        None => check::run(&typed.check, args, out),
        Some(Command::Check(options)) => check::run(&options, args, out),
        Some(Command::Plan(options)) => plan::run(&options, out),
        Some(Command::Wait(options)) => wait::run(&options, args, out),
        Some(Command::Explain(options)) => explain::run(&options, out),
        Some(Command::Diff(options)) => diff::run(&options, out),
        Some(Command::Completions { shell }) => generate::completions(shell, out),
        Some(Command::Man { command }) => generate::man(command.as_deref(), out),
        Some(Command::Schema) => write_out(out, &crate::report_file::schema()).map(|()| 0),
    }
}

/// True when the caller is a monitoring system that reads a Nagios plug-in's words and codes.
pub fn wants_nagios(args: &[OsString]) -> bool {
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    words.windows(2).any(|pair| matches!(pair, ["-f" | "--format", "nagios"]))
        || words.iter().any(|word| matches!(*word, "--format=nagios" | "-fnagios" | "-f=nagios"))
}

/// What clap says about the command line: help and version go to stdout, an error is one line and a hint.
pub fn usage(error: &clap::Error, args: &[OsString], out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = write_out(out, &error.to_string());
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let listed = text.lines().skip(1).take_while(|line| line.starts_with("  ")).map(str::trim);
    let message =
        std::iter::once(first.trim_start_matches("error: ")).chain(listed).collect::<Vec<_>>().join(" ");
    let suggested = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        Some(ContextValue::Strings(words)) => words.first().cloned(),
        _ => None,
    };
    let nearest = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(suggested);
    let hint = nearest.map_or_else(
        || "`apim-probe --help` lists the options".to_owned(),
        |nearest| format!("did you mean `{nearest}`?"),
    );
    refuse(&UserError::new(message.replace('\'', "`")).hint(hint), wants_nagios(args), out, err)
}

/// Ends the program on a usage or configuration error.
pub fn refuse(error: &UserError, nagios: bool, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    crate::error::report(error, err);
    if nagios {
        let _ = write_out(out, &format!("UNKNOWN - {}\n", crate::render::escape::one_line(&error.message)));
        return ExitCode::from(verdict::NAGIOS_UNKNOWN);
    }
    ExitCode::from(verdict::USAGE)
}
