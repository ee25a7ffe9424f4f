//! Says once that the broker is gone, and once that it is back.

use std::error::Error as _;
use std::time::{Duration, Instant};

use super::backoff;
use crate::Error;

/// The state of a loop's connection to its broker.
pub(super) struct Outage {
    stage: &'static str,
    since: Option<Instant>,
    failures: u64,
}

impl Outage {
    pub(super) fn new(stage: &'static str) -> Self {
        Self { stage, since: None, failures: 0 }
    }

    /// Notes a failure and returns how long to wait before the next try.
    pub(super) fn failed(&mut self, error: &Error) -> Duration {
        self.failures += 1;
        if self.since.is_none() {
            self.since = Some(Instant::now());
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(stage = self.stage, %error, source, "cannot pull from the broker, keeps trying");
        }
        backoff::pause(self.failures)
    }

    /// Notes a success.
    pub(super) fn worked(&mut self) {
        if let Some(since) = self.since.take() {
            let seconds = since.elapsed().as_secs_f64();
            tracing::info!(
                stage = self.stage,
                seconds,
                failures = self.failures,
                "pulls from the broker again"
            );
        }
        self.failures = 0;
    }
}
