//! What can be wrong with a row.

use std::collections::BTreeSet;
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;

use crate::feed::columns::Columns;
use crate::feed::expression::Expression;

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowNumber {
    /// The file, or `standard input`.
    pub file: Arc<str>,
    /// The row within the file, from 1, a header not counted; 0 for the file as a whole.
    pub row: u64,
    /// The line on which it begins, from 1; 0 for the file as a whole.
    pub line: u64,
}

impl RowNumber {
    pub(super) fn of_file(file: &Arc<str>) -> Self {
        Self { file: Arc::clone(file), row: 0, line: 0 }
    }
}

impl From<u64> for RowNumber {
    /// A row of a file without a name.
    fn from(row: u64) -> Self {
        Self { file: Arc::from(""), row, line: 0 }
    }
}

impl fmt::Display for RowNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            0 => f.write_str(&self.file),
            row if self.file.is_empty() => write!(f, "row {row}"),
            row => write!(f, "{}:{}: row {row}", self.file, self.line),
        }
    }
}

/// A row that cannot be read, or a file. It never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Where.
    pub at: RowNumber,
    /// The field of the call, or the column; `None` if it is the row or the file as a whole.
    pub field: Option<String>,
    /// What was wrong and what was expected.
    pub problem: Problem,
}

impl std::error::Error for RowError {}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}: {field}: {}", self.at, self.problem),
            None => write!(f, "{}: {}", self.at, self.problem),
        }
    }
}

/// What was wrong and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// A required field has no value.
    Missing {
        /// The columns that were looked at.
        columns: String,
    },
    /// A time is in none of the formats.
    Time {
        /// The formats that were tried.
        formats: String,
    },
    /// A number is none.
    Number,
    /// The call breaks a limit.
    Invalid(&'static str),
    /// Bytes are not in the expected encoding.
    Encoding(&'static str),
    /// The row has another number of columns than the header.
    Columns {
        /// How many the header has.
        expected: usize,
        /// How many the row has.
        found: usize,
    },
    /// The header has none of the columns that a required field needs.
    Header {
        /// Those columns.
        columns: String,
    },
    /// The file ends in the middle of a record.
    CutOff,
    /// It is not of the expected form.
    Syntax(&'static str),
    /// The file cannot be read.
    Unreadable(ErrorKind),
}

impl Problem {
    /// A short code of a closed set, for counting.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Time { .. } => "time",
            Self::Number => "number",
            Self::Invalid(_) => "invalid",
            Self::Encoding(_) => "encoding",
            Self::Columns { .. } => "columns",
            Self::Header { .. } => "header",
            Self::CutOff => "cut_off",
            Self::Syntax(_) => "syntax",
            Self::Unreadable(_) => "unreadable",
        }
    }

    pub(in crate::feed) fn missing(of: &Expression, columns: &Columns) -> Self {
        Self::Missing { columns: names(of, columns) }
    }

    pub(super) fn header(of: &Expression, columns: &Columns) -> Self {
        Self::Header { columns: names(of, columns) }
    }
}

/// The columns of an expression, for people.
fn names(of: &Expression, columns: &Columns) -> String {
    let mut ids = BTreeSet::new();
    of.columns(&mut ids);
    ids.into_iter().map(|id| format!("\"{}\"", columns.name(id))).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { columns } => write!(f, "missing; expected a value in {columns}"),
            Self::Time { formats } => write!(f, "in none of the expected time formats: {formats}"),
            Self::Number => f.write_str("not a number; expected a whole number"),
            Self::Invalid(problem) | Self::Syntax(problem) => f.write_str(problem),
            Self::Encoding(expected) => write!(f, "wrong encoding; expected {expected}"),
            Self::Columns { expected, found } => {
                write!(f, "{found} columns, expected {expected}: cut off, or a quotation mark is not closed")
            }
            Self::Header { columns } => write!(f, "the header has none of {columns}"),
            Self::CutOff => f.write_str("cut off: the file ends in the middle of a record"),
            Self::Unreadable(kind) => write!(f, "cannot be read: {kind}"),
        }
    }
}
