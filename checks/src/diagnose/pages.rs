//! The texts behind the codes: the very pages of `docs/`, so that the program and the documentation say the same.

use std::sync::LazyLock;

use miniz_oxide::inflate::decompress_to_vec;
use serde_json::Value;

use crate::diagnose::finding::Code;
use crate::outcome::Cause;

/// The pages by name, as the build has deflated them: `docs/findings` and `docs/causes.md`.
static PAGES: LazyLock<Value> = LazyLock::new(|| {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/pages.json.deflate"));
    let json = decompress_to_vec(packed).expect("the build has deflated the pages");
    serde_json::from_slice(&json).expect("the build has written JSON")
});

/// The page of a finding.
#[must_use]
pub fn explain(code: Code) -> &'static str {
    PAGES[code.as_str()].as_str().unwrap_or_default()
}

/// What a cause means, why it matters, what to do and who says so, from its row of the table and the sentence on its stage.
#[must_use]
pub fn explain_cause(cause: Cause) -> String {
    let page = PAGES["causes"].as_str().unwrap_or_default();
    let line = |lead: &str| page.lines().find_map(|line| line.strip_prefix(lead)).unwrap_or_default().trim();
    let row = line(&format!("| `{cause}` |"));
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let [stage, looks, means, fix, findings, source, _tests] = cells[..] else { return format!("{cause}\n") };
    let why = line(&format!("* {stage}: "));
    let judged = match codes(findings).join(", ") {
        none if none.is_empty() => String::new(),
        codes => format!("Findings: {codes}; `apim-probe explain CODE` says more.\n"),
    };
    format!(
        "{cause} (stage: {stage})\n\n{looks}\nUsually: {means}\nWhy it matters: {why}\nWhat to do: {fix}\n{judged}Source: {source}\n"
    )
}

/// The texts of links.
fn codes(links: &str) -> Vec<&str> {
    links.split('[').skip(1).filter_map(|link| link.split(']').next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections of a page: name and text.
    fn sections(page: &str) -> Vec<(&str, &str)> {
        page.split("\n## ").skip(1).map(|part| part.split_once("\n\n").unwrap_or((part, ""))).collect()
    }

    #[test]
    fn every_page_says_on_what_it_stands_and_what_rules_it_out() {
        for code in Code::ALL {
            let sections = sections(explain(*code));
            let names: Vec<&str> = sections.iter().map(|(name, _)| *name).collect();
            assert_eq!(
                names,
                ["What it means", "Why it matters", "Evidence", "What rules it out", "What to do", "Sources"],
                "{code}"
            );
            for (name, text) in &sections[..5] {
                assert!(text.trim().ends_with('.'), "{code}: {name}");
            }
            assert!(sections[2].1.contains("onfidence"), "{code}: how sure it is");
            let is_source = |line: &str| line.starts_with("* <https://") && line.ends_with('>');
            assert!(sections[5].1.lines().all(is_source), "{code}: {}", sections[5].1);
            let wide = explain(*code).lines().find(|line| line.chars().count() > 80 && !is_source(line));
            assert_eq!(wide, None, "{code}: `explain` prints the page as it is");
        }
    }

    #[test]
    fn the_index_has_every_page_and_its_first_sentence() {
        let index = include_str!("../../../docs/findings/README.md");
        for code in Code::ALL {
            let page = explain(*code);
            let lead = page.lines().nth(2).unwrap_or_default().trim_end_matches('.');
            assert!(index.contains(&format!("| [{code}]({code}.md) | {lead} |")), "{code}: {lead}");
        }
    }

    #[test]
    fn every_code_and_every_cause_has_its_text() {
        for code in Code::ALL {
            assert!(explain(*code).starts_with(&format!("# {code}\n")), "{code}");
        }
        for cause in Cause::ALL {
            let text = explain_cause(*cause);
            for part in ["Usually: ", "Why it matters: ", "What to do: ", "Source: <https://"] {
                let said = text.split_once(part).map(|(_, rest)| rest.lines().next().unwrap_or_default());
                assert!(said.is_some_and(|said| said.len() > 3), "{cause}: {part}");
            }
            let row = PAGES["causes"]
                .as_str()
                .unwrap()
                .lines()
                .find(|line| line.contains(&format!("| `{cause}` |")));
            let named = codes(row.unwrap().split('|').nth(6).unwrap());
            assert!(named.iter().all(|code| Code::parse(code).is_some()), "{cause}: {named:?}");
            assert_eq!(named.is_empty(), *cause == Cause::Deadline, "{cause}");
        }
    }
}
