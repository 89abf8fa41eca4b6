//! The commands, and how usage errors end the program.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::error::UserError;
use crate::stdout::write_out;
use apim_probe_checks::verdict;

mod check;
mod diff;
mod explain;
mod fetch;
mod generate;
mod plan;
mod review;
mod rules;
pub mod usage;
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
        Some(Command::Rules(options)) => rules::run(&options, out),
        Some(Command::Review(options)) => review::run(&options, args, out),
        Some(Command::Wait(options)) => wait::run(&options, args, out),
        Some(Command::Fetch(options)) => fetch::run(&options, out),
        Some(Command::Explain(options)) => explain::run(&options, out),
        Some(Command::Diff(options)) => diff::run(&options, out),
        Some(Command::Completions { shell }) => generate::completions(shell, out),
        Some(Command::Man { command }) => generate::man(command.as_deref(), out),
        Some(Command::Version) => generate::version(out),
        Some(Command::Schema) => write_out(out, &crate::report_file::schema()).map(|()| 0),
    }
}

/// Who reads an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A person or a script: stderr and the exit code.
    Shell,
    /// A monitoring system that reads a Nagios plug-in's words and codes.
    Nagios,
}

impl Caller {
    /// Who typed these arguments, well formed or not.
    #[must_use]
    pub fn of(args: &[OsString]) -> Self {
        let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
        let apart = words.windows(2).any(|pair| matches!(pair, ["-f" | "--format", "nagios"]));
        let is_joined = |word: &&str| matches!(*word, "--format=nagios" | "-fnagios" | "-f=nagios");
        if apart || words.iter().any(is_joined) { Self::Nagios } else { Self::Shell }
    }
}

/// Ends the program on a usage or configuration error.
pub fn refuse(error: &UserError, caller: Caller, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    crate::error::report(error, err);
    if caller == Caller::Nagios {
        let _ = write_out(out, &format!("UNKNOWN - {}\n", crate::render::escape::one_line(&error.message)));
        return ExitCode::from(verdict::NAGIOS_UNKNOWN);
    }
    ExitCode::from(verdict::USAGE)
}
