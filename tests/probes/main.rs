//! The probes against real servers of the lab on loopback: every way to fail has its cause, and what was learned until
//! then is kept. No packet leaves the machine; addresses of answers that are not loopback are never connected to.

#![expect(clippy::disallowed_methods, reason = "servers and probes are timed")]
#![allow(clippy::unwrap_used)] // a fixture that cannot be built is the test's failure

mod abrupt;
mod codecs;
mod connect;
mod coverage;
mod dns;
mod gateway;
mod handshake;
mod http;
mod lab;
mod limits;
mod run;
mod server;
mod small;
mod sql;
mod time;
