//! What the user did wrong or cannot have, and the one place where it is printed.

use std::io::Write;

use crate::render::escape::one_line;

/// An error that the user can do something about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserError {
    /// What is wrong: one line, values in backticks.
    pub message: String,
    /// What can be done.
    pub hint: Option<String>,
}

impl UserError {
    /// An error without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// The same error with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Prints the error: `error: …`, then `hint: …`. A closed stderr is nobody's error.
pub fn report(error: &UserError, err: &mut dyn Write) {
    let _ = writeln!(err, "error: {}", one_line(&error.message));
    if let Some(hint) = &error.hint {
        let _ = writeln!(err, "hint: {}", one_line(hint));
    }
}

/// Prints a hint that stands alone.
pub fn hint(message: &str, err: &mut dyn Write) {
    let _ = writeln!(err, "hint: {}", one_line(message));
}

/// Prints a warning: the program goes on.
pub fn warn(message: &str, err: &mut dyn Write) {
    let _ = writeln!(err, "warning: {}", one_line(message));
}
