//! No function of the program takes a `bool`: at the call nobody can tell what `true` would mean.

use std::path::Path;

use regex::Regex;

use crate::sources::{CRATES, Sources};

/// The functions in `text` that take a `bool`, a reference to one, or an `Option` of one.
fn taking_bools(text: &str) -> Vec<String> {
    let signature = Regex::new(r"\bfn ([a-z_0-9]+)(?:<[^(]*>)?\(([^{;]*)").unwrap();
    let parameter = Regex::new(r":\s*(?:&\s*)?(?:Option<)?bool\b").unwrap();
    let parameters = |rest: &str| rest.split("->").next().unwrap_or_default().to_owned();
    let taking = signature.captures_iter(text).filter(|found| parameter.is_match(&parameters(&found[2])));
    taking.map(|found| found[1].to_owned()).collect()
}

#[test]
fn no_function_takes_a_bool() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in CRATES {
        for (module, text) in &Sources::read(&top.join(folder)).texts {
            found.extend(
                taking_bools(text).into_iter().map(|name| format!("{folder}: {}::{name}", module.join("::"))),
            );
        }
    }
    assert!(found.is_empty(), "an enum of two words says more than a `bool`:\n{}", found.join("\n"));
}

#[test]
fn bools_are_found_in_every_shape_of_a_signature() {
    let text = "fn one(a: bool) {}\npub(super) const fn two<'a>(\n    x: &'a str,\n    y: Option<bool>,\n) -> u8 {}\n\
                fn fine(x: u8) -> bool { let y: bool = true; y }\nfn predicate(f: impl Fn(u8) -> bool) {}";
    assert_eq!(taking_bools(text), ["one", "two"]);
}
