//! What a revision of an alert says.
//!
//! Every string is a template, a name of a category, or a name from the agency's configuration that is a function of
//! the published cell (invariant I1). Nothing comes from a feed.

use callbox_place::Cell;
use callbox_proto::domain::{Alert, AlertPlace, AlertState, Category, Place, Timestamp};

use super::agency::Agency;
use super::decide::Revision;

/// Times are floored to so many minutes, so that an alert cannot be joined with a call by its time.
const FLOOR_MINUTES: i64 = 15;

/// The one text of every retraction: it says neither what the call was nor why the alert is taken back (invariant I7).
const RETRACTED_HEADLINE: &str = "Alert withdrawn";
/// See [`RETRACTED_HEADLINE`].
const RETRACTED_BODY: &str = "An earlier alert has been withdrawn.";

/// The alert that tells `revision`.
pub fn compose(agency: &Agency, revision: &Revision) -> Alert {
    let told = &revision.told;
    let label = agency.label(told.place);
    let occurred_time = revision.received_time.floor_minutes(FLOOR_MINUTES);
    let (headline, body) = match revision.state {
        AlertState::Retracted => (RETRACTED_HEADLINE.to_owned(), RETRACTED_BODY.to_owned()),
        AlertState::Published | AlertState::Updated => {
            let what = format!("{} reported in {label}", phrase(told.category));
            let when = local_time(agency, occurred_time);
            let body = format!("{what} around {when}. Police dispatch call, not confirmed.");
            (what, body)
        }
    };
    Alert {
        id: told.id,
        revision: told.revision,
        state: revision.state,
        agency: agency.id.clone(),
        agency_name: agency.name.clone(),
        category: told.category,
        place: place(told.place, label),
        occurred_time,
        sent_time: told.sent_time,
        expires_time: told.sent_time.plus_seconds(agency.policy.expires_seconds),
        headline,
        body,
    }
}

/// The category in words.
fn phrase(category: Category) -> &'static str {
    match category {
        Category::Burglary => "Burglary",
        Category::Vehicle => "Vehicle break-in or theft",
        Category::Robbery => "Robbery",
        Category::ShotsFired => "Shots fired",
        Category::Shooting => "Shooting",
        Category::Stabbing => "Stabbing",
        Category::Hostage => "Hostage situation",
        Category::Arson => "Suspected arson",
    }
}

/// Such as `9:15 PM on March 4`.
fn local_time(agency: &Agency, time: Timestamp) -> String {
    let time = jiff::Timestamp::from_microsecond(time.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.to_zoned_datetime(agency.time_zone.clone()).strftime("%-I:%M %p on %B %-d").to_string()
}

/// The public form of a place.
fn place(place: Place, label: &str) -> AlertPlace {
    let cell = match place {
        Place::Cell(index) => Cell::from_index(index),
        Place::AgencyArea => None,
    };
    AlertPlace {
        cell: cell.map(Cell::index),
        label: label.to_owned(),
        outline: cell.map(Cell::outline).unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
