//! Measures a back end: `bus_throughput embedded|jetstream [MESSAGES] [BYTES]`. Publishes, pulls and acknowledges at once.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers, which ends at the first mistake"
)]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use callbox_bus::jetstream::{self, JetStreamConfig};
use callbox_bus::manifest::{CONSUMERS, RAW, REDACT, STREAMS};
use callbox_bus::{Bus, Outgoing, Settlement, embedded};
use callbox_testkit::Nats;

/// Publications that await their answer.
const WINDOW: usize = 256;

/// Messages in one pull.
const BATCH: usize = 128;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let kind = args.next().unwrap_or_else(|| "embedded".to_owned());
    let messages: u64 = args.next().map_or(100_000, |text| text.parse().unwrap());
    let bytes: usize = args.next().map_or(1_024, |text| text.parse().unwrap());
    // The server and the directory stay until the end.
    let (nats, directory) = (Nats::start().await.unwrap(), tempfile::tempdir().unwrap());
    let bus = match kind.as_str() {
        "jetstream" => jetstream::connect(JetStreamConfig::new(nats.url())).await.unwrap(),
        _ => embedded::open(directory.path()).await.unwrap(),
    };
    bus.declare(STREAMS, CONSUMERS).await.unwrap();
    let begin = Instant::now();
    let publisher = tokio::spawn(publish(bus.clone(), messages, bytes));
    let consumer = tokio::spawn(consume(bus.clone(), messages));
    publisher.await.unwrap();
    let published = begin.elapsed();
    consumer.await.unwrap();
    let consumed = begin.elapsed();
    let rate = |elapsed: Duration| messages as f64 / elapsed.as_secs_f64();
    println!("{kind}: {messages} messages of {bytes} bytes");
    println!(
        "published: {:.0} a second; published, pulled and acknowledged: {:.0} a second",
        rate(published),
        rate(consumed)
    );
    let mut hops = one_by_one(&bus).await;
    hops.sort_unstable();
    println!(
        "alone, published to pulled: p50 {:?}, p99 {:?}",
        hops[hops.len() / 2],
        hops[hops.len() * 99 / 100]
    );
    bus.close().await;
}

fn message(number: u64, bytes: usize) -> Outgoing {
    let payload = Bytes::from(vec![7; bytes]);
    Outgoing { subject: RAW.subject("exampleville"), id: format!("m{number}"), headers: Vec::new(), payload }
}

async fn publish(bus: Bus, messages: u64, bytes: usize) {
    let mut answers = VecDeque::new();
    for number in 0..messages {
        answers.push_back(bus.publish(message(number, bytes)).await.unwrap());
        if answers.len() >= WINDOW {
            answers.pop_front().unwrap().await.unwrap();
        }
    }
    for answer in answers {
        answer.await.unwrap();
    }
}

async fn consume(bus: Bus, messages: u64) {
    let mut done = 0;
    let mut settling = VecDeque::new();
    while done < messages {
        let deliveries = bus.pull(&REDACT, BATCH, Duration::from_secs(5)).await.unwrap();
        done += deliveries.len() as u64;
        let all = deliveries.into_iter().map(|delivery| (delivery.token, Settlement::Ack)).collect();
        let bus = bus.clone();
        settling.push_back(tokio::spawn(async move { bus.settle(&REDACT, all).await }));
        if settling.len() >= 4 {
            settling.pop_front().unwrap().await.unwrap().unwrap();
        }
    }
    for task in settling {
        task.await.unwrap().unwrap();
    }
}

/// The way of single messages while nothing else happens.
async fn one_by_one(bus: &Bus) -> Vec<Duration> {
    let mut hops = Vec::new();
    for number in 0..500 {
        let pulling = {
            let bus = bus.clone();
            tokio::spawn(async move { bus.pull(&REDACT, BATCH, Duration::from_secs(5)).await.unwrap() })
        };
        let begin = Instant::now();
        bus.publish(message(u64::MAX - number, 1_024)).await.unwrap().await.unwrap();
        let deliveries = pulling.await.unwrap();
        hops.push(begin.elapsed());
        let all = deliveries.into_iter().map(|delivery| (delivery.token, Settlement::Ack)).collect();
        bus.settle(&REDACT, all).await.unwrap();
    }
    hops
}
