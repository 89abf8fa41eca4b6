//! A page of the documentation on a terminal: without the marks of Markdown, and no wider than 80 columns.

use super::Style;
use super::human::{self, wrap};

/// Columns of a page, on a terminal and in a file.
const WIDTH: usize = 80;

/// The text as it is printed. A line with an address of the web stays whole, so that the address can be opened.
#[must_use]
pub fn plain(text: &str) -> String {
    text.lines().flat_map(|line| fit(&unmarked(line))).map(|line| line + "\n").collect()
}

/// A shell command in lines that fit and can be pasted.
#[must_use]
pub fn command(text: &str) -> Vec<String> {
    human::command(text, WIDTH, "  ")
}

/// A heading without its mark, an address without its brackets.
fn unmarked(line: &str) -> String {
    let line = line.trim_start_matches('#');
    let line = line.strip_prefix(' ').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
    match line.split_once("<https://") {
        Some((before, address)) => format!("{before}https://{}", address.replacen('>', "", 1)),
        None => line.to_owned(),
    }
}

fn fit(line: &str) -> Vec<String> {
    if line.chars().count() <= WIDTH || line.contains("https://") {
        return vec![line.to_owned()];
    }
    let indent = " ".repeat(line.len() - line.trim_start().len());
    let further = format!("{indent}  ");
    let lines = wrap(line, Style { width: WIDTH - further.len(), ..Style::file() }, "");
    lines
        .iter()
        .enumerate()
        .map(|(place, line)| format!("{}{line}", if place == 0 { &indent } else { &further }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_off_and_long_lines_are_wrapped() {
        let long = "word ".repeat(20);
        let shown = plain(&format!("# code\n\n## What\n* <https://x.example/a#b>\n  {long}\n"));
        assert!(shown.starts_with("code\n\nWhat\n* https://x.example/a#b\n  word"), "{shown}");
        assert!(shown.lines().all(|line| line.len() <= WIDTH), "{shown}");
        assert!(shown.contains("\n    word word"), "{shown}");
    }
}
