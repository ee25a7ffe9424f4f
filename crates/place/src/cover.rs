//! Circles as cells, made on the client's side so that a home point never leaves it.

use std::collections::BTreeSet;

use callbox_proto::domain::LatLon;
use h3o::{CellIndex, LatLng, Resolution};

use crate::cell::Cell;

/// How many cells a subscription may hold.
pub const CELLS_MAX: usize = 4_096;

/// The finest resolution of a cover. Finer cells would tell a home rather than a vicinity.
const FINEST: u8 = 9;
/// The coarsest resolution of a cover.
const COARSEST: u8 = 4;

/// Cells of mixed resolutions that hold every point within `radius_metres` of `centre`, and little more: at most
/// [`CELLS_MAX`], in resolutions 4 to 9. `None` if the coordinates are not finite or the radius is not positive or too
/// large for resolution 4 (about 1,000 km).
pub fn circle(centre: LatLon, radius_metres: f64) -> Option<Vec<Cell>> {
    let point = LatLng::new(centre.latitude, centre.longitude).ok()?;
    if !(radius_metres.is_finite() && radius_metres > 0.0) {
        return None;
    }
    (COARSEST..=FINEST)
        .rev()
        .find_map(|resolution| circle_at(point, radius_metres, Resolution::try_from(resolution).ok()?))
}

/// The circle in cells of one resolution, merged into parents where all siblings are there; `None` if that takes too
/// many cells.
fn circle_at(point: LatLng, radius_metres: f64, resolution: Resolution) -> Option<Vec<Cell>> {
    // A cell touches the circle if its centre is within the radius and its own circumradius, which is at most about
    // 1.3 times the average edge.
    let reach = radius_metres + resolution.edge_length_m() * 1.3;
    // Neighbouring centres are at least 1.4 edges apart (1.73 on average, less near pentagons).
    let rings = (reach / (resolution.edge_length_m() * 1.4)).ceil();
    if rings > 64.0 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 64")]
    let disk: Vec<CellIndex> = point.to_cell(resolution).grid_disk(rings as u32);
    let touching: BTreeSet<CellIndex> =
        disk.into_iter().filter(|cell| LatLng::from(*cell).distance_m(point) <= reach).collect();
    let mut cells: Vec<CellIndex> = touching.into_iter().collect();
    CellIndex::compact(&mut cells).ok()?;
    (cells.len() <= CELLS_MAX)
        .then(|| cells.into_iter().filter_map(|cell| Cell::from_index(cell.into())).collect())
}

#[cfg(test)]
mod tests {
    use super::circle;
    use crate::cell::Cell;
    use callbox_proto::domain::LatLon;
    use proptest::prelude::*;

    const METRES_PER_DEGREE: f64 = 111_195.0;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Every point of the circle lies, by the hierarchy, in one of the cells.
        #[test]
        fn a_cover_holds_every_point_of_its_circle(
            latitude in 25.0..48.0, longitude in -124.0..-67.0, radius in 300.0..16_000.0,
            share in 0.0..1.0, bearing in 0.0..std::f64::consts::TAU,
        ) {
            let cells = circle(LatLon { latitude, longitude }, radius).unwrap();
            let distance = radius * share * 0.99;
            let point = LatLon {
                latitude: latitude + distance * f64::cos(bearing) / METRES_PER_DEGREE,
                longitude: longitude + distance * f64::sin(bearing) / (METRES_PER_DEGREE * f64::cos(f64::to_radians(latitude))),
            };
            let finest = Cell::at(point, 9).unwrap();
            prop_assert!(cells.iter().any(|cell| finest.relates_to(*cell)));
        }
    }

    #[test]
    fn a_five_mile_circle_stays_small() {
        let cells = circle(LatLon { latitude: 36.16, longitude: -86.78 }, 5.0 * 1_609.344).unwrap();
        assert!(cells.len() < 1_000, "{}", cells.len());
    }

    #[test]
    fn what_is_no_circle_has_no_cover() {
        let centre = LatLon { latitude: 36.16, longitude: -86.78 };
        assert!(circle(centre, 0.0).is_none());
        assert!(circle(centre, f64::NAN).is_none());
        assert!(circle(LatLon { latitude: f64::NAN, longitude: 0.0 }, 10.0).is_none());
    }
}
