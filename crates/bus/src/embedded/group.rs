//! One transaction: what goes into it, and what becomes visible after it.

use std::collections::{BTreeMap, HashMap};

use sqlx::{Connection as _, SqliteConnection};

use super::record::{self, key};
use super::state::Totals;
use super::store::{self, DeferredRow, MessageRow, Sql};
use super::writer::{Answer, Own, Writer, before};
use crate::manifest::Retention;
use crate::{Error, Outgoing, Published, Stored};

/// Messages that are looked at in one step when a stream drops its oldest.
const DROP_STEP: usize = 64;

/// Commands that are committed together.
pub(super) struct Group {
    now_ms: i64,
    messages: Vec<MessageRow>,
    deferred: Vec<DeferredRow>,
    streams: BTreeMap<i64, Change>,
    published: Vec<(Answer<Published>, Result<Published, Error>)>,
    settled: Vec<Answer<()>>,
}

/// What happens to one stream.
struct Change {
    totals: Totals,
    /// New messages, for the consumer.
    stored: Vec<Stored>,
    /// Their ids, in order; and by id.
    ids: Vec<String>,
    sequences: HashMap<String, u64>,
    /// Messages that are done.
    done: Vec<u64>,
    /// Messages that turned out to be gone when the transaction ran.
    gone: Vec<u64>,
}

impl Group {
    pub(super) fn new(now_ms: i64) -> Self {
        Self {
            now_ms,
            messages: Vec::new(),
            deferred: Vec::new(),
            streams: BTreeMap::new(),
            published: Vec::new(),
            settled: Vec::new(),
        }
    }

    fn change(&mut self, own: &Own) -> &mut Change {
        self.streams.entry(own.shared.id).or_insert_with(|| Change {
            totals: own.totals,
            stored: Vec::new(),
            ids: Vec::new(),
            sequences: HashMap::new(),
            done: Vec::new(),
            gone: Vec::new(),
        })
    }

    pub(super) fn publish(&mut self, writer: &mut Writer, message: Outgoing, answer: Answer<Published>) {
        let result = self.plan(writer, message);
        self.published.push((answer, result));
    }

    fn plan(&mut self, writer: &mut Writer, message: Outgoing) -> Result<Published, Error> {
        let stem = message.subject.rsplit_once('.').map_or("", |(stem, _)| stem);
        let own = writer.stems.get(stem).and_then(|id| writer.streams.get_mut(id));
        let own = own.ok_or_else(|| Error::Missing {
            what: format!("a stream for the subject {}", message.subject),
        })?;
        let now_ms = self.now_ms;
        own.ids.forget_before(before(now_ms, own.limits.duplicate_window));
        let own = &*own;
        let change = self.change(own);
        let earlier = own.ids.sequence(&message.id).or_else(|| change.sequences.get(&message.id).copied());
        if let Some(sequence) = earlier {
            return Ok(Published { sequence, duplicate: true });
        }
        let blob = record::encode(&message);
        let size = blob.len() as u64;
        let work_queue = own.limits.retention == Retention::WorkQueue;
        if work_queue && change.totals.bytes + size > own.limits.bytes_max {
            return Err(Error::Full { stream: own.shared.name.clone() });
        }
        let sequence = change.totals.last_sequence + 1;
        change.totals = Totals {
            last_sequence: sequence,
            messages: change.totals.messages + 1,
            bytes: change.totals.bytes + size,
        };
        change.ids.push(message.id.clone());
        change.sequences.insert(message.id.clone(), sequence);
        if work_queue {
            change.stored.push(record::stored(sequence, message));
        }
        self.messages.push(MessageRow { key: key(own.shared.id, sequence), stored_ms: now_ms, record: blob });
        Ok(Published { sequence, duplicate: false })
    }

    pub(super) fn settle(
        &mut self,
        writer: &Writer,
        stream: i64,
        done: Vec<u64>,
        deferred: Vec<DeferredRow>,
        answer: Answer<()>,
    ) {
        if let Some(own) = writer.streams.get(&stream) {
            self.change(own).done.extend(done);
            self.deferred.extend(deferred);
        }
        self.settled.push(answer);
    }

    /// Commits, makes the result visible, and tells everybody who waits.
    pub(super) async fn commit(mut self, writer: &mut Writer) {
        let delivered = delivered(writer);
        if self.streams.is_empty() && self.deferred.is_empty() && delivered.is_empty() {
            self.answer(None);
            return;
        }
        let result = self.write(writer, &delivered).await;
        if let Err(error) = &result {
            tracing::error!(%error, "the embedded broker cannot write its file");
        } else {
            self.apply(writer, &delivered);
        }
        self.answer(result.err());
    }

    async fn write(&mut self, writer: &mut Writer, delivered: &[(i64, u64)]) -> Sql<()> {
        let mut transaction = writer.connection.begin().await?;
        store::messages_insert(&mut transaction, std::mem::take(&mut self.messages)).await?;
        for (&id, change) in &mut self.streams {
            let Some(own) = writer.streams.get(&id) else { continue };
            if !change.ids.is_empty() {
                let first = change.totals.last_sequence + 1 - change.ids.len() as u64;
                let ids = change.ids.clone();
                store::recent_insert(&mut transaction, key(id, first), self.now_ms, ids).await?;
            }
            change.delete(&mut transaction, id, own).await?;
            store::totals_update(&mut transaction, id, change.totals).await?;
        }
        store::deferred_insert(&mut transaction, &self.deferred).await?;
        for &(id, delivered) in delivered {
            store::delivered_update(&mut transaction, id, delivered).await?;
        }
        transaction.commit().await
    }

    fn apply(&mut self, writer: &mut Writer, delivered: &[(i64, u64)]) {
        for &(id, delivered) in delivered {
            if let Some(own) = writer.streams.get_mut(&id) {
                own.delivered = delivered;
            }
        }
        for row in &self.deferred {
            // The stream of a key is what is left when the sequence is taken off.
            if let Some(own) = writer.streams.get_mut(&record::stream(row.key)) {
                own.has_deferred = true;
            }
        }
        for (id, change) in std::mem::take(&mut self.streams) {
            let Some(own) = writer.streams.get_mut(&id) else { continue };
            for (sequence, name) in change.sequences.into_iter().map(|(name, sequence)| (sequence, name)) {
                own.ids.insert(&name, sequence, self.now_ms);
            }
            if let Some(consumer) = &mut *own.shared.consumer() {
                change.stored.into_iter().for_each(|message| consumer.keep(message));
                consumer.forget(&change.done);
            }
            own.apply(change.totals, &change.gone);
        }
    }

    fn answer(self, error: Option<sqlx::Error>) {
        let failure = error.map(|error| error.to_string());
        let failed = |what| failure.clone().map(|text| Error::failed(what)(text));
        for (answer, result) in self.published {
            let result = match failed("store a message") {
                Some(error) if result.is_ok() => Err(error),
                _ => result,
            };
            // Nobody is left to hear it if the caller dropped the future.
            let _ = answer.send(result);
        }
        for answer in self.settled {
            let _ = answer.send(failed("settle deliveries").map_or(Ok(()), Err));
        }
    }
}

/// How far consumers have come, where the file does not know it yet.
fn delivered(writer: &Writer) -> Vec<(i64, u64)> {
    let news = |own: &Own| {
        let delivered = own.shared.consumer().as_ref()?.queue.delivered();
        (delivered != own.delivered).then_some((own.shared.id, delivered))
    };
    writer.streams.values().filter_map(news).collect()
}

impl Change {
    /// Deletes what is done, and the oldest messages of a stream that is over its limit.
    async fn delete(&mut self, connection: &mut SqliteConnection, id: i64, own: &Own) -> Sql<()> {
        let done: Vec<_> = self.done.iter().map(|&sequence| key(id, sequence)).collect();
        self.take_away(connection, &done, own).await?;
        let limits = own.limits;
        while limits.retention == Retention::Limits && self.totals.bytes > limits.bytes_max {
            let mut excess = self.totals.bytes - limits.bytes_max;
            let mut keys = Vec::new();
            for (key, size) in store::messages_oldest(connection, id, DROP_STEP).await? {
                keys.push(key);
                if size >= excess {
                    break;
                }
                excess -= size;
            }
            if keys.is_empty() {
                break;
            }
            self.take_away(connection, &keys, own).await?;
        }
        Ok(())
    }

    async fn take_away(&mut self, connection: &mut SqliteConnection, keys: &[i64], own: &Own) -> Sql<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let deleted = store::messages_delete(connection, keys).await?;
        if own.has_deferred {
            store::deferred_delete(connection, keys).await?;
        }
        self.totals = self.totals.without(deleted.sequences.len(), deleted.bytes);
        self.gone.extend(deleted.sequences);
        Ok(())
    }
}
