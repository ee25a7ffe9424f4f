//! Positions as feeds write them, in WGS 84 degrees.

use callbox_place::Jurisdiction;
use callbox_place::jurisdiction::NotAPlace;
use callbox_proto::domain::LatLon;

use super::cells::Cells;
use super::columns::Columns;
use super::document::{Node, Notes, Table};
use super::expression::Expression;

/// Where a row's position stands.
#[derive(Clone, Debug)]
pub(super) enum PositionField {
    /// In two columns.
    Pair { latitude: Expression, longitude: Expression },
    /// In one, such as `(47.6, -122.3)` or `POINT (-122.3 47.6)`.
    Point { of: Expression, longitude_first: bool },
}

/// What became of a row's position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Located {
    /// A place of the agency.
    At(LatLon),
    /// No place, and why.
    Nowhere(NotAPlace),
    /// There is a value that is no number.
    Unreadable,
}

impl PositionField {
    /// Parses the keys `latitude` and `longitude`, or `point` and `point_order`, of a table; none of them is right as
    /// well.
    pub(super) fn parse(
        table: &mut Table<'_, '_>,
        columns: &mut Columns,
        notes: &mut Notes<'_>,
    ) -> Option<Self> {
        let latitude = table.optional("latitude");
        let longitude = table.optional("longitude");
        let point = table.optional("point");
        let order = table.optional("point_order");
        match (latitude, longitude, point) {
            (None, None, None) => {
                if let Some(order) = order {
                    notes.add(order.at, "point_order without a point");
                }
                None
            }
            (Some(latitude), Some(longitude), None) => {
                let latitude = Expression::parse(latitude, "call.latitude", columns, notes)?;
                let longitude = Expression::parse(longitude, "call.longitude", columns, notes)?;
                Some(Self::Pair { latitude, longitude })
            }
            (None, None, Some(point)) => {
                let longitude_first = parse_order(order, notes)?;
                let of = Expression::parse(point, "call.point", columns, notes)?;
                Some(Self::Point { of, longitude_first })
            }
            (latitude, longitude, point) => {
                let at = latitude.or(longitude).or(point).map_or(table.at, |node| node.at);
                notes.add(at, "expected latitude and longitude, or a point, or neither");
                None
            }
        }
    }

    /// The position in a row, judged by where the agency's calls can be.
    pub(super) fn value(&self, cells: &Cells<'_>, jurisdiction: &Jurisdiction) -> Located {
        let pair = match self {
            Self::Pair { latitude, longitude } => match (latitude.value(cells), longitude.value(cells)) {
                (Some(latitude), Some(longitude)) => Some((latitude.parse().ok(), longitude.parse().ok())),
                _ => None,
            },
            Self::Point { of, longitude_first } => of.value(cells).map(|text| point(&text, *longitude_first)),
        };
        let (latitude, longitude) = match pair {
            None => return Located::Nowhere(NotAPlace::Missing),
            Some((Some(latitude), Some(longitude))) => (latitude, longitude),
            Some(_) => return Located::Unreadable,
        };
        match jurisdiction.locate(Some(latitude), Some(longitude)) {
            Ok(point) => Located::At(point),
            Err(why) => Located::Nowhere(why),
        }
    }
}

fn parse_order(order: Option<Node<'_, '_>>, notes: &mut Notes<'_>) -> Option<bool> {
    let Some(order) = order else { return Some(false) };
    match order.text(notes)? {
        "lat_lon" => Some(false),
        "lon_lat" => Some(true),
        _ => {
            notes.add(order.at, "expected point_order \"lat_lon\" or \"lon_lat\"");
            None
        }
    }
}

/// Latitude and longitude of a point in text form. Well-known text (`POINT`) always has the longitude first.
fn point(text: &str, longitude_first: bool) -> (Option<f64>, Option<f64>) {
    let upper = text.trim().to_ascii_uppercase();
    let (rest, longitude_first) = match upper.strip_prefix("POINT") {
        Some(rest) => (rest, true),
        None => (upper.as_str(), longitude_first),
    };
    let inside = rest.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let mut numbers = inside.split([',', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse().ok());
    let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
    if longitude_first { (second, first) } else { (first, second) }
}

#[cfg(test)]
mod tests {
    use super::point;

    #[test]
    fn points_are_read() {
        let expected = (Some(41.5), Some(-100.25));
        assert_eq!(point("(41.5, -100.25)", false), expected);
        assert_eq!(point("41.5,-100.25", false), expected);
        assert_eq!(point("[-100.25, 41.5]", true), expected);
        assert_eq!(point("POINT (-100.25 41.5)", false), expected);
        assert_eq!(point("here", false), (None, None));
        assert_eq!(point("(41.5)", false), (Some(41.5), None));
    }
}
