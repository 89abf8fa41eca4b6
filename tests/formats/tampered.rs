//! A saved report is a file of somebody else's: whatever stands in it, it is refused or shown without harm.

use apim_probe::render::{Format, Options, Style, Verbosity};
use apim_probe::report_file::read::from_json;
use apim_probe_checks::report::{ExitPolicy, Report};
use serde_json::Value;

use crate::hostile::assert_clean;
use crate::{options, render, reports};

const TEXT: &str =
    "x\u{1b}[2J\r\n::error::x ##vso[task.complete] \u{202e}\u{200b}|`<b>]]>\"'&=\\\u{2028}\n=cmd";

/// The paths of all strings.
fn strings(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::String(_) => paths.push(path.to_owned()),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(place, item)| strings(item, &format!("{path}/{place}"), paths));
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            strings(item, &format!("{path}/{key}"), paths);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn no_string_of_a_saved_report_reaches_a_terminal_or_a_file_unescaped() {
    let report = reports::named("unhealthy");
    let mut spoilt: Value = serde_json::from_str(&render(&report, &options(Format::Json))).unwrap();
    let mut paths = Vec::new();
    strings(&spoilt, "", &mut paths);
    let mut accepted = 0;
    for path in paths {
        let place = spoilt.pointer_mut(&path).unwrap();
        let before = std::mem::replace(place, TEXT.into());
        match from_json(&spoilt.to_string()) {
            Ok(_) => accepted += 1,
            // A word that must be one of a few, a time, an address.
            Err(_) => *spoilt.pointer_mut(&path).unwrap() = before,
        }
    }
    assert!(accepted > 100, "{accepted} of the strings may be anything");
    let report = Report::new(from_json(&spoilt.to_string()).unwrap(), ExitPolicy::default());
    for &format in Format::ALL {
        assert_clean(&render(&report, &options(format)), format);
    }
    let verbose = Style { verbosity: Verbosity::Verbose, ..Style::file() };
    assert_clean(&render(&report, &Options { style: verbose, ..options(Format::Human) }), Format::Human);
}
