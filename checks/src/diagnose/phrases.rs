//! Grammar: lists, counts and the like in the sentences of findings.

/// Names that a sentence shows before it counts the rest.
const MAX_NAMES: usize = 3;

/// The first few names, and how many more there are.
pub(super) fn some_of(names: &[&str]) -> String {
    match names.len().saturating_sub(MAX_NAMES) {
        0 => listed(names),
        more => format!("{} and {more} more", names[..MAX_NAMES].join(", ")),
    }
}

/// The hosts behind a title that counts them; nothing behind one that names its only host.
pub(super) fn seen_at(names: &[&str]) -> String {
    if names.len() == 1 { String::new() } else { format!("Seen at {}. ", some_of(names)) }
}

/// The host's name where there is one, else how many there are.
pub(super) fn a_host_or_count(names: &[&str]) -> String {
    match names {
        [only] => (*only).to_owned(),
        names => count(names.len(), "host"),
    }
}

/// `443`, `80 and 443`, `80, 443 and 1886`.
pub(super) fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => items.concat(),
    }
}

/// `1 check`, `2 checks`, `2 dependencies`.
pub(super) fn count(number: usize, what: &str) -> String {
    match (number, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {what}s"),
    }
}
