//! The environment, the command line and the working folder are read in `host.rs` and `main.rs` alone, so that everything
//! else is told what it needs and can be tested with it.

use std::path::Path;

use regex::Regex;

use crate::sources::Sources;

/// Where they may be read: `host.rs`, and `main.rs`, which is the root.
const MAY: [&str; 2] = ["host", ""];

/// What a source without its tests reads of the process' surroundings.
fn reads(text: &str) -> bool {
    let ours = text.split("#[cfg(test)]").next().unwrap();
    let call =
        Regex::new(r"\benv::(var|vars|var_os|args|args_os|current_dir|temp_dir|current_exe|home_dir)\b")
            .unwrap();
    call.is_match(ours) || ours.contains("use std::env::")
}

#[test]
fn the_environment_is_read_in_one_place() {
    let agent = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in [agent.clone(), agent.join("../../checks/src"), agent.join("../../checks/azure/src")] {
        let sources = Sources::read_whole(&folder);
        assert!(!sources.texts.is_empty(), "{}", folder.display());
        let reading =
            sources.texts.iter().filter(|(_, text)| reads(text)).map(|(module, _)| module.join("/"));
        let found: Vec<String> =
            reading.filter(|file| folder != agent || !MAY.contains(&file.as_str())).collect();
        assert!(found.is_empty(), "read it in host.rs and hand it on: {found:?}");
    }
}

#[test]
fn a_read_is_found_however_it_is_written_and_not_in_tests() {
    for read in
        ["let a = std::env::var(\"A\");", "env::current_dir()", "use std::env::var;", "env::args_os()"]
    {
        assert!(reads(read), "{read}");
    }
    for other in ["env!(\"CARGO_PKG_NAME\")", "host::variable(\"A\")", "#[cfg(test)]\nstd::env::temp_dir()"] {
        assert!(!reads(other), "{other}");
    }
}
