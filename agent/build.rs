//! Embeds the schema of the report deflated, a fifth of its size.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let schema = "../docs/report-1.schema.json";
    println!("cargo::rerun-if-changed={schema}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let packed =
        miniz_oxide::deflate::compress_to_vec(&fs::read(schema).expect("the schema can be read"), 10);
    fs::write(out.join("schema.deflate"), packed).expect("OUT_DIR can be written");
}
