//! A broker in memory that forgets message ids at once, as if every retry came after the duplicate window, and that
//! fails where a test wants it.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use callbox_bus::manifest::{ConsumerSpec, StreamSpec};
use callbox_bus::{
    AckFuture, Backend, Delivery, DeliveryToken, Error, Outgoing, Page, Published, Settlement, Stored,
    StreamInfo,
};
use tokio::sync::watch;

/// What happens to the next messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    /// They are stored and acknowledged.
    #[default]
    None,
    /// They are stored, and the acknowledgement gets lost.
    AckLost,
    /// They are not stored.
    Refused,
    /// They are stored, and the acknowledgement never comes.
    Silent,
}

#[derive(Default)]
struct Stream {
    messages: Vec<Stored>,
    first: u64,
    last: u64,
    epoch: u64,
    faults: Vec<Fault>,
}

/// One stream in memory, whatever it is called.
pub(crate) struct Broker {
    stream: Mutex<Stream>,
    last: watch::Sender<u64>,
}

fn unavailable() -> Error {
    Error::Unavailable { server: "test".to_owned(), source: None }
}

impl Broker {
    pub(crate) fn new() -> Self {
        let stream = Stream { first: 1, epoch: 1, ..Stream::default() };
        Self { stream: Mutex::new(stream), last: watch::Sender::new(0) }
    }

    /// The next messages meet these faults, in this order.
    pub(crate) fn fail(&self, faults: &[Fault]) {
        self.stream.lock().unwrap().faults = faults.iter().rev().copied().collect();
    }

    /// The ids of the messages stored, in their order.
    pub(crate) fn ids(&self) -> Vec<String> {
        let id = |stored: &Stored| {
            stored.headers.iter().find(|(name, _)| name == "Nats-Msg-Id").map(|(_, id)| id.clone()).unwrap()
        };
        self.stream.lock().unwrap().messages.iter().map(id).collect()
    }

    /// Drops the messages up to `sequence`, as age does.
    pub(crate) fn expire(&self, sequence: u64) {
        let mut stream = self.stream.lock().unwrap();
        stream.messages.retain(|stored| stored.sequence > sequence);
        stream.first = sequence + 1;
    }

    /// Stores a message as it is.
    fn store(&self, message: &Outgoing) -> u64 {
        let mut stream = self.stream.lock().unwrap();
        stream.last += 1;
        let mut headers = message.headers.clone();
        headers.push(("Nats-Msg-Id".to_owned(), message.id.clone()));
        let (subject, payload) = (message.subject.clone(), message.payload.clone());
        let sequence = stream.last;
        stream.messages.push(Stored { sequence, subject, headers, payload });
        drop(stream);
        self.last.send_replace(sequence);
        sequence
    }
}

#[async_trait]
impl Backend for Broker {
    async fn declare(&self, _: &[StreamSpec], _: &[ConsumerSpec]) -> Result<(), Error> {
        Ok(())
    }

    async fn publish(&self, message: Outgoing) -> Result<AckFuture, Error> {
        let fault = self.stream.lock().unwrap().faults.pop().unwrap_or_default();
        if fault == Fault::Refused {
            return Ok(Box::pin(async { Err(unavailable()) }));
        }
        let sequence = self.store(&message);
        Ok(match fault {
            Fault::AckLost => Box::pin(async { Err(unavailable()) }),
            Fault::Silent => Box::pin(std::future::pending()),
            Fault::None | Fault::Refused => {
                Box::pin(async move { Ok(Published { sequence, duplicate: false }) })
            }
        })
    }

    async fn pull(&self, _: &ConsumerSpec, _: usize, _: Duration) -> Result<Vec<Delivery>, Error> {
        Ok(Vec::new())
    }

    async fn settle(&self, _: &ConsumerSpec, _: Vec<(DeliveryToken, Settlement)>) -> Result<(), Error> {
        Ok(())
    }

    async fn read(&self, _: &StreamSpec, after: u64, max: usize) -> Result<Page, Error> {
        let stream = self.stream.lock().unwrap();
        let messages =
            stream.messages.iter().filter(|stored| stored.sequence > after).take(max).cloned().collect();
        Ok(Page { messages, first_sequence: stream.first, last_sequence: stream.last })
    }

    async fn wait_beyond(&self, _: &StreamSpec, after: u64, wait: Duration) -> Result<(), Error> {
        let mut last = self.last.subscribe();
        let _ = tokio::time::timeout(wait, last.wait_for(|last| *last > after)).await;
        Ok(())
    }

    async fn info(&self, _: &StreamSpec) -> Result<StreamInfo, Error> {
        let stream = self.stream.lock().unwrap();
        Ok(StreamInfo {
            messages: stream.messages.len() as u64,
            bytes: 0,
            first_sequence: stream.first,
            last_sequence: stream.last,
            epoch: stream.epoch,
        })
    }

    async fn backlog(&self, _: &ConsumerSpec) -> Result<u64, Error> {
        Ok(0)
    }

    async fn delete(&self, _: &StreamSpec, _: u64) -> Result<(), Error> {
        Ok(())
    }

    async fn purge(&self, _: &StreamSpec) -> Result<(), Error> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn close(&self) {}
}
