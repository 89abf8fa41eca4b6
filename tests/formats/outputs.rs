//! Report files: whole or not there, never through a link, never over a folder.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use apim_probe::output::Outputs;

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &PathBuf) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn word(path: &std::path::Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn two_files_are_written_whole_for_the_owner_alone() {
    let folder = folder("two");
    fs::write(folder.join("b.md"), "old").unwrap();
    let words = [word(&folder.join("a.json")), format!("markdown={}", word(&folder.join("b.md")))];
    let outputs = Outputs::open(&words).unwrap();
    assert_eq!(fs::read_to_string(folder.join("b.md")).unwrap(), "old");
    let finished = outputs.finish(|format, _| Some(format.as_str().to_owned()));
    assert_eq!((finished.saved.len(), finished.errors.len()), (2, 0));
    assert_eq!(names(&folder), ["a.json", "b.md"]);
    assert_eq!(fs::read_to_string(folder.join("b.md")).unwrap(), "markdown");
    let mode = fs::metadata(folder.join("a.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_link_is_refused_and_its_target_left_alone() {
    let folder = folder("link");
    fs::write(folder.join("target"), "precious").unwrap();
    symlink(folder.join("target"), folder.join("a.json")).unwrap();
    assert!(Outputs::open(&[word(&folder.join("a.json"))]).is_err());
    assert_eq!(fs::read_to_string(folder.join("target")).unwrap(), "precious");
    assert_eq!(names(&folder), ["a.json", "target"]);
}

#[test]
fn a_missing_folder_and_an_unknown_ending_are_refused() {
    let folder = folder("missing");
    assert!(Outputs::open(&[word(&folder.join("no/a.json"))]).is_err());
    assert!(Outputs::open(&[word(&folder.join("a.docx"))]).is_err());
    assert!(Outputs::open(&[word(&folder)]).is_err());
    assert!(names(&folder).is_empty());
}

#[test]
fn an_unfinished_output_leaves_no_partial_file() {
    let folder = folder("dropped");
    drop(Outputs::open(&[word(&folder.join("a.json"))]).unwrap());
    assert!(names(&folder).is_empty());
}

#[test]
fn a_full_disk_is_one_error_and_hinders_no_other_output() {
    let folder = folder("full");
    let words = ["json=/dev/full".to_owned(), word(&folder.join("a.json"))];
    let finished = Outputs::open(&words).unwrap().finish(|_, _| Some("x".to_owned()));
    let errors = finished.errors;
    assert_eq!((errors.len(), finished.saved.len()), (1, 1), "{errors:?}");
    assert!(errors[0].message.contains("/dev/full"));
    assert_eq!(names(&folder), ["a.json"]);
}

#[test]
fn a_vanished_folder_is_one_error() {
    let folder = folder("vanished");
    let outputs = Outputs::open(&[word(&folder.join("a.json"))]).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(outputs.finish(|_, _| Some("x".to_owned())).errors.len(), 1);
}

#[test]
fn a_file_of_metrics_is_for_every_user_whatever_the_umask() {
    let folder = folder("metrics");
    let words = [word(&folder.join("a.prom"))];
    Outputs::open(&words).unwrap().finish(|_, _| Some("x".to_owned()));
    let mode = fs::metadata(folder.join("a.prom")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}
