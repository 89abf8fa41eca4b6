//! `completions` and `man`: both come from the definition of the command line, so every option is in them.

use std::process::Command;

use apim_probe::cli::Cli;
use clap::CommandFactory as _;

use crate::{probe, refused, stdout};

#[test]
fn every_shell_gets_a_script_with_every_command_and_option() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = probe(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = stdout(&output);
        for word in ["storage-account", "from-network-status", "plan", "explain", "diff", "completions"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    refused(&["completions", "csh"], "csh");
}

#[test]
fn bash_completes_an_option() {
    let script = format!(
        "source <({} completions bash); COMP_WORDS=(apim-probe check --stor); COMP_CWORD=2; \
         function=$(complete -p apim-probe | grep -o '_[^ ]*'); $function apim-probe --stor check; echo \"${{COMPREPLY[*]}}\"",
        env!("CARGO_BIN_EXE_apim-probe")
    );
    let output = Command::new("bash").args(["-c", &script]).output().expect("bash runs");
    assert_eq!(stdout(&output), "--storage-account\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_manual_page_has_every_option_and_each_command_has_its_own() {
    let page = stdout(&probe(&["man"])).replace("\\-", "-");
    assert!(page.contains(".TH apim-probe 1") && page.contains(".SH OPTIONS"), "{page}");
    let program = Cli::command();
    let options: Vec<&str> = program.get_arguments().filter_map(|argument| argument.get_long()).collect();
    assert!(options.len() > 30);
    for option in options {
        assert!(page.contains(&format!("--{option}")), "{option}");
    }
    for command in program.get_subcommands() {
        let page = stdout(&probe(&["man", command.get_name()])).replace("\\-", "-");
        assert!(page.contains(&format!(".TH apim-probe-{} 1", command.get_name())), "{page}");
    }
    refused(&["man", "chekc"], "`chekc`");
}
