//! What Azure itself can be asked: the metadata service of the machine, and Azure Resource Manager.
//!
//! Probing keeps every stage as evidence; asking keeps answers, within bounds of time, bytes and requests.

#![expect(clippy::disallowed_methods, reason = "answers and tokens have times")]

mod address;
mod arm;
pub mod bundle;
mod call;
mod client;
mod connect;
pub mod endpoint;
pub mod estate;
pub mod imds;
mod proxy;
pub mod reason;
pub mod role;
mod scrub;
pub mod token;

pub use arm::MAX_REQUESTS;
pub use proxy::Proxy;
