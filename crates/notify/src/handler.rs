//! The consumer's side: envelopes of classified incidents become one transaction.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use callbox_bus::manifest::{self, ConsumerSpec};
use callbox_bus::{ConsumerSettings, GivenUp, Handler, Incoming, Outcome};
use callbox_proto::bus::v1 as bus;
use callbox_proto::domain::{AgencyId, ClassifiedIncident};
use callbox_proto::incident::v1 as pb;
use callbox_service::propagation;
use prost::Message as _;
use uuid::Uuid;

use crate::domain::agency::Agencies;
use crate::domain::batch::{Item, Work};
use crate::metrics;
use crate::store::Shared;

/// The payload is not a classified incident. It may be one of a later release.
const INVALID_PAYLOAD: &str = "invalid_payload";
/// The record's agency or incident is not that of its envelope.
const MISMATCH: &str = "agency_mismatch";
/// The agency is not among the settings. Once it is, the record can be replayed.
const UNKNOWN_AGENCY: &str = "unknown_agency";
/// The envelope's id or agency is malformed.
const INVALID_ENVELOPE: &str = "invalid_envelope";

/// The consumer that feeds notify.
pub const CONSUMER: ConsumerSpec = manifest::NOTIFY;

/// How notify consumes: many envelopes in one transaction, because the commit is what costs; and one batch at a time,
/// because transactions of one agency would only wait for each other.
pub fn consumer_settings() -> ConsumerSettings {
    ConsumerSettings {
        stage: "notify",
        batch_max: 16,
        batches_in_flight: 1,
        handler_timeout: Duration::from_secs(30),
        pull_wait: Duration::from_secs(2),
    }
}

/// Handles envelopes from the `CLASSIFIED` stream.
pub struct NotifyHandler {
    store: Shared,
    agencies: Arc<Agencies>,
    /// Whether the store failed last time: an outage is logged once, not with every batch.
    failing: AtomicBool,
}

/// What an envelope is to the store, and which records are given up. The latter is a function of the envelope alone,
/// so that a redelivery gives the same dead letters, also after the transaction was committed.
struct Read {
    work: Work,
    given_up: Vec<GivenUp>,
}

impl NotifyHandler {
    /// A handler that decides by the policies of `agencies` and keeps what comes of it in `store`.
    pub fn new(store: Shared, agencies: Arc<Agencies>) -> Self {
        Self { store, agencies, failing: AtomicBool::new(false) }
    }

    /// Reads an envelope; `None` if it is none.
    fn read(&self, envelope: &bus::Envelope) -> Option<Read> {
        let id = Uuid::try_parse(&envelope.id).ok()?;
        let agency: AgencyId = envelope.agency.parse().ok()?;
        let known = self.agencies.get(&agency).is_some();
        let selected: HashSet<u32> = envelope.selected.iter().copied().collect();
        let mut given_up = Vec::new();
        let mut items = Vec::with_capacity(envelope.records.len());
        for (position, record) in (0_u32..).zip(&envelope.records) {
            if !selected.is_empty() && !selected.contains(&position) {
                continue;
            }
            items.push(match classified(record, &agency, known) {
                Ok(item) => item,
                Err(reason) => {
                    given_up.push(GivenUp { record: position, reason });
                    Item::DeadLettered
                }
            });
        }
        let work = Work { envelope: id, agency, replayed: envelope.replayed, items };
        Some(Read { work, given_up })
    }

    /// Stores what was read; whether it is durable.
    async fn apply(&self, work: &[Work]) -> bool {
        let records = work.iter().map(|work| work.items.len()).sum();
        let begin = Instant::now();
        match self.store.apply(work, &self.agencies).await {
            Ok(applied) => {
                metrics::applied(&applied, records, begin.elapsed());
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the store takes envelopes again");
                }
                true
            }
            Err(error) => {
                if !self.failing.swap(true, Ordering::Relaxed) {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the store does not take envelopes; they will come again");
                }
                false
            }
        }
    }
}

/// Reads one record.
fn classified(record: &bus::Record, agency: &AgencyId, known: bool) -> Result<Item, &'static str> {
    if record.failure.is_some() {
        return Ok(Item::DeadLettered);
    }
    if !known {
        return Err(UNKNOWN_AGENCY);
    }
    let message = pb::ClassifiedIncident::decode(record.payload.clone()).map_err(|_| INVALID_PAYLOAD)?;
    let incident = ClassifiedIncident::try_from(message).map_err(|_| INVALID_PAYLOAD)?;
    if incident.agency != *agency || incident.key.as_bytes()[..] != record.incident[..] {
        return Err(MISMATCH);
    }
    Ok(Item::Classified(incident))
}

#[async_trait]
impl Handler for NotifyHandler {
    async fn handle(&self, batch: &[Incoming]) -> Vec<Outcome> {
        // Each envelope has its own trace; its span lasts as long as the transaction that it is part of.
        let spans: Vec<_> = batch.iter().map(span).collect();
        let read: Vec<Option<Read>> = batch.iter().map(|incoming| self.read(&incoming.envelope)).collect();
        let (work, given_up): (Vec<_>, Vec<_>) = read
            .into_iter()
            .map(|read| read.map_or((None, None), |read| (Some(read.work), Some(read.given_up))))
            .unzip();
        let work: Vec<Work> = work.into_iter().flatten().collect();
        let durable = work.is_empty() || self.apply(&work).await;
        drop(spans);
        given_up.into_iter().map(|given_up| outcome(given_up, durable)).collect()
    }
}

/// What the consumer loop is told of one envelope; `given_up` is `None` where it could not be read.
fn outcome(given_up: Option<Vec<GivenUp>>, durable: bool) -> Outcome {
    match given_up {
        None => Outcome::Reject { reason: INVALID_ENVELOPE },
        Some(_) if !durable => Outcome::Retry { after: None },
        Some(given_up) if given_up.is_empty() => Outcome::Done,
        Some(given_up) => Outcome::DoneExcept(given_up),
    }
}

/// The span of one envelope, in the trace that it came with.
fn span(incoming: &Incoming) -> tracing::Span {
    let span = tracing::info_span!(
        "process",
        otel.kind = "consumer",
        messaging.destination.name = callbox_bus::manifest::CLASSIFIED.name,
        messaging.batch.message_count = incoming.envelope.records.len(),
    );
    propagation::adopt(&span, propagation::of(&incoming.headers));
    span
}

#[cfg(test)]
#[path = "handler_tests.rs"]
mod tests;
