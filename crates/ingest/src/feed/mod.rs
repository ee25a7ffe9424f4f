//! Feeds: files of an agency's calls, read by a declarative profile.
//!
//! A [`Profile`] says how one agency writes its calls: the format, which columns make which field, in which zone its
//! clock runs, what it writes for nothing. A [`Reader`] turns files into calls by it, row by row, and says of each row
//! that it cannot read what was wrong; [`check()`] counts what a profile would make of a file.
//!
//! No error and no report repeats a value of a row: they name the row, the field and the columns. Anything in a row may
//! be somebody's name.

mod cells;
mod check;
mod columns;
mod document;
mod expression;
mod fields;
mod lists;
mod mapping;
mod moment;
mod position;
mod profile;
mod reader;
mod text;

pub use check::{CheckReport, Example, Rejects, check};
pub use document::{Mistake, ProfileErrors};
pub use profile::{Format, Profile};
pub use reader::{Input, Problem, Reader, RowError, RowNumber};
