//! Domain types, parsed from the messages at the edge of a service.
//!
//! A value of these types is valid: fields that are required are there, numbers are in range. Parsing errors name the
//! field and never repeat a value, because the value may be somebody's.

mod alert;
mod id;
mod incident;
mod time;

pub use alert::{Alert, AlertPlace, AlertState, LatLon};
pub use id::{AgencyId, AlertId, IncidentKey, SubmissionId};
pub use incident::{
    Action, Category, ClassifiedIncident, Ended, Incident, Order, Outcome, Place, Places, Position,
};
pub use time::Timestamp;

/// A message did not hold what it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {field}: {problem}")]
pub struct Invalid {
    /// The field, as a path from the message's top.
    pub field: &'static str,
    /// What is wrong with it and what was expected.
    pub problem: &'static str,
}

impl Invalid {
    /// The error for `field`.
    pub fn new(field: &'static str, problem: &'static str) -> Self {
        Self { field, problem }
    }
}
