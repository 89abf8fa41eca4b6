//! Options of Instance and Network out of the environment: `APIM_PROBE_REGION` for `--region`. What is typed wins.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::Cli;

/// The headings whose options have a variable.
const HEADINGS: [&str; 2] = ["Instance", "Network"];

/// Reads the command line, with what the environment says where an option was not typed. An empty variable is unset.
///
/// # Errors
/// What clap says of either, help and version included.
pub fn parse(
    args: &[std::ffi::OsString],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Cli, clap::Error> {
    let mut command = with_defaults(Cli::command(), &variable, args)?;
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    for name in names {
        let mut refused = None;
        command = command.mut_subcommand(&name, |one| {
            with_defaults(one.clone(), &variable, args).unwrap_or_else(|error| {
                refused = Some(error);
                one
            })
        });
        if let Some(error) = refused {
            return Err(error);
        }
    }
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches)
}

/// The variable of an option; `None` for an option that has none.
#[must_use]
pub fn variable_of(arg: &Arg) -> Option<String> {
    let has_one = arg.get_help_heading().is_some_and(|heading| HEADINGS.contains(&heading));
    let long = arg.get_long().filter(|_| has_one)?;
    Some(variable_name(long))
}

/// The variable of an option's long name.
#[must_use]
pub fn variable_name(long: &str) -> String {
    format!("APIM_PROBE_{}", long.trim_start_matches('-').replace('-', "_").to_uppercase())
}

/// The command with the variables' values as defaults of its options.
fn with_defaults(
    mut command: Command,
    variable: &impl Fn(&str) -> Option<String>,
    args: &[std::ffi::OsString],
) -> Result<Command, clap::Error> {
    let named = command.get_arguments().filter_map(|arg| Some((arg.clone(), variable_of(arg)?)));
    let given: Vec<(Arg, String, String)> = named
        .filter_map(|(arg, name)| {
            let value = variable(&name).filter(|value| !value.trim().is_empty())?;
            Some((arg, name, value))
        })
        .collect();
    let of_command = command.get_name().to_owned();
    for (arg, name, value) in given {
        let values = match arg.get_action() {
            ArgAction::SetTrue => vec![switch(&name, value.trim())?.to_string()],
            ArgAction::Append => list(&value),
            _ => vec![value.trim().to_owned()],
        };
        let values = match arg.get_id().as_str() {
            "app_gateway" => of_gateway(&of_command, list(&value), args),
            _ => values,
        };
        if values.is_empty() {
            continue;
        }
        let takes_value = !matches!(arg.get_action(), ArgAction::SetTrue);
        command =
            command.mut_arg(arg.get_id(), |arg| arg.default_values(values).hide_default_value(takes_value));
    }
    Ok(command)
}

/// One variable names the front end of a gateway, its resource id, or both: a front end is probed, an id is read where Azure
/// is asked, and a command takes what it can use.
fn of_gateway(command: &str, values: Vec<String>, args: &[std::ffi::OsString]) -> Vec<String> {
    let asks_azure = command == "fetch" || (command != "plan" && args.iter().any(|word| word == "--azure"));
    let probes = !matches!(command, "fetch" | "review");
    let usable = |value: &String| if value.starts_with('/') { asks_azure } else { probes };
    values.into_iter().filter(usable).collect()
}

fn switch(name: &str, value: &str) -> Result<bool, clap::Error> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => {
            let message = format!("{name}: expected true or false, got `{value}`\n");
            Err(clap::Error::raw(ErrorKind::InvalidValue, message))
        }
    }
}

/// Values between commas or blanks; `,required` stays with the endpoint before it.
fn list(value: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for word in value.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty()) {
        match values.last_mut() {
            Some(last) if word == "required" => last.push_str(",required"),
            _ => values.push(word.to_owned()),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str], variables: &[(&str, &str)]) -> Result<Cli, clap::Error> {
        let args: Vec<std::ffi::OsString> =
            ["apim-probe"].iter().chain(args).map(|word| (*word).into()).collect();
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        parse(&args, variable)
    }

    #[test]
    fn a_variable_stands_for_an_option_that_was_not_typed() {
        let variables = [
            ("APIM_PROBE_REGION", "westeurope"),
            ("APIM_PROBE_STORAGE_ACCOUNT", "one1, two2"),
            ("APIM_PROBE_ENDPOINT", "a.example:443,required b.example:80"),
            ("APIM_PROBE_NO_IMDS", "1"),
            ("APIM_PROBE_NO_AZURE_DNS", "no"),
            ("APIM_PROBE_DEADLINE", "20s"),
            ("APIM_PROBE_SQL_SERVER", " "),
        ];
        let check = parsed(&[], &variables).unwrap().check;
        let instance = &check.scope.instance;
        assert_eq!(instance.region.as_deref(), Some("westeurope"));
        assert_eq!(instance.storage_account, ["one1", "two2"]);
        let requirements: Vec<_> = instance.endpoint.iter().map(|one| one.requirement.as_str()).collect();
        assert_eq!(requirements, ["required", "optional"]);
        assert!(instance.sql_server.is_empty());
        assert!(check.scope.sources.no_imds && !check.scope.sources.no_azure_dns);
        assert_eq!(check.network.deadline.as_secs(), 20);
        let typed = parsed(&["check", "--region", "eastus2", "--storage-account", "three3"], &variables);
        let Some(super::super::Command::Check(check)) = typed.unwrap().command else { panic!("not `check`") };
        assert_eq!(check.scope.instance.region.as_deref(), Some("eastus2"));
        assert_eq!(check.scope.instance.storage_account, ["three3"]);
    }

    #[test]
    fn a_variable_is_read_as_strictly_as_what_is_typed() {
        for (name, value) in
            [("APIM_PROBE_NO_IMDS", "maybe"), ("APIM_PROBE_DEADLINE", "5"), ("APIM_PROBE_CLOUD", "gov")]
        {
            assert!(
                parsed(&["plan", "--region", "eastus2"], &[(name, value)]).is_err()
                    || name == "APIM_PROBE_DEADLINE"
            );
            assert!(parsed(&[], &[(name, value)]).is_err(), "{name}");
        }
    }
}
