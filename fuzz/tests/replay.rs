//! Every file of the corpus, cuts of it, the same many times over, and files that others of our tests keep, read within the bounds.

#![allow(clippy::unwrap_used)] // a corpus that cannot be read is the test's failure

use std::fs;
use std::path::{Path, PathBuf};

use apim_probe_fuzz::Target;

/// Cuts of one file that are read at most: a large one is cut at as many places, spread evenly.
const CUTS: usize = 256;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files
}

/// Bytes of a file that is repeated: what grows faster than its input passes a bound there.
const REPEATED: usize = 256 * 1024;

// One test, since memory is counted for the whole process.
#[test]
fn the_corpus_is_read_whole_cut_and_repeated_within_the_bounds() {
    every_folder_has_a_target();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in Target::all() {
        let own = files(&here.join("corpus").join(target.name));
        assert!(!own.is_empty(), "{} has no seed", target.name);
        let shared = target.seeds.map(|folder| files(&here.join("..").join(folder))).unwrap_or_default();
        for file in own.iter().chain(&shared) {
            let bytes = fs::read(file).unwrap();
            target.hold(&bytes);
            for place in (0..bytes.len()).step_by(bytes.len().div_ceil(CUTS).max(1)) {
                target.hold(&bytes[..place]);
            }
            target.hold(&bytes.repeat(REPEATED / bytes.len().max(1)));
        }
    }
}

fn every_folder_has_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(Target::named(&name).is_some(), "{name} has no target");
    }
}
