//! Every link from one page of the project to another leads to a page, and to a heading, that is there.

use std::fs;
use std::path::Path;

use super::english::pages;

/// The targets of a page's links: `](TARGET)` outside blocks of code.
fn links(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    let targets = prose.flat_map(|part| part.split("](").skip(1).filter_map(|rest| rest.split_once(')')));
    targets.map(|(target, _)| target).filter(|target| !target.contains("://")).collect()
}

/// A heading's anchor, as the places that show Markdown make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c)).collect::<String>().replace(' ', "-")
}

fn has_heading(page: &Path, wanted: &str) -> bool {
    let text = fs::read_to_string(page).expect("a page");
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).any(|found| found == wanted)
}

/// Why a link of a page leads nowhere.
fn broken(page: &Path, link: &str) -> Option<String> {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { page.to_owned() } else { page.parent()?.join(path) };
    let why = match (target.exists(), heading) {
        (false, _) => "no such page",
        (true, "") => return None,
        (true, heading) if has_heading(&target, heading) => return None,
        (true, _) => "no such heading",
    };
    Some(format!("{}: {link}: {why}", page.display()))
}

#[test]
fn every_link_between_pages_leads_to_a_heading_that_is_there() {
    let texts = pages().into_iter().map(|page| (fs::read_to_string(&page).expect("a page"), page));
    let found: Vec<String> = texts
        .flat_map(|(text, page)| {
            links(&text).into_iter().filter_map(|link| broken(&page, link)).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_heading_is_found_by_its_anchor() {
    assert_eq!(anchor(" What is in a report, and what is not"), "what-is-in-a-report-and-what-is-not");
    assert_eq!(links("see [a](b.md#c) and\n```\n[no](link)\n```\n[web](https://x.example)"), ["b.md#c"]);
}
