//! A report as it lies in the file: its sections as values, its checks as the text that they are, to be read one by one. As
//! values all at once, the checks of a large report take ten times the memory of their file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::read_error::ReadError;

/// An object of a report, which may be the whole of it or a line.
#[derive(Debug, Default)]
pub(super) struct Pieces<'a> {
    /// Everything but checks.
    pub(super) sections: Map<String, Value>,
    /// The one check of a line.
    pub(super) check: Option<&'a RawValue>,
    /// All checks of a report in one object.
    checks: Option<&'a RawValue>,
}

impl<'a> Pieces<'a> {
    /// True where it has a list of checks, or what stands in its place.
    pub(super) const fn has_checks(&self) -> bool {
        self.checks.is_some()
    }

    /// The text of each check.
    ///
    /// # Errors
    /// There is no list of checks.
    pub(super) fn checks(&self) -> Result<Vec<&'a RawValue>, ReadError> {
        let damaged = |what: &str| ReadError::Damaged(what.to_owned());
        let listed = self.checks.filter(|checks| checks.get() != "null");
        let listed = listed.ok_or_else(|| damaged("missing field `checks`"))?;
        serde_json::from_str(listed.get()).map_err(|_| damaged("`checks` is not a list"))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pieces<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Pieces<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pieces = Pieces::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "check" => pieces.check = Some(map.next_value()?),
                "checks" => pieces.checks = Some(map.next_value()?),
                _ => drop(pieces.sections.insert(key, map.next_value()?)),
            }
        }
        Ok(pieces)
    }
}
