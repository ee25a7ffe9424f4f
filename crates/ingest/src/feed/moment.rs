//! Times as feeds write them.
//!
//! Formats are tried in order; each is one of
//!
//! - `iso8601`: date and time with `T` or a space between, with or without fraction and UTC offset;
//! - `epoch_seconds`, `epoch_millis`: a whole number, also written with `.0`;
//! - `cad_stamp`: fourteen digits and a two-letter zone, such as `20260930050359CD` for Central Daylight time. The
//!   letters are those of dispatch systems: E, C, M, P, A, H for the zone and S or D for standard or daylight time;
//! - anything else: a pattern of `strptime`.
//!
//! A time without an offset is local to the profile's zone. Where clocks are put back it occurs twice: `ambiguous` says
//! which one is meant. Where they are put forward it does not exist, and counts as that much later.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::{Disambiguation, Offset, TimeZone};

use super::cells::Cells;
use super::columns::Columns;
use super::document::{Node, Notes};
use super::expression::Expression;

/// One way to write a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Iso8601,
    EpochSeconds,
    EpochMillis,
    CadStamp,
    Pattern(String),
}

impl Form {
    fn parse(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<Self> {
        let text = node.text(notes)?;
        Some(match text {
            "iso8601" => Self::Iso8601,
            "epoch_seconds" => Self::EpochSeconds,
            "epoch_millis" => Self::EpochMillis,
            "cad_stamp" => Self::CadStamp,
            pattern if pattern.contains('%') => {
                // Formatting is the only way to ask whether a pattern is one.
                if strtime::format(pattern, &Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC)).is_err()
                {
                    notes.add(node.at, "the time format is not a strptime pattern");
                    return None;
                }
                Self::Pattern(pattern.to_owned())
            }
            _ => {
                let known = "iso8601, epoch_seconds, epoch_millis, cad_stamp or a strptime pattern";
                notes.add(node.at, format!("unknown time format; expected {known}"));
                return None;
            }
        })
    }

    /// How the format is called.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Iso8601 => "iso8601",
            Self::EpochSeconds => "epoch_seconds",
            Self::EpochMillis => "epoch_millis",
            Self::CadStamp => "cad_stamp",
            Self::Pattern(pattern) => pattern,
        }
    }

    fn read(&self, text: &str, clock: &Clock) -> Option<Timestamp> {
        match self {
            Self::Iso8601 => {
                text.parse::<Timestamp>().ok().or_else(|| clock.local(text.parse::<DateTime>().ok()?))
            }
            Self::EpochSeconds => Timestamp::from_second(whole(text)?).ok(),
            Self::EpochMillis => Timestamp::from_millisecond(whole(text)?).ok(),
            Self::CadStamp => cad_stamp(text),
            Self::Pattern(pattern) => {
                let parsed = strtime::parse(pattern, text).ok()?;
                match parsed.offset() {
                    Some(_) => parsed.to_timestamp().ok(),
                    None => clock.local(parsed.to_datetime().ok()?),
                }
            }
        }
    }
}

/// A whole number, also where a spreadsheet or a float column put `.0` behind it.
fn whole(text: &str) -> Option<i64> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    fraction.bytes().all(|byte| byte == b'0').then(|| digits.parse().ok()).flatten()
}

/// Fourteen digits and a zone of two letters.
fn cad_stamp(text: &str) -> Option<Timestamp> {
    let (digits, zone) = text.split_at_checked(14)?;
    let standard = match zone.as_bytes().first()? {
        b'A' => -4,
        b'E' => -5,
        b'C' => -6,
        b'M' => -7,
        b'P' => -8,
        b'H' => -10,
        _ => return None,
    };
    let hours = match zone.get(1..)? {
        "S" => standard,
        "D" => standard + 1,
        _ => return None,
    };
    let local = strtime::parse("%Y%m%d%H%M%S", digits).ok()?.to_datetime().ok()?;
    Offset::constant(hours).to_timestamp(local).ok()
}

/// The zone in which an agency's clocks run.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// The zone.
    pub(super) zone: TimeZone,
    /// Which of two times is meant where the clock is put back.
    pub(super) ambiguous: Disambiguation,
}

impl Clock {
    fn local(&self, time: DateTime) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(time).disambiguate(self.ambiguous).ok()
    }
}

/// A time of a call: where it stands and how it is written.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// Where.
    pub(super) of: Expression,
    /// How, in the order of trying.
    pub(super) forms: Vec<Form>,
}

impl Moment {
    /// Parses an expression, or `{ of = …, formats = […] }` for formats of its own.
    pub(super) fn parse(
        node: Node<'_, '_>,
        name: &str,
        default_forms: &[Form],
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        let own = node
            .as_table(name)
            .and_then(|mut table| table.optional("formats").map(|formats| (table, formats)));
        let Some((mut table, formats)) = own else {
            let of = Expression::parse(node, name, columns, notes)?;
            return Some(Self { of, forms: default_forms.to_vec() });
        };
        let of = table.required("of", "where the time stands", notes);
        table.finish(notes);
        let forms = forms(formats, notes);
        Some(Self { of: Expression::parse(of?, name, columns, notes)?, forms: forms? })
    }

    /// The time in a row: `None` where there is no value.
    ///
    /// # Errors
    /// If there is a value that none of the formats reads.
    pub(super) fn value(&self, cells: &Cells<'_>, clock: &Clock) -> Result<Option<Timestamp>, ()> {
        let Some(text) = self.of.value(cells) else { return Ok(None) };
        self.forms.iter().find_map(|form| form.read(&text, clock)).map(Some).ok_or(())
    }

    /// The names of the formats.
    pub(super) fn form_names(&self) -> String {
        self.forms.iter().map(Form::name).collect::<Vec<_>>().join(", ")
    }
}

/// Parses a list of formats; `None` if one is not a format.
pub(super) fn forms(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<Vec<Form>> {
    let forms: Vec<_> = node.items().into_iter().map(|item| Form::parse(item, notes)).collect();
    if forms.is_empty() {
        notes.add(node.at, "expected at least one time format");
    }
    forms.into_iter().collect::<Option<Vec<_>>>().filter(|forms| !forms.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Clock, Form};
    use jiff::tz::{Disambiguation, TimeZone};

    fn read(form: &Form, text: &str, ambiguous: Disambiguation) -> Option<String> {
        let clock = Clock { zone: TimeZone::get("America/Chicago").unwrap(), ambiguous };
        form.read(text, &clock).map(|time| time.to_string())
    }

    #[test]
    fn every_form_is_read() {
        let pattern = |text: &str| Form::Pattern(text.to_owned());
        for (form, text, expected) in [
            (Form::Iso8601, "2026-09-30T05:03:59.250", "2026-09-30T10:03:59.25Z"),
            (Form::Iso8601, "2026-09-30 05:03:59", "2026-09-30T10:03:59Z"),
            (Form::Iso8601, "2026-01-30T05:03:59-05:00", "2026-01-30T10:03:59Z"),
            (Form::EpochSeconds, "1790762639", "2026-09-30T10:03:59Z"),
            (Form::EpochMillis, "1790762639000.0", "2026-09-30T10:03:59Z"),
            (Form::CadStamp, "20260930050359CD", "2026-09-30T10:03:59Z"),
            (Form::CadStamp, "20260130050359PS", "2026-01-30T13:03:59Z"),
            (pattern("%m/%d/%Y %H:%M"), "9/3/2026 06:33", "2026-09-03T11:33:00Z"),
            (pattern("%m/%d/%Y %I:%M:%S %p"), "03/25/2016 11:58:30 PM", "2016-03-26T04:58:30Z"),
            (
                pattern("%m/%d/%Y 12:00:00 AM %H:%M:%S"),
                "6/14/2022 12:00:00 AM 13:17:04",
                "2022-06-14T18:17:04Z",
            ),
            (pattern("%Y-%m-%d %H%M"), "2026-09-30 0503", "2026-09-30T10:03:00Z"),
            (pattern("%Y-%m-%dT%H:%M:%S%z"), "2026-09-30T05:03:59+0200", "2026-09-30T03:03:59Z"),
        ] {
            assert_eq!(read(&form, text, Disambiguation::Compatible).as_deref(), Some(expected), "{form:?}");
        }
        for (form, text) in [
            (Form::EpochMillis, "1790762639000.5"),
            (Form::EpochSeconds, "soon"),
            (Form::CadStamp, "20260930050359XD"),
            (Form::CadStamp, "2026093005035"),
            (Form::CadStamp, "20260930050359C"),
            (Form::Iso8601, "2026-13-01 00:00:00"),
            (pattern("%m/%d/%Y"), "13/40/2026"),
        ] {
            assert_eq!(read(&form, text, Disambiguation::Compatible), None, "{form:?}");
        }
    }

    #[test]
    fn clocks_put_back_and_forward() {
        let fold = "2026-11-01 01:30:00";
        for (ambiguous, expected) in [
            (Disambiguation::Compatible, Some("2026-11-01T06:30:00Z")),
            (Disambiguation::Later, Some("2026-11-01T07:30:00Z")),
            (Disambiguation::Reject, None),
        ] {
            assert_eq!(read(&Form::Iso8601, fold, ambiguous).as_deref(), expected);
        }
        let gap = "2026-03-08 02:30:00";
        let later = read(&Form::Iso8601, gap, Disambiguation::Compatible);
        assert_eq!(later.as_deref(), Some("2026-03-08T08:30:00Z"), "half past three, daylight time");
        assert_eq!(
            read(&Form::CadStamp, "20261101013000CS", Disambiguation::Compatible).as_deref(),
            Some("2026-11-01T07:30:00Z")
        );
    }
}
