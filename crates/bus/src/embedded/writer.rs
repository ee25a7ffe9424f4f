//! The one task that changes the file.
//!
//! Whatever has queued up while a transaction ran goes into the next one: publications, settlements, deletions. The disk
//! is asked once for all of them. Nothing of a group is visible before its commit, and if that fails nothing of it
//! happened.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::mpsc::Receiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior};

use super::group::Group;
use super::load;
use super::record::key;
use super::state::{Limits, Stream, Streams, Totals};
use super::store::{self, DeferredRow};
use crate::manifest::{ConsumerSpec, StreamSpec};
use crate::{Error, Outgoing, Published};

/// The most commands of one transaction.
const GROUP_MAX: usize = 512;

/// How often messages are looked at for their age, and how much the note of what was delivered may lag behind.
const TICK: Duration = Duration::from_millis(200);

/// Messages that one look lets expire in one transaction.
const EXPIRE_MAX: usize = 512;

/// How often ids that left the duplicate window are deleted from the disk.
const PRUNE: Duration = Duration::from_secs(10);

/// Whom to tell.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// What the writer does.
pub(super) enum Command {
    Publish {
        message: Outgoing,
        answer: Answer<Published>,
    },
    /// Deletes messages that are done, and notes when others are due again.
    Settle {
        stream: i64,
        done: Vec<u64>,
        deferred: Vec<DeferredRow>,
        answer: Answer<()>,
    },
    Purge {
        stream: i64,
        answer: Answer<()>,
    },
    Declare {
        streams: Vec<StreamSpec>,
        consumers: Vec<ConsumerSpec>,
        answer: Answer<()>,
    },
    Close {
        answer: oneshot::Sender<()>,
    },
}

/// What the writer knows of a stream.
pub(super) struct Own {
    pub(super) shared: Arc<Stream>,
    pub(super) limits: Limits,
    pub(super) totals: Totals,
    pub(super) ids: Ids,
    /// The highest delivered sequence that the file knows.
    pub(super) delivered: u64,
    /// Whether deliveries may be noted as deferred.
    pub(super) has_deferred: bool,
}

/// The ids within the duplicate window.
#[derive(Default)]
pub(super) struct Ids {
    sequences: HashMap<Arc<str>, u64>,
    order: VecDeque<(i64, Arc<str>)>,
}

impl Ids {
    pub(super) fn sequence(&self, id: &str) -> Option<u64> {
        self.sequences.get(id).copied()
    }

    pub(super) fn insert(&mut self, id: &str, sequence: u64, stored_ms: i64) {
        let id: Arc<str> = id.into();
        self.sequences.insert(Arc::clone(&id), sequence);
        self.order.push_back((stored_ms, id));
    }

    /// Forgets what was stored before the window.
    pub(super) fn forget_before(&mut self, ms: i64) {
        while self.order.front().is_some_and(|&(stored_ms, _)| stored_ms < ms) {
            if let Some((_, id)) = self.order.pop_front() {
                self.sequences.remove(&id);
            }
        }
    }
}

/// The writer's state.
pub(super) struct Writer {
    pub(super) connection: SqliteConnection,
    pub(super) streams: HashMap<i64, Own>,
    /// Stream ids by subject stem.
    pub(super) stems: HashMap<String, i64>,
    pub(super) shared: Arc<Streams>,
    /// Kept locked as long as the writer lives.
    pub(super) lock: std::fs::File,
}

impl Writer {
    /// Works until it is closed or every sender is gone.
    pub(super) async fn run(mut self, mut commands: Receiver<Command>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut prune = Instant::now() + PRUNE;
        let mut closing = None;
        while closing.is_none() {
            let mut batch = Vec::new();
            tokio::select! {
                received = commands.recv_many(&mut batch, GROUP_MAX) => {
                    if received == 0 {
                        break;
                    }
                    closing = self.work(batch).await;
                }
                _ = ticks.tick() => {
                    let pruning = Instant::now() >= prune;
                    if pruning {
                        prune = Instant::now() + PRUNE;
                    }
                    self.maintain(pruning).await;
                }
            }
        }
        self.finish().await;
        if let Some(answer) = closing {
            let _ = answer.send(());
        }
    }

    /// Works through a batch in its order. Returns whom to tell that the writer has closed, if that was asked.
    async fn work(&mut self, batch: Vec<Command>) -> Option<oneshot::Sender<()>> {
        let mut group = Group::new(now_ms());
        for command in batch {
            match command {
                Command::Publish { message, answer } => group.publish(self, message, answer),
                Command::Settle { stream, done, deferred, answer } => {
                    group.settle(self, stream, done, deferred, answer);
                }
                Command::Purge { stream, answer } => {
                    std::mem::replace(&mut group, Group::new(now_ms())).commit(self).await;
                    let _ = answer.send(self.purge(stream).await);
                }
                Command::Declare { streams, consumers, answer } => {
                    std::mem::replace(&mut group, Group::new(now_ms())).commit(self).await;
                    let _ = answer.send(self.declare(&streams, &consumers).await);
                }
                Command::Close { answer } => {
                    group.commit(self).await;
                    return Some(answer);
                }
            }
        }
        group.commit(self).await;
        None
    }

    async fn purge(&mut self, stream: i64) -> Result<(), Error> {
        let failed = || Error::failed("purge a stream");
        let Some(own) = self.streams.get_mut(&stream) else { return Ok(()) };
        let totals = Totals { last_sequence: own.totals.last_sequence, ..Totals::default() };
        let mut transaction = self.connection.begin().await.map_err(failed())?;
        store::messages_purge(&mut transaction, stream).await.map_err(failed())?;
        store::totals_update(&mut transaction, stream, totals).await.map_err(failed())?;
        transaction.commit().await.map_err(failed())?;
        own.totals = totals;
        own.has_deferred = false;
        if let Some(consumer) = &mut *own.shared.consumer() {
            consumer.skip_to(totals.last_sequence + 1);
        }
        own.shared.totals.send_replace(totals);
        Ok(())
    }

    async fn declare(&mut self, streams: &[StreamSpec], consumers: &[ConsumerSpec]) -> Result<(), Error> {
        let failed = || Error::failed("declare streams and consumers");
        let epoch = now_ms().cast_unsigned() / 1_000;
        let mut transaction = self.connection.begin().await.map_err(failed())?;
        for stream in streams {
            store::stream_declare(&mut transaction, stream, epoch).await.map_err(failed())?;
        }
        let rows = store::streams(&mut transaction).await.map_err(failed())?;
        for consumer in consumers {
            let stream = rows.iter().find(|row| row.name == consumer.stream);
            let stream =
                stream.ok_or_else(|| Error::Missing { what: format!("stream {}", consumer.stream) })?;
            store::consumer_declare(&mut transaction, stream.id, consumer).await.map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())?;
        load::refresh(self, now_ms()).await.map_err(failed())
    }

    /// Lets old messages go, and notes how far consumers have come.
    async fn maintain(&mut self, pruning: bool) {
        if let Err(error) = self.try_maintain(pruning).await {
            tracing::warn!(%error, "cannot tidy the embedded broker's file, tries again");
        }
        Group::new(now_ms()).commit(self).await;
    }

    async fn try_maintain(&mut self, pruning: bool) -> Result<(), sqlx::Error> {
        let now = now_ms();
        for (&id, own) in &mut self.streams {
            own.ids.forget_before(before(now, own.limits.duplicate_window));
            if pruning {
                let oldest = before(now, own.limits.duplicate_window);
                store::recent_delete(&mut self.connection, id, oldest).await?;
            }
            while own.totals.messages > 0 {
                let oldest = before(now, own.limits.age_max);
                let mut transaction = self.connection.begin().await?;
                let gone = store::messages_expire(&mut transaction, id, oldest, EXPIRE_MAX).await?;
                if gone.sequences.is_empty() {
                    transaction.rollback().await?;
                    break;
                }
                let totals = own.totals.without(gone.sequences.len(), gone.bytes);
                store::totals_update(&mut transaction, id, totals).await?;
                if own.has_deferred {
                    let keys: Vec<_> = gone.sequences.iter().map(|&sequence| key(id, sequence)).collect();
                    store::deferred_delete(&mut transaction, &keys).await?;
                }
                transaction.commit().await?;
                own.apply(totals, &gone.sequences);
                if gone.sequences.len() < EXPIRE_MAX {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Leaves the file tidy: everything in it, nothing in the log beside it.
    async fn finish(mut self) {
        Group::new(now_ms()).commit(&mut self).await;
        let checkpoint = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await;
        if let Err(error) = checkpoint {
            tracing::debug!(%error, "the embedded broker's log stays beside its file");
        }
        let _ = self.connection.close().await;
        drop(self.lock);
    }
}

impl Own {
    /// Makes a commit visible that took these messages away.
    pub(super) fn apply(&mut self, totals: Totals, gone: &[u64]) {
        self.totals = totals;
        if let Some(consumer) = &mut *self.shared.consumer() {
            consumer.forget(gone);
        }
        self.shared.totals.send_replace(totals);
        self.shared.deliverable.notify_waiters();
    }
}

impl Totals {
    /// After these many messages of these bytes are gone.
    pub(super) fn without(self, messages: usize, bytes: u64) -> Self {
        Self {
            messages: self.messages.saturating_sub(messages as u64),
            bytes: self.bytes.saturating_sub(bytes),
            ..self
        }
    }
}

/// Milliseconds since 1970-01-01 UTC.
pub(super) fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// The time that lies this far back.
pub(super) fn before(now_ms: i64, duration: Duration) -> i64 {
    now_ms.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}
