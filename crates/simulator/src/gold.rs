//! The right answers, and the personal strings that must never get out.

use std::borrow::Cow;
use std::sync::Arc;

use callbox_proto_raw::cad::v1::Call;
use serde::Serialize;

/// Makes an enum whose variants have one spelling each, in code, in JSON and in print.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in labelled files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

spelled! {
    /// The eight public categories.
    Category {
        /// Breaking into a building.
        Burglary = "burglary",
        /// Breaking into, or stealing, a vehicle.
        Vehicle = "vehicle",
        /// Taking from a person by force.
        Robbery = "robbery",
        /// Shots, nobody hit.
        ShotsFired = "shots_fired",
        /// Somebody was shot.
        Shooting = "shooting",
        /// Somebody was stabbed.
        Stabbing = "stabbing",
        /// Somebody is held.
        Hostage = "hostage",
        /// A fire that was set.
        Arson = "arson",
    }
}

spelled! {
    /// The classes that are never published.
    Sensitive {
        /// Domestic and family.
        Domestic = "domestic",
        /// Sexual.
        Sexual = "sexual",
        /// Child and juvenile.
        Juvenile = "juvenile",
        /// Suicide and self-harm.
        Suicide = "suicide",
        /// Mental health.
        MentalHealth = "mental_health",
        /// Overdose.
        Overdose = "overdose",
        /// Medical.
        Medical = "medical",
        /// Welfare.
        Welfare = "welfare",
        /// Missing person.
        Missing = "missing",
        /// Stalking and harassment.
        Stalking = "stalking",
        /// Victim of a hate crime.
        HateCrime = "hate_crime",
        /// Officer safety.
        OfficerSafety = "officer_safety",
        /// Warrants.
        Warrant = "warrant",
        /// Stops.
        Stop = "stop",
        /// Test and training.
        Test = "test",
    }
}

spelled! {
    /// What stands behind a call, as far as its text tells.
    Status {
        /// It happens or has just happened.
        Active = "active",
        /// It happened long ago and somebody wants a report.
        ReportOnly = "report_only",
        /// It did not happen.
        Unfounded = "unfounded",
        /// Taken back by the caller.
        Cancelled = "cancelled",
        /// The same as another call.
        Duplicate = "duplicate",
        /// A test or training.
        Test = "test",
    }
}

spelled! {
    /// What is right to do with a state, taken by itself. Between hold and suppress a cautious reader may differ: neither
    /// publishes.
    Expected {
        /// An alert is right.
        Publish = "publish",
        /// Nobody can tell: a person should.
        Hold = "hold",
        /// No alert; one that went out is to be taken back if the call ended so or is of a never-publish class.
        Suppress = "suppress",
    }
}

spelled! {
    /// Why it is right. The first that applies, in this order.
    Because {
        /// A never-publish class.
        NeverPublished = "never_published",
        /// Unfounded, cancelled or duplicate.
        Ended = "ended",
        /// The type says too little.
        UnclearType = "unclear_type",
        /// None of the eight categories.
        NoCategory = "no_category",
        /// Only a report of something long past.
        ReportOnly = "report_only",
        /// Received more than two hours before it was first seen.
        Cold = "cold",
        /// No usable position.
        NoPlace = "no_place",
        /// Nothing speaks against it.
        Publishable = "publishable",
    }
}

spelled! {
    /// What an event is to its call.
    Change {
        /// The first state.
        Opened = "opened",
        /// A new note.
        Notes = "notes",
        /// Another type.
        Retyped = "retyped",
        /// Another place.
        Moved = "moved",
        /// The end.
        Closed = "closed",
        /// Active after its end.
        Reopened = "reopened",
        /// A state that was sent before, byte for byte.
        Repeated = "repeated",
    }
}

spelled! {
    /// Kinds of personal strings, with the spelling that redaction uses.
    SpanKind {
        /// A person's name.
        Name = "NAME",
        /// A telephone number.
        Phone = "PHONE",
        /// An address with a house number (or, optional, less).
        Address = "ADDRESS",
        /// A position.
        Gps = "GPS",
        /// A date of birth.
        Dob = "DOB",
        /// An age.
        Age = "AGE",
        /// A social security number.
        Ssn = "SSN",
        /// A driving licence.
        License = "LICENSE",
        /// A vehicle's plate.
        Plate = "PLATE",
        /// A vehicle identification number.
        Vin = "VIN",
        /// A mail address.
        Email = "EMAIL",
        /// A medical fact.
        Medical = "MEDICAL",
        /// A network address.
        Ip = "IP",
        /// A web address.
        Url = "URL",
        /// A case, policy, card or door number.
        Account = "ACCOUNT",
        /// An officer, operator or unit.
        Officer = "OFFICER",
    }
}

/// A personal string in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins, in Unicode code points.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: SpanKind,
    /// Whether leaving it would not identify anybody: a hundred block, a crossing, a unit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// The answers to one event. Holds no personal string, only where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gold {
    /// The number of the call in this feed.
    pub call: u64,
    /// The number of the call's state at its source, from 0. A repeat has the number of what it repeats.
    pub state: u32,
    /// What happened, such as `shots_fired` or `domestic_stabbing`.
    pub kind: &'static str,
    /// What the event is to its call.
    pub change: Change,
    /// The public category, if any, that this state tells of, even where it must not be published.
    pub category: Option<Category>,
    /// The never-publish classes of this state.
    pub sensitive: &'static [Sensitive],
    /// How this state stands.
    pub status: Status,
    /// What is right to do with this state, if it is the newest.
    pub expected: Expected,
    /// Why.
    pub because: Because,
    /// Whether a newer state, or this one, had arrived before: it changes nothing then.
    pub stale: bool,
    /// Whether no further event of this call follows.
    pub last: bool,
    /// What is right when all states have arrived.
    pub final_expected: Expected,
    /// How the call ends.
    pub final_status: Status,
    /// Whether the location's address names one house.
    pub exact_address: bool,
    /// The personal strings of each note, in the order of the call's notes.
    #[serde(serialize_with = "note_spans")]
    pub notes: Vec<Arc<[Span]>>,
}

fn note_spans<S: serde::Serializer>(notes: &[Arc<[Span]>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(notes.iter().map(|spans| &spans[..]))
}

/// A personal string somewhere in a call.
///
/// Only the tests that search for it ever print it: it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Planted<'a> {
    /// What it is.
    pub kind: SpanKind,
    /// The field it stands in.
    pub field: &'static str,
    /// The string as it stands there; a coordinate with six decimals.
    pub text: Cow<'a, str>,
}

impl Planted<'_> {
    /// Whether finding it elsewhere can hardly be chance, so that a search over arbitrary bytes may rely on it: four
    /// digits within at least seven characters, or a name of two words and nine characters.
    pub fn is_distinctive(&self) -> bool {
        let digits = self.text.bytes().filter(u8::is_ascii_digit).count();
        match self.kind {
            SpanKind::Age | SpanKind::Medical => false,
            SpanKind::Name => self.text.len() >= 9 && self.text.contains([' ', '/']),
            SpanKind::Address => digits >= 3 && self.text.len() >= 10,
            SpanKind::Email | SpanKind::Url => true,
            _ => digits >= 4 && self.text.len() >= 7,
        }
    }
}

/// Every personal string of `call`, in its fields and its notes.
pub(crate) fn planted<'a>(call: &'a Call, gold: &Gold) -> Vec<Planted<'a>> {
    let mut found = Finder(Vec::with_capacity(32));
    found.add(SpanKind::Account, "source_id", &call.source_id);
    if let Some(location) = &call.location {
        for micro in
            [location.latitude, location.longitude].into_iter().flatten().filter(|&it| it.abs() > 1.0)
        {
            let text = Cow::Owned(format!("{micro:.6}"));
            found.0.push(Planted { kind: SpanKind::Gps, field: "location", text });
        }
        if gold.exact_address {
            found.add(SpanKind::Address, "location.address", &location.address);
        }
    }
    for person in &call.persons {
        found.add(SpanKind::Name, "persons.name", &person.name);
        found.add(SpanKind::Address, "persons.address", &person.address);
        found.add(SpanKind::Dob, "persons.birth_date", &person.birth_date);
        found.add(SpanKind::Medical, "persons.medical", &person.medical);
        person.phones.iter().for_each(|it| found.add(SpanKind::Phone, "persons.phones", it));
        person.emails.iter().for_each(|it| found.add(SpanKind::Email, "persons.emails", it));
        person
            .document_numbers
            .iter()
            .for_each(|it| found.add(SpanKind::License, "persons.document_numbers", it));
    }
    for vehicle in &call.vehicles {
        found.add(SpanKind::Plate, "vehicles.plate", &vehicle.plate);
        found.add(SpanKind::Vin, "vehicles.vin", &vehicle.vin);
    }
    for (note, spans) in call.notes.iter().zip(&gold.notes) {
        found.add(SpanKind::Officer, "notes.author", &note.author);
        for span in spans.iter().filter(|span| !span.optional) {
            found.add(span.kind, "notes.text", slice(&note.text, span));
        }
    }
    found.0
}

struct Finder<'a>(Vec<Planted<'a>>);

impl<'a> Finder<'a> {
    fn add(&mut self, kind: SpanKind, field: &'static str, text: &'a str) {
        if !text.is_empty() {
            self.0.push(Planted { kind, field, text: Cow::Borrowed(text) });
        }
    }
}

/// The part of `text` that a span means; empty if it lies outside.
pub fn slice<'a>(text: &'a str, span: &Span) -> &'a str {
    let mut offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let start = offsets.nth(span.start as usize);
    let end = match span.end.checked_sub(span.start) {
        None => None,
        Some(0) => start,
        Some(more) => offsets.nth(more as usize - 1),
    };
    start.zip(end).and_then(|(start, end)| text.get(start..end)).unwrap_or_default()
}
