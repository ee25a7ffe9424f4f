//! Feed profiles: how one agency writes its calls.
//!
//! ```toml
//! agency = "simville"                     # the agency's slug
//! name = "Simville"                       # its name, as the public reads it
//! format = "csv"                          # csv, json or ndjson; a list lets each file's extension choose
//! fallback_encoding = "windows-1252"      # for CSV that is not UTF-8; absent: such a row is an error
//! code_map = "../maps/simville.toml"      # what its call types mean; relative to the profile
//! unlocated = "hold"                      # or "agency_area": what happens to a call without a place
//! nulls = ["NA", "Not recorded"]          # what it writes for nothing, besides an empty cell and null
//!
//! [time]
//! zone = "America/Chicago"
//! formats = ["iso8601"]                   # tried in order
//! ambiguous = "earlier"                   # or "later", "refuse": an hour that the clocks repeat
//!
//! [bounds]                                # positions outside are no place
//! south = 41.0
//! west = -101.0
//! north = 42.0
//! east = -100.0
//!
//! [[placeholders]]                        # a position that stands for none, such as the centre of the city
//! latitude = 41.5
//! longitude = -100.5
//!
//! [aliases]                               # other names of a column: headers drift
//! "Event Number" = ["Incident No"]
//!
//! [column_nulls]                          # what a single column writes for nothing
//! Cleared = ["00:00:00"]
//!
//! [call]
//! source_id = "Event Number"
//! received_time = { of = { template = "{Date} {Time}" }, formats = ["%m/%d/%Y %H:%M"] }
//! type_code = { template = "{Code}{Suffix}" }
//! type_description = ["Final Type", "Initial Type"]
//! latitude = "Lat"
//! longitude = "Lon"
//! units = { of = "Units", split = "," }
//!
//! [meanings.disposition]                  # in words that the classifier understands
//! cancelled = ["11", "11C"]
//!
//! [[notes]]
//! text = "Remarks"
//! ```

use std::path::{Path, PathBuf};

use callbox_place::jurisdiction::Bounds;
use callbox_place::{Jurisdiction, Unlocated};
use callbox_proto::domain::{AgencyId, LatLon};
use encoding_rs::Encoding;
use jiff::tz::{Disambiguation, TimeZone};
use toml::de::DeTable;

use super::cells::Scope;
use super::document::{Mistake, Node, Notes, ProfileErrors, Table, nearest};
use super::fields::{CallFields, Meanings};
use super::lists::Entry;
use super::mapping::Mapping;
use super::moment::{self, Clock, Form};

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// One JSON document: a list of records, or an object with a list `features`, as ArcGIS and GeoJSON write it.
    Json,
    /// One JSON record a line.
    Ndjson,
}

impl Format {
    fn parse(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<Self> {
        match node.text(notes)? {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" => Some(Self::Ndjson),
            _ => {
                notes.add(node.at, "unknown format; expected csv, json or ndjson");
                None
            }
        }
    }

    /// Whether a file of that extension has this format.
    pub(super) fn has_extension(self, extension: &str) -> bool {
        let known: &[&str] = match self {
            Self::Csv => &["csv"],
            Self::Json => &["json", "geojson"],
            Self::Ndjson => &["ndjson", "jsonl"],
        };
        known.iter().any(|known| known.eq_ignore_ascii_case(extension))
    }
}

/// How one agency writes its calls.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The agency.
    pub agency: AgencyId,
    /// Its name, as the public reads it.
    pub name: String,
    /// The name of its time zone in the IANA database.
    pub time_zone: String,
    /// The formats of its files, the usual one first. Never empty.
    pub formats: Vec<Format>,
    /// Its code map's file, if it has one.
    pub code_map: Option<PathBuf>,
    /// Where its calls can be, and what happens to one without a place.
    pub jurisdiction: Jurisdiction,
    pub(super) fallback: Option<&'static Encoding>,
    pub(super) clock: Clock,
    pub(super) scope: Scope,
    pub(super) mapping: Mapping,
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Every mistake in it, each with its line.
    pub fn load(path: &Path) -> Result<Self, ProfileErrors> {
        let errors = |mistakes| ProfileErrors { file: path.to_path_buf(), mistakes };
        let text = std::fs::read_to_string(path).map_err(|error| {
            errors(vec![Mistake { line: 1, problem: format!("cannot be read: {error}") }])
        })?;
        let mut profile = Self::parse(&text).map_err(errors)?;
        if let (Some(map), Some(base)) = (&mut profile.code_map, path.parent()) {
            *map = base.join(&map);
        }
        Ok(profile)
    }

    /// Parses the text of a profile. Its code map's path stays as it is written.
    ///
    /// # Errors
    /// Every mistake in it, each with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut notes = Notes::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            notes.add(error.span().map_or(0, |span| span.start), error.message().to_owned());
        }
        if !notes.is_empty() {
            return Err(notes.finish());
        }
        let mut table = Table::new("", document.get_ref(), 0);
        let profile = Self::read(&mut table, &mut notes);
        table.finish(&mut notes);
        match profile {
            Some(profile) if notes.is_empty() => Ok(profile),
            _ => Err(notes.finish()),
        }
    }

    fn read(table: &mut Table<'_, '_>, notes: &mut Notes<'_>) -> Option<Self> {
        let agency =
            table.required("agency", "the agency's slug", notes).and_then(|node| agency(node, notes));
        let name = table.required("name", "the agency's name, as the public reads it", notes);
        let name = name.and_then(|node| node.text(notes));
        let formats =
            table.required("format", "csv, json or ndjson", notes).and_then(|node| formats(node, notes));
        let fallback = table.optional("fallback_encoding").and_then(|node| encoding(node, notes));
        let code_map = table.optional("code_map").and_then(|node| node.text(notes)).map(PathBuf::from);
        let jurisdiction = jurisdiction(table, notes);
        let nulls = table.optional("nulls").map(|node| node.texts(notes)).unwrap_or_default();
        let mut scope =
            Scope { nulls: nulls.iter().map(|null| null.to_lowercase()).collect(), ..Scope::default() };
        let time = time(table, notes);
        let forms = time.as_ref().map(|time| time.forms.as_slice()).unwrap_or_default();
        let mapping = mapping(table, forms, &mut scope, notes);
        names(table, &mut scope, notes);
        let time = time?;
        Some(Self {
            agency: agency?,
            name: name?.to_owned(),
            time_zone: time.zone_name,
            formats: formats?,
            code_map,
            jurisdiction: jurisdiction?,
            fallback,
            clock: time.clock,
            scope,
            mapping: mapping?,
        })
    }
}

fn agency(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<AgencyId> {
    let parsed = node.text(notes)?.parse::<AgencyId>();
    parsed.map_err(|error| notes.add(node.at, error.to_string())).ok()
}

fn formats(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<Vec<Format>> {
    let formats: Vec<_> = node.items().into_iter().map(|item| Format::parse(item, notes)).collect();
    if formats.is_empty() {
        notes.add(node.at, "expected at least one format");
    }
    formats.into_iter().collect::<Option<Vec<_>>>().filter(|formats| !formats.is_empty())
}

fn encoding(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<&'static Encoding> {
    let encoding = node.text(notes)?;
    if encoding != "windows-1252" {
        notes.add(node.at, "unknown fallback_encoding; expected windows-1252");
        return None;
    }
    Some(encoding_rs::WINDOWS_1252)
}

fn jurisdiction(table: &mut Table<'_, '_>, notes: &mut Notes<'_>) -> Option<Jurisdiction> {
    let unlocated = match table.optional("unlocated") {
        None => Some(Unlocated::Hold),
        Some(node) => match node.text(notes)? {
            "hold" => Some(Unlocated::Hold),
            "agency_area" => Some(Unlocated::AgencyArea),
            _ => {
                notes.add(node.at, "expected unlocated \"hold\" or \"agency_area\"");
                None
            }
        },
    };
    let bounds = match table.optional("bounds") {
        Some(node) => Some(bounds(node, notes)?),
        None => None,
    };
    let placeholders = table.optional("placeholders").map(Node::items).unwrap_or_default();
    let placeholders = placeholders.into_iter().filter_map(|node| placeholder(node, notes)).collect();
    Some(Jurisdiction { bounds, placeholders, unlocated: unlocated? })
}

fn bounds(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<Bounds> {
    let mut table = node.table("bounds", notes)?;
    let mut degrees =
        |key| table.required(key, "degrees of WGS 84", notes).and_then(|node| node.number(notes));
    let (south, west, north, east) = (degrees("south"), degrees("west"), degrees("north"), degrees("east"));
    table.finish(notes);
    let bounds = Bounds { south: south?, west: west?, north: north?, east: east? };
    if !bounds.is_valid() {
        notes.add(node.at, "bounds: expected south below north, west below east, all on the globe");
    }
    Some(bounds)
}

fn placeholder(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<LatLon> {
    let mut table = node.table("placeholders", notes)?;
    let mut degrees =
        |key| table.required(key, "degrees of WGS 84", notes).and_then(|node| node.number(notes));
    let (latitude, longitude) = (degrees("latitude"), degrees("longitude"));
    table.finish(notes);
    Some(LatLon { latitude: latitude?, longitude: longitude? })
}

/// What the table `time` says.
struct Times {
    zone_name: String,
    clock: Clock,
    forms: Vec<Form>,
}

fn time(table: &mut Table<'_, '_>, notes: &mut Notes<'_>) -> Option<Times> {
    let node = table.required("time", "the zone and the formats of its times", notes)?;
    let mut table = node.table("time", notes)?;
    let zone = table.required("zone", "a name of the IANA time zone database", notes);
    let zone = zone.and_then(|node| zone_of(node, notes));
    let forms = match table.optional("formats") {
        Some(node) => moment::forms(node, notes),
        None => Some(vec![Form::Iso8601]),
    };
    let ambiguous = match table.optional("ambiguous") {
        None => Some(Disambiguation::Compatible),
        Some(node) => match node.text(notes) {
            // Compatible is the earlier one where a time occurs twice, and moves on where it does not occur.
            Some("earlier") => Some(Disambiguation::Compatible),
            Some("later") => Some(Disambiguation::Later),
            Some("refuse") => Some(Disambiguation::Reject),
            _ => {
                notes.add(node.at, "expected ambiguous \"earlier\", \"later\" or \"refuse\"");
                None
            }
        },
    };
    table.finish(notes);
    let (zone_name, zone) = zone?;
    Some(Times { zone_name, clock: Clock { zone, ambiguous: ambiguous? }, forms: forms? })
}

fn zone_of(node: Node<'_, '_>, notes: &mut Notes<'_>) -> Option<(String, TimeZone)> {
    let name = node.text(notes)?;
    let Ok(zone) = TimeZone::get(name) else {
        notes.add(node.at, "unknown time zone; expected a name such as America/Chicago");
        return None;
    };
    Some((name.to_owned(), zone))
}

fn mapping(
    table: &mut Table<'_, '_>,
    forms: &[Form],
    scope: &mut Scope,
    notes: &mut Notes<'_>,
) -> Option<Mapping> {
    let call = table.required("call", "where each field of a call stands", notes);
    let call = call.and_then(|node| node.table("call", notes));
    let call = call.and_then(|mut call| CallFields::parse(&mut call, forms, scope, notes));
    let mut entries = |key| table.optional(key);
    let (note_items, person_items, vehicle_items) =
        (entries("notes"), entries("persons"), entries("vehicles"));
    let (statuses, dispositions) = meanings(table.optional("meanings"), notes);
    Some(Mapping {
        notes: Entry::parse_all(note_items, "notes", forms, scope, notes),
        persons: Entry::parse_all(person_items, "persons", forms, scope, notes),
        vehicles: Entry::parse_all(vehicle_items, "vehicles", forms, scope, notes),
        statuses,
        dispositions,
        call: call?,
    })
}

fn meanings(node: Option<Node<'_, '_>>, notes: &mut Notes<'_>) -> (Meanings, Meanings) {
    let Some(mut table) = node.and_then(|node| node.table("meanings", notes)) else {
        return (Meanings::default(), Meanings::default());
    };
    let mut words = |key| {
        let words = table.optional(key).and_then(|node| node.table(key, notes));
        words.map(|words| Meanings::parse(&words, notes)).unwrap_or_default()
    };
    let both = (words("status"), words("disposition"));
    table.finish(notes);
    both
}

/// Reads what the profile says of single columns. It comes last, when it is known which columns are read.
fn names(table: &mut Table<'_, '_>, scope: &mut Scope, notes: &mut Notes<'_>) {
    for key in ["aliases", "column_nulls"] {
        let Some(entries) = table.optional(key).and_then(|node| node.table(key, notes)) else { continue };
        for (column, at, node) in entries.entries() {
            let texts = node.texts(notes);
            let known = match key {
                "aliases" => scope.columns.alias(column, &texts),
                _ => scope.columns.nulls_of(column, &texts),
            };
            if !known {
                let near = nearest(column, &scope.columns.names());
                let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                notes.add(at, format!("{key}: no field reads a column \"{column}\"{hint}"));
            }
        }
    }
}
