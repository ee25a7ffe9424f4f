//! Which positions are places of an agency.

use callbox_proto::domain::{LatLon, Place, Places};
use serde::{Deserialize, Serialize};

use crate::cell;

/// What happens to a call without a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlocated {
    /// It is held (invariant I6).
    #[default]
    Hold,
    /// It is published for the agency's whole area.
    AgencyArea,
}

/// A box of WGS 84 degrees. It does not cross the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Lowest latitude.
    pub south: f64,
    /// Lowest longitude.
    pub west: f64,
    /// Highest latitude.
    pub north: f64,
    /// Highest longitude.
    pub east: f64,
}

impl Bounds {
    /// Whether the point lies in the box.
    pub fn contains(&self, point: LatLon) -> bool {
        (self.south..=self.north).contains(&point.latitude)
            && (self.west..=self.east).contains(&point.longitude)
    }

    /// Whether the box has an area and lies on the globe.
    pub fn is_valid(&self) -> bool {
        self.south < self.north
            && self.west < self.east
            && self.south >= -90.0
            && self.north <= 90.0
            && self.west >= -180.0
            && self.east <= 180.0
    }
}

/// Where an agency's calls can be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jurisdiction {
    /// The box around its area; `None` accepts every place on earth.
    pub bounds: Option<Bounds>,
    /// Positions that its system writes where it knows none, such as the centre of the city.
    pub placeholders: Vec<LatLon>,
    /// What happens to calls without a place.
    pub unlocated: Unlocated,
}

/// Why a position is not a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAPlace {
    /// There is none.
    Missing,
    /// It stands for none: 0/0, -1/-1, next to nothing, or one of the agency's placeholders.
    Placeholder,
    /// It is not on the globe.
    OutOfRange,
    /// It lies elsewhere; or latitude and longitude are swapped.
    OutsideJurisdiction,
}

/// How near a position is to a placeholder that it is taken for: 1e-4 degrees are about 11 m, more than the rounding
/// that feeds apply to their centroid.
const PLACEHOLDER_DEGREES: f64 = 1e-4;

impl Jurisdiction {
    /// The point, if it is a place of this agency.
    ///
    /// # Errors
    /// Why it is not one.
    pub fn locate(&self, latitude: Option<f64>, longitude: Option<f64>) -> Result<LatLon, NotAPlace> {
        let (Some(latitude), Some(longitude)) = (latitude, longitude) else { return Err(NotAPlace::Missing) };
        let on_globe = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        if !on_globe {
            return Err(NotAPlace::OutOfRange);
        }
        let point = LatLon { latitude, longitude };
        let near = |other: LatLon| {
            (latitude - other.latitude).abs() < PLACEHOLDER_DEGREES
                && (longitude - other.longitude).abs() < PLACEHOLDER_DEGREES
        };
        let nowhere = [0.0, -1.0].map(|degrees| LatLon { latitude: degrees, longitude: degrees });
        if nowhere.into_iter().chain(self.placeholders.iter().copied()).any(near) {
            return Err(NotAPlace::Placeholder);
        }
        match self.bounds {
            Some(bounds) if !bounds.contains(point) => Err(NotAPlace::OutsideJurisdiction),
            _ => Ok(point),
        }
    }

    /// Both tiers of a position, or what this agency chose for a call without a place.
    pub fn places(&self, latitude: Option<f64>, longitude: Option<f64>) -> Places {
        match self.locate(latitude, longitude).ok().and_then(cell::tiers) {
            Some(places) => places,
            None if self.unlocated == Unlocated::AgencyArea => {
                Places { property: Some(Place::AgencyArea), person: Some(Place::AgencyArea) }
            }
            None => Places::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Jurisdiction, NotAPlace, Unlocated};
    use callbox_proto::domain::{LatLon, Place};

    fn jurisdiction() -> Jurisdiction {
        Jurisdiction {
            bounds: Some(Bounds { south: 41.0, west: -101.0, north: 42.0, east: -100.0 }),
            placeholders: vec![LatLon { latitude: 41.5, longitude: -100.5 }],
            unlocated: Unlocated::Hold,
        }
    }

    #[test]
    fn a_position_in_the_area_is_a_place() {
        let places = jurisdiction().places(Some(41.25), Some(-100.25));
        assert!(matches!(places.property, Some(Place::Cell(_))));
    }

    #[test]
    fn positions_that_stand_for_none_are_no_places() {
        let jurisdiction = jurisdiction();
        for (latitude, longitude, why) in [
            (None, Some(-100.2), NotAPlace::Missing),
            (Some(0.0), Some(0.0), NotAPlace::Placeholder),
            (Some(5.68e-14), Some(5.68e-14), NotAPlace::Placeholder),
            (Some(-1.0), Some(-1.0), NotAPlace::Placeholder),
            (Some(41.500_04), Some(-100.5), NotAPlace::Placeholder),
            (Some(-100.25), Some(41.25), NotAPlace::OutOfRange),
            (Some(f64::NAN), Some(-100.25), NotAPlace::OutOfRange),
            (Some(45.0), Some(-100.25), NotAPlace::OutsideJurisdiction),
        ] {
            assert_eq!(jurisdiction.locate(latitude, longitude), Err(why));
            assert_eq!(jurisdiction.places(latitude, longitude).property, None);
        }
    }

    #[test]
    fn an_agency_may_choose_its_whole_area() {
        let jurisdiction = Jurisdiction { unlocated: Unlocated::AgencyArea, ..jurisdiction() };
        assert_eq!(jurisdiction.places(None, None).person, Some(Place::AgencyArea));
    }
}
