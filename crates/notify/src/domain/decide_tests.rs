//! The rules one by one, and that the order in which states come does not matter.

use callbox_place::Cell;
use callbox_proto::domain::{Action, AlertState, Category, ClassifiedIncident, Ended, Outcome, Place};
use proptest::prelude::*;

use super::{Decision, decide};
use crate::domain::fixtures::{POLICY, RECEIVED, at, cell, ended, held, robbery, suppressed};
use crate::domain::state::IncidentState;

/// Decides states one after the other; the outcomes and what was told.
fn play(states: &[ClassifiedIncident]) -> (Vec<Outcome>, Vec<AlertState>, Option<IncidentState>) {
    let mut state = None;
    let (mut outcomes, mut told) = (Vec::new(), Vec::new());
    for incident in states {
        let decision = decide(state.as_ref(), incident, POLICY);
        outcomes.push(decision.outcome);
        told.extend(decision.revision.map(|revision| revision.state));
        state = decision.state.or(state);
    }
    (outcomes, told, state)
}

/// What the public knows in the end.
fn public(state: Option<&IncidentState>) -> Option<(Category, Place)> {
    state.and_then(IncidentState::live).map(|told| (told.category, told.place))
}

fn at_place(incident: ClassifiedIncident, place: Place) -> ClassifiedIncident {
    ClassifiedIncident { place: Some(place), ..incident }
}

fn of(incident: ClassifiedIncident, category: Category) -> ClassifiedIncident {
    ClassifiedIncident { category: Some(category), ..incident }
}

#[test]
fn the_first_publishable_state_publishes() {
    let (outcomes, told, state) = play(&[robbery(1, 1)]);
    assert_eq!(outcomes, [Outcome::Published]);
    assert_eq!(told, [AlertState::Published]);
    let told = state.unwrap().told.unwrap();
    assert_eq!((told.revision, told.category, told.place), (1, Category::Robbery, cell(40.0, 7)));
}

#[test]
fn the_same_content_publishes_nothing() {
    let (outcomes, told, _) = play(&[robbery(1, 1), robbery(1, 2), held(1, 3)]);
    assert_eq!(outcomes, [Outcome::Published, Outcome::Unchanged, Outcome::Unchanged]);
    assert_eq!(told.len(), 1);
}

#[test]
fn a_repeated_submission_changes_nothing() {
    let again = ClassifiedIncident { order: robbery(1, 9).order, ..suppressed(1, 1) };
    let (outcomes, told, _) = play(&[robbery(1, 1), again]);
    assert_eq!(outcomes, [Outcome::Published, Outcome::Unchanged]);
    assert_eq!(told.len(), 1);
}

#[test]
fn there_and_back_are_three_states() {
    let states = [robbery(1, 1), of(robbery(1, 2), Category::ShotsFired), robbery(1, 3)];
    let (outcomes, told, state) = play(&states);
    assert_eq!(outcomes, [Outcome::Published; 3]);
    assert_eq!(told, [AlertState::Published, AlertState::Updated, AlertState::Updated]);
    assert_eq!(state.unwrap().told.unwrap().category, Category::Robbery);
}

#[test]
fn what_turns_out_to_be_nothing_is_taken_back() {
    for ending in [Ended::Unfounded, Ended::Cancelled, Ended::Duplicate, Ended::Test] {
        let (outcomes, told, state) = play(&[robbery(1, 1), ended(1, 2, ending), ended(1, 3, ending)]);
        assert_eq!(outcomes, [Outcome::Published, Outcome::Published, Outcome::Suppressed]);
        assert_eq!(told, [AlertState::Published, AlertState::Retracted]);
        let told = state.unwrap().told.unwrap();
        assert!(!told.live);
        assert_eq!((told.revision, told.category, told.place), (2, Category::Robbery, cell(40.0, 7)));
    }
    assert_eq!(play(&[robbery(1, 1), suppressed(1, 2)]).1[1], AlertState::Retracted);
    assert_eq!(play(&[robbery(1, 1), ended(1, 2, Ended::GoneOnArrival)]).0[1], Outcome::Unchanged);
}

#[test]
fn what_was_taken_back_may_come_again_under_the_same_id() {
    let (outcomes, told, state) = play(&[robbery(1, 1), suppressed(1, 2), robbery(1, 3)]);
    assert_eq!(outcomes, [Outcome::Published; 3]);
    assert_eq!(told, [AlertState::Published, AlertState::Retracted, AlertState::Updated]);
    assert_eq!(state.unwrap().told.unwrap().revision, 3);
}

#[test]
fn every_quiet_outcome_has_its_cause() {
    let without_place = ClassifiedIncident { place: None, ..robbery(1, 1) };
    let without_category = ClassifiedIncident { category: None, ..robbery(1, 1) };
    let late = ClassifiedIncident { accepted_time: at(RECEIVED + 7_201), ..robbery(1, 1) };
    let in_time = ClassifiedIncident { accepted_time: at(RECEIVED + 7_200), ..robbery(1, 1) };
    let point = at_place(robbery(1, 1), cell(40.0, 12));
    let no_cell = at_place(robbery(1, 1), Place::Cell(7));
    for (incident, expected) in [
        (suppressed(1, 1), Outcome::Suppressed),
        (ended(1, 1, Ended::Cancelled), Outcome::Suppressed),
        (held(1, 1), Outcome::Held),
        (without_place, Outcome::Held),
        (without_category, Outcome::Rejected),
        (point, Outcome::Rejected),
        (no_cell, Outcome::Rejected),
        (late, Outcome::TooLate),
        (in_time, Outcome::Published),
    ] {
        assert_eq!(play(&[incident]).0, [expected]);
    }
}

#[test]
fn freshness_is_asked_once() {
    let late =
        ClassifiedIncident { accepted_time: at(RECEIVED + 90_000), ..of(robbery(1, 2), Category::Shooting) };
    let (outcomes, told, _) = play(&[robbery(1, 1), late]);
    assert_eq!(outcomes, [Outcome::Published; 2]);
    assert_eq!(told[1], AlertState::Updated);
}

#[test]
fn places_coarsen_to_the_smallest_that_holds_both() {
    let index = |place| if let Place::Cell(index) = place { Cell::from_index(index) } else { None };
    let near = index(cell(40.0, 7)).unwrap();
    let parent = near.ancestor(6).unwrap();
    // Another child of the same parent, somewhere around.
    let sibling = (-40..40)
        .filter_map(|step| index(cell(40.0 + f64::from(step) * 0.002, 7)))
        .find(|cell| *cell != near && cell.ancestor(6) == Some(parent))
        .unwrap();
    let (_, told, state) = play(&[robbery(1, 1), at_place(robbery(1, 2), Place::Cell(sibling.index()))]);
    assert_eq!(told, [AlertState::Published, AlertState::Updated]);
    assert_eq!(state.unwrap().told.unwrap().place, Place::Cell(parent.index()));
    let (_, _, state) = play(&[robbery(1, 1), at_place(robbery(1, 2), cell(10.0, 7)), robbery(1, 3)]);
    assert_eq!(state.unwrap().told.unwrap().place, Place::AgencyArea);
}

#[test]
fn a_late_older_state_lets_the_newer_content_be_told() {
    let stale =
        ClassifiedIncident { accepted_time: at(RECEIVED + 9_000), ..of(robbery(1, 2), Category::Shooting) };
    let (outcomes, _, state) = play(&[stale, robbery(1, 1)]);
    assert_eq!(outcomes, [Outcome::TooLate, Outcome::Published]);
    assert_eq!(public(state.as_ref()).unwrap().0, Category::Shooting);
}

/// Any state of one incident. Few categories and places, so that many coincide.
fn any_state() -> impl Strategy<Value = ClassifiedIncident> {
    let action =
        prop_oneof![1 => Just(Action::Suppress), 1 => Just(Action::Hold), 4 => Just(Action::Publish)];
    let category = prop_oneof![Just(Category::Robbery), Just(Category::Shooting), Just(Category::Vehicle)];
    let place = prop_oneof![
        1 => Just(None),
        1 => Just(Some(Place::AgencyArea)),
        6 => (0..4_i32, 5_u8..=9).prop_map(|(step, r)| Some(cell(40.0 + f64::from(step) * 0.02, r))),
    ];
    let ended = prop_oneof![5 => Just(None), 1 => Just(Some(Ended::Unfounded)), 1 => Just(Some(Ended::GoneOnArrival))];
    (action, category, place, ended, 0..10_000_i64).prop_map(|(action, category, place, ended, after)| {
        let accepted_time = at(RECEIVED + after);
        ClassifiedIncident { action, category: Some(category), place, ended, accepted_time, ..robbery(1, 1) }
    })
}

/// A history: states in their order, each with its own submission.
fn history() -> impl Strategy<Value = Vec<ClassifiedIncident>> {
    prop::collection::vec(any_state(), 1..12).prop_map(|states| {
        let number = |(index, state)| {
            let like = robbery(1, index);
            ClassifiedIncident { order: like.order, submission_id: like.submission_id, ..state }
        };
        (1..).zip(states).map(number).collect()
    })
}

/// A history, and the same states shuffled, some of them several times.
fn delivered() -> impl Strategy<Value = (Vec<ClassifiedIncident>, Vec<ClassifiedIncident>)> {
    history().prop_flat_map(|states| {
        let again = prop::collection::vec(0..states.len(), 0..8);
        (Just(states), again).prop_flat_map(|(states, again)| {
            let all: Vec<_> =
                states.iter().chain(again.iter().map(|index| &states[*index])).cloned().collect();
            (Just(states), Just(all).prop_shuffle())
        })
    })
}

/// The facts of a state without what depends on the way there.
fn facts(state: Option<IncidentState>) -> Option<IncidentState> {
    state.map(|state| IncidentState { told: None, seen: crate::domain::state::Seen::default(), ..state })
}

proptest! {
    /// Invariant I4: redelivery and reordering change nothing of what the public knows in the end.
    #[test]
    fn every_order_of_delivery_ends_the_same((states, delivered) in delivered()) {
        let (_, _, expected) = play(&states);
        let (outcomes, told, state) = play(&delivered);
        prop_assert_eq!(public(state.as_ref()), public(expected.as_ref()));
        prop_assert_eq!(facts(state), facts(expected));
        // Published are exactly those that were told.
        let published = outcomes.iter().filter(|outcome| **outcome == Outcome::Published).count();
        prop_assert_eq!(published, told.len());
    }

    /// The live alert says what the newest publishable state says, whatever came when.
    #[test]
    fn an_older_state_never_overwrites_a_newer_one((states, delivered) in delivered()) {
        let (_, _, state) = play(&delivered);
        if let Some((category, _)) = public(state.as_ref()) {
            let publishable = |state: &&ClassifiedIncident| state.action == Action::Publish && state.place.is_some();
            prop_assert_eq!(Some(category), states.iter().rev().find(publishable).and_then(|state| state.category));
        }
    }

    /// Every revision holds the place of the one before it (invariant I5), counts on, and keeps the id.
    #[test]
    fn revisions_coarsen_and_count((_, delivered) in delivered()) {
        let mut state: Option<IncidentState> = None;
        let mut before: Option<crate::domain::state::Told> = None;
        for incident in &delivered {
            let Decision { state: next, revision, .. } = decide(state.as_ref(), incident, POLICY);
            state = next.or(state);
            let Some(revision) = revision else { continue };
            let told = revision.told;
            if let Some(before) = before {
                prop_assert_eq!(told.id, before.id);
                prop_assert_eq!(told.revision, before.revision + 1);
                prop_assert!(told.sent_time >= before.sent_time);
                prop_assert_eq!(callbox_place::coarsened(told.place, before.place), told.place);
                prop_assert!(told.categories.intersects(before.categories));
            } else {
                prop_assert_eq!((told.revision, revision.state), (1, AlertState::Published));
            }
            before = Some(told);
        }
    }
}
