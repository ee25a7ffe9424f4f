//! What an agency chose, and what its cells are called.

use std::collections::HashMap;

use callbox_place::Cell;
use callbox_proto::domain::{AgencyId, LatLon, Place};
use jiff::tz::TimeZone;

/// Cells coarser than this are called by the name of the agency's area: a cell of resolution 6 has about 36 km² and
/// spans several neighbourhoods, so that the nearest one's name would mislead.
const NEIGHBOURHOOD_RESOLUTION: u8 = 7;

/// When calls become alerts, and how long alerts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long after the agency received a call its first state may be accepted and still make an alert, in seconds.
    pub freshness_seconds: i64,
    /// How long a revision of an alert is shown, in seconds.
    pub expires_seconds: i64,
}

/// A neighbourhood.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Its public name.
    pub name: String,
    /// About its middle.
    pub centre: LatLon,
}

/// An agency whose calls may become alerts. Every text here is public and comes from the configuration.
#[derive(Clone, Debug)]
pub struct Agency {
    /// Its slug.
    pub id: AgencyId,
    /// Its public name.
    pub name: String,
    /// Its time zone, in which alerts tell the time.
    pub time_zone: TimeZone,
    /// The public name of its whole area.
    pub place_label: String,
    /// Its neighbourhoods; may be empty.
    pub labels: Vec<Label>,
    /// When calls become alerts.
    pub policy: Policy,
}

impl Agency {
    /// The name of a place: a function of the place alone (invariant I1). A cell is called by the neighbourhood whose
    /// middle is nearest to the cell's centre; a coarse cell, or one of an agency without neighbourhoods, by the name
    /// of the agency's area.
    pub fn label(&self, place: Place) -> &str {
        let cell = match place {
            Place::Cell(index) => Cell::from_index(index),
            Place::AgencyArea => None,
        };
        cell.filter(|cell| cell.resolution() >= NEIGHBOURHOOD_RESOLUTION)
            .and_then(|cell| {
                let distance = |label: &&Label| cell.distance_metres(label.centre);
                self.labels.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
            })
            .map_or(&self.place_label, |label| &label.name)
    }
}

/// The agencies that this service serves.
#[derive(Clone, Debug, Default)]
pub struct Agencies(HashMap<AgencyId, Agency>);

impl Agencies {
    /// The agency with this slug.
    pub fn get(&self, id: &AgencyId) -> Option<&Agency> {
        self.0.get(id)
    }
}

impl FromIterator<Agency> for Agencies {
    fn from_iter<I: IntoIterator<Item = Agency>>(agencies: I) -> Self {
        Self(agencies.into_iter().map(|agency| (agency.id.clone(), agency)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Agency, Label, Policy};
    use callbox_place::Cell;
    use callbox_proto::domain::{LatLon, Place};
    use jiff::tz::TimeZone;

    fn agency() -> Agency {
        let label = |name: &str, latitude, longitude| Label {
            name: name.to_owned(),
            centre: LatLon { latitude, longitude },
        };
        Agency {
            id: "springfield".parse().unwrap(),
            name: "Springfield Police".to_owned(),
            time_zone: TimeZone::UTC,
            place_label: "Springfield".to_owned(),
            labels: vec![label("Old Mill", 40.0, -100.0), label("Harbour", 40.05, -100.0)],
            policy: Policy { freshness_seconds: 7_200, expires_seconds: 86_400 },
        }
    }

    fn cell(latitude: f64, resolution: u8) -> Place {
        Place::Cell(Cell::at(LatLon { latitude, longitude: -100.0 }, resolution).unwrap().index())
    }

    #[test]
    fn a_cell_is_called_by_the_nearest_neighbourhood() {
        assert_eq!(agency().label(cell(40.001, 8)), "Old Mill");
        assert_eq!(agency().label(cell(40.049, 7)), "Harbour");
    }

    #[test]
    fn a_coarse_cell_and_the_whole_area_are_called_by_the_area() {
        assert_eq!(agency().label(cell(40.001, 6)), "Springfield");
        assert_eq!(agency().label(Place::AgencyArea), "Springfield");
        assert_eq!(agency().label(Place::Cell(7)), "Springfield");
        assert_eq!(Agency { labels: Vec::new(), ..agency() }.label(cell(40.001, 8)), "Springfield");
    }
}
