//! The store on PostgreSQL (15 or later), in the schema `notify`.
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
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use callbox_proto::domain::{AgencyId, AlertId, Outcome, Position, Timestamp};
use sqlx::ConnectOptions as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{AlertQuery, AlertRow, Applied, Error, Lease, OutboxRow, Shared, Store, SubscriptionRow};
use crate::domain::agency::Agencies;
use crate::domain::batch::Work;

/// The name of this store in errors.
const STORE: &str = "notify database";
/// Where applied migrations are recorded: within the schema, so that services sharing a database do not meet.
const MIGRATIONS_TABLE: &str = "notify._migrations";
/// How long a call waits for a connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The store on PostgreSQL.
pub struct Postgres {
    pool: PgPool,
    /// Woken after a commit that put rows into the outbox.
    wake: Arc<Notify>,
    /// Whether this process publishes the outbox. If it does, `wake` suffices; if not, the commit notifies whoever does.
    leased: Arc<AtomicBool>,
}

/// The migrations, recorded in the service's own schema.
fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("migrations/postgres");
    migrator.create_schema("notify");
    migrator.dangerous_set_table_name(MIGRATIONS_TABLE);
    migrator
}

/// Brings the schema up to date. Several runners at once are safe: one works, the others wait and find nothing to do.
///
/// # Errors
/// If the database cannot be reached or a migration fails.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let pool = connect(url, 1).await?;
    let result = migrator().run(&pool).await;
    pool.close().await;
    result.map_err(|source| Error::Migration { store: STORE, source: Box::new(source) })
}

/// Opens the store with at most `connections_max` connections for work and one more for the lease on the outbox.
///
/// # Errors
/// [`Error::Behind`] if the schema is older than this release; others if the database cannot be reached.
pub async fn open(url: &str, connections_max: u32) -> Result<Shared, Error> {
    let pool = connect(url, connections_max).await?;
    let found = version(&pool).await?;
    let expected = migrator().iter().map(|migration| migration.version).max().unwrap_or_default();
    if found < expected {
        pool.close().await;
        return Err(Error::Behind { store: STORE, found, expected });
    }
    Ok(Arc::new(Postgres { pool, wake: Arc::default(), leased: Arc::default() }))
}

async fn connect(url: &str, connections_max: u32) -> Result<PgPool, Error> {
    let malformed = Error::Address { problem: "expected postgres://user:password@host:port/database" };
    // The driver itself takes any scheme.
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(malformed);
    }
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| malformed)?
        .application_name("callbox-notify")
        // Its check whether to log a statement disturbs the filters of other layers: the next span would be lost.
        .disable_statement_logging();
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(failed)
}

/// The version of the schema; 0 where there is none.
async fn version(pool: &PgPool) -> Result<i64, Error> {
    let exists: bool = sqlx::query_scalar("SELECT to_regclass('notify._migrations') IS NOT NULL")
        .fetch_one(pool)
        .await
        .map_err(failed)?;
    if !exists {
        return Ok(0);
    }
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM notify._migrations WHERE success")
        .fetch_one(pool)
        .await
        .map_err(failed)
}

/// An error of the driver as one of ours.
fn failed(error: sqlx::Error) -> Error {
    Error::from_driver(STORE, error)
}

#[async_trait]
impl Store for Postgres {
    async fn apply(&self, work: &[Work], agencies: &Agencies) -> Result<Applied, Error> {
        self.apply_in_txn(work, agencies).await
    }

    async fn handled_among(&self, envelopes: &[Uuid]) -> Result<HashSet<Uuid>, Error> {
        let found: Vec<Uuid> =
            sqlx::query_scalar("SELECT id FROM notify.handled_envelope WHERE id = ANY($1)")
                .bind(envelopes)
                .fetch_all(&self.pool)
                .await
                .map_err(failed)?;
        Ok(found.into_iter().collect())
    }

    async fn handled_prune(&self, time: Timestamp) -> Result<u64, Error> {
        sqlx::query("DELETE FROM notify.handled_envelope WHERE handled_time < $1")
            .bind(time.as_micros())
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed)
    }

    async fn outbox_lease(&self) -> Result<Box<dyn Lease>, Error> {
        Ok(Box::new(self.lease().await?))
    }

    async fn outbox_peek(&self, max: u32) -> Result<Vec<OutboxRow>, Error> {
        outbox::peek(&self.pool, max).await
    }

    async fn outbox_depth(&self) -> Result<u64, Error> {
        outbox::depth(&self.pool).await
    }

    async fn outbox_settle(&self, ids: &[i64], mark: Option<Position>) -> Result<(), Error> {
        outbox::settle(&self.pool, ids, mark).await
    }

    async fn outbox_mark(&self) -> Result<Option<Position>, Error> {
        outbox::mark(&self.pool).await
    }

    async fn alert_get(&self, id: AlertId) -> Result<Option<Bytes>, Error> {
        read::alert_get(&self.pool, id).await
    }

    async fn alert_list(&self, query: &AlertQuery) -> Result<Vec<AlertRow>, Error> {
        read::alert_list(&self.pool, query).await
    }

    async fn subscription_create(
        &self,
        row: &SubscriptionRow,
        request: Option<Uuid>,
    ) -> Result<SubscriptionRow, Error> {
        read::subscription_create(&self.pool, row, request).await
    }

    async fn subscription_get(&self, id: Uuid) -> Result<Option<SubscriptionRow>, Error> {
        read::subscription_get(&self.pool, id).await
    }

    async fn subscription_delete(&self, id: Uuid) -> Result<bool, Error> {
        read::subscription_delete(&self.pool, id).await
    }

    async fn outcomes(&self, agency: Option<&AgencyId>) -> Result<Vec<(AgencyId, Outcome, i64)>, Error> {
        read::outcomes(&self.pool, agency).await
    }

    async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop).map_err(failed)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
