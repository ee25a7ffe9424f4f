//! What a crash or a lost acknowledgement may leave behind, on both stores: nothing is published twice, nothing is
//! missing, and the revisions of an alert come in their order. The broker forgets message ids at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use callbox_bus::Bus;
use callbox_proto::domain::{Category, ClassifiedIncident};
use callbox_testkit::wait_until;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Publisher;
use crate::domain::fixtures::{agencies, robbery};
use crate::store::Shared;
use crate::testing::{Broker, Fault, Opened, envelope};

const DEADLINE: Duration = Duration::from_secs(20);

/// A publisher at work.
struct Running {
    task: JoinHandle<()>,
    drain: CancellationToken,
}

impl Running {
    fn start(store: &Shared, broker: &Arc<Broker>) -> Self {
        let drain = CancellationToken::new();
        let bus: Bus = broker.clone();
        let task = tokio::spawn(Publisher::new(Arc::clone(store), bus).run(drain.clone()));
        Self { task, drain }
    }

    /// Ends it as `kill -9` does: wherever it is.
    async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    async fn drain(self) {
        self.drain.cancel();
        tokio::time::timeout(DEADLINE, self.task).await.expect("the drain ends").unwrap();
    }
}

/// Revisions of `alerts` alerts, three of each.
async fn decide(store: &Shared, alerts: u8) {
    for number in 1..=3 {
        let category = Category::ALL[usize::try_from(number).unwrap()];
        let states =
            (0..alerts).map(|key| ClassifiedIncident { category: Some(category), ..robbery(key, number) });
        store.apply(&[envelope(states)], &agencies()).await.unwrap();
    }
}

async fn until_empty(store: &Shared) {
    wait_until("the outbox is empty", DEADLINE, || async { store.outbox_depth().await.unwrap() == 0 }).await;
}

async fn until_stored(broker: &Broker, messages: usize) {
    wait_until("messages are on the stream", DEADLINE, || async { broker.ids().len() >= messages }).await;
}

/// Every revision is there once, and those of one alert are in their order.
fn assert_whole(broker: &Broker, alerts: usize) {
    let mut revisions: HashMap<String, Vec<u32>> = HashMap::new();
    for id in broker.ids() {
        let (alert, revision) = id.rsplit_once('.').unwrap();
        revisions.entry(alert.to_owned()).or_default().push(revision.parse().unwrap());
    }
    assert_eq!(revisions.len(), alerts);
    assert!(revisions.values().all(|revisions| *revisions == [1, 2, 3]), "{revisions:?}");
}

async fn publishes_in_order(opened: Opened) {
    let broker = Arc::new(Broker::new());
    let running = Running::start(&opened.store, &broker);
    decide(&opened.store, 40).await;
    until_empty(&opened.store).await;
    running.drain().await;
    assert_whole(&broker, 40);
}

/// Published, not acknowledged, not deleted, and the process is gone.
async fn a_crash_before_the_acknowledgement(opened: Opened) {
    let broker = Arc::new(Broker::new());
    decide(&opened.store, 10).await;
    broker.fail(&[Fault::None, Fault::None, Fault::Silent]);
    let running = Running::start(&opened.store, &broker);
    until_stored(&broker, 10).await;
    running.crash().await;
    assert_eq!(opened.store.outbox_depth().await.unwrap(), 30);
    let next = opened.again().await;
    let running = Running::start(&next, &broker);
    until_empty(&next).await;
    running.drain().await;
    assert_whole(&broker, 10);
}

/// As before, but the mark already stands somewhere in the stream.
async fn a_crash_behind_a_mark(opened: Opened) {
    let broker = Arc::new(Broker::new());
    let running = Running::start(&opened.store, &broker);
    decide(&opened.store, 5).await;
    until_empty(&opened.store).await;
    running.drain().await;
    assert!(opened.store.outbox_mark().await.unwrap().is_some());
    broker.fail(&[Fault::None, Fault::Silent]);
    let more: Vec<_> = (10..15).map(|key| robbery(key, 1)).collect();
    opened.store.apply(&[envelope(more)], &agencies()).await.unwrap();
    let running = Running::start(&opened.store, &broker);
    until_stored(&broker, 20).await;
    running.crash().await;
    let next = opened.again().await;
    let running = Running::start(&next, &broker);
    until_empty(&next).await;
    running.drain().await;
    assert_eq!(broker.ids().len(), 20);
}

/// Acknowledgements get lost and messages are refused while the process lives.
async fn failures_in_between(opened: Opened) {
    let broker = Arc::new(Broker::new());
    decide(&opened.store, 6).await;
    let faults = [
        Fault::None,
        Fault::AckLost,
        Fault::Refused,
        Fault::None,
        Fault::AckLost,
        Fault::None,
        Fault::Refused,
    ];
    broker.fail(&faults);
    let running = Running::start(&opened.store, &broker);
    until_empty(&opened.store).await;
    running.drain().await;
    assert_whole(&broker, 6);
}

/// A process that waits for the lease goes on where the one that had it ended.
async fn another_takes_over(opened: Opened) {
    let broker = Arc::new(Broker::new());
    let first = Running::start(&opened.store, &broker);
    decide(&opened.store, 3).await;
    until_empty(&opened.store).await;
    let second = Running::start(&opened.store, &broker);
    first.crash().await;
    let more: Vec<_> = (10..13).map(|key| robbery(key, 1)).collect();
    opened.store.apply(&[envelope(more)], &agencies()).await.unwrap();
    until_empty(&opened.store).await;
    second.drain().await;
    assert_eq!(broker.ids().len(), 12);
}

macro_rules! on_both {
    ($($case:ident)+) => {
        on_both!(sqlite: $($case)+);
        on_both!(postgres: $($case)+);
    };
    ($store:ident: $($case:ident)+) => {
        mod $store {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case(crate::testing::$store().await).await;
                }
            )+
        }
    };
}

on_both! {
    publishes_in_order
    a_crash_before_the_acknowledgement
    a_crash_behind_a_mark
    failures_in_between
    another_takes_over
}

/// The database restarts under the publisher: it takes its lease again and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn survives_a_restart_of_postgres() {
    let mut server = callbox_testkit::Postgres::start().await.unwrap();
    let url = server.database().await;
    crate::store::postgres::migrate(&url).await.unwrap();
    let store = crate::store::postgres::open(&url, 4).await.unwrap();
    let broker = Arc::new(Broker::new());
    let running = Running::start(&store, &broker);
    decide(&store, 3).await;
    until_empty(&store).await;
    server.kill9();
    assert!(store.apply(&[envelope([robbery(50, 1)])], &agencies()).await.unwrap_err().is_transient());
    server.restart().await.unwrap();
    wait_until("the store answers", DEADLINE, || async { store.ping().await.is_ok() }).await;
    store.apply(&[envelope((20..23).map(|key| robbery(key, 1)))], &agencies()).await.unwrap();
    until_empty(&store).await;
    running.drain().await;
    assert_eq!(broker.ids().len(), 12);
}
