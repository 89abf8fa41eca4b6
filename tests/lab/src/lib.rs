//! A fake Azure for the tests and the demo: real protocols on real sockets, and faults as data.

pub mod arm;
pub mod authority;
pub mod capture;
pub mod dns;
pub mod fault;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod ntp;
pub mod proxy;
pub mod scenario;
pub mod service;
pub mod small;
pub mod tds;
pub mod world;
