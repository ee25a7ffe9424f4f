//! Where rows come from: a file, a folder of files, or the standard input.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Problem, RowError, RowNumber};
use crate::feed::profile::{Format, Profile};

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The standard input, in the profile's first format.
    Stdin,
    /// A file, or a folder whose files of the profile's formats are read in the order of their names.
    Path(PathBuf),
}

impl From<&Path> for Input {
    /// `-` is the standard input.
    fn from(path: &Path) -> Self {
        if path == Path::new("-") { Self::Stdin } else { Self::Path(path.to_path_buf()) }
    }
}

/// One file, before it is opened.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) file: Arc<str>,
    pub(super) format: Format,
    path: Option<PathBuf>,
}

/// How much is read at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// An open file.
pub(super) type Bytes = BufReader<Counted>;

impl Input {
    pub(super) fn sources(&self, profile: &Profile) -> Result<Vec<Source>, RowError> {
        let usual = profile.formats[0];
        let path = match self {
            Self::Stdin => {
                return Ok(vec![Source { file: "standard input".into(), format: usual, path: None }]);
            }
            Self::Path(path) => path,
        };
        let error = |problem| RowError { at: RowNumber::of_file(&name(path)), field: None, problem };
        let unreadable = |failed: io::Error| error(Problem::Unreadable(failed.kind()));
        if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            // A single format reads a file of any name.
            let format = match profile.formats.as_slice() {
                [only] => *only,
                several => format_of(path, several).ok_or_else(|| {
                    error(Problem::Syntax("the file's extension is of none of the feed's formats"))
                })?,
            };
            return Ok(vec![Source { file: name(path), format, path: Some(path.clone()) }]);
        }
        let entries = std::fs::read_dir(path).map_err(unreadable)?;
        let mut sources = Vec::new();
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            if let Some(format) = format_of(&path, &profile.formats).filter(|_| path.is_file()) {
                sources.push(Source { file: name(&path), format, path: Some(path) });
            }
        }
        if sources.is_empty() {
            return Err(error(Problem::Syntax("the folder has no file of the feed's formats")));
        }
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(sources)
    }
}

fn name(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

fn format_of(path: &Path, formats: &[Format]) -> Option<Format> {
    let extension = path.extension()?.to_str()?;
    formats.iter().copied().find(|format| format.has_extension(extension))
}

impl Source {
    /// How large the file is; `None` for the standard input.
    pub(super) fn bytes(&self) -> Option<u64> {
        // A file that vanished since counts as nothing; opening it says so.
        self.path.as_ref().map(|path| std::fs::metadata(path).map_or(0, |data| data.len()))
    }

    /// Opens it; `read` counts its bytes.
    pub(super) fn open(self, read: Arc<AtomicU64>) -> io::Result<Bytes> {
        let inner: Box<dyn Read + Send> = match &self.path {
            Some(path) => Box::new(File::open(path)?),
            None => Box::new(io::stdin()),
        };
        Ok(BufReader::with_capacity(BUFFER_BYTES, Counted { inner, read }))
    }
}

/// Counts what is read.
pub(super) struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
