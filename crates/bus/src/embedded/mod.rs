//! The back end in a directory: one process, SQLite, no server.
//!
//! SQLite keeps a write-ahead log and waits for the disk at each commit (`synchronous = FULL`), so what was acknowledged
//! survives a crash of the process and of the machine. One task writes, and commits in groups; what a consumer still has to
//! settle is kept in memory, and messages that it is about to read too. After a restart everything that was delivered and
//! not settled comes again.

mod group;
mod load;
mod queue;
mod record;
mod state;
mod store;
mod writer;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqlitePool;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::manifest::{ConsumerSpec, StreamSpec};
use crate::{
    AckFuture, Backend, Bus, Delivery, DeliveryToken, Error, Outgoing, Page, Settlement, Stored, StreamInfo,
    check,
};
use queue::Taken;
use state::{Stream, Streams};
use store::DeferredRow;
use writer::{Answer, Command, now_ms};

/// The messages that may wait for the writer: that is the backpressure.
const WINDOW: usize = 1_024;

/// The broker's file in its directory.
const FILE: &str = "bus.sqlite";

/// The file that is locked while a process uses the directory.
const LOCK: &str = "bus.lock";

/// Opens the broker in a directory, and makes it if it is not there. Call [`Backend::close`] before opening the same
/// directory again in one process.
///
/// # Errors
/// [`Error::InUse`] when another process has it open; [`Error::Failed`] when the directory cannot be written.
pub async fn open(directory: &Path) -> Result<Bus, Error> {
    let failed = || Error::failed("open the embedded broker's directory");
    std::fs::create_dir_all(directory).map_err(failed())?;
    let lock = lock(directory)?;
    let file = directory.join(FILE);
    let connection = store::open(&file).await?;
    let streams = Arc::new(Streams::default());
    let mut writer = load::blank(connection, Arc::clone(&streams), lock);
    load::refresh(&mut writer, now_ms()).await.map_err(Error::failed("read the embedded broker's file"))?;
    let (commands, inbox) = mpsc::channel(WINDOW);
    tokio::spawn(writer.run(inbox));
    let directory = directory.display().to_string();
    Ok(Arc::new(Embedded { streams, commands, readers: store::readers(&file), directory }))
}

fn lock(directory: &Path) -> Result<File, Error> {
    let failed = || Error::failed("lock the embedded broker's directory");
    let file = File::options().create(true).truncate(false).write(true).open(directory.join(LOCK));
    let file = file.map_err(failed())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { directory: directory.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(failed()(error)),
    }
}

struct Embedded {
    streams: Arc<Streams>,
    commands: mpsc::Sender<Command>,
    readers: SqlitePool,
    directory: String,
}

impl Embedded {
    fn closed(&self) -> Error {
        Error::Unavailable { server: self.directory.clone(), source: None }
    }

    /// Hands a command to the writer and awaits its answer.
    async fn order<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| self.closed())?;
        answered.await.map_err(|_| self.closed())?
    }

    /// The messages to deliver. Those that are gone are forgotten.
    async fn load(&self, stream: &Arc<Stream>, taken: Vec<Taken>) -> Result<Vec<Delivery>, Error> {
        let mut given = Given { stream: Arc::clone(stream), taken };
        let cached: Vec<Option<Stored>> = {
            let consumer = stream.consumer();
            let find = |one: &Taken| consumer.as_ref().and_then(|state| state.cached(one.sequence)).cloned();
            given.taken.iter().map(find).collect()
        };
        let elsewhere = given.taken.iter().zip(&cached).filter(|(_, message)| message.is_none());
        let keys: Vec<i64> = elsewhere.map(|(one, _)| record::key(stream.id, one.sequence)).collect();
        let mut read = if keys.is_empty() {
            Vec::new()
        } else {
            let read = store::messages_by_key(&self.readers, &keys).await;
            read.map_err(Error::failed("read messages"))?
        };
        let taken = std::mem::take(&mut given.taken);
        let mut gone = Vec::new();
        let mut deliveries = Vec::with_capacity(taken.len());
        for (one, message) in taken.into_iter().zip(cached) {
            let found = message.or_else(|| {
                let index = read.binary_search_by_key(&one.sequence, |message| message.sequence).ok()?;
                Some(read.remove(index))
            });
            match found {
                Some(message) => deliveries.push(Delivery {
                    message,
                    attempt: one.attempt,
                    epoch: stream.epoch,
                    token: DeliveryToken(format!("{}-{}", one.sequence, one.attempt)),
                }),
                None => gone.push(one.sequence),
            }
        }
        if let (false, Some(consumer)) = (gone.is_empty(), &mut *stream.consumer()) {
            consumer.forget(&gone);
        }
        Ok(deliveries)
    }
}

/// Messages on their way to a caller. Dropped on the way, they are given back.
struct Given {
    stream: Arc<Stream>,
    taken: Vec<Taken>,
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.taken.is_empty() {
            return;
        }
        if let Some(consumer) = &mut *self.stream.consumer() {
            let now = Instant::now();
            for one in &self.taken {
                consumer.queue.defer(one.sequence, one.attempt, now);
            }
        }
        self.stream.deliverable.notify_waiters();
    }
}

/// The sequence and the attempt in a token.
fn numbers(token: &DeliveryToken) -> Option<(u64, u64)> {
    let (sequence, attempt) = token.0.split_once('-')?;
    Some((sequence.parse().ok()?, attempt.parse().ok()?))
}

#[async_trait::async_trait]
impl Backend for Embedded {
    async fn declare(&self, streams: &[StreamSpec], consumers: &[ConsumerSpec]) -> Result<(), Error> {
        check::manifest(streams, consumers)?;
        let (streams, consumers) = (streams.to_vec(), consumers.to_vec());
        self.order(|answer| Command::Declare { streams, consumers, answer }).await
    }

    async fn publish(&self, message: Outgoing) -> Result<AckFuture, Error> {
        check::message(&message)?;
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Publish { message, answer }).await.map_err(|_| self.closed())?;
        let closed = self.closed();
        Ok(Box::pin(async move { answered.await.map_err(|_| closed)? }))
    }

    async fn pull(
        &self,
        consumer: &ConsumerSpec,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, Error> {
        let stream = self.streams.named(consumer.stream)?;
        let end = Instant::now() + wait;
        loop {
            // Listening begins before looking, so that nothing that happens in between is missed.
            let deliverable = stream.deliverable.notified();
            tokio::pin!(deliverable);
            deliverable.as_mut().enable();
            if self.commands.is_closed() {
                return Err(self.closed());
            }
            let (last, now) = (stream.totals.borrow().last_sequence, Instant::now());
            let (taken, due) = stream.with_consumer(consumer, |state| {
                (state.queue.take(max.max(1), last, now), state.queue.due())
            })?;
            if !taken.is_empty() {
                let deliveries = self.load(&stream, taken).await?;
                if !deliveries.is_empty() {
                    return Ok(deliveries);
                }
            } else if now >= end {
                return Ok(Vec::new());
            } else {
                let until = due.map_or(end, |due| due.min(end));
                // Over either way: something may be deliverable, or due, or it is time to go.
                let _ = tokio::time::timeout_at(until, deliverable).await;
            }
        }
    }

    async fn settle(
        &self,
        consumer: &ConsumerSpec,
        settlements: Vec<(DeliveryToken, Settlement)>,
    ) -> Result<(), Error> {
        let stream = self.streams.named(consumer.stream)?;
        let (now, now_ms) = (Instant::now(), now_ms());
        let (mut done, mut deferred) = (Vec::new(), Vec::new());
        stream.with_consumer(consumer, |state| {
            for (token, settlement) in &settlements {
                let Some((sequence, attempt)) = numbers(token) else { continue };
                match *settlement {
                    Settlement::Ack | Settlement::Terminate => done.push(sequence),
                    Settlement::Progress => state.queue.extend(sequence, attempt, now),
                    Settlement::Nak(delay) => {
                        if state.queue.defer(sequence, attempt, now + delay) {
                            let due_ms = now_ms + i64::try_from(delay.as_millis()).unwrap_or(i64::MAX / 2);
                            deferred.push(DeferredRow {
                                key: record::key(stream.id, sequence),
                                attempt,
                                due_ms,
                            });
                        }
                    }
                }
            }
        })?;
        if done.is_empty() && deferred.is_empty() {
            return Ok(());
        }
        // A pull that sleeps has to learn of the new time.
        stream.deliverable.notify_waiters();
        let stream = stream.id;
        self.order(|answer| Command::Settle { stream, done, deferred, answer }).await
    }

    async fn read(&self, stream: &StreamSpec, after: u64, max: usize) -> Result<Page, Error> {
        let stream = self.streams.named(stream.name)?;
        let failed = || Error::failed("read a stream");
        // The end comes first: what is stored meanwhile belongs to the next page.
        let last_sequence = stream.totals.borrow().last_sequence;
        let first = store::first_sequence(&self.readers, stream.id).await.map_err(failed())?;
        let messages = store::messages_after(&self.readers, stream.id, after, last_sequence, max);
        let messages = messages.await.map_err(failed())?;
        Ok(Page { messages, first_sequence: first.unwrap_or(last_sequence + 1), last_sequence })
    }

    async fn wait_beyond(&self, stream: &StreamSpec, after: u64, wait: Duration) -> Result<(), Error> {
        let mut totals = self.streams.named(stream.name)?.totals.subscribe();
        // Both ends are as they should be: there is one, or the time is over.
        let _ = tokio::time::timeout(wait, totals.wait_for(|totals| totals.last_sequence > after)).await;
        Ok(())
    }

    async fn info(&self, stream: &StreamSpec) -> Result<StreamInfo, Error> {
        let stream = self.streams.named(stream.name)?;
        let totals = *stream.totals.borrow();
        let first = store::first_sequence(&self.readers, stream.id).await;
        let first = first.map_err(Error::failed("read a stream"))?;
        Ok(StreamInfo {
            messages: totals.messages,
            bytes: totals.bytes,
            first_sequence: first.unwrap_or(totals.last_sequence + 1),
            last_sequence: totals.last_sequence,
            epoch: stream.epoch,
        })
    }

    async fn backlog(&self, consumer: &ConsumerSpec) -> Result<u64, Error> {
        let stream = self.streams.named(consumer.stream)?;
        stream.with_consumer(consumer, |_| ())?;
        let messages = stream.totals.borrow().messages;
        Ok(messages)
    }

    async fn delete(&self, stream: &StreamSpec, sequence: u64) -> Result<(), Error> {
        let stream = self.streams.named(stream.name)?.id;
        let (done, deferred) = (vec![sequence], Vec::new());
        self.order(|answer| Command::Settle { stream, done, deferred, answer }).await
    }

    async fn purge(&self, stream: &StreamSpec) -> Result<(), Error> {
        let stream = self.streams.named(stream.name)?.id;
        self.order(|answer| Command::Purge { stream, answer }).await
    }

    async fn ping(&self) -> Result<(), Error> {
        if self.commands.is_closed() { Err(self.closed()) } else { Ok(()) }
    }

    async fn close(&self) {
        let (answer, answered) = oneshot::channel();
        if self.commands.send(Command::Close { answer }).await.is_ok() {
            // An error means that the writer is gone already.
            let _ = answered.await;
        }
        self.readers.close().await;
    }
}
