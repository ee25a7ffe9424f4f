//! What this service measures. Names, units and labels stand here and nowhere else.
//!
//! | metric | kind | labels | meaning |
//! |---|---|---|---|
//! | `callbox_notify_outcomes_total` | counter | `agency`, `outcome` | submissions by outcome (invariant I4) |
//! | `callbox_notify_transaction_seconds` | histogram | | one transaction, from begin to commit |
//! | `callbox_notify_batch_records` | histogram | | records in one transaction |
//! | `callbox_notify_outbox_rows` | gauge | | revisions decided and not yet known to be published |
//! | `callbox_notify_accepted_to_published_seconds` | histogram | | from the acceptance of a submission to the broker's acknowledgement of its alert |
//! | `callbox_notify_watchers` | gauge | | open watches |

use std::time::Duration;

use callbox_proto::domain::{Outcome, Timestamp};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::store::Applied;

const OUTCOMES: &str = "callbox_notify_outcomes_total";
const TRANSACTION: &str = "callbox_notify_transaction_seconds";
const BATCH: &str = "callbox_notify_batch_records";
const OUTBOX: &str = "callbox_notify_outbox_rows";
const LATENCY: &str = "callbox_notify_accepted_to_published_seconds";
const WATCHERS: &str = "callbox_notify_watchers";

/// Beyond this a latency says that the feed's clock is not the machine's, as in a replay of last year's calls.
const LATENCY_SECONDS_MAX: f64 = 86_400.0;

/// Tells the recorder what the metrics mean.
pub fn describe() {
    describe_counter!(OUTCOMES, Unit::Count, "submissions by outcome");
    describe_histogram!(TRANSACTION, Unit::Seconds, "one transaction, from begin to commit");
    describe_histogram!(BATCH, Unit::Count, "records in one transaction");
    describe_gauge!(OUTBOX, Unit::Count, "revisions decided and not yet known to be published");
    describe_histogram!(
        LATENCY,
        Unit::Seconds,
        "from acceptance to the broker's acknowledgement of the alert"
    );
    describe_gauge!(WATCHERS, Unit::Count, "open watches");
}

/// A transaction was committed.
pub(crate) fn applied(applied: &Applied, records: usize, took: Duration) {
    histogram!(TRANSACTION).record(took.as_secs_f64());
    histogram!(BATCH).record(records as f64);
    for ((agency, outcome), difference) in &applied.ledger {
        let outcome: &Outcome = outcome;
        // A counter does not go back: a replayed record that is no dead letter any more shows in the store's counts.
        if let Ok(difference) = u64::try_from(*difference) {
            counter!(OUTCOMES, "agency" => agency.to_string(), "outcome" => outcome.as_str())
                .increment(difference);
        }
    }
}

/// The outbox has so many rows.
pub(crate) fn outbox(rows: u64) {
    gauge!(OUTBOX).set(rows as f64);
}

/// An alert was acknowledged by the broker.
pub(crate) fn published(accepted: Timestamp) {
    let micros = Timestamp::now().as_micros() - accepted.as_micros();
    let seconds = micros as f64 / 1e6;
    if (0.0..LATENCY_SECONDS_MAX).contains(&seconds) {
        histogram!(LATENCY).record(seconds);
    }
}

/// Counts an open watch as long as it lives.
pub(crate) struct Watcher;

impl Watcher {
    /// A watch begins.
    pub(crate) fn begin() -> Self {
        gauge!(WATCHERS).increment(1.0);
        Self
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        gauge!(WATCHERS).decrement(1.0);
    }
}
