//! Acceptance: what is answered is durable, sealed and named, on both brokers; what is not is told.

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use callbox_bus::manifest::{ConsumerSpec, StreamSpec};
use callbox_bus::{
    AckFuture, Backend, Bus, Delivery, DeliveryToken, Error, Outgoing, Page, Published, Settlement,
    StreamInfo,
};
use callbox_ingest::accept::{Settings, SubmitError};
use callbox_proto_raw::cad::v1::Call;
use support::{acceptor, call, embedded_bus, envelopes, keys, nats_bus, open};
use tokio::sync::Notify;

/// The cases that both brokers must pass.
mod cases {
    use super::*;

    pub(super) async fn accepted_calls_are_durable_and_sealed(bus: Bus) {
        let (keys, ring) = keys();
        let acceptor = acceptor(&bus, &keys, &Settings::default());
        let calls: Vec<Call> = (0..200).map(|number| call(&format!("S-{number}"))).collect();
        let answers = acceptor.submit_batch(calls.into_iter().map(|call| (call, None))).await;
        let accepted: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()).collect();
        let envelopes = envelopes(&bus, 200).await;
        assert!(envelopes.iter().all(|envelope| envelope.records.len() <= 64));
        let ids: HashSet<_> = envelopes.iter().map(|envelope| envelope.id.clone()).collect();
        assert_eq!(ids, accepted.iter().map(|accepted| accepted.receipt.to_string()).collect());
        let records: Vec<_> = envelopes.iter().flat_map(|envelope| &envelope.records).collect();
        for (record, accepted) in records.iter().zip(&accepted) {
            assert_eq!(record.incident, accepted.incident.as_bytes()[..]);
            assert_eq!(record.submission_id, accepted.submission_id);
            assert!(record.payload.is_empty() && record.failure.is_none());
            assert!(!contains(&record.sealed, b"ZQXNAME"), "raw data is never in the clear");
        }
        let opened: Vec<Call> = envelopes.iter().flat_map(|envelope| open(envelope, &ring)).collect();
        for (number, call) in opened.iter().enumerate() {
            assert_eq!(call.source_id, format!("S-{number}"), "the order of the caller");
            assert_eq!(call.notes[0].text, "ZQXNAME AT 555-0142");
            assert!(call.observed_time.unwrap().seconds > 1_700_000_000, "now, where the caller did not say");
        }
    }

    pub(super) async fn a_drain_publishes_what_is_queued(bus: Bus) {
        let (keys, _) = keys();
        // Longer than the test: only the drain ends the waiting for more.
        let settings = Settings { linger: Duration::from_secs(600), ..Settings::default() };
        let acceptor = acceptor(&bus, &keys, &settings);
        let mut tickets = Vec::new();
        for number in 0..100 {
            tickets.push(acceptor.enqueue(call(&number.to_string()), None).await.unwrap());
        }
        acceptor.drain().await;
        for ticket in tickets {
            ticket.await.unwrap();
        }
        assert_eq!(acceptor.submit(call("late"), None).await, Err(SubmitError::Unavailable));
        assert_eq!(
            envelopes(&bus, 100).await.iter().map(|envelope| envelope.records.len()).sum::<usize>(),
            100
        );
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn accepted_calls_are_durable_and_sealed_on_the_embedded_broker() {
    let (_broker, bus) = embedded_bus().await;
    cases::accepted_calls_are_durable_and_sealed(bus).await;
}

#[tokio::test]
async fn accepted_calls_are_durable_and_sealed_on_nats() {
    let (_broker, bus) = nats_bus().await;
    cases::accepted_calls_are_durable_and_sealed(bus).await;
}

#[tokio::test]
async fn a_drain_publishes_what_is_queued_on_the_embedded_broker() {
    let (_broker, bus) = embedded_bus().await;
    cases::a_drain_publishes_what_is_queued(bus).await;
}

#[tokio::test]
async fn a_drain_publishes_what_is_queued_on_nats() {
    let (_broker, bus) = nats_bus().await;
    cases::a_drain_publishes_what_is_queued(bus).await;
}

#[tokio::test]
async fn the_same_submission_has_the_same_name() {
    let (_broker, bus) = embedded_bus().await;
    let (keys, _) = keys();
    let acceptor = acceptor(&bus, &keys, &Settings::default());
    let observed =
        |seconds| Call { observed_time: Some(prost_types::Timestamp { seconds, nanos: 0 }), ..call("S-1") };
    let first = acceptor.submit(observed(1_700_000_100), None).await.unwrap();
    let again = acceptor.submit(observed(1_700_000_200), Some("")).await.unwrap();
    assert_eq!((first.incident, &first.submission_id), (again.incident, &again.submission_id));
    let changed = acceptor.submit(Call { status: "closed".into(), ..call("S-1") }, None).await.unwrap();
    assert_eq!(changed.incident, first.incident);
    assert_ne!(changed.submission_id, first.submission_id);
    let named = acceptor.submit(call("S-1"), Some("S-1/3")).await.unwrap();
    let renamed =
        acceptor.submit(Call { status: "closed".into(), ..call("S-1") }, Some("S-1/3")).await.unwrap();
    assert_eq!(named.submission_id, renamed.submission_id, "the caller's own id decides");
    assert!(!named.submission_id.contains("S-1"));
    let other = acceptor.submit(Call { agency: "elsewhere".into(), ..call("S-1") }, None).await.unwrap();
    assert_ne!(other.incident, first.incident);
}

#[tokio::test]
async fn what_cannot_be_accepted_is_refused_by_field() {
    let (_broker, bus) = embedded_bus().await;
    let (keys, _) = keys();
    let acceptor = acceptor(&bus, &keys, &Settings::default());
    let field = |answer| match answer {
        Err(SubmitError::Invalid(invalid)) => invalid.field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(acceptor.submit(Call::default(), None).await), "call.agency");
    assert_eq!(
        field(acceptor.submit(Call { source_id: String::new(), ..call("") }, None).await),
        "call.source_id"
    );
    assert_eq!(field(acceptor.submit(call("S-1"), Some(&"x".repeat(129))).await), "request_id");
    let unknown = Call { agency: "nowhere".into(), ..call("S-1") };
    assert_eq!(acceptor.submit(unknown, None).await, Err(SubmitError::UnknownAgency));
}

/// A broker that takes messages only when it is let.
#[derive(Default)]
struct Stubborn {
    refuses: AtomicBool,
    open: AtomicBool,
    opened: Notify,
}

#[async_trait]
impl Backend for Stubborn {
    async fn publish(&self, _: Outgoing) -> Result<AckFuture, Error> {
        loop {
            let opened = self.opened.notified();
            if self.open.load(Ordering::SeqCst) {
                break;
            }
            opened.await;
        }
        if self.refuses.load(Ordering::SeqCst) {
            return Ok(Box::pin(async { Err(Error::Full { stream: "RAW".into() }) }));
        }
        Ok(Box::pin(async { Ok(Published { sequence: 1, duplicate: false }) }))
    }

    async fn declare(&self, _: &[StreamSpec], _: &[ConsumerSpec]) -> Result<(), Error> {
        unreachable!("ingest only publishes")
    }
    async fn pull(&self, _: &ConsumerSpec, _: usize, _: Duration) -> Result<Vec<Delivery>, Error> {
        unreachable!("ingest only publishes")
    }
    async fn settle(&self, _: &ConsumerSpec, _: Vec<(DeliveryToken, Settlement)>) -> Result<(), Error> {
        unreachable!("ingest only publishes")
    }
    async fn read(&self, _: &StreamSpec, _: u64, _: usize) -> Result<Page, Error> {
        unreachable!("ingest only publishes")
    }
    async fn wait_beyond(&self, _: &StreamSpec, _: u64, _: Duration) -> Result<(), Error> {
        unreachable!("ingest only publishes")
    }
    async fn info(&self, _: &StreamSpec) -> Result<StreamInfo, Error> {
        unreachable!("ingest only publishes")
    }
    async fn backlog(&self, _: &ConsumerSpec) -> Result<u64, Error> {
        unreachable!("ingest only publishes")
    }
    async fn delete(&self, _: &StreamSpec, _: u64) -> Result<(), Error> {
        unreachable!("ingest only publishes")
    }
    async fn purge(&self, _: &StreamSpec) -> Result<(), Error> {
        unreachable!("ingest only publishes")
    }
    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }
    async fn close(&self) {}
}

impl Stubborn {
    fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
        self.opened.notify_waiters();
    }
}

#[tokio::test]
async fn a_broker_that_does_not_take_it_is_told_to_every_caller() {
    let broker = Arc::new(Stubborn::default());
    broker.refuses.store(true, Ordering::SeqCst);
    broker.open();
    let bus: Bus = broker;
    let (keys, _) = keys();
    let acceptor = acceptor(&bus, &keys, &Settings::default());
    let calls = (0..100).map(|number| (call(&number.to_string()), None));
    for answer in acceptor.submit_batch(calls).await {
        assert_eq!(answer, Err(SubmitError::Unavailable));
    }
}

#[tokio::test]
async fn a_full_queue_is_backpressure() {
    let broker = Arc::new(Stubborn::default());
    let bus: Bus = broker.clone();
    let (keys, _) = keys();
    let settings = Settings { queue_max: 4, window: 1, linger: Duration::ZERO, ..Settings::default() };
    let acceptor = acceptor(&bus, &keys, &settings);
    let mut tickets = Vec::new();
    // What fits: the calls of the envelope at hand and those in the queue. Then nobody is let in.
    let full = loop {
        match tokio::time::timeout(Duration::from_millis(200), acceptor.enqueue(call("S-1"), None)).await {
            Ok(ticket) => tickets.push(ticket.unwrap()),
            Err(_) => break acceptor.offer(call("S-1"), None).await,
        }
    };
    assert_eq!(full, Err(SubmitError::QueueFull));
    assert!(tickets.len() <= 64 + 4, "the queue is bounded");
    let other = Call { agency: "elsewhere".into(), ..call("S-1") };
    let ticket = acceptor.enqueue(other, None).await.unwrap();
    broker.open();
    for ticket in tickets {
        ticket.await.unwrap();
    }
    ticket.await.unwrap();
}

#[tokio::test]
async fn callers_of_a_lane_that_is_gone_are_told() {
    let broker = Arc::new(Stubborn::default());
    let bus: Bus = broker.clone();
    let (keys, _) = keys();
    let acceptor = acceptor(&bus, &keys, &Settings::default());
    let ticket = acceptor.enqueue(call("S-1"), None).await.unwrap();
    let draining = tokio::spawn({
        let acceptor = acceptor.clone();
        async move { acceptor.drain().await }
    });
    broker.open();
    draining.await.unwrap();
    ticket.await.unwrap();
    assert_eq!(acceptor.offer(call("S-2"), None).await, Err(SubmitError::Unavailable));
}
