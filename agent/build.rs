//! Embeds texts deflated, a fifth of their size: the schema of the report, completion scripts, manual pages.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, text: &[u8]| {
        let packed = miniz_oxide::deflate::compress_to_vec(text, 10);
        fs::write(out.join(name), packed).expect("OUT_DIR can be written");
    };
    let schema = "../docs/report-1.schema.json";
    println!("cargo::rerun-if-changed={schema}");
    write("schema.deflate", &fs::read(schema).expect("the schema can be read"));
    write("generated.deflate", generated(Path::new("generated")).as_bytes());
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
