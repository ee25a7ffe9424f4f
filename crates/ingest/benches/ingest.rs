//! What one core does: rows read of a file, and calls checked, named, sealed and packed for a broker that takes
//! everything at once.
#![allow(clippy::unwrap_used, reason = "what fails here is a failed benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use callbox_bus::manifest::{ConsumerSpec, StreamSpec};
use callbox_bus::seal::PrivateKey;
use callbox_bus::{
    AckFuture, Backend, Bus, Delivery, DeliveryToken, Error, Outgoing, Page, Published, Settlement,
    StreamInfo,
};
use callbox_ingest::accept::{Acceptor, Keys, Settings};
use callbox_ingest::feed::{Input, Profile, Reader};
use callbox_ingest::identity::IdentityKey;
use callbox_proto_raw::cad::v1::{Call, Location, Note, Person};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const CALLS: usize = 6_400;
const ROWS: usize = 10_000;

/// A broker that takes everything at once.
struct Void;

#[async_trait]
impl Backend for Void {
    async fn publish(&self, message: Outgoing) -> Result<AckFuture, Error> {
        black_box(message.payload);
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

/// A call of about a kilobyte, as real ones with their notes are.
fn call(number: usize) -> Call {
    let location = Location {
        latitude: Some(41.5),
        longitude: Some(-100.5),
        address: "1200 BLOCK EXAMPLE ST".into(),
        ..Location::default()
    };
    let caller = Person {
        role: "caller".into(),
        name: "Ottilie Brandvoll".into(),
        phones: vec!["555-0142".into()],
        ..Person::default()
    };
    Call {
        agency: "simville".into(),
        source_id: format!("S-{number}"),
        received_time: Some(prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 }),
        type_code: "459".into(),
        type_description: "BURGLARY - RESIDENCE - PROGRESS".into(),
        location: Some(location),
        notes: vec![Note { text: "CALLER SAYS A WINDOW IS BROKEN ".repeat(25), ..Note::default() }],
        persons: vec![caller],
        ..Call::default()
    }
}

fn accept(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keys = Keys {
        identity: IdentityKey::from_bytes(&[7; 32]),
        redact_key_id: "redact-1".into(),
        redact_key: PrivateKey::generate().public(),
    };
    let bus: Bus = Arc::new(Void);
    let acceptor = runtime
        .block_on(async { Acceptor::new(&bus, ["simville".parse().unwrap()], &keys, &Settings::default()) });
    let mut group = criterion.benchmark_group("ingest");
    group.throughput(Throughput::Elements(CALLS as u64)).sample_size(20);
    group.bench_function("accept", |bencher| {
        bencher.iter_batched(
            || (0..CALLS).map(|number| (call(number), None)).collect::<Vec<_>>(),
            |calls| runtime.block_on(acceptor.submit_batch(calls)),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

const PROFILE: &str = r#"
agency = "simville"
name = "Simville"
format = "csv"
[time]
zone = "America/Chicago"
formats = ["%m/%d/%Y %I:%M:%S %p"]
[call]
source_id = "Number"
received_time = "Received"
type_code = { template = "{Code}[{Suffix}]" }
type_description = ["Final Type", "Type"]
address = { template = "[{Block} ]{Street}" }
latitude = "Lat"
longitude = "Lon"
"#;

fn read(criterion: &mut Criterion) {
    let profile = Profile::parse(PROFILE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.csv");
    let mut table = "Number,Received,Code,Suffix,Type,Final Type,Block,Street,Lat,Lon\n".to_owned();
    for number in 0..ROWS {
        writeln!(table, "S-{number},03/25/2026 11:58:30 PM,83,P,SHOTS FIRED,,1200,EXAMPLE ST,41.5,-100.5")
            .unwrap();
    }
    std::fs::write(&path, table).unwrap();
    let mut group = criterion.benchmark_group("ingest");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let rows = Reader::open(&profile, &Input::from(path.as_path())).unwrap();
            assert_eq!(rows.flatten().count(), ROWS);
        });
    });
    group.finish();
}

criterion_group!(benches, accept, read);
criterion_main!(benches);
