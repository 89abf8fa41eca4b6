//! What the platform can tell.

pub mod imds;
