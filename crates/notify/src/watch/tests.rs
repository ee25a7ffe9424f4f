//! Watches: no gap, no repetition, and an honest end where that cannot be kept.

use std::sync::Arc;
use std::time::Duration;

use callbox_bus::manifest::ALERTS;
use callbox_bus::{Backend as _, Bus, Outgoing};
use callbox_place::Cell;
use callbox_proto::domain::Place;
use callbox_proto::notify::v1 as pb;
use prost::Message as _;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::feed::Feed;
use super::watcher::{self, Answer};
use crate::domain::compose::compose;
use crate::domain::decide::decide;
use crate::domain::filter::Filter;
use crate::domain::fixtures::{POLICY, agency, cell, robbery};
use crate::testing::Broker;

/// A broker, a feed that runs, and what ends it.
struct Setup {
    broker: Arc<Broker>,
    feed: Arc<Feed>,
    drain: CancellationToken,
}

impl Setup {
    async fn new(capacity: usize) -> Self {
        let broker = Arc::new(Broker::new());
        let bus: Bus = broker.clone();
        let feed = Feed::with_capacity(bus, capacity);
        let drain = CancellationToken::new();
        let (running, token) = (Arc::clone(&feed), drain.clone());
        tokio::spawn(async move { running.run(token).await });
        feed.now().await;
        Self { broker, feed, drain }
    }

    /// Publishes the `number`th alert, a robbery at a latitude.
    async fn publish(&self, number: u8, latitude: f64) {
        let incident = callbox_proto::domain::ClassifiedIncident {
            place: Some(cell(latitude, 7)),
            ..robbery(number, u64::from(number) + 1)
        };
        let revision = decide(None, &incident, POLICY).revision.unwrap();
        let alert = callbox_proto::alert::v1::Alert::from(&compose(&agency("springfield"), &revision));
        let message = Outgoing {
            subject: ALERTS.subject("springfield"),
            id: format!("{}.1", alert.id),
            headers: Vec::new(),
            payload: alert.encode_to_vec().into(),
        };
        self.broker.publish(message).await.unwrap().await.unwrap();
    }

    fn watch(&self, filter: &pb::AlertFilter, cursor: u64) -> Receiver<Answer> {
        watcher::begin(Arc::clone(&self.feed), Filter::try_from(filter).unwrap(), cursor)
    }
}

async fn answer(watch: &mut Receiver<Answer>) -> Answer {
    tokio::time::timeout(Duration::from_secs(10), watch.recv())
        .await
        .expect("an answer comes")
        .expect("the watch stands")
}

/// The next alerts, as sequences of the stream; signs of life are passed over.
async fn tokens(watch: &mut Receiver<Answer>, count: usize) -> Vec<u64> {
    let mut tokens = Vec::new();
    while tokens.len() < count {
        let answer = answer(watch).await.unwrap();
        if answer.alert.is_some() {
            tokens.push(answer.resume_token.parse().unwrap());
        }
    }
    tokens
}

#[tokio::test]
async fn the_first_answer_comes_at_once_and_says_where_the_watch_begins() {
    let setup = Setup::new(8).await;
    setup.publish(0, 40.0).await;
    let cursor = setup.feed.oldest().await.unwrap();
    let first = answer(&mut setup.watch(&pb::AlertFilter::default(), cursor)).await.unwrap();
    assert_eq!((first.alert, first.resume_token.as_str()), (None, "0"));
}

#[tokio::test]
async fn every_alert_comes_once_and_in_order() {
    let setup = Setup::new(4).await;
    let mut live = setup.watch(&pb::AlertFilter::default(), 0);
    for number in 0..20 {
        setup.publish(number, 40.0).await;
    }
    let expected: Vec<u64> = (1..=20).collect();
    assert_eq!(tokens(&mut live, 20).await, expected);
    // The ring holds four: the beginning comes from the stream, the end from memory.
    assert_eq!(tokens(&mut setup.watch(&pb::AlertFilter::default(), 0), 20).await, expected);
}

#[tokio::test]
async fn a_watch_goes_on_from_any_token_without_gap_or_repetition() {
    let setup = Setup::new(4).await;
    for number in 0..12 {
        setup.publish(number, 40.0).await;
    }
    for cut in 0..=12_u64 {
        let mut before = setup.watch(&pb::AlertFilter::default(), 0);
        let mut seen = tokens(&mut before, usize::try_from(cut).unwrap()).await;
        drop(before);
        setup.feed.check(cut).await.unwrap();
        let mut after = setup.watch(&pb::AlertFilter::default(), seen.last().copied().unwrap_or_default());
        seen.extend(tokens(&mut after, usize::try_from(12 - cut).unwrap()).await);
        assert_eq!(seen, (1..=12).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn only_what_matches_comes() {
    let setup = Setup::new(64).await;
    let Place::Cell(index) = cell(40.0, 8) else { panic!("a cell was expected") };
    let wanted = format!("{:015x}", Cell::from_index(index).unwrap().index());
    let mut watch = setup.watch(&pb::AlertFilter { cells: vec![wanted], ..Default::default() }, 0);
    for number in 0..10 {
        setup.publish(number, if number % 3 == 0 { 40.0 } else { 10.0 }).await;
    }
    assert_eq!(tokens(&mut watch, 4).await, [1, 4, 7, 10]);
}

#[tokio::test]
async fn a_token_that_is_too_old_or_ahead_is_refused() {
    let setup = Setup::new(2).await;
    for number in 0..10 {
        setup.publish(number, 40.0).await;
    }
    tokens(&mut setup.watch(&pb::AlertFilter::default(), 0), 10).await;
    setup.broker.expire(6);
    assert!(matches!(setup.feed.check(5).await, Err(super::Gone::TooOld)));
    setup.feed.check(6).await.unwrap();
    assert!(matches!(setup.feed.check(11).await, Err(super::Gone::Ahead)));
    assert_eq!(setup.feed.oldest().await.unwrap(), 6);
    // A watch that fell behind what is kept ends, and says why.
    let mut late = setup.watch(&pb::AlertFilter::default(), 3);
    answer(&mut late).await.unwrap();
    assert_eq!(answer(&mut late).await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn a_slow_watcher_slows_itself_alone() {
    let setup = Setup::new(16).await;
    let mut slow = setup.watch(&pb::AlertFilter::default(), 0);
    let mut quick = setup.watch(&pb::AlertFilter::default(), 0);
    for number in 0..100 {
        setup.publish(number, 40.0).await;
    }
    let expected: Vec<u64> = (1..=100).collect();
    assert_eq!(tokens(&mut quick, 100).await, expected);
    // It took nothing so far, missed the ring by far, and still misses no alert.
    assert_eq!(tokens(&mut slow, 100).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_watch_gives_a_sign_of_life() {
    let setup = Setup::new(16).await;
    let elsewhere = pb::AlertFilter { agencies: vec!["shelbyville".to_owned()], ..Default::default() };
    let mut watch = setup.watch(&elsewhere, 0);
    assert_eq!(answer(&mut watch).await.unwrap().resume_token, "0");
    setup.publish(0, 40.0).await;
    let begin = tokio::time::Instant::now();
    let sign = tokio::time::timeout(Duration::from_mins(1), watch.recv()).await.unwrap().unwrap().unwrap();
    assert_eq!((sign.alert, sign.resume_token.as_str()), (None, "1"));
    assert!(begin.elapsed() <= Duration::from_secs(31));
}

#[tokio::test]
async fn watches_end_with_the_feed() {
    let setup = Setup::new(16).await;
    let mut watch = setup.watch(&pb::AlertFilter::default(), 0);
    answer(&mut watch).await.unwrap();
    setup.drain.cancel();
    assert_eq!(answer(&mut watch).await.unwrap_err().code(), Code::Unavailable);
    assert!(watch.recv().await.is_none());
}
