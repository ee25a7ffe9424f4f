//! Records of one JSON document, one at a time, so that a file that is cut off gives what stands before the cut.

use std::sync::Arc;

use serde_json::Value;
use struson::reader::{
    JsonReader as _, JsonStreamReader, JsonSyntaxError, ReaderError, ReaderSettings, SyntaxErrorKind,
    ValueType,
};
use struson::serde::DeserializerError;

use super::error::{Problem, RowError, RowNumber};
use super::input::Bytes;
use super::{Context, Read};
use crate::feed::cells::{Cells, Keys};
use crate::feed::mapping::Flaw;

/// The list of records within an object, by the ArcGIS and GeoJSON formats.
const RECORDS: &str = "features";

/// The records of one file.
pub(super) struct JsonRows {
    file: Arc<str>,
    reader: JsonStreamReader<Bytes>,
    keys: Keys,
    row: u64,
    in_object: bool,
    ended: bool,
}

impl JsonRows {
    /// Reads up to the first record.
    pub(super) fn open(file: Arc<str>, input: Bytes) -> Result<Self, RowError> {
        let settings = ReaderSettings { track_path: false, ..ReaderSettings::default() };
        let mut reader = JsonStreamReader::new_custom(input, settings);
        let in_object = enter(&mut reader).map_err(|problem| RowError {
            at: RowNumber::of_file(&file),
            field: None,
            problem,
        })?;
        Ok(Self { file, reader, keys: Keys::default(), row: 0, in_object, ended: false })
    }

    /// The next record.
    pub(super) fn next(&mut self, context: &Context) -> Option<Read> {
        if self.ended {
            return None;
        }
        self.row += 1;
        let more = self.reader.has_next();
        let line = self.reader.current_position(false).line_pos.map_or(0, |line| line.line + 1);
        let at = RowNumber { file: Arc::clone(&self.file), row: self.row, line };
        match more.map_err(|failed| problem(&failed)).and_then(|more| self.record(more)) {
            Ok(Some(record)) => Some(call(&record, &mut self.keys, at, context)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(problem) => {
                self.ended = true;
                Some(Err(RowError { at, field: None, problem }))
            }
        }
    }

    /// The next record; `None` at the end, after making sure that the document ends too.
    fn record(&mut self, more: bool) -> Result<Option<Value>, Problem> {
        if more {
            return self.reader.deserialize_next::<Value>().map(Some).map_err(|error| match error {
                DeserializerError::ReaderError(failed) => problem(&failed),
                _ => Problem::Syntax("a record is not JSON that can be read"),
            });
        }
        let rest = |reader: &mut JsonStreamReader<Bytes>| {
            reader.end_array()?;
            if self.in_object {
                while reader.has_next()? {
                    reader.skip_name()?;
                    reader.skip_value()?;
                }
                reader.end_object()?;
            }
            Ok(())
        };
        rest(&mut self.reader).map_err(|failed: ReaderError| problem(&failed))?;
        Ok(None)
    }
}

/// Enters the list of records; tells whether an object stands around it.
fn enter(reader: &mut JsonStreamReader<Bytes>) -> Result<bool, Problem> {
    let none = Problem::Syntax("expected a list of records, or an object with a list features");
    let at_top = |reader: &mut JsonStreamReader<Bytes>| -> Result<Option<bool>, ReaderError> {
        match reader.peek()? {
            ValueType::Array => {
                reader.begin_array()?;
                return Ok(Some(false));
            }
            ValueType::Object => reader.begin_object()?,
            _ => return Ok(None),
        }
        while reader.has_next()? {
            if reader.next_name()? == RECORDS && reader.peek()? == ValueType::Array {
                reader.begin_array()?;
                return Ok(Some(true));
            }
            reader.skip_value()?;
        }
        Ok(None)
    };
    at_top(reader).map_err(|failed| problem(&failed))?.ok_or(none)
}

/// The call of a record, also for a line that is one.
pub(super) fn call(record: &Value, keys: &mut Keys, at: RowNumber, context: &Context) -> Read {
    if !record.is_object() {
        let problem = Problem::Syntax("expected a record, which is an object");
        return Err(RowError { at, field: None, problem });
    }
    let profile = &context.profile;
    let cells = Cells::of_record(&profile.scope, keys, record);
    match profile.mapping.call(&cells, profile, context.now) {
        Ok(mapped) => Ok((at, mapped)),
        Err(Flaw { field, problem }) => Err(RowError { at, field: Some(field.to_owned()), problem }),
    }
}

fn problem(error: &ReaderError) -> Problem {
    match error {
        ReaderError::SyntaxError(JsonSyntaxError { kind: SyntaxErrorKind::IncompleteDocument, .. }) => {
            Problem::CutOff
        }
        ReaderError::IoError { error, .. } => match error.kind() {
            std::io::ErrorKind::InvalidData => Problem::Encoding("UTF-8, as RFC 8259 demands of JSON"),
            kind => Problem::Unreadable(kind),
        },
        _ => Problem::Syntax("not JSON"),
    }
}
