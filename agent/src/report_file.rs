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
    let text = String::from_utf8(bytes).expect("the schema is text");
    let mut schema = String::new();
    let mut depth = 0_usize;
    for line in text.lines() {
        if line.starts_with(['}', ']']) {
            depth = depth.saturating_sub(1);
        }
        schema.push_str(&"  ".repeat(depth));
        schema.push_str(line);
        schema.push('\n');
        if line.ends_with(['{', '[']) {
            depth += 1;
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_printed_as_it_stands_in_the_repository() {
        assert_eq!(super::schema(), include_str!("../../docs/report-1.schema.json"));
    }
}
