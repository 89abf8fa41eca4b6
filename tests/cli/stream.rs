//! `--format jsonl`: a line is there as soon as its check has ended, and the lines together are a report.

use std::io::{BufRead, BufReader, Lines};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::{closed_port, probe, stderr, stdout};

fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = lines.next().expect("a line").expect("text");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// A run against a port that refuses and one that takes the connection and says nothing.
fn started(silent: &TcpListener) -> (Child, Lines<BufReader<ChildStdout>>) {
    let silent = silent.local_addr().expect("an address").port();
    let mut child = Command::new(env!("CARGO_BIN_EXE_apim-probe"))
        .args(["--only", "custom", "--no-imds", "--no-azure-dns", "--deadline", "60s", "--format", "jsonl"])
        .args(["--endpoint", &format!("127.0.0.1:{silent}/tls,required")])
        .args(["--endpoint", "127.0.0.1:9/tls,required"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    (child, lines)
}

#[test]
fn a_line_is_there_while_other_checks_still_run() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let (mut child, mut lines) = started(&silent);
    let first = next(&mut lines);
    let refused = next(&mut lines);
    assert_eq!(refused["check"]["cause"], "connect-refused");
    assert!(child.try_wait().expect("a state").is_none(), "the run is over already");
    drop(silent);
    let other = next(&mut lines);
    let last = next(&mut lines);
    assert!(lines.next().is_none());
    assert_eq!(child.wait().expect("it ends").code(), Some(1));

    assert!(first["host"]["hostname"].is_string() && first["instance"]["cloud"] == "public", "{first}");
    assert!(first["run"]["startedAt"].is_string() && first["run"].get("finishedAt").is_none(), "{first}");
    assert_eq!(first["plan"], serde_json::json!([other["check"]["id"], refused["check"]["id"]]));
    assert_eq!((&last["summary"]["exitCode"], &last["run"]["interrupted"]), (&1.into(), &false.into()));
    assert_eq!(last["summary"]["required"]["failure"], 2);
    assert!(last["findings"].is_array() && last["run"]["finishedAt"].is_string(), "{last}");
}

#[test]
fn the_lines_of_a_run_are_explained_as_its_report() {
    let lines = stdout(&closed_port(&["--format", "jsonl"]));
    let file = std::env::temp_dir().join(format!("apim-probe-stream-{}.jsonl", std::process::id()));
    let path = file.to_str().expect("an ASCII path");
    std::fs::write(&file, &lines).expect("a file in the temporary folder");
    let whole = probe(&["explain", path, "--format", "json"]);
    let report: Value = serde_json::from_slice(&whole.stdout).expect("a report");
    assert_eq!((whole.status.code(), &report["checks"][0]["cause"]), (Some(1), &"connect-refused".into()));
    // Without its last line it is no report: the run was killed, or the disk was full.
    let cut = lines.lines().take(2).collect::<Vec<_>>().join("\n");
    std::fs::write(&file, cut).expect("a file in the temporary folder");
    let output = probe(&["explain", path]);
    let _ = std::fs::remove_file(&file);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("it is cut off after 1 of 1 checks"), "{}", stderr(&output));
}

#[test]
fn a_signal_leaves_every_line_whole_and_every_check_named() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let (mut child, mut lines) = started(&silent);
    let _ = (next(&mut lines), next(&mut lines));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let unfinished = next(&mut lines);
    let last = next(&mut lines);
    assert_eq!(unfinished["check"]["status"], "undecided");
    assert_eq!((&last["summary"]["exitCode"], &last["run"]["interrupted"]), (&130.into(), &true.into()));
    assert!(lines.next().is_none());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
