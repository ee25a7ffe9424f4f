//! Incidents on their way.

use super::{AgencyId, IncidentKey, Invalid, SubmissionId, Timestamp};
use crate::bus::v1 as bus;
use crate::incident::v1 as pb;
use crate::notify::v1 as notify;

/// Where an envelope stood in the `RAW` stream. Later positions compare greater, also across a stream made anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// When the stream was made, seconds since 1970-01-01 UTC.
    pub epoch: u64,
    /// The broker's sequence within the stream, from 1.
    pub sequence: u64,
}

impl From<bus::Position> for Position {
    fn from(position: bus::Position) -> Self {
        Self { epoch: position.epoch, sequence: position.sequence }
    }
}

impl From<Position> for bus::Position {
    fn from(position: Position) -> Self {
        Self { epoch: position.epoch, sequence: position.sequence }
    }
}

/// Order among the states of one incident: the derived comparison, field by field, is the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    /// The source's version, or its update time in microseconds since 1970-01-01 UTC; 0 if it has neither.
    pub source_order: u64,
    /// Where the envelope stood in `RAW`.
    pub position: Position,
    /// The record's place in the envelope, 0 to 63.
    pub index: u32,
}

impl Order {
    /// Parses a required field.
    fn required(field: &'static str, order: Option<pb::Order>) -> Result<Self, Invalid> {
        let order = order.ok_or(Invalid::new(field, "missing"))?;
        let position = order.position.ok_or(Invalid::new(field, "position is missing"))?.into();
        Ok(Self { source_order: order.source_order, position, index: order.index })
    }
}

impl From<Order> for pb::Order {
    fn from(order: Order) -> Self {
        Self { source_order: order.source_order, position: Some(order.position.into()), index: order.index }
    }
}

/// A masked place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// An H3 cell index.
    Cell(u64),
    /// The agency's whole area.
    AgencyArea,
}

impl Place {
    /// Parses the message form; `None` where there is no place.
    ///
    /// # Errors
    /// If the message is there and empty. Whether the cell is a cell is for the crate that knows H3.
    pub fn parse(field: &'static str, place: Option<pb::Place>) -> Result<Option<Self>, Invalid> {
        let Some(place) = place else { return Ok(None) };
        match place.area {
            Some(pb::place::Area::Cell(cell)) => Ok(Some(Self::Cell(cell))),
            Some(pb::place::Area::AgencyArea(true)) => Ok(Some(Self::AgencyArea)),
            _ => Err(Invalid::new(field, "expected a cell or the agency's area")),
        }
    }
}

impl From<Place> for pb::Place {
    fn from(place: Place) -> Self {
        Self {
            area: Some(match place {
                Place::Cell(cell) => pb::place::Area::Cell(cell),
                Place::AgencyArea => pb::place::Area::AgencyArea(true),
            }),
        }
    }
}

/// The two tiers of one call's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// For property categories.
    pub property: Option<Place>,
    /// For person categories: the coarser one.
    pub person: Option<Place>,
}

impl Places {
    /// The tier that `category` demands.
    pub fn for_category(self, category: Category) -> Option<Place> {
        if category.is_person() { self.person } else { self.property }
    }
}

/// The projection of one state of a call. Its texts are scrubbed; it does not print them.
pub struct Incident {
    /// Which incident.
    pub key: IncidentKey,
    /// Whose.
    pub agency: AgencyId,
    /// Which submission.
    pub submission_id: SubmissionId,
    /// Where this state stands among the incident's states.
    pub order: Order,
    /// When the agency received the call.
    pub received_time: Timestamp,
    /// When this state was accepted, on the feed's clock.
    pub accepted_time: Timestamp,
    /// The call type's code, scrubbed.
    pub type_code: String,
    /// The call type in words, scrubbed.
    pub type_description: String,
    /// The code of the type under which the call was opened, scrubbed.
    pub initial_type_code: String,
    /// The type under which the call was opened, scrubbed.
    pub initial_type_description: String,
    /// Status, scrubbed.
    pub status: String,
    /// Disposition, scrubbed.
    pub disposition: String,
    /// Where, in both tiers.
    pub places: Places,
}

impl TryFrom<pb::Incident> for Incident {
    type Error = Invalid;

    fn try_from(message: pb::Incident) -> Result<Self, Invalid> {
        Ok(Self {
            key: IncidentKey::parse("incident.incident", &message.incident)?,
            agency: message.agency.parse()?,
            submission_id: message.submission_id.parse()?,
            order: Order::required("incident.order", message.order)?,
            received_time: Timestamp::required("incident.received_time", message.received_time.as_ref())?,
            accepted_time: Timestamp::required("incident.accepted_time", message.accepted_time.as_ref())?,
            type_code: message.type_code,
            type_description: message.type_description,
            initial_type_code: message.initial_type_code,
            initial_type_description: message.initial_type_description,
            status: message.status,
            disposition: message.disposition,
            places: Places {
                property: Place::parse("incident.property_place", message.property_place)?,
                person: Place::parse("incident.person_place", message.person_place)?,
            },
        })
    }
}

/// The eight public-alert crimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Entering a building to commit a crime.
    Burglary,
    /// Vehicle break-in and vehicle theft.
    Vehicle,
    /// Taking by force or threat, carjacking included.
    Robbery,
    /// Gunfire, nobody known to be hit.
    ShotsFired,
    /// Somebody was shot.
    Shooting,
    /// Somebody was stabbed or cut with a weapon.
    Stabbing,
    /// Somebody is held against their will.
    Hostage,
    /// A fire that was set.
    Arson,
}

impl Category {
    /// All eight, in the order of the schema.
    pub const ALL: [Self; 8] = [
        Self::Burglary,
        Self::Vehicle,
        Self::Robbery,
        Self::ShotsFired,
        Self::Shooting,
        Self::Stabbing,
        Self::Hostage,
        Self::Arson,
    ];

    /// Whether a person is the target, so that the coarser tier of places applies. Arson and burglary concern a
    /// building, and vehicle crime a vehicle.
    pub fn is_person(self) -> bool {
        matches!(self, Self::Robbery | Self::ShotsFired | Self::Shooting | Self::Stabbing | Self::Hostage)
    }

    /// The name that command line, files and metrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Burglary => "burglary",
            Self::Vehicle => "vehicle",
            Self::Robbery => "robbery",
            Self::ShotsFired => "shots_fired",
            Self::Shooting => "shooting",
            Self::Stabbing => "stabbing",
            Self::Hostage => "hostage",
            Self::Arson => "arson",
        }
    }

    /// Parses the message form; `None` for none of the eight.
    ///
    /// # Errors
    /// If the number is not of this release's schema.
    pub fn parse(field: &'static str, value: i32) -> Result<Option<Self>, Invalid> {
        Ok(Some(
            match pb::Category::try_from(value).map_err(|_| Invalid::new(field, "unknown category"))? {
                pb::Category::Unspecified => return Ok(None),
                pb::Category::Burglary => Self::Burglary,
                pb::Category::Vehicle => Self::Vehicle,
                pb::Category::Robbery => Self::Robbery,
                pb::Category::ShotsFired => Self::ShotsFired,
                pb::Category::Shooting => Self::Shooting,
                pb::Category::Stabbing => Self::Stabbing,
                pb::Category::Hostage => Self::Hostage,
                pb::Category::Arson => Self::Arson,
            },
        ))
    }
}

impl From<Category> for pb::Category {
    fn from(category: Category) -> Self {
        match category {
            Category::Burglary => Self::Burglary,
            Category::Vehicle => Self::Vehicle,
            Category::Robbery => Self::Robbery,
            Category::ShotsFired => Self::ShotsFired,
            Category::Shooting => Self::Shooting,
            Category::Stabbing => Self::Stabbing,
            Category::Hostage => Self::Hostage,
            Category::Arson => Self::Arson,
        }
    }
}

impl std::str::FromStr for Category {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|category| category.as_str() == text).ok_or(Invalid::new(
            "category",
            "expected burglary, vehicle, robbery, shots_fired, shooting, stabbing, hostage or arson",
        ))
    }
}

/// What may be done with a classified incident. The order is that of how much it lets out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nobody is told.
    Suppress,
    /// Nobody is told until a person decides.
    Hold,
    /// It may be published.
    Publish,
}

impl From<Action> for pb::Action {
    fn from(action: Action) -> Self {
        match action {
            Action::Suppress => Self::Suppress,
            Action::Hold => Self::Hold,
            Action::Publish => Self::Publish,
        }
    }
}

/// How a call ended, as far as it matters to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// There was nothing to it.
    Unfounded,
    /// It was cancelled.
    Cancelled,
    /// It is another call's duplicate.
    Duplicate,
    /// It was a test or a training.
    Test,
    /// Nobody was there any more. The report stands.
    GoneOnArrival,
}

impl Ended {
    /// Parses the message form; `None` where nothing ended the call.
    fn parse(field: &'static str, value: i32) -> Result<Option<Self>, Invalid> {
        Ok(Some(match pb::Ended::try_from(value).map_err(|_| Invalid::new(field, "unknown ending"))? {
            pb::Ended::Unspecified => return Ok(None),
            pb::Ended::Unfounded => Self::Unfounded,
            pb::Ended::Cancelled => Self::Cancelled,
            pb::Ended::Duplicate => Self::Duplicate,
            pb::Ended::Test => Self::Test,
            pb::Ended::GoneOnArrival => Self::GoneOnArrival,
        }))
    }
}

impl From<Ended> for pb::Ended {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Unfounded => Self::Unfounded,
            Ended::Cancelled => Self::Cancelled,
            Ended::Duplicate => Self::Duplicate,
            Ended::Test => Self::Test,
            Ended::GoneOnArrival => Self::GoneOnArrival,
        }
    }
}

/// What classify says of one state of an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifiedIncident {
    /// Which incident.
    pub key: IncidentKey,
    /// Whose.
    pub agency: AgencyId,
    /// Which submission.
    pub submission_id: SubmissionId,
    /// Where this state stands among the incident's states.
    pub order: Order,
    /// When the agency received the call.
    pub received_time: Timestamp,
    /// When this state was accepted, on the feed's clock.
    pub accepted_time: Timestamp,
    /// Which crime, if one of the eight.
    pub category: Option<Category>,
    /// What may be done with it.
    pub action: Action,
    /// How sure, 0 to 1.
    pub confidence: f32,
    /// Why, as codes of a closed vocabulary.
    pub reasons: Vec<String>,
    /// What ended the call, if something did.
    pub ended: Option<Ended>,
    /// Where, in the tier that the category demands.
    pub place: Option<Place>,
}

impl TryFrom<pb::ClassifiedIncident> for ClassifiedIncident {
    type Error = Invalid;

    fn try_from(message: pb::ClassifiedIncident) -> Result<Self, Invalid> {
        let action = match pb::Action::try_from(message.action) {
            Ok(pb::Action::Suppress) => Action::Suppress,
            Ok(pb::Action::Hold) => Action::Hold,
            Ok(pb::Action::Publish) => Action::Publish,
            Ok(pb::Action::Unspecified) | Err(_) => {
                return Err(Invalid::new("classified.action", "expected suppress, hold or publish"));
            }
        };
        if !(0.0..=1.0).contains(&message.confidence) {
            return Err(Invalid::new("classified.confidence", "expected a number from 0 to 1"));
        }
        Ok(Self {
            key: IncidentKey::parse("classified.incident", &message.incident)?,
            agency: message.agency.parse()?,
            submission_id: message.submission_id.parse()?,
            order: Order::required("classified.order", message.order)?,
            received_time: Timestamp::required("classified.received_time", message.received_time.as_ref())?,
            accepted_time: Timestamp::required("classified.accepted_time", message.accepted_time.as_ref())?,
            category: Category::parse("classified.category", message.category)?,
            action,
            confidence: message.confidence,
            reasons: message.reasons,
            ended: Ended::parse("classified.ended", message.ended)?,
            place: Place::parse("classified.place", message.place)?,
        })
    }
}

/// What became of an accepted submission: exactly one of these (invariant I4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It made, changed or took back an alert.
    Published,
    /// It changed nothing.
    Unchanged,
    /// It waits for a person, or has no place.
    Held,
    /// It is not to be told.
    Suppressed,
    /// It was over the limit of its cell and hour.
    Capped,
    /// It was accepted too long after the call.
    TooLate,
    /// It was held, and nobody decided in time.
    Expired,
    /// It was accepted and then found to be invalid.
    Rejected,
    /// It waits among the dead letters.
    DeadLettered,
}

impl Outcome {
    /// All of them, in the order of the schema.
    pub const ALL: [Self; 9] = [
        Self::Published,
        Self::Unchanged,
        Self::Held,
        Self::Suppressed,
        Self::Capped,
        Self::TooLate,
        Self::Expired,
        Self::Rejected,
        Self::DeadLettered,
    ];

    /// The name that stores, tables and metrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Unchanged => "unchanged",
            Self::Held => "held",
            Self::Suppressed => "suppressed",
            Self::Capped => "capped",
            Self::TooLate => "too_late",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::DeadLettered => "dead_lettered",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or(Invalid::new("outcome", "unknown outcome"))
    }
}

impl From<Outcome> for notify::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Published => Self::Published,
            Outcome::Unchanged => Self::Unchanged,
            Outcome::Held => Self::Held,
            Outcome::Suppressed => Self::Suppressed,
            Outcome::Capped => Self::Capped,
            Outcome::TooLate => Self::TooLate,
            Outcome::Expired => Self::Expired,
            Outcome::Rejected => Self::Rejected,
            Outcome::DeadLettered => Self::DeadLettered,
        }
    }
}
