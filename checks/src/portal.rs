//! What the instance's own nodes say of their dependencies: NetworkStatus, as the portal shows it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::plan::CheckId;
use crate::server::Server;

mod document;
pub mod read;

pub use document::{NetworkStatus, NetworkStatusEntry};

/// What the nodes told, by the checks of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portal {
    /// Display name of the location, where given.
    pub location: Option<String>,
    /// The DNS servers that the nodes use, each once.
    pub dns_servers: Vec<Server>,
    /// What they said of the targets of these checks.
    pub entries: BTreeMap<CheckId, NetworkStatusEntry>,
}

impl Portal {
    /// What a document tells of the checks that its entries became.
    #[must_use]
    pub fn new(document: &NetworkStatus, entries: BTreeMap<CheckId, NetworkStatusEntry>) -> Self {
        let mut dns_servers: Vec<Server> = Vec::new();
        for server in &document.dns_servers {
            if !dns_servers.contains(server) {
                dns_servers.push(*server);
            }
        }
        Self { location: document.location.clone(), dns_servers, entries }
    }
}

/// A time as the portal and the API write it: ISO 8601, with up to seven digits of a second, in UTC where it says nothing
/// else. `None` for anything else.
#[must_use]
pub fn moment(text: &str) -> Option<SystemTime> {
    let (time, offset) = match text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) {
        Some((time, offset)) if offset.starts_with(['+', '-']) && time.contains('T') => (time, offset),
        _ => (text, "+00:00"),
    };
    let number = |digits: &str| digits.parse::<u64>().ok();
    let (hours, minutes) = (number(offset.get(1..3)?)?, number(offset.get(3..)?.strip_prefix(':')?)?);
    let ahead = Duration::from_secs(hours * 3600 + minutes * 60);
    let time = humantime::parse_rfc3339_weak(time).ok()?;
    if offset.starts_with('-') { time.checked_add(ahead) } else { time.checked_sub(ahead) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_offset_and_as_utc_without() {
        let noon = humantime::parse_rfc3339("2026-11-20T12:00:00Z").ok();
        let same = [
            "2026-11-20T12:00:00Z",
            "2026-11-20T12:00:00",
            "2026-11-20T14:00:00+02:00",
            "2026-11-20T06:30:00-05:30",
        ];
        assert_eq!(same.map(moment), [noon; 4]);
        let tenth = noon.map(|noon| noon + Duration::from_nanos(100));
        assert_eq!(moment("2026-11-20T13:00:00.0000001+01:00"), tenth);
        for nothing in [
            "",
            "-05:00",
            "yesterday",
            "2026-11-20",
            "2026-11-20T12:00:00+2:000",
            "2026-11-20T12:00:0ü+02:00",
        ] {
            assert_eq!(moment(nothing), None, "{nothing}");
        }
    }
}
