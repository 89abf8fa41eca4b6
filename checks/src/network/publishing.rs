//! Whether an Application Gateway in front of an internal instance publishes it: each endpoint on its way from a listener to the
//! instance, the gateway's own subnet, and what backend health says.

pub mod reason;
