//! The rows to publish, and who may publish them. One process has the store open, so that the right to publish is a
//! lock in memory.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use callbox_proto::domain::{AlertId, Position};
use sqlx::sqlite::SqlitePool;
use sqlx::{QueryBuilder, Sqlite as Driver};
use tokio::sync::{Notify, OwnedMutexGuard};
use uuid::Uuid;

use super::{Sqlite, failed};
use crate::store::row::{categories, time};
use crate::store::{Error, Lease, OutboxRow};

/// One row as it is stored.
type Row = (i64, Uuid, i64, String, i16, i64, i64, Vec<u8>);

/// See [`crate::store::Store::outbox_peek`].
pub(super) async fn peek(pool: &SqlitePool, max: u32) -> Result<Vec<OutboxRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, alert, revision, agency, categories, accepted_time, sent_time, message
         FROM outbox ORDER BY id LIMIT ?",
    )
    .bind(i64::from(max))
    .fetch_all(pool)
    .await
    .map_err(failed)?;
    rows.into_iter().map(parse).collect()
}

fn parse((id, alert, revision, agency, bits, accepted, sent, message): Row) -> Result<OutboxRow, Error> {
    let corrupt = |column| Error::Corrupt { table: "outbox", column };
    Ok(OutboxRow {
        id,
        alert: AlertId(alert),
        revision: u32::try_from(revision).map_err(|_| corrupt("revision"))?,
        agency: agency.parse().map_err(|_| corrupt("agency"))?,
        categories: categories("outbox", bits)?,
        accepted_time: time("outbox", "accepted_time", accepted)?,
        sent_time: time("outbox", "sent_time", sent)?,
        message: Bytes::from(message),
    })
}

/// See [`crate::store::Store::outbox_depth`].
pub(super) async fn depth(pool: &SqlitePool) -> Result<u64, Error> {
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(pool).await.map_err(failed)?;
    Ok(rows.cast_unsigned())
}

/// See [`crate::store::Store::outbox_settle`].
pub(super) async fn settle(pool: &SqlitePool, ids: &[i64], mark: Option<Position>) -> Result<(), Error> {
    let mut txn = pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    if !ids.is_empty() {
        let mut query = QueryBuilder::<Driver>::new("DELETE FROM outbox WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(")");
        query.build().execute(&mut *txn).await.map_err(failed)?;
    }
    if let Some(mark) = mark {
        sqlx::query(
            "INSERT INTO outbox_mark (id, epoch, sequence) VALUES (1, ?, ?)
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
pub(super) async fn mark(pool: &SqlitePool) -> Result<Option<Position>, Error> {
    let mark: Option<(i64, i64)> = sqlx::query_as("SELECT epoch, sequence FROM outbox_mark")
        .fetch_optional(pool)
        .await
        .map_err(failed)?;
    Ok(mark.map(|(epoch, sequence)| Position {
        epoch: epoch.cast_unsigned(),
        sequence: sequence.cast_unsigned(),
    }))
}

/// The right to publish.
pub(super) struct MemoryLease {
    wake: Arc<Notify>,
    _held: OwnedMutexGuard<()>,
}

impl Sqlite {
    /// Waits until nobody else publishes.
    pub(super) async fn lease(&self) -> MemoryLease {
        MemoryLease { wake: Arc::clone(&self.wake), _held: Arc::clone(&self.lease).lock_owned().await }
    }
}

#[async_trait]
impl Lease for MemoryLease {
    async fn wait(&mut self, wait: Duration) -> Result<(), Error> {
        // Either way the caller looks.
        let _ = tokio::time::timeout(wait, self.wake.notified()).await;
        Ok(())
    }
}
