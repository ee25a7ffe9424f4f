//! The consumer loop: what every service that transforms runs.
//!
//! A service writes a [`Handler`], which says for each envelope of a batch how it went. The loop does the rest: it takes
//! a permit before it pulls, so that waiting does not use up `ack_wait`; keeps the broker informed while a handler works
//! long; settles each delivery exactly once by its outcome; and puts what can never succeed among the dead letters, whose
//! acknowledgement it awaits before the message goes. Retries are unlimited, with growing pauses: only a handler, or an
//! envelope that nobody can read, gives up.

mod backoff;
mod batch;
mod held;
mod outage;
mod run;

use std::time::Duration;

use callbox_proto::bus::v1::{Envelope, Position};
use tokio_util::sync::CancellationToken;

use crate::manifest::ConsumerSpec;
use crate::{Bus, Error, Headers};

/// An envelope to handle.
#[derive(Clone)]
pub struct Incoming {
    /// The envelope, checked.
    pub envelope: Envelope,
    /// Where it stood in `RAW`, the order of incidents: what the envelope says, or, in `RAW` itself, where it stands.
    pub position: Position,
    /// The message's headers.
    pub headers: Headers,
    /// How often it has been delivered, this time included.
    pub attempt: u64,
}

/// A record that a handler gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// Its position in the envelope, from 0.
    pub record: u32,
    /// Why: a word of a closed vocabulary, `a-z`, `0-9` and `_`.
    pub reason: &'static str,
}

/// How an envelope went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled.
    Done,
    /// Handled, apart from these records, which go among the dead letters.
    DoneExcept(Vec<GivenUp>),
    /// Not now. It comes again after this time, or after one that grows with each attempt.
    Retry {
        /// How long to wait, if the handler knows better than the loop.
        after: Option<Duration>,
    },
    /// Never: the whole envelope goes among the dead letters.
    Reject {
        /// Why: a word of a closed vocabulary, `a-z`, `0-9` and `_`.
        reason: &'static str,
    },
}

/// What a service does with envelopes.
#[async_trait::async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Handles a batch and returns one outcome for each envelope, in their order. It must be harmless to handle an
    /// envelope twice. A panic, a timeout or a wrong number of outcomes counts as a retry of all.
    async fn handle(&self, batch: &[Incoming]) -> Vec<Outcome>;
}

/// How a consumer loop works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerSettings {
    /// The service, as in dead letters and metrics: `redact`, `classify` or `notify`.
    pub stage: &'static str,
    /// The most envelopes in one batch, from 1.
    pub batch_max: usize,
    /// How many batches may be in the handler at once, from 1. Together they stay below the consumer's
    /// `ack_pending_max`.
    pub batches_in_flight: usize,
    /// How long a handler may take for one batch. It may exceed the consumer's `ack_wait`, because the loop reports
    /// progress every third of that, provided that `ack_wait` is long enough for it.
    pub handler_timeout: Duration,
    /// How long one request for messages waits at the broker, 10 milliseconds to a minute; a second or two is right. The
    /// latency does not depend on it, only how soon a lost request is made again and how long one outlives the drain.
    pub pull_wait: Duration,
}

/// The shortest `ack_wait` within which progress reports can be relied upon.
const ACK_WAIT_WITH_PROGRESS: Duration = Duration::from_secs(1);

impl ConsumerSettings {
    /// Checks the settings against the consumer that they are for. The loop asks this too; services ask it before they
    /// bind a port.
    ///
    /// # Errors
    /// [`Error::Settings`], saying what is wrong.
    pub fn check(&self, spec: &ConsumerSpec) -> Result<(), Error> {
        let refuse = |reason| Err(Error::Settings { reason });
        if self.batch_max == 0 || self.batches_in_flight == 0 {
            return refuse("batch_max and batches_in_flight must be at least 1");
        }
        if self.batch_max.saturating_mul(self.batches_in_flight) > spec.ack_pending_max as usize {
            return refuse(
                "batch_max times batches_in_flight must not exceed the consumer's ack_pending_max",
            );
        }
        if !(Duration::from_millis(10)..=Duration::from_mins(1)).contains(&self.pull_wait) {
            return refuse("pull_wait must be 10 milliseconds to a minute");
        }
        if self.handler_timeout.is_zero() {
            return refuse("handler_timeout must not be zero");
        }
        if self.handler_timeout >= spec.ack_wait && spec.ack_wait < ACK_WAIT_WITH_PROGRESS {
            return refuse(
                "handler_timeout must be below the consumer's ack_wait, or ack_wait at least a second",
            );
        }
        Ok(())
    }
}

/// A consumer loop, ready to run.
pub struct Consumer<H> {
    bus: Bus,
    spec: ConsumerSpec,
    handler: H,
    settings: ConsumerSettings,
}

impl<H: Handler> Consumer<H> {
    /// Prepares a loop over the messages of one consumer.
    pub fn new(bus: Bus, spec: ConsumerSpec, handler: H, settings: ConsumerSettings) -> Self {
        Self { bus, spec, handler, settings }
    }

    /// Runs until `drain` is cancelled: then it stops pulling, finishes and settles what is in the handler, and returns.
    /// A broker that does not answer ends nothing; the loop says so once and goes on trying.
    ///
    /// # Errors
    /// [`Error::Settings`] at once; [`Error::Missing`] when the stream or the consumer does not exist.
    pub async fn run(self, drain: CancellationToken) -> Result<(), Error> {
        run::run(self, drain).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::REDACT;

    const SETTINGS: ConsumerSettings = ConsumerSettings {
        stage: "redact",
        batch_max: 32,
        batches_in_flight: 4,
        handler_timeout: Duration::from_secs(10),
        pull_wait: Duration::from_secs(5),
    };

    #[test]
    fn sound_settings_pass() {
        SETTINGS.check(&REDACT).unwrap();
        ConsumerSettings { handler_timeout: Duration::from_mins(1), ..SETTINGS }.check(&REDACT).unwrap();
    }

    #[test]
    fn each_contradiction_is_refused() {
        let short = ConsumerSpec { ack_wait: Duration::from_millis(500), ..REDACT };
        let wrong = [
            (ConsumerSettings { batch_max: 0, ..SETTINGS }, REDACT, "batch_max and"),
            (ConsumerSettings { batches_in_flight: 0, ..SETTINGS }, REDACT, "batch_max and"),
            (ConsumerSettings { batch_max: 257, ..SETTINGS }, REDACT, "batch_max times"),
            (ConsumerSettings { pull_wait: Duration::ZERO, ..SETTINGS }, REDACT, "pull_wait"),
            (
                ConsumerSettings { handler_timeout: Duration::ZERO, ..SETTINGS },
                REDACT,
                "handler_timeout must not",
            ),
            (SETTINGS, short, "handler_timeout must be below"),
        ];
        for (settings, spec, expected) in wrong {
            match settings.check(&spec) {
                Err(Error::Settings { reason }) => assert!(reason.starts_with(expected), "{reason}"),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }
}
