//! Every format of the same reports, against the files in `expected/`. `UPDATE_EXPECTED=1` writes them anew.

use std::fs;
use std::path::Path;

use apim_probe::render::Format;

use crate::{options, render, reports};

/// Version and target change with every build and say nothing about the format.
/// The style sheet of HTML is the same in every page, and is looked at in a browser.
fn steady(text: &str) -> String {
    let sheet = text.find("<style>").zip(text.find("</style>"));
    let plain =
        sheet.map_or_else(|| text.to_owned(), |(from, to)| format!("{}{}", &text[..from], &text[to..]));
    plain.replace(env!("CARGO_PKG_VERSION"), "VERSION").replace(apim_probe_checks::TARGET, "TARGET")
}

#[test]
fn every_format_of_every_report_is_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/formats/expected");
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut differing = Vec::new();
    for (name, report) in reports::all() {
        for &format in Format::ALL {
            let file = folder.join(format!("{name}.{}", format.as_str()));
            let text = steady(&render(&report, &options(format)));
            if update {
                fs::write(&file, &text).unwrap();
            }
            let expected = fs::read_to_string(&file).unwrap_or_default();
            if expected != text {
                differing.push(format!("{}:{}", file.display(), difference(&expected, &text)));
            }
        }
    }
    assert!(
        differing.is_empty(),
        "{} differ; UPDATE_EXPECTED=1 writes them anew:\n{}",
        differing.len(),
        differing.join("\n")
    );
}

/// Lines of a difference that are shown.
const SHOWN: usize = 6;

/// The first lines that differ, as a patch would show them, behind the number of the first.
fn difference(expected: &str, text: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), text.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = |lines: &[&str]| lines.len() - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let tail = tail.min(rest(&old)).min(rest(&new));
    let part = |lines: &[&str], sign: &str| -> String {
        let lines = &lines[same..lines.len() - tail];
        let shown = lines.iter().take(SHOWN).map(|line| format!("\n{sign} {line}"));
        let more = lines.len().saturating_sub(SHOWN);
        shown.chain((more > 0).then(|| format!("\n{sign} … {more} more"))).collect()
    };
    format!("{}{}{}", same + 1, part(&old, "-"), part(&new, "+"))
}

#[test]
fn a_difference_is_shown_as_a_patch_would() {
    assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), "2\n- b\n+ x\n+ y");
    assert_eq!(difference("", "a\n"), "1\n+ a");
    assert_eq!(difference("a\na\n", "a\n"), "2\n- a");
}
