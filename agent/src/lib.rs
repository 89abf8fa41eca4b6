//! The command line of apim-probe: words, files, colours and exit codes. It knows no network.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use commands::Caller;

pub mod azure;
pub mod cli;
pub mod commands;
pub mod console;
pub mod deliver;
pub mod documents;
pub mod error;
pub mod host;
pub mod instance;
pub mod observer;
pub mod output;
pub mod progress;
pub mod render;
pub mod report_file;
pub mod runtime;
pub mod session;
pub mod signals;
pub mod stdout;
pub mod time;

/// Runs the program: what was typed in, the report out, hints and errors to `err`.
pub fn main(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let typed = match cli::environment::parse(&args, host::variable) {
        Ok(typed) => typed,
        Err(error) => return commands::usage::usage(&error, &args, out, err),
    };
    let caller = Caller::of(&args);
    match commands::run(typed, &args, out) {
        Ok(code) => ExitCode::from(code),
        Err(error) => commands::refuse(&error, caller, out, err),
    }
}
