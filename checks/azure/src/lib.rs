//! What Azure itself can be asked: the metadata service of the machine, and Azure Resource Manager.
//!
//! Probing owns its sockets, since every stage is evidence; asking does not. reqwest and hickory-resolver are used here
//! and nowhere else.

mod client;
pub mod imds;
