//! One batch: decode, handle, dead-letter, settle.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use callbox_proto::bus::v1::Position;
use futures::FutureExt as _;
use futures::future::join_all;
use tokio::time::{Instant, MissedTickBehavior};

use super::held::Held;
use super::{Consumer, ConsumerSettings, Handler, Incoming, Outcome, backoff};
use crate::dead_letters::{self, Grave};
use crate::envelope::{self, Invalid};
use crate::{Delivery, Error, Settlement, metering};

/// Everything that a batch needs.
pub(super) struct Worker<H> {
    consumer: Consumer<H>,
    meter: metering::Consumer,
}

/// What became of one delivery before it came to the handler.
struct Read {
    delivery: Delivery,
    /// Its index in the handler's batch, or why there is none.
    envelope: Result<usize, Invalid>,
}

impl<H: Handler> Worker<H> {
    pub(super) fn new(consumer: Consumer<H>) -> Self {
        let meter = metering::Consumer::new(consumer.settings.stage, consumer.spec.stream);
        Self { consumer, meter }
    }

    pub(super) fn settings(&self) -> &ConsumerSettings {
        &self.consumer.settings
    }

    pub(super) async fn pull(&self) -> Result<Vec<Delivery>, Error> {
        let settings = self.settings();
        self.consumer.bus.pull(&self.consumer.spec, settings.batch_max, settings.pull_wait).await
    }

    /// Handles and settles one batch.
    pub(super) async fn work(&self, deliveries: Vec<Delivery>) {
        let _in_flight = self.meter.delivered(deliveries.len());
        let tokens = deliveries.iter().map(|delivery| delivery.token.clone()).collect();
        let held = Held::new(self.consumer.bus.clone(), self.consumer.spec, tokens);
        let (reads, batch) = read(deliveries);
        let outcomes = if batch.is_empty() { Vec::new() } else { self.handle(&held, &batch).await };
        let settling = join_all(reads.iter().map(|read| self.conclude(read, &outcomes)));
        let settlements = self.keeping(&held, settling).await;
        if let Err(error) = held.settle(settlements).await {
            // They come again after `ack_wait`; the loop says so if the broker stays away.
            tracing::debug!(stage = self.settings().stage, %error, "cannot settle a batch");
        }
    }

    /// The handler's outcomes, or a retry of all if it did not give them.
    async fn handle(&self, held: &Held, batch: &[Incoming]) -> Vec<Outcome> {
        let settings = self.settings();
        let guarded = AssertUnwindSafe(self.consumer.handler.handle(batch)).catch_unwind();
        let timed = tokio::time::timeout(settings.handler_timeout, guarded);
        let problem = match self.keeping(held, timed).await {
            Ok(Ok(outcomes)) if outcomes.len() == batch.len() => return outcomes,
            Ok(Ok(_)) => "the handler returned a wrong number of outcomes",
            // What it panicked with may hold anything, so it is not repeated here.
            Ok(Err(_)) => "the handler panicked",
            Err(_) => "the handler took longer than its timeout",
        };
        tracing::error!(stage = settings.stage, envelopes = batch.len(), "{problem}: they come again");
        self.meter.failed_batch();
        vec![Outcome::Retry { after: None }; batch.len()]
    }

    /// Awaits a future and asks the broker for more time while it takes long.
    async fn keeping<F: Future>(&self, held: &Held, future: F) -> F::Output {
        let period = (self.consumer.spec.ack_wait / 3).max(Duration::from_millis(10));
        let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(future);
        loop {
            tokio::select! {
                biased;
                output = &mut future => return output,
                _ = ticks.tick() => {
                    if let Err(error) = held.progress().await {
                        tracing::debug!(stage = self.settings().stage, %error, "cannot report progress");
                    }
                }
            }
        }
    }

    /// How one delivery is settled, its dead letters stored.
    async fn conclude(&self, read: &Read, outcomes: &[Outcome]) -> Settlement {
        let again = Settlement::Nak(backoff::pause(read.delivery.attempt));
        let outcome = match read.envelope {
            Ok(index) => outcomes.get(index).cloned().unwrap_or(Outcome::Retry { after: None }),
            Err(invalid) => Outcome::Reject { reason: invalid.reason() },
        };
        let (buried, settlement) = match &outcome {
            Outcome::Done => (Ok(()), Settlement::Ack),
            Outcome::Retry { after } => (Ok(()), after.map_or(again, Settlement::Nak)),
            Outcome::DoneExcept(given_up) => {
                let mut by_reason: Vec<(&'static str, Vec<u32>)> = Vec::new();
                for one in given_up {
                    match by_reason.iter_mut().find(|(reason, _)| *reason == one.reason) {
                        Some((_, records)) => records.push(one.record),
                        None => by_reason.push((one.reason, vec![one.record])),
                    }
                }
                let buried =
                    join_all(by_reason.into_iter().map(|(reason, records)| self.bury(read, reason, records)))
                        .await;
                (buried.into_iter().collect(), Settlement::Ack)
            }
            Outcome::Reject { reason } => (self.bury(read, reason, Vec::new()).await, Settlement::Terminate),
        };
        match buried {
            Ok(()) => {
                self.meter.settled(&outcome);
                settlement
            }
            Err(error) => {
                tracing::warn!(stage = self.settings().stage, %error, "cannot store a dead letter, tries again");
                self.meter.settled(&Outcome::Retry { after: None });
                again
            }
        }
    }

    async fn bury(&self, read: &Read, reason: &'static str, records: Vec<u32>) -> Result<(), Error> {
        let given_up = records.len();
        let grave =
            Grave { stream: self.consumer.spec.stream, stage: self.settings().stage, reason, records };
        dead_letters::bury(&self.consumer.bus, &read.delivery, grave).await?;
        self.meter.dead_lettered(reason, given_up);
        Ok(())
    }
}

/// Reads the envelopes of a batch.
fn read(deliveries: Vec<Delivery>) -> (Vec<Read>, Vec<Incoming>) {
    let mut batch = Vec::with_capacity(deliveries.len());
    let reads = deliveries
        .into_iter()
        .map(|delivery| {
            let envelope = envelope::decode(&delivery.message.payload).map(|envelope| {
                let here = Position { epoch: delivery.epoch, sequence: delivery.message.sequence };
                batch.push(Incoming {
                    position: envelope.position.unwrap_or(here),
                    envelope,
                    headers: delivery.message.headers.clone(),
                    attempt: delivery.attempt,
                });
                batch.len() - 1
            });
            Read { delivery, envelope }
        })
        .collect();
    (reads, batch)
}
