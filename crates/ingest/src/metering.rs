//! The metrics of ingest. All names stand here, so that dashboards have one place to look.
//!
//! | metric | kind | labels | counts |
//! |---|---|---|---|
//! | `callbox_ingest_accepted_total` | counter | agency | submissions that the broker has acknowledged |
//! | `callbox_ingest_refused_total` | counter | agency, reason | submissions that were not accepted; the agency is empty where it is unknown |
//! | `callbox_ingest_envelopes_total` | counter | agency | envelopes that the broker has acknowledged |
//! | `callbox_ingest_publish_seconds` | histogram | agency | from an envelope's sealing to the broker's answer |

use std::time::Duration;

use metrics::{Counter, Histogram, Unit, counter, describe_counter, describe_histogram, histogram};

use crate::accept::SubmitError;

/// Describes all metrics of ingest to the installed recorder. Once for each process, after the recorder is installed.
pub fn describe() {
    describe_counter!(
        "callbox_ingest_accepted_total",
        Unit::Count,
        "submissions that the broker has acknowledged"
    );
    describe_counter!("callbox_ingest_refused_total", Unit::Count, "submissions that were not accepted");
    describe_counter!(
        "callbox_ingest_envelopes_total",
        Unit::Count,
        "envelopes that the broker has acknowledged"
    );
    describe_histogram!(
        "callbox_ingest_publish_seconds",
        Unit::Seconds,
        "from sealing to the broker's answer"
    );
}

/// The metrics of one agency's envelopes.
#[derive(Clone)]
pub(crate) struct Lane {
    accepted: Counter,
    envelopes: Counter,
    publish: Histogram,
}

impl Lane {
    pub(crate) fn new(agency: &str) -> Self {
        let agency = agency.to_owned();
        Self {
            accepted: counter!("callbox_ingest_accepted_total", "agency" => agency.clone()),
            envelopes: counter!("callbox_ingest_envelopes_total", "agency" => agency.clone()),
            publish: histogram!("callbox_ingest_publish_seconds", "agency" => agency),
        }
    }

    /// The broker acknowledged an envelope.
    pub(crate) fn published(&self, records: usize, took: Duration) {
        self.accepted.increment(records as u64);
        self.envelopes.increment(1);
        self.publish.record(took.as_secs_f64());
    }
}

/// A submission was not accepted. The agency is empty unless it is configured: callers could make up any number.
pub(crate) fn refused(agency: &str, error: &SubmitError) {
    counter!("callbox_ingest_refused_total", "agency" => agency.to_owned(), "reason" => error.reason())
        .increment(1);
}
