//! The verdict over a run, and every exit code that there is. The numbers never change.

use crate::catalogue::words;

words! {
    /// The judgement over a whole run.
    Verdict {
        /// Everything that counts succeeded.
        Healthy = "healthy",
        /// Only optional checks failed or were not decided, or DNS servers contradict each other.
        Degraded = "degraded",
        /// A required check failed.
        Unhealthy = "unhealthy",
        /// No required check failed, but one could not be run or decided.
        Undecided = "undecided",
    }
}

/// Nothing to complain about.
pub const OK: u8 = 0;

/// A required check failed, or something required got worse.
pub const FAILED: u8 = 1;

/// Usage or configuration error, or an output that could not be written: nothing was run, or not all was said.
pub const USAGE: u8 = 2;

/// A required check could not be run or decided.
pub const UNDECIDED: u8 = 3;

/// With `--strict`: only optional checks failed.
pub const OPTIONAL_FAILED: u8 = 4;

/// A signal's number is added to it.
pub const INTERRUPTED: u8 = 128;

/// The code of a usage error for a Nagios plug-in: UNKNOWN.
pub const NAGIOS_UNKNOWN: u8 = 3;

/// What turns a verdict into an exit code beside the verdict itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExitPolicy {
    /// `--strict`: failed optional checks count.
    pub strict: bool,
    /// The signal number that interrupted the run.
    pub signal: Option<u8>,
}

impl ExitPolicy {
    /// The exit code of a run that ended with `verdict` and so many failed optional checks.
    #[must_use]
    pub const fn code(self, verdict: Verdict, optional_failures: u32) -> u8 {
        match (self.signal, verdict) {
            (Some(signal), _) => INTERRUPTED + signal,
            (None, Verdict::Unhealthy) => FAILED,
            (None, Verdict::Undecided) => UNDECIDED,
            (None, Verdict::Degraded) if self.strict && optional_failures > 0 => OPTIONAL_FAILED,
            (None, Verdict::Degraded | Verdict::Healthy) => OK,
        }
    }
}

impl Verdict {
    /// The exit code of a Nagios plug-in.
    #[must_use]
    pub const fn nagios_code(self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Degraded => 1,
            Self::Unhealthy => 2,
            Self::Undecided => NAGIOS_UNKNOWN,
        }
    }
}

/// The code under `--exit-zero`: a run that could be made is a success. Usage errors and signals stay.
#[must_use]
pub const fn exit_zero(code: u8) -> u8 {
    match code {
        FAILED | UNDECIDED | OPTIONAL_FAILED => OK,
        other => other,
    }
}

/// True where a signal ended the run.
#[must_use]
pub const fn is_interrupted(code: u8) -> bool {
    code >= INTERRUPTED
}
