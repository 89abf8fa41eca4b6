//! Every cause of the contract is asserted by a test of this crate, or is listed here with its reason.

use apim_probe_checks::outcome::Cause;

/// A cause that these tests cannot produce: one would have to send to an address without a route, which takes a network
/// namespace.
const ELSEWHERE: [Cause; 1] = [Cause::ConnectNoRoute];

const SOURCES: [&str; 10] = [
    include_str!("abrupt.rs"),
    include_str!("connect.rs"),
    include_str!("dns.rs"),
    include_str!("handshake.rs"),
    include_str!("http.rs"),
    include_str!("limits.rs"),
    include_str!("server.rs"),
    include_str!("small.rs"),
    include_str!("sql.rs"),
    include_str!("time.rs"),
];

/// True where a test names the cause in an assertion.
fn is_asserted(cause: Cause) -> bool {
    let word = format!("Cause::{cause:?}");
    SOURCES.iter().any(|source| {
        source
            .match_indices(&word)
            .any(|(at, _)| !source[at + word.len()..].starts_with(|next: char| next.is_alphanumeric()))
    })
}

#[test]
fn every_cause_is_asserted_here_or_listed_with_its_reason() {
    for &cause in Cause::ALL {
        assert_ne!(is_asserted(cause), ELSEWHERE.contains(&cause), "{cause}");
    }
}
