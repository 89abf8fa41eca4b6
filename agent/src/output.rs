//! Report files: opened before the first packet, written aside, renamed when whole. No symbolic link is followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::UserError;
use crate::host::run_id;
use crate::render::{Format, Medium};
use apim_probe_checks::arrange;

/// How long a character device may take nothing: milliseconds. A serial line whose reader is gone takes nothing ever.
const DEVICE_STALL_MS: u16 = 5_000;

/// Mode of a report file: its owner's alone.
const OWNER: u32 = 0o600;

/// Mode of a file of metrics, whatever the umask: who collects it is another user.
const WORLD: u32 = 0o644;

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
    temporary: Option<PathBuf>,
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
            if outputs.files.iter().any(|other| is_same(&other.path, &path)) {
                return Err(UserError::new(format!("`{}` is given twice with --output", path.display()))
                    .hint("each report needs a file of its own"));
            }
            let output = Output::open(&path, format).map_err(|error| {
                UserError::new(format!("`{}` cannot be written: {error}", path.display()))
                    .hint("reports go to new files in a folder that exists; symbolic links are not followed")
            })?;
            outputs.files.push(output);
        }
        Ok(outputs)
    }

    /// Opens the one file that a command other than a report's writes: JSON, for its owner alone.
    ///
    /// # Errors
    /// As [`Outputs::open`].
    pub fn of_bundle(path: &str) -> Result<Self, UserError> {
        let path = PathBuf::from(path);
        let output = Output::open(&path, Format::Json).map_err(|error| {
            UserError::new(format!("`{}` cannot be written: {error}", path.display()))
                .hint("a bundle goes to a new file in a folder that exists; symbolic links are not followed")
        })?;
        Ok(Self { files: vec![output] })
    }

    /// The formats of the files.
    pub fn formats(&self) -> impl Iterator<Item = Format> {
        self.files.iter().map(|output| output.format)
    }

    /// Writes and renames every file, the slow devices last. One bad file hinders no other. What `render` gives is written
    /// piece by piece.
    pub fn finish<P: IntoIterator<Item = String>>(
        mut self,
        render: impl Fn(Format, Medium) -> P,
    ) -> Finished {
        let mut finished = Finished::default();
        arrange::by_key(&mut self.files, |output| output.temporary.is_none());
        for mut output in self.files.drain(..) {
            let medium = if output.temporary.is_some() { Medium::File } else { Medium::Console };
            let mut pieces = render(output.format, medium).into_iter();
            let path = output.path.display().to_string();
            match output.finish(&mut pieces) {
                Ok(()) => finished.saved.push(path),
                Err(error) => {
                    finished.errors.push(UserError::new(format!("`{path}` could not be written: {error}")));
                }
            }
        }
        finished
    }
}

/// How the outputs ended.
#[derive(Debug, Default)]
pub struct Finished {
    /// Those that are whole.
    pub saved: Vec<String>,
    /// What went wrong with the others.
    pub errors: Vec<UserError>,
}

/// True when two paths name one file, as far as their folders can be found. A device may take several reports.
fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    let is_device = fs::metadata(one).is_ok_and(|data| data.file_type().is_char_device());
    !is_device && (one == other || whole(one).is_some_and(|path| Some(path) == whole(other)))
}

/// `[F=]PATH`: a format's word before `=`, else the file's ending.
/// The format and the path of an output.
///
/// # Errors
/// No format is known for it.
pub fn parse(word: &str) -> Result<(Format, PathBuf), UserError> {
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
        None => Err(unknown_format(word, &ending)),
    }
}

/// No format is known for a file: a word before `=` that is not one, or its extension.
fn unknown_format(word: &str, ending: &str) -> UserError {
    let message = match (word.split_once('='), ending) {
        (Some((before, _)), _) if !before.contains('/') => format!("unknown format `{before}` in `{word}`"),
        (_, "") => format!("no format is given for `{word}`, and it has no extension"),
        _ => format!("no format is known for the extension `.{ending}` of `{word}`"),
    };
    UserError::new(message).hint(format!("write FORMAT=PATH with one of {}", Format::words()))
}

impl Output {
    fn open(path: &Path, format: Format) -> io::Result<Self> {
        let kind = fs::symlink_metadata(path).map(|data| data.file_type()).ok();
        match kind {
            Some(kind) if kind.is_symlink() => Err(io::Error::other("it is a symbolic link")),
            Some(kind) if kind.is_char_device() => {
                Ok(Self { path: path.to_owned(), format, file: device(path)?, temporary: None })
            }
            Some(kind) if !kind.is_file() => Err(io::Error::other("it is not a regular file")),
            _ => {
                let temporary = temporary_path(path)?;
                let file = OpenOptions::new().write(true).create_new(true).mode(OWNER).open(&temporary)?;
                if format == Format::OpenMetrics {
                    file.set_permissions(fs::Permissions::from_mode(WORLD))?;
                }
                Ok(Self { path: path.to_owned(), format, file, temporary: Some(temporary) })
            }
        }
    }

    fn finish(&mut self, pieces: &mut dyn Iterator<Item = String>) -> io::Result<()> {
        let Some(temporary) = &self.temporary else {
            for piece in pieces {
                write_to_device(&mut self.file, piece.as_bytes())?;
            }
            return Ok(());
        };
        let mut buffered = BufWriter::new(&self.file);
        for piece in pieces {
            buffered.write_all(piece.as_bytes())?;
        }
        buffered.flush()?;
        drop(buffered);
        self.file.sync_all()?;
        if fs::symlink_metadata(&self.path).is_ok_and(|data| data.file_type().is_symlink()) {
            return Err(io::Error::other("it has become a symbolic link"));
        }
        fs::rename(temporary, &self.path)?;
        self.temporary = None;
        Ok(())
    }
}

/// Opens a character device: not as this process's terminal, and without waiting for a modem's carrier. What is no
/// device any more when it is open was swapped for something else.
fn device(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
    let file = OpenOptions::new().write(true).custom_flags(flags.bits()).open(path)?;
    if file.metadata()?.file_type().is_char_device() {
        Ok(file)
    } else {
        Err(io::Error::other("it is not a device any more"))
    }
}

/// Writes to a device as fast as it takes the bytes, and gives up when it takes none.
fn write_to_device(device: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match device.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(taken) => bytes = &bytes[taken..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let mut ready = [PollFd::new(device.as_fd(), PollFlags::POLLOUT)];
                if poll(&mut ready, PollTimeout::from(DEVICE_STALL_MS))? == 0 {
                    return Err(io::Error::other("the device accepts no data; is anything reading it?"));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Drop for Output {
    /// What was not finished leaves nothing behind.
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A name beside `path` that nobody else uses.
fn temporary_path(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("expected the path of a file"))?;
    Ok(path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), run_id())))
}
