//! The file of metrics where it is used: in the text-file folder of Debian's node_exporter, which runs as its own user.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use apim_probe::output::Outputs;
use apim_probe::render::Format;

use crate::{options, render, reports, tools};

const EXPORTER: &str = "prometheus-node-exporter";

/// The user that Debian's package makes for it.
const USER: &str = "prometheus";

/// A folder that every user may enter, emptied.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("apim-probe-textfile-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn id(flag: &str, of: &[&str]) -> Option<u32> {
    let output = Command::new("id").arg(flag).args(of).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// The exporter over `folder`, and the address on which it listens. As root it becomes its own user, whose rights to the
/// file are what matters.
fn exporter(folder: &Path) -> (Child, String) {
    let mut command = Command::new(EXPORTER);
    command.args([
        "--collector.disable-defaults",
        "--collector.textfile",
        "--web.listen-address=127.0.0.1:0",
    ]);
    command.arg(format!("--collector.textfile.directory={}", folder.display()));
    if id("-u", &[]) == Some(0) {
        command.uid(id("-u", &[USER]).unwrap()).gid(id("-g", &[USER]).unwrap());
    }
    let mut child = command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = log.find_map(|line| {
        let line = line.unwrap();
        Some(line.split_once("Listening on\" address=")?.1.to_owned())
    });
    // The rest of its log goes nowhere; without a reader it would die of it.
    std::thread::spawn(move || log.for_each(drop));
    (child, address.unwrap())
}

fn scraped(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Names and labels of the samples, without the values, which the exporter writes in its own way.
fn samples(text: &str) -> Vec<String> {
    let ours = |line: &&str| line.starts_with("apim_probe_") || line.starts_with("probe_");
    let name = |line: &str| line.rsplit_once(' ').unwrap().0.to_owned();
    let mut names: Vec<String> = text.lines().filter(ours).map(name).collect();
    names.sort();
    names
}

/// The labels in the exporter's order, which is that of their names; a label that only others of its family have is empty.
fn in_order(sample: &str) -> String {
    let Some((name, labels)) = sample.split_once('{') else { return sample.to_owned() };
    let mut labels: Vec<&str> = labels.trim_end_matches('}').split("\",").collect();
    if let Some(last) = labels.last_mut() {
        *last = last.strip_suffix('"').unwrap_or(last);
    }
    labels.retain(|label| !label.ends_with("=\""));
    labels.sort_unstable();
    format!("{name}{{{}\"}}", labels.join("\","))
}

#[test]
fn node_exporter_as_its_own_user_exports_every_sample() {
    if tools::run(EXPORTER, &["--version"], "").is_none() {
        return;
    }
    for (name, report) in reports::all() {
        let folder = folder();
        let file = folder.join("apim.prom");
        let outputs = Outputs::open(&[file.display().to_string()]).unwrap();
        let written = render(&report, &options(Format::OpenMetrics));
        assert!(outputs.finish(|_, _| Some(written.clone())).errors.is_empty());
        let (mut child, address) = exporter(&folder);
        let text = scraped(&address);
        child.kill().unwrap();
        child.wait().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(text.contains("\nnode_textfile_scrape_error 0\n"), "{name}: {text}");
        if name == "hostile" {
            assert_eq!(samples(&text).len(), samples(&written).len(), "{text}");
            continue;
        }
        let [exported, expected] = [&text, &written].map(|text| {
            let mut samples: Vec<String> = samples(text).iter().map(|sample| in_order(sample)).collect();
            samples.sort();
            samples
        });
        assert_eq!(exported, expected, "{name}: {text}");
    }
}

#[test]
fn promtool_has_nothing_to_say_against_the_metrics() {
    for (name, report) in reports::all() {
        let text = render(&report, &options(Format::OpenMetrics));
        let Some(said) = tools::said("promtool", &["check", "metrics"], &text) else { return };
        assert_eq!(said, "", "{name}");
    }
}
