//! Fitting text into columns: words wrapped, long names cut in the middle, commands continued with a backslash.

/// The text in lines of at most `width` columns, each behind `indent`. A longer word keeps a line of its own.
pub fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    fold(text.split_whitespace(), width, indent, indent, "")
}

/// A shell command in lines that can be pasted: an option stays with its value, and what is quoted in one piece.
pub fn command(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match pieces.last_mut() {
            Some(piece) if is_quoted(piece) || (is_option(piece) && !is_option(word) && !is_joint(word)) => {
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
    word.starts_with("--")
}

/// Stands between two commands.
fn is_joint(word: &str) -> bool {
    matches!(word, "&&" | "||" | "|" | "do" | "done")
}

/// The quotation that began in `piece` has not ended.
fn is_quoted(piece: &str) -> bool {
    piece.matches('\'').count() % 2 == 1
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
        let length = line.chars().count() + 1 + word.chars().count() + continued.len();
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
pub fn elide(text: &str, room: usize) -> String {
    let length = text.chars().count();
    if length <= room {
        return text.to_owned();
    }
    let keep = room.saturating_sub(2);
    let (head, tail) = (keep / 2, keep - keep / 2);
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{start}..{end}").chars().take(room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_no_line_is_wider() {
        let lines = wrap("one two three four five", 12, "  ");
        assert_eq!(lines, ["  one two", "  three four", "  five"]);
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
