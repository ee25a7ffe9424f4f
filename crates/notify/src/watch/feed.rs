//! The task that fills the ring, and reading at a cursor.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use callbox_bus::manifest::ALERTS;
use callbox_bus::{Bus, Page};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::ring::{Entry, Ring};

/// Messages kept in memory: at 1 KiB each, 64 MiB at most, and hours of alerts of the largest cities.
const RING: usize = 65_536;
/// Messages read from the stream at once.
const PAGE: usize = 256;
/// How long one wait for new messages takes at most; then it is begun again.
const WAIT: Duration = Duration::from_secs(30);
/// Pause after the broker failed.
const PAUSE: Duration = Duration::from_millis(500);

/// The alerts as they come, shared by all watchers of the process.
pub(crate) struct Feed {
    bus: Bus,
    ring: RwLock<Ring>,
    /// The ring's tip; `None` until the stream was reached for the first time.
    tip: watch::Sender<Option<u64>>,
    /// Cancelled when the feed ends.
    ended: CancellationToken,
}

/// Why a cursor cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Gone {
    /// Messages behind it are not kept any more.
    #[error("the resume token is older than what is kept")]
    TooOld,
    /// The stream never got that far.
    #[error("the resume token is ahead of the stream")]
    Ahead,
    /// The broker does not answer.
    #[error("the alerts cannot be read now")]
    Bus(#[from] callbox_bus::Error),
}

impl Feed {
    /// A feed that is to be [`run`](Self::run).
    pub(crate) fn new(bus: Bus) -> Arc<Self> {
        Self::with_capacity(bus, RING)
    }

    /// A feed that keeps so many messages in memory.
    pub(super) fn with_capacity(bus: Bus, capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            bus,
            ring: RwLock::new(Ring::new(capacity)),
            tip: watch::Sender::new(None),
            ended: CancellationToken::new(),
        })
    }

    /// Fills the ring until `drain`. Watches end with it.
    pub(crate) async fn run(&self, drain: CancellationToken) {
        let _ended = self.ended.clone().drop_guard();
        let mut failing = false;
        loop {
            let step = tokio::select! {
                step = self.step() => step,
                () = drain.cancelled() => return,
            };
            match step {
                Ok(()) if failing => {
                    failing = false;
                    tracing::info!("alerts reach watchers again");
                }
                Ok(()) => {}
                Err(error) => {
                    if !failing {
                        failing = true;
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "watchers wait for the broker"
                        );
                    }
                    let _ = tokio::time::timeout(PAUSE, drain.cancelled()).await;
                }
            }
        }
    }

    /// Waits for messages and takes them.
    async fn step(&self) -> Result<(), callbox_bus::Error> {
        let Some(tip) = *self.tip.borrow() else {
            let last = self.bus.info(&ALERTS).await?.last_sequence;
            self.change(|ring| ring.begin(last));
            return Ok(());
        };
        self.bus.wait_beyond(&ALERTS, tip, WAIT).await?;
        let page = self.bus.read(&ALERTS, tip, PAGE).await?;
        // A stream made anew, or messages that went before they were read: whoever is behind must learn of it.
        if page.last_sequence < tip {
            self.change(|ring| ring.begin(page.last_sequence));
            return Ok(());
        }
        if page.first_sequence > tip + 1 {
            self.change(|ring| ring.begin(page.first_sequence - 1));
        }
        let read = cursor_behind(&page, tip);
        let entries: Vec<Entry> = parse(&page).collect();
        self.change(|ring| ring.extend(entries, read));
        Ok(())
    }

    /// Changes the ring and tells the watchers.
    fn change(&self, change: impl FnOnce(&mut Ring)) {
        let tip = {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            change(&mut ring);
            ring.tip()
        };
        self.tip.send_if_modified(|known| known.replace(tip) != Some(tip));
    }

    /// The cursor of a watch that begins now. Waits until the stream was reached.
    pub(crate) async fn now(&self) -> u64 {
        let mut tip = self.tip.subscribe();
        // The sender lives as long as this feed.
        tip.wait_for(Option::is_some).await.ok().and_then(|tip| *tip).unwrap_or_default()
    }

    /// The cursor before the oldest message kept.
    pub(crate) async fn oldest(&self) -> Result<u64, Gone> {
        Ok(self.bus.info(&ALERTS).await?.first_sequence.saturating_sub(1))
    }

    /// Checks a cursor that a client gave.
    pub(crate) async fn check(&self, cursor: u64) -> Result<(), Gone> {
        if self.covers(cursor) {
            return Ok(());
        }
        let info = self.bus.info(&ALERTS).await?;
        within(cursor, info.first_sequence, info.last_sequence)
    }

    /// The next messages behind a cursor, none if there are none yet, and the cursor behind them.
    pub(crate) async fn after(&self, cursor: u64) -> Result<(Vec<Arc<Entry>>, u64), Gone> {
        {
            let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
            if ring.covers(cursor) {
                return Ok(ring.after(cursor, PAGE));
            }
        }
        let page = self.bus.read(&ALERTS, cursor, PAGE).await?;
        within(cursor, page.first_sequence, page.last_sequence)?;
        Ok((parse(&page).map(Arc::new).collect(), cursor_behind(&page, cursor)))
    }

    /// Changes whenever there may be news for a watcher, also when the stream was made anew.
    pub(crate) fn news(&self) -> watch::Receiver<Option<u64>> {
        self.tip.subscribe()
    }

    /// Returns when the feed has ended.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    fn covers(&self, cursor: u64) -> bool {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).covers(cursor)
    }
}

/// Whether a stream that holds `first` to `last` can be read behind a cursor without a gap.
fn within(cursor: u64, first: u64, last: u64) -> Result<(), Gone> {
    if cursor > last {
        Err(Gone::Ahead)
    } else if cursor + 1 < first {
        Err(Gone::TooOld)
    } else {
        Ok(())
    }
}

/// The cursor behind a page that was read behind `cursor`.
fn cursor_behind(page: &Page, cursor: u64) -> u64 {
    page.messages.last().map_or(page.last_sequence.max(cursor), |stored| stored.sequence)
}

/// The alerts of a page. What is no alert is passed over: it is of a later release, and clients of this one could not
/// read it either.
fn parse(page: &Page) -> impl Iterator<Item = Entry> {
    page.messages.iter().filter_map(|stored| {
        let entry = Entry::parse(stored);
        if entry.is_none() {
            tracing::warn!(sequence = stored.sequence, "a message on the alerts stream is not an alert");
        }
        entry
    })
}
