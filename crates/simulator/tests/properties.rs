//! What holds for every event of every feed.

use std::collections::HashMap;
use std::time::Duration;

use callbox_simulator::gold::slice;
use callbox_simulator::{
    Because, Change, Event, Expected, Seed, Sensitive, Settings, Simulator, SpanKind, Status, Trouble, city,
    write,
};
use proptest::prelude::*;

fn feed(seed: u64) -> Simulator {
    Simulator::new(Seed(seed), Settings { pace: 0.05, ..Settings::per_second(10) })
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Every string field of a call, so that planted strings are looked for apart from how they were found.
fn strings(event: &Event) -> Vec<String> {
    let call = &event.submission;
    let location = call.location.clone().unwrap_or_default();
    let mut all = vec![call.source_id.clone(), location.address];
    for coordinate in [location.latitude, location.longitude].into_iter().flatten() {
        all.push(format!("{coordinate:.6}"));
    }
    for person in &call.persons {
        all.extend([&person.name, &person.address, &person.birth_date, &person.medical].map(Clone::clone));
        all.extend(person.phones.iter().chain(&person.emails).chain(&person.document_numbers).cloned());
    }
    all.extend(call.vehicles.iter().flat_map(|it| [it.plate.clone(), it.vin.clone()]));
    all.extend(call.notes.iter().flat_map(|it| [it.text.clone(), it.author.clone()]));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn planted_strings_occur_in_their_call(seed: u64) {
        for event in feed(seed).take(200) {
            let fields = strings(&event);
            let planted = event.planted();
            prop_assert!(planted.len() >= 2);
            for found in &planted {
                prop_assert!(fields.iter().any(|field| field.contains(&*found.text)), "{} of {}", found.kind.as_str(), found.field);
            }
        }
    }

    #[test]
    fn spans_lie_in_their_note_and_mean_what_they_say(seed: u64) {
        for event in feed(seed).take(200) {
            prop_assert_eq!(event.submission.notes.len(), event.gold.notes.len());
            for (note, spans) in event.submission.notes.iter().zip(&event.gold.notes) {
                let mut end = 0;
                for span in spans.iter() {
                    prop_assert!(span.start >= end && span.end > span.start, "spans overlap or are out of order");
                    end = span.end;
                    let text = slice(&note.text, span);
                    prop_assert_eq!(text.chars().count(), (span.end - span.start) as usize);
                    prop_assert_eq!(text.trim(), text);
                    check(span.kind, text)?;
                }
                prop_assert!(end as usize <= note.text.chars().count());
            }
        }
    }

    #[test]
    fn structured_numbers_are_nobodys(seed: u64) {
        for event in feed(seed).take(200) {
            for person in &event.submission.persons {
                for phone in &person.phones {
                    check(SpanKind::Phone, phone)?;
                }
                for email in &person.emails {
                    check(SpanKind::Email, email)?;
                }
            }
        }
    }

    #[test]
    fn narratives_carry_their_spans(seed: u64) {
        for event in feed(seed).take(100) {
            let narrative = write::narrative(&event);
            let spans = event.submission.notes.iter().zip(&event.gold.notes)
                .flat_map(|(note, spans)| spans.iter().map(|span| slice(&note.text, span)));
            let shifted = narrative.spans.iter().map(|span| slice(&narrative.text, span));
            prop_assert!(spans.eq(shifted));
        }
    }

    #[test]
    fn events_come_in_order_and_at_the_rate(seed: u64, per_second in 1_u32..2000) {
        let feed = Simulator::new(Seed(seed), Settings { pace: 0.0, ..Settings::per_second(per_second) });
        let events = 4000;
        let times: Vec<u64> = feed.take(events).map(|event| event.at).collect();
        prop_assert!(times.is_sorted());
        let expected = events as u64 * 1000 / u64::from(per_second);
        let last = times[events - 1];
        prop_assert!(last * 10 >= expected * 8 && last * 10 <= expected * 12, "{} ms instead of {}", last, expected);
    }

    #[test]
    fn any_settings_give_a_feed(seed: u64, gap in 0_u64..u64::MAX, pace: f64, permille in 0_u32..2000) {
        let trouble = Trouble {
            retyped: permille, reverted: permille, late: permille, repeated: permille, reopened: permille,
            moved: permille, unplaced: permille, cold: permille,
        };
        let settings = Settings { gap: Duration::from_nanos(gap), pace, trouble, ..Settings::default() };
        prop_assert_eq!(Simulator::new(Seed(seed), settings).take(50).count(), 50);
    }
}

/// Whether a string is of the range that its kind promises.
fn check(kind: SpanKind, text: &str) -> Result<(), TestCaseError> {
    let number = digits(text);
    match kind {
        SpanKind::Phone => {
            let local = number.get(number.len().saturating_sub(7)..).unwrap_or_default();
            prop_assert!(local.starts_with("55501"), "a phone outside 555-01xx");
        }
        SpanKind::Ssn => {
            prop_assert_eq!(number.len(), 9);
            prop_assert!(number.starts_with("000") || number.starts_with("666") || number.starts_with('9'));
        }
        SpanKind::Email | SpanKind::Url => {
            let text = text.to_lowercase();
            prop_assert!(
                ["example.com", "example.org", "example.net"].iter().any(|host| text.contains(host))
            );
        }
        SpanKind::Ip => {
            let text = text.to_lowercase();
            prop_assert!(
                ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8::"].iter().any(|it| text.starts_with(it))
            );
        }
        SpanKind::Vin => prop_assert_eq!(text.len(), 17),
        SpanKind::Name => prop_assert!(text.chars().next().is_some_and(char::is_alphabetic)),
        _ => {}
    }
    Ok(())
}

#[test]
fn two_to_fourteen_in_a_hundred_calls_are_publishable() {
    let mut best = HashMap::new();
    for event in feed(11).take(60_000) {
        let publishable = best.entry(event.gold.call).or_insert(false);
        *publishable |= event.gold.expected == Expected::Publish;
    }
    let share = best.values().filter(|&&publishable| publishable).count() as f64 / best.len() as f64;
    assert!((0.02..=0.14).contains(&share), "{share}");
}

#[test]
fn everything_that_a_feed_may_bring_comes() {
    let events: Vec<Event> = feed(12).take(40_000).collect();
    let some = |what: &str, is: &dyn Fn(&Event) -> bool| assert!(events.iter().any(is), "no {what}");
    for class in Sensitive::ALL {
        some(class.as_str(), &|event| event.gold.sensitive.contains(class));
    }
    for category in callbox_simulator::Category::ALL {
        some(category.as_str(), &|event| event.gold.category == Some(*category));
    }
    for status in Status::ALL {
        some(status.as_str(), &|event| event.gold.status == *status);
    }
    for because in Because::ALL {
        some(because.as_str(), &|event| event.gold.because == *because);
    }
    for change in Change::ALL {
        some(change.as_str(), &|event| event.gold.change == *change);
    }
    for kind in SpanKind::ALL {
        some(kind.as_str(), &|event| {
            event.gold.notes.iter().flat_map(|it| it.iter()).any(|it| it.kind == *kind)
        });
    }
    some("state that comes late", &|event| event.gold.stale && event.gold.change != Change::Repeated);
    some("position with its axes swapped", &|event| {
        event.submission.location.as_ref().and_then(|it| it.latitude).is_some_and(|it| it < -90.0)
    });
    some("Spanish", &|event| {
        event.submission.notes.iter().any(|it| it.text.to_lowercase().contains(" dice que "))
    });
    some("log line", &|event| event.submission.notes.iter().any(|it| it.text.contains("[OPR ")));
}

#[test]
fn a_repeat_is_the_same_submission_and_changes_nothing() {
    let mut seen: HashMap<(u64, u32), Event> = HashMap::new();
    let mut repeats = 0;
    for event in feed(13).take(20_000) {
        let key = (event.gold.call, event.gold.state);
        if event.gold.change == Change::Repeated {
            repeats += 1;
            let before = &seen[&key];
            assert!(event.submission == before.submission && event.request_id == before.request_id);
            assert!(event.gold.stale);
        } else {
            assert!(seen.insert(key, event).is_none());
        }
    }
    assert!(repeats > 100);
}

#[test]
fn a_source_that_orders_its_states_tells_which_is_stale() {
    let mut newest: HashMap<u64, Option<(i64, i32)>> = HashMap::new();
    let mut late = 0;
    for event in feed(14).take(20_000) {
        let Some(updated) = event.submission.updated_time else { continue };
        let newest = newest.entry(event.gold.call).or_default();
        let updated = Some((updated.seconds, updated.nanos));
        assert_eq!(
            event.gold.stale,
            *newest >= updated,
            "call {} state {}",
            event.gold.call,
            event.gold.state
        );
        late += u32::from(*newest > updated);
        *newest = updated.max(*newest);
    }
    assert!(late > 20);
}

#[test]
fn the_last_event_is_marked_and_knows_the_end() {
    let mut newest: HashMap<u64, (u32, Expected, Status)> = HashMap::new();
    let mut ended = 0;
    for event in feed(15).take(20_000) {
        let gold = &event.gold;
        let newest = newest.entry(gold.call).or_insert((gold.state, gold.expected, gold.status));
        if gold.state >= newest.0 {
            *newest = (gold.state, gold.expected, gold.status);
        }
        if gold.last {
            assert_eq!((newest.1, newest.2), (gold.final_expected, gold.final_status));
            ended += 1;
        }
    }
    assert!(ended > 1000);
}

#[test]
fn what_is_publishable_lies_in_the_city() {
    let bounds = city().bounds;
    for event in feed(16).take(20_000).filter(|event| event.gold.expected == Expected::Publish) {
        let location = event.submission.location.unwrap_or_default();
        assert!((bounds.south..=bounds.north).contains(&location.latitude()));
        assert!((bounds.west..=bounds.east).contains(&location.longitude()));
    }
}

#[test]
fn a_feed_without_trouble_has_none() {
    let settings = Settings { trouble: Trouble::NONE, ..Settings::per_second(10) };
    for event in Simulator::new(Seed(17), settings).take(5_000) {
        assert!(!event.gold.stale);
        assert!(!matches!(
            event.gold.change,
            Change::Retyped | Change::Moved | Change::Reopened | Change::Repeated
        ));
        assert!(!matches!(event.gold.because, Because::Cold | Because::NoPlace));
    }
}
