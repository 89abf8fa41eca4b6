//! Reports in files: the document, its schema, and the way back from a file to a run that can be judged again.

use miniz_oxide::inflate::decompress_to_vec;

pub mod document;
mod inferred;
pub mod lines;
pub mod load;
mod pieces;
pub mod read;
pub mod read_error;

/// JSON Schema of the report.
///
/// # Panics
/// Never: the build has deflated the same bytes.
#[must_use]
pub fn schema() -> String {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/schema.deflate"));
    let bytes = decompress_to_vec(packed).expect("the build has deflated the schema");
    String::from_utf8(bytes).expect("the schema is text")
}
