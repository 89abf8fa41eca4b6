//! The report: a run, its diagnosis, the counts and the verdict.

use crate::catalogue::Requirement;
use crate::diagnose::classify::{self, Class, classify};
use crate::diagnose::{Diagnosis, Seen, Severity, diagnose};
use crate::facts::{Facts, Sources};
use crate::network::configuration::Configuration;
use crate::network::judgement::Judgement;
use crate::outcome::{SkipReason, Status};
use crate::portal::Portal;
use crate::run::{Clock, Run};
pub use crate::verdict::{ExitPolicy, Verdict};

/// What is known, judged. Whatever is judgement is made here, from the facts alone, and nowhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The plan, and what packets told.
    pub run: Run,
    /// What configuration told.
    pub network: Option<Configuration>,
    /// What the instance's nodes told.
    pub portal: Option<Portal>,
    /// What is thought of each check, in the order of the plan.
    pub classes: Vec<Class>,
    /// How far this machine's clock is off, where something told.
    pub clock: Option<Clock>,
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

impl Summary {
    /// The counts of one half of the checks.
    #[must_use]
    pub const fn counts(&self, requirement: Requirement) -> Counts {
        match requirement {
            Requirement::Required => self.required,
            Requirement::Optional => self.optional,
        }
    }
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
    /// Judges what is known.
    #[must_use]
    pub fn new(sources: impl Into<Sources>, policy: ExitPolicy) -> Self {
        let sources = sources.into();
        let judgement = sources.network.as_ref().map(|network| &network.judgement);
        let classes = classify(&sources.run, judgement);
        let clock = classify::clock(&sources.run.outcomes, &sources.run.host);
        let facts = Facts::new(&sources, clock.as_ref(), &classes);
        let diagnosis = diagnose(&facts);
        let summary = Summary::of(&facts, &diagnosis, policy);
        let Sources { run, network, portal } = sources;
        Self { run, network, portal, classes, clock, diagnosis, summary }
    }

    /// What the sources told, without the judgement.
    #[must_use]
    pub fn into_sources(self) -> Sources {
        Sources { run: self.run, network: self.network, portal: self.portal }
    }

    /// What configuration says, where documents were given.
    #[must_use]
    pub fn judgement(&self) -> Option<&Judgement> {
        self.network.as_ref().map(|network| &network.judgement)
    }

    /// Each check with what was seen of it and what is thought of it.
    pub fn results(&self) -> impl Iterator<Item = Seen<'_>> {
        let results = self.run.results().zip(&self.classes);
        results.map(|((check, outcome), class)| Seen { check, outcome, class })
    }
}

impl Summary {
    fn of(facts: &Facts<'_>, diagnosis: &Diagnosis, policy: ExitPolicy) -> Self {
        let required = Counts::of(facts.seen().filter(|seen| !seen.is_optional()));
        let optional = Counts::of(facts.seen().filter(|seen| seen.is_optional()));
        let unnamed = facts.seen().any(leaves_undecided);
        let verdict = if required.failure > 0 {
            Verdict::Unhealthy
        } else if required.undecided > 0 || unnamed {
            Verdict::Undecided
        } else if optional.failure > 0 || optional.undecided > 0 || has_latent_risk(diagnosis) {
            Verdict::Degraded
        } else {
            Verdict::Healthy
        };
        let exit_code = policy.code(verdict, optional.failure);
        Self { verdict, exit_code, required, optional }
    }
}

/// What this run did not meet and another may.
fn has_latent_risk(diagnosis: &Diagnosis) -> bool {
    diagnosis.roots().any(|root| root.code.is_latent() && root.severity <= Severity::Warning)
}

/// A required check whose name no one gave could not be run: the verdict stays open.
pub(crate) fn leaves_undecided(seen: Seen<'_>) -> bool {
    !seen.is_optional() && *seen.status() == Status::Skipped(SkipReason::NameUnknown)
}

impl Counts {
    fn of<'a>(results: impl Iterator<Item = Seen<'a>>) -> Self {
        results.fold(Self::default(), |mut counts, seen| {
            counts.total += 1;
            *match seen.status() {
                Status::Success => &mut counts.success,
                Status::Failure(_) => &mut counts.failure,
                Status::Skipped(_) => &mut counts.skipped,
                Status::Undecided(_) => &mut counts.undecided,
            } += 1;
            counts
        })
    }
}
