//! Why configuration is not read at all, and the limits beyond which it is not.

use thiserror::Error;

use crate::network::DocumentKind;
use crate::network::read::text::TextError;

/// Bytes of one file at most.
pub const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// Bytes of all files together at most.
pub const LARGEST_TOTAL: u64 = 512 * 1024 * 1024;

/// Rules at most, and routes at most.
pub const MOST_RULES: usize = 20_000;

/// Why configuration is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The bytes are no JSON.
    #[error("`{file}` cannot be read: {error}")]
    Text {
        /// The file.
        file: String,
        /// Why.
        error: TextError,
    },
    /// JSON of something else.
    #[error("`{file}` is of no known kind: {what}")]
    Unknown {
        /// The file.
        file: String,
        /// Its top keys, or what it is.
        what: String,
    },
    /// The limits of the contract.
    #[error("`{file}` goes beyond a limit: {limit}")]
    TooLarge {
        /// The file with which the limit was passed.
        file: String,
        /// The limit.
        limit: &'static str,
    },
    /// Two documents of one resource contradict each other.
    #[error("`{first}` and `{second}` disagree on {what} of `{name}`")]
    Conflict {
        /// Name of the resource.
        name: String,
        /// Which part of it: `the rules`.
        what: &'static str,
        /// File of the one.
        first: String,
        /// File of the other.
        second: String,
    },
}

impl ReadError {
    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Text { .. } => {
                "export it with --output json, or as ConvertTo-Json -Depth 20 writes it".into()
            }
            Self::Unknown { .. } => format!(
                "known are: {}, a bundle of `fetch`, an ARM template, `terraform show -json`",
                kinds()
            ),
            Self::TooLarge { .. } => "give the documents of one network".into(),
            Self::Conflict { .. } => "leave out the older one".into(),
        }
    }
}

fn kinds() -> String {
    let known =
        DocumentKind::ALL.iter().filter(|kind| !matches!(kind, DocumentKind::Error | DocumentKind::Token));
    known.map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}
