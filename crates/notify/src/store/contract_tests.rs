//! What every store must do, held against each of them.

use std::sync::Arc;
use std::time::Duration;

use callbox_proto::domain::{Category, ClassifiedIncident, Outcome, Position};
use uuid::Uuid;

use super::{AlertQuery, Error, SubscriptionRow};
use crate::domain::batch::{Item, Work};
use crate::domain::fixtures::{agencies, at, held, robbery, suppressed};
use crate::testing::{Opened, envelope};

async fn counts(opened: &Opened) -> Vec<(Outcome, i64)> {
    let agency = "springfield".parse().unwrap();
    let rows = opened.again().await.outcomes(Some(&agency)).await.unwrap();
    rows.into_iter().map(|(_, outcome, count)| (outcome, count)).collect()
}

/// What was applied is there for whoever opens the store next.
pub(super) async fn a_batch_is_durable(opened: Opened) {
    let work = [envelope([robbery(1, 1), suppressed(2, 2), held(3, 3)]), envelope([suppressed(1, 4)])];
    let applied = opened.store.apply(&work, &agencies()).await.unwrap();
    assert_eq!(applied.revisions, 2);
    assert_eq!(
        counts(&opened).await,
        [(Outcome::Held, 1), (Outcome::Published, 2), (Outcome::Suppressed, 1)]
    );
    let rows = opened.again().await.outbox_peek(10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.revision).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rows[0].alert, rows[1].alert);
    assert!(rows[0].categories.intersects([Category::Robbery].into_iter().collect()));
    let latest = opened.store.alert_get(rows[0].alert).await.unwrap().unwrap();
    assert_eq!(latest, rows[1].message);
}

/// The state of an incident is the same after it was stored as before.
pub(super) async fn states_go_on_where_they_were(opened: Opened) {
    let shooting = ClassifiedIncident { category: Some(Category::Shooting), ..robbery(1, 3) };
    let steps = [robbery(1, 1), suppressed(1, 2), shooting, robbery(1, 1), suppressed(1, 2)];
    let expected =
        [Outcome::Published, Outcome::Published, Outcome::Published, Outcome::Unchanged, Outcome::Unchanged];
    for (step, expected) in steps.into_iter().zip(expected) {
        let applied = opened.again().await.apply(&[envelope([step])], &agencies()).await.unwrap();
        assert_eq!(applied.ledger.keys().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), [expected]);
    }
    let rows = opened.store.outbox_peek(10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.revision).collect::<Vec<_>>(), [1, 2, 3]);
}

/// An envelope changes something once, however often it comes, alone or with others.
pub(super) async fn an_envelope_is_handled_once(opened: Opened) {
    let first = envelope([robbery(1, 1)]);
    let second = envelope([robbery(2, 2)]);
    opened.store.apply(std::slice::from_ref(&first), &agencies()).await.unwrap();
    let again = opened.store.apply(&[first.clone(), second.clone(), second], &agencies()).await.unwrap();
    assert_eq!(again.revisions, 1);
    assert_eq!(opened.store.apply(&[first], &agencies()).await.unwrap(), super::Applied::default());
    assert_eq!(counts(&opened).await, [(Outcome::Published, 2)]);
}

/// Batches of one agency that run at once do not miss each other's states.
pub(super) async fn concurrent_batches_agree(opened: Opened) {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=24 {
        let store = Arc::clone(&opened.store);
        let category = Category::ALL[usize::try_from(number % 8).unwrap()];
        let states =
            (0..8).map(move |key| ClassifiedIncident { category: Some(category), ..robbery(key, number) });
        tasks.spawn(async move { store.apply(&[envelope(states)], &agencies()).await.unwrap() });
    }
    tasks.join_all().await;
    let rows = opened.store.outbox_peek(1_000).await.unwrap();
    for key in rows.iter().map(|row| row.alert) {
        let revisions: Vec<_> = rows.iter().filter(|row| row.alert == key).map(|row| row.revision).collect();
        assert!((1..).zip(&revisions).all(|(expected, found)| expected == *found), "{revisions:?}");
    }
    assert_eq!(counts(&opened).await.iter().map(|(_, count)| count).sum::<i64>(), 24 * 8);
    // The newest state has the last word: number 24, a burglary.
    let listed = opened.store.alert_list(&AlertQuery { limit: 100, ..AlertQuery::default() }).await.unwrap();
    assert_eq!(listed.len(), 8);
    let burglaries = [Category::Burglary].into_iter().collect();
    let query = AlertQuery { categories: burglaries, limit: 100, ..AlertQuery::default() };
    assert_eq!(opened.store.alert_list(&query).await.unwrap().len(), 8);
}

/// A large batch goes through in one call.
pub(super) async fn a_large_batch_fits(opened: Opened) {
    let work: Vec<Work> = (0..16_u8)
        .map(|number| {
            let states = (0..64_u8).map(|key| {
                let mut state = robbery(key, 1);
                state.key.0[0] = number;
                state
            });
            envelope(states)
        })
        .collect();
    assert_eq!(opened.store.apply(&work, &agencies()).await.unwrap().revisions, 1_024);
    assert_eq!(opened.store.outbox_depth().await.unwrap(), 1_024);
}

/// A replayed record takes its dead letter back, also below zero for a moment.
pub(super) async fn the_ledger_adds_up(opened: Opened) {
    let replayed = Work { replayed: true, ..envelope([suppressed(1, 1)]) };
    opened.store.apply(&[replayed], &agencies()).await.unwrap();
    assert_eq!(counts(&opened).await, [(Outcome::DeadLettered, -1), (Outcome::Suppressed, 1)]);
    let dead = Work { items: vec![Item::DeadLettered], ..envelope([]) };
    opened.store.apply(&[dead], &agencies()).await.unwrap();
    assert_eq!(counts(&opened).await, [(Outcome::DeadLettered, 0), (Outcome::Suppressed, 1)]);
}

/// Settling deletes exactly what it is given, and keeps the mark.
pub(super) async fn the_outbox_settles(opened: Opened) {
    opened.store.apply(&[envelope([robbery(1, 1), robbery(2, 2)])], &agencies()).await.unwrap();
    let rows = opened.store.outbox_peek(1).await.unwrap();
    assert_eq!(opened.store.outbox_mark().await.unwrap(), None);
    let mark = Position { epoch: 7, sequence: 9 };
    opened.store.outbox_settle(&[rows[0].id], Some(mark)).await.unwrap();
    opened.store.outbox_settle(&[], None).await.unwrap();
    let next = opened.again().await;
    assert_eq!(next.outbox_mark().await.unwrap(), Some(mark));
    assert_eq!(next.outbox_depth().await.unwrap(), 1);
    assert_ne!(next.outbox_peek(9).await.unwrap()[0].alert, rows[0].alert);
}

/// One lease at a time; a commit ends its wait; another takes it over when it is dropped.
pub(super) async fn one_publishes(opened: Opened) {
    let mut lease = opened.store.outbox_lease().await.unwrap();
    let second = tokio::time::timeout(Duration::from_millis(300), opened.store.outbox_lease()).await;
    assert!(second.is_err(), "two leases at once");
    // From this process, and from another one where the store can have several.
    let mut writers = vec![Arc::clone(&opened.store)];
    if opened.is_postgres() {
        writers.push(opened.again().await);
    }
    for (number, store) in (1..).zip(writers) {
        // What woke us before is used up first.
        while tokio::time::timeout(Duration::from_millis(50), lease.wait(Duration::from_secs(9)))
            .await
            .is_ok()
        {}
        store.apply(&[envelope([robbery(number, u64::from(number))])], &agencies()).await.unwrap();
        let woken = tokio::time::timeout(Duration::from_secs(5), lease.wait(Duration::from_mins(1))).await;
        woken.expect("the commit wakes the publisher").unwrap();
    }
    drop(lease);
    let taken = tokio::time::timeout(Duration::from_secs(10), opened.store.outbox_lease()).await;
    taken.expect("the lease is free").unwrap();
}

/// Newest first, page by page, each alert once.
pub(super) async fn alerts_are_listed_in_pages(opened: Opened) {
    let states = (0..7).map(|key| robbery(key, u64::from(key / 2) + 1));
    opened.store.apply(&[envelope(states), envelope([suppressed(6, 9)])], &agencies()).await.unwrap();
    let mut seen = Vec::new();
    let mut query = AlertQuery { include_retracted: true, limit: 2, ..AlertQuery::default() };
    loop {
        let page = opened.store.alert_list(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some((last.sent_time, last.id));
        seen.extend(page.iter().map(|row| (row.sent_time, row.id)));
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let standing = AlertQuery { limit: 100, ..AlertQuery::default() };
    assert_eq!(opened.store.alert_list(&standing).await.unwrap().len(), 6);
    let elsewhere = AlertQuery { agencies: vec!["shelbyville".parse().unwrap()], ..standing.clone() };
    assert_eq!(opened.store.alert_list(&elsewhere).await.unwrap(), []);
    let here = AlertQuery { agencies: vec!["springfield".parse().unwrap()], ..standing };
    assert_eq!(opened.store.alert_list(&here).await.unwrap().len(), 6);
}

/// Subscriptions come back as they went, and a repeated request makes no second one.
pub(super) async fn subscriptions_are_kept(opened: Opened) {
    let row =
        |byte: u8| SubscriptionRow { id: Uuid::new_v4(), filter: vec![byte].into(), create_time: at(5) };
    let (one, other, request) = (row(1), row(2), Uuid::new_v4());
    assert_eq!(opened.store.subscription_create(&one, Some(request)).await.unwrap(), one);
    assert_eq!(opened.store.subscription_create(&other, Some(request)).await.unwrap(), one);
    assert_eq!(opened.store.subscription_create(&other, None).await.unwrap(), other);
    let third = row(3);
    assert_eq!(opened.store.subscription_create(&third, None).await.unwrap(), third);
    assert_eq!(opened.store.subscription_get(one.id).await.unwrap(), Some(one.clone()));
    assert!(opened.store.subscription_delete(one.id).await.unwrap());
    assert!(!opened.store.subscription_delete(one.id).await.unwrap());
    assert_eq!(opened.store.subscription_get(one.id).await.unwrap(), None);
}

/// Handled envelopes are known, forgotten by age, and then count again.
pub(super) async fn handled_envelopes_age(opened: Opened) {
    let work = [envelope([robbery(1, 1)])];
    opened.store.apply(&work, &agencies()).await.unwrap();
    let asked: Vec<Uuid> = std::iter::once(work[0].envelope).chain((0..1_500).map(Uuid::from_u128)).collect();
    assert_eq!(opened.store.handled_among(&asked).await.unwrap(), [work[0].envelope].into());
    assert_eq!(opened.store.handled_prune(at(1)).await.unwrap(), 0);
    let tomorrow = callbox_proto::domain::Timestamp::now().plus_seconds(86_400);
    assert_eq!(opened.store.handled_prune(tomorrow).await.unwrap(), 1);
    // The incident's own memory still recognises the submission.
    assert_eq!(opened.store.apply(&work, &agencies()).await.unwrap().revisions, 0);
}

/// A closed store says so, as something to try again.
pub(super) async fn a_closed_store_refuses(opened: Opened) {
    opened.store.ping().await.unwrap();
    opened.store.close().await;
    assert!(opened.store.ping().await.unwrap_err().is_transient());
    let error = opened.store.apply(&[envelope([robbery(1, 1)])], &agencies()).await.unwrap_err();
    assert!(error.is_transient());
}

macro_rules! contract {
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
    ($($case:ident)+) => {
        contract!(sqlite: $($case)+);
        contract!(postgres: $($case)+);
    };
}

contract! {
    a_batch_is_durable
    states_go_on_where_they_were
    an_envelope_is_handled_once
    concurrent_batches_agree
    a_large_batch_fits
    the_ledger_adds_up
    the_outbox_settles
    one_publishes
    alerts_are_listed_in_pages
    subscriptions_are_kept
    handled_envelopes_age
    a_closed_store_refuses
}

#[tokio::test]
async fn a_store_without_a_schema_says_what_to_do() {
    let url = callbox_testkit::Postgres::shared().await.database().await;
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("notify.db");
    for result in [super::postgres::open(&url, 1).await, super::sqlite::open(&file).await] {
        let error = result.err().unwrap();
        assert!(matches!(error, Error::Behind { found: 0, expected: 1, .. }), "{error}");
        assert!(error.to_string().contains("callbox migrate"));
    }
}

/// Many runners on a file that is not there yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_of_a_new_file_wait_for_each_other() {
    for _ in 0..10 {
        let directory = tempfile::TempDir::new().unwrap();
        let mut runners = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let file = directory.path().join("notify.db");
            runners.spawn(async move { super::sqlite::migrate(&file).await.unwrap() });
        }
        runners.join_all().await;
        super::sqlite::open(&directory.path().join("notify.db")).await.unwrap().ping().await.unwrap();
    }
}

#[tokio::test]
async fn an_address_without_a_server_is_unavailable() {
    let nowhere = super::postgres::open("postgres://postgres@127.0.0.1:1/nothing", 1).await;
    assert!(nowhere.err().unwrap().is_transient());
    let nonsense = super::postgres::open("mailto:nobody", 1).await;
    assert!(matches!(nonsense.err().unwrap(), Error::Address { .. }));
}
