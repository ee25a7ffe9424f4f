//! The projection: an allow-list of what leaves a raw call.
//!
//! Persons, callers, vehicles, premises, medical facts, units and the caller's location have no field to go to. What they
//! hold is used once, here: as values that must go from every text of the record.

use std::collections::HashMap;

use callbox_place::Jurisdiction;
use callbox_proto::bus::v1 as bus;
use callbox_proto::domain::{Order, Position, Timestamp};
use callbox_proto::incident::v1::Incident;
use callbox_proto_raw::cad::v1::{Call, Location};

use crate::{Engine, Known, Mode};

/// The longest call type, status, priority or disposition that goes on, in characters. What is longer is a narrative in
/// the wrong field, and is treated like one.
const LABEL_CHARS_MAX: usize = 80;

/// What applies to one agency.
#[derive(Default)]
pub struct AgencyRules {
    /// Where its calls can be.
    pub jurisdiction: Jurisdiction,
    /// Whether its agreement lets scrubbed narratives go to classify.
    pub narratives: bool,
}

/// Which record is projected.
pub(super) struct Subject<'a> {
    pub record: &'a bus::Record,
    pub agency: &'a str,
    pub place: Place,
}

/// Where it stood in `RAW`.
pub(super) struct Place {
    pub position: Position,
    pub index: u32,
}

/// What leaves a raw call.
pub(super) struct Projection {
    pub incident: Incident,
    /// Scrubbed in strict mode; empty where there is none.
    pub narrative: String,
}

/// Projects calls.
pub struct Projector {
    engine: Engine,
    agencies: HashMap<String, AgencyRules>,
}

impl Projector {
    /// A projector for these agencies. Calls of others get no place and keep no narrative.
    pub fn new(engine: Engine, agencies: HashMap<String, AgencyRules>) -> Self {
        Self { engine, agencies }
    }

    /// Projects one call, or says why it is no call.
    pub(super) fn project(&self, call: &Call, subject: &Subject<'_>) -> Result<Projection, &'static str> {
        if call.agency != subject.agency {
            return Err("agency_mismatch");
        }
        let received =
            Timestamp::required("received_time", call.received_time.as_ref()).map_err(|_| "invalid_time")?;
        let accepted =
            Timestamp::required("observed_time", call.observed_time.as_ref()).map_err(|_| "invalid_time")?;
        let updated = call.updated_time.as_ref().map(|time| Timestamp::parse("updated_time", time));
        let updated = updated.transpose().map_err(|_| "invalid_time")?;
        let updated_micros = updated.map(|time| u64::try_from(time.as_micros()).unwrap_or_default());
        let rules = self.agencies.get(subject.agency);
        let known = known_values(call);
        let position = call.location.as_ref().map(|location| (location.latitude, location.longitude));
        let (latitude, longitude) = position.unwrap_or_default();
        let places = rules.map(|rules| rules.jurisdiction.places(latitude, longitude)).unwrap_or_default();
        let order = Order {
            source_order: call.source_version.or(updated_micros).unwrap_or_default(),
            position: subject.place.position,
            index: subject.place.index,
        };
        let label = |text: &str| self.label(text, &known);
        let incident = Incident {
            incident: subject.record.incident.clone(),
            agency: subject.agency.to_owned(),
            submission_id: subject.record.submission_id.clone(),
            order: Some(order.into()),
            received_time: Some(received.to_proto()),
            updated_time: updated.map(Timestamp::to_proto),
            accepted_time: Some(accepted.to_proto()),
            type_code: label(&call.type_code),
            type_description: label(&call.type_description),
            initial_type_code: label(&call.initial_type_code),
            initial_type_description: label(&call.initial_type_description),
            priority: label(&call.priority),
            status: label(&call.status),
            disposition: label(&join(&[&call.disposition_code, &call.disposition_description], " ")),
            property_place: places.property.map(Into::into),
            person_place: places.person.map(Into::into),
        };
        let narrative = match rules {
            Some(AgencyRules { narratives: true, .. }) => self.narrative(call, &known),
            _ => String::new(),
        };
        Ok(Projection { incident, narrative })
    }

    /// A call type or the like: short, of the agency's own lists, and yet nobody promises that no name stands in it.
    fn label(&self, text: &str, known: &Known) -> String {
        if text.is_empty() {
            return String::new();
        }
        let mode = if text.chars().count() <= LABEL_CHARS_MAX { Mode::Balanced } else { Mode::Strict };
        self.engine.redact(text, known, mode).text
    }

    /// All notes as one text, scrubbed.
    fn narrative(&self, call: &Call, known: &Known) -> String {
        let notes: Vec<&str> = call.notes.iter().map(|note| note.text.as_str()).collect();
        let text = join(&notes, "\n");
        if text.is_empty() { text } else { self.engine.redact(&text, known, Mode::Strict).text }
    }
}

/// Everything that the record's own fields say of people and places.
fn known_values(call: &Call) -> Known {
    let persons = call.persons.iter().flat_map(|person| {
        let values = [
            ("name", &person.name),
            ("address", &person.address),
            ("other", &person.birth_date),
            ("other", &person.medical),
        ];
        let phones = person.phones.iter().map(|phone| ("phone", phone));
        let others = person.emails.iter().chain(&person.document_numbers).map(|value| ("other", value));
        values.into_iter().chain(phones).chain(others).collect::<Vec<_>>()
    });
    let vehicles =
        call.vehicles.iter().flat_map(|vehicle| [("other", &vehicle.plate), ("other", &vehicle.vin)]);
    let places = call.location.iter().flat_map(|Location { address, unit, premises, .. }| {
        [("address", address), ("other", unit), ("other", premises)]
    });
    let authors = call.notes.iter().map(|note| ("name", &note.author));
    let all = persons.chain(vehicles).chain(places).chain(authors);
    Known::from_pairs(all.map(|(kind, value)| (kind, value.as_str())).filter(|(_, value)| !value.is_empty()))
}

/// The texts that are not empty, joined.
fn join(texts: &[impl AsRef<str>], separator: &str) -> String {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).filter(|text| !text.is_empty()).collect();
    texts.join(separator)
}
