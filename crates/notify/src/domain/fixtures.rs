//! Invented agencies and incidents for the tests of this crate.

use callbox_place::Cell;
use callbox_proto::domain::{
    Action, Category, ClassifiedIncident, Ended, IncidentKey, LatLon, Order, Place, Position, Timestamp,
};
use jiff::tz::TimeZone;

use super::agency::{Agencies, Agency, Label, Policy};

/// The default policy: two hours, one day.
pub(crate) const POLICY: Policy = Policy { freshness_seconds: 7_200, expires_seconds: 86_400 };

/// 2026-03-04 21:20 UTC.
pub(crate) const RECEIVED: i64 = 1_772_659_200;

/// A time, seconds since 1970.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

/// An agency in the American Midwest.
pub(crate) fn agency(slug: &str) -> Agency {
    let label = |name: &str, latitude| Label {
        name: name.to_owned(),
        centre: LatLon { latitude, longitude: -100.0 },
    };
    Agency {
        id: slug.parse().unwrap(),
        name: "Springfield Police".to_owned(),
        time_zone: TimeZone::get("America/Chicago").unwrap(),
        place_label: "Springfield".to_owned(),
        labels: vec![label("Old Mill", 40.0), label("Harbour", 40.05)],
        policy: POLICY,
    }
}

/// Two agencies.
pub(crate) fn agencies() -> Agencies {
    ["springfield", "shelbyville"].into_iter().map(agency).collect()
}

/// The cell at a latitude of the invented city.
pub(crate) fn cell(latitude: f64, resolution: u8) -> Place {
    Place::Cell(Cell::at(LatLon { latitude, longitude: -100.0 }, resolution).unwrap().index())
}

/// A publishable robbery, the `number`th state of incident `key`, accepted a minute after each other.
pub(crate) fn robbery(key: u8, number: u64) -> ClassifiedIncident {
    ClassifiedIncident {
        key: IncidentKey([key; 16]),
        agency: "springfield".parse().unwrap(),
        submission_id: format!("s{number}").parse().unwrap(),
        order: Order { source_order: 0, position: Position { epoch: 1, sequence: number }, index: 0 },
        received_time: at(RECEIVED),
        accepted_time: at(RECEIVED + 60 * i64::try_from(number).unwrap()),
        category: Some(Category::Robbery),
        action: Action::Publish,
        confidence: 0.9,
        reasons: vec!["code:robbery".to_owned()],
        ended: None,
        place: Some(cell(40.0, 7)),
    }
}

/// The same, suppressed.
pub(crate) fn suppressed(key: u8, number: u64) -> ClassifiedIncident {
    ClassifiedIncident { action: Action::Suppress, category: None, place: None, ..robbery(key, number) }
}

/// The same, ended.
pub(crate) fn ended(key: u8, number: u64, ended: Ended) -> ClassifiedIncident {
    ClassifiedIncident { ended: Some(ended), ..robbery(key, number) }
}

/// The same, held.
pub(crate) fn held(key: u8, number: u64) -> ClassifiedIncident {
    ClassifiedIncident { action: Action::Hold, ..robbery(key, number) }
}
