//! The texts behind the codes: the very pages of `docs/`, so that the program and the documentation say the same.

use std::sync::LazyLock;

use miniz_oxide::inflate::decompress_to_vec;
use serde_json::Value;

use crate::outcome::Cause;

use super::Code;

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

/// What a cause means, from its row of the table.
#[must_use]
pub fn explain_cause(cause: Cause) -> String {
    let lead = format!("| `{cause}` |");
    let causes = PAGES["causes"].as_str().unwrap_or_default();
    let row = causes.lines().find(|line| line.starts_with(&lead)).unwrap_or_default();
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    match cells[..] {
        [_, stage, looks, means, _tests] => {
            format!("{cause} (stage: {stage})\n\n{looks}\nUsually: {means}\n")
        }
        _ => format!("{cause}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections of a page: name and text.
    fn sections(page: &str) -> Vec<(&str, &str)> {
        page.split("\n## ").skip(1).map(|part| part.split_once("\n\n").unwrap_or((part, ""))).collect()
    }

    #[test]
    fn every_page_says_on_what_it_stands_and_what_would_disprove_it() {
        for code in Code::ALL {
            let sections = sections(explain(*code));
            let names: Vec<&str> = sections.iter().map(|(name, _)| *name).collect();
            assert_eq!(
                names,
                ["What it means", "Evidence", "What would disprove it", "What to do"],
                "{code}"
            );
            for (name, text) in &sections {
                assert!(text.trim().ends_with('.'), "{code}: {name}");
            }
            assert!(sections[1].1.contains("onfidence"), "{code}: how sure it is");
            let wide = explain(*code).lines().find(|line| line.chars().count() > 80);
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
            assert!(explain_cause(*cause).contains("Usually: "), "{cause}");
        }
    }
}
