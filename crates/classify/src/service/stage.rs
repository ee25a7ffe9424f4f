//! The stage: incidents in, classified incidents out. The description and the narrative end here.

use std::sync::Arc;
use std::time::Duration;

use callbox_bus::relay::{self, Transform};
use callbox_bus::seal::{Associated, KeyRing, Opener};
use callbox_bus::{ConsumerSettings, GivenUp, Incoming, manifest};
use callbox_proto::bus::v1 as bus;
use callbox_proto::incident::v1 as pb;
use prost::Message as _;

use super::convert;
use crate::{Action, Category, Classifier, Input};

/// What narratives are sealed for.
const INCIDENTS: &str = "incidents";
/// This service's name among the stages.
const STAGE: &str = "classify";

/// The consumer that feeds this stage.
pub const CONSUMER: callbox_bus::manifest::ConsumerSpec = manifest::CLASSIFY;

/// How the stage consumes: few envelopes at once, because each is computing.
pub fn consumer_settings() -> ConsumerSettings {
    ConsumerSettings {
        stage: STAGE,
        batch_max: 8,
        batches_in_flight: 4,
        handler_timeout: Duration::from_secs(20),
        pull_wait: Duration::from_secs(2),
    }
}

/// Turns envelopes of incidents into envelopes of classified incidents.
pub struct Classify {
    /// The keys that open narratives.
    pub keys: KeyRing,
    /// What decides.
    pub classifier: Arc<Classifier>,
}

impl Transform for Classify {
    const STAGE: &'static str = STAGE;

    fn transform(&self, incoming: &Incoming) -> (bus::Envelope, Vec<GivenUp>) {
        let envelope = &incoming.envelope;
        let opener = envelope.seal.as_ref().ok_or("not_sealed");
        let mut opener = opener.and_then(|seal| self.keys.opener(seal).map_err(|_| "unknown_key"));
        let mut given_up = Vec::new();
        let mut records = Vec::with_capacity(envelope.records.len());
        // The sealing context opens narratives in their order, so those that are not selected are opened and dropped.
        for (index, record) in (0_u32..).zip(&envelope.records) {
            let selected = envelope.selected.is_empty() || envelope.selected.contains(&index);
            let narrative = narrative(&mut opener, &envelope.agency, record);
            if !selected {
                continue;
            }
            if record.failure.is_some() {
                records.push(record.clone());
                continue;
            }
            records.push(narrative.and_then(|narrative| self.record(record, &narrative)).unwrap_or_else(
                |reason| {
                    given_up.push(GivenUp { record: index, reason });
                    relay::given_up(record, STAGE, reason)
                },
            ));
        }
        let classified =
            bus::Envelope { seal: None, records, selected: Vec::new(), ..header(envelope, incoming) };
        (classified, given_up)
    }
}

/// What an envelope keeps from stage to stage.
fn header(envelope: &bus::Envelope, incoming: &Incoming) -> bus::Envelope {
    bus::Envelope {
        version: 1,
        id: envelope.id.clone(),
        agency: envelope.agency.clone(),
        position: Some(incoming.position),
        replayed: envelope.replayed,
        ..bus::Envelope::default()
    }
}

/// The record's narrative; empty where it has none.
fn narrative(
    opener: &mut Result<Opener, &'static str>,
    agency: &str,
    record: &bus::Record,
) -> Result<String, &'static str> {
    if record.sealed.is_empty() {
        return Ok(String::new());
    }
    let opener = opener.as_mut().map_err(|reason| *reason)?;
    let associated = Associated {
        stage: INCIDENTS,
        agency,
        incident: &record.incident,
        submission_id: &record.submission_id,
    };
    let plain = opener.open(&associated, &record.sealed).map_err(|_| "cannot_open")?;
    std::str::from_utf8(&plain).map(str::to_owned).map_err(|_| "invalid_narrative")
}

impl Classify {
    /// The outgoing record of one incident.
    fn record(&self, record: &bus::Record, narrative: &str) -> Result<bus::Record, &'static str> {
        let incident = pb::Incident::decode(record.payload.as_ref()).map_err(|_| "invalid_incident")?;
        let classified = self.classify(incident, narrative);
        Ok(bus::Record {
            incident: record.incident.clone(),
            submission_id: record.submission_id.clone(),
            payload: classified.encode_to_vec().into(),
            sealed: bytes::Bytes::new(),
            failure: None,
        })
    }

    /// What is said of one incident.
    fn classify(&self, incident: pb::Incident, narrative: &str) -> pb::ClassifiedIncident {
        let verdict = self.classifier.classify(&Input {
            agency: Some(&incident.agency),
            code: &incident.type_code,
            description: &incident.type_description,
            initial_code: &incident.initial_type_code,
            initial_description: &incident.initial_type_description,
            disposition: &incident.disposition,
            status: &incident.status,
            narrative,
        });
        let place = match verdict.category {
            _ if verdict.action == Action::Suppress => None,
            Some(category) if Category::is_person(category) => incident.person_place,
            Some(_) => incident.property_place,
            None => None,
        };
        pb::ClassifiedIncident {
            incident: incident.incident,
            submission_id: incident.submission_id,
            order: incident.order,
            received_time: incident.received_time,
            accepted_time: incident.accepted_time,
            category: convert::category(verdict.category).into(),
            action: convert::action(verdict.action).into(),
            confidence: verdict.confidence,
            reasons: convert::reasons(&verdict),
            ended: convert::ended(verdict.ended).into(),
            place,
            agency: incident.agency,
        }
    }
}
