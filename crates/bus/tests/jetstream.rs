//! What only the JetStream back end has to promise: a server that comes and goes, and rights.

#![allow(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod contract;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use callbox_bus::jetstream::{self, JetStreamConfig};
use callbox_bus::manifest::{DEAD_LETTERS, RAW, REDACT};
use callbox_bus::{Bus, ConsumerSettings, Error, Outcome, Settlement, dead_letters};
use callbox_testkit::{Nats, wait_until};
use contract::loops::{Running, STREAMS, backlog_is, name_of, outgoing};
use contract::{DEADLINE, QUIET, publish, pull_exactly, settle_all};

const SETTINGS: ConsumerSettings = ConsumerSettings {
    stage: "redact",
    batch_max: 16,
    batches_in_flight: 4,
    handler_timeout: Duration::from_secs(10),
    pull_wait: Duration::from_secs(1),
};

async fn started() -> (Nats, Bus) {
    let nats = Nats::start().await.unwrap();
    let bus = jetstream::connect(JetStreamConfig::new(nats.url())).await.unwrap();
    (nats, bus)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_the_server_is_killed_and_restarted() {
    let (mut nats, bus) = started().await;
    let spec = callbox_bus::manifest::ConsumerSpec { ack_wait: Duration::from_secs(2), ..REDACT };
    bus.declare(STREAMS, &[spec]).await.unwrap();
    let running = Running::start(bus.clone(), spec, SETTINGS, |_| std::future::ready(Outcome::Done));

    let enough = Arc::new(AtomicBool::new(false));
    let stored = Arc::new(Mutex::new(HashSet::new()));
    let publisher = tokio::spawn({
        let (bus, enough, stored) = (bus.clone(), Arc::clone(&enough), Arc::clone(&stored));
        async move {
            let mut number = 0;
            while !enough.load(Ordering::Relaxed) {
                let names: Vec<_> = (number..number + 16).map(|number| format!("n{number}")).collect();
                number += 16;
                let answers = names.iter().map(|name| publish(&bus, outgoing(name)));
                let answers = futures::future::join_all(answers).await;
                let mut stored = stored.lock().unwrap();
                for (name, answer) in names.into_iter().zip(answers) {
                    answer.expect("publishing goes on as soon as the server is back");
                    stored.insert(name);
                }
            }
        }
    });
    for round in 1..=4 {
        let goal = round * 500;
        wait_until("some more are stored", DEADLINE, || async { stored.lock().unwrap().len() >= goal }).await;
        nats.kill9();
        nats.restart().await.unwrap();
    }
    enough.store(true, Ordering::Relaxed);
    publisher.await.unwrap();
    backlog_is(&bus, &spec, 0).await;
    let handled: HashSet<_> = running.names().into_iter().collect();
    let stored = stored.lock().unwrap().clone();
    let lost: Vec<_> = stored.difference(&handled).collect();
    assert!(lost.is_empty(), "{} stored, lost: {lost:?}", stored.len());
    running.drain().await.unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_of_the_server() {
    let (mut nats, bus) = started().await;
    bus.declare(STREAMS, &[REDACT]).await.unwrap();
    let mut answers = Vec::new();
    for number in 0..500 {
        answers.push(bus.publish(outgoing(&format!("n{number}"))).await.unwrap());
    }
    for answer in answers {
        answer.await.unwrap();
    }
    nats.kill9();
    nats.restart().await.unwrap();
    let deliveries = pull_exactly_once_back(&bus, 500).await;
    assert_eq!(deliveries, (1..=500).collect::<Vec<_>>());
}

/// Pulls once the connection is there again.
async fn pull_exactly_once_back(bus: &Bus, count: usize) -> Vec<u64> {
    wait_until("the connection is back", DEADLINE, || async { bus.ping().await.is_ok() }).await;
    contract::sequences(&pull_exactly(bus, &REDACT, count).await)
}

#[tokio::test]
async fn a_server_that_hangs_is_waited_for_and_no_message_is_stored_twice() {
    let (nats, bus) = started().await;
    bus.declare(STREAMS, &[REDACT]).await.unwrap();
    publish(&bus, outgoing("before")).await.unwrap();
    nats.pause().unwrap();
    let begin = Instant::now();
    let answer = bus.publish(outgoing("during")).await.unwrap();
    let error = bus.ping().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
    nats.resume().unwrap();
    assert_eq!(answer.await.unwrap().sequence, 2);
    assert_eq!(bus.info(&RAW).await.unwrap().messages, 2);
}

#[tokio::test]
async fn publishing_gives_up_at_its_deadline() {
    let mut nats = Nats::start().await.unwrap();
    let config = JetStreamConfig {
        publish_deadline: Duration::from_millis(500),
        in_flight_max: 2,
        ..JetStreamConfig::new(nats.url())
    };
    let bus = jetstream::connect(config).await.unwrap();
    bus.declare(STREAMS, &[REDACT]).await.unwrap();
    nats.kill9();
    let begin = Instant::now();
    for _ in 0..3 {
        let error = publish(&bus, outgoing("x")).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    }
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    nats.restart().await.unwrap();
    wait_until("publishing works again", DEADLINE, || async { publish(&bus, outgoing("y")).await.is_ok() })
        .await;
}

#[tokio::test]
async fn nobody_there_is_said_without_credentials() {
    let mut nats = Nats::start().await.unwrap();
    nats.kill9();
    let url = format!("nats://someone:hunter2@127.0.0.1:{}", nats.port());
    let begin = Instant::now();
    let error = jetstream::connect(JetStreamConfig::new(url)).await.err().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
    assert_eq!(error.to_string(), format!("the broker at 127.0.0.1:{} does not answer", nats.port()));
    assert!(!format!("{error:?}").contains("hunter2"));
}

/// The rights that the module's documentation lists, for ingest and for redact, and an administrator.
const RIGHTS: &str = r#"
authorization {
    users = [
        { user: admin, password: a }
        { user: ingest, password: i, permissions: {
            publish: ["callbox.raw.*", "$JS.API.INFO"]
            subscribe: ["_INBOX_ingest.>"]
        } }
        { user: redact, password: r, permissions: {
            publish: [
                "$JS.API.INFO", "$JS.API.STREAM.INFO.RAW", "$JS.API.CONSUMER.INFO.RAW.redact",
                "$JS.API.CONSUMER.MSG.NEXT.RAW.redact", "$JS.ACK.RAW.redact.>", "callbox.dead-letters.*",
            ]
            subscribe: ["_INBOX_redact.>"]
        } }
    ]
}
"#;

async fn connected_as(nats: &Nats, user: &str, password: &str) -> Bus {
    let config = JetStreamConfig {
        inbox_prefix: (user != "admin").then(|| format!("_INBOX_{user}")),
        publish_deadline: Duration::from_secs(1),
        ..JetStreamConfig::new(format!("nats://{user}:{password}@127.0.0.1:{}", nats.port()))
    };
    jetstream::connect(config).await.unwrap()
}

#[tokio::test]
async fn the_documented_rights_are_enough_and_no_more() {
    let nats = Nats::start_with(RIGHTS).await.unwrap();
    let admin = connected_as(&nats, "admin", "a").await;
    admin.declare(STREAMS, &[REDACT]).await.unwrap();
    let ingest = connected_as(&nats, "ingest", "i").await;
    ingest.ping().await.unwrap();
    for name in ["one", "two"] {
        publish(&ingest, outgoing(name)).await.unwrap();
    }
    assert!(ingest.pull(&REDACT, 1, QUIET).await.is_err(), "ingest cannot read what it sealed");

    let redact = connected_as(&nats, "redact", "r").await;
    redact.ping().await.unwrap();
    let running = Running::start(redact.clone(), REDACT, SETTINGS, |incoming| async move {
        if name_of(&incoming) == "one" { Outcome::Done } else { Outcome::Reject { reason: "cannot_open" } }
    });
    backlog_is(&redact, &REDACT, 0).await;
    running.drain().await.unwrap();
    assert_eq!(dead_letters::list(&admin, 0, 10).await.unwrap().entries.len(), 1);
    let error = publish(&redact, outgoing("forged")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(redact.read(&DEAD_LETTERS, 0, 1).await.is_err());
}

#[tokio::test]
async fn a_consumer_that_is_deleted_and_made_again_is_noticed() {
    let (nats, bus) = started().await;
    bus.declare(STREAMS, &[REDACT]).await.unwrap();
    let client = async_nats::connect(nats.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    publish(&bus, outgoing("one")).await.unwrap();
    let held = pull_exactly(&bus, &REDACT, 1).await;
    settle_all(&bus, &REDACT, &held, Settlement::Ack).await;
    backlog_is(&bus, &REDACT, 0).await;
    context.delete_consumer_from_stream(REDACT.name, RAW.name).await.unwrap();
    let error = bus.pull(&REDACT, 1, QUIET).await.err().unwrap();
    assert!(matches!(error, Error::Missing { .. }), "{error:?}");
    bus.declare(&[], &[REDACT]).await.unwrap();
    assert!(bus.pull(&REDACT, 1, QUIET).await.unwrap().is_empty());
}
