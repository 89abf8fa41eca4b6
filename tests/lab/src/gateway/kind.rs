//! The endpoints that a gateway publishes, and what gateway and instance have in common.

use serde::Deserialize;

/// The endpoints of an instance that a gateway publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The gateway of the APIs.
    Gateway,
    /// The developer portal.
    Portal,
    /// The management endpoint.
    Management,
}

impl Kind {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Gateway, Self::Portal, Self::Management];

    /// The custom domain.
    #[must_use]
    pub const fn host(self) -> &'static str {
        match self {
            Self::Gateway => "api.contoso.example",
            Self::Portal => "portal.contoso.example",
            Self::Management => "management.contoso.example",
        }
    }

    /// What `--hostname` calls it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Portal => "developer",
            Self::Management => "management",
        }
    }

    /// The path that a probe asks for.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Gateway => "/status-0123456789abcdef",
            Self::Portal => "/signin",
            Self::Management => "/ServiceStatus",
        }
    }
}

/// The value of a header field of a request.
pub(super) fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
