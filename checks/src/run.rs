//! A finished run: the plan, what was seen of it, and the machine it was seen from.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::plan::{Check, Plan};

mod drive;
mod execute;
mod second_look;
mod settle;
mod siblings;
mod stragglers;

pub use drive::drive;
pub use execute::{Event, Header, run, run_without_resources};
pub use settle::{clock, is_settled, settle};

/// A finished run: plain data, the only thing worth saving.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Distribution, `PRETTY_NAME` of os-release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// Kernel release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// What the metadata service said.
    pub azure: Azure,
    /// Addresses of the interfaces, loopback left out.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Configured name servers, in order.
    #[serde(default)]
    pub dns_servers: Vec<String>,
    /// Search domains: reported, never applied.
    #[serde(default)]
    pub search_domains: Vec<String>,
    /// Address of the default gateway, where there is a default route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_gateway: Option<String>,
    /// MTU of the interface of the default route, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtu: Option<u32>,
    /// Proxy variables of the environment: reported, never used.
    #[serde(default)]
    pub proxy: std::collections::BTreeMap<String, String>,
    /// How far this clock is off, where something told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
}

/// What the metadata service said about the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Azure {
    /// The metadata service answered.
    pub detected: bool,
    /// The metadata service was asked (`--no-imds` was not given).
    #[serde(default)]
    pub asked: bool,
    /// The DNS servers that the instance's nodes use, as NetworkStatus lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub portal_dns_servers: Vec<String>,
    /// What it said.
    #[serde(flatten)]
    pub metadata: crate::instance::Metadata,
}

/// How far this clock is off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    /// True time minus this clock, in milliseconds: positive when this clock is behind.
    pub offset_ms: f64,
    /// `ntp` or `http-date`.
    pub source: String,
}
