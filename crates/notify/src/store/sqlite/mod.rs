//! The store of the single process: one SQLite file, write-ahead log, a commit waits for the disk.
//!
//! | module | what it does |
//! |---|---|
//! | `apply` | the one transaction of a batch |
//! | `outbox` | the rows to publish, and who may publish them |
//! | `read` | alerts, subscriptions and counts |

mod apply;
mod outbox;
mod read;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use callbox_proto::domain::{AgencyId, AlertId, Outcome, Position, Timestamp};
use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;
use uuid::Uuid;

use super::{AlertQuery, AlertRow, Applied, Error, Lease, OutboxRow, Shared, Store, SubscriptionRow};
use crate::domain::agency::Agencies;
use crate::domain::batch::Work;

/// The name of this store in errors.
const STORE: &str = "notify store";
/// How long a statement waits for another process that writes: `callbox migrate` beside a running one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause before a new file is tried again.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Readers do not wait for the writer. Few suffice: a read takes microseconds.
const READERS_MAX: u32 = 4;

/// The store on SQLite.
pub struct Sqlite {
    /// One connection: SQLite has one writer at a time, and waiting here is fairer than in the file's lock.
    writer: SqlitePool,
    readers: SqlitePool,
    /// Woken after a commit that put rows into the outbox.
    wake: Arc<Notify>,
    /// Held by whoever publishes the outbox.
    lease: Arc<Mutex<()>>,
}

fn migrator() -> Migrator {
    sqlx::migrate!("migrations/sqlite")
}

/// Brings the schema up to date, and makes the file if it is not there. Several runners at once are safe: the file's
/// write lock makes them wait for each other.
///
/// # Errors
/// If the file cannot be opened or a migration fails.
pub async fn migrate(path: &Path) -> Result<(), Error> {
    let mut connection = create(path).await?;
    let mut txn = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    migrator()
        .run_direct(None, &mut *txn, false)
        .await
        .map_err(|source| Error::Migration { store: STORE, source: Box::new(source) })?;
    txn.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)
}

/// Opens the file, and makes it if it is not there. Of several that turn on a new file's write-ahead log at once SQLite
/// refuses all but one without waiting, so the waiting is done here.
async fn create(path: &Path) -> Result<SqliteConnection, Error> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match SqliteConnection::connect_with(&options(path).create_if_missing(true)).await.map_err(failed) {
            Err(error) if error.is_transient() && Instant::now() < deadline => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            done => return done,
        }
    }
}

/// Opens the store.
///
/// # Errors
/// [`Error::Behind`] if the file is not there or its schema is older than this release; others if it cannot be read.
pub async fn open(path: &Path) -> Result<Shared, Error> {
    let expected = migrator().iter().map(|migration| migration.version).max().unwrap_or_default();
    let behind = |found| Error::Behind { store: STORE, found, expected };
    if !path.exists() {
        return Err(behind(0));
    }
    let writer =
        SqlitePoolOptions::new().max_connections(1).connect_with(options(path)).await.map_err(failed)?;
    let found = version(&writer).await?;
    if found < expected {
        writer.close().await;
        return Err(behind(found));
    }
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .connect_with(options(path).pragma("query_only", "on"))
        .await
        .map_err(failed)?;
    Ok(Arc::new(Sqlite { writer, readers, wake: Arc::default(), lease: Arc::default() }))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        // Its check whether to log a statement disturbs the filters of other layers: the next span would be lost.
        .disable_statement_logging()
}

/// The version of the schema; 0 where there is none.
async fn version(pool: &SqlitePool) -> Result<i64, Error> {
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(pool)
            .await
            .map_err(failed)?;
    if tables == 0 {
        return Ok(0);
    }
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success")
        .fetch_one(pool)
        .await
        .map_err(failed)
}

/// An error of the driver as one of ours.
fn failed(error: sqlx::Error) -> Error {
    Error::from_driver(STORE, error)
}

#[async_trait]
impl Store for Sqlite {
    async fn apply(&self, work: &[Work], agencies: &Agencies) -> Result<Applied, Error> {
        self.apply_in_txn(work, agencies).await
    }

    async fn handled_among(&self, envelopes: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        read::handled_among(&self.readers, envelopes).await
    }

    async fn handled_prune(&self, time: Timestamp) -> Result<u64, Error> {
        sqlx::query("DELETE FROM handled_envelope WHERE handled_time < ?")
            .bind(time.as_micros())
            .execute(&self.writer)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed)
    }

    async fn outbox_lease(&self) -> Result<Box<dyn Lease>, Error> {
        Ok(Box::new(self.lease().await))
    }

    async fn outbox_peek(&self, max: u32) -> Result<Vec<OutboxRow>, Error> {
        outbox::peek(&self.readers, max).await
    }

    async fn outbox_depth(&self) -> Result<u64, Error> {
        outbox::depth(&self.readers).await
    }

    async fn outbox_settle(&self, ids: &[i64], mark: Option<Position>) -> Result<(), Error> {
        outbox::settle(&self.writer, ids, mark).await
    }

    async fn outbox_mark(&self) -> Result<Option<Position>, Error> {
        outbox::mark(&self.readers).await
    }

    async fn alert_get(&self, id: AlertId) -> Result<Option<Bytes>, Error> {
        read::alert_get(&self.readers, id).await
    }

    async fn alert_list(&self, query: &AlertQuery) -> Result<Vec<AlertRow>, Error> {
        read::alert_list(&self.readers, query).await
    }

    async fn subscription_create(
        &self,
        row: &SubscriptionRow,
        request: Option<Uuid>,
    ) -> Result<SubscriptionRow, Error> {
        read::subscription_create(&self.writer, row, request).await
    }

    async fn subscription_get(&self, id: Uuid) -> Result<Option<SubscriptionRow>, Error> {
        read::subscription_get(&self.readers, id).await
    }

    async fn subscription_delete(&self, id: Uuid) -> Result<bool, Error> {
        read::subscription_delete(&self.writer, id).await
    }

    async fn outcomes(&self, agency: Option<&AgencyId>) -> Result<Vec<(AgencyId, Outcome, i64)>, Error> {
        read::outcomes(&self.readers, agency).await
    }

    async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.readers).await.map(drop).map_err(failed)
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
