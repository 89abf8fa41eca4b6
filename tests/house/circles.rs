//! Files import downward: no two of them need each other, not even by a detour.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::sources::{CRATES, Module, Sources};

type Arrows = BTreeMap<Module, BTreeSet<Module>>;

fn arrows(sources: &Sources) -> Arrows {
    sources.texts.keys().map(|module| (module.clone(), sources.named_by(module))).collect()
}

/// What can be reached from `start` by arrows.
fn reached(arrows: &Arrows, start: &Module) -> BTreeSet<Module> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Module> = vec![start];
    while let Some(module) = open.pop() {
        for next in &arrows[module] {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen
}

/// The arrows that lie on a circle.
fn circles(arrows: &Arrows) -> Vec<String> {
    let reach: BTreeMap<&Module, BTreeSet<Module>> =
        arrows.keys().map(|module| (module, reached(arrows, module))).collect();
    let all = arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let closed = all.filter(|(from, to)| reach[*to].contains(*from));
    closed.map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::"))).collect()
}

#[test]
fn no_two_files_need_each_other() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in CRATES {
        let sources = Sources::read(&top.join(folder));
        found.extend(circles(&arrows(&sources)).into_iter().map(|arrow| format!("{folder}: {arrow}")));
    }
    assert!(found.is_empty(), "{} arrows lie on circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_circle_by_a_detour_and_through_a_parent_is_found() {
    let file = |path: &str, text: &str| {
        (path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect(), text.to_owned())
    };
    let sources = Sources {
        texts: BTreeMap::from([
            file("", "mod a; mod b;"),
            file("a", "mod one; pub use one::One;\nuse crate::b::{self, deep::{X, Y}};"),
            file("a::one", "pub struct One;"),
            file("b", "mod deep;"),
            file("b::deep", "fn f() -> crate::a::One { super::super::a::A }"),
        ]),
    };
    assert_eq!(circles(&arrows(&sources)), ["a -> b::deep", "b::deep -> a"]);
    let named: Vec<String> = sources
        .named_by(&vec!["b".to_owned(), "deep".to_owned()])
        .iter()
        .map(|module| module.join("::"))
        .collect();
    assert_eq!(named, ["a", "a::one"]);
}
