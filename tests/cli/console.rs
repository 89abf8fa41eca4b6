//! `-o` to a character device: the report is framed, and `explain` finds it in the log of the console.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use nix::pty::openpty;
use nix::unistd::ttyname;
use serde_json::Value;

use crate::saved::Saved;
use crate::{closed_port, probe, refused, stderr, stdout};

/// A pseudo terminal that stands for a serial line, with somebody who reads its other end.
struct Line {
    path: PathBuf,
    slave: OwnedFd,
    reader: std::thread::JoinHandle<Vec<u8>>,
}

impl Line {
    fn new() -> Self {
        let pair = openpty(None, None).expect("a pseudo terminal");
        let path = ttyname(&pair.slave).expect("its name");
        let mut master = File::from(pair.master);
        let reader = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // The last writer gone is an error to a pseudo terminal.
            let _ = master.read_to_end(&mut bytes);
            bytes
        });
        Self { path, slave: pair.slave, reader }
    }

    fn path(&self) -> &str {
        self.path.to_str().expect("an ASCII path")
    }

    /// All that was written to it.
    fn log(self) -> String {
        drop(self.slave);
        String::from_utf8(self.reader.join().expect("the reader ends")).expect("ASCII")
    }
}

/// The report on stdout, and what the serial line has seen.
fn on_the_line(format: &str) -> (Value, String) {
    let line = Line::new();
    let word = format!("{format}{}", line.path());
    let output = closed_port(&["--format", "json", "--output", &word]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    (serde_json::from_slice(&output.stdout).expect("a report"), line.log())
}

#[test]
fn a_serial_line_gets_short_numbered_ascii_lines_that_a_person_can_read() {
    let (_, log) = on_the_line("");
    assert!(log.is_ascii() && log.lines().all(|line| line.len() < 80), "{log}");
    assert!(log.contains("\r\n-----BEGIN APIM-PROBE REPORT ") && log.contains("-----END APIM-PROBE REPORT "));
    assert!(log.contains("|UNHEALTHY: 1 of 1 required checks failed (exit 1)"), "{log}");
}

#[test]
fn the_log_of_a_console_is_explained_with_everything_else_in_it() {
    for format in ["", "json=", "markdown="] {
        let (report, log) = on_the_line(format);
        let lines = log.lines().map(|line| format!("[   3.141593] kernel: link up\r\n2026-11-21 {line}\r\n"));
        let saved = Saved::new(
            &format!("whole{}", format.len()),
            &format!("Linux version 6.8\r\n{}login: \u{fffd}", lines.collect::<String>()),
        );
        let output = probe(&["explain", saved.path(), "--format", "json"]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let again: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(again, report, "{format}");
    }
}

#[test]
fn what_the_console_lost_is_named() {
    let (_, log) = on_the_line("json=");
    let gone: Vec<&str> = log.lines().filter(|line| !line.contains("-0003-")).collect();
    let saved = Saved::new("gone", &gone.join("\n"));
    let output = probe(&["explain", saved.path()]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
    let said = stderr(&output);
    assert!(said.contains("incomplete: line 3 of ") && said.lines().count() == 2, "{said}");
    assert!(said.contains("hint: "), "{said}");
}

#[test]
fn a_device_that_nobody_reads_does_not_hold_the_program_up() {
    let pair = openpty(None, None).expect("a pseudo terminal");
    let path = ttyname(&pair.slave).expect("its name");
    let other = Saved::new("beside.json", "");
    let begun = std::time::Instant::now();
    // Far more than a pseudo terminal keeps for a reader.
    let words: Vec<String> =
        (0..200).flat_map(|n| ["--endpoint".to_owned(), format!("127.0.0.1:{}/tls", 2000 + n)]).collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.extend(["--output", path.to_str().expect("ASCII"), "--output", other.path()]);
    let output = closed_port(&words);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the device accepts no data"), "{}", stderr(&output));
    assert!(begun.elapsed().as_secs() < 40, "{:?}", begun.elapsed());
    assert!(std::fs::read_to_string(other.path()).is_ok_and(|text| text.ends_with("}\n")));
}

#[test]
fn a_link_to_a_device_or_to_a_file_is_refused() {
    let link = std::env::temp_dir().join(format!("apim-probe-console-link-{}", std::process::id()));
    let target = Saved::new("target", "precious");
    for to in ["/dev/null", target.path()] {
        let _ = std::fs::remove_file(&link);
        symlink(to, &link).expect("a link");
        let word = format!("human={}", link.display());
        refused(
            &[
                "--no-imds",
                "--no-azure-dns",
                "--only",
                "custom",
                "--endpoint",
                "127.0.0.1:9",
                "--output",
                &word,
            ],
            "symbolic link",
        );
    }
    let _ = std::fs::remove_file(&link);
    assert!(std::fs::read_to_string(target.path()).is_ok_and(|text| text == "precious"));
}
