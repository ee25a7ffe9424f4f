//! What the writer, the pullers and the readers share.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::queue::Queue;
use crate::manifest::{ConsumerSpec, Retention, StreamSpec};
use crate::{Error, Stored};

/// How many bytes of a queue's messages stay in memory, so that a consumer that keeps up never waits for the disk.
const CACHE_BYTES: usize = 16 << 20;

/// The limits of a stream, as in its spec.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) retention: Retention,
    pub(super) age_max: Duration,
    pub(super) bytes_max: u64,
    pub(super) duplicate_window: Duration,
}

impl From<&StreamSpec> for Limits {
    fn from(spec: &StreamSpec) -> Self {
        Self {
            retention: spec.retention,
            age_max: spec.age_max,
            bytes_max: spec.bytes_max,
            duplicate_window: spec.duplicate_window,
        }
    }
}

/// What a stream holds, as of the last commit.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) last_sequence: u64,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

/// A stream, as others than the writer see it.
pub(super) struct Stream {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) epoch: u64,
    /// Changes with every commit that touched the stream.
    pub(super) totals: watch::Sender<Totals>,
    pub(super) consumer: Mutex<Option<ConsumerState>>,
    /// Wakes pulls: something may be deliverable that was not before.
    pub(super) deliverable: Notify,
}

/// A stream's consumer.
pub(super) struct ConsumerState {
    pub(super) name: String,
    pub(super) queue: Queue,
    cache: Cache,
}

impl ConsumerState {
    pub(super) fn new(name: String, queue: Queue) -> Self {
        Self { name, queue, cache: Cache::default() }
    }

    pub(super) fn cached(&self, sequence: u64) -> Option<&Stored> {
        self.cache.messages.get(&sequence)
    }

    /// Keeps a new message at hand, if there is room.
    pub(super) fn keep(&mut self, message: Stored) {
        let size = message.payload.len();
        if self.cache.bytes + size <= CACHE_BYTES {
            self.cache.bytes += size;
            self.cache.messages.insert(message.sequence, message);
        }
    }

    /// Messages that are settled or gone.
    pub(super) fn forget(&mut self, sequences: &[u64]) {
        self.queue.forget(sequences.iter().copied());
        for sequence in sequences {
            self.cache.remove(*sequence);
        }
    }

    /// Everything below `first` is gone.
    pub(super) fn skip_to(&mut self, first: u64) {
        self.queue.skip_to(first);
        while let Some((&sequence, _)) = self.cache.messages.first_key_value() {
            if sequence >= first {
                break;
            }
            self.cache.remove(sequence);
        }
    }
}

/// Messages that are on disk too.
#[derive(Default)]
struct Cache {
    messages: BTreeMap<u64, Stored>,
    bytes: usize,
}

impl Cache {
    fn remove(&mut self, sequence: u64) {
        if let Some(message) = self.messages.remove(&sequence) {
            self.bytes -= message.payload.len();
        }
    }
}

impl Stream {
    pub(super) fn consumer(&self) -> MutexGuard<'_, Option<ConsumerState>> {
        self.consumer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs something on the consumer's state, if there is that consumer.
    pub(super) fn with_consumer<T>(
        &self,
        spec: &ConsumerSpec,
        work: impl FnOnce(&mut ConsumerState) -> T,
    ) -> Result<T, Error> {
        match &mut *self.consumer() {
            Some(consumer) if consumer.name == spec.name => Ok(work(consumer)),
            _ => Err(Error::Missing { what: format!("consumer {} of stream {}", spec.name, spec.stream) }),
        }
    }
}

/// All streams.
#[derive(Default)]
pub(super) struct Streams {
    by_name: RwLock<HashMap<String, Arc<Stream>>>,
}

impl Streams {
    pub(super) fn add(&self, stream: Arc<Stream>) {
        self.by_name.write().unwrap_or_else(PoisonError::into_inner).insert(stream.name.clone(), stream);
    }

    pub(super) fn named(&self, name: &str) -> Result<Arc<Stream>, Error> {
        let streams = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        streams.get(name).cloned().ok_or_else(|| Error::Missing { what: format!("stream {name}") })
    }
}
