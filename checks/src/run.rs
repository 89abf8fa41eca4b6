//! A finished run: the plan, what was seen of it, and the machine it was seen from.

#![expect(clippy::disallowed_methods, reason = "a run has times and a deadline")]

use std::time::SystemTime;

use crate::catalogue::words;
use crate::outcome::Outcome;
use crate::plan::{Check, Plan};
use crate::server::Server;

mod drive;
mod event;
mod execute;
mod grow;
mod order;
mod second_look;
mod stragglers;

pub use drive::drive;
pub use event::Event;
pub use execute::{Header, run, run_without_resources};
pub use grow::run_growing;

words! {
    /// What a run was made of.
    RunKind {
        /// Packets were sent.
        Check = "check",
        /// Configuration alone was judged; no packet was sent.
        Review = "review",
    }
}

/// A finished run: plain data, the only thing worth saving.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it was made of.
    pub kind: RunKind,
    /// Random id, 32 hex digits.
    pub id: String,
    /// When it began.
    pub started_at: SystemTime,
    /// When it ended.
    pub finished_at: SystemTime,
    /// Monotonic duration in milliseconds.
    pub duration_ms: f64,
    /// The deadline in milliseconds.
    pub deadline_ms: f64,
    /// A signal ended it early.
    pub interrupted: bool,
    /// The command line, redacted.
    pub args: Vec<String>,
    /// What was to be done.
    pub plan: Plan,
    /// What was seen; one for each check of the plan, in its order.
    pub outcomes: Vec<Outcome>,
    /// The machine.
    pub host: Host,
}

impl Run {
    /// Each check with its outcome.
    pub fn results(&self) -> impl Iterator<Item = (&Check, &Outcome)> {
        self.plan.checks.iter().zip(&self.outcomes)
    }
}

/// The machine on which a run was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Host {
    /// Its name.
    pub hostname: Option<String>,
    /// Distribution, `PRETTY_NAME` of os-release.
    pub os: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// What the metadata service said.
    pub azure: Azure,
    /// Addresses of the interfaces, loopback left out.
    pub addresses: Vec<String>,
    /// Configured name servers, in order.
    pub dns_servers: Vec<Server>,
    /// Search domains: reported, never applied.
    pub search_domains: Vec<String>,
    /// Address of the default gateway, where there is a default route.
    pub default_gateway: Option<String>,
    /// MTU of the interface of the default route, in bytes.
    pub mtu: Option<u32>,
    /// Proxy variables of the environment: reported, never used.
    pub proxy: std::collections::BTreeMap<String, String>,
    /// How far this clock is off, as a saved report tells; that of a run is derived from what it saw.
    pub clock: Option<Clock>,
}

/// What the metadata service said about the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Azure {
    /// The metadata service answered.
    pub detected: bool,
    /// The metadata service was asked (`--no-imds` was not given).
    pub asked: bool,
    /// What it said.
    pub metadata: crate::instance::Metadata,
}

/// How far this clock is off.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// True time minus this clock, in milliseconds: positive when this clock is behind.
    pub offset_ms: f64,
    /// `ntp` or `http-date`.
    pub source: String,
}
