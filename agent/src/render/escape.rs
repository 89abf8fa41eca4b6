//! The one boundary through which remote text passes: what a terminal or a file must not see is written as `\u{…}`,
//! and what must not be stored is taken out.

/// True for characters that move, hide or reverse text: controls, bidi marks, zero-width and line separators.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with every unsafe character written as `\u{…}`, line breaks included; likewise the first character of what
/// a pipeline would take for a command in its log.
#[must_use]
pub fn display_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if is_unsafe(c) || starts_hash_command(&text[at..]) || starts_colon_command(&text[at..]) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// `##vso[` and `##[`: Azure Pipelines obeys them anywhere in a line.
fn starts_hash_command(rest: &str) -> bool {
    let Some(word) = rest.strip_prefix("##") else { return false };
    word.starts_with('[') || word.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("vso["))
}

/// `::error` and the like: GitHub obeys them at the beginning of a line, where any part of a long word may come to stand.
/// An IPv6 address is none.
fn starts_colon_command(rest: &str) -> bool {
    let Some(word) = rest.strip_prefix("::") else { return false };
    let mut name = word.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-');
    name.any(|c| !c.is_ascii_hexdigit())
}

/// The text in ASCII: every other character by its number.
#[must_use]
pub fn ascii(text: &str) -> String {
    let written = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    text.chars().map(written).collect()
}

/// Text for HTML and XML, in an element or a quoted attribute. It must be [`display_safe`] already.
#[must_use]
pub fn markup(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// The same for text of our own that may have been typed over lines.
#[must_use]
pub fn one_line(text: &str) -> String {
    display_safe(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// JSON with every unsafe character inside its strings written as JSON's own `\uXXXX`: the same text to a parser. No line
/// of it begins with a string's text, so that colons do no harm.
#[must_use]
pub fn json_safe(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    let mut units = [0_u16; 2];
    for (at, c) in json.char_indices() {
        if c == '\n' || !(is_unsafe(c) || starts_hash_command(&json[at..])) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut units) {
            safe.push_str(&format!("\\u{unit:04x}"));
        }
    }
    safe
}

/// A command-line word without what must not be stored: credentials of a URL and query strings.
#[must_use]
pub fn redact(word: &str) -> String {
    let word = without_credentials(word);
    match word.split_once('?') {
        Some((before, _)) if word.contains("://") || word.contains("sig=") => format!("{before}?[redacted]"),
        _ => word,
    }
}

/// A URL without user name and password: they are never stored, whatever was asked for.
#[must_use]
pub fn without_credentials(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}[redacted]@{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_hides_or_reverses_text_is_written_out() {
        assert_eq!(display_safe("a\u{1b}[31mb\r\n"), "a\\u{1b}[31mb\\u{d}\\u{a}");
        assert_eq!(display_safe("\u{202e}\u{200b}\u{9b}"), "\\u{202e}\\u{200b}\\u{9b}");
        assert_eq!(display_safe("größe 漢字 ✓"), "größe 漢字 ✓");
    }

    #[test]
    fn commands_to_a_pipeline_are_broken_and_addresses_are_not() {
        assert_eq!(display_safe("x ##vso[task.complete]###[x]"), "x \\u{23}#vso[task.complete]#\\u{23}#[x]");
        assert_eq!(display_safe("##VSO[x] ## a #"), "\\u{23}#VSO[x] ## a #");
        assert_eq!(
            display_safe("::error::x ::add-mask::y"),
            "\\u{3a}:error\\u{3a}:x \\u{3a}:add-mask\\u{3a}:y"
        );
        // A long word is cut where a line ends, so that its middle may begin one.
        assert_eq!(display_safe("host::error"), "host\\u{3a}:error");
        assert_eq!(display_safe("::1 fd00::4 ::ffff:10.0.0.1 a::b"), "::1 fd00::4 ::ffff:10.0.0.1 a::b");
    }

    #[test]
    fn json_stays_the_same_text() {
        let json = serde_json::to_string("a\u{202e}b\u{1b}\u{e0001}").unwrap();
        let safe = json_safe(&json);
        assert!(safe.is_ascii());
        let safe = json_safe(r####"["##vso[x]"]"####);
        assert_eq!(safe, r####"["\u0023#vso[x]"]"####);
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), ["##vso[x]"]);
        let safe = json_safe(&json);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), "a\u{202e}b\u{1b}\u{e0001}");
    }

    #[test]
    fn credentials_and_query_strings_are_taken_out() {
        assert_eq!(
            without_credentials("http://user:pa@ss@proxy.example:3128/"),
            "http://[redacted]@proxy.example:3128/"
        );
        assert_eq!(without_credentials("user:pass@proxy:1"), "[redacted]@proxy:1");
        assert_eq!(redact("https://a.example/x?sv=1&sig=abc"), "https://a.example/x?[redacted]");
        assert_eq!(redact("--region"), "--region");
    }
}
