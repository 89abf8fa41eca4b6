//! Report files: opened before the first packet, written aside, renamed when whole. No symbolic link is followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::exit::UserError;
use crate::render::Format;

/// The report files of a run.
#[derive(Debug, Default)]
pub struct Outputs {
    files: Vec<Output>,
}

#[derive(Debug)]
struct Output {
    path: PathBuf,
    format: Format,
    file: File,
    /// The name under which the file is written until it is whole; none for a character device.
    aside: Option<PathBuf>,
}

impl Outputs {
    /// Opens every `[F=]PATH`.
    ///
    /// # Errors
    /// A path whose format cannot be told, that is a symbolic link, or that cannot be written.
    pub fn open(words: &[String]) -> Result<Self, UserError> {
        let mut outputs = Self::default();
        for word in words {
            let (format, path) = parse(word)?;
            let output = Output::open(&path, format).map_err(|error| {
                UserError::new(format!("`{}` cannot be written: {error}", path.display()))
                    .hint("reports go to new files in a folder that exists; symbolic links are not followed")
            })?;
            outputs.files.push(output);
        }
        Ok(outputs)
    }

    /// Writes and renames every file. Returns what went wrong; one bad file hinders no other.
    pub fn finish(mut self, render: impl Fn(Format) -> String) -> Vec<UserError> {
        let mut errors = Vec::new();
        for mut output in self.files.drain(..) {
            let text = render(output.format);
            if let Err(error) = output.finish(&text) {
                errors.push(UserError::new(format!(
                    "`{}` could not be written: {error}",
                    output.path.display()
                )));
            }
        }
        errors
    }
}

/// `[F=]PATH`: a format's word before `=`, else the file's ending.
fn parse(word: &str) -> Result<(Format, PathBuf), UserError> {
    let named = word.split_once('=').and_then(|(format, path)| Some((Format::parse(format)?, path)));
    if let Some((format, path)) = named {
        return Ok((format, PathBuf::from(path)));
    }
    let path = PathBuf::from(word);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let of_device =
        fs::metadata(&path).is_ok_and(|data| data.file_type().is_char_device()).then_some(Format::Human);
    match Format::of_ending(&ending).or(of_device) {
        Some(format) => Ok((format, path)),
        None => Err(UserError::new(format!("the ending of `{word}` names no format"))
            .hint(format!("write FORMAT=PATH; known: {}", Format::words()))),
    }
}

impl Output {
    fn open(path: &Path, format: Format) -> io::Result<Self> {
        let kind = fs::symlink_metadata(path).map(|data| data.file_type()).ok();
        match kind {
            Some(kind) if kind.is_symlink() => Err(io::Error::other("it is a symbolic link")),
            Some(kind) if kind.is_char_device() => {
                let file = OpenOptions::new().write(true).open(path)?;
                Ok(Self { path: path.to_owned(), format, file, aside: None })
            }
            Some(kind) if !kind.is_file() => Err(io::Error::other("it is no file")),
            _ => {
                let aside = aside(path)?;
                let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
                Ok(Self { path: path.to_owned(), format, file, aside: Some(aside) })
            }
        }
    }

    fn finish(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        let Some(aside) = &self.aside else { return Ok(()) };
        self.file.sync_all()?;
        if fs::symlink_metadata(&self.path).is_ok_and(|data| data.file_type().is_symlink()) {
            return Err(io::Error::other("it has become a symbolic link"));
        }
        fs::rename(aside, &self.path)?;
        self.aside = None;
        Ok(())
    }
}

impl Drop for Output {
    /// What was not finished leaves nothing behind.
    fn drop(&mut self) {
        if let Some(aside) = &self.aside {
            let _ = fs::remove_file(aside);
        }
    }
}

/// A name beside `path` that nobody else uses.
fn aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    let id = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
    Ok(path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), id.trim())))
}
