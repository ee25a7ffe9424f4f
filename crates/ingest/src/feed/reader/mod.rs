//! Reads files row by row into calls.

mod csv;
mod error;
mod input;
mod json;
mod lines;

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use callbox_proto::domain::Timestamp;
use callbox_proto_raw::cad::v1::Call;

pub use error::{Problem, RowError, RowNumber};
pub use input::Input;

use self::csv::CsvRows;
use self::input::Source;
use self::json::JsonRows;
use self::lines::LineRows;
use super::mapping::Mapped;
use super::profile::{Format, Profile};
use super::text::{self, NotText};

/// The calls of a feed's files, in their order. Errors do not end it, except those after which nothing more of a file
/// can be read; the next file goes on.
pub struct Reader {
    context: Context,
    sources: std::vec::IntoIter<Source>,
    current: Option<Rows>,
    read: Arc<AtomicU64>,
    bytes_total: Option<u64>,
}

/// What every row needs.
pub(super) struct Context {
    profile: Profile,
    now: Timestamp,
}

/// What is read of one row.
type Read = Result<(RowNumber, Mapped), RowError>;

/// The rows of one file.
enum Rows {
    Csv(CsvRows),
    Json(Box<JsonRows>),
    Lines(LineRows),
}

impl Reader {
    /// Opens a feed's files.
    ///
    /// # Errors
    /// If the path does not exist, or is a folder without a file of the profile's formats.
    pub fn open(profile: &Profile, input: &Input) -> Result<Self, RowError> {
        let sources = input.sources(profile)?;
        let bytes_total = sources.iter().map(Source::bytes).sum::<Option<u64>>();
        Ok(Self {
            context: Context { profile: profile.clone(), now: Timestamp::now() },
            sources: sources.into_iter(),
            current: None,
            read: Arc::default(),
            bytes_total,
        })
    }

    /// How many bytes have been read of all files.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// How many bytes there are; `None` for the standard input.
    pub fn bytes_total(&self) -> Option<u64> {
        self.bytes_total
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.context.profile
    }

    /// The next row, with what became of its place and disposition.
    pub(super) fn next_mapped(&mut self) -> Option<Read> {
        loop {
            if let Some(rows) = &mut self.current {
                let row = match rows {
                    Rows::Csv(rows) => rows.next(&self.context),
                    Rows::Json(rows) => rows.next(&self.context),
                    Rows::Lines(rows) => rows.next(&self.context),
                };
                if row.is_some() {
                    return row;
                }
                self.current = None;
            }
            let source = self.sources.next()?;
            match self.rows(source) {
                Ok(rows) => self.current = Some(rows),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn rows(&self, source: Source) -> Result<Rows, RowError> {
        let Source { file, format, .. } = source.clone();
        let error = |problem| RowError { at: RowNumber::of_file(&file), field: None, problem };
        let unreadable = |failed: std::io::Error| error(Problem::Unreadable(failed.kind()));
        let mut input = source.open(Arc::clone(&self.read)).map_err(unreadable)?;
        match text::skip_marks(&mut input).map_err(unreadable)? {
            Ok(()) => {}
            Err(NotText::Wide) => return Err(error(Problem::Encoding("UTF-8, found UTF-16 or UTF-32"))),
            Err(NotText::Compressed) => return Err(error(Problem::Encoding("text, found a gzip archive"))),
        }
        if input.fill_buf().map_err(unreadable)?.is_empty() {
            return Err(error(Problem::Syntax("the file is empty")));
        }
        Ok(match format {
            Format::Csv => Rows::Csv(CsvRows::open(file, input, &self.context.profile)?),
            Format::Json => Rows::Json(Box::new(JsonRows::open(file, input)?)),
            Format::Ndjson => Rows::Lines(LineRows::open(file, input)),
        })
    }
}

impl Iterator for Reader {
    type Item = Result<(RowNumber, Call), RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_mapped()?.map(|(at, mapped)| (at, mapped.call)))
    }
}
