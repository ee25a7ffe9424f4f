//! The stored form of an incident's state, the same in both stores.

use callbox_proto::domain::{AlertId, Category, IncidentKey, Order, Place, Position, Timestamp};
use callbox_proto::incident::v1 as pb;
use uuid::Uuid;

use super::Error;
use crate::domain::state::{Categories, IncidentState, Seen, Standing, Told};

/// Stands for the agency's whole area where a cell is stored. No H3 index is 0.
const AGENCY_AREA: i64 = 0;

/// The columns of `incident_state` in their order, except for the incident and its agency.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(super) struct StateRow {
    pub(super) incident: Vec<u8>,
    pub(super) latest: Vec<u8>,
    pub(super) seen: Vec<u8>,
    pub(super) standing: i16,
    pub(super) standing_order: Vec<u8>,
    pub(super) standing_category: i16,
    pub(super) fresh: bool,
    pub(super) place: Option<i64>,
    pub(super) received_time: Option<i64>,
    pub(super) accepted_time: i64,
    pub(super) alert: Option<Uuid>,
    pub(super) revision: i32,
    pub(super) live: bool,
    pub(super) alert_category: i16,
    pub(super) alert_categories: i16,
    pub(super) alert_place: i64,
    pub(super) sent_time: i64,
}

impl StateRow {
    /// The row of a state.
    pub(super) fn new(key: IncidentKey, state: &IncidentState) -> Self {
        let (standing, standing_category) = match state.standing {
            Standing::Open => (0, 0),
            Standing::Publishable(category) => (1, number_of(category)),
            Standing::Withdrawn => (2, 0),
        };
        let told = state.told.as_ref();
        Self {
            incident: key.as_bytes().to_vec(),
            latest: order_bytes(state.latest),
            seen: state.seen.as_bytes().to_vec(),
            standing,
            standing_order: order_bytes(state.standing_order),
            standing_category,
            fresh: state.fresh,
            place: state.place.map(place_number),
            received_time: state.received_time.map(Timestamp::as_micros),
            accepted_time: state.accepted_time.as_micros(),
            alert: told.map(|told| told.id.0),
            revision: told.map_or(0, |told| i32::try_from(told.revision).unwrap_or(i32::MAX)),
            live: told.is_some_and(|told| told.live),
            alert_category: told.map_or(0, |told| number_of(told.category)),
            alert_categories: told.map_or(0, |told| i16::from(told.categories.bits())),
            alert_place: told.map_or(AGENCY_AREA, |told| place_number(told.place)),
            sent_time: told.map_or(0, |told| told.sent_time.as_micros()),
        }
    }

    /// The state of a row.
    pub(super) fn parse(self) -> Result<(IncidentKey, IncidentState), Error> {
        let told = match self.alert {
            None => None,
            Some(id) => Some(Told {
                id: AlertId(id),
                revision: u32::try_from(self.revision).map_err(|_| corrupt("revision"))?,
                live: self.live,
                category: category(self.alert_category, "alert_category")?,
                categories: categories("incident_state", self.alert_categories)?,
                place: place(self.alert_place),
                sent_time: time("incident_state", "sent_time", self.sent_time)?,
            }),
        };
        let standing = match self.standing {
            0 => Standing::Open,
            1 => Standing::Publishable(category(self.standing_category, "standing_category")?),
            2 => Standing::Withdrawn,
            _ => return Err(corrupt("standing")),
        };
        let received_time =
            self.received_time.map(|micros| time("incident_state", "received_time", micros)).transpose()?;
        let state = IncidentState {
            latest: order(&self.latest).ok_or(corrupt("latest"))?,
            seen: Seen::from_bytes(self.seen).ok_or(corrupt("seen"))?,
            standing,
            standing_order: order(&self.standing_order).ok_or(corrupt("standing_order"))?,
            fresh: self.fresh,
            place: self.place.map(place),
            received_time,
            accepted_time: time("incident_state", "accepted_time", self.accepted_time)?,
            told,
        };
        let key = IncidentKey::parse("incident", &self.incident).map_err(|_| corrupt("incident"))?;
        Ok((key, state))
    }
}

fn corrupt(column: &'static str) -> Error {
    Error::Corrupt { table: "incident_state", column }
}

/// A stored time.
pub(super) fn time(table: &'static str, column: &'static str, micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_micros(micros).ok_or(Error::Corrupt { table, column })
}

/// A stored set of categories.
pub(super) fn categories(table: &'static str, bits: i16) -> Result<Categories, Error> {
    let bits = u8::try_from(bits).map_err(|_| Error::Corrupt { table, column: "categories" })?;
    Ok(Categories::from_bits(bits))
}

/// The number of a category in the schema, 1 to 8.
pub(super) fn number_of(category: Category) -> i16 {
    i16::try_from(i32::from(pb::Category::from(category))).unwrap_or_default()
}

fn category(number: i16, column: &'static str) -> Result<Category, Error> {
    Category::parse(column, i32::from(number)).ok().flatten().ok_or(corrupt(column))
}

fn place_number(place: Place) -> i64 {
    match place {
        // The highest bit of an H3 index is reserved and 0, so that the cast keeps the order and the sign.
        Place::Cell(cell) => cell.cast_signed(),
        Place::AgencyArea => AGENCY_AREA,
    }
}

fn place(number: i64) -> Place {
    if number == AGENCY_AREA { Place::AgencyArea } else { Place::Cell(number.cast_unsigned()) }
}

/// Big-endian, so that the stored bytes sort as the orders do.
fn order_bytes(order: Order) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(28);
    bytes.extend(order.source_order.to_be_bytes());
    bytes.extend(order.position.epoch.to_be_bytes());
    bytes.extend(order.position.sequence.to_be_bytes());
    bytes.extend(order.index.to_be_bytes());
    bytes
}

fn order(bytes: &[u8]) -> Option<Order> {
    let (source_order, rest) = bytes.split_first_chunk::<8>()?;
    let (epoch, rest) = rest.split_first_chunk::<8>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let index: [u8; 4] = rest.try_into().ok()?;
    let position = Position { epoch: u64::from_be_bytes(*epoch), sequence: u64::from_be_bytes(*sequence) };
    Some(Order {
        source_order: u64::from_be_bytes(*source_order),
        position,
        index: u32::from_be_bytes(index),
    })
}

#[cfg(test)]
mod tests {
    use super::{StateRow, order, order_bytes};
    use crate::domain::decide::decide;
    use crate::domain::fixtures::{POLICY, robbery, suppressed};
    use callbox_proto::domain::{Order, Position};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn orders_round_trip_and_sort(a: (u64, u64, u64, u32), b: (u64, u64, u64, u32)) {
            let make = |(source_order, epoch, sequence, index)| {
                Order { source_order, position: Position { epoch, sequence }, index }
            };
            let (a, b) = (make(a), make(b));
            prop_assert_eq!(order(&order_bytes(a)), Some(a));
            prop_assert_eq!(order_bytes(a).cmp(&order_bytes(b)), a.cmp(&b));
        }
    }

    #[test]
    fn states_round_trip() {
        let first = decide(None, &robbery(1, 1), POLICY).state.unwrap();
        let second = decide(Some(&first), &suppressed(1, 2), POLICY).state.unwrap();
        let untold = decide(None, &suppressed(1, 2), POLICY).state.unwrap();
        for state in [first, second, untold] {
            let key = robbery(1, 1).key;
            assert_eq!(StateRow::new(key, &state).parse().unwrap(), (key, state));
        }
    }
}
