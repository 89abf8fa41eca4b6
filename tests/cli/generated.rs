//! Completion scripts and manual pages in `agent/generated` are those of the command line as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use apim_probe::cli::{Cli, Shell};
use clap::CommandFactory as _;
use clap_complete::{Shell as Writer, generate};
use clap_mangen::Man;

fn writer(shell: Shell) -> Writer {
    match shell {
        Shell::Bash => Writer::Bash,
        Shell::Elvish => Writer::Elvish,
        Shell::Fish => Writer::Fish,
        Shell::Powershell => Writer::PowerShell,
        Shell::Zsh => Writer::Zsh,
    }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(writer(shell), &mut Cli::command(), "apim-probe", &mut script);
    // clap_complete 4.6.11 takes the hyphen of the program's name for a command in half of the bash script.
    String::from_utf8_lossy(&script).replace("apim__subcmd__probe", "apim__probe")
}

fn page(command: clap::Command) -> String {
    let mut text = Vec::new();
    Man::new(command).render(&mut text).expect("a page");
    // What stands at the end of the help has a heading that says what it is.
    String::from_utf8_lossy(&text).replace(".SH EXTRA", ".SH \"EXAMPLES AND EXIT STATUS\"")
}

fn fresh() -> BTreeMap<String, String> {
    let mut program = Cli::command();
    program.build();
    let scripts = Shell::ALL.iter().map(|shell| (format!("completions.{shell}"), script(*shell)));
    let of_commands = program.get_subcommands().map(|command| {
        let name = format!("apim-probe-{}", command.get_name());
        let text = page(command.clone().display_name(name.clone()).version(env!("CARGO_PKG_VERSION")));
        (format!("{name}.1"), text)
    });
    let own = ("apim-probe.1".to_owned(), page(program.clone()));
    scripts.chain(of_commands).chain([own]).collect()
}

#[test]
fn what_is_embedded_is_what_the_command_line_says_now() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated");
    let fresh = fresh();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in &fresh {
            fs::write(folder.join(name), text).expect("a file");
        }
    }
    let kept = fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry"));
    let kept: BTreeMap<String, String> = kept
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read_to_string(entry.path()).expect("text"))
        })
        .collect();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&fresh), "UPDATE_EXPECTED=1 writes agent/generated anew");
    let stale: Vec<&String> = fresh.keys().filter(|name| kept[*name] != fresh[*name]).collect();
    assert!(
        stale.is_empty(),
        "stale in agent/generated: {stale:?}; UPDATE_EXPECTED=1 (scripts/update) writes them anew"
    );
}
