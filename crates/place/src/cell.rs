//! Cells: tiers, relations, outlines.

use callbox_proto::domain::{LatLon, Place, Places};
use h3o::{CellIndex, LatLng, Resolution};

/// The resolution that every point is first taken to: about 0.1 km², edge about 200 m.
const FINEST: Resolution = Resolution::Nine;
/// The tier of property categories without dwelling data: about 0.7 km².
const PROPERTY: Resolution = Resolution::Eight;
/// The tier of person categories without dwelling data: about 5 km².
const PERSON: Resolution = Resolution::Seven;
/// The coarsest cell that is published (about 250 km²); beyond it stands the agency's whole area.
const COARSEST: Resolution = Resolution::Five;

/// A valid H3 cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(CellIndex);

impl Cell {
    /// The cell with this index; `None` if the number is not an H3 cell.
    pub fn from_index(index: u64) -> Option<Self> {
        CellIndex::try_from(index).ok().map(Self)
    }

    /// The cell written as 15 (or 16) hexadecimal digits, as H3 tools do.
    pub fn from_hex(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().and_then(Self::from_index)
    }

    /// The cell of `resolution` (0 to 15) that the point lies in; `None` if the coordinates are not finite or the
    /// resolution does not exist.
    pub fn at(point: LatLon, resolution: u8) -> Option<Self> {
        let resolution = Resolution::try_from(resolution).ok()?;
        LatLng::new(point.latitude, point.longitude).ok().map(|point| Self(point.to_cell(resolution)))
    }

    /// The index.
    pub fn index(self) -> u64 {
        self.0.into()
    }

    /// The resolution, 0 (coarsest) to 15.
    pub fn resolution(self) -> u8 {
        self.0.resolution().into()
    }

    /// The ancestor at `resolution`; the cell itself at its own; `None` if that is finer than the cell.
    pub fn ancestor(self, resolution: u8) -> Option<Self> {
        self.0.parent(Resolution::try_from(resolution).ok()?).map(Self)
    }

    /// Whether one of the two is the other or an ancestor of it.
    pub fn relates_to(self, other: Self) -> bool {
        let coarser = self.resolution().min(other.resolution());
        self.ancestor(coarser) == other.ancestor(coarser)
    }

    /// The centre.
    pub fn centre(self) -> LatLon {
        lat_lon(LatLng::from(self.0))
    }

    /// The outline: 5 to 10 corners, counter-clockwise, not closed.
    pub fn outline(self) -> Vec<LatLon> {
        self.0.boundary().iter().copied().map(lat_lon).collect()
    }

    /// Metres between the centre and a point, along the great circle.
    pub fn distance_metres(self, point: LatLon) -> f64 {
        LatLng::new(point.latitude, point.longitude)
            .map_or(f64::INFINITY, |point| LatLng::from(self.0).distance_m(point))
    }
}

/// A point of H3 in our terms.
fn lat_lon(point: LatLng) -> LatLon {
    LatLon { latitude: point.lat(), longitude: point.lng() }
}

/// Both tiers of a point, without dwelling data: resolution 8 for property, 7 for person categories. `None` if the
/// coordinates are not finite.
pub fn tiers(point: LatLon) -> Option<Places> {
    let finest = LatLng::new(point.latitude, point.longitude).ok()?.to_cell(FINEST);
    let tier = |resolution| finest.parent(resolution).map(|cell| Place::Cell(cell.into()));
    Some(Places { property: tier(PROPERTY), person: tier(PERSON) })
}

/// What may be published of an incident that was published at `published` and is now at `current`: a place that holds
/// both. The same stays the same, a finer one changes nothing, and two cells give their smallest common ancestor, down
/// to resolution 5; beyond it, the agency's whole area.
///
/// A place that is not a valid cell counts as the agency's area: what cannot be read cannot be narrowed.
pub fn coarsened(published: Place, current: Place) -> Place {
    let (Place::Cell(published), Place::Cell(current)) = (published, current) else {
        return Place::AgencyArea;
    };
    let (Some(published), Some(current)) = (Cell::from_index(published), Cell::from_index(current)) else {
        return Place::AgencyArea;
    };
    let start = published.resolution().min(current.resolution());
    (u8::from(COARSEST)..=start)
        .rev()
        .find_map(|resolution| {
            published.ancestor(resolution).filter(|ancestor| Some(*ancestor) == current.ancestor(resolution))
        })
        .map_or(Place::AgencyArea, |ancestor| Place::Cell(ancestor.index()))
}

#[cfg(test)]
mod tests {
    use super::{Cell, coarsened, tiers};
    use callbox_proto::domain::{LatLon, Place};
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = LatLon> {
        (-80.0..80.0, -179.0..179.0).prop_map(|(latitude, longitude)| LatLon { latitude, longitude })
    }

    fn place() -> impl Strategy<Value = Place> {
        prop_oneof![
            1 => Just(Place::AgencyArea),
            9 => (36.0..36.3, -87.0..-86.6, 5_u8..=9).prop_map(|(latitude, longitude, resolution)| {
                Place::Cell(Cell::at(LatLon { latitude, longitude }, resolution).unwrap().index())
            }),
        ]
    }

    fn holds(outer: Place, inner: Place) -> bool {
        match (outer, inner) {
            (Place::AgencyArea, _) => true,
            (Place::Cell(_), Place::AgencyArea) => false,
            (Place::Cell(outer), Place::Cell(inner)) => {
                let (outer, inner) = (Cell::from_index(outer).unwrap(), Cell::from_index(inner).unwrap());
                inner.ancestor(outer.resolution()) == Some(outer)
            }
        }
    }

    proptest! {
        #[test]
        fn the_person_tier_is_the_parent_of_the_property_tier(point in point()) {
            let places = tiers(point).unwrap();
            let (Some(Place::Cell(property)), Some(Place::Cell(person))) = (places.property, places.person) else {
                panic!("two cells were expected");
            };
            let property = Cell::from_index(property).unwrap();
            prop_assert_eq!(property.resolution(), 8);
            prop_assert_eq!(property.ancestor(7).unwrap().index(), person);
        }

        /// The published place is a function of the finest cell: points of one cell cannot be told apart.
        #[test]
        fn points_of_one_finest_cell_share_their_places(point in point()) {
            let centre = Cell::at(point, 9).unwrap().centre();
            prop_assert_eq!(tiers(point), tiers(centre));
        }

        #[test]
        fn coarsening_holds_both_and_never_refines(a in place(), b in place()) {
            let both = coarsened(a, b);
            prop_assert!(holds(both, a));
            prop_assert!(holds(both, b));
            prop_assert_eq!(both, coarsened(b, a));
            prop_assert_eq!(both, coarsened(both, a));
        }
    }

    #[test]
    fn an_outline_surrounds_its_centre() {
        let cell = Cell::at(LatLon { latitude: 40.0, longitude: -100.0 }, 8).unwrap();
        let outline = cell.outline();
        assert!((5..=10).contains(&outline.len()));
        assert!(outline.iter().all(|corner| cell.distance_metres(*corner) < 1_000.0));
    }

    #[test]
    fn numbers_that_are_no_cells_are_refused() {
        assert!(Cell::from_index(0).is_none());
        assert!(Cell::from_hex("zz").is_none());
        assert_eq!(coarsened(Place::Cell(7), Place::Cell(7)), Place::AgencyArea);
    }
}
