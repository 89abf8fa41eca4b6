//! `completions`, `man`, `version`: what the definition of the command line says about itself. Scripts and pages are made by
//! `scripts/update` and embedded; a test holds them to the definition.

use std::io::Write;

use apim_probe_checks::catalogue;
use clap::CommandFactory as _;
use miniz_oxide::inflate::decompress_to_vec;

use crate::cli::{Cli, Shell};
use crate::error::UserError;
use crate::stdout::write_out;

/// Prints the completion script of a shell.
///
/// # Errors
/// stdout cannot be written.
pub(super) fn completions(shell: Shell, out: &mut dyn Write) -> Result<u8, UserError> {
    let script = embedded(&format!("completions.{}", shell.as_str())).unwrap_or_default();
    write_out(out, &script).map(|()| 0)
}

/// Prints the manual page of the program, or of one of its commands.
///
/// # Errors
/// A command that does not exist.
pub(super) fn man(of: Option<&str>, out: &mut dyn Write) -> Result<u8, UserError> {
    let page = of.map_or_else(|| "apim-probe.1".to_owned(), |word| format!("apim-probe-{word}.1"));
    let text = embedded(&page).ok_or_else(|| unknown(of.unwrap_or_default()))?;
    write_out(out, &text).map(|()| 0)
}

/// Prints the version of the program and of its catalogue.
///
/// # Errors
/// stdout cannot be written.
pub(super) fn version(out: &mut dyn Write) -> Result<u8, UserError> {
    let known = catalogue::embedded();
    let (own, target) = (env!("CARGO_PKG_VERSION"), apim_probe_checks::TARGET);
    let text = format!(
        "apim-probe {own} ({target})\ncatalogue {} (sources of {})\n",
        known.version, known.sourced_at
    );
    write_out(out, &text).map(|()| 0)
}

/// One of the texts that the build embedded.
fn embedded(name: &str) -> Option<String> {
    let phrases = include_bytes!(concat!(env!("OUT_DIR"), "/phrases.deflate"));
    let phrases = String::from_utf8(decompress_to_vec(phrases).ok()?).ok()?;
    let phrases: Vec<&str> = phrases.split('\u{1}').collect();
    let order = decompress_to_vec(include_bytes!(concat!(env!("OUT_DIR"), "/order.deflate"))).ok()?;
    let (low, high) = order.split_at(order.len() / 2);
    let places = low.iter().zip(high).map(|(low, high)| usize::from(u16::from_le_bytes([*low, *high])));
    let text: String = places.filter_map(|place| phrases.get(place).copied()).collect();
    let mut parts = text.split('\0');
    while let (Some(file), Some(text)) = (parts.next(), parts.next()) {
        if file == name {
            return Some(text.to_owned());
        }
    }
    None
}

fn unknown(word: &str) -> UserError {
    let program = Cli::command();
    let known: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    UserError::new(format!("unknown command `{word}`")).hint(format!("one of {}", known.join(", ")))
}
