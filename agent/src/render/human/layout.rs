//! Fitting text into columns: words wrapped, long names cut in the middle, commands continued with a backslash.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::{Names, Style};

/// Columns that a text takes on a terminal: two for a Chinese character, none for a combining mark.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// The text in lines of at most the style's columns, each behind `indent`. A word that fits in no line is cut on a
/// terminal, which would cut it anyway, and stays whole elsewhere.
pub(crate) fn wrap(text: &str, style: Style, indent: &str) -> Vec<String> {
    let room = match style.names {
        Names::Fitted => style.width.saturating_sub(columns(indent)).max(2),
        Names::Whole => usize::MAX,
    };
    fold(text.split_whitespace().flat_map(|word| cut(word, room)), style.width, indent, indent, "")
}

/// The word in pieces of at most `room` columns.
fn cut(word: &str, room: usize) -> Vec<&str> {
    let (mut pieces, mut start, mut taken) = (Vec::new(), 0, 0);
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if wide > room.saturating_sub(taken) {
            pieces.push(&word[start..at]);
            (start, taken) = (at, 0);
        }
        taken += wide;
    }
    pieces.push(&word[start..]);
    pieces
}

/// The text in exactly `room` columns: cut in the middle, or filled up with blanks.
pub(crate) fn pad(text: &str, room: usize) -> String {
    let mut text = elide(text, room);
    text.extend(std::iter::repeat_n(' ', room.saturating_sub(columns(&text))));
    text
}

/// A shell command in lines that can be pasted: an option stays with its first value, and what is quoted in one piece.
pub(crate) fn command(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match pieces.last_mut() {
            Some(piece)
                if is_quoted(piece) || (is_bare_option(piece) && !is_option(word) && !is_joint(word)) =>
            {
                piece.push(' ');
                piece.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
    }
    let further = format!("{indent}  ");
    fold(pieces.iter().map(String::as_str), width, indent, &further, " \\")
}

fn is_option(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| !rest.is_empty())
}

/// An option that has no value yet.
fn is_bare_option(piece: &str) -> bool {
    is_option(piece) && !piece.contains(' ')
}

/// Stands between two commands.
fn is_joint(word: &str) -> bool {
    matches!(word, "&&" | "||" | "|" | "do" | "done")
}

/// The quotation that began in `piece` has not ended.
fn is_quoted(piece: &str) -> bool {
    let mut open = None;
    for c in piece.chars().filter(|c| matches!(c, '\'' | '"')) {
        open = match open {
            None => Some(c),
            Some(quote) if quote == c => None,
            other => other,
        };
    }
    open.is_some()
}

fn fold<'a>(
    words: impl Iterator<Item = &'a str>,
    width: usize,
    first: &str,
    further: &str,
    continued: &str,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in words {
        let length = columns(&line) + 1 + columns(word) + continued.len();
        if !is_empty && length > width {
            lines.push(format!("{line}{continued}"));
            further.clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

/// The text in at most `room` columns: the middle gives way, since both ends of a host name tell something.
fn elide(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let keep = room.saturating_sub(2);
    let start = fitting(text.chars(), keep / 2);
    let end = fitting(text.chars().rev(), keep - keep / 2);
    let end: String = end.chars().rev().collect();
    fitting(format!("{start}..{end}").chars(), room)
}

/// A target in at most `room` columns: of a host name the first label gives way, since the others say whose name it is.
pub(crate) fn elide_host(target: &str, room: usize) -> String {
    match target.split_once('.') {
        Some((label, rest)) if columns(rest) + 6 <= room && columns(target) > room => {
            format!("{}.{rest}", elide(label, room - columns(rest) - 1))
        }
        _ => elide(target, room),
    }
}

/// As many characters as fit.
fn fitting(text: impl Iterator<Item = char>, room: usize) -> String {
    let mut taken = 0;
    text.take_while(|c| {
        taken += c.width().unwrap_or(0);
        taken <= room
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(width: usize) -> Style {
        Style { width, names: Names::Fitted, ..Style::file() }
    }

    #[test]
    fn words_wrap_and_no_line_is_wider() {
        let lines = wrap("one two three four five", terminal(12), "  ");
        assert_eq!(lines, ["  one two", "  three four", "  five"]);
    }

    #[test]
    fn a_word_that_fits_in_no_line_is_cut_on_a_terminal_alone_and_wide_characters_count_twice() {
        assert_eq!(wrap("ab 0123456789 c", terminal(6), " "), [" ab", " 01234", " 56789", " c"]);
        let file = Style { width: 6, ..Style::file() };
        assert_eq!(wrap("ab 0123456789 c", file, " "), [" ab", " 0123456789", " c"]);
        assert_eq!(wrap("漢字漢字", terminal(5), ""), ["漢字", "漢字"]);
        assert_eq!(pad("漢字漢字", 6), "漢..字");
        assert_eq!((pad("ab", 4), pad("abcdef", 4)), ("ab  ".to_owned(), "a..f".to_owned()));
    }

    #[test]
    fn a_command_stays_one_command() {
        let text =
            "az network nsg rule create --resource-group <RESOURCE_GROUP> --name Allow-Sql --priority 200";
        let lines = command(text, 50, "    ");
        assert!(lines.iter().all(|line| line.chars().count() <= 50), "{lines:?}");
        let joined =
            lines.iter().map(|line| line.trim().trim_end_matches('\\').trim()).collect::<Vec<_>>().join(" ");
        assert_eq!(joined, text);
        assert!(lines[..lines.len() - 1].iter().all(|line| line.ends_with(" \\")));
    }

    #[test]
    fn the_values_of_one_option_go_on_further_lines() {
        let hosts: Vec<String> = (0..9).map(|number| format!("host-{number}.example.net")).collect();
        let text = format!(
            "az rule create --target-fqdns {} --query \"[?a(b, 'c')]\" -connect h:1",
            hosts.join(" ")
        );
        let lines = command(&text, 60, "    ");
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("--query \"[?a(b, 'c')]\"")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("--target-fqdns host-0")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("-connect h:1")), "{lines:?}");
    }

    #[test]
    fn a_host_name_loses_nothing_of_its_domain_while_that_fits() {
        let name = "apimstabc123def456ghi789.blob.core.windows.net:443";
        assert_eq!(elide_host(name, 50), name);
        assert_eq!(elide_host(name, 40), "apimst..ghi789.blob.core.windows.net:443");
        assert_eq!(elide_host(name, 20), "apimstabc..s.net:443");
        assert_eq!(elide_host("10.0.2.4:53", 20), "10.0.2.4:53");
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(elide("abcdefghijklmnopqrstuvwxyz", 10), "abcd..wxyz");
        assert_eq!(elide("short", 10), "short");
        assert_eq!(elide("abcdef", 1), ".");
    }

    #[test]
    fn what_is_quoted_is_not_broken_and_joints_are() {
        let text = "printf '%s, %s and %s' one two --three four && echo 'a quotation that is wider than the line' | cat";
        let lines = command(text, 40, "  ");
        assert!(lines.len() > 3, "{lines:?}");
        let said = |script: &str| {
            std::process::Command::new("sh")
                .args(["-c", script])
                .output()
                .map(|output| output.stdout)
                .unwrap()
        };
        assert_eq!(said(&lines.join("\n")), said(text));
        // Only what cannot be broken is wider.
        assert!(lines.iter().all(|line| line.chars().count() <= 40 || line.contains('\'')), "{lines:?}");
    }
}
