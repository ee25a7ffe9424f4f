//! The stage: sealed calls in, incidents out.

use std::time::Duration;

use callbox_bus::relay::{self, Transform};
use callbox_bus::seal::{Associated, KeyRing, Opener, PublicKey, Sealer};
use callbox_bus::{ConsumerSettings, GivenUp, Incoming, manifest};
use callbox_proto::bus::v1 as bus;
use callbox_proto_raw::cad::v1::Call;
use prost::Message as _;

use super::project::{Place, Projector, Subject};

/// What the raw calls are sealed for.
const RAW: &str = "raw";
/// What the narratives are sealed for.
const INCIDENTS: &str = "incidents";
/// This service's name among the stages.
const STAGE: &str = "redact";

/// The consumer that feeds this stage.
pub const CONSUMER: callbox_bus::manifest::ConsumerSpec = manifest::REDACT;

/// How the stage consumes: few envelopes at once, because each is some milliseconds of computing.
pub fn consumer_settings() -> ConsumerSettings {
    ConsumerSettings {
        stage: STAGE,
        batch_max: 8,
        batches_in_flight: 4,
        handler_timeout: Duration::from_secs(20),
        pull_wait: Duration::from_secs(2),
    }
}

/// Turns envelopes of sealed calls into envelopes of incidents.
pub struct Redact {
    /// The keys that open calls.
    pub keys: KeyRing,
    /// Classify's key, to which narratives are sealed: its id and itself.
    pub narrative_key: (String, PublicKey),
    /// What is let through.
    pub projector: Projector,
}

impl Transform for Redact {
    const STAGE: &'static str = STAGE;

    fn transform(&self, incoming: &Incoming) -> (bus::Envelope, Vec<GivenUp>) {
        let raw = &incoming.envelope;
        let mut narratives = Sealer::new(&self.narrative_key.0, &self.narrative_key.1);
        let opener = raw
            .seal
            .as_ref()
            .ok_or("not_sealed")
            .and_then(|seal| self.keys.opener(seal).map_err(|_| "unknown_key"));
        let (mut opener, reason) = match opener {
            Ok(opener) => (Some(opener), ""),
            Err(reason) => (None, reason),
        };
        let mut given_up = Vec::new();
        let mut records = Vec::with_capacity(raw.records.len());
        // The sealing context opens records in their order, so those that are not selected are opened and dropped.
        for (index, record) in (0_u32..).zip(&raw.records) {
            let selected = raw.selected.is_empty() || raw.selected.contains(&index);
            let opened = match &mut opener {
                Some(opener) => open(opener, &raw.agency, record),
                None => Err(reason),
            };
            if !selected {
                continue;
            }
            let made = opened.and_then(|call| {
                let subject = Subject {
                    record,
                    agency: &raw.agency,
                    place: Place { position: incoming.position.into(), index },
                };
                self.record(&call, &subject, &mut narratives)
            });
            records.push(made.unwrap_or_else(|reason| {
                given_up.push(GivenUp { record: index, reason });
                relay::given_up(record, STAGE, reason)
            }));
        }
        let envelope = bus::Envelope {
            version: 1,
            id: raw.id.clone(),
            agency: raw.agency.clone(),
            seal: Some(narratives.header()),
            records,
            position: Some(incoming.position),
            selected: Vec::new(),
            replayed: raw.replayed,
        };
        (envelope, given_up)
    }
}

impl Redact {
    /// The outgoing record of one call.
    fn record(
        &self,
        call: &Call,
        subject: &Subject<'_>,
        narratives: &mut Sealer,
    ) -> Result<bus::Record, &'static str> {
        let projection = self.projector.project(call, subject)?;
        let sealed = match projection.narrative {
            narrative if narrative.is_empty() => Vec::new(),
            narrative => {
                narratives.seal(&associated(INCIDENTS, subject.agency, subject.record), narrative.as_bytes())
            }
        };
        Ok(bus::Record {
            incident: subject.record.incident.clone(),
            submission_id: subject.record.submission_id.clone(),
            payload: projection.incident.encode_to_vec().into(),
            sealed: sealed.into(),
            failure: None,
        })
    }
}

/// Opens one call.
fn open(opener: &mut Opener, agency: &str, record: &bus::Record) -> Result<Call, &'static str> {
    let plain = opener.open(&associated(RAW, agency, record), &record.sealed).map_err(|_| "cannot_open")?;
    Call::decode(plain.as_slice()).map_err(|_| "invalid_call")
}

/// What a record's sealed part is bound to.
fn associated<'a>(stage: &'a str, agency: &'a str, record: &'a bus::Record) -> Associated<'a> {
    Associated { stage, agency, incident: &record.incident, submission_id: &record.submission_id }
}
