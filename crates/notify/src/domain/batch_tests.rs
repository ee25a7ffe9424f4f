//! Batches: every record is counted once, and batching changes nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use callbox_proto::domain::{Category, ClassifiedIncident, IncidentKey, Outcome};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Changes, Item, Work, keys, run};
use crate::domain::fixtures::{agencies, held, robbery, suppressed};
use crate::domain::state::IncidentState;

fn envelope(number: u128, items: Vec<Item>) -> Work {
    Work { envelope: Uuid::from_u128(number), agency: "springfield".parse().unwrap(), replayed: false, items }
}

fn decide_all(work: &[Work], states: HashMap<IncidentKey, IncidentState>) -> Changes {
    let fresh = work.iter().map(|work| work.envelope).collect();
    run(&agencies(), work, &fresh, states)
}

fn counts(changes: &Changes) -> BTreeMap<Outcome, i64> {
    changes.ledger.iter().map(|((_, outcome), count)| (*outcome, *count)).collect()
}

#[test]
fn records_of_one_incident_see_each_other() {
    let states = [robbery(1, 1), robbery(1, 2), suppressed(1, 3), held(2, 4)];
    let work = [envelope(1, states.map(Item::Classified).to_vec())];
    let changes = decide_all(&work, HashMap::new());
    assert_eq!(changes.told.iter().map(|told| told.alert.revision).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(changes.states.len(), 2);
    let expected = [(Outcome::Published, 2), (Outcome::Unchanged, 1), (Outcome::Held, 1)];
    assert_eq!(counts(&changes), expected.into());
}

#[test]
fn an_envelope_counts_once() {
    let first = envelope(1, vec![Item::Classified(robbery(1, 1))]);
    let work = [first.clone(), first.clone(), envelope(2, vec![Item::DeadLettered])];
    let changes = decide_all(&work, HashMap::new());
    assert_eq!(counts(&changes), [(Outcome::Published, 1), (Outcome::DeadLettered, 1)].into());
    let nothing = run(&agencies(), &work, &HashSet::new(), HashMap::new());
    assert_eq!(nothing, Changes::default());
}

#[test]
fn a_replayed_record_takes_its_dead_letter_back() {
    let items = vec![Item::Classified(suppressed(1, 1)), Item::DeadLettered];
    let changes = decide_all(&[Work { replayed: true, ..envelope(1, items) }], HashMap::new());
    assert_eq!(counts(&changes), [(Outcome::Suppressed, 1), (Outcome::DeadLettered, -1)].into());
}

/// Histories of a few incidents, mixed, in the order of their stream.
fn histories() -> impl Strategy<Value = Vec<ClassifiedIncident>> {
    let step = (0_u8..3, 0..4_u8, prop::sample::select(Category::ALL.to_vec()));
    prop::collection::vec(step, 1..40).prop_map(|steps| {
        let make = |(number, (key, kind, category))| match kind {
            0 => suppressed(key, number),
            1 => held(key, number),
            _ => ClassifiedIncident { category: Some(category), ..robbery(key, number) },
        };
        (1..).zip(steps).map(make).collect()
    })
}

/// What the public knows of each incident.
fn public(states: &HashMap<IncidentKey, IncidentState>) -> BTreeMap<IncidentKey, Option<(Category, u32)>> {
    states
        .iter()
        .map(|(key, state)| (*key, state.live().map(|told| (told.category, told.revision))))
        .collect()
}

proptest! {
    /// However the stream is cut into envelopes and batches, the counts, the states and the revisions are the same.
    #[test]
    fn batching_changes_nothing(
        incidents in histories(),
        cuts in prop::collection::vec((1..6_usize, any::<bool>()), 40),
    ) {
        let mut whole = Vec::new();
        let mut states = HashMap::new();
        let mut ledger: BTreeMap<Outcome, i64> = BTreeMap::new();
        let mut told = 0;
        let mut rest = incidents.as_slice();
        for (number, (size, flush)) in (1..).zip(cuts) {
            let (head, tail) = rest.split_at(size.min(rest.len()));
            rest = tail;
            whole.push(envelope(number, head.iter().cloned().map(Item::Classified).collect()));
            if flush || rest.is_empty() {
                let changes = decide_all(&whole, states.clone());
                prop_assert!(changes.states.iter().all(|(key, _, _)| keys(&whole).contains(key)));
                for (outcome, count) in counts(&changes) {
                    *ledger.entry(outcome).or_default() += count;
                }
                told += changes.told.len();
                states.extend(changes.states.into_iter().map(|(key, _, state)| (key, state)));
                whole.clear();
            }
        }
        prop_assume!(rest.is_empty());
        let once = decide_all(&[envelope(1, incidents.iter().cloned().map(Item::Classified).collect())], HashMap::new());
        prop_assert_eq!(counts(&once), ledger.clone());
        prop_assert_eq!(once.told.len(), told);
        let expected: HashMap<_, _> = once.states.into_iter().map(|(key, _, state)| (key, state)).collect();
        prop_assert_eq!(public(&states), public(&expected));
        prop_assert_eq!(ledger.values().sum::<i64>(), i64::try_from(incidents.len()).unwrap());
    }
}
