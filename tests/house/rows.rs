//! What a row of the catalogue means stands in the row: no code compares an id or a group with a word.

use std::path::Path;

use apim_probe_checks::catalogue::embedded;
use regex::Regex;

use crate::sources::{CRATES, Sources};

/// Words that are an id or a group and mean something else there.
const OTHERS: [(&str, &[&str]); 5] = [
    ("render/redact/names", &["storage", "sql", "keyvault", "eventhub"]), // a cloud's suffixes
    ("report_file/inferred", &["inbound"]),                               // a direction
    ("diagnose/rules/clock_skew", &["ntp"]),                              // what told the time
    ("network/told", &["scm"]),                                           // a kind of host name
    ("arm", &["identity"]),                                               // an encoding of HTTP
];

#[test]
fn no_id_and_no_group_of_a_row_is_compared_with_a_word() {
    let compared = Regex::new(r#"[!=]= *"([a-z0-9-]+)"|"([a-z0-9-]+)" *(?:\||=>)"#).unwrap();
    let rows = &embedded().endpoints;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for one in CRATES.iter().filter(|one| !one.starts_with("tests")) {
        for (module, text) in &Sources::read(&root.join(one)).texts {
            let file = module.join("/");
            let others =
                OTHERS.iter().find(|(other, _)| *other == file).map_or(&[] as &[&str], |(_, words)| words);
            for line in text.lines() {
                let words = compared.captures_iter(line).filter_map(|hit| hit.get(1).or_else(|| hit.get(2)));
                for word in words.map(|word| word.as_str()).filter(|word| !others.contains(word)) {
                    if rows.iter().any(|row| row.id == word || row.group == word) {
                        found.push(format!("{one}/{file}: {}", line.trim()));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "let the row say what it is (`role`, `named_by`, …): {found:#?}");
}
