//! What every back end promises. `contract!(RIG)` makes one test of each case.

#![allow(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]
#![allow(dead_code, reason = "each test binary uses what it needs")]

pub(crate) mod cases;
pub(crate) mod loops;
pub(crate) mod pages;

use std::time::Duration;

use bytes::Bytes;
use callbox_bus::manifest::{ConsumerSpec, DEAD_LETTERS, Retention, StreamSpec};
use callbox_bus::{Bus, Delivery, Error, Outgoing, Published, Settlement, Stored};

/// How long a test waits for anything before it fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A time in which nothing is expected to come.
pub(crate) const QUIET: Duration = Duration::from_millis(250);

/// A broker under test.
#[async_trait::async_trait]
pub(crate) trait Rig: Sized + Send {
    /// An empty one.
    async fn start() -> Self;

    /// The handle to it. Another one after a restart.
    fn bus(&self) -> Bus;

    /// Ends it and starts it again with its data.
    async fn restart(&mut self);
}

pub(crate) const QUEUE: StreamSpec = StreamSpec {
    name: "QUEUE",
    subject_stem: "test.queue",
    retention: Retention::WorkQueue,
    age_max: Duration::from_hours(1),
    bytes_max: 64 << 20,
    duplicate_window: Duration::from_mins(1),
};

pub(crate) const LOG: StreamSpec =
    StreamSpec { name: "LOG", subject_stem: "test.log", retention: Retention::Limits, ..QUEUE };

pub(crate) const WORKER: ConsumerSpec = ConsumerSpec {
    stream: QUEUE.name,
    name: "worker",
    ack_wait: Duration::from_mins(1),
    ack_pending_max: 1_024,
};

/// A rig with the streams and the consumer above, and the dead letters.
pub(crate) async fn declared<R: Rig>() -> R {
    declared_with::<R>(&[QUEUE, LOG, DEAD_LETTERS], &[WORKER]).await
}

pub(crate) async fn declared_with<R: Rig>(streams: &[StreamSpec], consumers: &[ConsumerSpec]) -> R {
    let rig = R::start().await;
    rig.bus().declare(streams, consumers).await.unwrap();
    rig
}

pub(crate) fn message(stream: &StreamSpec, id: impl Into<String>) -> Outgoing {
    let id = id.into();
    let payload = Bytes::from(format!("payload of {id}"));
    Outgoing { subject: stream.subject("exampleville"), id, headers: Vec::new(), payload }
}

pub(crate) async fn publish(bus: &Bus, message: Outgoing) -> Result<Published, Error> {
    bus.publish(message).await?.await
}

/// Publishes messages with these ids and returns once all are stored.
pub(crate) async fn publish_all(bus: &Bus, stream: &StreamSpec, ids: impl IntoIterator<Item = String>) {
    let mut answers = Vec::new();
    for id in ids {
        answers.push(bus.publish(message(stream, id)).await.unwrap());
    }
    for answer in answers {
        answer.await.unwrap();
    }
}

pub(crate) fn ids(range: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    range.map(|number| format!("id-{number}"))
}

/// Pulls until that many messages have come.
pub(crate) async fn pull_exactly(bus: &Bus, consumer: &ConsumerSpec, count: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    let pulling = async {
        while deliveries.len() < count {
            let missing = count - deliveries.len();
            deliveries.extend(bus.pull(consumer, missing, Duration::from_secs(1)).await.unwrap());
        }
    };
    tokio::time::timeout(DEADLINE, pulling).await.expect("the messages come within the deadline");
    deliveries
}

pub(crate) async fn settle_all(
    bus: &Bus,
    consumer: &ConsumerSpec,
    deliveries: &[Delivery],
    settlement: Settlement,
) {
    let all = deliveries.iter().map(|delivery| (delivery.token.clone(), settlement)).collect();
    bus.settle(consumer, all).await.unwrap();
}

/// Nothing comes for a while.
pub(crate) async fn assert_quiet(bus: &Bus, consumer: &ConsumerSpec) {
    let deliveries = bus.pull(consumer, 10, QUIET).await.unwrap();
    let sequences: Vec<_> = deliveries.iter().map(|delivery| delivery.message.sequence).collect();
    assert!(sequences.is_empty(), "unexpected deliveries: {sequences:?}");
}

pub(crate) fn id_of(message: &Stored) -> &str {
    message.headers.iter().find(|(name, _)| name == callbox_bus::ID_HEADER).map_or("", |(_, id)| id)
}

pub(crate) fn sequences(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.message.sequence).collect()
}

/// One test for each case.
#[macro_export]
macro_rules! contract {
    ($rig:ty: $($module:ident::$case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                contract::$module::$case::<$rig>().await;
            }
        )*
    };
    ($rig:ty) => {
        $crate::contract!($rig:
            cases::messages_come_in_order_with_all_that_was_published,
            cases::what_is_acknowledged_is_gone,
            cases::terminated_messages_do_not_come_again,
            cases::unsettled_messages_come_again_after_ack_wait,
            cases::progress_postpones_the_next_delivery,
            cases::messages_given_back_come_at_once_or_after_their_delay,
            cases::settling_twice_changes_nothing,
            cases::old_messages_go,
            cases::a_full_work_queue_refuses_and_goes_on_when_there_is_room,
            cases::ids_are_remembered_for_the_duplicate_window,
            cases::ids_of_messages_that_are_there_survive_a_restart,
            cases::sequences_go_on_after_a_purge_and_a_restart,
            cases::a_slow_consumer_holds_no_more_than_its_limit,
            cases::a_restart_brings_unsettled_messages_back,
            cases::a_dropped_pull_loses_nothing,
            cases::two_pullers_share_without_overlap,
            cases::declaring_again_changes_limits_and_keeps_messages,
            cases::what_is_missing_is_said,
            cases::impossible_messages_are_refused,
            cases::after_closing_calls_fail,
            pages::a_stream_is_read_page_by_page,
            pages::deleted_messages_leave_holes,
            pages::a_stream_over_its_limit_drops_its_oldest,
            pages::waiting_ends_with_the_next_message,
            loops::the_loop_settles_by_outcome,
            loops::rejected_messages_are_listed_replayed_and_discarded,
            loops::an_interrupted_replay_is_not_stored_twice,
            loops::unreadable_messages_are_buried_whole,
            loops::a_failing_handler_gets_its_messages_again,
            loops::long_work_is_not_delivered_twice,
            loops::the_loop_stays_within_its_window,
            loops::draining_finishes_what_is_in_hand,
            loops::the_loop_ends_when_its_consumer_does_not_exist,
        );
    };
}
