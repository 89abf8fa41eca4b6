//! Every format of the same reports, against the files in `expected/`. `UPDATE_EXPECTED=1` writes them anew.

use std::fs;
use std::path::Path;

use apim_probe::render::{Format, render};

use crate::{options, reports};

/// Version and target change with every build and say nothing about the format.
fn steady(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION").replace(apim_probe_checks::TARGET, "TARGET")
}

#[test]
fn every_format_of_every_report_is_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/formats/expected");
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut differing = Vec::new();
    for (name, report) in reports::all() {
        for &format in Format::ALL {
            let file = folder.join(format!("{name}.{}", format.as_str()));
            let text = steady(&render(&report, &options(format)));
            if update {
                fs::write(&file, &text).unwrap();
            }
            if fs::read_to_string(&file).unwrap_or_default() != text {
                differing.push(file);
            }
        }
    }
    assert!(differing.is_empty(), "these differ; UPDATE_EXPECTED=1 writes them anew: {differing:#?}");
}
