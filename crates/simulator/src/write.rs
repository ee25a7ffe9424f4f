//! The feed as bytes, as rows of a flat file, as gold answers and as labelled notes.

use std::io::{self, Write};

use callbox_proto_raw::cad::v1::Location;
use jiff::Timestamp;
use prost::Message;
use serde::Serialize;

use crate::gold::{Category, Sensitive, Span, Status};
use crate::stream::Event;

/// The feed profile with which the rows of [`row`] are read back as calls: TOML, for ingest.
pub const PROFILE: &str = include_str!("../data/profile.toml");

/// Appends everything of an event, unambiguously: for comparing feeds byte by byte.
pub fn encode(event: &Event, out: &mut Vec<u8>) {
    out.extend(event.at.to_le_bytes());
    let request_id = event.request_id.as_deref().unwrap_or_default();
    out.extend((request_id.len() as u64).to_le_bytes());
    out.extend(request_id.as_bytes());
    out.extend((event.submission.encoded_len() as u64).to_le_bytes());
    event.submission.encode_raw(out);
    // Writing to a vector does not fail, and gold has neither maps nor foreign types.
    serde_json::to_writer(out, &event.gold).expect("gold becomes JSON");
}

/// A call as a row of a flat file: times in UTC, empty strings for nothing.
#[derive(Serialize)]
struct Row<'a> {
    call_number: &'a str,
    version: Option<u64>,
    received: String,
    updated: String,
    observed: String,
    type_code: &'a str,
    type_description: &'a str,
    initial_type_code: &'a str,
    initial_type_description: &'a str,
    priority: &'a str,
    status: &'a str,
    disposition_code: &'a str,
    disposition: &'a str,
    latitude: Option<f64>,
    longitude: Option<f64>,
    address: &'a str,
    unit: &'a str,
    cross_street: &'a str,
    premises: &'a str,
    beat: &'a str,
    narrative: String,
    caller_name: &'a str,
    caller_phone: &'a str,
    caller_address: &'a str,
    plate: &'a str,
    vin: &'a str,
}

/// Writes one event as a line of NDJSON in a flat form, such as an agency's export has: one narrative, one
/// caller, one vehicle. Repeats and late states are lines like any other.
///
/// # Errors
/// What the writer says.
pub fn row(event: &Event, out: &mut impl Write) -> io::Result<()> {
    let call = &event.submission;
    let location = call.location.as_ref();
    let text = |field: fn(&Location) -> &str| location.map_or("", field);
    let caller = call.persons.iter().find(|person| person.role == "caller");
    let row = Row {
        call_number: &call.source_id,
        version: call.source_version,
        received: time(call.received_time.as_ref()),
        updated: time(call.updated_time.as_ref()),
        observed: time(call.observed_time.as_ref()),
        type_code: &call.type_code,
        type_description: &call.type_description,
        initial_type_code: &call.initial_type_code,
        initial_type_description: &call.initial_type_description,
        priority: &call.priority,
        status: &call.status,
        disposition_code: &call.disposition_code,
        disposition: &call.disposition_description,
        latitude: location.and_then(|it| it.latitude),
        longitude: location.and_then(|it| it.longitude),
        address: text(|it| &it.address),
        unit: text(|it| &it.unit),
        cross_street: text(|it| &it.cross_street),
        premises: text(|it| &it.premises),
        beat: text(|it| &it.beat),
        narrative: narrative(event).text,
        caller_name: caller.map_or("", |person| &person.name),
        caller_phone: caller.and_then(|person| person.phones.first()).map_or("", String::as_str),
        caller_address: caller.map_or("", |person| &person.address),
        vin: call.vehicles.first().map_or("", |vehicle| &vehicle.vin),
        plate: call.vehicles.first().map_or("", |vehicle| &vehicle.plate),
    };
    line(&row, out)
}

/// Writes the gold answers of one event as a line of NDJSON.
///
/// # Errors
/// What the writer says.
pub fn gold(event: &Event, out: &mut impl Write) -> io::Result<()> {
    line(&event.gold, out)
}

/// A labelled narrative, in the form of hand-labelled ones: all notes of a state, one per line.
///
/// It has no `Debug`: its text is raw.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Narrative {
    /// The call's number in the feed and the state's number, such as `sim-17-2`.
    pub id: String,
    /// The notes, joined by line ends.
    pub text: String,
    /// The personal strings in it, in order, in code points.
    pub spans: Vec<Span>,
    /// The category that it tells of, or `none`.
    pub category: &'static str,
    /// The never-publish classes that it is of.
    pub sensitive: &'static [Sensitive],
    /// How it stands.
    pub status: Status,
}

/// The labelled narrative of one state. For one per call take the events whose `gold.last` is set.
pub fn narrative(event: &Event) -> Narrative {
    let mut text = String::with_capacity(event.submission.notes.iter().map(|note| note.text.len() + 1).sum());
    let mut spans = Vec::new();
    let mut offset = 0;
    for (note, marked) in event.submission.notes.iter().zip(&event.gold.notes) {
        if !text.is_empty() {
            text.push('\n');
            offset += 1;
        }
        text.push_str(&note.text);
        let shifted = |span: &Span| Span { start: span.start + offset, end: span.end + offset, ..*span };
        spans.extend(marked.iter().map(shifted));
        offset += u32::try_from(note.text.chars().count()).unwrap_or(u32::MAX);
    }
    let gold = &event.gold;
    Narrative {
        id: format!("sim-{}-{}", gold.call, gold.state),
        text,
        spans,
        category: gold.category.map_or("none", Category::as_str),
        sensitive: gold.sensitive,
        status: gold.status,
    }
}

/// Writes the labelled narrative of one event as a line of JSONL.
///
/// # Errors
/// What the writer says.
pub fn narrative_line(event: &Event, out: &mut impl Write) -> io::Result<()> {
    line(&narrative(event), out)
}

fn line(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// RFC 3339 in UTC; empty for nothing.
fn time(time: Option<&prost_types::Timestamp>) -> String {
    let known = time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok());
    known.map(|time| time.to_string()).unwrap_or_default()
}
