//! `docs/options.md` has every command, option, variable and value of the command line, and no other.

use std::collections::BTreeSet;

use apim_probe::cli::Cli;
use apim_probe::cli::environment::variable_of;
use clap::{Arg, Command, CommandFactory as _};

const PAGE: &str = include_str!("../../docs/options.md");

/// The commands, as clap completes them: each has its own `help` then.
fn commands() -> Vec<Command> {
    let mut program = Cli::command();
    program.build();
    program.get_subcommands().cloned().chain([program.clone()]).collect()
}

fn options() -> Vec<Arg> {
    let all = commands();
    let options = all.iter().flat_map(|command| command.get_arguments().cloned().collect::<Vec<_>>());
    options.filter(|arg| arg.get_long().is_some_and(|long| long != "help" && long != "version")).collect()
}

/// The row of the page that begins with this option.
fn row(option: &str) -> Option<&'static str> {
    PAGE.lines().find(|line| {
        line.starts_with('|')
            && line.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{option}`")))
    })
}

#[test]
fn every_option_has_its_row_with_variable_values_and_default() {
    for option in options() {
        let long = format!("--{}", option.get_long().expect("a long name"));
        // `--timeout` belongs to `wait` alone and has a sentence.
        let row = row(&long).or_else(|| PAGE.lines().find(|line| line.contains(&format!("`{long}`"))));
        let row = row.unwrap_or_else(|| panic!("{long} is missing"));
        if let Some(short) = option.get_short() {
            assert!(row.contains(&format!("`-{short}`")), "{long}: -{short}");
        }
        match variable_of(&option) {
            Some(variable) => assert!(row.contains(&format!("`{variable}`")), "{long}: {variable}"),
            None => assert!(!row.contains("APIM_PROBE_"), "{long}"),
        }
        let is_listed = !option.is_hide_possible_values_set() && option.get_action().takes_values();
        for value in option.get_possible_values().into_iter().filter(|_| is_listed) {
            assert!(PAGE.contains(&format!("`{}`", value.get_name())), "{long}: {}", value.get_name());
        }
        for value in option.get_default_values().iter().filter(|_| option.get_action().takes_values()) {
            let value = value.to_string_lossy().into_owned();
            assert!(row.contains(&value), "{long}: default {value}");
        }
    }
}

#[test]
fn every_command_has_its_row() {
    for command in Cli::command().get_subcommands() {
        let name = format!("`apim-probe {}", command.get_name());
        assert!(PAGE.lines().any(|line| line.starts_with("| `apim-probe") && line.contains(&name)), "{name}");
    }
}

#[test]
fn no_row_is_about_an_option_or_variable_that_does_not_exist() {
    let known: BTreeSet<String> =
        options().iter().filter_map(|option| Some(format!("--{}", option.get_long()?))).collect();
    let variables: BTreeSet<String> = options().iter().filter_map(variable_of).collect();
    for word in PAGE.split('`').skip(1).step_by(2) {
        assert!(!word.starts_with("--") || known.contains(word.split(' ').next().expect("a word")), "{word}");
        assert!(!word.starts_with("APIM_PROBE_") || variables.contains(word), "{word}");
    }
}
