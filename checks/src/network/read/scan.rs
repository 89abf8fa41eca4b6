//! Finds the values in a JSON text whose syntax has been checked, without reading them.

use std::borrow::Cow;

/// The text of a string; lone surrogates become U+FFFD, as the syntax check lets them through.
pub(super) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut units: Vec<u16> = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let plain = match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    units.push(u16::from_str_radix(digits, 16).ok()?);
                    chars = chars.as_str().get(4..)?.chars();
                    continue;
                }
                same => same,
            },
            plain => plain,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    Some(Cow::Owned(String::from_utf16_lossy(&units)))
}

/// Walks over the values between brackets.
pub(super) struct Walk<'a> {
    rest: &'a str,
}

impl<'a> Walk<'a> {
    /// Walks over the text behind the opening bracket.
    pub(super) const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// Goes on behind the colon of a member.
    pub(super) fn skip_colon(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank).trim_start_matches(':');
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start_matches(|c| is_blank(c) || c == ',');
        if text.is_empty() || text.starts_with([']', '}']) {
            return None;
        }
        let (value, rest) = text.split_at_checked(end_of_value(text.as_bytes()))?;
        self.rest = rest;
        Some(value)
    }
}

/// Where the value at the beginning of the text ends. Brackets need not be told apart: the syntax has been checked.
fn end_of_value(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at += end_of_string(&text[at..]),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ if depth > 0 => {
                at += 1;
                continue;
            }
            _ => return at + end_of_word(&text[at..]),
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn end_of_string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn end_of_word(text: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
    text.iter().position(ends).unwrap_or(text.len())
}

/// What JSON allows between values.
pub(super) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\r' | '\t')
}
