//! Why a document was not got.

use apim_probe_checks::catalogue::words;

words! {
    /// Why a document was asked for and not got. Closed: scripts match on these words.
    Reason {
        /// The identity may not.
        Forbidden = "forbidden",
        /// The token is not accepted.
        Unauthorized = "unauthorized",
        /// There is no such resource.
        NotFound = "not-found",
        /// Another operation is in the way.
        Conflict = "conflict",
        /// Too many requests.
        Throttled = "throttled",
        /// Azure failed.
        ServerError = "server-error",
        /// Nothing came in time.
        Timeout = "timeout",
        /// No connection.
        Unreachable = "unreachable",
        /// TLS whose chain does not end in the public roots.
        Untrusted = "untrusted",
        /// The proxy refused.
        Proxy = "proxy",
        /// Azure gave an address on another host.
        ForeignAddress = "foreign-address",
        /// More than is read.
        TooLarge = "too-large",
        /// No JSON, or encoded.
        Unreadable = "unreadable",
        /// The request makes no sense for this resource, such as effective rules of a stopped machine.
        BadRequest = "bad-request",
        /// The budget of requests is spent.
        Budget = "budget",
        /// There is no machine to ask about.
        NoMachine = "no-machine",
    }
}

impl Reason {
    /// True where it says that nothing of this host can be got, so that nothing more is sent.
    #[must_use]
    pub const fn ends_all(self) -> bool {
        matches!(self, Self::Unauthorized | Self::Unreachable | Self::Untrusted | Self::Proxy)
    }
}

/// A request that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// ARM's status, where it answered.
    pub status: Option<u16>,
    /// ARM's error code and message, where it gave one.
    pub error: Option<ArmError>,
}

/// What ARM says went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArmError {
    /// `AuthorizationFailed` and the like.
    pub code: String,
    /// The message, not escaped.
    pub message: String,
}

impl Failure {
    /// A failure without an answer.
    #[must_use]
    pub const fn new(reason: Reason) -> Self {
        Self { reason, status: None, error: None }
    }

    /// The action that a refusal names: `… to perform action 'Microsoft.X/y/read' over scope …`.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        let (_, rest) = self.error.as_ref()?.message.split_once("perform action '")?;
        let (action, _) = rest.split_once('\'')?;
        (action.len() < 200 && action.starts_with("Microsoft.")).then_some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_stands_between_quotes() {
        let failure = |message: &str| Failure {
            reason: Reason::Forbidden,
            status: Some(403),
            error: Some(ArmError { code: "AuthorizationFailed".into(), message: message.into() }),
        };
        let told = failure(
            "The client 'a' does not have authorization to perform action 'Microsoft.Network/virtualNetworks/read' over scope '/x'.",
        );
        assert_eq!(told.action(), Some("Microsoft.Network/virtualNetworks/read"));
        assert_eq!(failure("perform action '../../etc' over").action(), None);
        assert_eq!(failure("no").action(), None);
    }
}
