//! Tests without the compiler's own harness stand in a table: there `#[test]` would silently mean nothing.

use std::fs;
use std::path::Path;

#[test]
fn no_test_of_a_table_is_marked_for_another_harness() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let files = ["netns", "real"].into_iter().flat_map(|folder| fs::read_dir(tests.join(folder)).unwrap());
    let files = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let marked: Vec<String> = files
        .filter(|path| fs::read_to_string(path).unwrap().lines().any(|line| line.trim() == "#[test]"))
        .map(|path| path.display().to_string())
        .collect();
    assert!(marked.is_empty(), "name these tests in `TESTS` instead: {marked:?}");
}
