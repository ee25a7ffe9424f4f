//! The same seed gives the same bytes, here and everywhere.

use std::time::Duration;

use callbox_simulator::{Event, Seed, Settings, Simulator, write};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn hash(events: impl Iterator<Item = Event>) -> String {
    let mut bytes = Vec::new();
    events.for_each(|event| write::encode(&event, &mut bytes));
    hex::encode(Sha256::digest(&bytes))
}

/// Whoever changes a word of the book or the order of two draws changes this hash, and states here that it is meant.
#[test]
fn the_first_thousand_events_are_the_ones_that_everybody_sees() {
    let events = Simulator::new(Seed(1), Settings::default()).take(1000);
    assert_eq!(hash(events), "d955922b496cedf8c4a829dc3f6a342aed393ec94d4190809bb84641b1c04dce");
}

#[test]
fn another_seed_gives_another_feed() {
    let feed = |seed| Simulator::new(Seed(seed), Settings::default()).take(50);
    assert_ne!(hash(feed(1)), hash(feed(2)));
}

#[test]
fn a_feed_goes_on_where_another_ended() {
    let settings = Settings { gap: Duration::from_millis(100), pace: 0.0, ..Settings::default() };
    let mut first = Simulator::new(Seed(9), settings.clone());
    let last = first.by_ref().take(500).map(|event| event.gold.call).max().unwrap();
    let continued = Simulator::new(Seed(9), Settings { first_call: last + 1, ..settings });
    let next = continued.take(200).map(|event| event.gold.call).min().unwrap();
    assert_eq!(next, last + 1);
    assert!(first.next_call() > last);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn equal_seeds_and_settings_give_equal_bytes(seed: u64, gap_ms in 1_u64..10_000, pace in 0.0..2.0) {
        let settings = Settings { gap: Duration::from_millis(gap_ms), pace, ..Settings::default() };
        let feed = || Simulator::new(Seed(seed), settings.clone()).take(100);
        prop_assert_eq!(hash(feed()), hash(feed()));
    }

    #[test]
    fn what_a_call_says_does_not_depend_on_the_rate(seed: u64, gap_ms in 1_u64..1000) {
        let texts = |gap_ms| {
            let settings = Settings { gap: Duration::from_millis(gap_ms), ..Settings::default() };
            let mut first = Simulator::new(Seed(seed), settings).find(|event| event.gold.call == 0).unwrap().submission;
            first.notes.truncate(1);
            (first.type_description, first.persons.into_iter().map(|it| it.name).collect::<Vec<_>>(),
                first.notes.pop().unwrap().text)
        };
        prop_assert_eq!(texts(gap_ms), texts(gap_ms * 3));
    }
}
