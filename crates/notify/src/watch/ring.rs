//! The newest end of the stream, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use callbox_bus::Stored;
use callbox_place::Cell;
use callbox_proto::alert::v1 as pb;
use callbox_proto::domain::Alert;
use prost::Message as _;

use crate::cloud_events;
use crate::domain::filter::Subject;

/// One message of the stream, parsed once for all watchers.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its sequence.
    pub(crate) sequence: u64,
    /// What it is matched by.
    pub(crate) subject: Subject,
    /// What watchers get.
    pub(crate) alert: pb::Alert,
}

impl Entry {
    /// The entry of a message; `None` if it is not an alert that this release knows.
    pub(crate) fn parse(stored: &Stored) -> Option<Self> {
        let alert = pb::Alert::decode(stored.payload.clone()).ok()?;
        let Alert { agency, category, place, .. } = Alert::try_from(alert.clone()).ok()?;
        let categories = cloud_events::categories_of(&stored.headers).with(category);
        let cell = place.cell.and_then(Cell::from_index);
        Some(Self { sequence: stored.sequence, subject: Subject { agency, categories, cell }, alert })
    }
}

/// Holds all messages with sequences above `base` and up to `tip`.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    base: u64,
    tip: u64,
    entries: VecDeque<Arc<Entry>>,
    capacity: usize,
}

impl Ring {
    /// An empty ring of at most so many messages.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, ..Self::default() }
    }

    /// Forgets everything and begins behind `sequence`.
    pub(crate) fn begin(&mut self, sequence: u64) {
        self.entries.clear();
        (self.base, self.tip) = (sequence, sequence);
    }

    /// The sequence up to which messages are held.
    pub(crate) fn tip(&self) -> u64 {
        self.tip
    }

    /// Whether a cursor can go on from memory.
    pub(crate) fn covers(&self, cursor: u64) -> bool {
        (self.base..=self.tip).contains(&cursor)
    }

    /// Adds the messages up to `tip`.
    pub(crate) fn extend(&mut self, entries: impl IntoIterator<Item = Entry>, tip: u64) {
        self.entries.extend(entries.into_iter().map(Arc::new));
        self.tip = self.tip.max(tip);
        while self.entries.len() > self.capacity {
            if let Some(oldest) = self.entries.pop_front() {
                self.base = oldest.sequence;
            }
        }
    }

    /// Up to `max` messages behind the cursor, and the cursor behind them. The cursor must be covered.
    pub(crate) fn after(&self, cursor: u64, max: usize) -> (Vec<Arc<Entry>>, u64) {
        let start = self.entries.partition_point(|entry| entry.sequence <= cursor);
        let entries: Vec<_> = self.entries.iter().skip(start).take(max).cloned().collect();
        let rest = self.entries.len() - start > entries.len();
        let next = entries.last().filter(|_| rest).map_or(self.tip, |entry| entry.sequence);
        (entries, next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Ring};
    use crate::domain::filter::Subject;
    use crate::domain::state::Categories;

    fn entry(sequence: u64) -> Entry {
        let agency = "springfield".parse().unwrap();
        let subject = Subject { agency, categories: Categories::default(), cell: None };
        Entry { sequence, subject, alert: callbox_proto::alert::v1::Alert::default() }
    }

    fn sequences(ring: &Ring, cursor: u64, max: usize) -> (Vec<u64>, u64) {
        let (entries, next) = ring.after(cursor, max);
        (entries.iter().map(|entry| entry.sequence).collect(), next)
    }

    #[test]
    fn holds_the_newest_end() {
        let mut ring = Ring::new(3);
        ring.begin(10);
        assert!(ring.covers(10) && !ring.covers(9) && !ring.covers(11));
        ring.extend([11, 12, 14].map(entry), 15);
        assert_eq!(sequences(&ring, 10, 2), (vec![11, 12], 12));
        assert_eq!(sequences(&ring, 12, 2), (vec![14], 15));
        assert_eq!(sequences(&ring, 13, 2), (vec![14], 15));
        assert_eq!(sequences(&ring, 15, 2), (vec![], 15));
        ring.extend([entry(16)], 16);
        assert!(!ring.covers(10) && ring.covers(11));
        assert_eq!(sequences(&ring, 11, 9), (vec![12, 14, 16], 16));
        ring.begin(2);
        assert!(ring.covers(2) && !ring.covers(16));
    }
}
