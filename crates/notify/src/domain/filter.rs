//! Whether an alert concerns a watcher.
//!
//! Cells are matched by the hierarchy: an alert's cell matches a wanted cell that it is, contains or lies in. An H3
//! index is a path from the coarsest cell down, so that a cell stands for an interval of paths, and two cells are
//! related if and only if their intervals overlap. A filter keeps its intervals sorted and disjoint, and a match is one
//! binary search, whatever the resolutions.

use std::collections::BTreeSet;

use callbox_place::Cell;
use callbox_proto::domain::{AgencyId, Category, Invalid};
use callbox_proto::notify::v1 as pb;

use super::state::Categories;

/// How many cells a filter may name, as the schema states it.
const CELLS_MAX: usize = 4_096;
/// How many agencies a filter may name: more than any service has.
const AGENCIES_MAX: usize = 1_024;
/// The resolutions of cells in a filter, as the schema states them.
const RESOLUTIONS: std::ops::RangeInclusive<u8> = 4..=11;

/// The bits of an H3 index that hold the resolution (H3 index layout, bits 52 to 55).
const RESOLUTION_BITS: u64 = 0xf << 52;
/// The finest H3 resolution; each finer level takes 3 bits of the index.
const FINEST: u32 = 15;

/// The paths below one cell, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    first: u64,
    last: u64,
}

impl From<Cell> for Interval {
    fn from(cell: Cell) -> Self {
        // Digits below a cell's resolution are all ones in its index, so that the index itself is the last path.
        let last = cell.index() & !RESOLUTION_BITS;
        let below = (1_u64 << (3 * (FINEST - u32::from(cell.resolution())))) - 1;
        Self { first: last & !below, last }
    }
}

/// What an alert is matched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its agency.
    pub agency: AgencyId,
    /// The categories that it has or had. Who was told of an alert is told what becomes of it (invariant I7).
    pub categories: Categories,
    /// Its cell; `None` where its place is the agency's whole area.
    pub cell: Option<Cell>,
}

/// A filter that can be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Sorted and disjoint.
    intervals: Vec<Interval>,
    categories: Categories,
    agencies: BTreeSet<AgencyId>,
    agency_area: bool,
}

impl Filter {
    /// Whether the alert concerns whoever has this filter.
    pub fn matches(&self, alert: &Subject) -> bool {
        let named = self.agencies.contains(&alert.agency);
        let agency = self.agencies.is_empty() || named;
        let category = self.categories.is_empty() || self.categories.intersects(alert.categories);
        agency && category && self.matches_place(alert.cell, named)
    }

    /// Whether the place is wanted; `named` tells whether the filter names the alert's agency.
    fn matches_place(&self, cell: Option<Cell>, named: bool) -> bool {
        if self.intervals.is_empty() {
            return true;
        }
        let Some(cell) = cell else { return named || self.agency_area };
        let sought = Interval::from(cell);
        let after = self.intervals.partition_point(|interval| interval.last < sought.first);
        self.intervals.get(after).is_some_and(|interval| interval.first <= sought.last)
    }

    /// The categories wanted; empty: all.
    pub fn categories(&self) -> Categories {
        self.categories
    }

    /// The agencies wanted; empty: all.
    pub fn agencies(&self) -> impl Iterator<Item = &AgencyId> {
        self.agencies.iter()
    }
}

impl TryFrom<&pb::AlertFilter> for Filter {
    type Error = Invalid;

    fn try_from(message: &pb::AlertFilter) -> Result<Self, Invalid> {
        if message.cells.len() > CELLS_MAX {
            return Err(Invalid::new("filter.cells", "expected at most 4,096 cells"));
        }
        if message.agencies.len() > AGENCIES_MAX {
            return Err(Invalid::new("filter.agencies", "expected at most 1,024 agencies"));
        }
        let cells = message.cells.iter().map(|text| parse_cell(text)).collect::<Result<Vec<_>, _>>()?;
        let categories = message.categories.iter().map(|value| {
            Category::parse("filter.categories", *value)?
                .ok_or(Invalid::new("filter.categories", "expected one of the eight categories"))
        });
        let agencies = message.agencies.iter().map(|slug| {
            slug.parse().map_err(|invalid: Invalid| Invalid::new("filter.agencies", invalid.problem))
        });
        Ok(Self {
            intervals: disjoint(cells.into_iter().map(Interval::from).collect()),
            categories: categories.collect::<Result<_, _>>()?,
            agencies: agencies.collect::<Result<_, _>>()?,
            agency_area: message.agency_area,
        })
    }
}

/// Parses one cell of a filter.
fn parse_cell(text: &str) -> Result<Cell, Invalid> {
    let digits = text.len() == 15 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits
        .then(|| Cell::from_hex(text))
        .flatten()
        .filter(|cell| RESOLUTIONS.contains(&cell.resolution()))
        .ok_or(Invalid::new(
            "filter.cells",
            "expected H3 cells of resolutions 4 to 11, 15 hexadecimal digits each",
        ))
}

/// Sorts the intervals and drops those that lie within another one. Intervals of cells never overlap in part.
fn disjoint(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable_by_key(|interval| (interval.first, std::cmp::Reverse(interval.last)));
    intervals.dedup_by(|next, kept| next.last <= kept.last);
    intervals
}

#[cfg(test)]
mod tests {
    use super::{Filter, Subject};
    use crate::domain::state::Categories;
    use callbox_place::Cell;
    use callbox_proto::domain::{Category, LatLon};
    use callbox_proto::notify::v1 as pb;
    use proptest::prelude::*;

    /// Cells of a small region, so that many are related.
    fn cell(resolutions: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = Cell> {
        (40.0..40.2, -100.0..-99.8, resolutions)
            .prop_map(|(latitude, longitude, r)| Cell::at(LatLon { latitude, longitude }, r).unwrap())
    }

    fn hex(cell: Cell) -> String {
        format!("{:015x}", cell.index())
    }

    fn subject(cell: Option<Cell>) -> Subject {
        let categories = Categories::default().with(Category::Robbery);
        Subject { agency: "springfield".parse().unwrap(), categories, cell }
    }

    fn filter(message: &pb::AlertFilter) -> Filter {
        Filter::try_from(message).unwrap()
    }

    proptest! {
        #[test]
        fn matches_related_cells_and_no_others(
            wanted in prop::collection::vec(cell(4..=11), 1..40), alert in cell(5..=9),
        ) {
            let message = pb::AlertFilter { cells: wanted.iter().copied().map(hex).collect(), ..Default::default() };
            let expected = wanted.iter().any(|cell| cell.relates_to(alert));
            prop_assert_eq!(filter(&message).matches(&subject(Some(alert))), expected);
        }

        #[test]
        fn parsing_a_cell_never_panics(text in "\\PC{0,20}") {
            let _ = Filter::try_from(&pb::AlertFilter { cells: vec![text], ..Default::default() });
        }
    }

    #[test]
    fn an_empty_filter_wants_everything() {
        let everything = filter(&pb::AlertFilter::default());
        let somewhere = Cell::at(LatLon { latitude: 1.0, longitude: 2.0 }, 8);
        assert!(everything.matches(&subject(somewhere)) && everything.matches(&subject(None)));
    }

    #[test]
    fn a_whole_area_matches_where_it_is_asked_for() {
        let cells = vec![hex(Cell::at(LatLon { latitude: 1.0, longitude: 2.0 }, 8).unwrap())];
        let with = |agencies: &[&str], agency_area| pb::AlertFilter {
            cells: cells.clone(),
            agencies: agencies.iter().map(|&slug| slug.to_owned()).collect(),
            agency_area,
            ..Default::default()
        };
        assert!(!filter(&with(&[], false)).matches(&subject(None)));
        assert!(filter(&with(&["springfield"], false)).matches(&subject(None)));
        assert!(filter(&with(&[], true)).matches(&subject(None)));
        assert!(!filter(&with(&["shelbyville"], true)).matches(&subject(None)));
    }

    #[test]
    fn categories_and_agencies_are_each_a_condition() {
        let with = |category: i32, agency: &str| {
            filter(&pb::AlertFilter {
                categories: vec![category],
                agencies: vec![agency.to_owned()],
                ..Default::default()
            })
        };
        assert!(with(3, "springfield").matches(&subject(None)));
        assert!(!with(1, "springfield").matches(&subject(None)));
        assert!(!with(3, "shelbyville").matches(&subject(None)));
    }

    /// Who was told of a robbery hears that it became an arson, and that the alert was taken back (invariant I7).
    #[test]
    fn every_category_that_an_alert_had_counts() {
        let wants =
            |category: i32| filter(&pb::AlertFilter { categories: vec![category], ..Default::default() });
        let changed = Subject { categories: subject(None).categories.with(Category::Arson), ..subject(None) };
        assert!(wants(3).matches(&changed) && wants(8).matches(&changed) && !wants(5).matches(&changed));
    }

    #[test]
    fn mistakes_name_the_field() {
        let cells = |cells: Vec<String>| {
            Filter::try_from(&pb::AlertFilter { cells, ..Default::default() }).unwrap_err().field
        };
        let at = |resolution| hex(Cell::at(LatLon { latitude: 1.0, longitude: 2.0 }, resolution).unwrap());
        assert_eq!(cells(vec!["zz".to_owned()]), "filter.cells");
        assert_eq!(cells(vec![at(3)]), "filter.cells");
        assert_eq!(cells(vec![at(12)]), "filter.cells");
        assert_eq!(cells(vec![at(8); 4_097]), "filter.cells");
        let categories = pb::AlertFilter { categories: vec![0], ..Default::default() };
        assert_eq!(Filter::try_from(&categories).unwrap_err().field, "filter.categories");
        let agencies = pb::AlertFilter { agencies: vec!["A B".to_owned()], ..Default::default() };
        assert_eq!(Filter::try_from(&agencies).unwrap_err().field, "filter.agencies");
    }
}
