//! Saved reports: read within bounds, put together from lines or from the log of a console, and judged again.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};

use apim_probe_checks::portal::read as network_status;
use apim_probe_checks::report::{ExitPolicy, Report};

use crate::console;
use crate::error::UserError;
use crate::report_file::read::from_json;

/// Bytes of a saved report that are read at most.
const MAX_REPORT_BYTES: u64 = 64 * 1024 * 1024;

/// The report of a file (`-` is standard input). `verb` says what cannot be done with it when it is none.
///
/// # Errors
/// It cannot be read, or it is no report.
pub fn report(file: &str, verb: &str, policy: ExitPolicy) -> Result<Report, UserError> {
    let bad = |error: String| UserError::new(format!("`{file}` cannot be {verb}: {error}"));
    let bytes = read(file).map_err(|error| {
        UserError::new(format!("cannot read `{file}`: {}", reason(&error)))
            .hint("`apim-probe check -o report.json` saves a report")
    })?;
    let text = report_in(&bytes).map_err(|(error, hint)| bad(error).hint(hint))?;
    let sources = from_json(&text).map_err(|error| bad(error.to_string()).hint(error.hint()))?;
    drop(text);
    drop(bytes);
    Ok(Report::new(sources, policy))
}

/// The JSON in a file: all of it, or what was framed on a console, whose log may hold any bytes.
fn report_in(bytes: &[u8]) -> Result<Cow<'_, str>, (String, &'static str)> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        let framed = console::unframe(&String::from_utf8_lossy(bytes)).map_err(|error| {
            (error.to_string(), "capture the console log again, or write the report to it again")
        })?;
        if let Some(json) = framed {
            return Ok(Cow::Owned(json));
        }
    }
    network_status::text(bytes).ok_or_else(|| {
        ("it is not text".to_owned(), "expected a report in json or jsonl, or the log of a console")
    })
}

/// Why a file cannot be read, without the system's number.
#[must_use]
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

fn read(file: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == "-" {
        std::io::stdin().take(MAX_REPORT_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(MAX_REPORT_BYTES + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MAX_REPORT_BYTES {
        return Err(std::io::Error::other("it is larger than any report"));
    }
    Ok(bytes)
}
