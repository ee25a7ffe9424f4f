//! The interface that both back ends implement.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::manifest::{ConsumerSpec, StreamSpec};

/// A shared handle to a back end.
pub type Bus = Arc<dyn Backend>;

/// Resolves when the broker has stored the message, or has refused it.
pub type AckFuture = Pin<Box<dyn Future<Output = Result<Published, Error>> + Send>>;

/// Header names and values: visible ASCII, no secrets, nothing from a feed.
pub type Headers = Vec<(String, String)>;

/// A message to publish. It does not print its payload.
#[derive(Clone)]
pub struct Outgoing {
    /// Where to: `callbox.<stage>.<agency>`.
    pub subject: String,
    /// Within the stream's duplicate window a second message with this id is acknowledged and not stored.
    pub id: String,
    /// Trace context and, for alerts, CloudEvents attributes.
    pub headers: Headers,
    /// The bytes, at most [`PAYLOAD_MAX`].
    pub payload: Bytes,
}

/// The largest payload, in bytes: what NATS takes by default (1 MiB, headers included) less 16 KiB for headers.
pub const PAYLOAD_MAX: usize = (1 << 20) - (16 << 10);

/// The header that a message's id stands in, as in NATS.
pub const ID_HEADER: &str = "Nats-Msg-Id";

/// The broker stored a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The message's sequence in its stream, from 1. For a duplicate, that of the first.
    pub sequence: u64,
    /// Whether a message with this id was there before. Also true when the back end itself had to send the message again
    /// because the answer to its first attempt got lost.
    pub duplicate: bool,
}

/// A stored message.
#[derive(Clone)]
pub struct Stored {
    /// Its sequence in the stream, from 1.
    pub sequence: u64,
    /// Where it was published to.
    pub subject: String,
    /// Its headers, without the ones that the back end itself needs, but with the id as `Nats-Msg-Id`.
    pub headers: Headers,
    /// Its bytes.
    pub payload: Bytes,
}

/// A message handed to a consumer. It comes again unless it is settled before the consumer's `ack_wait` is over.
pub struct Delivery {
    /// The message.
    pub message: Stored,
    /// How often it has been delivered, this time included. A server may count an attempt that reached nobody.
    pub attempt: u64,
    /// The epoch of its stream, as in [`StreamInfo::epoch`].
    pub epoch: u64,
    /// What settles it.
    pub token: DeliveryToken,
}

/// What a back end needs in order to settle a delivery. Opaque to callers.
#[derive(Clone, Debug)]
pub struct DeliveryToken(pub(crate) String);

/// How a delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Handled: a work queue forgets it.
    Ack,
    /// Comes again, not before the delay is over.
    Nak(Duration),
    /// Still at work: `ack_wait` starts again.
    Progress,
    /// Given up: never comes again. Only after its dead letter was acknowledged.
    Terminate,
}

/// Messages of a stream in their order.
pub struct Page {
    /// The messages, oldest first.
    pub messages: Vec<Stored>,
    /// The lowest sequence that the stream still holds, or the next one if it holds none.
    pub first_sequence: u64,
    /// The highest sequence that the stream ever gave.
    pub last_sequence: u64,
}

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// Messages now in it.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The lowest sequence held, or the next one if it holds none.
    pub first_sequence: u64,
    /// The highest sequence ever given; a purge does not turn it back.
    pub last_sequence: u64,
    /// When the stream was made, seconds since 1970-01-01 UTC.
    pub epoch: u64,
}

/// What can go wrong with a broker.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker cannot be reached, or did not answer in time. Worth another try.
    #[error("the broker at {server} does not answer")]
    Unavailable {
        /// Its address, without credentials.
        server: String,
        /// What the client said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The stream is full and refuses new messages. Worth another try, later.
    #[error("stream {stream} is full")]
    Full {
        /// Which stream.
        stream: String,
    },
    /// A stream or consumer was never declared.
    #[error("{what} does not exist; declare it with `callbox migrate`")]
    Missing {
        /// Which, such as `stream RAW`.
        what: String,
    },
    /// The message can never be stored: too large, or a malformed subject or header.
    #[error("message refused: {reason}")]
    Refused {
        /// Why.
        reason: &'static str,
    },
    /// Another process has the embedded broker's directory open.
    #[error("{directory} is in use by another process")]
    InUse {
        /// The directory.
        directory: String,
    },
    /// Settings of a connection or a consumer contradict each other or the manifest.
    #[error("bus settings refused: {reason}")]
    Settings {
        /// What is wrong and what was expected.
        reason: &'static str,
    },
    /// Anything else: a failing disk, a protocol error.
    #[error("the broker failed: {what}")]
    Failed {
        /// In which operation.
        what: &'static str,
        /// What the client said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// For `map_err`: a failure in the operation `what`.
    pub(crate) fn failed<E>(what: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Failed { what, source: Some(source.into()) }
    }
}

/// A durable broker.
#[async_trait::async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Creates streams and consumers that are missing and updates the limits of the others. Repeatable.
    async fn declare(&self, streams: &[StreamSpec], consumers: &[ConsumerSpec]) -> Result<(), Error>;

    /// Hands a message over. Returns once the back end has taken it into its window of unacknowledged messages (which
    /// may take a while: that is the backpressure); the future that it gives resolves on the broker's answer and need
    /// not be polled for the message to be sent.
    async fn publish(&self, message: Outgoing) -> Result<AckFuture, Error>;

    /// Up to `max` messages for a consumer; waits up to `wait` for the first one and not for more than are there.
    /// An empty answer means that none came. A caller may drop the future: what it had got comes again at once, as soon
    /// as the broker knows.
    async fn pull(&self, consumer: &ConsumerSpec, max: usize, wait: Duration)
    -> Result<Vec<Delivery>, Error>;

    /// Settles deliveries of a consumer, in one step where the back end can. Settling one twice changes nothing.
    async fn settle(
        &self,
        consumer: &ConsumerSpec,
        settlements: Vec<(DeliveryToken, Settlement)>,
    ) -> Result<(), Error>;

    /// Up to `max` messages with sequences above `after`, without consuming them; does not wait. Only for streams that
    /// keep by limits.
    async fn read(&self, stream: &StreamSpec, after: u64, max: usize) -> Result<Page, Error>;

    /// Returns when the stream has a sequence above `after`, or when `wait` is over.
    async fn wait_beyond(&self, stream: &StreamSpec, after: u64, wait: Duration) -> Result<(), Error>;

    /// What the stream holds.
    async fn info(&self, stream: &StreamSpec) -> Result<StreamInfo, Error>;

    /// Messages that a consumer has not yet settled, delivered or not.
    async fn backlog(&self, consumer: &ConsumerSpec) -> Result<u64, Error>;

    /// Deletes one message of a stream that keeps by limits. Deleting one that is gone changes nothing.
    async fn delete(&self, stream: &StreamSpec, sequence: u64) -> Result<(), Error>;

    /// Deletes all messages of a stream. Its sequences go on.
    async fn purge(&self, stream: &StreamSpec) -> Result<(), Error>;

    /// Returns once the broker answers.
    async fn ping(&self) -> Result<(), Error>;

    /// Sends what was taken over and closes. Later calls fail.
    async fn close(&self);
}
