//! The checks, the facts and the judgement behind apim-probe.
//!
//! A [`catalogue::Catalogue`] and an [`instance::Instance`] make a [`plan::Plan`]; running it makes a [`run::Run`] of
//! [`outcome::Outcome`]s; pure rules turn that into a [`diagnose::Diagnosis`]; a [`report::Report`] holds it all.

pub mod arrange;
pub mod azure;
pub mod catalogue;
pub mod diagnose;
pub mod diff;
pub mod facts;
pub mod fix;
pub mod instance;
pub mod limits;
pub mod network;
pub mod outcome;
pub mod plan;
pub mod portal;
pub mod probe;
pub mod report;
pub mod run;
pub mod security_rule;
pub mod server;
pub mod verdict;

/// The target triple that this library was built for.
pub const TARGET: &str = env!("APIM_PROBE_TARGET");
