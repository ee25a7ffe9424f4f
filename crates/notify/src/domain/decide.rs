//! What one more state of an incident changes.
//!
//! An incident's states come at least once and, after a crash, in any order. So nothing is decided by what came last:
//! a state is first merged into what is known ([`IncidentState`], a function of the set of states), then what the
//! public should know is compared with what it was told, and the difference, if any, is the next revision of the alert.
//! Where states come in order this gives the rules of the design: the first publishable state publishes, another category or
//! place updates, an ending without substance retracts, a hold leaves a standing alert alone.
//!
//! It follows that a state that comes late, after a newer one, is `unchanged`, except where the public would have been
//! told something else had it come in time: its place then coarsens the alert, or its freshness lets the newer content
//! be told. It never replaces what a newer state says.

use callbox_place::{Cell, coarsened};
use callbox_proto::domain::{
    Action, AlertId, AlertState, Category, ClassifiedIncident, Ended, Order, Outcome, Place, Timestamp,
};

use super::agency::Policy;
use super::state::{Categories, IncidentState, Seen, Standing, Told};

/// The resolutions of masked cells, as the schema of `Place` states them.
const MASKED_RESOLUTIONS: std::ops::RangeInclusive<u8> = 5..=9;

/// What came of one submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Its one outcome.
    pub outcome: Outcome,
    /// The incident's new state; `None` if the old one stays as it is.
    pub state: Option<IncidentState>,
    /// What the public is told now, if anything.
    pub revision: Option<Revision>,
}

/// A revision of an alert that is to be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Revision {
    /// What it says.
    pub state: AlertState,
    /// The content.
    pub told: Told,
    /// When the agency received the call.
    pub received_time: Timestamp,
}

/// What one state of an incident says, as far as the public is concerned.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    /// It contradicts itself.
    Malformed,
    /// It settles nothing.
    Hold,
    /// There is nothing to tell, or no longer.
    Withdraw,
    /// It may be told.
    Publish(Category, Place),
}

/// Decides. The random id of a new alert is the only thing that is not a function of the arguments.
pub fn decide(state: Option<&IncidentState>, incident: &ClassifiedIncident, policy: Policy) -> Decision {
    let reading = read(incident);
    let unchanged = |outcome| Decision { outcome, state: None, revision: None };
    if reading == Reading::Malformed {
        return unchanged(Outcome::Rejected);
    }
    let newest = state.is_none_or(|state| incident.order > state.latest);
    let mut state = state.cloned().unwrap_or_else(|| blank(incident));
    if !state.seen.insert(&incident.submission_id) {
        return unchanged(Outcome::Unchanged);
    }
    merge(&mut state, incident, reading, policy);
    let revision = revise(&mut state, incident.accepted_time);
    let outcome = match (revision, reading) {
        (Some(_), _) => Outcome::Published,
        (None, _) if !newest => Outcome::Unchanged,
        (None, Reading::Withdraw | Reading::Malformed) => Outcome::Suppressed,
        (None, _) if state.live().is_some() => Outcome::Unchanged,
        (None, Reading::Hold) => Outcome::Held,
        (None, Reading::Publish(..)) => Outcome::TooLate,
    };
    Decision { outcome, state: Some(state), revision }
}

/// Reads one state. An ending without substance outweighs whatever the call was about.
fn read(incident: &ClassifiedIncident) -> Reading {
    let without_substance =
        matches!(incident.ended, Some(Ended::Unfounded | Ended::Cancelled | Ended::Duplicate | Ended::Test));
    match (incident.action, incident.category, incident.place) {
        (Action::Publish, None, _) => Reading::Malformed,
        (_, _, Some(Place::Cell(cell))) if !is_masked(cell) => Reading::Malformed,
        (Action::Suppress, _, _) => Reading::Withdraw,
        _ if without_substance => Reading::Withdraw,
        (Action::Publish, Some(category), Some(place)) => Reading::Publish(category, place),
        (Action::Publish, Some(_), None) | (Action::Hold, _, _) => Reading::Hold,
    }
}

/// Whether a cell is of the resolutions that redact gives. A finer one would be published as it is.
fn is_masked(cell: u64) -> bool {
    Cell::from_index(cell).is_some_and(|cell| MASKED_RESOLUTIONS.contains(&cell.resolution()))
}

/// The state of an incident of which nothing has come.
fn blank(incident: &ClassifiedIncident) -> IncidentState {
    IncidentState {
        latest: incident.order,
        seen: Seen::default(),
        standing: Standing::Open,
        standing_order: Order::default(),
        fresh: false,
        place: None,
        received_time: None,
        accepted_time: incident.accepted_time,
        told: None,
    }
}

/// Merges one state into what is known. The result does not depend on the order of merging.
fn merge(state: &mut IncidentState, incident: &ClassifiedIncident, reading: Reading, policy: Policy) {
    if incident.order >= state.latest {
        state.latest = incident.order;
        state.accepted_time = incident.accepted_time;
    }
    let standing = match reading {
        Reading::Malformed | Reading::Hold => return,
        Reading::Withdraw => Standing::Withdrawn,
        Reading::Publish(category, place) => {
            let received = incident.received_time;
            state.fresh |= incident.accepted_time.seconds_since(received) <= policy.freshness_seconds;
            state.place = Some(state.place.map_or(place, |known| coarsened(known, place)));
            state.received_time = Some(state.received_time.map_or(received, |known| known.min(received)));
            Standing::Publishable(category)
        }
    };
    if state.standing == Standing::Open || incident.order > state.standing_order {
        state.standing = standing;
        state.standing_order = incident.order;
    }
}

/// Compares what the public should know with what it was told, and gives the revision that makes them the same.
fn revise(state: &mut IncidentState, now: Timestamp) -> Option<Revision> {
    let before = state.told;
    let (alert_state, told) = match (before, state.target()) {
        (None, Some((category, place))) => (
            AlertState::Published,
            Told {
                id: AlertId::random(),
                revision: 1,
                live: true,
                category,
                categories: Categories::default().with(category),
                place,
                sent_time: now,
            },
        ),
        (Some(told), Some((category, place)))
            if !told.live || (told.category, told.place) != (category, place) =>
        {
            let categories = told.categories.with(category);
            (AlertState::Updated, Told { live: true, category, categories, place, ..next(told, now) })
        }
        (Some(told), None) if told.live => (AlertState::Retracted, Told { live: false, ..next(told, now) }),
        (None | Some(_), _) => return None,
    };
    state.told = Some(told);
    let received_time = state.received_time.unwrap_or(now);
    Some(Revision { state: alert_state, told, received_time })
}

/// The same content as the next revision. The clock of the public never goes back.
fn next(told: Told, now: Timestamp) -> Told {
    Told { revision: told.revision.saturating_add(1), sent_time: now.max(told.sent_time), ..told }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
