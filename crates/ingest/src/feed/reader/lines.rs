//! Records of newline-delimited JSON.

use std::io::{BufRead as _, Read as _};
use std::sync::Arc;

use serde_json::Value;

use super::error::{Problem, RowError, RowNumber};
use super::input::Bytes;
use super::{Context, Read, json};
use crate::feed::cells::Keys;

/// The longest line: larger than any call that is accepted, small enough to hold.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The lines of one file.
pub(super) struct LineRows {
    file: Arc<str>,
    input: Bytes,
    keys: Keys,
    line: Vec<u8>,
    lines: u64,
    row: u64,
    ended: bool,
}

impl LineRows {
    /// The lines of `input`.
    pub(super) fn open(file: Arc<str>, input: Bytes) -> Self {
        Self { file, input, keys: Keys::default(), line: Vec::new(), lines: 0, row: 0, ended: false }
    }

    /// The next record; blank lines are none.
    pub(super) fn next(&mut self, context: &Context) -> Option<Read> {
        loop {
            if self.ended {
                return None;
            }
            self.line.clear();
            let read = (&mut self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line);
            self.lines += 1;
            let at = |row| RowNumber { file: Arc::clone(&self.file), row, line: self.lines };
            match read {
                Ok(0) => return None,
                Ok(_) if self.line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(length) => {
                    self.row += 1;
                    let at = at(self.row);
                    let whole = self.line.ends_with(b"\n");
                    if !whole && length as u64 == LINE_BYTES_MAX {
                        self.ended = true;
                        let problem = Problem::Syntax("a line longer than 4 MiB");
                        return Some(Err(RowError { at, field: None, problem }));
                    }
                    return Some(match parse(&self.line, whole) {
                        Ok(record) => json::call(&record, &mut self.keys, at, context),
                        Err(problem) => Err(RowError { at, field: None, problem }),
                    });
                }
                Err(failed) => {
                    self.ended = true;
                    let problem = Problem::Unreadable(failed.kind());
                    return Some(Err(RowError { at: at(self.row + 1), field: None, problem }));
                }
            }
        }
    }
}

fn parse(line: &[u8], whole: bool) -> Result<Value, Problem> {
    if let Err(error) = std::str::from_utf8(line) {
        let cut = !whole && error.error_len().is_none();
        return Err(if cut {
            Problem::CutOff
        } else {
            Problem::Encoding("UTF-8, as RFC 8259 demands of JSON")
        });
    }
    serde_json::from_slice(line).map_err(|error| {
        if error.is_eof() && !whole { Problem::CutOff } else { Problem::Syntax("not a JSON record") }
    })
}
