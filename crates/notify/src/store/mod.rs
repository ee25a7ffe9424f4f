//! What notify keeps. One interface, two implementations, one contract suite (`contract_tests.rs`).
//!
//! | module | what it is |
//! |---|---|
//! | [`postgres`] | the store of the distributed deployment, in the schema `notify` |
//! | [`sqlite`] | the store of the single process, one file |
//!
//! Opening never migrates: it says that the schema is behind. Migrating is a step of its own, safe to run twice at
//! once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use callbox_proto::domain::{AgencyId, AlertId, Outcome, Position, Timestamp};
use uuid::Uuid;

use crate::domain::agency::Agencies;
use crate::domain::batch::{Changes, Ledger, Work};
use crate::domain::state::Categories;

#[cfg(test)]
mod contract_tests;
mod error;
pub mod postgres;
mod row;
pub mod sqlite;

pub use error::Error;

/// A shared handle to a store.
pub type Shared = Arc<dyn Store>;

/// What a transaction did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What was added to the counts of outcomes.
    pub ledger: Ledger,
    /// How many revisions went into the outbox.
    pub revisions: usize,
}

impl From<&Changes> for Applied {
    fn from(changes: &Changes) -> Self {
        Self { ledger: changes.ledger.clone(), revisions: changes.told.len() }
    }
}

/// A revision that is not yet known to be on the `ALERTS` stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Orders the rows of one agency as they were decided.
    pub id: i64,
    /// The alert.
    pub alert: AlertId,
    /// Its revision.
    pub revision: u32,
    /// Whose.
    pub agency: AgencyId,
    /// Every category that the alert has or had.
    pub categories: Categories,
    /// When the submission that led to it was accepted, on the feed's clock.
    pub accepted_time: Timestamp,
    /// When the revision was decided, on the feed's clock.
    pub sent_time: Timestamp,
    /// The encoded `callbox.alert.v1.Alert`.
    pub message: Bytes,
}

/// Which alerts to list, apart from their place, newest first.
#[derive(Clone, Debug, Default)]
pub struct AlertQuery {
    /// Of these agencies; empty: of all.
    pub agencies: Vec<AgencyId>,
    /// Of these categories; empty: of all.
    pub categories: Categories,
    /// Whether retracted ones are listed too.
    pub include_retracted: bool,
    /// Only those that come after this one.
    pub after: Option<(Timestamp, AlertId)>,
    /// At most so many.
    pub limit: u32,
}

/// A listed alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    /// Which.
    pub id: AlertId,
    /// When its latest revision was decided.
    pub sent_time: Timestamp,
    /// The encoded `callbox.alert.v1.Alert`.
    pub message: Bytes,
}

/// A kept subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// Its id.
    pub id: Uuid,
    /// The encoded `callbox.notify.v1.AlertFilter`.
    pub filter: Bytes,
    /// When it was made.
    pub create_time: Timestamp,
}

/// The right to publish the outbox: at most one is held of each store. It ends when dropped.
#[async_trait]
pub trait Lease: Send {
    /// Returns when there may be new rows, at the latest after `wait`.
    ///
    /// # Errors
    /// If the lease was lost: somebody else may publish now.
    async fn wait(&mut self, wait: Duration) -> Result<(), Error>;
}

/// What notify keeps.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Handles a batch of envelopes in one transaction: those whose ids were handled before change nothing. Durable
    /// when it returns.
    async fn apply(&self, work: &[Work], agencies: &Agencies) -> Result<Applied, Error>;

    /// Those of the given envelopes that were handled.
    async fn handled_among(&self, envelopes: &[Uuid]) -> Result<HashSet<Uuid>, Error>;

    /// Forgets the ids of envelopes that were handled before `time`; how many. No envelope lives that long on a
    /// broker.
    async fn handled_prune(&self, time: Timestamp) -> Result<u64, Error>;

    /// Waits for the right to publish the outbox.
    async fn outbox_lease(&self) -> Result<Box<dyn Lease>, Error>;

    /// The oldest rows of the outbox, at most `max`.
    async fn outbox_peek(&self, max: u32) -> Result<Vec<OutboxRow>, Error>;

    /// How many rows the outbox has.
    async fn outbox_depth(&self) -> Result<u64, Error>;

    /// Deletes rows that are on the stream, and, if `mark` is given, remembers that none of those left is on the
    /// stream up to there.
    async fn outbox_settle(&self, ids: &[i64], mark: Option<Position>) -> Result<(), Error>;

    /// The mark that was remembered last.
    async fn outbox_mark(&self) -> Result<Option<Position>, Error>;

    /// The latest revision of an alert, encoded.
    async fn alert_get(&self, id: AlertId) -> Result<Option<Bytes>, Error>;

    /// Alerts by (sent time, id), descending.
    async fn alert_list(&self, query: &AlertQuery) -> Result<Vec<AlertRow>, Error>;

    /// Keeps a subscription. If `request` was given before, the subscription made then is returned and nothing kept.
    async fn subscription_create(
        &self,
        row: &SubscriptionRow,
        request: Option<Uuid>,
    ) -> Result<SubscriptionRow, Error>;

    /// A subscription.
    async fn subscription_get(&self, id: Uuid) -> Result<Option<SubscriptionRow>, Error>;

    /// Forgets a subscription; whether it was there.
    async fn subscription_delete(&self, id: Uuid) -> Result<bool, Error>;

    /// The counts of outcomes, of one agency or of all.
    async fn outcomes(&self, agency: Option<&AgencyId>) -> Result<Vec<(AgencyId, Outcome, i64)>, Error>;

    /// Returns once the store answers.
    async fn ping(&self) -> Result<(), Error>;

    /// Finishes what is under way and closes. Later calls fail.
    async fn close(&self);
}
