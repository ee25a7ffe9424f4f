//! What a batch of envelopes changes, with every record counted.
//!
//! The store loads what the batch touches, this module decides in memory, and the store writes the changes in the same
//! transaction. Records of one incident within a batch see each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use callbox_proto::domain::{AgencyId, Alert, ClassifiedIncident, IncidentKey, Outcome, Timestamp};
use uuid::Uuid;

use super::agency::Agencies;
use super::compose::compose;
use super::decide::decide;
use super::state::{Categories, IncidentState};

/// One record of an envelope.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// It is to be decided.
    Classified(ClassifiedIncident),
    /// This stage or an earlier one put it among the dead letters.
    DeadLettered,
}

/// One envelope, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// The envelope's id: it is handled once.
    pub envelope: Uuid,
    /// Whose records.
    pub agency: AgencyId,
    /// Whether it comes back from the dead letters, where its records were counted before.
    pub replayed: bool,
    /// Its selected records, in their order.
    pub items: Vec<Item>,
}

/// How many submissions came to which outcome.
pub type Ledger = BTreeMap<(AgencyId, Outcome), i64>;

/// A revision that is to be stored and told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What is told.
    pub alert: Alert,
    /// Every category that the alert has or had.
    pub categories: Categories,
    /// When the submission that led to it was accepted, on the feed's clock.
    pub accepted_time: Timestamp,
}

/// What a batch changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// The new states, each incident once.
    pub states: Vec<(IncidentKey, AgencyId, IncidentState)>,
    /// The revisions, in their order.
    pub told: Vec<Told>,
    /// What is added to the counts of outcomes. A replayed record takes its dead letter back, so that a difference may
    /// be negative.
    pub ledger: Ledger,
}

/// The incidents whose states a batch needs, each once.
pub fn keys(work: &[Work]) -> HashSet<IncidentKey> {
    let incidents = work.iter().flat_map(|work| &work.items).filter_map(|item| match item {
        Item::Classified(incident) => Some(incident.key),
        Item::DeadLettered => None,
    });
    incidents.collect()
}

/// Decides a batch: the envelopes whose ids are in `fresh`, on top of the `states` of their incidents. An agency that is not among
/// `agencies` has no policy and no name: its records count as rejected.
#[allow(clippy::implicit_hasher, reason = "the stores are the only callers")]
pub fn run(
    agencies: &Agencies,
    work: &[Work],
    fresh: &HashSet<Uuid>,
    mut states: HashMap<IncidentKey, IncidentState>,
) -> Changes {
    let mut changes = Changes::default();
    let mut touched: BTreeMap<IncidentKey, AgencyId> = BTreeMap::new();
    let mut done = HashSet::new();
    for envelope in work {
        // The broker may deliver an envelope twice within one batch.
        if !fresh.contains(&envelope.envelope) || !done.insert(envelope.envelope) {
            continue;
        }
        for item in &envelope.items {
            if envelope.replayed {
                *changes.ledger.entry((envelope.agency.clone(), Outcome::DeadLettered)).or_default() -= 1;
            }
            let outcome = match item {
                Item::DeadLettered => Outcome::DeadLettered,
                Item::Classified(incident) => {
                    one(agencies, incident, &mut states, &mut touched, &mut changes.told)
                }
            };
            *changes.ledger.entry((envelope.agency.clone(), outcome)).or_default() += 1;
        }
    }
    changes.ledger.retain(|_, difference| *difference != 0);
    changes.states = touched
        .into_iter()
        .filter_map(|(key, agency)| states.remove(&key).map(|state| (key, agency, state)))
        .collect();
    changes
}

/// Decides one record.
fn one(
    agencies: &Agencies,
    incident: &ClassifiedIncident,
    states: &mut HashMap<IncidentKey, IncidentState>,
    touched: &mut BTreeMap<IncidentKey, AgencyId>,
    told: &mut Vec<Told>,
) -> Outcome {
    let Some(agency) = agencies.get(&incident.agency) else { return Outcome::Rejected };
    let decision = decide(states.get(&incident.key), incident, agency.policy);
    if let Some(state) = decision.state {
        states.insert(incident.key, state);
        touched.insert(incident.key, incident.agency.clone());
    }
    if let Some(revision) = decision.revision {
        told.push(Told {
            alert: compose(agency, &revision),
            categories: revision.told.categories,
            accepted_time: incident.accepted_time,
        });
    }
    decision.outcome
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
