//! Publishing, pulling, settling.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use callbox_bus::manifest::{ConsumerSpec, StreamSpec};
use callbox_bus::{Error, ID_HEADER, Outgoing, PAYLOAD_MAX, Settlement};
use callbox_testkit::wait_until;

use super::*;

pub(crate) async fn messages_come_in_order_with_all_that_was_published<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let headers = vec![("traceparent".to_owned(), "00-1-2-01".to_owned())];
    let first = publish(&bus, Outgoing { headers, ..message(&QUEUE, "one") }).await.unwrap();
    assert_eq!((first.sequence, first.duplicate), (1, false));
    publish_all(&bus, &QUEUE, ids(2..300)).await;

    let deliveries = pull_exactly(&bus, &WORKER, 299).await;
    assert_eq!(sequences(&deliveries), (1..300).collect::<Vec<_>>());
    let one = &deliveries[0];
    let expected = [(ID_HEADER, "one"), ("traceparent", "00-1-2-01")];
    assert_eq!(one.message.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(one.message.subject, "test.queue.exampleville");
    assert_eq!(one.message.payload, Bytes::from_static(b"payload of one"));
    assert_eq!(one.attempt, 1);
    let info = bus.info(&QUEUE).await.unwrap();
    assert_eq!(one.epoch, info.epoch);
    assert!(info.epoch.abs_diff(before) < 60, "{} {before}", info.epoch);
}

pub(crate) async fn what_is_acknowledged_is_gone<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..10)).await;
    assert_eq!(bus.backlog(&WORKER).await.unwrap(), 10);
    let deliveries = pull_exactly(&bus, &WORKER, 4).await;
    assert_eq!(bus.backlog(&WORKER).await.unwrap(), 10);
    settle_all(&bus, &WORKER, &deliveries, Settlement::Ack).await;
    wait_until("the queue has forgotten them", DEADLINE, || async {
        bus.backlog(&WORKER).await.unwrap() == 6 && bus.info(&QUEUE).await.unwrap().messages == 6
    })
    .await;
    let rest = pull_exactly(&bus, &WORKER, 6).await;
    assert_eq!(sequences(&rest), [5, 6, 7, 8, 9, 10]);
    settle_all(&bus, &WORKER, &rest, Settlement::Ack).await;
    wait_until("the queue is empty", DEADLINE, || async { bus.info(&QUEUE).await.unwrap().messages == 0 })
        .await;
    let info = bus.info(&QUEUE).await.unwrap();
    assert_eq!((info.bytes, info.first_sequence, info.last_sequence), (0, 11, 10));
}

pub(crate) async fn terminated_messages_do_not_come_again<R: Rig>() {
    let short = ConsumerSpec { ack_wait: Duration::from_millis(500), ..WORKER };
    let rig: R = declared_with(&[QUEUE], &[short]).await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..1)).await;
    let deliveries = pull_exactly(&bus, &short, 1).await;
    settle_all(&bus, &short, &deliveries, Settlement::Terminate).await;
    wait_until("it is gone", DEADLINE, || async { bus.backlog(&short).await.unwrap() == 0 }).await;
    assert!(bus.pull(&short, 1, short.ack_wait * 2).await.unwrap().is_empty());
}

pub(crate) async fn unsettled_messages_come_again_after_ack_wait<R: Rig>() {
    let short = ConsumerSpec { ack_wait: Duration::from_secs(1), ..WORKER };
    let rig: R = declared_with(&[QUEUE], &[short]).await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..2)).await;
    let begin = Instant::now();
    let first = pull_exactly(&bus, &short, 2).await;
    settle_all(&bus, &short, &first[1..], Settlement::Ack).await;
    let again = pull_exactly(&bus, &short, 1).await;
    assert!(begin.elapsed() >= Duration::from_millis(900), "{:?}", begin.elapsed());
    // A server counts attempts that reached nobody because the request had just ended.
    assert_eq!(again[0].message.sequence, 1);
    assert!(again[0].attempt >= 2, "{}", again[0].attempt);
    let third = pull_exactly(&bus, &short, 1).await;
    assert_eq!(third[0].message.sequence, 1);
    assert!(third[0].attempt > again[0].attempt, "{}", third[0].attempt);
    settle_all(&bus, &short, &third, Settlement::Ack).await;
}

pub(crate) async fn progress_postpones_the_next_delivery<R: Rig>() {
    let short = ConsumerSpec { ack_wait: Duration::from_secs(1), ..WORKER };
    let rig: R = declared_with(&[QUEUE], &[short]).await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..1)).await;
    let held = pull_exactly(&bus, &short, 1).await;
    let begin = Instant::now();
    while begin.elapsed() < short.ack_wait * 2 {
        settle_all(&bus, &short, &held, Settlement::Progress).await;
        assert_quiet(&bus, &short).await;
    }
    assert!(pull_exactly(&bus, &short, 1).await[0].attempt >= 2);
}

pub(crate) async fn messages_given_back_come_at_once_or_after_their_delay<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..1)).await;
    let held = pull_exactly(&bus, &WORKER, 1).await;
    settle_all(&bus, &WORKER, &held, Settlement::Nak(Duration::ZERO)).await;
    let begin = Instant::now();
    let held = pull_exactly(&bus, &WORKER, 1).await;
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    assert_eq!(held[0].attempt, 2);

    let delay = Duration::from_millis(800);
    settle_all(&bus, &WORKER, &held, Settlement::Nak(delay)).await;
    let begin = Instant::now();
    assert_quiet(&bus, &WORKER).await;
    let held = pull_exactly(&bus, &WORKER, 1).await;
    assert!(begin.elapsed() >= delay.mul_f64(0.9), "{:?}", begin.elapsed());
    assert!(begin.elapsed() < delay * 5, "{:?}", begin.elapsed());
    assert_eq!(held[0].attempt, 3);
}

pub(crate) async fn settling_twice_changes_nothing<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..2)).await;
    let held = pull_exactly(&bus, &WORKER, 2).await;
    for settlement in
        [Settlement::Ack, Settlement::Ack, Settlement::Nak(Duration::ZERO), Settlement::Terminate]
    {
        settle_all(&bus, &WORKER, &held[..1], settlement).await;
    }
    assert_quiet(&bus, &WORKER).await;
    assert_eq!(bus.backlog(&WORKER).await.unwrap(), 1);
}

pub(crate) async fn old_messages_go<R: Rig>() {
    let brief = Duration::from_secs(1);
    let queue = StreamSpec { age_max: brief, duplicate_window: brief, ..QUEUE };
    let rig: R = declared_with(&[queue], &[WORKER]).await;
    let bus = rig.bus();
    publish_all(&bus, &queue, ids(0..5)).await;
    let held = pull_exactly(&bus, &WORKER, 1).await;
    wait_until("all are gone", DEADLINE, || async { bus.info(&queue).await.unwrap().messages == 0 }).await;
    settle_all(&bus, &WORKER, &held, Settlement::Nak(Duration::ZERO)).await;
    assert_quiet(&bus, &WORKER).await;
    publish_all(&bus, &queue, ids(5..6)).await;
    assert_eq!(sequences(&pull_exactly(&bus, &WORKER, 1).await), [6]);
}

pub(crate) async fn a_full_work_queue_refuses_and_goes_on_when_there_is_room<R: Rig>() {
    let small = StreamSpec { bytes_max: 16 << 10, ..QUEUE };
    let rig: R = declared_with(&[small], &[WORKER]).await;
    let bus = rig.bus();
    let large = |id: String| Outgoing { payload: Bytes::from(vec![7; 1_000]), ..message(&small, id) };
    let mut stored = Vec::new();
    let refusal = loop {
        assert!(stored.len() < 20, "the limit does not hold");
        match publish(&bus, large(format!("id-{}", stored.len()))).await {
            Ok(published) => stored.push(published.sequence),
            Err(error) => break error,
        }
    };
    assert!(matches!(refusal, Error::Full { .. }), "{refusal:?}");
    assert!(stored.len() >= 10, "{}", stored.len());
    assert!(bus.info(&small).await.unwrap().bytes <= small.bytes_max);

    let held = pull_exactly(&bus, &WORKER, stored.len()).await;
    assert_eq!(sequences(&held), stored, "nothing was dropped to make room");
    settle_all(&bus, &WORKER, &held[..3], Settlement::Ack).await;
    wait_until("there is room again", DEADLINE, || async {
        publish(&bus, large("late".to_owned())).await.is_ok()
    })
    .await;
}

pub(crate) async fn ids_are_remembered_for_the_duplicate_window<R: Rig>() {
    let window = Duration::from_secs(2);
    let queue = StreamSpec { duplicate_window: window, ..QUEUE };
    let rig: R = declared_with(&[queue], &[WORKER]).await;
    let bus = rig.bus();
    let first = publish(&bus, message(&queue, "same")).await.unwrap();
    // Also when both are on their way at once, and when the first is long settled.
    let begin = Instant::now();
    let second = bus.publish(message(&queue, "same")).await.unwrap();
    let third = bus.publish(message(&queue, "same")).await.unwrap();
    for published in [second.await.unwrap(), third.await.unwrap()] {
        assert_eq!((published.sequence, published.duplicate), (first.sequence, true));
    }
    let held = pull_exactly(&bus, &WORKER, 1).await;
    settle_all(&bus, &WORKER, &held, Settlement::Ack).await;
    wait_until("it is gone", DEADLINE, || async { bus.backlog(&WORKER).await.unwrap() == 0 }).await;
    let settled = publish(&bus, message(&queue, "same")).await.unwrap();
    if begin.elapsed() < window {
        assert_eq!((settled.sequence, settled.duplicate), (first.sequence, true));
    }
    wait_until("the window is over", DEADLINE, || async {
        !publish(&bus, message(&queue, "same")).await.unwrap().duplicate
    })
    .await;
    assert!(begin.elapsed() >= window.mul_f64(0.9), "{:?}", begin.elapsed());
    assert_eq!(bus.info(&queue).await.unwrap().last_sequence, first.sequence + 1);
}

pub(crate) async fn ids_of_messages_that_are_there_survive_a_restart<R: Rig>() {
    let mut rig: R = declared().await;
    let first = publish(&rig.bus(), message(&QUEUE, "same")).await.unwrap();
    rig.restart().await;
    let second = publish(&rig.bus(), message(&QUEUE, "same")).await.unwrap();
    assert_eq!((second.sequence, second.duplicate), (first.sequence, true));
}

pub(crate) async fn sequences_go_on_after_a_purge_and_a_restart<R: Rig>() {
    let mut rig: R = declared().await;
    for stream in [QUEUE, LOG] {
        publish_all(&rig.bus(), &stream, ids(0..5)).await;
        rig.bus().purge(&stream).await.unwrap();
        let info = rig.bus().info(&stream).await.unwrap();
        assert_eq!((info.messages, info.bytes, info.first_sequence, info.last_sequence), (0, 0, 6, 5));
    }
    let epochs = [rig.bus().info(&QUEUE).await.unwrap().epoch, rig.bus().info(&LOG).await.unwrap().epoch];
    rig.restart().await;
    let bus = rig.bus();
    for (stream, epoch) in [QUEUE, LOG].into_iter().zip(epochs) {
        assert_eq!(publish(&bus, message(&stream, "next")).await.unwrap().sequence, 6);
        assert_eq!(bus.info(&stream).await.unwrap().epoch, epoch, "the stream is the same one");
    }
    assert_eq!(sequences(&pull_exactly(&bus, &WORKER, 1).await), [6]);
}

pub(crate) async fn a_slow_consumer_holds_no_more_than_its_limit<R: Rig>() {
    let slow = ConsumerSpec { ack_pending_max: 4, ..WORKER };
    let rig: R = declared_with(&[QUEUE], &[slow]).await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..10)).await;
    let held = pull_exactly(&bus, &slow, 4).await;
    assert_quiet(&bus, &slow).await;
    settle_all(&bus, &slow, &held[..2], Settlement::Ack).await;
    let more = pull_exactly(&bus, &slow, 2).await;
    assert_eq!(sequences(&more), [5, 6]);
    assert_quiet(&bus, &slow).await;
    assert_eq!(bus.info(&QUEUE).await.unwrap().last_sequence, 10, "publishing goes on");
}

pub(crate) async fn a_restart_brings_unsettled_messages_back<R: Rig>() {
    let short = ConsumerSpec { ack_wait: Duration::from_secs(1), ..WORKER };
    let mut rig: R = declared_with(&[QUEUE], &[short]).await;
    publish_all(&rig.bus(), &QUEUE, ids(0..6)).await;
    let held = pull_exactly(&rig.bus(), &short, 4).await;
    settle_all(&rig.bus(), &short, &held[..2], Settlement::Ack).await;
    settle_all(&rig.bus(), &short, &held[2..3], Settlement::Nak(Duration::ZERO)).await;
    wait_until("two are gone", DEADLINE, || async { rig.bus().backlog(&short).await.unwrap() == 4 }).await;
    rig.restart().await;
    let bus = rig.bus();
    // What was settled just before may come again too: a broker that is killed forgets that.
    let mut back = HashSet::new();
    let pulling = async {
        while !(3..=6).all(|sequence| back.contains(&sequence)) {
            back.extend(sequences(&bus.pull(&short, 10, QUIET).await.unwrap()));
        }
    };
    tokio::time::timeout(DEADLINE, pulling).await.expect("all four come");
}

pub(crate) async fn a_dropped_pull_loses_nothing<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    // The pulls end while messages are on their way to them. `ack_wait` is a minute, so what got lost would be missed.
    for round in 0..20 {
        let pull = bus.pull(&WORKER, 10, Duration::from_secs(2));
        let publishing = publish_all(&bus, &QUEUE, ids(round * 5..round * 5 + 5));
        tokio::select! {
            biased;
            deliveries = pull => settle_all(&bus, &WORKER, &deliveries.unwrap(), Settlement::Nak(Duration::ZERO)).await,
            () = publishing => {}
        }
    }
    let expected = bus.backlog(&WORKER).await.unwrap();
    let deliveries = pull_exactly(&bus, &WORKER, usize::try_from(expected).unwrap()).await;
    let distinct: HashSet<_> = deliveries.iter().map(|delivery| delivery.message.sequence).collect();
    assert_eq!(distinct.len() as u64, expected);
}

pub(crate) async fn two_pullers_share_without_overlap<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    let puller = |bus: Bus| async move {
        let mut mine = Vec::new();
        loop {
            let deliveries = bus.pull(&WORKER, 7, Duration::from_secs(1)).await.unwrap();
            if deliveries.is_empty() {
                return mine;
            }
            settle_all(&bus, &WORKER, &deliveries, Settlement::Ack).await;
            mine.extend(sequences(&deliveries));
        }
    };
    let pullers = [tokio::spawn(puller(rig.bus())), tokio::spawn(puller(rig.bus()))];
    publish_all(&bus, &QUEUE, ids(0..500)).await;
    let mut all = Vec::new();
    for puller in pullers {
        all.extend(puller.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (1..=500).collect::<Vec<_>>());
}

pub(crate) async fn declaring_again_changes_limits_and_keeps_messages<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    publish_all(&bus, &QUEUE, ids(0..3)).await;
    let short = ConsumerSpec { ack_wait: Duration::from_secs(1), ..WORKER };
    let tight = StreamSpec { bytes_max: 1_000, ..QUEUE };
    bus.declare(&[QUEUE, LOG], &[WORKER]).await.unwrap();
    bus.declare(&[tight], &[short]).await.unwrap();
    assert_eq!(bus.info(&QUEUE).await.unwrap().messages, 3);
    let large = Outgoing { payload: Bytes::from(vec![7; 2_000]), ..message(&QUEUE, "large") };
    let refusal = publish(&bus, large).await.unwrap_err();
    assert!(matches!(refusal, Error::Full { .. }), "{refusal:?}");
    assert_eq!(pull_exactly(&bus, &short, 3).await.len(), 3);
    assert!(pull_exactly(&bus, &short, 1).await[0].attempt >= 2, "the new ack_wait holds");
}

pub(crate) async fn what_is_missing_is_said<R: Rig>() {
    let rig = R::start().await;
    let bus = rig.bus();
    let missing = |error: &Error| matches!(error, Error::Missing { .. });
    let error = publish(&bus, message(&QUEUE, "one")).await.unwrap_err();
    assert!(missing(&error), "{error:?}");
    let error = bus.pull(&WORKER, 1, QUIET).await.err().unwrap();
    assert!(missing(&error), "{error:?}");
    assert!(missing(&bus.info(&QUEUE).await.unwrap_err()));
    assert!(missing(&bus.read(&LOG, 0, 1).await.err().unwrap()));
    bus.declare(&[QUEUE], &[]).await.unwrap();
    let error = bus.pull(&WORKER, 1, QUIET).await.err().unwrap();
    assert!(missing(&error), "{error:?}");
    assert!(missing(&bus.backlog(&WORKER).await.unwrap_err()));
    assert!(missing(&bus.declare(&[], &[ConsumerSpec { stream: "NONE", ..WORKER }]).await.unwrap_err()));
}

pub(crate) async fn impossible_messages_are_refused<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    let impossible = [
        Outgoing { payload: Bytes::from(vec![0; PAYLOAD_MAX + 1]), ..message(&QUEUE, "large") },
        Outgoing { subject: "test.queue.*".to_owned(), ..message(&QUEUE, "wild") },
        message(&QUEUE, ""),
    ];
    for outgoing in impossible {
        let error = publish(&bus, outgoing).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    }
    let largest = Outgoing { payload: Bytes::from(vec![0; PAYLOAD_MAX]), ..message(&QUEUE, "largest") };
    publish(&bus, largest).await.unwrap();
    assert_eq!(pull_exactly(&bus, &WORKER, 1).await[0].message.payload.len(), PAYLOAD_MAX);
}

pub(crate) async fn after_closing_calls_fail<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    bus.ping().await.unwrap();
    let mut answers = Vec::new();
    for id in ids(0..50) {
        answers.push(bus.publish(message(&QUEUE, id)).await.unwrap());
    }
    bus.close().await;
    for answer in answers {
        answer.await.expect("what was taken over is stored");
    }
    assert!(publish(&bus, message(&QUEUE, "late")).await.is_err());
    assert!(bus.pull(&WORKER, 1, QUIET).await.is_err());
    assert!(bus.ping().await.is_err());
}
