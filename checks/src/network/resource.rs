//! What every resource has: an id, a location, and a place in a file.

/// Where a resource, a rule or a route stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// File as it was given; `-` for standard input.
    pub file: String,
    /// JSON pointer (RFC 6901) into the document; empty for all of it.
    pub pointer: String,
    /// Line of the name of what stands there, 1 and up, where the document is text with lines and somebody looked.
    pub line: Option<u32>,
}

/// What a document says of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// Nothing: no such key, or one that is null or empty.
    #[default]
    Absent,
    /// This.
    Given(T),
    /// Something that could not be read: whatever hangs on it is unknown.
    Unreadable,
}

impl<T> Field<T> {
    /// The value where there is one.
    #[must_use]
    pub const fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// True where the document says nothing of it.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Given)
    }
}

/// Id of an Azure resource as written; two ids are the same whatever their case.
#[derive(Debug, Clone, Default)]
pub struct ResourceId(pub String);

impl ResourceId {
    /// The id as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment as written: the resource's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }

    /// The segment behind `kind`, whatever its case: `resourceGroups`, `virtualNetworks`, `subscriptions` …
    #[must_use]
    pub fn segment(&self, kind: &str) -> Option<&str> {
        let mut segments = self.0.split('/');
        segments.find(|segment| segment.eq_ignore_ascii_case(kind))?;
        segments.next().filter(|segment| !segment.is_empty())
    }

    /// The id of the resource around this one: of a subnet its virtual network. `None` where two segments do not remain.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (rest, _) = self.0.trim_end_matches('/').rsplit_once('/')?;
        let (parent, _) = rest.rsplit_once('/')?;
        (!parent.is_empty()).then(|| Self(parent.to_owned()))
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.trim_end_matches('/').eq_ignore_ascii_case(other.0.trim_end_matches('/'))
    }
}

impl Eq for ResourceId {}

impl std::fmt::Display for ResourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// An Azure location: `West US`, `westus` and `WestUS` are one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location(String);

impl Location {
    /// Reads a display name or an id.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self(written.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase())
    }

    /// The ARM id, `westus`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_whatever_their_case_and_keep_it() {
        let id = ResourceId(
            "/subscriptions/S/resourceGroups/Net/providers/P/virtualNetworks/Hub/subnets/Apim".into(),
        );
        assert_eq!(id, ResourceId(id.as_str().to_lowercase()));
        assert_eq!(id.name(), "Apim");
        assert_eq!(id.segment("resourcegroups"), Some("Net"));
        assert_eq!(id.parent().as_ref().map(ResourceId::name), Some("Hub"));
        assert_eq!(ResourceId("apim".into()).parent(), None);
    }

    #[test]
    fn a_location_is_one_whether_displayed_or_programmatic() {
        assert_eq!(Location::new("West US 2"), Location::new("westus2"));
    }
}
