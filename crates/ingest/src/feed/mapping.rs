//! From a row's cells to a call.

use callbox_place::Jurisdiction;
use callbox_proto::domain::Timestamp;
use callbox_proto_raw::cad::v1::Call;

use super::cells::Cells;
use super::expression::Expression;
use super::fields::{CallFields, Meanings, TEXT_FIELDS, TextField};
use super::lists::{Entry, NoteItem, PersonItem, VehicleItem};
use super::moment::{Clock, Moment};
use super::position::Located;
use super::profile::Profile;
use super::reader::Problem;
use crate::validate::validate;

/// How a row becomes a call.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    pub(super) call: CallFields,
    pub(super) notes: Vec<Entry<NoteItem>>,
    pub(super) persons: Vec<Entry<PersonItem>>,
    pub(super) vehicles: Vec<Entry<VehicleItem>>,
    pub(super) statuses: Meanings,
    pub(super) dispositions: Meanings,
}

/// What became of a disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposed {
    /// There is none.
    Absent,
    /// The profile says what it means.
    Mapped,
    /// The agency's own words stand.
    AsWritten,
    /// A code alone, whose meaning the profile does not know.
    Unknown,
}

/// A row that became a call.
pub(super) struct Mapped {
    pub(super) call: Call,
    pub(super) located: Located,
    pub(super) disposed: Disposed,
}

/// What was wrong in a row, and in which field.
pub(super) struct Flaw {
    pub(super) field: &'static str,
    pub(super) problem: Problem,
}

impl Mapping {
    /// The call that a row tells.
    pub(super) fn call(&self, cells: &Cells<'_>, profile: &Profile, now: Timestamp) -> Result<Mapped, Flaw> {
        let (columns, clock) = (&profile.scope.columns, &profile.clock);
        let missing = |field, of: &Expression| Flaw { field, problem: Problem::missing(of, columns) };
        let mut call = Call { agency: profile.agency.to_string(), ..Call::default() };
        call.source_id = match self.call.source_id.value(cells) {
            Some(id) => id.into_owned(),
            None => return Err(missing("source_id", &self.call.source_id)),
        };
        call.source_version = self.version(cells)?;
        call.received_time = moment("received_time", &self.call.received_time, cells, clock)?;
        if call.received_time.is_none() {
            return Err(missing("received_time", &self.call.received_time.of));
        }
        if let Some(updated) = &self.call.updated_time {
            call.updated_time = moment("updated_time", updated, cells, clock)?;
        }
        for (field, expression) in &self.call.texts {
            if let Some(value) = expression.value(cells) {
                *(TEXT_FIELDS[*field].slot)(&mut call) = value.into_owned();
            }
        }
        let disposed = self.meanings(&mut call);
        let located = self.locate(cells, &profile.jurisdiction, &mut call);
        self.lists(cells, clock, &mut call)?;
        validate(&call, now).map_err(|invalid| Flaw {
            field: invalid.field.strip_prefix("call.").unwrap_or(invalid.field),
            problem: Problem::Invalid(invalid.problem),
        })?;
        Ok(Mapped { call, located, disposed })
    }

    fn version(&self, cells: &Cells<'_>) -> Result<Option<u64>, Flaw> {
        let Some(value) = self.call.source_version.as_ref().and_then(|version| version.value(cells)) else {
            return Ok(None);
        };
        let (digits, fraction) = value.split_once('.').unwrap_or((&value, ""));
        let whole = fraction.bytes().all(|byte| byte == b'0').then(|| digits.parse().ok()).flatten();
        whole.map(Some).ok_or(Flaw { field: "source_version", problem: Problem::Number })
    }

    /// Puts the words of the profile in the place of the agency's own, where it has some.
    fn meanings(&self, call: &mut Call) -> Disposed {
        if let Some(meaning) = self.statuses.of(&call.status) {
            meaning.clone_into(&mut call.status);
        }
        let code = self.dispositions.of(&call.disposition_code);
        if let Some(meaning) = code.or_else(|| self.dispositions.of(&call.disposition_description)) {
            meaning.clone_into(&mut call.disposition_description);
            Disposed::Mapped
        } else if !call.disposition_description.is_empty() {
            Disposed::AsWritten
        } else if call.disposition_code.is_empty() {
            Disposed::Absent
        } else {
            Disposed::Unknown
        }
    }

    fn locate(&self, cells: &Cells<'_>, jurisdiction: &Jurisdiction, call: &mut Call) -> Located {
        let missing = Located::Nowhere(callbox_place::NotAPlace::Missing);
        let located =
            self.call.position.as_ref().map_or(missing, |position| position.value(cells, jurisdiction));
        if let Located::At(point) = located {
            let location = call.location.get_or_insert_default();
            location.latitude = Some(point.latitude);
            location.longitude = Some(point.longitude);
        }
        located
    }

    fn lists(&self, cells: &Cells<'_>, clock: &Clock, call: &mut Call) -> Result<(), Flaw> {
        if let Some(units) = &self.call.units {
            call.units = units.value(cells);
        }
        for entry in &self.notes {
            entry.make(cells, clock, &mut call.notes)?;
        }
        // A note without a time keeps its place: then the whole list stays as it is.
        if call.notes.iter().all(|note| note.written_time.is_some()) {
            call.notes.sort_by_key(|note| note.written_time.map(|time| (time.seconds, time.nanos)));
        }
        for entry in &self.persons {
            entry.make(cells, clock, &mut call.persons)?;
        }
        for entry in &self.vehicles {
            entry.make(cells, clock, &mut call.vehicles)?;
        }
        Ok(())
    }

    /// The fields without which no row is a call, each with where it comes from.
    pub(super) fn required(&self) -> [(&'static str, &Expression); 2] {
        [("source_id", &self.call.source_id), ("received_time", &self.call.received_time.of)]
    }

    /// The names of the mapped fields, each with whether a call holds nothing in it.
    pub(super) fn empty_fields(&self, call: &mut Call) -> Vec<(&'static str, bool)> {
        let mut fields = Vec::new();
        if self.call.source_version.is_some() {
            fields.push(("source_version", call.source_version.is_none()));
        }
        if self.call.updated_time.is_some() {
            fields.push(("updated_time", call.updated_time.is_none()));
        }
        for (field, _) in &self.call.texts {
            let TextField { name, slot } = &TEXT_FIELDS[*field];
            fields.push((*name, slot(call).is_empty()));
        }
        if self.call.units.is_some() {
            fields.push(("units", call.units.is_empty()));
        }
        if !self.notes.is_empty() {
            fields.push(("notes", call.notes.is_empty()));
        }
        if !self.persons.is_empty() {
            fields.push(("persons", call.persons.is_empty()));
        }
        if !self.vehicles.is_empty() {
            fields.push(("vehicles", call.vehicles.is_empty()));
        }
        fields
    }
}

/// A time of a row in the message form.
pub(super) fn moment(
    field: &'static str,
    moment: &Moment,
    cells: &Cells<'_>,
    clock: &Clock,
) -> Result<Option<prost_types::Timestamp>, Flaw> {
    match moment.value(cells, clock) {
        Ok(time) => Ok(time.map(|time| prost_types::Timestamp {
            seconds: time.as_second(),
            // Negative only before 1970, which is refused anyway.
            nanos: time.subsec_nanosecond().max(0),
        })),
        Err(()) => Err(Flaw { field, problem: Problem::Time { formats: moment.form_names() } }),
    }
}
