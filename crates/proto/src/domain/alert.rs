//! What the public sees.

use super::{AgencyId, AlertId, Category, Invalid, Timestamp};
use crate::alert::v1 as pb;
use crate::incident::v1 as incident;

/// What a revision of an alert says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertState {
    /// The first revision.
    Published,
    /// The public content changed.
    Updated,
    /// The alert is taken back.
    Retracted,
}

/// A corner of an outline, WGS 84 degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatLon {
    /// Latitude, -90 to 90.
    pub latitude: f64,
    /// Longitude, -180 to 180.
    pub longitude: f64,
}

/// A published place.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertPlace {
    /// The H3 cell index; `None` where the place is the agency's whole area.
    pub cell: Option<u64>,
    /// The name of the place: a function of the cell.
    pub label: String,
    /// The cell's outline, counter-clockwise, not closed.
    pub outline: Vec<LatLon>,
}

/// One revision of one alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// The same in every revision and every delivery.
    pub id: AlertId,
    /// From 1.
    pub revision: u32,
    /// What this revision says.
    pub state: AlertState,
    /// Whose.
    pub agency: AgencyId,
    /// The agency's public name.
    pub agency_name: String,
    /// What.
    pub category: Category,
    /// Where.
    pub place: AlertPlace,
    /// When the agency received the call, floored to 15 minutes.
    pub occurred_time: Timestamp,
    /// When this revision was decided, on the feed's clock.
    pub sent_time: Timestamp,
    /// When it is no longer shown.
    pub expires_time: Timestamp,
    /// One line.
    pub headline: String,
    /// A few sentences.
    pub body: String,
}

impl From<&Alert> for pb::Alert {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.id.to_string(),
            revision: alert.revision,
            state: match alert.state {
                AlertState::Published => pb::AlertState::Published,
                AlertState::Updated => pb::AlertState::Updated,
                AlertState::Retracted => pb::AlertState::Retracted,
            }
            .into(),
            agency: alert.agency.to_string(),
            agency_name: alert.agency_name.clone(),
            category: incident::Category::from(alert.category).into(),
            place: Some(pb::AlertPlace {
                cell: alert.place.cell.map(|cell| format!("{cell:015x}")).unwrap_or_default(),
                label: alert.place.label.clone(),
                outline: alert
                    .place
                    .outline
                    .iter()
                    .map(|corner| pb::Corner { latitude: corner.latitude, longitude: corner.longitude })
                    .collect(),
            }),
            occurred_time: Some(alert.occurred_time.to_proto()),
            sent_time: Some(alert.sent_time.to_proto()),
            expires_time: Some(alert.expires_time.to_proto()),
            headline: alert.headline.clone(),
            body: alert.body.clone(),
        }
    }
}

impl TryFrom<pb::Alert> for Alert {
    type Error = Invalid;

    fn try_from(message: pb::Alert) -> Result<Self, Invalid> {
        let state = match pb::AlertState::try_from(message.state) {
            Ok(pb::AlertState::Published) => AlertState::Published,
            Ok(pb::AlertState::Updated) => AlertState::Updated,
            Ok(pb::AlertState::Retracted) => AlertState::Retracted,
            Ok(pb::AlertState::Unspecified) | Err(_) => {
                return Err(Invalid::new("alert.state", "unknown state"));
            }
        };
        let place = message.place.ok_or(Invalid::new("alert.place", "missing"))?;
        let cell = match place.cell.as_str() {
            "" => None,
            hex => Some(
                u64::from_str_radix(hex, 16)
                    .map_err(|_| Invalid::new("alert.place.cell", "expected hexadecimal digits"))?,
            ),
        };
        Ok(Self {
            id: message.id.parse()?,
            revision: message.revision,
            state,
            agency: message.agency.parse()?,
            agency_name: message.agency_name,
            category: Category::parse("alert.category", message.category)?
                .ok_or(Invalid::new("alert.category", "missing"))?,
            place: AlertPlace {
                cell,
                label: place.label,
                outline: place
                    .outline
                    .iter()
                    .map(|corner| LatLon { latitude: corner.latitude, longitude: corner.longitude })
                    .collect(),
            },
            occurred_time: Timestamp::required("alert.occurred_time", message.occurred_time.as_ref())?,
            sent_time: Timestamp::required("alert.sent_time", message.sent_time.as_ref())?,
            expires_time: Timestamp::required("alert.expires_time", message.expires_time.as_ref())?,
            headline: message.headline,
            body: message.body,
        })
    }
}
