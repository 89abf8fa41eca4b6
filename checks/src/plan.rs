//! The plan: which checks will be run against which targets. A pure value; making it sends nothing.

use crate::instance::Instance;

mod build;
mod check;
mod error;
pub mod flow;
mod gateway;
mod gateway_path;
mod hosts;
mod portal;
mod review;
mod target;

pub use check::{CONFIGURATION, Check};
pub use error::PlanError;
pub use flow::{Carrier, Flow, NearEnd, OtherEnd};
pub use gateway_path::GatewayPath;
pub use target::{CheckId, Origin, Target, Work};

/// Which checks will be run, in the order of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Version of the catalogue that it was made from.
    pub catalogue_version: String,
    /// Date of that catalogue's sources.
    pub catalogue_sourced_at: String,
    /// What was known of the instance.
    pub instance: Instance,
    /// The checks.
    pub checks: Vec<Check>,
}
