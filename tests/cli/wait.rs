//! `wait`, against ports of this machine that are closed, open late, or stay closed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::socket::{self, AddressFamily, Backlog, SockFlag, SockType, SockaddrIn};

use crate::{BINARY, refused};

/// A port that is taken, and refuses connections until it is opened.
struct Port(OwnedFd);

impl Port {
    fn closed() -> Self {
        let socket = socket::socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None);
        let socket = socket.expect("a socket");
        socket::bind(socket.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, 0)).expect("a port");
        Self(socket)
    }

    fn number(&self) -> u16 {
        socket::getsockname::<SockaddrIn>(self.0.as_raw_fd()).expect("an address").port()
    }

    fn open(self) -> TcpListener {
        socket::listen(&self.0, Backlog::new(16).expect("a length")).expect("the socket listens");
        TcpListener::from(self.0)
    }
}

/// The program while it waits.
struct Waiting {
    child: Child,
    lines: BufReader<ChildStdout>,
    said: String,
}

impl Waiting {
    fn on(port: u16, more: &[&str], socket: Option<&str>) -> Self {
        Self::on_endpoint(&format!("127.0.0.1:{port}/tcp,required"), more, socket)
    }

    fn on_endpoint(endpoint: &str, more: &[&str], socket: Option<&str>) -> Self {
        let mut command = Command::new(BINARY);
        command.args(["wait", "--only", "custom", "--no-imds", "--no-azure-dns", "--endpoint", endpoint]);
        command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("NOTIFY_SOCKET");
        command.env("LC_ALL", "C.UTF-8");
        if let Some(socket) = socket {
            command.env("NOTIFY_SOCKET", socket);
        }
        let mut child = command.spawn().expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, lines, said: String::new() }
    }

    /// Until it has said this.
    fn until(&mut self, words: &str) {
        while !self.said.contains(words) {
            let read = self.lines.read_line(&mut self.said).expect("text");
            assert!(read > 0, "it ended without `{words}`: {}", self.said);
        }
    }

    /// Its exit code, and all that it said on stdout and on stderr.
    fn end(mut self) -> (Option<i32>, String, String) {
        self.lines.read_to_string(&mut self.said).expect("text");
        let output = self.child.wait_with_output().expect("it ends");
        (output.status.code(), self.said, String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn a_port_that_opens_late_is_waited_for_and_only_changes_are_printed() {
    let closed = Port::closed();
    let port = closed.number();
    let mut waiting = Waiting::on(port, &["--timeout", "20s"], None);
    waiting.until("UNHEALTHY");
    let _listener = closed.open();
    let (code, said, _) = waiting.end();
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<&str> = said.lines().map(|line| line.split_once("  ").expect("a time").1).collect();
    assert_eq!(lines.len(), 4, "{said}");
    assert_eq!(lines[0], format!("custom 127.0.0.1:{port}: connect-refused"));
    assert!(lines[1].starts_with("UNHEALTHY"), "{said}");
    assert_eq!(lines[2], format!("custom 127.0.0.1:{port}: connect-refused -> passed"));
    assert!(lines[3].starts_with("HEALTHY"), "{said}");
}

#[test]
fn at_the_timeout_it_ends_with_the_last_code_and_systemd_was_told() {
    let path = std::env::temp_dir().join(format!("apim-probe-notify-{}", std::process::id()));
    let socket = UnixDatagram::bind(&path).expect("a socket");
    let begun = Instant::now();
    let port = Port::closed();
    let (code, said, signs) = Waiting::on(port.number(), &["--timeout", "3s"], path.to_str()).end();
    let _ = std::fs::remove_file(&path);
    assert_eq!(code, Some(1), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(begun.elapsed() > Duration::from_secs(2), "all of the time is used: {:?}", begun.elapsed());
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].contains("connect-refused") && lines[1].contains("UNHEALTHY: 1 of 1"), "{said}");
    let end = lines[2].split_once("  ").expect("a time").1;
    assert!(
        end.starts_with("gave up after ") && end.ends_with(" of 3.0 s: another run would not end in time"),
        "{said}"
    );
    // Then the finding with its flow.
    assert!(lines[3].is_empty() && lines[4].starts_with("✗ "), "{said}");
    assert!(said.contains("Flow: TCP 127.0.0.1 -> 127.0.0.1:"), "{said}");
    assert!(
        signs.lines().any(|line| line.contains("  still UNHEALTHY: 1 of 1") && line.ends_with(" left")),
        "{signs}"
    );
    let mut bytes = [0; 512];
    let length = socket.recv(&mut bytes).expect("a message");
    assert!(String::from_utf8_lossy(&bytes[..length]).starts_with("STATUS=UNHEALTHY: 1 of 1"));
}

#[test]
fn a_signal_ends_it_with_its_code() {
    let port = Port::closed();
    let mut waiting = Waiting::on(port.number(), &[], None);
    waiting.until("connect-refused");
    let killed = Command::new("kill").args(["-TERM", &waiting.child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let (code, said, _) = waiting.end();
    assert_eq!(code, Some(143), "{said}");
    assert!(said.trim_end().ends_with("(exit 143)"), "{said}");
}

#[test]
fn what_wait_cannot_do_is_refused() {
    refused(&["wait", "--timeout", "0s"], "more than zero");
    refused(&["wait", "--format", "json"], "--output");
}

#[test]
fn a_full_stdout_hinders_no_report_in_a_file() {
    let file = std::env::temp_dir().join(format!("apim-probe-wait-full-{}.json", std::process::id()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let endpoint = format!("127.0.0.1:{port}/tcp,required");
    let output = Command::new(BINARY)
        .args([
            "wait",
            "--only",
            "custom",
            "--no-imds",
            "--no-azure-dns",
            "--endpoint",
            &endpoint,
            "--output",
        ])
        .arg(&file)
        .stdout(full)
        .output()
        .expect("the binary runs");
    let saved = std::fs::read_to_string(&file);
    let _ = std::fs::remove_file(&file);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.ends_with(&format!("hint: the report was saved to {}\n", file.display())), "{said}");
    assert!(saved.is_ok_and(|text| text.contains("\"verdict\": \"healthy\"")));
}

#[test]
fn a_failure_with_another_cause_is_a_change() {
    let port = Port::closed();
    let endpoint = format!("127.0.0.1:{}/tls,required", port.number());
    let mut waiting = Waiting::on_endpoint(&endpoint, &["--timeout", "6s"], None);
    waiting.until("connect-refused");
    // Now the port opens, but what listens there closes at once where TLS is wanted.
    let listener = port.open();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let (code, said, _) = waiting.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("connect-refused -> tls-"), "{said}");
    assert_eq!(said.lines().filter(|line| line.contains("UNHEALTHY")).count(), 1, "{said}");
}
