//! Files of a test that go when the test ends.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file in the temporary folder.
pub(crate) struct Saved(PathBuf);

impl Saved {
    /// Writes `text`; the file's name ends in `name`.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let file = std::env::temp_dir().join(format!("apim-probe-{}-{number}-{name}", std::process::id()));
        std::fs::write(&file, text).expect("a file in the temporary folder");
        Self(file)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("an ASCII path")
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
