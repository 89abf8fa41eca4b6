//! Why no plan could be made.

use thiserror::Error;

/// A selection that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// `--only` or `--skip` with a word that is no endpoint id and no group.
    #[error("`{word}` is neither an endpoint id nor a group")]
    UnknownWord {
        /// What was typed.
        word: String,
        /// The nearest id or group.
        nearest: Option<String>,
    },
    /// The selection leaves nothing to check.
    #[error("the selection leaves no check to run")]
    NothingLeft,
    /// A cloud that the catalogue does not know.
    #[error("unknown cloud `{cloud}`")]
    UnknownCloud {
        /// What was given.
        cloud: String,
    },
}

impl PlanError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownWord { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownWord { nearest: None, .. } => {
                Some("`apim-probe plan` lists ids and groups".to_owned())
            }
            Self::NothingLeft => {
                Some("`apim-probe plan` without --only and --skip lists what there is".to_owned())
            }
            Self::UnknownCloud { .. } => Some("public, usgov and china are known".to_owned()),
        }
    }
}
