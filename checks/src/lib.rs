//! The checks, the facts and the judgement behind apim-probe.
//!
//! A [`catalogue::Catalogue`] and an [`instance::Instance`] make a [`plan::Plan`]; running it makes a [`run::Run`] of
//! [`outcome::Outcome`]s; pure rules turn that into a [`diagnose::Diagnosis`]; a [`report::Report`] holds it all.

pub mod catalogue;
pub mod diagnose;
pub mod instance;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod run;
