//! Calls that wait to be packed into an envelope.

use std::time::Duration;

use callbox_bus::Headers;
use callbox_bus::envelope::{BYTES_MAX, RECORDS_MAX};
use callbox_bus::seal::OVERHEAD;
use callbox_proto::domain::IncidentKey;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use super::Answer;

/// What an envelope adds to a sealed call: tag, incident, submission id and the lengths of fields.
const RECORD_OVERHEAD: usize = OVERHEAD + 16 + 32 + 32;
/// What an envelope adds once: its id, agency and seal.
const ENVELOPE_OVERHEAD: usize = 512;

/// A call on its way to the broker.
pub(super) struct Pending {
    pub(super) incident: IncidentKey,
    pub(super) submission_id: String,
    pub(super) plaintext: Zeroizing<Vec<u8>>,
    pub(super) trace: Headers,
    pub(super) answer: oneshot::Sender<Answer>,
}

impl Pending {
    fn bytes(&self) -> usize {
        self.plaintext.len() + RECORD_OVERHEAD
    }
}

/// Packs what is queued: up to 64 calls, and no more bytes than the broker takes.
pub(super) struct Packer {
    queue: mpsc::Receiver<Pending>,
    linger: Duration,
    /// The call that did not fit the last envelope.
    carried: Option<Pending>,
}

impl Packer {
    pub(super) fn new(queue: mpsc::Receiver<Pending>, linger: Duration) -> Self {
        Self { queue, linger, carried: None }
    }

    /// Takes no more calls; those that are queued remain.
    pub(super) fn close(&mut self) {
        self.queue.close();
    }

    /// The first call of the next envelope; `None` when the queue is closed and empty. Dropping the future loses
    /// nothing.
    pub(super) async fn first(&mut self) -> Option<Pending> {
        match self.carried.take() {
            Some(carried) => Some(carried),
            None => self.queue.recv().await,
        }
    }

    /// The envelope that begins with `first`. Lingers only while there is room and the queue is open.
    pub(super) async fn fill(&mut self, first: Pending) -> Vec<Pending> {
        let deadline = Instant::now() + self.linger;
        let mut bytes = ENVELOPE_OVERHEAD + first.bytes();
        let mut batch = Vec::with_capacity(RECORDS_MAX);
        batch.push(first);
        while batch.len() < RECORDS_MAX {
            let next = match self.queue.try_recv() {
                Ok(next) => Some(next),
                Err(mpsc::error::TryRecvError::Disconnected) => None,
                Err(mpsc::error::TryRecvError::Empty) => {
                    timeout_at(deadline, self.queue.recv()).await.unwrap_or_default()
                }
            };
            let Some(next) = next else { break };
            bytes += next.bytes();
            if bytes > BYTES_MAX {
                self.carried = Some(next);
                break;
            }
            batch.push(next);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::{Packer, Pending};
    use callbox_proto::domain::IncidentKey;
    use std::time::Duration;
    use tokio::sync::{mpsc, oneshot};
    use zeroize::Zeroizing;

    fn pending(bytes: usize) -> Pending {
        Pending {
            incident: IncidentKey([0; 16]),
            submission_id: "0".repeat(32),
            plaintext: Zeroizing::new(vec![0; bytes]),
            trace: Vec::new(),
            answer: oneshot::channel().0,
        }
    }

    /// The sizes of the envelopes that the calls are packed into.
    async fn sizes(calls: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let (sender, queue) = mpsc::channel(1_024);
        for bytes in calls {
            sender.try_send(pending(bytes)).ok().unwrap();
        }
        let mut packer = Packer::new(queue, Duration::from_hours(1));
        packer.close();
        let mut sizes = Vec::new();
        while let Some(first) = packer.first().await {
            sizes.push(packer.fill(first).await.len());
        }
        sizes
    }

    #[tokio::test]
    async fn envelopes_hold_at_most_64() {
        assert_eq!(sizes(vec![100; 150]).await, [64, 64, 22]);
    }

    #[tokio::test]
    async fn envelopes_stay_below_the_brokers_limit() {
        assert_eq!(sizes(vec![240 * 1024; 9]).await, [4, 4, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_call_lingers_no_longer_than_it_must() {
        let (sender, queue) = mpsc::channel(8);
        let mut packer = Packer::new(queue, Duration::from_millis(2));
        sender.send(pending(1)).await.ok().unwrap();
        let begin = tokio::time::Instant::now();
        let first = packer.first().await.unwrap();
        assert_eq!(packer.fill(first).await.len(), 1);
        assert!(begin.elapsed() <= Duration::from_millis(3), "the timer's grain is a millisecond");
    }
}
