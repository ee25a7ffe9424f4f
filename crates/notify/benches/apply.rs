//! How many records a second one consumer gets through the store: batches of 16 envelopes with 64 records each, one
//! after the other, as the consumer loop hands them over. The mix is that of real feeds: 10% publishable, a third of
//! the records later states of known incidents. Commits wait for the disk, as in production.

#![allow(clippy::print_stdout, reason = "a measurement prints what it measured")]

use std::time::{Duration, Instant};

use callbox_notify::config::{AgencyConfig, Config};
use callbox_notify::domain::agency::Agencies;
use callbox_notify::domain::batch::{Item, Work};
use callbox_notify::store::{self, Shared};
use callbox_place::Cell;
use callbox_proto::domain::{
    Action, AgencyId, Category, ClassifiedIncident, IncidentKey, LatLon, Order, Place, Position, Timestamp,
};
use callbox_testkit::{Durability, Postgres};
use uuid::Uuid;

/// Batches, envelopes in each, records in each of those.
const SIZES: (u64, u64, u64) = (60, 16, 64);

fn agencies() -> Agencies {
    let agency = AgencyConfig {
        name: "Springfield Police".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        place_label: "Springfield".to_owned(),
        freshness_minutes: 120,
        expires_hours: 24,
        labels: Vec::new(),
    };
    Config { agencies: [("springfield".to_owned(), agency)].into() }.agencies().expect("valid settings")
}

/// The `number`th record: every third one is a later state of an incident a thousand records before.
fn record(agency: &AgencyId, number: u64, place: Place) -> ClassifiedIncident {
    let incident = if number % 3 == 2 { number.saturating_sub(1_001) } else { number };
    let publishable = incident % 10 == 0;
    let time = Timestamp::from_micros(1_772_659_200_000_000).expect("a valid time");
    ClassifiedIncident {
        key: IncidentKey(Uuid::new_v5(&Uuid::NAMESPACE_OID, &incident.to_be_bytes()).into_bytes()),
        agency: agency.clone(),
        submission_id: format!("s{number}").parse().expect("a valid id"),
        order: Order { source_order: 0, position: Position { epoch: 1, sequence: number + 1 }, index: 0 },
        received_time: time,
        accepted_time: time,
        category: publishable.then_some(Category::Burglary),
        action: if publishable { Action::Publish } else { Action::Suppress },
        confidence: 0.9,
        reasons: Vec::new(),
        ended: None,
        place: publishable.then_some(place),
    }
}

fn batches() -> Vec<Vec<Work>> {
    let agency: AgencyId = "springfield".parse().expect("a valid slug");
    let cell = Cell::at(LatLon { latitude: 40.0, longitude: -100.0 }, 8).expect("a cell");
    let (batches, envelopes, records) = SIZES;
    let mut number = 0..;
    let mut envelope = || {
        let items = number.by_ref().take(usize::try_from(records).expect("small"));
        let items = items.map(|number| Item::Classified(record(&agency, number, Place::Cell(cell.index()))));
        Work { envelope: Uuid::new_v4(), agency: agency.clone(), replayed: false, items: items.collect() }
    };
    (0..batches).map(|_| (0..envelopes).map(|_| envelope()).collect()).collect()
}

async fn measure(name: &str, store: &Shared) {
    let agencies = agencies();
    let batches = batches();
    let mut took: Vec<Duration> = Vec::new();
    let begin = Instant::now();
    for batch in &batches {
        let begin = Instant::now();
        store.apply(batch, &agencies).await.expect("the store works");
        took.push(begin.elapsed());
    }
    let total = begin.elapsed();
    took.sort();
    let (count, envelopes, records) = SIZES;
    let rate = (count * envelopes * records) as f64 / total.as_secs_f64();
    println!(
        "{name}: {rate:.0} records a second, batch p50 {:?}, p99 {:?}",
        took[took.len() / 2],
        took[took.len() - 1]
    );
    // Small batches: what a quiet feed pays.
    let small: Vec<_> = batches_small(&batches);
    let begin = Instant::now();
    for batch in &small {
        store.apply(std::slice::from_ref(batch), &agencies).await.expect("the store works");
    }
    println!(
        "{name}: {:?} for an envelope of one record",
        begin.elapsed() / u32::try_from(small.len()).expect("small")
    );
}

/// Envelopes of one record each, with new ids and new submissions.
fn batches_small(batches: &[Vec<Work>]) -> Vec<Work> {
    let single = |(number, work): (usize, &Work)| {
        let mut work = Work { envelope: Uuid::new_v4(), ..work.clone() };
        work.items.truncate(1);
        for item in &mut work.items {
            if let Item::Classified(incident) = item {
                incident.submission_id = format!("t{number}").parse().expect("a valid id");
            }
        }
        work
    };
    batches.iter().flatten().take(300).enumerate().map(single).collect()
}

#[tokio::main]
async fn main() {
    let server = Postgres::start_with(Durability::Disk).await.expect("a private postgres");
    let url = server.database().await;
    store::postgres::migrate(&url).await.expect("migrations");
    measure("postgres", &store::postgres::open(&url, 4).await.expect("a store")).await;
    let directory = tempfile::TempDir::new().expect("a directory");
    let file = directory.path().join("notify.db");
    store::sqlite::migrate(&file).await.expect("migrations");
    measure("sqlite", &store::sqlite::open(&file).await.expect("a store")).await;
}
