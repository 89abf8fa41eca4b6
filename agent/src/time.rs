//! Times as reports write them.

use std::time::{Duration, SystemTime};

/// RFC 3339, UTC, milliseconds.
#[must_use]
pub fn rfc3339(at: SystemTime) -> String {
    // Beyond the year 9999 there is no RFC 3339.
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    humantime::format_rfc3339_millis(at.clamp(SystemTime::UNIX_EPOCH, last)).to_string()
}

/// Milliseconds to the microsecond; never NaN.
#[must_use]
pub fn millis(ms: f64) -> f64 {
    if ms.is_finite() { (ms * 1000.0).round() / 1000.0 } else { 0.0 }
}
