//! A report on a serial console: short ASCII lines with a number and a checksum each, so that it can be put together
//! again from a log in which the kernel has written too, and so that nobody mistakes a damaged report for a whole one.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use thiserror::Error;

/// The checksum of gzip and zlib, reckoned bit by bit: a report has few lines, and a table takes 16 KB.
const CRC32: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// Columns of a line at most: a terminal of 80 would wrap the last one.
const WIDTH: usize = 79;

/// Columns for the text of a line, behind its number and checksum.
pub const ROOM: usize = WIDTH - "AP-8f2c-0001-5d2e9b10|".len();

/// Bytes of data in a line: four characters of base64 for three bytes.
const BYTES: usize = ROOM / 4 * 3;

/// How hard the data are compressed, 1 to 10: a serial line carries some eleven kilobytes a second.
const LEVEL: u8 = 9;

/// Bytes of a report that are unpacked at most.
const MAX_REPORT_BYTES: usize = 64 * 1024 * 1024;

/// Lines in which the rest of a split line is looked for.
const MAX_SPLIT_LINES: usize = 8;

/// Split lines that are tried at most: each is tried at every place, and a log may be large.
const MAX_REASSEMBLED: usize = 2_000;

/// Bytes of a line that may be one of ours with something else in it.
const MAX_LINE_BYTES: usize = 1_024;

/// Lines of a report at most; a mark that says more is no mark.
const LINES: usize = 100_000;

/// Gaps that are named before the rest is counted.
const GAPS: usize = 8;

const BEGIN: &str = "-----BEGIN APIM-PROBE REPORT ";
const END: &str = "-----END APIM-PROBE REPORT ";
const DASHES: &str = "-----";

/// What a line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A line of text for whoever looks at the console.
    Text,
    /// The rest of one that was too long.
    More,
    /// A piece of the report for programs: JSON, zlib, base64.
    Data,
}

impl Kind {
    const fn mark(self) -> char {
        match self {
            Self::Text => '|',
            Self::More => '+',
            Self::Data => '=',
        }
    }

    const fn of(mark: char) -> Option<Self> {
        match mark {
            '|' => Some(Self::Text),
            '+' => Some(Self::More),
            '=' => Some(Self::Data),
            _ => None,
        }
    }
}

/// Why a framed report cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Some of its lines are not in the log, or not as they were written.
    #[error("the report {id} on the console is incomplete: {lines} of {total} missing or damaged")]
    Incomplete {
        /// The report's id.
        id: String,
        /// The numbers of the lines, in words.
        lines: String,
        /// How many lines it has.
        total: usize,
    },
    /// All lines are there, but together they are no report.
    #[error("the report {0} on the console is damaged, though every line has its checksum")]
    Damaged(String),
}

/// Frames a report: `text` for people, `json` for programs. `id` is the run's; its first four digits name the frame.
#[must_use]
pub fn frame(id: &str, text: &str, json: &str) -> String {
    let id: String = id.chars().filter(char::is_ascii_hexdigit).chain("0000".chars()).take(4).collect();
    let packed = compress_to_vec_zlib(json.as_bytes(), LEVEL);
    let mut pieces: Vec<(Kind, String)> =
        packed.chunks(BYTES).map(|bytes| (Kind::Data, BASE64.encode(bytes))).collect();
    // What a person reads stands last, where the console still shows it.
    pieces.extend(text.lines().flat_map(split));
    let total = pieces.len();
    // The mark begins a line, whatever stood on the console before.
    let mut framed = format!("\n{BEGIN}{id} {total:04}{DASHES}\n");
    for (number, (kind, piece)) in (1..).zip(&pieces) {
        let sum = checksum(number, *kind, piece);
        framed.push_str(&format!("AP-{id}-{number:04}-{sum:08x}{}{piece}\n", kind.mark()));
    }
    framed + &format!("{END}{id} {total:04}{DASHES}\n")
}

/// A line of text in pieces that fit. Logs lose blanks at the end of a line, so that none may stand there.
fn split(line: &str) -> Vec<(Kind, String)> {
    let characters: Vec<char> = line.trim_end().chars().collect();
    let pieces = characters.chunks(ROOM).map(|piece| piece.iter().collect::<String>().trim_end().to_owned());
    let mut split: Vec<(Kind, String)> = pieces.map(|piece| (Kind::More, piece)).collect();
    match split.first_mut() {
        Some(first) => first.0 = Kind::Text,
        None => split.push((Kind::Text, String::new())),
    }
    split
}

fn checksum(number: usize, kind: Kind, piece: &str) -> u32 {
    CRC32.checksum(format!("{number}{}{piece}", kind.mark()).as_bytes())
}

/// The JSON of the last report that was framed in a log; `None` where there is none.
///
/// # Errors
/// Which of its lines are missing or damaged.
pub fn unframe(log: &str) -> Result<Option<String>, FrameError> {
    let lines: Vec<&str> = log.lines().map(str::trim_end).collect();
    let marks = lines.iter().enumerate().filter_map(|(place, line)| Some((place, mark(line)?)));
    let Some((last, (id, total, is_end))) = marks.clone().next_back() else { return Ok(None) };
    let begins = |(place, (begun, _, is_end)): (usize, Mark<'_>)| (begun == id && !is_end).then_some(place);
    let start = if is_end { marks.filter_map(begins).next_back().unwrap_or(0) } else { last };
    let pieces = pieces(&lines[start..], id, total);
    let missing: Vec<usize> = (1..=total).filter(|number| !pieces.contains_key(number)).collect();
    if !missing.is_empty() {
        return Err(FrameError::Incomplete { id: id.to_owned(), lines: numbers(&missing), total });
    }
    let data: String = pieces
        .range(1..=total)
        .filter(|(_, (kind, _))| *kind == Kind::Data)
        .map(|(_, (_, piece))| piece.as_str())
        .collect();
    unpack(&data).map(Some).ok_or_else(|| FrameError::Damaged(id.to_owned()))
}

/// Id, number of lines, and whether it is the end.
type Mark<'a> = (&'a str, usize, bool);

/// The mark in a line. What stands inside a framed line is other people's text.
fn mark(line: &str) -> Option<Mark<'_>> {
    let at = line.find(BEGIN).or_else(|| line.find(END))?;
    if line[..at]
        .match_indices("AP-")
        .any(|(lead, _)| line[lead + 3..].split_once('-').is_some_and(|(id, _)| is_id(id)))
    {
        return None;
    }
    let (rest, is_end) = match (line.split_once(BEGIN), line.split_once(END)) {
        (Some((_, rest)), _) => (rest, false),
        (None, Some((_, rest))) => (rest, true),
        (None, None) => return None,
    };
    let (id, total) = rest.split_once(DASHES)?.0.split_once(' ')?;
    let total = total.parse().ok().filter(|total| is_id(id) && (1..=LINES).contains(total))?;
    Some((id, total, is_end))
}

fn is_id(text: &str) -> bool {
    text.len() == 4 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// The pieces by their numbers; where some are missing, also those that can be reassembled.
fn pieces(lines: &[&str], id: &str, total: usize) -> BTreeMap<usize, (Kind, String)> {
    let lead = format!("AP-{id}-");
    let whole = |line: &str| line.find(&lead).and_then(|at| parse(&line[at + lead.len()..]));
    let mut pieces: BTreeMap<usize, (Kind, String)> = lines.iter().filter_map(|line| whole(line)).collect();
    if pieces.range(1..=total).count() < total {
        let split = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.len() <= MAX_LINE_BYTES && line.contains('A') && whole(line).is_none());
        let reassembled = split.take(MAX_REASSEMBLED).filter_map(|(place, line)| {
            reassemble(line, &lead, &lines[place + 1..lines.len().min(place + 1 + MAX_SPLIT_LINES)])
        });
        for (number, piece) in reassembled {
            pieces.entry(number).or_insert(piece);
        }
    }
    pieces
}

/// `0001-5d2e9b10|text`, with the right checksum.
fn parse(framed: &str) -> Option<(usize, (Kind, String))> {
    let (number, rest) = framed.split_once('-')?;
    let (sum, rest) = (rest.get(..8)?, rest.get(8..)?);
    let kind = Kind::of(rest.chars().next()?)?;
    let (number, piece) = (number.parse().ok()?, &rest[1..]);
    let is_whole = u32::from_str_radix(sum, 16) == Ok(checksum(number, kind, piece));
    is_whole.then(|| (number, (kind, piece.to_owned())))
}

/// A line into which something else was written: the kernel's message, behind which the rest follows on a line of its
/// own, or a time-stamp in brackets. Every place where it may have been split is tried; the checksum tells.
fn reassemble(line: &str, lead: &str, further: &[&str]) -> Option<(usize, (Kind, String))> {
    let stamped = line.match_indices("] ").map(|(at, stamp)| &line[at + stamp.len()..]);
    let tails: Vec<&str> =
        further.iter().copied().filter(|line| line.len() <= MAX_LINE_BYTES).chain(stamped).collect();
    let starts = line.match_indices('A').map(|(at, _)| &line[at..]);
    let heads = starts.flat_map(|framed| {
        let same = framed.bytes().zip(lead.bytes()).take_while(|(a, b)| a == b).count();
        let longest = if same == lead.len() { WIDTH } else { same };
        let ends = framed.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.take_while(move |end| *end <= longest).map(move |end| &framed[..end])
    });
    // Torn inside its lead, a line goes on with the rest of it: nothing else is worth a try.
    let fits = |head: &str, tail: &str| lead.get(head.len()..).is_none_or(|rest| tail.starts_with(rest));
    heads
        .flat_map(|head| {
            tails.iter().filter(move |tail| fits(head, tail)).map(move |tail| format!("{head}{tail}"))
        })
        .find_map(|line| parse(line.strip_prefix(lead)?))
}

fn unpack(data: &str) -> Option<String> {
    let packed = BASE64.decode(data).ok()?;
    let bytes = decompress_to_vec_zlib_with_limit(&packed, MAX_REPORT_BYTES).ok()?;
    String::from_utf8(bytes).ok()
}

/// `line 7`, `lines 3, 7 and 9 to 12`.
fn numbers(missing: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in missing {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => runs.push((number, number)),
        }
    }
    let rest = runs.len().saturating_sub(GAPS);
    let mut words: Vec<String> = runs
        .iter()
        .take(GAPS)
        .map(|(from, to)| if from == to { from.to_string() } else { format!("{from} to {to}") })
        .collect();
    if rest > 0 {
        words.push(format!("{rest} more gaps"));
    }
    let noun = if missing.len() == 1 { "line" } else { "lines" };
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{noun} {} and {last}", words.join(", ")),
        last => format!("{noun} {}", last.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests;
