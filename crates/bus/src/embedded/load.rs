//! Bringing what is on disk into memory: at the start, and after a declaration.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::queue::Queue;
use super::state::{ConsumerState, Stream};
use super::store::{self, Sql, StreamRow};
use super::writer::{Ids, Own, Writer, before};

/// Takes in streams and consumers that are new, and the limits of the others.
pub(super) async fn refresh(writer: &mut Writer, now_ms: i64) -> Sql<()> {
    let rows = store::streams(&mut writer.connection).await?;
    writer.stems = rows.iter().map(|row| (row.subject_stem.clone(), row.id)).collect();
    for row in rows {
        match writer.streams.get_mut(&row.id) {
            Some(own) => own.limits = row.limits,
            None => add(writer, row, now_ms).await?,
        }
    }
    let ids: Vec<i64> = writer.streams.keys().copied().collect();
    for id in ids {
        consumer(writer, id, now_ms).await?;
    }
    Ok(())
}

async fn add(writer: &mut Writer, row: StreamRow, now_ms: i64) -> Sql<()> {
    let mut ids = Ids::default();
    let since = before(now_ms, row.limits.duplicate_window);
    for (first, stored_ms, group) in store::recent(&mut writer.connection, row.id, since).await? {
        for (sequence, id) in (first..).zip(group) {
            ids.insert(&id, sequence, stored_ms);
        }
    }
    let stream = Arc::new(Stream {
        id: row.id,
        name: row.name,
        epoch: row.epoch,
        totals: watch::Sender::new(row.totals),
        consumer: None.into(),
        deliverable: Notify::new(),
    });
    writer.shared.add(Arc::clone(&stream));
    let own =
        Own { shared: stream, limits: row.limits, totals: row.totals, ids, delivered: 0, has_deferred: true };
    writer.streams.insert(row.id, own);
    Ok(())
}

/// Makes the state of a stream's consumer, or gives it its new limits.
async fn consumer(writer: &mut Writer, stream: i64, now_ms: i64) -> Sql<()> {
    let Some(row) = store::consumer(&mut writer.connection, stream).await? else { return Ok(()) };
    let Some(own) = writer.streams.get_mut(&stream) else { return Ok(()) };
    if let Some(state) = &mut *own.shared.consumer() {
        state.name = row.name;
        state.queue.ack_wait = row.ack_wait;
        state.queue.ack_pending_max = row.ack_pending_max;
        return Ok(());
    }
    let mut queue = Queue::new(row.ack_wait, row.ack_pending_max, row.delivered + 1);
    let now = Instant::now();
    for unsettled in store::unsettled(&mut writer.connection, stream, row.delivered).await? {
        let delay = u64::try_from(unsettled.due_ms.saturating_sub(now_ms)).unwrap_or(0);
        queue.restore(unsettled.sequence, unsettled.attempt, now + Duration::from_millis(delay));
    }
    own.delivered = row.delivered;
    *own.shared.consumer() = Some(ConsumerState::new(row.name, queue));
    own.shared.deliverable.notify_waiters();
    Ok(())
}

/// A writer that knows nothing yet.
pub(super) fn blank(
    connection: sqlx::SqliteConnection,
    shared: Arc<super::state::Streams>,
    lock: std::fs::File,
) -> Writer {
    Writer { connection, streams: HashMap::new(), stems: HashMap::new(), shared, lock }
}
