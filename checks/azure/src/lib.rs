//! What Azure itself can be asked: the metadata service of the machine, and Azure Resource Manager.
//!
//! Probing owns its sockets, since every stage is evidence; asking does not. reqwest is used here
//! and nowhere else.

#![expect(clippy::disallowed_methods, reason = "answers and tokens have times")]

mod arm;
pub mod bundle;
mod call;
mod client;
pub mod endpoint;
pub mod estate;
pub mod imds;
pub mod reason;
mod resolve;
pub mod role;
mod scrub;
pub mod token;

pub use arm::MAX_REQUESTS;
pub use client::Proxy;
