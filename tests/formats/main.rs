//! The report formats: the same hand-made reports in every format, against expected files, schemas and hostile text.

#![allow(clippy::unwrap_used)] // a test's fixture that cannot be built is the test's failure

mod bare;
mod browser;
mod configured;
mod consumers;
mod hostile;
mod judged;
mod look;
mod node_exporter;
mod outputs;
mod pages;
mod pseudonyms;
mod reports;
mod round_trip;
mod schema;
mod schema_words;
mod secrets;
mod snapshots;
mod summary;
mod tampered;
mod tools;

use apim_probe::render::redact::{Clean, Redaction};
use apim_probe::render::{Format, Options, Style};
use apim_probe_checks::report::Report;

/// Options of a format as a file would have them.
pub fn options(format: Format) -> Options {
    Options {
        format,
        style: Style::file(),
        redact: Redaction::Ids,
        strict: false,
        summary_bytes: None,
        read_at: None,
    }
}

/// The report without what must not be in it.
pub fn redacted(report: &Report, redact: Redaction) -> Clean {
    Clean::of(report.clone(), redact)
}

/// A report as one text.
pub fn render(report: &Report, options: &Options) -> String {
    apim_probe::render::render(&redacted(report, options.redact), options).collect()
}
