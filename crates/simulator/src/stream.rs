//! The feed: the events of all calls in the order of their arrival.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use callbox_proto_raw::cad::v1::Call;

use crate::dice::Dice;
use crate::gold::{self, Gold, Planted};
use crate::settings::{Seed, Settings};
use crate::story::Story;

/// One submission, with its answers. It has no `Debug`: it is raw, as a real one would be.
#[derive(Clone, PartialEq)]
pub struct Event {
    /// When it arrives, in milliseconds after the start.
    pub at: u64,
    /// The whole known state of one call.
    pub submission: Call,
    /// The caller's own id of the submission; three of ten agencies give one. A repeat has the same.
    pub request_id: Option<String>,
    /// The right answers.
    pub gold: Gold,
}

impl Event {
    /// Every personal string in the submission, for tests that search for it where it must not be.
    pub fn planted(&self) -> Vec<Planted<'_>> {
        gold::planted(&self.submission, &self.gold)
    }
}

/// A feed without an end that anybody will see, of an invented city. Equal seeds and settings give equal events.
pub struct Simulator {
    seed: u64,
    settings: Settings,
    /// The number of the next call to be opened, and when, in nanoseconds after the start.
    next_call: u64,
    next_opening: u64,
    open: BinaryHeap<Reverse<Waiting>>,
}

/// An event that waits for its time. The heap compares and moves it often, so it has its key beside a pointer.
struct Waiting {
    key: Key,
    event: Box<Event>,
}

/// Time of arrival and number of the call; within one call and millisecond state by state, the original before its
/// repeat.
type Key = (u64, u64, u32, bool);

impl Waiting {
    fn new(event: Event) -> Self {
        let gold = &event.gold;
        Self { key: (event.at, gold.call, gold.state, gold.stale), event: Box::new(event) }
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl Simulator {
    /// A feed that begins with its first call at offset zero.
    pub fn new(seed: Seed, settings: Settings) -> Self {
        let next_call = settings.first_call;
        Self { seed: seed.0, settings, next_call, next_opening: 0, open: BinaryHeap::new() }
    }

    /// How the feed was asked to be.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number that the next new call will have.
    pub fn next_call(&self) -> u64 {
        self.next_call
    }

    /// When the next event arrives that is known by now.
    fn first_waiting(&self) -> u64 {
        self.open.peek().map_or(u64::MAX, |Reverse(first)| first.key.0)
    }

    fn open_call(&mut self) {
        let events =
            Story::new(self.seed, self.next_call, &self.settings).events(self.next_opening / 1_000_000);
        // A call brings its events with it, so the time to the next one is theirs: the rate holds for any settings.
        let gap = u64::try_from(self.settings.gap.as_nanos()).unwrap_or(u64::MAX).max(1000);
        let factor = Dice::of_call(!self.seed, self.next_call).gap_factor();
        let wait = gap.saturating_mul(events.len() as u64).saturating_mul(factor) / 1000;
        self.next_opening = self.next_opening.saturating_add(wait);
        self.next_call += 1;
        self.open.extend(events.into_iter().map(|event| Reverse(Waiting::new(event))));
    }
}

impl Iterator for Simulator {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        // What is opened in the same millisecond goes first, so that the order is one of time and call number. The
        // nanoseconds last for 584 years; the feed ends then.
        let opening = |feed: &Self| {
            feed.next_opening < u64::MAX && feed.first_waiting() >= feed.next_opening / 1_000_000
        };
        while opening(self) {
            self.open_call();
        }
        self.open.pop().map(|Reverse(first)| *first.event)
    }
}
