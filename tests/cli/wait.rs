//! `wait`, against ports of this machine that are closed, open late, or stay closed.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{BINARY, refused, stdout};

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

fn wait(port: u16, more: &[&str], socket: Option<&str>) -> Child {
    wait_for(&format!("127.0.0.1:{port}/tcp,required"), more, socket)
}

fn wait_for(endpoint: &str, more: &[&str], socket: Option<&str>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-probe"));
    command.args(["wait", "--only", "custom", "--no-imds", "--no-azure-dns", "--endpoint", endpoint]);
    command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("NOTIFY_SOCKET");
    command.env("LC_ALL", "C.UTF-8");
    if let Some(socket) = socket {
        command.env("NOTIFY_SOCKET", socket);
    }
    command.spawn().expect("the binary runs")
}

#[test]
fn a_port_that_opens_late_is_waited_for_and_only_changes_are_printed() {
    let port = free_port();
    let child = wait(port, &["--timeout", "20s"], None);
    std::thread::sleep(Duration::from_millis(1500));
    let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is still free");
    let output = child.wait_with_output().expect("it ends");
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
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
    let child = wait(free_port(), &["--timeout", "3s"], path.to_str());
    let output = child.wait_with_output().expect("it ends");
    let _ = std::fs::remove_file(&path);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(begun.elapsed() > Duration::from_secs(2), "all of the time is used: {:?}", begun.elapsed());
    let said = stdout(&output);
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
    let signs = String::from_utf8_lossy(&output.stderr).into_owned();
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
    let child = wait(free_port(), &[], None);
    std::thread::sleep(Duration::from_millis(500));
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(143), "{}", stdout(&output));
    assert!(stdout(&output).trim_end().ends_with("(exit 143)"), "{}", stdout(&output));
}

#[test]
fn what_wait_cannot_do_is_refused() {
    refused(&["wait", "--timeout", "0s"], "more than zero");
    refused(&["wait", "--format", "json"], "--output");
}

#[test]
fn a_full_stdout_hinders_no_report_in_a_file() {
    let file = std::env::temp_dir().join(format!("apim-probe-wait-full-{}.json", std::process::id()));
    let port = free_port();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let endpoint = format!("127.0.0.1:{port}/tcp,required");
    let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is still free");
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
    let port = free_port();
    let child = wait_for(&format!("127.0.0.1:{port}/tls,required"), &["--timeout", "6s"], None);
    std::thread::sleep(Duration::from_millis(700));
    // Now the port opens, but what listens there closes at once where TLS is wanted.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is still free");
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let output = child.wait_with_output().expect("it ends");
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("connect-refused -> tls-"), "{said}");
    assert_eq!(said.lines().filter(|line| line.contains("UNHEALTHY")).count(), 1, "{said}");
}
