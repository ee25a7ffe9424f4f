//! A service that turns each envelope of one stream into one envelope of the next.

use callbox_proto::bus::v1 as pb;
use callbox_service::propagation;
use futures::future::join_all;
use tracing::Instrument as _;

use crate::backend::{AckFuture, Bus, Error, Outgoing};
use crate::consumer::{GivenUp, Handler, Incoming, Outcome};
use crate::envelope;
use crate::manifest::StreamSpec;

/// What a stage does to an envelope: a pure function, without input or output of its own.
pub trait Transform: Send + Sync + 'static {
    /// The stage's name, as in dead letters.
    const STAGE: &'static str;

    /// The envelope for the next stream, and the records that had to be given up. A record given up goes on too, with
    /// [`given_up`], so that it is counted where every outcome is counted.
    fn transform(&self, incoming: &Incoming) -> (pb::Envelope, Vec<GivenUp>);
}

/// The record that goes on in place of one given up.
pub fn given_up(record: &pb::Record, stage: &str, reason: &str) -> pb::Record {
    pb::Record {
        incident: record.incident.clone(),
        submission_id: record.submission_id.clone(),
        failure: Some(pb::Failure { stage: stage.to_owned(), reason: reason.to_owned() }),
        ..pb::Record::default()
    }
}

/// The records of an envelope that are to be handled, with their positions in it.
pub fn selected(envelope: &pb::Envelope) -> impl Iterator<Item = (u32, &pb::Record)> {
    (0..)
        .zip(&envelope.records)
        .filter(|(index, _)| envelope.selected.is_empty() || envelope.selected.contains(index))
}

/// Consumes one stream and publishes to the next. An envelope is settled after the broker took what came of it, and
/// keeps its id, so that doing it again changes nothing.
pub struct Relay<T> {
    /// The broker.
    pub bus: Bus,
    /// Where the results go.
    pub to: StreamSpec,
    /// What is done.
    pub transform: T,
}

/// Why records are given up whose transformation panicked.
const PANICKED: &str = "panicked";

impl<T: Transform> Relay<T> {
    /// Transforms one envelope. A pure function that panics would panic again at every attempt, and hold up its consumer
    /// for good: all its records are given up instead, for an operator to replay after the mend.
    fn transformed(&self, incoming: &Incoming) -> (pb::Envelope, Vec<GivenUp>) {
        let transform = std::panic::AssertUnwindSafe(|| self.transform.transform(incoming));
        std::panic::catch_unwind(transform).unwrap_or_else(|_| {
            let raw = &incoming.envelope;
            let records = selected(raw).map(|(_, record)| given_up(record, T::STAGE, PANICKED)).collect();
            let lost = selected(raw).map(|(record, _)| GivenUp { record, reason: PANICKED }).collect();
            let envelope = pb::Envelope {
                version: envelope::VERSION,
                id: raw.id.clone(),
                agency: raw.agency.clone(),
                records,
                position: Some(incoming.position),
                replayed: raw.replayed,
                ..pb::Envelope::default()
            };
            (envelope, lost)
        })
    }

    /// Transforms one envelope and hands the result to the broker.
    async fn forward(&self, incoming: &Incoming) -> Result<(AckFuture, Vec<GivenUp>), Error> {
        let (envelope, given_up) = self.transformed(incoming);
        let message = Outgoing {
            subject: self.to.subject(&envelope.agency),
            id: envelope.id.clone(),
            headers: propagation::headers(),
            payload: envelope::encode(&envelope),
        };
        Ok((self.bus.publish(message).await?, given_up))
    }
}

#[async_trait::async_trait]
impl<T: Transform> Handler for Relay<T> {
    async fn handle(&self, batch: &[Incoming]) -> Vec<Outcome> {
        let mut sent = Vec::with_capacity(batch.len());
        for incoming in batch {
            let span = tracing::info_span!(
                "process",
                otel.kind = "consumer",
                messaging.destination.name = self.to.name,
                messaging.batch.message_count = incoming.envelope.records.len(),
            );
            propagation::adopt(&span, propagation::of(&incoming.headers));
            sent.push(self.forward(incoming).instrument(span).await);
            // A full batch is some milliseconds of work: other tasks of this thread get their turn in between.
            tokio::task::yield_now().await;
        }
        join_all(sent.into_iter().map(settle)).await
    }
}

/// What the broker's answer means for the envelope.
async fn settle(sent: Result<(AckFuture, Vec<GivenUp>), Error>) -> Outcome {
    let acknowledged = match sent {
        Ok((acknowledgement, given_up)) => acknowledgement.await.map(|_| given_up),
        Err(error) => Err(error),
    };
    match acknowledged {
        Ok(given_up) if given_up.is_empty() => Outcome::Done,
        Ok(given_up) => Outcome::DoneExcept(given_up),
        Err(Error::Refused { reason }) => Outcome::Reject { reason },
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the next stream did not take an envelope"
            );
            Outcome::Retry { after: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Relay, Transform};
    use crate::consumer::{GivenUp, Incoming};
    use crate::{Bus, embedded, manifest};
    use callbox_proto::bus::v1 as pb;

    struct Panics;

    impl Transform for Panics {
        const STAGE: &'static str = "redact";

        fn transform(&self, _: &Incoming) -> (pb::Envelope, Vec<GivenUp>) {
            panic!("a bug")
        }
    }

    #[tokio::test]
    async fn what_panics_is_given_up_and_goes_on_to_be_counted() {
        let folder = tempfile::tempdir().unwrap();
        let bus: Bus = embedded::open(folder.path()).await.unwrap();
        let relay = Relay { bus, to: manifest::INCIDENTS, transform: Panics };
        let record = |id: &str| pb::Record {
            submission_id: id.into(),
            sealed: vec![1].into(),
            ..pb::Record::default()
        };
        let envelope = pb::Envelope {
            records: vec![record("a"), record("b"), record("c")],
            selected: vec![0, 2],
            ..pb::Envelope::default()
        };
        let incoming =
            Incoming { envelope, position: pb::Position::default(), headers: Vec::new(), attempt: 1 };
        let (sent, given_up) = relay.transformed(&incoming);
        let reasons: Vec<_> = given_up.iter().map(|lost| (lost.record, lost.reason)).collect();
        assert_eq!(reasons, [(0, "panicked"), (2, "panicked")]);
        assert_eq!(sent.records.len(), 2);
        assert!(sent.records.iter().all(|record| record.failure.is_some() && record.sealed.is_empty()));
    }
}
