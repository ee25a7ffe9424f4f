//! From the states of a call at its source to the events in which they arrive.

use prost_types::Timestamp;

use crate::gold::{Change, Gold};
use crate::plan::Plan;
use crate::settings::Settings;
use crate::stream::Event;

/// Puts the states of one call, each with the time at which its source has it, into the order of their arrival, with
/// the late one late and the repeated one twice.
pub(crate) fn arrivals(settings: &Settings, plan: &Plan, states: Vec<Event>) -> Vec<Event> {
    let Some(newest) = states.last() else { return Vec::new() };
    let (final_expected, final_status) = (newest.gold.expected, newest.gold.status);
    let times: Vec<u64> = states.iter().map(|state| state.at).collect();
    let mut events = Vec::with_capacity(states.len() + 1);
    for (index, mut event) in states.into_iter().enumerate() {
        let next = times.get(index + 1).copied();
        if plan.repeated == Some(index) {
            // Halfway to the next state: where a source has no order, a repeat after it would be a new state.
            let at = next.map_or(event.at + 1000, |next| event.at.midpoint(next));
            let gold = Gold { change: Change::Repeated, ..event.gold.clone() };
            events.push(event.clone());
            events.push(Event { at, gold, ..event });
            continue;
        }
        if let (true, Some(next)) = (plan.late == Some(index), next) {
            event.at = next + 1;
        }
        events.push(event);
    }
    events.sort_by_key(|event| (event.at, event.gold.state));
    let (mut newest, last) = (None, events.len() - 1);
    for (index, event) in events.iter_mut().enumerate() {
        let state = Some(event.gold.state);
        event.gold.stale = newest >= state;
        newest = newest.max(state);
        event.gold.last = index == last;
        (event.gold.final_expected, event.gold.final_status) = (final_expected, final_status);
        if settings.observed {
            event.submission.observed_time = Some(timestamp(clock(settings, event.at)));
        }
    }
    events
}

/// Unix milliseconds of an offset.
pub(crate) fn clock(settings: &Settings, at: u64) -> i64 {
    settings.start.as_millisecond().saturating_add_unsigned(at)
}

pub(crate) fn timestamp(millis: i64) -> Timestamp {
    let nanos = i32::try_from(millis.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
    Timestamp { seconds: millis.div_euclid(1000), nanos }
}
