//! The rows to publish, and who may publish them.
//!
//! The right to publish is a session lock on a connection of its own, which also listens: whoever holds it is told of
//! rows that other processes commit. When the connection ends, so does the right.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use callbox_proto::domain::{AlertId, Position};
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Notify;
use uuid::Uuid;

use super::apply::LOCK_CLASS;
use super::{ACQUIRE_TIMEOUT, Postgres, failed};
use crate::store::row::{categories, time};
use crate::store::{Error, Lease, OutboxRow};

/// The channel that commits notify.
const CHANNEL: &str = "callbox_notify_outbox";
/// The class of the outbox's lock, next to that of agencies.
const OUTBOX_LOCK_CLASS: i32 = LOCK_CLASS + 1;
/// How often a process that does not publish asks whether it may.
const LEASE_POLL: Duration = Duration::from_secs(1);

/// One row as it is stored.
type Row = (i64, Uuid, i32, String, i16, i64, i64, Vec<u8>);

/// Tells whoever publishes, on commit, that there are rows.
pub(super) async fn notify_in_txn(txn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(txn).await.map(drop).map_err(failed)
}

/// See [`crate::store::Store::outbox_peek`].
pub(super) async fn peek(pool: &PgPool, max: u32) -> Result<Vec<OutboxRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, alert, revision, agency, categories, accepted_time, sent_time, message
         FROM notify.outbox ORDER BY id LIMIT $1",
    )
    .bind(i64::from(max))
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    rows.into_iter().map(parse).collect()
}

fn parse((id, alert, revision, agency, bits, accepted, sent, message): Row) -> Result<OutboxRow, Error> {
    Ok(OutboxRow {
        id,
        alert: AlertId(alert),
        revision: revision.cast_unsigned(),
        agency: agency.parse().map_err(|_| Error::Corrupt { table: "outbox", column: "agency" })?,
        categories: categories("outbox", bits)?,
        accepted_time: time("outbox", "accepted_time", accepted)?,
        sent_time: time("outbox", "sent_time", sent)?,
        message: Bytes::from(message),
    })
}

/// See [`crate::store::Store::outbox_depth`].
pub(super) async fn depth(pool: &PgPool) -> Result<u64, Error> {
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM notify.outbox").fetch_one(pool).await.map_err(failed)?;
    Ok(rows.cast_unsigned())
}

/// See [`crate::store::Store::outbox_settle`].
pub(super) async fn settle(pool: &PgPool, ids: &[i64], mark: Option<Position>) -> Result<(), Error> {
    let mut txn = pool.begin().await.map_err(failed)?;
    sqlx::query("DELETE FROM notify.outbox WHERE id = ANY($1)")
        .bind(ids)
        .execute(&mut *txn)
        .await
        .map_err(failed)?;
    if let Some(mark) = mark {
        sqlx::query(
            "INSERT INTO notify.outbox_mark (id, epoch, sequence) VALUES (1, $1, $2)
             ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence",
        )
        .bind(mark.epoch.cast_signed())
        .bind(mark.sequence.cast_signed())
        .execute(&mut *txn)
        .await
        .map_err(failed)?;
    }
    txn.commit().await.map_err(failed)
}

/// See [`crate::store::Store::outbox_mark`].
pub(super) async fn mark(pool: &PgPool) -> Result<Option<Position>, Error> {
    let mark: Option<(i64, i64)> = sqlx::query_as("SELECT epoch, sequence FROM notify.outbox_mark")
        .fetch_optional(pool)
        .await
        .map_err(failed)?;
    Ok(mark.map(|(epoch, sequence)| Position {
        epoch: epoch.cast_unsigned(),
        sequence: sequence.cast_unsigned(),
    }))
}

/// The right to publish, with the connection that it hangs on.
pub(super) struct SessionLease {
    pool: PgPool,
    listener: PgListener,
    wake: Arc<Notify>,
    leased: Arc<AtomicBool>,
}

impl Postgres {
    /// Waits until nobody else publishes.
    pub(super) async fn lease(&self) -> Result<SessionLease, Error> {
        // A pool of its own: back in the shared one, the connection would keep the lock.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_with((*self.pool.connect_options()).clone())
            .await
            .map_err(failed)?;
        let mut listener = PgListener::connect_with(&pool).await.map_err(failed)?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await.map_err(failed)?;
        let mut lease =
            SessionLease { pool, listener, wake: Arc::clone(&self.wake), leased: Arc::clone(&self.leased) };
        while !lease.try_lock().await? {
            tokio::time::sleep(LEASE_POLL).await;
        }
        lease.leased.store(true, Ordering::Release);
        Ok(lease)
    }
}

impl SessionLease {
    async fn try_lock(&mut self) -> Result<bool, Error> {
        sqlx::query_scalar("SELECT pg_try_advisory_lock($1, 0)")
            .bind(OUTBOX_LOCK_CLASS)
            .fetch_one(&mut self.listener)
            .await
            .map_err(failed)
    }
}

#[async_trait]
impl Lease for SessionLease {
    async fn wait(&mut self, wait: Duration) -> Result<(), Error> {
        tokio::select! {
            () = self.wake.notified() => Ok(()),
            () = tokio::time::sleep(wait) => Ok(()),
            received = self.listener.try_recv() => match received {
                Ok(Some(_)) => Ok(()),
                // The connection is gone, and the lock with it.
                Ok(None) | Err(_) => Err(Error::LeaseLost),
            },
        }
    }
}

impl Drop for SessionLease {
    fn drop(&mut self) {
        self.leased.store(false, Ordering::Release);
        let pool = self.pool.clone();
        // Closing takes a task; the listener gives its connection back to the pool in one of its own.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { pool.close().await });
        }
    }
}
