//! What can go wrong with a store.

/// What can go wrong with a store. Messages hold no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not one that this crate can open.
    #[error("invalid store address: {problem}")]
    Address {
        /// What was expected.
        problem: &'static str,
    },
    /// The schema is older than this release, or not there.
    #[error(
        "the schema of the {store} is behind (version {found}, expected {expected}); run `callbox migrate`"
    )]
    Behind {
        /// Which store.
        store: &'static str,
        /// The version found; 0 if there is no schema.
        found: i64,
        /// The version that this release needs.
        expected: i64,
    },
    /// A migration failed. The schema is as it was before that migration.
    #[error("migrating the {store} failed")]
    Migration {
        /// Which store.
        store: &'static str,
        /// Why.
        #[source]
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// The database cannot be reached, restarts, or gave up a transaction in favour of another. Worth another try.
    #[error("the {store} does not answer")]
    Unavailable {
        /// Which store.
        store: &'static str,
        /// What the driver said.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// The lease on the outbox is gone.
    #[error("the lease on the outbox is lost")]
    LeaseLost,
    /// A row does not hold what this release writes.
    #[error("unreadable {column} in {table}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// Where there.
        column: &'static str,
    },
    /// Anything else: a full disk, a missing right.
    #[error("the {store} failed")]
    Failed {
        /// Which store.
        store: &'static str,
        /// What the driver said.
        #[source]
        source: Box<sqlx::Error>,
    },
}

impl Error {
    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::LeaseLost)
    }

    /// The one place where what a driver says becomes an error of ours.
    pub(super) fn from_driver(store: &'static str, source: sqlx::Error) -> Self {
        let source = Box::new(source);
        if is_transient(&source) {
            Self::Unavailable { store, source }
        } else {
            Self::Failed { store, source }
        }
    }
}

/// Whether another try may help. SQLSTATE classes as in the appendix "PostgreSQL Error Codes": 08 connection,
/// 40 transaction rollback, 53 resources, 57 operator intervention (restart). SQLite: 5 busy, 6 locked and their extended codes.
fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let sqlite = code.parse::<u32>().ok().filter(|_| code.len() < 5);
            ["08", "40", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                || sqlite.is_some_and(|code| matches!(code & 0xff, 5 | 6))
        }),
        _ => false,
    }
}
