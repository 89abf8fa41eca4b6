//! The catalogue that this build carries: the rows of `checks/catalogue/` as `build.rs` checked and embedded them.

use std::sync::LazyLock;

use miniz_oxide::inflate::decompress_to_vec;

pub use apim_probe_catalogue::*;

/// JSON, deflated from 100 kB to 15.
const EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.json.deflate"));

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let json = decompress_to_vec(EMBEDDED).expect("the build has deflated the catalogue");
    serde_json::from_slice(&json).expect("the build has checked the catalogue")
});

/// The catalogue of this build, read when it is first asked for: some milliseconds.
///
/// # Panics
/// Never: the build has read the same bytes.
#[must_use]
pub fn embedded() -> &'static Catalogue {
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_embedded_catalogue_is_the_one_of_the_files() {
        assert_eq!(*embedded(), read(Path::new("catalogue")).expect("the rows can be read"));
    }
}
