//! What the report looks like on a terminal, in a file, and where the locale or the terminal knows less.

use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

use nix::pty::{Winsize, openpty};

use crate::BINARY;

/// Where a stream of the program goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Terminal,
    Pipe,
}

/// What the program wrote to stdout and to stderr; a terminal has 100 columns and understands everything.
fn run(stdout: To, stderr: To, environment: &[(&str, &str)], more: &[&str]) -> (String, String) {
    let mut command = Command::new(BINARY);
    command.args([
        "--only",
        "custom",
        "--no-imds",
        "--no-azure-dns",
        "--endpoint",
        "127.0.0.1:9/tls,required",
    ]);
    command.args(more).stdin(Stdio::null()).env_clear();
    command.envs([("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]).envs(environment.iter().copied());
    let (out, into_out) = stream(stdout);
    let (err, into_err) = stream(stderr);
    let mut child = command.stdout(into_out).stderr(into_err).spawn().expect("the binary runs");
    // The command holds this side's copies, and a terminal ends when its last writer is gone.
    drop(command);
    let readers = [out, err].map(|mut stream| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let _ = child.wait();
    let [out, err] = readers.map(|reader| reader.join().expect("a reader"));
    (out, err)
}

fn stream(to: To) -> (File, Stdio) {
    match to {
        To::Terminal => {
            let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
            let pair = openpty(Some(&size), None).expect("a pseudo terminal");
            (File::from(pair.master), Stdio::from(pair.slave))
        }
        To::Pipe => {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            (File::from(std::os::fd::OwnedFd::from(reader)), Stdio::from(writer))
        }
    }
}

const ESCAPE: char = '\u{1b}';

/// Columns of the widest line that is no command.
fn widest(text: &str) -> usize {
    let lines = text.lines().filter(|line| !line.starts_with("    ") && !line.contains(ESCAPE));
    lines.map(|line| line.trim_end().chars().count()).max().unwrap_or(0)
}

#[test]
fn a_terminal_is_used_in_its_width_and_a_file_has_eighty_columns() {
    let (terminal, _) = run(To::Terminal, To::Pipe, &[], &["--color", "never"]);
    let (file, _) = run(To::Pipe, To::Pipe, &[], &[]);
    assert!((81..=100).contains(&widest(&terminal)), "{}: {terminal}", widest(&terminal));
    assert!((60..=80).contains(&widest(&file)), "{}: {file}", widest(&file));
}

#[test]
fn colours_are_for_terminals_that_know_them_unless_asked_otherwise() {
    let is_coloured =
        |to, environment: &[_], more: &[_]| run(to, To::Pipe, environment, more).0.contains(ESCAPE);
    assert!(is_coloured(To::Terminal, &[], &[]));
    assert!(!is_coloured(To::Terminal, &[("NO_COLOR", "1")], &[]));
    assert!(is_coloured(To::Terminal, &[("NO_COLOR", "")], &[]));
    assert!(!is_coloured(To::Terminal, &[("TERM", "dumb")], &[]));
    assert!(!is_coloured(To::Terminal, &[], &["--color", "never"]));
    assert!(is_coloured(To::Terminal, &[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!is_coloured(To::Pipe, &[], &[]));
    assert!(is_coloured(To::Pipe, &[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!is_coloured(To::Pipe, &[("CLICOLOR_FORCE", "0")], &[]));
    assert!(!is_coloured(To::Pipe, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(is_coloured(To::Pipe, &[], &["--color", "always"]));
}

#[test]
fn ascii_where_the_locale_knows_no_more() {
    for (locale, ascii) in
        [("C", true), ("de_DE.ISO-8859-1", true), ("", true), ("en_US.UTF-8", false), ("C.utf8", false)]
    {
        let (text, _) = run(To::Pipe, To::Pipe, &[("LANG", locale)], &[]);
        assert_eq!(text.is_ascii(), ascii, "{locale}: {text}");
    }
    let (text, _) = run(To::Pipe, To::Pipe, &[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], &[]);
    assert!(text.is_ascii(), "LC_ALL comes first: {text}");
}

#[test]
fn progress_is_on_a_terminal_only_and_goes_again() {
    let (_, log) = run(To::Pipe, To::Pipe, &[], &[]);
    assert_eq!(log, "");
    // It takes the connection and says nothing, so that the run lasts as long as it may.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let endpoint = format!("127.0.0.1:{}/tls", silent.local_addr().expect("an address").port());
    let slow = ["--endpoint", &endpoint, "--deadline", "700ms"];
    let (_, terminal) = run(To::Pipe, To::Terminal, &[], &slow);
    // It names what is waited for, and its clock goes on while nothing ends.
    assert!(
        terminal.contains(&format!(
            "1 of 2 checks, 0.5 s of 0.7 s  waiting for custom {}",
            endpoint.trim_end_matches("/tls")
        )),
        "{terminal:?}"
    );
    // The line is wiped: what is drawn last is nothing.
    let last = terminal.rsplit('\r').next().unwrap_or_default();
    assert!(!last.contains("checks"), "{terminal:?}");
    for (environment, more) in [(&[("TERM", "dumb")][..], &[][..]), (&[], &["--quiet"])] {
        let (_, terminal) = run(To::Pipe, To::Terminal, environment, &[&slow[..], more].concat());
        assert_eq!(terminal, "");
    }
}

#[test]
fn lines_of_jsonl_are_not_overwritten_by_progress_on_the_same_terminal() {
    let (out, err) = run(To::Terminal, To::Terminal, &[], &["--format", "jsonl"]);
    assert_eq!((out.lines().count(), err.as_str()), (3, ""), "{out}");
    assert!(!out.contains(ESCAPE), "{out}");
}

#[test]
fn quiet_says_what_is_wrong_and_verbose_says_everything() {
    let text = |more: &[&str]| run(To::Pipe, To::Pipe, &[], more).0;
    let (quiet, normal, verbose) = (text(&["-q"]), text(&[]), text(&["-v"]));
    assert!(quiet.lines().count() <= normal.lines().count(), "{quiet}");
    assert!(verbose.lines().count() > normal.lines().count(), "{verbose}");
    assert!(verbose.contains("connect 127.0.0.1:9, "), "{verbose}");
    for text in [quiet, normal, verbose] {
        assert!(text.ends_with("UNHEALTHY: 1 of 1 required checks failed (exit 1)\n"), "{text}");
    }
}
