//! From the outbox to the `ALERTS` stream: every revision once, those of one alert in their order.
//!
//! Rows go out in windows and are deleted once the broker has acknowledged them. Between the acknowledgement and the
//! deletion a crash may lie, and longer than the broker remembers message ids. So whoever begins to publish, and
//! whoever lost an acknowledgement, first reads what the stream got since the last window that was deleted as a whole
//! (the mark, kept in the same transaction as the deletion), and deletes the rows that are there already.

use std::collections::HashSet;
use std::time::Duration;

use callbox_bus::manifest::ALERTS;
use callbox_bus::{AckFuture, Bus, Outgoing};
use callbox_proto::domain::{AlertId, Position, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::cloud_events;
use crate::metrics;
use crate::store::{self, Lease, OutboxRow, Shared};

/// Revisions on their way at once: what the back ends keep unacknowledged by default.
const WINDOW: u32 = 256;
/// Messages read at once when the stream is compared with the outbox.
const PAGE: usize = 512;
/// How long to wait for rows at most: a notification that got lost costs no more.
const POLL: Duration = Duration::from_secs(1);
/// The first and the longest pause after a failure.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Publishes the outbox of one store.
pub(crate) struct Publisher {
    store: Shared,
    bus: Bus,
}

/// Why publishing stopped.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the outbox cannot be read or settled")]
    Store(#[from] store::Error),
    #[error("an alert was not acknowledged")]
    Bus(#[from] callbox_bus::Error),
}

impl Publisher {
    /// A publisher from `store` to `bus`.
    pub(crate) fn new(store: Shared, bus: Bus) -> Self {
        Self { store, bus }
    }

    /// Publishes until `drain`, then what is still in the outbox, and returns. Failures are logged when they begin and
    /// when they end, and tried again for ever; on the drain they end it, because the rows are durable.
    pub(crate) async fn run(self, drain: CancellationToken) {
        let mut pause = PAUSES.0;
        let mut failing = false;
        loop {
            let published = tokio::select! {
                // On the drain, too, what can be published at once is.
                biased;
                lease = self.store.outbox_lease() => match lease {
                    Ok(mut lease) => self.publish(lease.as_mut(), &drain, &mut failing).await,
                    Err(error) => Err(error.into()),
                },
                () = drain.cancelled() => return,
            };
            let Err(error) = published else { return };
            if drain.is_cancelled() {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "alerts stay in the outbox until the next start"
                );
                return;
            }
            if !failing {
                failing = true;
                pause = PAUSES.0;
                tracing::warn!(error = &error as &dyn std::error::Error, "alerts wait in the outbox");
            }
            // A drain only shortens the pause.
            let _ = tokio::time::timeout(pause, drain.cancelled()).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Publishes while the lease is held. Returns on the drain once the outbox is empty.
    async fn publish(
        &self,
        lease: &mut dyn Lease,
        drain: &CancellationToken,
        failing: &mut bool,
    ) -> Result<(), Error> {
        let session = self.begin().await?;
        loop {
            let rows = self.store.outbox_peek(WINDOW).await?;
            self.report_depth(rows.len()).await?;
            if rows.is_empty() {
                if drain.is_cancelled() {
                    return Ok(());
                }
                tokio::select! {
                    waited = lease.wait(POLL) => waited?,
                    () = drain.cancelled() => {}
                }
                continue;
            }
            self.window(first_revisions(rows), &session).await?;
            if std::mem::take(failing) {
                tracing::info!("alerts are published again");
            }
            // Notices at once if the lease is gone.
            lease.wait(Duration::ZERO).await?;
        }
    }

    async fn report_depth(&self, peeked: usize) -> Result<(), Error> {
        let peeked = u64::try_from(peeked).unwrap_or(u64::MAX);
        let full = peeked >= u64::from(WINDOW);
        metrics::outbox(if full { self.store.outbox_depth().await? } else { peeked });
        Ok(())
    }

    /// Looks what the stream holds of the outbox already. Only rows that are there now can have been told before.
    async fn begin(&self) -> Result<Session, Error> {
        let info = self.bus.info(&ALERTS).await?;
        let mut told = HashSet::new();
        if !self.store.outbox_peek(1).await?.is_empty() {
            let mark = self.store.outbox_mark().await?.filter(|mark| mark.epoch == info.epoch);
            told = self.told_since(mark.map_or(0, |mark| mark.sequence), info.last_sequence).await?;
        }
        Ok(Session { epoch: info.epoch, told })
    }

    /// The revisions on the stream above sequence `after` and up to `last`.
    async fn told_since(&self, mut after: u64, last: u64) -> Result<HashSet<(AlertId, u32)>, Error> {
        let mut told = HashSet::new();
        while after < last {
            let page = self.bus.read(&ALERTS, after, PAGE).await?;
            let Some(newest) = page.messages.last() else { break };
            after = newest.sequence;
            told.extend(page.messages.iter().filter_map(|stored| cloud_events::revision_of(&stored.headers)));
        }
        Ok(told)
    }

    /// Publishes some rows and deletes those that are on the stream. If one was not acknowledged, the mark stays where
    /// it was, so that the next attempt looks for it on the stream.
    async fn window(&self, rows: Vec<OutboxRow>, session: &Session) -> Result<(), Error> {
        let mut settled = Vec::with_capacity(rows.len());
        let mut sent: Vec<(OutboxRow, AckFuture)> = Vec::with_capacity(rows.len());
        let mut failure = None;
        for row in rows {
            if session.told.contains(&(row.alert, row.revision)) {
                settled.push(row.id);
                continue;
            }
            match self.bus.publish(message(&row)).await {
                Ok(acknowledgement) => sent.push((row, acknowledgement)),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        let mut sequence = 0;
        for (row, acknowledgement) in sent {
            match acknowledgement.await {
                Ok(published) => {
                    sequence = sequence.max(published.sequence);
                    metrics::published(row.accepted_time);
                    settled.push(row.id);
                }
                Err(error) => failure = Some(error),
            }
        }
        let complete = failure.is_none() && sequence > 0;
        let mark = complete.then_some(Position { epoch: session.epoch, sequence });
        self.store.outbox_settle(&settled, mark).await?;
        failure.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// What was found when publishing began.
struct Session {
    /// The stream's epoch.
    epoch: u64,
    /// The revisions that are on the stream since the mark.
    told: HashSet<(AlertId, u32)>,
}

/// The rows up to the second revision of one alert: if the first one's acknowledgement got lost, the second one must not
/// overtake it.
fn first_revisions(rows: Vec<OutboxRow>) -> Vec<OutboxRow> {
    let mut alerts = HashSet::new();
    rows.into_iter().take_while(|row| alerts.insert(row.alert)).collect()
}

/// The message of a row.
fn message(row: &OutboxRow) -> Outgoing {
    Outgoing {
        subject: ALERTS.subject(row.agency.as_str()),
        id: cloud_events::id(row.alert, row.revision),
        headers: cloud_events::headers(row),
        payload: row.message.clone(),
    }
}

/// Forgets handled envelopes from time to time until `drain`.
pub(crate) async fn prune(store: Shared, drain: CancellationToken) {
    loop {
        let before = Timestamp::now().plus_seconds(-HANDLED_SECONDS);
        if let Err(error) = store.handled_prune(before).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "handled envelopes were not pruned");
        }
        tokio::select! {
            () = tokio::time::sleep(PRUNE_EVERY) => {}
            () = drain.cancelled() => return,
        }
    }
}

/// How long handled envelopes are remembered, in seconds: 30 days, longer than any stream keeps a message (dead letters:
/// 14 days).
const HANDLED_SECONDS: i64 = 30 * 86_400;
/// How often they are pruned.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
