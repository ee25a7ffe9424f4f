//! Rows of comma-separated values.

use std::sync::Arc;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::error::{Problem, RowError, RowNumber};
use super::input::Bytes;
use super::{Context, Read};
use crate::feed::cells::Cells;
use crate::feed::mapping::Flaw;
use crate::feed::profile::Profile;
use crate::feed::text::{NotDecoded, decode};

/// The rows of one file.
pub(super) struct CsvRows {
    file: Arc<str>,
    reader: Reader<Bytes>,
    record: ByteRecord,
    row: u64,
    width: usize,
    /// For each column of the profile, where in the header it stands.
    places: Vec<Option<usize>>,
    ended: bool,
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn open(file: Arc<str>, input: Bytes, profile: &Profile) -> Result<Self, RowError> {
        let error = |problem| RowError { at: RowNumber::of_file(&file), field: None, problem };
        // Flexible: a row of another width is one bad row, not the end of the file.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(|failed| error(problem(&failed)))?.clone();
        let names: Result<Vec<_>, _> = header.iter().map(|name| decode(name, profile.fallback)).collect();
        let names = names.map_err(|NotDecoded| error(expected()))?;
        let columns = &profile.scope.columns;
        let places = columns.locate(names.iter().map(AsRef::as_ref));
        for (field, of) in profile.mapping.required() {
            if !of.possible(&|column| places[column.0].is_some()) {
                let field = Some(field.to_owned());
                let problem = Problem::header(of, columns);
                return Err(RowError { at: RowNumber::of_file(&file), field, problem });
            }
        }
        let width = header.len();
        Ok(Self { file, reader, record: ByteRecord::new(), row: 0, width, places, ended: false })
    }

    /// The next row.
    pub(super) fn next(&mut self, context: &Context) -> Option<Read> {
        if self.ended {
            return None;
        }
        let read = self.reader.read_byte_record(&mut self.record);
        self.row += 1;
        let line = self.record.position().map_or(0, csv::Position::line);
        let at = RowNumber { file: Arc::clone(&self.file), row: self.row, line };
        match read {
            Ok(true) => Some(self.call(at, context)),
            Ok(false) => None,
            Err(failed) => {
                self.ended = true;
                Some(Err(RowError { at, field: None, problem: problem(&failed) }))
            }
        }
    }

    fn call(&self, at: RowNumber, context: &Context) -> Read {
        let profile = &context.profile;
        if self.record.len() != self.width {
            let problem = Problem::Columns { expected: self.width, found: self.record.len() };
            return Err(RowError { at, field: None, problem });
        }
        let cells = Cells::of_table(&profile.scope, &self.places, |place| {
            decode(self.record.get(place).unwrap_or_default(), profile.fallback)
        });
        let cells = match cells {
            Ok(cells) => cells,
            Err((column, NotDecoded)) => {
                let field = Some(format!("column \"{}\"", profile.scope.columns.name(column)));
                return Err(RowError { at, field, problem: expected() });
            }
        };
        match profile.mapping.call(&cells, profile, context.now) {
            Ok(mapped) => Ok((at, mapped)),
            Err(Flaw { field, problem }) => Err(RowError { at, field: Some(field.to_owned()), problem }),
        }
    }
}

/// What a text must be, where it is not. A fallback reads everything, so that this is without one.
fn expected() -> Problem {
    Problem::Encoding("UTF-8; a profile may set fallback_encoding = \"windows-1252\"")
}

fn problem(error: &csv::Error) -> Problem {
    match error.kind() {
        ErrorKind::Io(failed) => Problem::Unreadable(failed.kind()),
        _ => Problem::Syntax("not comma-separated values"),
    }
}
