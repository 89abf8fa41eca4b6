//! Writing to stdout, which may be closed.

use std::io::{self, Write};

use crate::error::UserError;

/// Writes to stdout. A reader that has gone away is not an error.
///
/// # Errors
/// A full disk and the like.
pub fn write_out(out: &mut dyn Write, text: &str) -> Result<(), UserError> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UserError::new(format!("the report could not be written to stdout: {error}")))
        }
        _ => Ok(()),
    }
}
