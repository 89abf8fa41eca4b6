//! The sources of a crate: its files by module path, and which modules each file names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The sources of every crate of the workspace.
pub(crate) const CRATES: [&str; 5] =
    ["agent/src", "checks/src", "checks/azure/src", "checks/catalogue/src", "tests/lab/src"];

/// A module's path within its crate: `["render", "json"]`; the root is empty.
pub(crate) type Module = Vec<String>;

/// The files of one crate.
pub(crate) struct Sources {
    pub texts: BTreeMap<Module, String>,
}

impl Sources {
    /// Reads every file below `src`.
    pub(crate) fn read_whole(src: &Path) -> Self {
        let mut texts = BTreeMap::new();
        for file in files(src) {
            let place = file.strip_prefix(src).unwrap().with_extension("");
            let mut module: Module = place.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if matches!(module.last().map(String::as_str), Some("lib" | "main")) && module.len() == 1 {
                module.clear();
            }
            let text = fs::read_to_string(&file).unwrap();
            texts.entry(module).or_insert_with(String::new).push_str(&uncommented(&text));
        }
        Self { texts }
    }

    /// The same without the tests in it, which may look at whatever they test.
    pub(crate) fn read(src: &Path) -> Self {
        let Self { mut texts } = Self::read_whole(src);
        for text in texts.values_mut() {
            text.truncate(text.find("#[cfg(test)]").unwrap_or(text.len()));
        }
        Self { texts }
    }

    /// The modules whose items `module` names. A parent that only declares or passes on its children does not name them.
    pub(crate) fn named_by(&self, module: &Module) -> BTreeSet<Module> {
        let text = &self.texts[module];
        let passed_on = Regex::new(r"pub(\([a-z]+\))? use (self::)?[a-z_]+::[^;]*;").unwrap();
        let body = passed_on.replace_all(text, "");
        let mut paths = Vec::new();
        let uses = Regex::new(r"\buse ([^;]+);").unwrap();
        for found in uses.captures_iter(&body) {
            spread(&[], &found[1], &mut paths);
        }
        let inline = Regex::new(r"\b(?:crate|super)(?:::[A-Za-z_0-9]+)+").unwrap();
        let rest = uses.replace_all(&body, "");
        paths.extend(
            inline.find_iter(&rest).map(|path| path.as_str().split("::").map(str::to_owned).collect()),
        );
        let named = paths.into_iter().filter_map(|path| self.home_of(module, &path));
        named.filter(|home| home != module).collect()
    }

    /// The file in which the item at the end of a path is defined.
    fn home_of(&self, from: &Module, path: &[String]) -> Option<Module> {
        let (mut at, rest) = match path.first().map(String::as_str)? {
            "crate" => (Module::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                (from[..from.len().checked_sub(ups)?].to_vec(), &path[ups..])
            }
            child if self.texts.contains_key(&[from.as_slice(), &[child.to_owned()]].concat()) => {
                (from.clone(), path)
            }
            _ => return None,
        };
        for part in rest {
            let below = [at.as_slice(), std::slice::from_ref(part)].concat();
            if self.texts.contains_key(&below) {
                at = below;
            } else if let Some(child) = self.passes_on(&at, part) {
                at = child;
            } else {
                break;
            }
        }
        Some(at)
    }

    /// The child from which a module passes an item on.
    fn passes_on(&self, module: &Module, item: &str) -> Option<Module> {
        let passed_on = Regex::new(r"pub(?:\([a-z]+\))? use (?:self::)?([a-z_0-9]+)::([^;]*);").unwrap();
        let holds = Regex::new(&format!(r"\b{item}\b")).unwrap();
        passed_on
            .captures_iter(&self.texts[module])
            .filter(|found| holds.is_match(&found[2]))
            .map(|found| [module.as_slice(), &[found[1].to_owned()]].concat())
            .find(|child| self.texts.contains_key(child))
    }
}

/// The paths of a tree of imports.
fn spread(before: &[String], tree: &str, paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let head = head.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
        let before: Vec<String> = before.iter().cloned().chain(head).collect();
        let group = group.rsplit_once('}').map_or(group, |(inside, _)| inside);
        let mut depth = 0_u32;
        let mut start = 0;
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    spread(&before, &group[start..at], paths);
                    start = at + 1;
                }
                _ => {}
            }
        }
        spread(&before, &group[start..], paths);
    } else if !tree.is_empty() {
        let name = tree.split(" as ").next().unwrap_or(tree);
        let parts = name.split("::").map(str::trim).filter(|part| *part != "self" || before.is_empty());
        paths.push(before.iter().cloned().chain(parts.map(str::to_owned)).collect());
    }
}

fn uncommented(text: &str) -> String {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| [line, "\n"]).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
