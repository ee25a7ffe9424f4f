//! What a consumer still has to settle. Pure: the caller brings the time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

/// A delivery that is not settled, be it in somebody's hands or given back.
struct Unsettled {
    attempt: u64,
    /// When it is delivered again.
    due: Instant,
    /// Whether somebody has it, as opposed to having given it back.
    held: bool,
}

/// The state of one consumer.
pub(super) struct Queue {
    pub(super) ack_wait: Duration,
    pub(super) ack_pending_max: usize,
    /// The lowest sequence that was never delivered.
    next: u64,
    unsettled: BTreeMap<u64, Unsettled>,
    /// The same, in the order in which they are due.
    order: BTreeSet<(Instant, u64)>,
}

/// A message to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) sequence: u64,
    pub(super) attempt: u64,
}

impl Queue {
    /// A queue that has delivered everything below `next`.
    pub(super) fn new(ack_wait: Duration, ack_pending_max: usize, next: u64) -> Self {
        Self { ack_wait, ack_pending_max, next, unsettled: BTreeMap::new(), order: BTreeSet::new() }
    }

    /// The highest sequence that was ever delivered.
    pub(super) fn delivered(&self) -> u64 {
        self.next - 1
    }

    /// Takes up to `max` messages to deliver: those that are due again, then new ones up to the sequence `last`, as far
    /// as the limit of unsettled ones allows.
    pub(super) fn take(&mut self, max: usize, last: u64, now: Instant) -> Vec<Taken> {
        let mut taken = Vec::new();
        while taken.len() < max {
            match self.order.first() {
                Some(&(due, sequence)) if due <= now => {
                    let attempt = self.unsettled.get(&sequence).map_or(1, |entry| entry.attempt + 1);
                    self.put(sequence, attempt, now + self.ack_wait, true);
                    taken.push(Taken { sequence, attempt });
                }
                _ => break,
            }
        }
        while taken.len() < max && self.next <= last && self.unsettled.len() < self.ack_pending_max {
            let sequence = self.next;
            self.next += 1;
            self.put(sequence, 1, now + self.ack_wait, true);
            taken.push(Taken { sequence, attempt: 1 });
        }
        taken
    }

    /// When the next one is due again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.order.first().map(|&(due, _)| due)
    }

    /// Notes a delivery of an earlier life of the process.
    pub(super) fn restore(&mut self, sequence: u64, attempt: u64, due: Instant) {
        self.put(sequence, attempt, due, false);
    }

    /// Its holder is still at work.
    pub(super) fn extend(&mut self, sequence: u64, attempt: u64, now: Instant) {
        if self.is_held(sequence, attempt) {
            self.put(sequence, attempt, now + self.ack_wait, true);
        }
    }

    /// Its holder gives it back until `due`. Returns whether that is news: somebody else may have it by now.
    pub(super) fn defer(&mut self, sequence: u64, attempt: u64, due: Instant) -> bool {
        let held = self.is_held(sequence, attempt);
        if held {
            self.put(sequence, attempt, due, false);
        }
        held
    }

    /// Messages that are settled or gone.
    pub(super) fn forget(&mut self, sequences: impl IntoIterator<Item = u64>) {
        for sequence in sequences {
            if let Some(entry) = self.unsettled.remove(&sequence) {
                self.order.remove(&(entry.due, sequence));
            }
        }
    }

    /// Everything below `first` is gone.
    pub(super) fn skip_to(&mut self, first: u64) {
        self.next = self.next.max(first);
        let kept = self.unsettled.split_off(&first);
        for (sequence, entry) in std::mem::replace(&mut self.unsettled, kept) {
            self.order.remove(&(entry.due, sequence));
        }
    }

    fn is_held(&self, sequence: u64, attempt: u64) -> bool {
        self.unsettled.get(&sequence).is_some_and(|entry| entry.held && entry.attempt == attempt)
    }

    fn put(&mut self, sequence: u64, attempt: u64, due: Instant, held: bool) {
        if let Some(old) = self.unsettled.insert(sequence, Unsettled { attempt, due, held }) {
            self.order.remove(&(old.due, sequence));
        }
        self.order.insert((due, sequence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(30);

    fn queue() -> Queue {
        Queue::new(WAIT, 3, 1)
    }

    fn taken(all: &[(u64, u64)]) -> Vec<Taken> {
        all.iter().map(|&(sequence, attempt)| Taken { sequence, attempt }).collect()
    }

    #[test]
    fn delivers_in_order_and_not_beyond_the_last() {
        let (mut queue, now) = (queue(), Instant::now());
        assert_eq!(queue.take(1, 2, now), taken(&[(1, 1)]));
        assert_eq!(queue.take(9, 2, now), taken(&[(2, 1)]));
        assert_eq!(queue.take(9, 2, now), taken(&[]));
        assert_eq!(queue.delivered(), 2);
    }

    #[test]
    fn keeps_the_limit_of_unsettled_ones() {
        let (mut queue, now) = (queue(), Instant::now());
        assert_eq!(queue.take(9, 9, now).len(), 3);
        assert_eq!(queue.take(9, 9, now).len(), 0);
        queue.forget([2]);
        assert_eq!(queue.take(9, 9, now), taken(&[(4, 1)]));
    }

    #[test]
    fn what_is_not_settled_in_time_comes_again_before_new_ones() {
        let (mut queue, now) = (queue(), Instant::now());
        queue.take(1, 9, now);
        assert_eq!(queue.due(), Some(now + WAIT));
        assert_eq!(queue.take(2, 9, now + WAIT), taken(&[(1, 2), (2, 1)]));
    }

    #[test]
    fn progress_postpones_and_a_stale_holder_cannot() {
        let (mut queue, now) = (queue(), Instant::now());
        queue.take(1, 1, now);
        queue.extend(1, 1, now + WAIT / 2);
        assert_eq!(queue.take(1, 1, now + WAIT), taken(&[]));
        assert_eq!(queue.take(1, 1, now + WAIT * 2), taken(&[(1, 2)]));
        queue.extend(1, 1, now + WAIT * 3);
        assert!(!queue.defer(1, 1, now + WAIT * 9));
        assert_eq!(queue.take(1, 1, now + WAIT * 3), taken(&[(1, 3)]));
    }

    #[test]
    fn what_is_given_back_waits_for_its_time_and_is_given_back_once() {
        let (mut queue, now) = (queue(), Instant::now());
        queue.take(1, 1, now);
        let due = now + Duration::from_secs(5);
        assert!(queue.defer(1, 1, due));
        assert!(!queue.defer(1, 1, now));
        assert_eq!(queue.take(1, 1, now), taken(&[]));
        assert_eq!(queue.take(1, 1, due), taken(&[(1, 2)]));
    }

    #[test]
    fn what_is_gone_does_not_come() {
        let (mut queue, now) = (queue(), Instant::now());
        queue.take(2, 9, now);
        queue.skip_to(7);
        assert_eq!(queue.due(), None);
        assert_eq!(queue.take(9, 8, now), taken(&[(7, 1), (8, 1)]));
        queue.skip_to(3);
        assert_eq!(queue.delivered(), 8);
    }

    #[test]
    fn a_restored_delivery_keeps_its_attempts() {
        let (mut queue, now) = (Queue::new(WAIT, 3, 5), Instant::now());
        queue.restore(2, 4, now);
        assert_eq!(queue.take(2, 5, now), taken(&[(2, 5), (5, 1)]));
    }
}
