//! What becomes of envelopes, good and bad.

use std::sync::Arc;

use callbox_bus::{GivenUp, Handler as _, Incoming, Outcome as Settled};
use callbox_proto::bus::v1 as bus;
use callbox_proto::domain::{ClassifiedIncident, Outcome};
use callbox_proto::incident::v1 as pb;
use prost::Message as _;
use uuid::Uuid;

use super::NotifyHandler;
use crate::domain::fixtures::{agencies, robbery, suppressed};
use crate::testing::{Opened, sqlite};

/// The message form, as classify writes it.
fn message(incident: &ClassifiedIncident) -> pb::ClassifiedIncident {
    pb::ClassifiedIncident {
        incident: incident.key.as_bytes().to_vec().into(),
        agency: incident.agency.to_string(),
        submission_id: incident.submission_id.as_str().to_owned(),
        order: Some(incident.order.into()),
        received_time: Some(incident.received_time.to_proto()),
        accepted_time: Some(incident.accepted_time.to_proto()),
        category: incident.category.map_or(0, |category| pb::Category::from(category).into()),
        action: pb::Action::from(incident.action).into(),
        confidence: incident.confidence,
        reasons: incident.reasons.clone(),
        ended: incident.ended.map_or(0, |ended| pb::Ended::from(ended).into()),
        place: incident.place.map(Into::into),
    }
}

fn record(incident: &ClassifiedIncident) -> bus::Record {
    bus::Record {
        incident: incident.key.as_bytes().to_vec().into(),
        submission_id: incident.submission_id.as_str().to_owned(),
        payload: message(incident).encode_to_vec().into(),
        ..bus::Record::default()
    }
}

fn incoming(records: Vec<bus::Record>) -> Incoming {
    let envelope = bus::Envelope {
        version: 1,
        id: Uuid::new_v4().to_string(),
        agency: "springfield".to_owned(),
        records,
        ..bus::Envelope::default()
    };
    Incoming { envelope, position: bus::Position { epoch: 1, sequence: 1 }, headers: Vec::new(), attempt: 1 }
}

struct Setup {
    opened: Opened,
    handler: NotifyHandler,
}

impl Setup {
    async fn new() -> Self {
        let opened = sqlite().await;
        let handler = NotifyHandler::new(Arc::clone(&opened.store), Arc::new(agencies()));
        Self { opened, handler }
    }

    async fn counts(&self) -> Vec<(Outcome, i64)> {
        let rows = self.opened.store.outcomes(None).await.unwrap();
        rows.into_iter().map(|(_, outcome, count)| (outcome, count)).collect()
    }
}

#[tokio::test]
async fn good_envelopes_are_done_and_counted() {
    let setup = Setup::new().await;
    let batch = [
        incoming(vec![record(&robbery(1, 1)), record(&suppressed(2, 2))]),
        incoming(vec![record(&robbery(3, 3))]),
    ];
    assert_eq!(setup.handler.handle(&batch).await, [Settled::Done, Settled::Done]);
    assert_eq!(setup.counts().await, [(Outcome::Published, 2), (Outcome::Suppressed, 1)]);
    assert_eq!(setup.handler.handle(&batch).await, [Settled::Done, Settled::Done]);
    assert_eq!(setup.counts().await, [(Outcome::Published, 2), (Outcome::Suppressed, 1)]);
}

#[tokio::test]
async fn records_that_cannot_be_read_are_given_up_again_and_counted_once() {
    let setup = Setup::new().await;
    let unreadable = bus::Record { payload: vec![0xff; 9].into(), ..record(&robbery(2, 2)) };
    let other_incident = bus::Record { payload: record(&robbery(9, 9)).payload, ..record(&robbery(3, 3)) };
    let failed = bus::Record { failure: Some(bus::Failure::default()), ..bus::Record::default() };
    let batch = [incoming(vec![record(&robbery(1, 1)), unreadable, other_incident, failed])];
    let given_up = vec![
        GivenUp { record: 1, reason: super::INVALID_PAYLOAD },
        GivenUp { record: 2, reason: super::MISMATCH },
    ];
    // The dead letters must come again if the process ended before it wrote them.
    for _ in 0..2 {
        assert_eq!(setup.handler.handle(&batch).await, [Settled::DoneExcept(given_up.clone())]);
        assert_eq!(setup.counts().await, [(Outcome::DeadLettered, 3), (Outcome::Published, 1)]);
    }
}

#[tokio::test]
async fn only_selected_records_are_handled_on_a_replay() {
    let setup = Setup::new().await;
    let unreadable = bus::Record { payload: vec![0xff; 9].into(), ..record(&robbery(2, 2)) };
    setup.handler.handle(&[incoming(vec![record(&suppressed(1, 1)), unreadable])]).await;
    let mut replay = incoming(vec![record(&suppressed(1, 1)), record(&robbery(2, 2))]);
    replay.envelope.selected = vec![1];
    replay.envelope.replayed = true;
    assert_eq!(setup.handler.handle(&[replay]).await, [Settled::Done]);
    let expected = [(Outcome::DeadLettered, 0), (Outcome::Published, 1), (Outcome::Suppressed, 1)];
    assert_eq!(setup.counts().await, expected);
}

#[tokio::test]
async fn an_agency_without_settings_goes_to_the_dead_letters() {
    let setup = Setup::new().await;
    let elsewhere = ClassifiedIncident { agency: "ogdenville".parse().unwrap(), ..robbery(1, 1) };
    let mut unknown = incoming(vec![record(&elsewhere)]);
    unknown.envelope.agency = "ogdenville".to_owned();
    let expected = Settled::DoneExcept(vec![GivenUp { record: 0, reason: super::UNKNOWN_AGENCY }]);
    assert_eq!(setup.handler.handle(&[unknown]).await, [expected]);
    assert_eq!(setup.counts().await, [(Outcome::DeadLettered, 1)]);
}

#[tokio::test]
async fn a_malformed_envelope_stops_no_other() {
    let setup = Setup::new().await;
    let mut malformed = incoming(vec![record(&robbery(1, 1))]);
    malformed.envelope.id = "7".to_owned();
    let settled = setup.handler.handle(&[malformed, incoming(vec![record(&robbery(2, 2))])]).await;
    assert_eq!(settled, [Settled::Reject { reason: super::INVALID_ENVELOPE }, Settled::Done]);
}

#[tokio::test]
async fn a_store_that_fails_makes_envelopes_come_again() {
    let setup = Setup::new().await;
    setup.opened.store.close().await;
    let settled = setup.handler.handle(&[incoming(vec![record(&robbery(1, 1))])]).await;
    assert_eq!(settled, [Settled::Retry { after: None }]);
}
