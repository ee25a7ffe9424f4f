//! One watch.

use std::sync::Arc;
use std::time::Duration;

use callbox_proto::notify::v1 as pb;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::Status;

use super::{Feed, Gone};
use crate::domain::filter::Filter;
use crate::grpc::status;
use crate::metrics;

/// How often a watch without news gives a sign of life, as the schema states it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// Answers that may wait for a slow watcher. Beyond them its cursor stays where it is.
const ANSWERS: usize = 16;

/// What a watch gives.
pub(crate) type Answer = Result<pb::WatchAlertsResponse, Status>;

/// One watch: a filter and a place in the stream.
pub(crate) struct Watcher {
    feed: Arc<Feed>,
    filter: Filter,
    cursor: u64,
    answers: mpsc::Sender<Answer>,
}

/// The watcher went away.
struct Left;

/// Begins a watch at a cursor.
pub(crate) fn begin(feed: Arc<Feed>, filter: Filter, cursor: u64) -> mpsc::Receiver<Answer> {
    let (answers, receiver) = mpsc::channel(ANSWERS);
    let watcher = Watcher { feed, filter, cursor, answers };
    tokio::spawn(async move {
        let _counted = metrics::Watcher::begin();
        // Either way the watch is over.
        let _ = watcher.run().await;
    });
    receiver
}

impl Watcher {
    async fn run(mut self) -> Result<(), Left> {
        self.sign_of_life().await?;
        let mut quiet_until = Instant::now() + SIGN_OF_LIFE;
        let mut tip = self.feed.news();
        loop {
            // What changes from here on ends the wait below.
            tip.mark_unchanged();
            let news = match self.take().await {
                Ok(news) => news?,
                Err(gone) => return self.end(status::gone(&gone)).await,
            };
            if Instant::now() >= quiet_until {
                self.sign_of_life().await?;
                quiet_until = Instant::now() + SIGN_OF_LIFE;
            }
            if news {
                continue;
            }
            tokio::select! {
                // The sender lives as long as the feed, which this watch holds.
                _ = tip.changed() => {}
                () = tokio::time::sleep_until(quiet_until) => {}
                () = self.answers.closed() => return Err(Left),
                () = self.feed.ended() => return self.end(status::draining()).await,
            }
        }
    }

    /// Takes the next messages and sends those that match; whether there were any.
    async fn take(&mut self) -> Result<Result<bool, Left>, Gone> {
        let (entries, next) = self.feed.after(self.cursor).await?;
        for entry in &entries {
            if self.filter.matches(&entry.subject) {
                let alert = Some(entry.alert.clone());
                let answer = pb::WatchAlertsResponse { alert, resume_token: entry.sequence.to_string() };
                if self.answers.send(Ok(answer)).await.is_err() {
                    return Ok(Err(Left));
                }
            }
        }
        let moved = next != self.cursor;
        self.cursor = next;
        Ok(Ok(moved))
    }

    /// Says where the watch stands.
    async fn sign_of_life(&self) -> Result<(), Left> {
        let answer = pb::WatchAlertsResponse { alert: None, resume_token: self.cursor.to_string() };
        self.answers.send(Ok(answer)).await.map_err(|_| Left)
    }

    /// Ends the watch with an error.
    async fn end(&self, status: Status) -> Result<(), Left> {
        self.answers.send(Err(status)).await.map_err(|_| Left)
    }
}
