//! What a row means, beside where it aims: what rules and remedies ask for in place of its id.

use crate::{Catalogue, Endpoint, NamedBy, Published, Role};

/// The id, and the group, of checks that no row stands behind; no row may have it.
pub const CUSTOM: &str = "custom";

/// What a row means. A saved report holds the row's id; the catalogue gives the meaning back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// What the row is.
    pub role: Role,
    /// The endpoint of the instance that it is about, for rows of an Application Gateway.
    pub publishes: Option<Published>,
    /// What does not work without it; `None` where no row says so.
    pub without: Option<String>,
    /// The flag that gives it its names, where one does.
    pub named_by: Option<NamedBy>,
    /// Ids of retired rows in whose place it came.
    pub replaces: Vec<String>,
    /// The service endpoint that leads to it, `Microsoft.Storage`; services that have one take private endpoints, too.
    pub service_endpoint: Option<String>,
}

impl Meaning {
    /// The meaning of what `role` alone tells about.
    #[must_use]
    pub const fn of_role(role: Role) -> Self {
        Self {
            role,
            publishes: None,
            without: None,
            named_by: None,
            replaces: Vec::new(),
            service_endpoint: None,
        }
    }
}

impl Endpoint {
    /// What the row means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        Meaning {
            role: self.role,
            publishes: self.publishes,
            without: Some(self.without.clone()),
            named_by: self.named_by,
            replaces: self.replaces.clone(),
            service_endpoint: self.service_endpoint.clone(),
        }
    }
}

impl Catalogue {
    /// What the row with this id means; a service of which nothing is known where there is no such row.
    #[must_use]
    pub fn meaning(&self, id: &str) -> Meaning {
        let role = if id == CUSTOM { Role::Custom } else { Role::Service };
        self.endpoint(id).map_or_else(|| Meaning::of_role(role), Endpoint::meaning)
    }
}
