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

/// The same for people: `2026-11-24 18:41:55.586 UTC`.
#[must_use]
pub fn readable(at: SystemTime) -> String {
    rfc3339(at).replace('T', " ").replace('Z', " UTC")
}

/// The same to the second: `2026-11-24 18:41:55 UTC`.
#[must_use]
pub fn to_the_second(at: SystemTime) -> String {
    readable(at).get(..19).map_or_else(String::new, |second| format!("{second} UTC"))
}

/// The time of day alone, for what stands under a date: `18:41:55 UTC`.
#[must_use]
pub fn of_day(at: SystemTime) -> String {
    to_the_second(at).get(11..).unwrap_or_default().to_owned()
}

/// A duration for people: milliseconds below one second, else seconds. What is no duration takes no time.
#[must_use]
pub fn span(ms: f64) -> String {
    let ms = if ms.is_finite() { ms.max(0.0) } else { 0.0 };
    if ms < 999.5 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms / 1000.0) }
}

/// How old something of `then` is at `now`, in the largest unit that fits; `None` where the two clocks disagree.
#[must_use]
pub fn age(then: SystemTime, now: SystemTime) -> Option<String> {
    let seconds = now.duration_since(then).ok()?.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (count, unit) = units
        .into_iter()
        .map(|(length, unit)| (seconds / length, unit))
        .find(|(count, _)| *count > 0)
        .unwrap_or((0, "second"));
    Some(if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_dates_with_a_zone_and_durations_with_a_unit() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_200_000_586);
        assert_eq!(readable(at), "2026-11-20 18:40:00.586 UTC");
        assert_eq!(to_the_second(at), "2026-11-20 18:40:00 UTC");
        assert_eq!(of_day(at), "18:40:00 UTC");
        let spans = [0.0, 46.6, 999.4, 999.6, 3200.7, f64::NAN, -3.0].map(span);
        assert_eq!(spans, ["0 ms", "47 ms", "999 ms", "1.0 s", "3.2 s", "0 ms", "0 ms"]);
    }

    #[test]
    fn an_age_is_told_in_the_largest_unit_that_fits() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let after = |seconds| age(then, then + Duration::from_secs(seconds));
        let ages = [0, 59, 60, 7_300, 86_400, 400_000].map(after).map(Option::unwrap_or_default);
        assert_eq!(ages, ["0 seconds", "59 seconds", "1 minute", "2 hours", "1 day", "4 days"]);
        assert_eq!(age(then, SystemTime::UNIX_EPOCH), None);
    }
}
