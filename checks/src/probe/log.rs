//! The record of one check while it runs: every step, timed from the start of the run.

use std::net::IpAddr;

use tokio::time::Instant;

use crate::outcome::{Cause, Evidence, Failure, Icmp, Stage, Step};
use crate::probe::net::Net;

/// The steps and the evidence so far.
#[derive(Debug)]
pub struct Log {
    started: Instant,
    /// Everything that was tried.
    pub steps: Vec<Step>,
    /// Everything that was learned.
    pub evidence: Evidence,
    /// What is being tried.
    open: Option<(Stage, Instant, Note)>,
}

/// What a step says beside its time and its result.
#[derive(Debug, Clone, Copy, Default)]
pub struct Note {
    /// The address that was tried.
    pub address: Option<IpAddr>,
    /// Sockets or packets spent.
    pub attempts: Option<u32>,
    /// The ICMP message that ended it.
    pub icmp: Option<Icmp>,
}

impl Note {
    /// A note about an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }
}

impl Log {
    /// An empty record.
    #[must_use]
    pub fn new(net: &Net) -> Self {
        Self { started: net.started(), steps: Vec::new(), evidence: Evidence::default(), open: None }
    }

    /// Runs one stage's work and records it, whether it succeeded or not.
    ///
    /// # Errors
    /// That of the work.
    pub async fn step<T>(
        &mut self,
        stage: Stage,
        note: Note,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let begun = self.begin(stage, note);
        let result = work.await;
        self.record(stage, begun, note, result.as_ref().err());
        result
    }

    /// A step begins now, which [`Log::record`] ends, or [`Log::cut_off`] where the deadline comes first.
    pub fn begin(&mut self, stage: Stage, note: Note) -> Instant {
        let begun = Instant::now();
        self.open = Some((stage, begun, note));
        begun
    }

    /// Ends the step that the run's deadline came into, and says so.
    pub fn cut_off(&mut self) -> Failure {
        let last = self.steps.last().map_or(Stage::Resolve, |step| step.stage);
        let stage = self.open.map_or(last, |(stage, ..)| stage);
        let failure = Failure::new(stage, Cause::Deadline, "the run's deadline came first");
        if let Some((stage, begun, note)) = self.open {
            self.record(stage, begun, note, Some(&failure));
        }
        failure
    }

    /// Records a step that began at `begun` and ends now.
    pub fn record(&mut self, stage: Stage, begun: Instant, note: Note, failure: Option<&Failure>) {
        self.open = None;
        self.steps.push(Step {
            stage: failure.map_or(stage, |failure| failure.stage),
            start_ms: millis(self.started, begun),
            duration_ms: millis(begun, Instant::now()),
            server: None,
            address: note.address,
            attempts: note.attempts,
            cause: failure.map(|failure| failure.cause),
            detail: failure.map(|failure| failure.detail.clone()).filter(|detail| !detail.is_empty()),
            icmp: note.icmp,
            hops: Vec::new(),
        });
    }
}

/// Milliseconds from `from` to `to`, to the microsecond; 0 where `to` is earlier.
#[must_use]
pub fn millis(from: Instant, to: Instant) -> f64 {
    let micros = to.saturating_duration_since(from).as_micros();
    f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1000.0
}
