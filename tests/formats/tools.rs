//! Programs of other people that read our formats. `scripts/test` installs them where it may; what it could not install
//! it names in `APIM_PROBE_NO_TOOLS`, and says so. A tool that is missing without being named there fails the test.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs a tool on `input`. `None` where the machine is known not to have it.
pub(crate) fn run(tool: &str, args: &[&str], input: &str) -> Option<Output> {
    if std::env::var("APIM_PROBE_NO_TOOLS").is_ok_and(|known| known.split(' ').any(|word| word == tool)) {
        return None;
    }
    let spawned = Command::new(tool)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child =
        spawned.unwrap_or_else(|error| panic!("`{tool}` cannot be run: {error}; see scripts/test"));
    // A tool that reads a file closes its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Some(child.wait_with_output().unwrap())
}

/// The same; what it says, if it is content.
pub(crate) fn said(tool: &str, args: &[&str], input: &str) -> Option<String> {
    let output = run(tool, args, input)?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {errors}{words}\n{input}");
    Some(words)
}
