//! Saved reports: read within bounds, put together from lines where they are lines, and judged again.

use std::io::Read;

use apim_probe_checks::report::{Report, Strictness};

use crate::exit::UserError;
use crate::render::json;

/// Bytes of a saved report that are read at most.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The report of a file (`-` is standard input). `verb` says what cannot be done with it when it is none.
///
/// # Errors
/// It cannot be read, or it is no report.
pub fn report(file: &str, verb: &str, strictness: Strictness) -> Result<Report, UserError> {
    let bad = |error: String| UserError::new(format!("`{file}` cannot be {verb}: {error}"));
    let text = read(file).map_err(|error| bad(error.to_string()))?;
    let run = json::from_json(&text).map_err(|error| bad(error.to_string()))?;
    Ok(Report::new(run, strictness))
}

fn read(file: &str) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if file == "-" {
        std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it is larger than any report"));
    }
    String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is no text"))
}
