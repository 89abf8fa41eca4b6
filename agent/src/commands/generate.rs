//! `completions` and `man`: what the definition of the command line says about itself.

use std::io::Write;

use apim_probe_checks::catalogue;
use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::cli::Cli;
use crate::error::UserError;
use crate::stdout::write_out;

/// Prints the completion script of a shell.
///
/// # Errors
/// stdout cannot be written.
pub fn completions(shell: Shell, out: &mut dyn Write) -> Result<u8, UserError> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "apim-probe", &mut script);
    // clap_complete 4.6.11 takes the hyphen of the program's name for a command in half of the bash script.
    let script = String::from_utf8_lossy(&script).replace("apim__subcmd__probe", "apim__probe");
    write_out(out, &script).map(|()| 0)
}

/// Prints the manual page of the program, or of one of its commands.
///
/// # Errors
/// A command that does not exist.
pub fn man(of: Option<&str>, out: &mut dyn Write) -> Result<u8, UserError> {
    let mut program = Cli::command();
    program.build();
    let page = match of {
        None => Some(program.clone()),
        Some(word) => program.find_subcommand(word).cloned().map(page_of),
    };
    let page = page.ok_or_else(|| unknown(of.unwrap_or_default(), &program))?;
    let mut text = Vec::new();
    Man::new(page)
        .render(&mut text)
        .map_err(|error| UserError::new(format!("the page cannot be made: {error}")))?;
    // What stands at the end of the help has a heading that says what it is.
    let text = String::from_utf8_lossy(&text).replace(".SH EXTRA", ".SH \"EXAMPLES AND EXIT STATUS\"");
    write_out(out, &text).map(|()| 0)
}

/// The page of a command is named as its file: `apim-probe-check`.
fn page_of(command: Command) -> Command {
    let name = format!("apim-probe-{}", command.get_name());
    command.display_name(name).version(env!("CARGO_PKG_VERSION"))
}

/// Prints the version of the program and of its catalogue.
///
/// # Errors
/// stdout cannot be written.
pub fn version(out: &mut dyn Write) -> Result<u8, UserError> {
    let known = catalogue::embedded();
    let (own, target) = (env!("CARGO_PKG_VERSION"), apim_probe_checks::TARGET);
    let text = format!(
        "apim-probe {own} ({target})\ncatalogue {} (sources of {})\n",
        known.version, known.sourced_at
    );
    write_out(out, &text).map(|()| 0)
}

fn unknown(word: &str, program: &Command) -> UserError {
    let known: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
    UserError::new(format!("unknown command `{word}`")).hint(format!("one of {}", known.join(", ")))
}
