//! How often Azure is asked where runs are repeated: rules change seldom, and Azure counts its requests.

use std::time::Duration;

use apim_probe_azure::MAX_REQUESTS;
use tokio::time::Instant;

/// How long what Azure said holds at least.
const FRESH: Duration = Duration::from_secs(60);

/// How often Azure is asked at most: an asking takes some 25 of the requests that there are.
const MAX_ASKINGS: u32 = 3;

/// The askings of an invocation.
#[derive(Debug)]
pub(super) struct Askings {
    /// How long what Azure said holds.
    fresh: Duration,
    /// Requests of all that are over.
    counted: u32,
    /// When the last that brought something began, and how many requests it took.
    last: Option<(Instant, u32)>,
}

impl Default for Askings {
    fn default() -> Self {
        Self { fresh: FRESH, counted: 0, last: None }
    }
}

impl Askings {
    /// Runs will be repeated for so long: askings are spread over it.
    pub(super) fn repeat_for(&mut self, time: Duration) {
        self.fresh = FRESH.max(time / MAX_ASKINGS);
    }

    /// True where Azure is to be asked at `now`, when `spent` requests were sent: for the first time, or anew, as long as
    /// requests for all of it are left.
    pub(super) fn is_due(&self, now: Instant, spent: u32) -> bool {
        self.last.map_or(spent < MAX_REQUESTS, |(at, requests)| {
            now.saturating_duration_since(at) >= self.fresh && spent + requests <= MAX_REQUESTS
        })
    }

    /// How many of the `spent` requests the asking took that is over.
    pub(super) fn count(&mut self, spent: u32) -> u32 {
        spent - std::mem::replace(&mut self.counted, spent)
    }

    /// An asking that began at `at` and took so many requests has brought something.
    pub(super) fn keep(&mut self, at: Instant, requests: u32) {
        self.last = Some((at, requests));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azure_is_asked_three_times_in_a_wait_and_never_for_more_than_is_left() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut askings = Askings::default();
        askings.repeat_for(Duration::from_secs(900));
        assert!(askings.is_due(start, 0) && !askings.is_due(start, MAX_REQUESTS));
        let requests = askings.count(25);
        askings.keep(start, requests);
        assert!(!askings.is_due(at(299), 25) && askings.is_due(at(300), 25));
        let requests = askings.count(55);
        assert_eq!(requests, 30);
        askings.keep(at(300), requests);
        assert!(!askings.is_due(at(600), 55), "30 more would be 85");
        askings.keep(at(300), 25);
        assert!(askings.is_due(at(600), 55));
    }

    #[test]
    fn a_short_wait_asks_no_sooner_than_after_a_minute() {
        let start = Instant::now();
        let mut askings = Askings::default();
        askings.repeat_for(Duration::from_secs(30));
        askings.keep(start, 25);
        assert!(!askings.is_due(start + Duration::from_secs(59), 25));
        assert!(askings.is_due(start + Duration::from_secs(60), 25));
    }
}
