//! Azure's own call to the instance's management endpoint: the only end-to-end test of inbound 3443.

use crate::outcome::{Cause, Failure, Stage, Status};

/// Words by which Azure says that it could not reach the management endpoint.
const UNREACHABLE: [&str; 2] = ["3443", "ManagementApiRequestFailed"];

/// How Azure's own call to the instance's management endpoint ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPlane {
    /// HTTP status of ARM.
    pub status: u16,
    /// ARM's error code, where it failed.
    pub code: Option<String>,
}

impl ControlPlane {
    /// True where Azure reached the endpoint, false where it says that it did not; `None` where it has nothing to say, as
    /// where the caller was refused.
    #[must_use]
    pub fn is_reached(&self) -> Option<bool> {
        let code = self.code.as_deref().unwrap_or_default();
        let failed = || UNREACHABLE.iter().any(|word| code.contains(word)).then_some(false);
        if (200..300).contains(&self.status) { Some(true) } else { failed() }
    }

    /// How the check of inbound 3443 ends; `None` where Azure has nothing to say of it.
    #[must_use]
    pub fn ending(&self) -> Option<Status> {
        Some(if self.is_reached()? {
            Status::Success
        } else {
            Status::Failure(Failure::new(
                Stage::Exchange,
                Cause::ControlPlaneUnreachable,
                format!("Azure's own call to the management endpoint failed: {self}"),
            ))
        })
    }
}

impl std::fmt::Display for ControlPlane {
    /// `HTTP 500, ManagementApiRequestFailed`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, ", {code}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_proof_an_error_that_names_3443_a_failure_and_a_refusal_nothing() {
        let told = |status, code: &str| {
            ControlPlane { status, code: (!code.is_empty()).then(|| code.to_owned()) }.is_reached()
        };
        assert_eq!(told(200, ""), Some(true));
        assert_eq!(told(500, "ManagementApiRequestFailed"), Some(false));
        assert_eq!(told(400, "ServiceUnavailable (3443)"), Some(false));
        assert_eq!(told(403, "AuthorizationFailed"), None);
        assert_eq!(told(500, "InternalServerError"), None);
        assert_eq!(told(429, ""), None);
    }
}
