//! Reads the catalogue's TOML, refuses a malformed row, and embeds the rest as deflated JSON; the documentation's pages too.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rustc-env=APIM_PROBE_TARGET={}", env::var("TARGET").expect("cargo sets TARGET"));
    let catalogue =
        apim_probe_catalogue::read(Path::new("catalogue")).unwrap_or_else(|error| panic!("{error}"));
    let faults = apim_probe_catalogue::faults(&catalogue);
    assert!(faults.is_empty(), "the catalogue is malformed:\n{}", faults.join("\n"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let json = serde_json::to_vec(&catalogue).expect("the catalogue is plain data");
    pack(&out.join("catalogue.json.deflate"), &json);
    pack(&out.join("pages.json.deflate"), &serde_json::to_vec(&pages()).expect("pages are text"));
}

fn pack(file: &Path, bytes: &[u8]) {
    let file = fs::File::create(file).expect("OUT_DIR can be written");
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, bytes, file)
        .expect("OUT_DIR can be written");
}

/// The documentation's pages on findings, and its table of causes, by name.
fn pages() -> BTreeMap<String, String> {
    println!("cargo::rerun-if-changed=../docs/findings");
    println!("cargo::rerun-if-changed=../docs/causes.md");
    let findings = fs::read_dir("../docs/findings").expect("docs/findings can be read");
    let files = findings.map(|file| file.expect("docs/findings can be read").path());
    files
        .chain([PathBuf::from("../docs/causes.md")])
        .map(|path| {
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        })
        .collect()
}
