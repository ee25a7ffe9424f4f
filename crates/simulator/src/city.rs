//! Vellgrove: a city that does not exist, laid out as a grid on the empty grassland of central Nebraska.
//!
//! Positions are whole micro-degrees until the last division, so that an address has the same position everywhere.

use serde::Serialize;

use crate::dice::Dice;

/// What an agency's configuration needs to know of the city.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct City {
    /// The agency's slug.
    pub slug: &'static str,
    /// Its public name.
    pub name: &'static str,
    /// Its IANA time zone.
    pub time_zone: &'static str,
    /// The smallest box around all its addresses, WGS 84 degrees.
    pub bounds: Bounds,
    /// Its quarters.
    pub neighbourhoods: &'static [Neighbourhood],
}

/// A box in WGS 84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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

/// A named part of the city.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Neighbourhood {
    /// Its name as a label.
    pub name: &'static str,
    /// Latitude of its centre, WGS 84 degrees.
    pub latitude: f64,
    /// Longitude of its centre, WGS 84 degrees.
    pub longitude: f64,
}

const SOUTH: i32 = 41_840_000;
const WEST: i32 = -99_760_000;
/// 430 metres to the north, 430 metres to the east: a res-8 cell of H3 holds about four blocks.
const NORTH_STEP: i32 = 3_900;
const EAST_STEP: i32 = 5_200;
const LINES: u32 = 24;

/// The city.
pub fn city() -> &'static City {
    &CITY
}

static CITY: City = City {
    slug: "vellgrove",
    name: "Vellgrove Police",
    time_zone: "America/Chicago",
    bounds: Bounds { south: 41.84, west: -99.76, north: 41.94, east: -99.63 },
    neighbourhoods: NEIGHBOURHOODS,
};

const fn quarter(name: &'static str, latitude: f64, longitude: f64) -> Neighbourhood {
    Neighbourhood { name, latitude, longitude }
}

/// Centres on a grid of three by four; the place of each in the list follows from its row and column.
static NEIGHBOURHOODS: &[Neighbourhood] = &[
    quarter("Tannery Bottoms", 41.857, -99.744),
    quarter("Old Depot", 41.857, -99.712),
    quarter("Kettle Flats", 41.857, -99.679),
    quarter("Southmere", 41.857, -99.646),
    quarter("Windlass Hill", 41.890, -99.744),
    quarter("Courthouse Square", 41.890, -99.712),
    quarter("Millrace", 41.890, -99.679),
    quarter("Orchard Reach", 41.890, -99.646),
    quarter("Quarry Heights", 41.924, -99.744),
    quarter("Fairground", 41.924, -99.712),
    quarter("Lantern Park", 41.924, -99.679),
    quarter("Northgate", 41.924, -99.646),
];

/// Streets from south to north; several are named after people, as real ones are.
static ROWS: [&str; LINES as usize] = [
    "Tannery Rd",
    "Cinder St",
    "Grant St",
    "Levee Dr",
    "Martha Oakes Blvd",
    "Plum St",
    "Rose Ave",
    "Cooper Ln",
    "Depot St",
    "Dr Ruth Halden Dr",
    "Main St",
    "Court St",
    "Chase St",
    "Ferry Rd",
    "St Alban St",
    "Thistle Way",
    "Madison Ave",
    "Victor Lindqvist Pkwy",
    "Hollow Rd",
    "Juniper Ct",
    "Mill Pond Rd",
    "Bishop St",
    "Harlan Trl",
    "Ridgeback Rd",
];

/// Streets from west to east.
static COLUMNS: [&str; LINES as usize] = [
    "W 12th Ave",
    "W 11th Ave",
    "W 10th Ave",
    "W 9th Ave",
    "W 8th Ave",
    "W 7th Ave",
    "Lincoln Ave",
    "Amos Trujillo Ave",
    "W 4th Ave",
    "Elm Ave",
    "W 2nd Ave",
    "Division Ave",
    "E 1st Ave",
    "E 2nd Ave",
    "Nora Ave",
    "E 4th Ave",
    "County Road 9",
    "E 6th Ave",
    "E 7th Ave",
    "State Hwy 41",
    "E 9th Ave",
    "Calloway Ave",
    "E 11th Ave",
    "Range Line Rd",
];

pub(crate) static BUSINESSES: &[&str] = &[
    "Odell Hardware",
    "Kwik Barn",
    "Grant and Daughters Florist",
    "First Prairie Bank",
    "Sunflower Diner",
    "Moss Pharmacy",
    "Bluestem Liquor",
    "The Rusty Anvil",
    "Lantern Motel",
    "Vellgrove High School",
    "Mercy Clinic",
    "Pronto Fuel 7",
    "Hannah's Bakery",
    "Depot Lofts",
    "Cottonwood Mall",
    "Chase Auto Parts",
    "Saddle Club Lounge",
    "Northgate Cinema",
    "Plains Credit Union",
    "Juniper Laundry",
    "Tres Hermanos Market",
    "Range Line Storage",
    "Bishop Tire",
    "Dollar Post",
];

pub(crate) static PARKS: &[&str] = &[
    "Lantern Park",
    "Levee Park",
    "Halden Commons",
    "Fairground Field",
    "Mill Pond Trail",
    "Quarry Overlook",
    "Rose Garden",
    "Kettle Skate Park",
];

/// A house, or a flat in it. The position is the house's own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) number: u32,
    street: Street,
    /// Which block of the street, from its beginning.
    block: u32,
    /// A flat's floor (1 to 9) and letter (0 for A).
    pub(crate) flat: Option<(u32, u32)>,
    /// Micro-degrees.
    pub(crate) latitude: i32,
    pub(crate) longitude: i32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Street {
    Row(u32),
    Column(u32),
}

impl Address {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let line = dice.below(LINES);
        let block = dice.below(LINES - 1);
        let along = dice.between(1, 98);
        let flat = dice.chance(220).then(|| (dice.between(1, 9), dice.below(6)));
        let row = dice.chance(500);
        // Odd numbers stand on one side of the street, even ones on the other, 20 metres from its middle.
        let side = if along.is_multiple_of(2) { 180 } else { -180 };
        let (line_steps, way) = (signed(line), signed(block * 100 + along));
        let (street, latitude, longitude) = if row {
            (
                Street::Row(line),
                SOUTH + 2_000 + line_steps * NORTH_STEP + side,
                WEST + 2_500 + way * EAST_STEP / 100,
            )
        } else {
            (
                Street::Column(line),
                SOUTH + 2_000 + way * NORTH_STEP / 100,
                WEST + 2_500 + line_steps * EAST_STEP + side,
            )
        };
        Self { number: (block + 1) * 100 + along, street, block, flat, latitude, longitude }
    }

    pub(crate) fn street(&self) -> &'static str {
        match self.street {
            Street::Row(line) => ROWS[line as usize],
            Street::Column(line) => COLUMNS[line as usize],
        }
    }

    /// The street at the beginning of the block.
    pub(crate) fn cross_street(&self) -> &'static str {
        match self.street {
            Street::Row(_) => COLUMNS[self.block as usize],
            Street::Column(_) => ROWS[self.block as usize],
        }
    }

    /// The number at which the block begins: 1400 of 1418.
    pub(crate) fn hundred(&self) -> u32 {
        self.number / 100 * 100
    }

    pub(crate) fn neighbourhood(&self) -> &'static Neighbourhood {
        let row = (self.latitude - SOUTH).clamp(0, 99_999) * 3 / 100_000;
        let column = (self.longitude - WEST).clamp(0, 129_999) * 4 / 130_000;
        &NEIGHBOURHOODS[usize::try_from(row * 4 + column).unwrap_or_default()]
    }
}

/// Micro-degrees as degrees.
pub(crate) fn degrees(micro: i32) -> f64 {
    f64::from(micro) / 1e6
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_lies_in_the_city_and_next_to_its_quarter() {
        let mut dice = Dice::of_call(3, 3);
        for _ in 0..20_000 {
            let address = Address::random(&mut dice);
            let (latitude, longitude) = (degrees(address.latitude), degrees(address.longitude));
            let bounds = city().bounds;
            assert!((bounds.south..=bounds.north).contains(&latitude), "{latitude}");
            assert!((bounds.west..=bounds.east).contains(&longitude), "{longitude}");
            let quarter = address.neighbourhood();
            assert!((quarter.latitude - latitude).abs() < 0.0175, "{latitude} is not in {}", quarter.name);
            assert!((quarter.longitude - longitude).abs() < 0.0175, "{longitude} is not in {}", quarter.name);
        }
    }
}
