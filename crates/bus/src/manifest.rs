//! The streams and consumers of Callbox, as data.

use std::time::Duration;

/// What a stream keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// A message until its consumer acknowledges it.
    WorkQueue,
    /// A message until it is too old, or the stream too large.
    Limits,
}

/// A stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamSpec {
    /// Its name.
    pub name: &'static str,
    /// Its subjects: this stem, a dot and an agency.
    pub subject_stem: &'static str,
    /// What it keeps.
    pub retention: Retention,
    /// How long a message may stay.
    pub age_max: Duration,
    /// How many bytes may stay. A work queue refuses more; a stream that keeps by limits drops its oldest.
    pub bytes_max: u64,
    /// How long a message id is remembered.
    pub duplicate_window: Duration,
}

impl StreamSpec {
    /// The subject of `agency`'s messages.
    pub fn subject(&self, agency: &str) -> String {
        format!("{}.{agency}", self.subject_stem)
    }
}

/// A durable pull consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerSpec {
    /// Its stream.
    pub stream: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How long a delivery may stay unsettled before it comes again.
    pub ack_wait: Duration,
    /// How many deliveries may be unsettled at once.
    pub ack_pending_max: u32,
}

const DAY: Duration = Duration::from_hours(24);
const GIB: u64 = 1 << 30;

/// Sealed calls from ingest to redact. Raw data is useless after a day anyway: what nobody redacted within it could
/// only make alerts that are too late.
pub const RAW: StreamSpec = StreamSpec {
    name: "RAW",
    subject_stem: "callbox.raw",
    retention: Retention::WorkQueue,
    age_max: DAY,
    bytes_max: 4 * GIB,
    duplicate_window: Duration::from_mins(2),
};

/// Projected incidents from redact to classify.
pub const INCIDENTS: StreamSpec = StreamSpec {
    name: "INCIDENTS",
    subject_stem: "callbox.incidents",
    age_max: Duration::from_hours(3 * 24),
    ..RAW
};

/// Classified incidents from classify to notify.
pub const CLASSIFIED: StreamSpec = StreamSpec {
    name: "CLASSIFIED",
    subject_stem: "callbox.classified",
    age_max: Duration::from_hours(7 * 24),
    ..RAW
};

/// Public alerts, one a message: what watchers read and resume on.
pub const ALERTS: StreamSpec = StreamSpec {
    name: "ALERTS",
    subject_stem: "callbox.alerts",
    retention: Retention::Limits,
    age_max: Duration::from_hours(7 * 24),
    bytes_max: 4 * GIB,
    duplicate_window: Duration::from_mins(2),
};

/// What could not be handled, sealed as it was, for an operator to look at and replay.
pub const DEAD_LETTERS: StreamSpec = StreamSpec {
    name: "DEAD_LETTERS",
    subject_stem: "callbox.dead-letters",
    retention: Retention::Limits,
    age_max: Duration::from_hours(14 * 24),
    bytes_max: GIB,
    duplicate_window: Duration::from_mins(2),
};

/// Redact's consumer. What a killed process had in hand comes again after `ack_wait`, so it is short; a handler that works
/// longer reports progress.
pub const REDACT: ConsumerSpec = ConsumerSpec {
    stream: RAW.name,
    name: "redact",
    ack_wait: Duration::from_secs(10),
    ack_pending_max: 1_024,
};

/// Classify's consumer.
pub const CLASSIFY: ConsumerSpec = ConsumerSpec { stream: INCIDENTS.name, name: "classify", ..REDACT };

/// Notify's consumer.
pub const NOTIFY: ConsumerSpec = ConsumerSpec { stream: CLASSIFIED.name, name: "notify", ..REDACT };

/// Every stream.
pub const STREAMS: &[StreamSpec] = &[RAW, INCIDENTS, CLASSIFIED, ALERTS, DEAD_LETTERS];

/// Every consumer.
pub const CONSUMERS: &[ConsumerSpec] = &[REDACT, CLASSIFY, NOTIFY];
