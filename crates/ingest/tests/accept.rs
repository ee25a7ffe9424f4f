//! Acceptance: what is answered is durable, sealed and named, on both brokers; what is not is told.
#![allow(clippy::unwrap_used, reason = "what fails here is a failed test")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use callbox_bus::Bus;
use callbox_ingest::accept::{Settings, SubmitError};
use callbox_proto_raw::cad::v1::Call;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use support::{Stubborn, acceptor, call, embedded_bus, envelopes, keys, nats_bus, open};
use tokio::task::JoinSet;

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
        let settings = Settings { linger: Duration::from_mins(10), ..Settings::default() };
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
async fn what_was_accepted_survives_a_kill_of_the_broker() {
    let (mut broker, bus) = nats_bus().await;
    let (keys, _) = keys();
    let acceptor = acceptor(&bus, &keys, &Settings::default());
    let (progress, mut at) = tokio::sync::mpsc::channel(1);
    let submitting = tokio::spawn(async move {
        let mut accepted = HashSet::new();
        for round in 0..40 {
            let calls = (0..100).map(|number| (call(&format!("S-{round}-{number}")), None));
            let answers = acceptor.submit_batch(calls).await;
            accepted.extend(answers.into_iter().flatten().map(|accepted| accepted.submission_id));
            progress.send(round).await.unwrap();
        }
        accepted
    });
    while let Some(round) = at.recv().await {
        if round == 10 {
            broker.kill9_and_restart().await;
        }
    }
    let accepted = submitting.await.unwrap();
    assert!(accepted.len() >= 3_000, "the broker comes back, and with it the callers: {}", accepted.len());
    let mut stored = HashSet::new();
    while !accepted.is_subset(&stored) {
        for envelope in envelopes(&bus, 1).await {
            stored.extend(envelope.records.into_iter().map(|record| record.submission_id));
        }
    }
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
    let mut offers = JoinSet::new();
    for number in 0..200 {
        let acceptor = acceptor.clone();
        offers.spawn(async move { acceptor.offer(call(&number.to_string()), None).await });
    }
    // While the broker takes nothing, only a refusal is an answer.
    assert_eq!(offers.join_next().await.unwrap().unwrap(), Err(SubmitError::QueueFull));
    let other = Call { agency: "elsewhere".into(), ..call("S-1") };
    let other = acceptor.enqueue(other, None).await.unwrap();
    broker.open();
    let answers = offers.join_all().await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let full = answers.iter().filter(|answer| **answer == Err(SubmitError::QueueFull)).count();
    assert_eq!(accepted + full, 199);
    assert!(accepted >= 4, "what was queued is not lost");
    other.await.unwrap();
}

#[tokio::test]
async fn a_caller_that_waits_for_room_gets_it() {
    let broker = Arc::new(Stubborn::default());
    let bus: Bus = broker.clone();
    let (keys, _) = keys();
    let settings = Settings { queue_max: 1, window: 1, ..Settings::default() };
    let acceptor = acceptor(&bus, &keys, &settings);
    broker.open();
    let calls = (0..300).map(|number| (call(&number.to_string()), None));
    assert!(acceptor.submit_batch(calls).await.iter().all(Result::is_ok));
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

#[test]
fn what_is_accepted_and_refused_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let broker = Arc::new(Stubborn::default());
            broker.open();
            let bus: Bus = broker;
            let (keys, _) = keys();
            let acceptor = acceptor(&bus, &keys, &Settings::default());
            let calls = (0..3).map(|number| (call(&number.to_string()), None));
            assert_eq!(acceptor.submit_batch(calls).await.len(), 3);
            let invalid = Call { received_time: None, ..call("S-1") };
            assert!(acceptor.submit(invalid, None).await.is_err());
            let unknown = Call { agency: "made-up".into(), ..call("S-1") };
            assert!(acceptor.submit(unknown, None).await.is_err());
        });
    });
    let mut counts = Vec::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let labels: Vec<_> =
            key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        match value {
            DebugValue::Counter(count) if count > 0 => {
                counts.push(format!("{} {} {count}", key.key().name(), labels.join(",")));
            }
            _ => {}
        }
    }
    counts.sort();
    assert_eq!(
        counts,
        [
            "callbox_ingest_accepted_total agency=simville 3",
            "callbox_ingest_envelopes_total agency=simville 1",
            "callbox_ingest_refused_total agency=,reason=unknown_agency 1",
            "callbox_ingest_refused_total agency=simville,reason=invalid 1",
        ]
    );
}
