//! What clap says of a command line, in this program's words: `expected …, got …`, and what may have been meant.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::{Caller, refuse};
use crate::cli::Cli;
use crate::cli::environment::variable_name;
use crate::error::UserError;
use crate::host;
use crate::stdout::write_out;

/// Options of asking Azure, which `plan` does not.
const OF_AZURE: [&str; 5] = ["--azure", "--identity", "--token-file", "--arm-endpoint", "--azure-timeout"];

/// Help and version go to stdout; an error is one line and a hint.
pub fn usage(error: &Error, args: &[OsString], out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = write_out(out, &error.to_string());
        return ExitCode::SUCCESS;
    }
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let error = UserError::new(message(error)).hint(hint(error, &words));
    refuse(&error, Caller::of(args), out, err)
}

/// What was expected, and what was given.
fn message(error: &Error) -> String {
    let (option, given) =
        (context(error, ContextKind::InvalidArg), context(error, ContextKind::InvalidValue));
    // `--deadline <TIME>` is an option with the name of its value.
    let option = option.map(|option| option.split([' ', '=']).next().unwrap_or_default().to_owned());
    let known = strings(error, ContextKind::ValidValue);
    match (error.kind(), option, given) {
        (ErrorKind::InvalidValue, Some(option), Some(given)) if given.is_empty() => {
            format!("`{option}`: expected a value")
        }
        (ErrorKind::InvalidValue, Some(option), Some(given)) if !known.is_empty() => {
            format!("`{option}`: expected {}, got `{given}`", one_of(&known))
        }
        (ErrorKind::ValueValidation, Some(option), Some(given)) => {
            let expected =
                error.source().map_or_else(|| "expected another value".to_owned(), ToString::to_string);
            format!("`{option}`: {}", with_given(&expected, &given))
        }
        (ErrorKind::UnknownArgument, Some(option), _) if option.starts_with('-') => {
            format!("unknown option `{option}`")
        }
        (ErrorKind::InvalidSubcommand, ..) => {
            let word = context(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("unknown command `{word}`")
        }
        _ => first_lines(error),
    }
}

/// `a`, `a or b`, or `one of a, b, c`.
fn one_of(words: &[String]) -> String {
    match words {
        [one] => one.clone(),
        [one, two] => format!("{one} or {two}"),
        _ => format!("one of {}", words.join(", ")),
    }
}

/// What a parser expected, and what it got where it does not say so itself; what may have been meant stays last.
fn with_given(expected: &str, given: &str) -> String {
    match (expected.contains("got `"), expected.split_once("; did you mean")) {
        (true, _) => expected.to_owned(),
        (false, Some((expected, meant))) => format!("{expected}, got `{given}`; did you mean{meant}"),
        (false, None) => format!("{expected}, got `{given}`"),
    }
}

/// The first line, and those that list what is missing.
fn first_lines(error: &Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let listed = text.lines().skip(1).take_while(|line| line.starts_with("  ")).map(str::trim);
    let message =
        std::iter::once(first.trim_start_matches("error: ")).chain(listed).collect::<Vec<_>>().join(" ");
    message.replace('\'', "`")
}

/// What may have been meant; where a value came from, if nobody typed it; else which help says more.
fn hint(error: &Error, words: &[&str]) -> String {
    let program = Cli::command();
    let command = words.iter().find(|word| program.find_subcommand(word).is_some());
    let option = context(error, ContextKind::InvalidArg).unwrap_or_default();
    if command == Some(&"plan") && OF_AZURE.contains(&option.as_str()) {
        return "plan sends nothing; `check`, `wait` and `review` take --azure, and `fetch` asks Azure alone"
            .to_owned();
    }
    let help = match command.filter(|_| error.kind() != ErrorKind::InvalidSubcommand) {
        Some(command) => format!("`apim-probe {command} --help` lists its options"),
        None if error.kind() == ErrorKind::InvalidSubcommand => {
            "`apim-probe help` lists the commands".to_owned()
        }
        None => "`apim-probe --help` lists the options".to_owned(),
    };
    let from = variable(error, words);
    let meant = nearest(error).map(|word| format!("did you mean `{word}`?"));
    match (meant, from) {
        (Some(meant), Some(from)) => format!("{meant} The value comes from the variable {from}"),
        (None, Some(from)) => format!("the value comes from the variable {from}"),
        (Some(meant), None) => meant,
        (None, None) => help,
    }
}

/// The variable that gave the refused value.
fn variable(error: &Error, words: &[&str]) -> Option<String> {
    let option = context(error, ContextKind::InvalidArg)?;
    let long = option.split([' ', '=']).next().filter(|word| word.starts_with("--"))?;
    let is_typed = words.iter().any(|word| word.split('=').next() == Some(long));
    let name = variable_name(long);
    (!is_typed && host::variable(&name).is_some()).then_some(name)
}

/// The word that was meant: clap sorts its candidates from the least to the most alike.
fn nearest(error: &Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let given = context(error, ContextKind::InvalidValue).unwrap_or_default().to_ascii_lowercase();
    let holds = |word: &String| !given.is_empty() && word.contains(&given);
    let alike = kinds.into_iter().find_map(|kind| strings(error, kind).pop());
    alike.or_else(|| strings(error, ContextKind::ValidValue).into_iter().find(holds))
}

fn context(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    }
}

fn strings(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    }
}
