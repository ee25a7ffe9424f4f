//! Fresh stores.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::store::{self, Shared};

/// A store and what keeps it alive.
pub(crate) struct Opened {
    /// The store.
    pub(crate) store: Shared,
    place: Place,
}

enum Place {
    Postgres(String),
    Sqlite(TempDir),
}

impl Opened {
    /// Whether other processes may open the store too.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }

    /// Opens the same data again, as another process or the next one does.
    pub(crate) async fn again(&self) -> Shared {
        match &self.place {
            Place::Postgres(url) => store::postgres::open(url, 4).await.unwrap(),
            Place::Sqlite(directory) => store::sqlite::open(&file(directory)).await.unwrap(),
        }
    }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("notify.db")
}

/// A fresh database on the private server.
pub(crate) async fn postgres() -> Opened {
    let url = callbox_testkit::Postgres::shared().await.database().await;
    // Several runners at once are safe.
    let (one, other) = tokio::join!(store::postgres::migrate(&url), store::postgres::migrate(&url));
    one.and(other).unwrap();
    Opened { store: store::postgres::open(&url, 4).await.unwrap(), place: Place::Postgres(url) }
}

/// A fresh file.
pub(crate) async fn sqlite() -> Opened {
    let directory = TempDir::new().unwrap();
    let path = file(&directory);
    let (one, other) = tokio::join!(store::sqlite::migrate(&path), store::sqlite::migrate(&path));
    one.and(other).unwrap();
    Opened { store: store::sqlite::open(&path).await.unwrap(), place: Place::Sqlite(directory) }
}
