//! The exit code never depends on the format; a monitoring system's own codes apart.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

use apim_probe::render::Format;

use crate::{BINARY, probe, stderr, stdout};

/// Every format of a run that has the exit codes of the contract: all but the one that has a monitoring system's own, and the
/// one that `review` alone writes.
fn formats() -> impl Iterator<Item = &'static str> {
    let others = Format::ALL.iter().filter(|format| !matches!(format, Format::Nagios | Format::Sarif));
    others.map(|format| format.as_str())
}

/// A report that was saved, its code as it is, with `--strict`, and as a plug-in's.
const REPORTS: [(&str, i32, i32, i32); 5] = [
    ("healthy", 0, 0, 0),
    ("degraded", 0, 4, 1),
    ("unhealthy", 1, 1, 2),
    ("undecided", 3, 3, 3),
    ("hostile", 1, 1, 2),
];

fn explained(name: &str, more: &[&str]) -> Option<i32> {
    let file = format!("{}/../tests/formats/expected/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let output = probe(&[&["explain", file.as_str()], more].concat());
    assert!(
        !stdout(&output).is_empty() && stderr(&output).is_empty(),
        "{name} {more:?}: {}",
        stderr(&output)
    );
    output.status.code()
}

#[test]
fn a_saved_report_ends_with_one_code_in_every_format() {
    for (name, code, strict, plugin) in REPORTS {
        for format in formats() {
            assert_eq!(explained(name, &["-f", format]), Some(code), "{name} as {format}");
            assert_eq!(
                explained(name, &["-f", format, "--strict"]),
                Some(strict),
                "{name} as {format}, strict"
            );
        }
        assert_eq!(explained(name, &["-f", "nagios"]), Some(plugin), "{name}");
        assert_eq!(explained(name, &["-f", "human", "--exit-zero"]), Some(0), "{name}");
        assert_eq!(explained(name, &["-f", "nagios", "--exit-zero"]), Some(0), "{name}");
    }
}

#[test]
fn a_run_ends_with_one_code_in_every_format() {
    let open = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let open = format!("127.0.0.1:{}/tcp,required", open.local_addr().expect("an address").port());
    let listening = ["--only", "custom", "--no-imds", "--no-azure-dns"];
    for (endpoints, strict, code, plugin) in [
        (&[open.as_str()][..], false, 0, 0),
        (&[open.as_str(), "127.0.0.1:9/tls"], false, 0, 1),
        (&[open.as_str(), "127.0.0.1:9/tls"], true, 4, 1),
        (&[open.as_str(), "127.0.0.1:9/tls,required"], false, 1, 2),
    ] {
        let mut words = listening.to_vec();
        endpoints.iter().for_each(|endpoint| words.extend(["--endpoint", endpoint]));
        words.extend(strict.then_some("--strict"));
        for format in formats().chain(["nagios"]) {
            let output = probe(&[&words, &["-f", format][..]].concat());
            let wanted = if format == "nagios" { plugin } else { code };
            assert_eq!(output.status.code(), Some(wanted), "{endpoints:?} as {format}: {}", stdout(&output));
        }
    }
}

#[test]
fn a_signal_ends_a_run_with_its_code_and_a_whole_report_in_every_format() {
    for format in formats().chain(["nagios"]) {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let endpoint = format!("127.0.0.1:{}/tls,required", silent.local_addr().expect("an address").port());
        let child = Command::new(BINARY)
            .args(["--only", "custom", "--no-imds", "--no-azure-dns", "--endpoint", &endpoint, "-f", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let _connection = silent.accept().expect("the run has started");
        let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), stderr(&output)), (Some(143), String::new()), "{format}");
        let text = stdout(&output);
        let end = match format {
            "json" => "}\n",
            "html" => "</html>\n",
            "junit" => "</testsuites>\n",
            "openmetrics" => "# EOF\n",
            "network-status" => "]\n",
            _ => "\n",
        };
        assert!(text.len() > 40 && text.ends_with(end), "{format}: {text}");
    }
}
