//! The embedded back end in a process that is killed.
//!
//! The tests start this binary again as a child, which reports on its standard output what was acknowledged and what was
//! handled, and kill it in the middle.

#![allow(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod contract;

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callbox_bus::manifest::{RAW, REDACT};
use callbox_bus::{Bus, ConsumerSettings, Error, Outcome, embedded};
use contract::loops::{Running, STREAMS, backlog_is, name_of, outgoing};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

const DIRECTORY: &str = "CALLBOX_TEST_CRASH_DIRECTORY";
const LIFE: &str = "CALLBOX_TEST_CRASH_LIFE";

const SETTINGS: ConsumerSettings = ConsumerSettings {
    stage: "redact",
    batch_max: 16,
    batches_in_flight: 4,
    handler_timeout: Duration::from_secs(10),
    pull_wait: Duration::from_secs(1),
};

/// Publishes envelopes without end and handles them, with a few more on their way than it has handled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the tests below start it and kill it"]
async fn child() {
    let directory = std::env::var(DIRECTORY).expect("the parent sets it");
    let life = std::env::var(LIFE).expect("the parent sets it");
    let bus = embedded::open(Path::new(&directory)).await.unwrap();
    let _running = Running::start(bus.clone(), REDACT, SETTINGS, |incoming| async move {
        println!("handled {}", name_of(&incoming));
        Outcome::Done
    });
    let mut answers = FuturesUnordered::new();
    for number in 0.. {
        let name = format!("{life}.{number}");
        let answer = bus.publish(outgoing(&name)).await.unwrap();
        answers.push(async move { answer.await.map(|_| name) });
        while answers.len() > 64 {
            println!("stored {}", answers.next().await.unwrap().unwrap());
        }
    }
}

fn start(directory: &Path, life: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--quiet"])
        .env(DIRECTORY, directory)
        .env(LIFE, life.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child reported.
#[derive(Default)]
struct Reported {
    stored: HashSet<String>,
    handled: HashSet<String>,
}

/// Lets a child live until it has reported that many of each, then kills it with SIGKILL.
fn live_and_die(directory: &Path, life: usize, count: usize, reported: &mut Reported) {
    let mut child = start(directory, life);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut stored, mut handled) = (0, 0);
    let mut killed = false;
    for line in lines {
        let line = line.unwrap();
        if let Some(name) = line.strip_prefix("stored ") {
            stored += 1;
            reported.stored.insert(name.to_owned());
        } else if let Some(name) = line.strip_prefix("handled ") {
            handled += 1;
            reported.handled.insert(name.to_owned());
        }
        if !killed && stored >= count && handled >= count {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself after {stored} stored and {handled} handled");
}

/// Handles what is left and returns the names.
async fn rest(bus: &Bus) -> HashSet<String> {
    let rest: Arc<Mutex<HashSet<String>>> = Arc::default();
    let names = Arc::clone(&rest);
    let running = Running::start(bus.clone(), REDACT, SETTINGS, move |incoming| {
        names.lock().unwrap().insert(name_of(&incoming));
        std::future::ready(Outcome::Done)
    });
    backlog_is(bus, &REDACT, 0).await;
    running.drain().await.unwrap();
    std::mem::take(&mut rest.lock().unwrap())
}

async fn declare(directory: &Path) {
    let bus = embedded::open(directory).await.unwrap();
    bus.declare(STREAMS, &[REDACT]).await.unwrap();
    bus.close().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills_and_is_handled() {
    let directory = tempfile::tempdir().unwrap();
    declare(directory.path()).await;
    let mut reported = Reported::default();
    for life in 0..5 {
        live_and_die(directory.path(), life, 150, &mut reported);
    }
    assert!(reported.stored.len() >= 750);
    let bus = embedded::open(directory.path()).await.unwrap();
    let info = bus.info(&RAW).await.unwrap();
    assert!(info.last_sequence >= reported.stored.len() as u64, "{info:?}");
    reported.handled.extend(rest(&bus).await);
    let lost: Vec<_> = reported.stored.difference(&reported.handled).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    // Nothing is left over, and the numbers that are kept beside the messages agree with them.
    let info = bus.info(&RAW).await.unwrap();
    assert_eq!((info.messages, info.bytes, info.first_sequence), (0, 0, info.last_sequence + 1));
}

#[tokio::test]
async fn a_second_process_is_refused_while_the_first_lives() {
    let directory = tempfile::tempdir().unwrap();
    declare(directory.path()).await;
    let mut child = start(directory.path(), 0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("stored ")));
    let error = embedded::open(directory.path()).await.err().unwrap();
    assert!(matches!(error, Error::InUse { .. }), "{error:?}");
    assert!(error.to_string().ends_with("is in use by another process"), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    embedded::open(directory.path()).await.unwrap();
}
