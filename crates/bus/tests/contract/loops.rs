//! The consumer loop and the dead letters.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use callbox_bus::manifest::{self, ConsumerSpec, DEAD_LETTERS, RAW};
use callbox_bus::{
    Bus, Consumer, ConsumerSettings, Error, GivenUp, Handler, Incoming, Outcome, Outgoing, dead_letters,
    envelope,
};
use callbox_proto::bus::v1::{Envelope, Position, Record};
use callbox_testkit::wait_until;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;

const SETTINGS: ConsumerSettings = ConsumerSettings {
    stage: "redact",
    batch_max: 8,
    batches_in_flight: 2,
    handler_timeout: Duration::from_secs(10),
    pull_wait: Duration::from_secs(2),
};

/// Redact's consumer, with an `ack_wait` so long that a lost delivery is missed.
const REDACT: ConsumerSpec = ConsumerSpec { ack_wait: Duration::from_mins(1), ..manifest::REDACT };

pub(crate) const STREAMS: &[StreamSpec] = &[RAW, DEAD_LETTERS];

/// An envelope of two records; `name` is in both submission ids.
pub(crate) fn outgoing(name: &str) -> Outgoing {
    let record = |number: u8| Record {
        incident: vec![number; 16].into(),
        submission_id: format!("{name}-{number}"),
        ..Record::default()
    };
    let id = uuid::Uuid::new_v4().to_string();
    let envelope = Envelope {
        version: 1,
        id: id.clone(),
        agency: "exampleville".to_owned(),
        records: vec![record(1), record(2)],
        ..Envelope::default()
    };
    let subject = RAW.subject("exampleville");
    Outgoing { subject, id, headers: Vec::new(), payload: envelope::encode(&envelope) }
}

/// The name that was given to [`outgoing`].
pub(crate) fn name_of(incoming: &Incoming) -> String {
    let id = &incoming.envelope.records[0].submission_id;
    id.rsplit_once('-').unwrap().0.to_owned()
}

/// A handler made of a function, which remembers what it was given.
pub(crate) struct Script<F> {
    pub(crate) seen: Arc<Mutex<Vec<Incoming>>>,
    pub(crate) outcome: F,
}

#[async_trait::async_trait]
impl<F, Fut> Handler for Script<F>
where
    F: Fn(Incoming) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    async fn handle(&self, batch: &[Incoming]) -> Vec<Outcome> {
        self.seen.lock().unwrap().extend_from_slice(batch);
        futures::future::join_all(batch.iter().map(|incoming| (self.outcome)(incoming.clone()))).await
    }
}

/// A running loop.
pub(crate) struct Running {
    pub(crate) seen: Arc<Mutex<Vec<Incoming>>>,
    drain: CancellationToken,
    task: JoinHandle<Result<(), Error>>,
}

impl Running {
    pub(crate) fn start<F, Fut>(bus: Bus, spec: ConsumerSpec, settings: ConsumerSettings, outcome: F) -> Self
    where
        F: Fn(Incoming) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let handler = Script { seen: Arc::clone(&seen), outcome };
        let drain = CancellationToken::new();
        let task = tokio::spawn(Consumer::new(bus, spec, handler, settings).run(drain.clone()));
        Self { seen, drain, task }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(name_of).collect()
    }

    fn times_seen(&self, name: &str) -> usize {
        self.names().iter().filter(|seen| *seen == name).count()
    }

    pub(crate) async fn drain(self) -> Result<(), Error> {
        self.drain.cancel();
        tokio::time::timeout(DEADLINE, self.task).await.expect("drains within the deadline").unwrap()
    }
}

pub(crate) async fn backlog_is(bus: &Bus, spec: &ConsumerSpec, expected: u64) {
    wait_until("the backlog is as expected", DEADLINE, || async {
        bus.backlog(spec).await.is_ok_and(|backlog| backlog == expected)
    })
    .await;
}

async fn letters(bus: &Bus) -> Vec<dead_letters::Entry> {
    dead_letters::list(bus, 0, 100).await.unwrap().entries
}

fn reason(entry: &dead_letters::Entry) -> (&str, &str) {
    let failure = entry.letter.failure.as_ref().unwrap();
    (&failure.stage, &failure.reason)
}

pub(crate) async fn the_loop_settles_by_outcome<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    for name in ["done", "partly", "later", "never"] {
        publish(&bus, outgoing(name)).await.unwrap();
    }
    let running = Running::start(bus.clone(), REDACT, SETTINGS, |incoming| async move {
        match name_of(&incoming).as_str() {
            "partly" => Outcome::DoneExcept(vec![GivenUp { record: 1, reason: "cannot_open" }]),
            "later" if incoming.attempt < 3 => Outcome::Retry { after: Some(Duration::from_millis(50)) },
            "never" => Outcome::Reject { reason: "invalid_payload" },
            _ => Outcome::Done,
        }
    });
    backlog_is(&bus, &REDACT, 0).await;
    let times: HashMap<_, _> =
        ["done", "partly", "later", "never"].map(|name| (name, running.times_seen(name))).into();
    assert_eq!(times, HashMap::from([("done", 1), ("partly", 1), ("later", 3), ("never", 1)]));

    let mut letters = letters(&bus).await;
    letters.sort_by_key(|entry| entry.letter.sequence);
    assert_eq!(letters.len(), 2);
    assert_eq!(reason(&letters[0]), ("redact", "cannot_open"));
    assert_eq!((letters[0].letter.sequence, letters[0].letter.records.as_slice()), (2, &[1][..]));
    assert_eq!(reason(&letters[1]), ("redact", "invalid_payload"));
    assert_eq!((letters[1].letter.sequence, letters[1].letter.records.as_slice()), (4, &[][..]));
    let epoch = bus.info(&RAW).await.unwrap().epoch;
    for incoming in running.seen.lock().unwrap().iter() {
        assert_eq!(incoming.position.epoch, epoch);
        assert!((1..=4).contains(&incoming.position.sequence));
    }
    running.drain().await.unwrap();
}

pub(crate) async fn rejected_messages_are_listed_replayed_and_discarded<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    let originals = [outgoing("one"), outgoing("two"), outgoing("three")];
    for original in originals.clone() {
        publish(&bus, original).await.unwrap();
    }
    let running = Running::start(bus.clone(), REDACT, SETTINGS, |incoming| async move {
        if incoming.envelope.replayed {
            return Outcome::Done;
        }
        Outcome::DoneExcept(vec![GivenUp { record: 1, reason: "cannot_open" }])
    });
    backlog_is(&bus, &REDACT, 0).await;
    let all = letters(&bus).await;
    assert_eq!(all.len(), 3);
    let two = all.iter().find(|entry| entry.letter.sequence == 2).unwrap();
    assert_eq!(two.letter.payload, originals[1].payload, "as it was");
    assert_eq!(
        (two.letter.stream.as_str(), two.letter.subject.as_str()),
        ("RAW", "callbox.raw.exampleville")
    );

    let page = dead_letters::list(&bus, 0, 2).await.unwrap();
    assert_eq!((page.entries.len(), page.next), (2, Some(2)));
    let page = dead_letters::list(&bus, 2, 2).await.unwrap();
    assert_eq!((page.entries.len(), page.next), (1, None));

    let id = dead_letters::replay(&bus, two.sequence).await.unwrap();
    wait_until("the replayed envelope is handled", DEADLINE, || async { running.times_seen("two") == 2 })
        .await;
    let replayed =
        running.seen.lock().unwrap().iter().rfind(|incoming| name_of(incoming) == "two").cloned().unwrap();
    assert_eq!(replayed.envelope.id, id);
    assert_ne!(id, originals[1].id);
    assert!(replayed.envelope.replayed);
    assert_eq!(replayed.envelope.selected, [1]);
    assert_eq!(replayed.envelope.records.len(), 2, "the sealing context needs all");
    let epoch = bus.info(&RAW).await.unwrap().epoch;
    assert_eq!(replayed.position, Position { epoch, sequence: 2 }, "its place in the order is kept");

    let error = dead_letters::replay(&bus, two.sequence).await.unwrap_err();
    assert!(matches!(error, dead_letters::ReplayError::NotFound { .. }), "{error:?}");
    let three = all.iter().find(|entry| entry.letter.sequence == 3).unwrap();
    assert!(dead_letters::discard(&bus, three.sequence).await.unwrap());
    assert!(!dead_letters::discard(&bus, three.sequence).await.unwrap());
    let rest: Vec<_> = letters(&bus).await.iter().map(|entry| entry.letter.sequence).collect();
    assert_eq!(rest, [1]);
    running.drain().await.unwrap();
}

pub(crate) async fn an_interrupted_replay_is_not_stored_twice<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    publish(&bus, outgoing("one")).await.unwrap();
    let running = Running::start(bus.clone(), REDACT, SETTINGS, |_| async {
        Outcome::Reject { reason: "cannot_open" }
    });
    backlog_is(&bus, &REDACT, 0).await;
    running.drain().await.unwrap();

    // Interrupted between publishing and deleting: the dead letter is still there, in its place.
    let page = bus.read(&DEAD_LETTERS, 0, 1).await.unwrap();
    let letter = page.messages.into_iter().next().unwrap();
    dead_letters::replay(&bus, letter.sequence).await.unwrap();
    assert_eq!(bus.info(&RAW).await.unwrap().messages, 1);
    let headers = letter.headers.into_iter().filter(|(name, _)| name != callbox_bus::ID_HEADER).collect();
    let copy = Outgoing { subject: letter.subject, id: "copy".to_owned(), headers, payload: letter.payload };
    let copy = publish(&bus, copy).await.unwrap().sequence;
    // The id depends on the dead letter's sequence, so the copy has another one; replaying the same twice has the same.
    let other = dead_letters::replay(&bus, copy).await.unwrap();
    assert_eq!(bus.info(&RAW).await.unwrap().messages, 2);
    let held = pull_exactly(&bus, &REDACT, 2).await;
    let first = envelope::decode(&held[0].message.payload).unwrap();
    assert_ne!(first.id, other);
    let again = Outgoing {
        subject: held[0].message.subject.clone(),
        id: first.id,
        headers: Vec::new(),
        payload: held[0].message.payload.clone(),
    };
    assert!(publish(&bus, again).await.unwrap().duplicate);
}

pub(crate) async fn unreadable_messages_are_buried_whole<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    let bytes = Bytes::from(vec![0xff; callbox_bus::PAYLOAD_MAX]);
    publish(&bus, Outgoing { payload: Bytes::from_static(b"no envelope"), ..outgoing("x") }).await.unwrap();
    publish(&bus, Outgoing { payload: bytes, ..outgoing("y") }).await.unwrap();
    publish(&bus, outgoing("sound")).await.unwrap();
    let running = Running::start(bus.clone(), REDACT, SETTINGS, |_| async { Outcome::Done });
    backlog_is(&bus, &REDACT, 0).await;
    assert_eq!(running.names(), ["sound"]);
    let mut letters = letters(&bus).await;
    letters.sort_by_key(|entry| entry.letter.sequence);
    assert_eq!(letters.iter().map(reason).collect::<Vec<_>>(), [("redact", "undecodable"); 2]);
    assert_eq!(letters[0].letter.payload, Bytes::from_static(b"no envelope"));
    assert!(letters[1].letter.payload.is_empty(), "too large to be kept");
    let error = dead_letters::replay(&bus, letters[0].sequence).await.unwrap_err();
    assert!(matches!(error, dead_letters::ReplayError::NotAnEnvelope { .. }), "{error:?}");
    assert_eq!(self::letters(&bus).await.len(), 2, "it stays until it is discarded");
    running.drain().await.unwrap();
}

/// Fails in another way with each call, then works.
struct Failing {
    calls: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl Handler for Failing {
    async fn handle(&self, batch: &[Incoming]) -> Vec<Outcome> {
        match self.calls.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("a handler may panic"),
            1 => std::future::pending().await,
            2 => Vec::new(),
            3 => vec![Outcome::Done; batch.len() + 1],
            _ => vec![Outcome::Done; batch.len()],
        }
    }
}

pub(crate) async fn a_failing_handler_gets_its_messages_again<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    publish(&bus, outgoing("one")).await.unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let settings = ConsumerSettings { handler_timeout: Duration::from_millis(200), ..SETTINGS };
    let drain = CancellationToken::new();
    let handler = Failing { calls: Arc::clone(&calls) };
    let task = tokio::spawn(Consumer::new(bus.clone(), REDACT, handler, settings).run(drain.clone()));
    backlog_is(&bus, &REDACT, 0).await;
    assert_eq!(calls.load(Ordering::SeqCst), 5);
    assert!(letters(&bus).await.is_empty());
    drain.cancel();
    task.await.unwrap().unwrap();
}

pub(crate) async fn long_work_is_not_delivered_twice<R: Rig>() {
    let short = ConsumerSpec { ack_wait: Duration::from_secs(1), ..REDACT };
    let rig: R = declared_with(STREAMS, &[short]).await;
    let bus = rig.bus();
    publish(&bus, outgoing("long")).await.unwrap();
    let running = Running::start(bus.clone(), short, SETTINGS, |_| async {
        // The work itself takes this long; nothing is waited for.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        Outcome::Done
    });
    backlog_is(&bus, &short, 0).await;
    assert_eq!(running.names(), ["long"]);
    running.drain().await.unwrap();
}

pub(crate) async fn the_loop_stays_within_its_window<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    for number in 0..40 {
        publish(&bus, outgoing(&format!("n{number}"))).await.unwrap();
    }
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let running = Running::start(bus.clone(), REDACT, SETTINGS, move |_| {
        let gate = Arc::clone(&opened);
        async move {
            gate.notified().await;
            Outcome::Done
        }
    });
    let window = SETTINGS.batch_max * SETTINGS.batches_in_flight;
    wait_until("the window is full", DEADLINE, || async { running.names().len() == window }).await;
    assert!(bus.pull(&REDACT, 1, QUIET).await.unwrap().len() == 1, "the rest is left to others");
    assert_eq!(running.names().len(), window);
    wait_until("all but the one in our hands are handled", DEADLINE, || async {
        gate.notify_waiters();
        bus.backlog(&REDACT).await.unwrap() == 1
    })
    .await;
    assert_eq!(running.names().len(), 39);
    running.drain().await.unwrap();
}

pub(crate) async fn draining_finishes_what_is_in_hand<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[REDACT]).await;
    let bus = rig.bus();
    let begun = Arc::new(Notify::new());
    let gate = CancellationToken::new();
    let (begin, opened) = (Arc::clone(&begun), gate.clone());
    let running = Running::start(bus.clone(), REDACT, SETTINGS, move |_| {
        let (begun, gate) = (Arc::clone(&begin), opened.clone());
        async move {
            begun.notify_one();
            gate.cancelled().await;
            Outcome::Done
        }
    });
    publish(&bus, outgoing("in-hand")).await.unwrap();
    tokio::time::timeout(DEADLINE, begun.notified()).await.unwrap();
    running.drain.cancel();
    publish(&bus, outgoing("late")).await.unwrap();
    // The loop may have been pulling when the drain began; what came then goes back at once.
    let late = pull_exactly(&bus, &REDACT, 1).await;
    assert_eq!(late[0].message.sequence, 2);
    assert!(!running.task.is_finished(), "it waits for the handler");
    gate.cancel();
    assert_eq!(running.names(), ["in-hand"]);
    running.drain().await.unwrap();
    backlog_is(&bus, &REDACT, 1).await;
}

pub(crate) async fn the_loop_ends_when_its_consumer_does_not_exist<R: Rig>() {
    let rig: R = declared_with(STREAMS, &[]).await;
    let running = Running::start(rig.bus(), REDACT, SETTINGS, |_| async { Outcome::Done });
    let error = tokio::time::timeout(DEADLINE, running.task).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error:?}");
    let wrong = ConsumerSettings { batch_max: 0, ..SETTINGS };
    let running = Running::start(rig.bus(), REDACT, wrong, |_| async { Outcome::Done });
    let error = tokio::time::timeout(DEADLINE, running.task).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, Error::Settings { .. }), "{error:?}");
}
