//! Checks a raw call against the limits that its schema documents (`proto/callbox/cad/v1/call.proto`).
//!
//! Errors name the field and what was expected, never the value.

use callbox_proto::domain::{AgencyId, Invalid, Timestamp};
use callbox_proto_raw::cad::v1::{Call, Location, Person, Vehicle};
use prost::Message as _;

/// The largest call, in bytes of its encoding: four of them fit a broker message of 1 MiB (the default limit of NATS)
/// with room for headers. The limits of the single fields already keep real calls far below.
pub const ENCODED_BYTES_MAX: usize = 240 * 1024;

/// 1990-01-01 UTC: no dispatch system in use has older calls, and clocks that were never set are before it.
const EARLIEST_MICROS: i64 = 631_152_000_000_000;
const DAY_SECONDS: i64 = 24 * 60 * 60;
const NOTES_BYTES_MAX: usize = 64 * 1024;

/// Checks a call. `now` stands in for a missing observation time.
///
/// # Errors
/// The first field that is missing, too long or out of range.
pub fn validate(call: &Call, now: Timestamp) -> Result<AgencyId, Invalid> {
    let agency = call.agency.parse().map_err(|error: Invalid| Invalid::new("call.agency", error.problem))?;
    if call.source_id.is_empty() {
        return Err(Invalid::new("call.source_id", "missing"));
    }
    times(call, now)?;
    texts(call)?;
    if let Some(location) = &call.location {
        location_texts(location)?;
    }
    lists(call)?;
    if call.encoded_len() > ENCODED_BYTES_MAX {
        return Err(Invalid::new("call", "larger than 240 KiB"));
    }
    Ok(agency)
}

fn times(call: &Call, now: Timestamp) -> Result<(), Invalid> {
    let between = |field, time: Timestamp, latest: Timestamp, problem| {
        let fits = time.as_micros() >= EARLIEST_MICROS && time <= latest.plus_seconds(DAY_SECONDS);
        if fits { Ok(()) } else { Err(Invalid::new(field, problem)) }
    };
    let observed = match &call.observed_time {
        Some(time) => Timestamp::parse("call.observed_time", time)?,
        None => now,
    };
    let problem = "expected a time from 1990 to one day from now";
    between("call.observed_time", observed, now, problem)?;
    let received = Timestamp::required("call.received_time", call.received_time.as_ref())?;
    let problem = "expected a time from 1990 to one day after the observation";
    between("call.received_time", received, observed, problem)?;
    if let Some(updated) = &call.updated_time {
        // Against the machine's clock, not the observation: a recording shows a call's last state at its first time.
        let updated = Timestamp::parse("call.updated_time", updated)?;
        between("call.updated_time", updated, now, "expected a time from 1990 to one day from now")?;
    }
    call.notes.iter().try_for_each(|note| match &note.written_time {
        Some(time) => Timestamp::parse("call.notes.written_time", time).map(|_| ()),
        None => Ok(()),
    })
}

fn texts(call: &Call) -> Result<(), Invalid> {
    upto_64("call.type_code", &call.type_code)?;
    upto_64("call.initial_type_code", &call.initial_type_code)?;
    upto_64("call.priority", &call.priority)?;
    upto_64("call.status", &call.status)?;
    upto_64("call.disposition_code", &call.disposition_code)?;
    upto_128("call.source_id", &call.source_id)?;
    upto_256("call.type_description", &call.type_description)?;
    upto_256("call.initial_type_description", &call.initial_type_description)?;
    upto_256("call.disposition_description", &call.disposition_description)
}

fn upto_64(field: &'static str, text: &str) -> Result<(), Invalid> {
    length(field, text, 64, "longer than 64 characters")
}

fn upto_128(field: &'static str, text: &str) -> Result<(), Invalid> {
    length(field, text, 128, "longer than 128 characters")
}

fn upto_256(field: &'static str, text: &str) -> Result<(), Invalid> {
    length(field, text, 256, "longer than 256 characters")
}

fn upto_1024(field: &'static str, text: &str) -> Result<(), Invalid> {
    length(field, text, 1_024, "longer than 1024 characters")
}

fn length(field: &'static str, text: &str, max: usize, problem: &'static str) -> Result<(), Invalid> {
    // Bytes bound characters from above, so that most texts are never counted.
    if text.len() <= max || text.chars().count() <= max { Ok(()) } else { Err(Invalid::new(field, problem)) }
}

/// Texts only: a position that is half there, swapped or off the globe is no place, and a call without a place is held,
/// not refused. Refusing it would lose the call for a fault of the source's map.
fn location_texts(location: &Location) -> Result<(), Invalid> {
    upto_1024("call.location.address", &location.address)?;
    upto_256("call.location.unit", &location.unit)?;
    upto_256("call.location.cross_street", &location.cross_street)?;
    upto_256("call.location.premises", &location.premises)?;
    upto_64("call.location.beat", &location.beat)
}

fn lists(call: &Call) -> Result<(), Invalid> {
    at_most("call.persons", call.persons.len(), 64, "more than 64")?;
    at_most("call.vehicles", call.vehicles.len(), 64, "more than 64")?;
    at_most("call.units", call.units.len(), 256, "more than 256")?;
    let bytes = call.notes.iter().map(|note| note.text.len() + note.author.len()).sum();
    at_most("call.notes", bytes, NOTES_BYTES_MAX, "together longer than 64 KiB")?;
    call.persons.iter().try_for_each(person)?;
    call.vehicles.iter().try_for_each(vehicle)?;
    call.units.iter().try_for_each(|unit| upto_64("call.units", unit))
}

fn at_most(field: &'static str, count: usize, max: usize, problem: &'static str) -> Result<(), Invalid> {
    if count <= max { Ok(()) } else { Err(Invalid::new(field, problem)) }
}

fn person(person: &Person) -> Result<(), Invalid> {
    upto_64("call.persons.role", &person.role)?;
    upto_256("call.persons.name", &person.name)?;
    upto_1024("call.persons.address", &person.address)?;
    upto_64("call.persons.birth_date", &person.birth_date)?;
    length("call.persons.medical", &person.medical, 4_096, "longer than 4096 characters")?;
    let lists = [
        ("call.persons.phones", &person.phones),
        ("call.persons.emails", &person.emails),
        ("call.persons.document_numbers", &person.document_numbers),
    ];
    lists.into_iter().try_for_each(|(field, values)| {
        at_most(field, values.len(), 16, "more than 16")?;
        values.iter().try_for_each(|value| upto_256(field, value))
    })
}

fn vehicle(vehicle: &Vehicle) -> Result<(), Invalid> {
    upto_64("call.vehicles.plate", &vehicle.plate)?;
    upto_64("call.vehicles.vin", &vehicle.vin)?;
    upto_256("call.vehicles.description", &vehicle.description)
}

#[cfg(test)]
mod tests {
    use super::validate;
    use callbox_proto::domain::Timestamp;
    use callbox_proto_raw::cad::v1::{Call, Location, Note, Person};

    const NOW: i64 = 1_790_000_000;

    fn at(seconds: i64) -> prost_types::Timestamp {
        prost_types::Timestamp { seconds, nanos: 0 }
    }

    fn call() -> Call {
        Call {
            agency: "simville".into(),
            source_id: "S-1".into(),
            received_time: Some(at(NOW - 60)),
            ..Call::default()
        }
    }

    fn field(change: impl FnOnce(&mut Call)) -> &'static str {
        let mut call = call();
        change(&mut call);
        let now = Timestamp::from_micros(NOW * 1_000_000).unwrap();
        validate(&call, now).map_or_else(|error| error.field, |_| "")
    }

    fn location(latitude: Option<f64>, longitude: Option<f64>) -> Location {
        Location { latitude, longitude, ..Location::default() }
    }

    #[test]
    fn each_limit_names_its_field() {
        assert_eq!(field(|_| {}), "");
        assert_eq!(field(|call| call.agency = "No Slug".into()), "call.agency");
        assert_eq!(field(|call| call.source_id.clear()), "call.source_id");
        assert_eq!(field(|call| call.source_id = "x".repeat(129)), "call.source_id");
        assert_eq!(field(|call| call.received_time = None), "call.received_time");
        assert_eq!(field(|call| call.received_time = Some(at(0))), "call.received_time");
        assert_eq!(field(|call| call.received_time = Some(at(NOW + 90_000))), "call.received_time");
        assert_eq!(field(|call| call.observed_time = Some(at(NOW - 90_000))), "call.received_time");
        assert_eq!(field(|call| call.observed_time = Some(at(NOW + 90_000))), "call.observed_time");
        assert_eq!(field(|call| call.updated_time = Some(at(NOW + 90_000))), "call.updated_time");
        assert_eq!(field(|call| call.type_code = "x".repeat(65)), "call.type_code");
        assert_eq!(
            field(|call| call.disposition_description = "x".repeat(257)),
            "call.disposition_description"
        );
        for (latitude, longitude) in
            [(Some(-99.7), Some(41.9)), (Some(f64::NAN), Some(0.0)), (Some(1.0), None)]
        {
            assert_eq!(
                field(|call| call.location = Some(location(latitude, longitude))),
                "",
                "no place is no mistake"
            );
        }
        assert_eq!(field(|call| call.persons = vec![Person::default(); 65]), "call.persons");
        assert_eq!(field(|call| call.units = vec![String::new(); 257]), "call.units");
        let long = Note { text: "x".repeat(65 * 1024), ..Note::default() };
        assert_eq!(field(|call| call.notes = vec![long]), "call.notes");
    }

    #[test]
    fn characters_count_not_bytes() {
        assert_eq!(field(|call| call.type_code = "é".repeat(64)), "");
        assert_eq!(field(|call| call.type_code = "é".repeat(65)), "call.type_code");
    }

    #[test]
    fn a_recording_may_show_a_state_later_than_its_observation() {
        assert_eq!(
            field(|call| {
                call.received_time = Some(at(NOW - 900_000));
                call.observed_time = Some(at(NOW - 900_000));
                call.updated_time = Some(at(NOW - 500_000));
            }),
            ""
        );
    }
}
