//! Embeds texts deflated, a sixth of their size and less: the schema of the report, completion scripts, manual pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, text: &[u8]| {
        let file = fs::File::create(out.join(name)).expect("OUT_DIR can be written");
        zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, text, file)
            .expect("OUT_DIR can be written");
    };
    let schema = "../docs/report-1.schema.json";
    println!("cargo::rerun-if-changed={schema}");
    // What a line is indented by follows from the brackets before it.
    let schema = fs::read_to_string(schema).expect("the schema can be read");
    write("schema.deflate", schema.lines().map(str::trim).collect::<Vec<_>>().join("\n").as_bytes());
    let (phrases, order) = phrases(&generated(Path::new("generated")));
    write("phrases.deflate", phrases.as_bytes());
    write("order.deflate", &order);
}

/// The phrases of a text, cut behind each quotation mark, each once and with `\u{1}` between them, and their order: the low
/// byte of each number, then the high ones. Every shell's script says of each command what each option means, farther
/// apart than deflate looks back.
fn phrases(text: &str) -> (String, Vec<u8>) {
    let mut places: BTreeMap<&str, u16> = BTreeMap::new();
    let mut phrases: Vec<&str> = Vec::new();
    let mut order: Vec<u16> = Vec::new();
    for phrase in text.split_inclusive(['"', '\'']) {
        let next = u16::try_from(phrases.len()).expect("fewer than 65,536 phrases");
        let place = *places.entry(phrase).or_insert(next);
        if place == next {
            phrases.push(phrase);
        }
        order.push(place);
    }
    let bytes = order.iter().map(|place| place.to_le_bytes());
    let (low, high): (Vec<u8>, Vec<u8>) = bytes.map(|[low, high]| (low, high)).unzip();
    (phrases.join("\u{1}"), [low, high].concat())
}

/// Every file of the folder: its name, NUL, its text, NUL. One stream, since their words are the same.
fn generated(folder: &Path) -> String {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let pack = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("generated files are text");
        format!("{}\0{text}\0", file.file_name().unwrap_or_default().to_string_lossy())
    };
    files.iter().map(pack).collect()
}
