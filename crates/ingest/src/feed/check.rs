//! What a profile would make of a file: counts, and where the rows stand that it would reject.
//!
//! No value of a row is kept or shown: rows are named by number, columns by name, call types only counted.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::BuildHasher as _;

use callbox_place::NotAPlace;
use serde::Serialize;

use super::mapping::{Disposed, Mapped};
use super::position::Located;
use super::profile::Profile;
use super::reader::{Input, Reader, RowError};

/// How many rows are shown for each kind of reject.
const EXAMPLES_MAX: usize = 3;

/// What a profile would make of a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CheckReport {
    /// The agency.
    pub agency: String,
    /// Rows read. Whatever was wrong with a file as a whole is among the rejects but not here.
    pub rows: u64,
    /// Rows that became calls.
    pub accepted: u64,
    /// What would be rejected, by kind.
    pub rejects: Vec<Rejects>,
    /// For each mapped field, the accepted rows that have nothing in it.
    pub empty: BTreeMap<&'static str, u64>,
    /// Different call numbers.
    pub calls: u64,
    /// Different call types (code and words together).
    pub call_types: u64,
    /// Accepted rows whose position is a place of the agency.
    pub located: u64,
    /// Accepted rows without a place, by why.
    pub unlocated: BTreeMap<&'static str, u64>,
    /// What became of dispositions: `mapped` to the profile's words, `as_written` in the agency's own, `unknown` for a
    /// code alone that the profile does not know, `absent`.
    pub dispositions: BTreeMap<&'static str, u64>,
    /// When the first call was received, RFC 3339.
    pub received_first: Option<String>,
    /// When the last one was.
    pub received_last: Option<String>,
}

/// Rows that would be rejected for one reason.
#[derive(Clone, Debug, Serialize)]
pub struct Rejects {
    /// The kind: a short code.
    pub code: &'static str,
    /// The field or column; empty if it is the row or the file as a whole.
    pub field: String,
    /// What was wrong and what was expected.
    pub problem: String,
    /// How many rows.
    pub rows: u64,
    /// The first ones.
    pub examples: Vec<Example>,
}

/// A row that would be rejected.
#[derive(Clone, Debug, Serialize)]
pub struct Example {
    /// The file.
    pub file: String,
    /// The row within it, from 1; 0 for the file as a whole.
    pub row: u64,
    /// The line on which it begins.
    pub line: u64,
}

/// Reads everything and counts.
///
/// # Errors
/// If the path cannot be opened at all.
pub fn check(profile: &Profile, input: &Input) -> Result<CheckReport, RowError> {
    let mut reader = Reader::open(profile, input)?;
    let mut count = Count::new(profile);
    while let Some(row) = reader.next_mapped() {
        match row {
            Ok((_, mapped)) => count.accept(mapped, profile),
            Err(error) => count.reject(&error),
        }
    }
    Ok(count.finish())
}

/// The counts while rows come in. Call numbers and types are told apart by a hash under a key of this run, so that
/// none of them is kept.
struct Count {
    report: CheckReport,
    hasher: RandomState,
    calls: HashSet<u64>,
    types: HashSet<u64>,
    received: Option<(i64, i64)>,
}

impl Count {
    fn new(profile: &Profile) -> Self {
        let report = CheckReport { agency: profile.agency.to_string(), ..CheckReport::default() };
        let (calls, types) = (HashSet::new(), HashSet::new());
        Self { report, hasher: RandomState::new(), calls, types, received: None }
    }

    fn accept(&mut self, mapped: Mapped, profile: &Profile) {
        let Mapped { mut call, located, disposed } = mapped;
        self.report.rows += 1;
        self.report.accepted += 1;
        self.calls.insert(self.hasher.hash_one(&call.source_id));
        self.types.insert(self.hasher.hash_one((&call.type_code, &call.type_description)));
        let received = call.received_time.map_or(0, |time| time.seconds);
        self.received = Some(match self.received {
            Some((first, last)) => (first.min(received), last.max(received)),
            None => (received, received),
        });
        match place(located) {
            None => self.report.located += 1,
            Some(why) => *self.report.unlocated.entry(why).or_default() += 1,
        }
        *self.report.dispositions.entry(disposition(disposed)).or_default() += 1;
        for (field, empty) in profile.mapping.empty_fields(&mut call) {
            *self.report.empty.entry(field).or_default() += u64::from(empty);
        }
    }

    fn reject(&mut self, error: &RowError) {
        self.report.rows += u64::from(error.at.row > 0);
        let (code, problem) = (error.problem.code(), error.problem.to_string());
        let field = error.field.clone().unwrap_or_default();
        let example = Example { file: error.at.file.to_string(), row: error.at.row, line: error.at.line };
        let same =
            |known: &&mut Rejects| known.code == code && known.field == field && known.problem == problem;
        match self.report.rejects.iter_mut().find(same) {
            Some(known) => {
                known.rows += 1;
                if known.examples.len() < EXAMPLES_MAX {
                    known.examples.push(example);
                }
            }
            None => {
                self.report.rejects.push(Rejects { code, field, problem, rows: 1, examples: vec![example] });
            }
        }
    }

    fn finish(mut self) -> CheckReport {
        let rfc3339 = |seconds| jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string());
        self.report.calls = self.calls.len() as u64;
        self.report.call_types = self.types.len() as u64;
        self.report.received_first = self.received.and_then(|(first, _)| rfc3339(first));
        self.report.received_last = self.received.and_then(|(_, last)| rfc3339(last));
        self.report.rejects.sort_by_key(|rejects| std::cmp::Reverse(rejects.rows));
        self.report
    }
}

/// Why a call has no place; `None` if it has one.
fn place(located: Located) -> Option<&'static str> {
    Some(match located {
        Located::At(_) => return None,
        Located::Unreadable => "not_a_number",
        Located::Nowhere(NotAPlace::Missing) => "missing",
        Located::Nowhere(NotAPlace::Placeholder) => "placeholder",
        Located::Nowhere(NotAPlace::OutOfRange) => "out_of_range",
        Located::Nowhere(NotAPlace::OutsideJurisdiction) => "outside_jurisdiction",
    })
}

fn disposition(disposed: Disposed) -> &'static str {
    match disposed {
        Disposed::Absent => "absent",
        Disposed::Mapped => "mapped",
        Disposed::AsWritten => "as_written",
        Disposed::Unknown => "unknown",
    }
}

impl CheckReport {
    /// How many rows would be rejected. A file that cannot be read at all counts as one.
    pub fn rejected(&self) -> u64 {
        self.rejects.iter().map(|rejects| rejects.rows).sum()
    }

    /// Whether everything would be read.
    pub fn is_clean(&self) -> bool {
        self.rejects.is_empty()
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display| {
            writeln!(f, "{name:<24}{value:>10}")
        };
        line(f, "agency", &self.agency)?;
        line(f, "rows read", &self.rows)?;
        line(f, "accepted", &self.accepted)?;
        line(f, "rejected", &self.rejected())?;
        line(f, "different calls", &self.calls)?;
        line(f, "different call types", &self.call_types)?;
        line(f, "with a place", &self.located)?;
        for (why, rows) in &self.unlocated {
            line(f, &format!("no place: {why}"), rows)?;
        }
        for (what, rows) in &self.dispositions {
            line(f, &format!("disposition {what}"), rows)?;
        }
        if let (Some(first), Some(last)) = (&self.received_first, &self.received_last) {
            writeln!(f, "received                {first} to {last}")?;
        }
        writeln!(f, "\nempty in accepted rows")?;
        for (field, rows) in &self.empty {
            line(f, &format!("  {field}"), rows)?;
        }
        for rejects in &self.rejects {
            let colon = if rejects.field.is_empty() { "" } else { ": " };
            writeln!(f, "\nrejected {}: {}{colon}{}", rejects.rows, rejects.field, rejects.problem)?;
            for Example { file, row, line } in &rejects.examples {
                match row {
                    0 => writeln!(f, "  {file}")?,
                    row => writeln!(f, "  {file}:{line}: row {row}")?,
                }
            }
        }
        Ok(())
    }
}
