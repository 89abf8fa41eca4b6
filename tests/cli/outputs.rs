//! What becomes of the report when its outputs fail, when stdout is closed or full, and when a signal comes.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{refused, stderr, stdout};

/// A folder of this test that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("apim-probe-outputs-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("an ASCII path").to_owned()
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A run with one check, required; it passes where `listener` takes the connection.
fn command(listener: &TcpListener, protocol: &str, more: &[&str]) -> Command {
    let port = listener.local_addr().expect("an address").port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-probe"));
    command.args(["--only", "custom", "--no-imds", "--no-azure-dns", "--deadline", "60s"]);
    command.args(["--endpoint", &format!("127.0.0.1:{port}/{protocol},required")]).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")
}

/// A run that passes.
fn passed(more: &[&str]) -> Output {
    let listener = listener();
    command(&listener, "tcp", more).output().expect("the binary runs")
}

/// A run that goes on until the connection is dropped; it has started, so that its outputs are open.
fn held(more: &[&str]) -> (Child, TcpStream) {
    let listener = listener();
    let child = command(&listener, "tls", more).spawn().expect("the binary runs");
    let (connection, _) = listener.accept().expect("a connection");
    (child, connection)
}

fn report(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("no whole report ({error}): {text}"))
}

#[test]
fn several_outputs_at_once_are_whole_and_only_metrics_are_for_everybody() {
    let folder = Folder::new("several");
    let words: Vec<String> = ["a.json", "b.jsonl", "c.md", "d.html", "e.xml", "f.tap", "g.prom", "h.txt"]
        .iter()
        .flat_map(|name| ["-o".to_owned(), folder.file(name)])
        .chain(["-o".to_owned(), format!("nagios={}", folder.file("i"))])
        .chain(["-o".to_owned(), format!("network-status={}", folder.file("j"))])
        .collect();
    let output = passed(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).ends_with("HEALTHY: 1 required and 0 optional checks passed (exit 0)\n"));
    assert_eq!(folder.names().len(), 10, "{:?}", folder.names());
    for name in folder.names() {
        let meta = std::fs::metadata(folder.0.join(&name)).expect("the file");
        // Metrics are collected by another user, and hold no secret.
        let mode = if name.ends_with(".prom") { 0o644 } else { 0o600 };
        assert_eq!(meta.permissions().mode() & 0o777, mode, "{name}");
        assert!(meta.len() > 20, "{name}");
    }
    let _ = report(&std::fs::read_to_string(folder.file("a.json")).expect("the report"));
}

#[test]
fn a_full_disk_costs_one_error_line_and_turns_0_into_2() {
    let folder = Folder::new("full");
    let output = passed(&["-f", "json", "-o", "json=/dev/full", "-o", &folder.file("a.json")]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert_eq!(said.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{said}");
    assert!(
        said.contains(&format!("hint: the report was saved to stdout, {}", folder.file("a.json"))),
        "{said}"
    );
    assert_eq!(report(&stdout(&output))["summary"]["exitCode"], 0);
    assert_eq!(folder.names(), ["a.json"]);
}

#[test]
fn a_folder_that_vanishes_while_the_run_goes_on_leaves_the_report_on_stdout() {
    let folder = Folder::new("vanished");
    let (child, connection) = held(&["-f", "json", "-o", &folder.file("a.json")]);
    std::fs::remove_dir_all(&folder.0).expect("the folder goes");
    drop(connection);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(report(&stdout(&output))["summary"]["verdict"], "unhealthy");
    assert!(stderr(&output).starts_with("error: `"), "{}", stderr(&output));
    assert!(stderr(&output).ends_with("hint: the report was saved to stdout\n"), "{}", stderr(&output));
}

#[test]
fn a_full_stdout_is_an_error_and_the_files_are_whole() {
    let folder = Folder::new("stdout");
    for format in ["human", "json", "jsonl"] {
        let listener = listener();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let mut command = command(&listener, "tcp", &["-f", format, "-o", &folder.file("a.json")]);
        let output = command.stdout(full).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{format}");
        let said = stderr(&output);
        assert!(said.starts_with("error: the report could not be written to stdout: "), "{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
        let saved = std::fs::read_to_string(folder.file("a.json")).expect("the report");
        assert_eq!(report(&saved)["summary"]["verdict"], "healthy");
    }
}

#[test]
fn a_closed_stdout_is_no_error_and_the_files_are_whole() {
    let folder = Folder::new("closed");
    for format in ["human", "json", "jsonl"] {
        let listener = listener();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = command(&listener, "tcp", &["-f", format, "-o", &folder.file("a.json")]);
        let output = command.stdout(writer).output().expect("the binary runs");
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{format}");
        let saved = std::fs::read_to_string(folder.file("a.json")).expect("the report");
        assert_eq!(report(&saved)["summary"]["verdict"], "healthy");
    }
}

#[test]
fn a_signal_ends_the_run_with_a_whole_report_that_says_so() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let folder = Folder::new(&format!("signal{code}"));
        let (child, _connection) =
            held(&["-f", "json", "-o", &folder.file("a.json"), "-o", &folder.file("b.txt")]);
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert_eq!(stderr(&output), "");
        for text in [stdout(&output), std::fs::read_to_string(folder.file("a.json")).expect("the report")] {
            let report = report(&text);
            assert_eq!(
                (&report["run"]["interrupted"], &report["summary"]["exitCode"]),
                (&true.into(), &code.into())
            );
            assert_eq!(report["checks"][0]["status"], "undecided");
            assert!(report["checks"][0].get("cause").is_none(), "{report}");
        }
        let human = std::fs::read_to_string(folder.file("b.txt")).expect("the report");
        assert!(human.trim_end().ends_with(&format!("(exit {code})")), "{human}");
    }
}

#[test]
fn a_signal_that_comes_twice_at_once_is_one() {
    for run in 0..5 {
        let folder = Folder::new(&format!("twice{run}"));
        let (child, _connection) = held(&["-o", &folder.file("a.json")]);
        // As `timeout` does: to the program, and to the group that it is in.
        let twice = "kill -TERM \"$1\"; sleep 0.001; kill -TERM \"$1\" 2>/dev/null; true";
        let killed = Command::new("sh").args(["-c", twice, "sh", &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(143), "{}", stderr(&output));
        assert_eq!(folder.names(), ["a.json"], "the report and nothing beside it");
    }
}

#[test]
fn an_output_that_cannot_be_opened_is_refused_before_anything_is_sent() {
    let folder = Folder::new("refused");
    let listener = listener();
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let endpoint = format!("127.0.0.1:{port}/tcp");
    for bad in ["/nonexistent/a.json", "a.docx", &format!("json={}", folder.0.display())] {
        let good = folder.file("a.json");
        refused(
            &[
                "--no-imds",
                "--no-azure-dns",
                "--only",
                "custom",
                "--endpoint",
                &endpoint,
                "-o",
                &good,
                "-o",
                bad,
            ],
            "hint: ",
        );
    }
    assert!(listener.accept().is_err(), "something was sent");
    assert!(folder.names().is_empty(), "{:?}", folder.names());
    assert!(Path::new("/dev/stdout").is_symlink());
    refused(
        &[
            "--no-imds",
            "--no-azure-dns",
            "--only",
            "custom",
            "--endpoint",
            &endpoint,
            "-o",
            "json=/dev/stdout",
        ],
        "symbolic link",
    );
}

#[test]
fn a_second_signal_ends_a_program_whose_report_nobody_takes() {
    let ports = (3000..3150).map(|port| format!("127.0.0.1:{port}/tls"));
    let words: Vec<String> = ports.flat_map(|endpoint| ["--endpoint".to_owned(), endpoint]).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["-f", "json"]).collect();
    let mut child = command(&listener(), "tcp", &words).spawn().expect("the binary runs");
    // The report has begun, and is far longer than a pipe.
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut [0]).expect("its first byte");
    let begun = Instant::now();
    let status = loop {
        let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).output();
        assert!(killed.is_ok() && begun.elapsed() < Duration::from_secs(20), "it does not end");
        if let Some(status) = child.try_wait().expect("a state") {
            break status;
        }
    };
    assert_eq!(status.code(), Some(143));
}
