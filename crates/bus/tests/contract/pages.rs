//! Reading streams that keep by limits.

use std::time::{Duration, Instant};

use bytes::Bytes;
use callbox_bus::manifest::StreamSpec;
use callbox_bus::{Outgoing, Page};

use super::*;

fn read(page: &Page) -> (Vec<u64>, u64, u64) {
    let sequences = page.messages.iter().map(|message| message.sequence).collect();
    (sequences, page.first_sequence, page.last_sequence)
}

pub(crate) async fn a_stream_is_read_page_by_page<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    assert_eq!(read(&bus.read(&LOG, 0, 10).await.unwrap()), (vec![], 1, 0));
    let headers = vec![("ce-type".to_owned(), "example".to_owned())];
    publish(&bus, Outgoing { headers, ..message(&LOG, "first") }).await.unwrap();
    publish_all(&bus, &LOG, ids(1..150)).await;
    let page = bus.read(&LOG, 0, 100).await.unwrap();
    assert_eq!(read(&page), ((1..=100).collect(), 1, 150));
    let first = &page.messages[0];
    assert_eq!(first.subject, "test.log.exampleville");
    assert_eq!(first.payload, Bytes::from_static(b"payload of first"));
    let expected = [("Nats-Msg-Id", "first"), ("ce-type", "example")];
    assert_eq!(first.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(read(&bus.read(&LOG, 100, 100).await.unwrap()), ((101..=150).collect(), 1, 150));
    assert_eq!(read(&bus.read(&LOG, 150, 100).await.unwrap()), (vec![], 1, 150));
    assert_eq!(read(&bus.read(&LOG, 900, 100).await.unwrap()), (vec![], 1, 150));
    // Reading consumes nothing.
    assert_eq!(bus.info(&LOG).await.unwrap().messages, 150);
}

pub(crate) async fn deleted_messages_leave_holes<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    publish_all(&bus, &LOG, ids(0..10)).await;
    for sequence in [1, 4, 5, 6, 10] {
        bus.delete(&LOG, sequence).await.unwrap();
        bus.delete(&LOG, sequence).await.unwrap();
    }
    bus.delete(&LOG, 99).await.unwrap();
    assert_eq!(read(&bus.read(&LOG, 0, 4).await.unwrap()), (vec![2, 3, 7, 8], 2, 10));
    assert_eq!(read(&bus.read(&LOG, 8, 4).await.unwrap()), (vec![9], 2, 10));
    let info = bus.info(&LOG).await.unwrap();
    assert_eq!((info.messages, info.first_sequence, info.last_sequence), (5, 2, 10));
}

pub(crate) async fn a_stream_over_its_limit_drops_its_oldest<R: Rig>() {
    let small = StreamSpec { bytes_max: 16 << 10, ..LOG };
    let rig: R = declared_with(&[small], &[]).await;
    let bus = rig.bus();
    let mut answers = Vec::new();
    for id in ids(0..50) {
        let large = Outgoing { payload: Bytes::from(vec![7; 1_000]), ..message(&small, id) };
        answers.push(bus.publish(large).await.unwrap());
    }
    for answer in answers {
        answer.await.unwrap();
    }
    let info = bus.info(&small).await.unwrap();
    assert_eq!(info.last_sequence, 50);
    assert!(info.bytes <= small.bytes_max && info.messages >= 10, "{info:?}");
    let page = bus.read(&small, 0, 100).await.unwrap();
    assert_eq!(read(&page), ((info.first_sequence..=50).collect(), info.first_sequence, 50));
    assert_eq!(info.first_sequence, 51 - info.messages);
}

pub(crate) async fn waiting_ends_with_the_next_message<R: Rig>() {
    let rig: R = declared().await;
    let bus = rig.bus();
    publish_all(&bus, &LOG, ids(0..3)).await;
    let begin = Instant::now();
    bus.wait_beyond(&LOG, 2, DEADLINE).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(1), "what is there already ends it at once");
    bus.wait_beyond(&LOG, 3, QUIET).await.unwrap();
    assert!(begin.elapsed() >= QUIET, "nothing came");

    let waiter = {
        let bus = rig.bus();
        tokio::spawn(async move {
            let begin = Instant::now();
            bus.wait_beyond(&LOG, 3, DEADLINE).await.unwrap();
            (begin.elapsed(), bus.read(&LOG, 3, 10).await.unwrap().messages.len())
        })
    };
    // Whether it waits already or not: the message ends it.
    publish_all(&bus, &LOG, ids(3..4)).await;
    let (elapsed, found) = waiter.await.unwrap();
    assert_eq!(found, 1);
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}
