//! Brokers and calls for the tests of acceptance.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use callbox_bus::jetstream::JetStreamConfig;
use callbox_bus::manifest::{ConsumerSpec, StreamSpec};
use callbox_bus::seal::{Associated, KeyRing, PrivateKey};
use callbox_bus::{
    AckFuture, Backend, Bus, Delivery, DeliveryToken, Error, Outgoing, Page, Published, Settlement,
    StreamInfo, embedded, envelope, jetstream, manifest,
};
use callbox_ingest::accept::{Acceptor, Keys, SEAL_STAGE, Settings};
use callbox_ingest::identity::IdentityKey;
use callbox_proto::bus::v1::Envelope;
use callbox_proto_raw::cad::v1::{Call, Note};
use callbox_testkit::Nats;
use prost::Message as _;
use tempfile::TempDir;
use tokio::sync::Notify;

/// The id of redact's key.
pub(crate) const KEY_ID: &str = "redact-1";

/// A broker that lives as long as this.
pub(crate) enum Broker {
    /// In a folder.
    Embedded(TempDir),
    /// A private nats-server.
    Nats(Box<Nats>),
}

impl Broker {
    /// Kills the server with SIGKILL and starts it again on the same data.
    pub(crate) async fn kill9_and_restart(&mut self) {
        match self {
            Self::Nats(nats) => {
                nats.kill9();
                nats.restart().await.unwrap();
            }
            Self::Embedded(_) => unreachable!("it is no process"),
        }
    }
}

/// An embedded broker with all streams.
pub(crate) async fn embedded_bus() -> (Broker, Bus) {
    let folder = tempfile::tempdir().unwrap();
    let bus = embedded::open(folder.path()).await.unwrap();
    bus.declare(manifest::STREAMS, manifest::CONSUMERS).await.unwrap();
    (Broker::Embedded(folder), bus)
}

/// A private nats-server with all streams.
pub(crate) async fn nats_bus() -> (Broker, Bus) {
    let nats = Nats::start().await.unwrap();
    let bus = jetstream::connect(JetStreamConfig::new(nats.url())).await.unwrap();
    bus.declare(manifest::STREAMS, manifest::CONSUMERS).await.unwrap();
    (Broker::Nats(Box::new(nats)), bus)
}

/// The keys of writer and reader.
pub(crate) fn keys() -> (Keys, KeyRing) {
    let private = PrivateKey::generate();
    let identity = IdentityKey::from_bytes(&[7; 32]);
    let keys = Keys { identity, redact_key_id: KEY_ID.to_owned(), redact_key: private.public() };
    (keys, KeyRing::new().with(KEY_ID, private))
}

/// An acceptor for the agencies simville and elsewhere.
pub(crate) fn acceptor(bus: &Bus, keys: &Keys, settings: &Settings) -> Acceptor {
    Acceptor::new(bus, ["simville", "elsewhere"].map(|slug| slug.parse().unwrap()), keys, settings)
}

/// A call of an invented person.
pub(crate) fn call(id: &str) -> Call {
    Call {
        agency: "simville".into(),
        source_id: id.into(),
        received_time: Some(prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 }),
        notes: vec![Note { text: "ZQXNAME AT 555-0142".into(), ..Note::default() }],
        ..Call::default()
    }
}

/// Takes envelopes from `RAW` until they hold `records` records.
pub(crate) async fn envelopes(bus: &Bus, records: usize) -> Vec<Envelope> {
    let mut envelopes: Vec<Envelope> = Vec::new();
    let mut found = 0;
    while found < records {
        let deliveries = bus.pull(&manifest::REDACT, 64, Duration::from_secs(20)).await.unwrap();
        assert!(!deliveries.is_empty(), "{found} of {records} records came");
        let mut settled = Vec::new();
        for delivery in deliveries {
            let read = envelope::decode(&delivery.message.payload).unwrap();
            found += read.records.len();
            envelopes.push(read);
            settled.push((delivery.token, Settlement::Ack));
        }
        bus.settle(&manifest::REDACT, settled).await.unwrap();
    }
    envelopes
}

/// Opens all calls of an envelope.
pub(crate) fn open(envelope: &Envelope, ring: &KeyRing) -> Vec<Call> {
    let mut opener = ring.opener(envelope.seal.as_ref().unwrap()).unwrap();
    let mut calls = Vec::new();
    for record in &envelope.records {
        let associated = Associated {
            stage: SEAL_STAGE,
            agency: &envelope.agency,
            incident: &record.incident,
            submission_id: &record.submission_id,
        };
        let plaintext = opener.open(&associated, &record.sealed).unwrap();
        calls.push(Call::decode(plaintext.as_slice()).unwrap());
    }
    calls
}

/// A broker that takes messages only when it is let.
#[derive(Default)]
pub(crate) struct Stubborn {
    /// Whether it refuses what it was let to take.
    pub(crate) refuses: AtomicBool,
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
    /// Lets it take messages.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
        self.opened.notify_waiters();
    }
}
