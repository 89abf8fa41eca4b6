//! Every recorded run of `tests/scenarios`, saved and judged again: the same findings, in every format.

use std::path::PathBuf;

use apim_probe::render::Format;
use apim_probe::report_file::read::from_json;
use apim_probe_checks::report::{ExitPolicy, Report};
use serde::Deserialize;
use serde_json::Value;

use crate::{options, render};
use short::Network;

#[allow(dead_code)] // the short-hand serves another test as well
#[path = "../scenarios/short.rs"]
mod short;

#[derive(Deserialize)]
struct Theme {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    network: Network,
}

pub(crate) fn recorded() -> Vec<(String, Report)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    let files = [folder.clone(), folder.join("findings")]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let cases = files
        .filter(|path| !path.ends_with("base.toml"))
        .flat_map(|path| toml::from_str::<Theme>(&std::fs::read_to_string(path).unwrap()).unwrap().case);
    let judged = cases.map(|case| (case.name, Report::new(case.network.sources(), ExitPolicy::default())));
    judged.collect()
}

#[test]
fn every_recorded_run_has_the_same_findings_after_it_was_saved() {
    let all = recorded();
    assert!(all.len() > 100, "{}", all.len());
    for (name, report) in all {
        for format in [Format::Json, Format::Jsonl] {
            let saved = render(&report, &options(format));
            let again = Report::new(from_json(&saved).unwrap(), ExitPolicy::default());
            assert_eq!(again.diagnosis, report.diagnosis, "{name} as {}", format.as_str());
            assert_eq!(again.summary, report.summary, "{name}");
            let human = options(Format::Human);
            assert_eq!(render(&again, &human), render(&report, &human), "{name}");
        }
    }
}

#[test]
fn a_saved_run_can_be_written_in_every_format() {
    for (name, report) in recorded().into_iter().step_by(9) {
        let saved = render(&report, &options(Format::Json));
        let again = Report::new(from_json(&saved).unwrap(), ExitPolicy::default());
        for &format in Format::ALL {
            let options = options(format);
            assert_eq!(render(&again, &options), render(&report, &options), "{name} as {}", format.as_str());
        }
    }
}

/// Keys that a report holds beside those of its first description, so that an older one may lack them.
const LATER: [&str; 12] = [
    "origin",
    "sources",
    "trustPolicy",
    "mustResolveTo",
    "portal",
    "caveat",
    "purpose",
    "privateIp",
    "asked",
    "portalDnsServers",
    "defaultGateway",
    "mtu",
];

pub(crate) fn without_later_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            LATER.iter().for_each(|key| drop(map.remove(*key)));
            map.values_mut().for_each(without_later_keys);
        }
        Value::Array(items) => items.iter_mut().for_each(without_later_keys),
        _ => {}
    }
}

fn with_unknown_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // Every variable is a key of its own there.
            map.iter_mut().filter(|(key, _)| *key != "proxy").for_each(|(_, value)| with_unknown_keys(value));
            map.insert("keyOfTomorrow".to_owned(), Value::from(vec![1, 2]));
        }
        Value::Array(items) => items.iter_mut().for_each(with_unknown_keys),
        _ => {}
    }
}

#[test]
fn reports_of_older_and_of_later_minor_versions_are_read() {
    for (name, report) in recorded() {
        let whole: Value = serde_json::from_str(&render(&report, &options(Format::Json))).unwrap();
        let mut older = whole.clone();
        without_later_keys(&mut older);
        let older = from_json(&older.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(older.run.outcomes, report.run.outcomes, "{name}");
        let mut later = whole;
        with_unknown_keys(&mut later);
        later["schemaVersion"] = "1.9".into();
        let later = Report::new(from_json(&later.to_string()).unwrap(), ExitPolicy::default());
        assert_eq!(later.diagnosis, report.diagnosis, "{name}");
    }
}
