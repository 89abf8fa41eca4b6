//! Writing to stdout, which may be closed.

use std::io::{self, BufWriter, Write};

use crate::error::UserError;
use crate::render::Pieces;

/// Writes to stdout. A reader that has gone away is not an error.
///
/// # Errors
/// A full disk and the like.
pub fn write_out(out: &mut dyn Write, text: &str) -> Result<(), UserError> {
    told(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes a report to stdout as it is rendered.
///
/// # Errors
/// As [`write_out`].
pub fn write_report(out: &mut dyn Write, report: Pieces<'_>) -> Result<(), UserError> {
    let mut out = BufWriter::new(out);
    let written = report.into_iter().try_for_each(|piece| out.write_all(piece.as_bytes()));
    told(written.and_then(|()| out.flush()))
}

fn told(written: io::Result<()>) -> Result<(), UserError> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UserError::new(format!("the report could not be written to stdout: {error}")))
        }
        _ => Ok(()),
    }
}
