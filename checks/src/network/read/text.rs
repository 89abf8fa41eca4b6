//! From the bytes of a file to the JSON documents in it, whatever shell wrote them.

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use thiserror::Error;

/// Why the bytes of a file are not JSON documents.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Neither UTF-8 nor UTF-16.
    #[error("it is neither UTF-8 nor UTF-16 text")]
    NotText,
    /// Nothing but blanks.
    #[error("it is empty")]
    Empty,
    /// JSON ends or breaks off here.
    #[error("it is not valid JSON: {0}")]
    NotJson(String),
}

/// The text of a file: UTF-8 or UTF-16, with or without a byte-order mark.
///
/// # Errors
/// Other bytes.
pub fn decode(bytes: Vec<u8>) -> Result<String, TextError> {
    let text = match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => String::from_utf8(bytes).ok().map(|mut text| {
            text.drain(..'\u{feff}'.len_utf8());
            text
        }),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        // JSON begins with an ASCII character, so that a zero beside it gives the order away.
        [first, 0, ..] if *first != 0 => wide(&bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => wide(&bytes, u16::from_be_bytes),
        _ => String::from_utf8(bytes).ok(),
    };
    text.ok_or(TextError::NotText)
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(c.ok()?);
    }
    odd.is_empty().then_some(text)
}

/// The documents of a text, each with right syntax: one, or several one after the other.
///
/// # Errors
/// The first fault of syntax.
pub fn documents(text: &str) -> Result<Vec<&str>, TextError> {
    let mut stream = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(one) = stream.next() {
        one.map_err(|error| TextError::NotJson(error.to_string()))?;
        let to = stream.byte_offset();
        found.push(&text[from..to]);
        from = to;
    }
    if found.is_empty() { Err(TextError::Empty) } else { Ok(found) }
}

/// Finds the line of a place in a text without keeping a number for each line.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    /// Line number at the start of each block.
    blocks: Vec<u32>,
}

/// Bytes of a block: small enough to be counted each time, large enough to cost no memory.
const BLOCK: usize = 4096;

impl<'a> Lines<'a> {
    /// The lines of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut line = 1;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let first = line;
            line += newlines(block);
            first
        });
        Self { text, blocks: blocks.collect() }
    }

    /// The line, 1 and up, on which a part of this very text begins; `None` for a part of another one.
    #[must_use]
    pub fn line(&self, part: &str) -> Option<u32> {
        let at = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let block = at / BLOCK;
        let first = self.blocks.get(block).filter(|_| at < self.text.len())?;
        Some(first + newlines(&self.text.as_bytes()[block * BLOCK..at]))
    }
}

fn newlines(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_that_shells_write_is_read_with_and_without_a_mark() {
        let text = "{\"a\": \"é\"}";
        let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xEF\xBB\xBF", text.as_bytes()),
            marked(b"\xFF\xFE", &little),
            marked(b"\xFE\xFF", &big),
            little,
            big,
        ] {
            assert_eq!(decode(bytes).as_deref(), Ok(text));
        }
        for bytes in [b"\x80{}".as_slice(), b"\xFF\xFE{", b"\xFF\xFE\x00\xD8"] {
            assert_eq!(decode(bytes.to_vec()), Err(TextError::NotText), "{bytes:?}");
        }
    }

    #[test]
    fn documents_stand_one_after_the_other_or_alone() {
        assert_eq!(documents("{}\n[1] \n"), Ok(vec!["{}", "\n[1]"]));
        assert_eq!(documents(" \n"), Err(TextError::Empty));
        assert!(matches!(documents("{} {"), Err(TextError::NotJson(_))));
        assert!(matches!(documents("WARNING: x\n{}"), Err(TextError::NotJson(_))));
    }

    #[test]
    fn a_part_of_the_text_has_its_line_and_another_text_has_none() {
        let text = format!("{{\n{}\"x\": 1\n}}", "  \n".repeat(5000));
        let lines = Lines::new(&text);
        assert_eq!(lines.line(&text[text.find('x').unwrap()..]), Some(5002));
        assert_eq!(lines.line(&text), Some(1));
        assert_eq!(lines.line("elsewhere"), None);
    }
}
