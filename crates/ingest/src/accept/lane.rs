//! One agency's way to the broker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use callbox_bus::envelope::{VERSION, encode};
use callbox_bus::manifest::RAW;
use callbox_bus::seal::{Associated, PublicKey, Sealer};
use callbox_bus::{Bus, Error, Outgoing};
use callbox_proto::bus::v1::{Envelope, Record};
use callbox_proto::domain::{AgencyId, Invalid};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::batch::{Packer, Pending};
use super::{Answer, Keys, SEAL_STAGE, Settings, SubmitError};
use crate::metering;

/// Packs, seals and publishes the calls of one agency.
pub(super) struct Lane {
    bus: Bus,
    agency: AgencyId,
    key_id: String,
    key: PublicKey,
    linger: Duration,
    window: Arc<Semaphore>,
    drain: CancellationToken,
    answers: TaskTracker,
    metrics: metering::Lane,
}

/// What is answered when the broker has answered.
type Answers = Vec<oneshot::Sender<Answer>>;

impl Lane {
    pub(super) fn new(
        bus: Bus,
        agency: AgencyId,
        keys: &Keys,
        settings: &Settings,
        drain: CancellationToken,
    ) -> Self {
        Self {
            bus,
            key_id: keys.redact_key_id.clone(),
            key: keys.redact_key.clone(),
            linger: settings.linger,
            window: Arc::new(Semaphore::new(settings.window.max(1))),
            drain,
            answers: TaskTracker::new(),
            metrics: metering::Lane::new(agency.as_str()),
            agency,
        }
    }

    /// Runs until the drain, publishes what is queued then, and waits for the broker's answers.
    pub(super) async fn run(self, queue: mpsc::Receiver<Pending>) {
        let mut packer = Packer::new(queue, self.linger);
        let mut open = true;
        loop {
            let first = tokio::select! {
                biased;
                () = self.drain.cancelled(), if open => {
                    open = false;
                    packer.close();
                    continue;
                }
                first = packer.first() => first,
            };
            let Some(first) = first else { break };
            let batch = packer.fill(first).await;
            // Never closed, so that a permit always comes.
            if let Ok(permit) = Arc::clone(&self.window).acquire_owned().await {
                self.publish(batch, permit).await;
            }
        }
        self.answers.close();
        self.answers.wait().await;
    }

    async fn publish(&self, batch: Vec<Pending>, permit: OwnedSemaphorePermit) {
        let begin = Instant::now();
        let records = batch.len();
        let id = Uuid::new_v4();
        let (outgoing, answers) = self.seal(id, batch);
        let ack = match self.bus.publish(outgoing).await {
            Ok(ack) => ack,
            Err(error) => return answer(answers, &self.agency, Err(error)),
        };
        let (agency, metrics) = (self.agency.clone(), self.metrics.clone());
        self.answers.spawn(async move {
            let result = ack.await;
            if result.is_ok() {
                metrics.published(records, begin.elapsed());
            }
            answer(answers, &agency, result.map(|_| id));
            drop(permit);
        });
    }

    /// Seals a batch into one envelope.
    fn seal(&self, id: Uuid, batch: Vec<Pending>) -> (Outgoing, Answers) {
        let mut sealer = Sealer::new(&self.key_id, &self.key);
        let mut answers = Vec::with_capacity(batch.len());
        let mut records = Vec::with_capacity(batch.len());
        let mut headers = Vec::new();
        for pending in batch {
            let Pending { incident, submission_id, plaintext, trace, answer } = pending;
            let associated = Associated {
                stage: SEAL_STAGE,
                agency: self.agency.as_str(),
                incident: incident.as_bytes(),
                submission_id: &submission_id,
            };
            let sealed = sealer.seal(&associated, &plaintext).into();
            // One message can have one parent: the first call that belongs to a trace gives it.
            if headers.is_empty() {
                headers = trace;
            }
            let incident = incident.as_bytes().to_vec().into();
            records.push(Record { incident, submission_id, sealed, ..Record::default() });
            answers.push(answer);
        }
        let id = id.to_string();
        let envelope = Envelope {
            version: VERSION,
            id: id.clone(),
            agency: self.agency.to_string(),
            seal: Some(sealer.header()),
            records,
            ..Envelope::default()
        };
        let subject = RAW.subject(self.agency.as_str());
        (Outgoing { subject, id, headers, payload: encode(&envelope) }, answers)
    }
}

/// Gives every caller the broker's answer. The error is logged here, where it ends.
fn answer(answers: Answers, agency: &AgencyId, result: Result<Uuid, Error>) {
    let result = result.map_err(|error| {
        let agency = agency.as_str();
        let calls = answers.len();
        tracing::warn!(agency, calls, error = &error as &dyn std::error::Error, "calls were not published");
        match error {
            Error::Refused { .. } => {
                SubmitError::Invalid(Invalid::new("call", "the broker can never take it"))
            }
            _ => SubmitError::Unavailable,
        }
    });
    for answer in answers {
        // A caller that went away does not hear it; its call is where the broker's answer says.
        let _ = answer.send(result.clone());
    }
}
