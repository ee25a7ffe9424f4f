//! The metrics of the bus. All names stand here, so that dashboards have one place to look.
//!
//! | metric | kind | labels | counts |
//! |---|---|---|---|
//! | `callbox_bus_deliveries_total` | counter | stage, stream | messages that a consumer loop took from the broker |
//! | `callbox_bus_settled_total` | counter | stage, stream, outcome | messages by what the loop did with them |
//! | `callbox_bus_failed_batches_total` | counter | stage, stream | batches whose handler panicked, timed out or miscounted |
//! | `callbox_bus_dead_letters_total` | counter | stage, stream, reason | dead letters stored |
//! | `callbox_bus_dead_lettered_records_total` | counter | stage, stream, reason | records given up one by one |
//! | `callbox_bus_in_flight` | gauge | stage, stream | messages now between pull and settlement |
//! | `callbox_bus_publish_retries_total` | counter | | messages sent again because the broker's answer did not come |
//! | `callbox_bus_reconnects_total` | counter | | connections to the broker made again |

use metrics::{Counter, Gauge, Unit, counter, describe_counter, describe_gauge, gauge};

use crate::consumer::Outcome;

/// Describes all metrics of the bus to the installed recorder. Once for each process, after the recorder is installed.
pub fn describe() {
    describe_counter!(
        "callbox_bus_deliveries_total",
        Unit::Count,
        "messages that a consumer loop took from the broker"
    );
    describe_counter!(
        "callbox_bus_settled_total",
        Unit::Count,
        "messages by what the consumer loop did with them"
    );
    describe_counter!(
        "callbox_bus_failed_batches_total",
        Unit::Count,
        "batches whose handler panicked, timed out or returned a wrong number of outcomes"
    );
    describe_counter!("callbox_bus_dead_letters_total", Unit::Count, "dead letters stored");
    describe_counter!("callbox_bus_dead_lettered_records_total", Unit::Count, "records given up one by one");
    describe_gauge!("callbox_bus_in_flight", Unit::Count, "messages between pull and settlement");
    describe_counter!(
        "callbox_bus_publish_retries_total",
        Unit::Count,
        "messages sent again because the broker's answer did not come"
    );
    describe_counter!("callbox_bus_reconnects_total", Unit::Count, "connections to the broker made again");
}

/// The metrics of one consumer loop.
pub(crate) struct Consumer {
    stage: &'static str,
    stream: &'static str,
    deliveries: Counter,
    failed_batches: Counter,
    in_flight: Gauge,
}

impl Consumer {
    pub(crate) fn new(stage: &'static str, stream: &'static str) -> Self {
        Self {
            stage,
            stream,
            deliveries: counter!("callbox_bus_deliveries_total", "stage" => stage, "stream" => stream),
            failed_batches: counter!("callbox_bus_failed_batches_total", "stage" => stage, "stream" => stream),
            in_flight: gauge!("callbox_bus_in_flight", "stage" => stage, "stream" => stream),
        }
    }

    /// Counts deliveries, which are in flight until the answer is dropped.
    pub(crate) fn delivered(&self, messages: usize) -> InFlight {
        self.deliveries.increment(messages as u64);
        self.in_flight.increment(messages as f64);
        InFlight { gauge: self.in_flight.clone(), messages: messages as f64 }
    }

    pub(crate) fn settled(&self, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Done => "done",
            Outcome::DoneExcept(_) => "done_except",
            Outcome::Retry { .. } => "retry",
            Outcome::Reject { .. } => "reject",
        };
        counter!("callbox_bus_settled_total", "stage" => self.stage, "stream" => self.stream, "outcome" => outcome)
            .increment(1);
    }

    pub(crate) fn failed_batch(&self) {
        self.failed_batches.increment(1);
    }

    /// Counts a dead letter: for `records` single records, or, if there are none, for a whole message.
    pub(crate) fn dead_lettered(&self, reason: &'static str, records: usize) {
        let labels = [("stage", self.stage), ("stream", self.stream), ("reason", reason)];
        counter!("callbox_bus_dead_letters_total", &labels).increment(1);
        counter!("callbox_bus_dead_lettered_records_total", &labels).increment(records as u64);
    }
}

/// Messages in flight, until it is dropped.
pub(crate) struct InFlight {
    gauge: Gauge,
    messages: f64,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.decrement(self.messages);
    }
}

/// Counts a message that is sent again.
pub(crate) fn publish_retry() {
    counter!("callbox_bus_publish_retries_total").increment(1);
}

/// Counts a connection made again.
pub(crate) fn reconnect() {
    counter!("callbox_bus_reconnects_total").increment(1);
}
