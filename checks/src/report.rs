//! The report: a run, its diagnosis, the counts and the verdict.

use crate::diagnose::{Diagnosis, diagnose};
use crate::outcome::{Outcome, SkipReason, Status};
use crate::plan::Check;
use crate::run::Run;
pub use crate::verdict::{ExitPolicy, Verdict};

/// A run, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The facts.
    pub run: Run,
    /// The judgement.
    pub diagnosis: Diagnosis,
    /// The counts and the verdict.
    pub summary: Summary,
}

/// The counts and the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// The verdict.
    pub verdict: Verdict,
    /// The exit code that the verdict means, before `--exit-zero`.
    pub exit_code: u8,
    /// Required checks.
    pub required: Counts,
    /// Optional checks.
    pub optional: Counts,
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: u32,
    /// Ended well.
    pub success: u32,
    /// Failed.
    pub failure: u32,
    /// Not run.
    pub skipped: u32,
    /// Neither.
    pub undecided: u32,
}

impl Report {
    /// Judges a run.
    #[must_use]
    pub fn new(run: Run, policy: ExitPolicy) -> Self {
        let diagnosis = diagnose(&run);
        let summary = Summary::of(&run, policy);
        Self { run, diagnosis, summary }
    }
}

impl Summary {
    fn of(run: &Run, policy: ExitPolicy) -> Self {
        let required = Counts::of(run.results().filter(|(check, _)| !check.is_optional));
        let optional = Counts::of(run.results().filter(|(check, _)| check.is_optional));
        let unnamed = run.results().any(|(check, outcome)| leaves_undecided(check, outcome));
        let verdict = if required.failure > 0 {
            Verdict::Unhealthy
        } else if required.undecided > 0 || unnamed {
            Verdict::Undecided
        } else if optional.failure > 0 || optional.undecided > 0 {
            Verdict::Degraded
        } else {
            Verdict::Healthy
        };
        let exit_code = policy.code(verdict, optional.failure);
        Self { verdict, exit_code, required, optional }
    }
}

/// A required check whose name no one gave could not be run: the verdict stays open.
pub(crate) fn leaves_undecided(check: &Check, outcome: &Outcome) -> bool {
    !check.is_optional && outcome.status == Status::Skipped(SkipReason::NameUnknown)
}

impl Counts {
    fn of<'a>(results: impl Iterator<Item = (&'a Check, &'a Outcome)>) -> Self {
        results.fold(Self::default(), |mut counts, (_, outcome)| {
            counts.total += 1;
            *match outcome.status {
                Status::Success => &mut counts.success,
                Status::Failure(_) => &mut counts.failure,
                Status::Skipped(_) => &mut counts.skipped,
                Status::Undecided(_) => &mut counts.undecided,
            } += 1;
            counts
        })
    }
}
