//! No test sleeps and hopes: a state is waited for by what shows it, so that a busy machine makes a test slow and not wrong.

use std::path::Path;

use crate::sources::Sources;

/// Servers that sleep on purpose, and the one loop that asks a foreign server whether it listens yet.
const MAY: [&str; 2] = ["lab", "real/server"];

#[test]
fn no_test_sleeps_until_something_has_happened() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let sources = Sources::read_whole(&tests);
    let sleeping = sources.texts.iter().filter(|(_, text)| {
        ["thread::sleep(", "time::sleep(", " sleep("].iter().any(|call| text.contains(call))
    });
    let found: Vec<String> = sleeping
        .map(|(module, _)| module.join("/"))
        .filter(|file| !file.starts_with("house/") && MAY.iter().all(|may| !file.starts_with(may)))
        .collect();
    assert!(found.is_empty(), "wait for what shows the state instead: {found:?}");
}
