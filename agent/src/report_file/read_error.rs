//! Why a file is no report, and what can be done about it.

use thiserror::Error;

/// Why a file is no report.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Not JSON.
    #[error("not valid JSON: {0}")]
    NotJson(serde_json::Error),
    /// JSON without its end.
    #[error("it is cut off: {0}")]
    Torn(serde_json::Error),
    /// One report, and more behind it.
    #[error("it holds more than one report, or something behind one: {0}")]
    More(String),
    /// Lines of which the last ones are missing.
    #[error("it is cut off after {seen}: the line with the summary is missing")]
    CutOff {
        /// How many checks there are, and of how many, in words.
        seen: String,
    },
    /// Lines of which the first is missing.
    #[error("its first line is missing: it begins with a check")]
    Headless,
    /// A plan, which says nothing about what was seen.
    #[error("it is a plan: nothing was checked yet")]
    Plan,
    /// The portal's document.
    #[error("it is NetworkStatus, not a report of apim-probe")]
    NetworkStatus,
    /// JSON of something else.
    #[error("it is not a report of apim-probe")]
    Foreign,
    /// A report of a later major version.
    #[error("it has schema version `{0}`; this program reads version 1")]
    Version(String),
    /// A report that lacks something, or holds a word that no report has.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl ReadError {
    /// What can be done about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Plan => "`apim-probe check -o report.json` makes a report",
            Self::NetworkStatus => "`apim-probe check --from-network-status FILE` checks the names in it",
            Self::Version(_) => "a newer release of apim-probe reads it",
            Self::More(_) => "put each report into a file of its own",
            Self::Torn(_) | Self::CutOff { .. } | Self::Headless => {
                "copy the file again: a partial report cannot be read"
            }
            Self::Empty | Self::NotJson(_) | Self::Foreign | Self::Damaged(_) => {
                "expected a report in json or jsonl, as `apim-probe check -o report.json` writes it, or the log of a console"
            }
        }
    }
}
