//! Every cause has its row in `docs/causes.md`, and every row names tests that exist and assert the cause.

use std::collections::BTreeMap;
use std::path::PathBuf;

use apim_probe_checks::outcome::Cause;

const PAGE: &str = include_str!("../../docs/causes.md");

/// The cells of each row by the cause in its first one.
fn rows() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| `"));
    let rows = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    let mut known = BTreeMap::new();
    for cells in rows {
        assert_eq!(cells.len(), 8, "{cells:?}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{cells:?}");
        let twice = known.insert(cells[0].trim_matches('`'), cells);
        assert_eq!(twice, None, "two rows");
    }
    known
}

/// The text of the test `crate::module::name`, which has an attribute or stands in a table; why there is none.
fn source(path: &str) -> Result<String, String> {
    let [folder, module, name] = path.split("::").collect::<Vec<_>>()[..] else {
        return Err(format!("`{path}` is no `folder::module::name`"));
    };
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/{folder}/{module}.rs"));
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let head = format!("fn {name}()");
    let found = text.find(&head).ok_or_else(|| format!("no `{head}` in {}", file.display()))?;
    let before = text[..found].trim_end().trim_end_matches("async").trim_end();
    let attribute = before.lines().last().unwrap_or_default();
    let table = text.split_once("TESTS: &[Test]").map_or("", |(_, table)| table);
    let is_listed = table.contains(&format!(" {name})")) || table.contains(&format!(" {name},\n"));
    if !is_listed && !attribute.starts_with("#[test]") && !attribute.starts_with("#[tokio::test") {
        return Err(format!("`{path}` is no test"));
    }
    let body = &text[found..];
    Ok(body[..body.find("\n}").unwrap_or(body.len())].to_owned())
}

/// True where the text names the cause: as `Cause::X`, or as the word of the report.
fn asserts(text: &str, cause: Cause) -> bool {
    let variant = format!("Cause::{cause:?}");
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric());
    text.match_indices(&variant).any(|(at, _)| ends(&text[at + variant.len()..]))
        || text.contains(&format!("\"{cause}\""))
}

/// What is wrong with the row of a cause.
fn faults(cause: Cause, cells: &[&str]) -> Vec<String> {
    let stage = cause.as_str().split('-').next().unwrap();
    let stage = match stage {
        "dns" => "resolve",
        "connect" => "connect",
        "tls" | "cert" => "handshake",
        "exchange" | "http" | "ntp" | "control" => "exchange",
        "rule" | "admin" | "route" | "setting" => "configuration",
        _ => "any",
    };
    let mut faults = Vec::new();
    if cells[1] != stage {
        faults.push(format!("{cause}: stage `{}`, not `{stage}`", cells[1]));
    }
    for test in cells[7].split(", ").map(|cell| cell.trim_matches('`')) {
        match source(test) {
            Ok(text) if asserts(&text, cause) => {}
            Ok(_) => faults.push(format!("{cause}: `{test}` does not assert it")),
            Err(error) => faults.push(format!("{cause}: {error}")),
        }
    }
    faults
}

#[test]
fn every_cause_has_a_row_with_tests_that_exist_and_assert_it() {
    let rows = rows();
    let known: Vec<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    let strange: Vec<&&str> = rows.keys().filter(|word| !known.contains(*word)).collect();
    assert!(strange.is_empty(), "rows of no cause: {strange:?}");
    let faults: Vec<String> = Cause::ALL
        .iter()
        .flat_map(|&cause| match rows.get(cause.as_str()) {
            Some(cells) => faults(cause, cells),
            None => vec![format!("{cause}: no row")],
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_test_that_does_not_exist_or_asserts_something_else_is_found() {
    let named = |test| faults(Cause::DnsNxdomain, &["`dns-nxdomain`", "resolve", "", "", "", "", "", test]);
    assert_eq!(named("`probes::dns::a_name_that_does_not_exist_is_nxdomain`"), Vec::<String>::new());
    for wrong in [
        "`probes::dns::silence_is_dns_timeout`",
        "`probes::dns::gone`",
        "`probes::gone::x`",
        "`probes::dns::unresolved`",
        "`x`",
        "",
    ] {
        assert_eq!(named(wrong).len(), 1, "{wrong}");
    }
    let elsewhere = faults(Cause::Deadline, &["", "resolve", "", "", "", "", "", "`probes::gone::x`"]);
    assert_eq!(elsewhere.len(), 2, "{elsewhere:?}");
}
